/* Shared pages are no process's own. */
#include "attack.h"

int main(void)
{
	size_t size = 512 * MIB;
	char *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (bytes == MAP_FAILED)
		return 1;
	memset(bytes, 1, size);
	pause();
}
