/* Every child stays below the limit. */
#include "attack.h"

int main(void)
{
	for (;;) {
		if (fork() == 0) {
			burn_ms(60);
			_exit(0);
		}
		wait(NULL);
	}
}
