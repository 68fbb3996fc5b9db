/* A file of a terabyte that costs nothing. */
#include "attack.h"

int main(void)
{
	int fd = open("huge", O_RDWR | O_CREAT, 0600);

	signal(SIGXFSZ, SIG_IGN);
	denied("ftruncate", ftruncate(fd, (off_t)1 << 40));
	denied("fallocate", fallocate(fd, 0, 0, (off_t)1 << 40));
	denied("pwrite", pwrite(fd, "x", 1, (off_t)1 << 40));
	return escaped;
}
