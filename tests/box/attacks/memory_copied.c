/* Not an attack: a large table shared with many children by fork counts once. */
#include "attack.h"

int main(void)
{
	memset(malloc(40 * MIB), 1, 40 * MIB);
	for (int i = 0; i < 6; i++)
		if (fork() == 0) {
			usleep(100000);
			_exit(0);
		}
	while (wait(NULL) > 0)
		continue;
	return 0;
}
