/* The 32-bit door of a 64-bit kernel has other numbers. */
#include "attack.h"

int main(void)
{
#ifdef __x86_64__
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
	denied("int 0x80", result);
	return escaped;
#else
	raise(SIGSYS);
#endif
}
