/* And the third set of numbers. */
#include "attack.h"

int main(void)
{
#ifdef __x86_64__
	denied("x32", syscall(0x40000000 + SYS_getpid));
	return escaped;
#else
	raise(SIGSYS);
#endif
}
