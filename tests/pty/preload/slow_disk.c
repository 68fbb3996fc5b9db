/*
 * Preloaded into the lab: making a journal sure hangs, as on a disk that is away, until there is a file "go" in the home, or
 * the home is no more. That it hangs leaves a file "slow" there, so that the test knows.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void hang(const char *home)
{
	char slow[4096], go[4096];
	int fd;

	snprintf(slow, sizeof(slow), "%s/slow", home);
	snprintf(go, sizeof(go), "%s/go", home);
	fd = open(slow, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	close(fd);
	while (access(home, F_OK) == 0 && access(go, F_OK) < 0)
		poll(NULL, 0, 5);
}

int fdatasync(int fd)
{
	const char *home = getenv("HOME");
	char link[64], target[4096];
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, target, sizeof(target) - 1);
	target[len > 0 ? len : 0] = '\0';
	if (home && strstr(target, ".journal"))
		hang(home);
	return (int)syscall(SYS_fdatasync, fd);
}
