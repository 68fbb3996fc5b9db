/* Fills every place that can be written. */
#include "attack.h"

static size_t fill(const char *folder)
{
	static char block[MIB];
	size_t total = 0;

	for (int file = 0; file < 400; file++) {
		char name[64];
		ssize_t put;
		int fd;

		snprintf(name, sizeof(name), "%s/kodelab-escaped-%d", folder, file);
		fd = open(name, O_WRONLY | O_CREAT, 0600);
		if (fd < 0)
			break;
		while ((put = write(fd, block, sizeof(block))) > 0)
			total += (size_t)put;
		close(fd);
	}
	return total;
}

int main(void)
{
	signal(SIGXFSZ, SIG_IGN);
	return fill("/box") + fill("/tmp") + fill("/dev/shm") > 100 * MIB || fill("/") || fill("/usr") ||
	       fill("/etc") || fill("/dev");
}
