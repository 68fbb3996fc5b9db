/* Grandchildren whose parent is gone, all at once. */
#include "attack.h"

int main(void)
{
	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			if (fork() == 0)
				for (;;)
					continue;
			_exit(0);
		}
	for (;;)
		pause();
}
