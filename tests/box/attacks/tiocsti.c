/* Types into the terminal of the student. */
#include "attack.h"

int main(void)
{
	char key = 'x';

	denied("tty", open("/dev/tty", O_RDWR));
	for (int fd = 0; fd < 3; fd++) {
		denied("TIOCSTI", syscall(SYS_ioctl, fd, TIOCSTI, &key));
		denied("TIOCSTI", syscall(SYS_ioctl, fd, TIOCSTI | 0x100000000ul, &key));
		if (errno != EPERM)
			escaped = 1;
		denied("TIOCLINUX", syscall(SYS_ioctl, fd, 0x541C, &key));
	}
	return escaped;
}
