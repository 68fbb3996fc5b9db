/* Every process stays below the limit, all together do not. */
#include "attack.h"

int main(void)
{
	for (int i = 0; i < 8; i++)
		if (fork() == 0) {
			memset(malloc(40 * MIB), 1, 40 * MIB);
			pause();
		}
	pause();
}
