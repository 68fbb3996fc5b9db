/* The input lies in memory: makes it larger, changes it. */
#include "attack.h"

int main(void)
{
	int again = open("/proc/self/fd/0", O_RDWR);

	signal(SIGXFSZ, SIG_IGN);
	denied("write", write(0, "x", 1));
	denied("ftruncate", ftruncate(0, 8 * MIB));
	denied("write again", write(again, "x", 1));
	denied("ftruncate again", ftruncate(again, 8 * MIB));
	denied("map", mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, again, 0) == MAP_FAILED ? -1 : 0);
	return escaped;
}
