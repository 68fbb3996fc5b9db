/* Preloaded into kodelabd: nothing gets onto the disk as long as there is a file "bad" in its home; it says EIO, as a dying disk does. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int is_bad(void)
{
	const char *home = getenv("HOME");
	char bad[4096];

	snprintf(bad, sizeof(bad), "%s/bad", home ? home : "");
	return access(bad, F_OK) == 0;
}

static int answer(long call, int fd)
{
	if (!is_bad())
		return (int)syscall(call, fd);
	errno = EIO;
	return -1;
}

int fdatasync(int fd)
{
	return answer(SYS_fdatasync, fd);
}

int fsync(int fd)
{
	return answer(SYS_fsync, fd);
}
