/* Device files. */
#include "attack.h"
#include <sys/sysmacros.h>

int main(void)
{
	denied("mem", mknod("mem", S_IFCHR | 0666, makedev(1, 1)));
	denied("disk", mknod("/tmp/disk", S_IFBLK | 0666, makedev(254, 0)));
	denied("whiteout", mknod("/dev/shm/tty", S_IFCHR | 0666, makedev(5, 0)));
	return escaped;
}
