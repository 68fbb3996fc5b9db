/* Dead children that are never collected. */
#include "attack.h"

int main(void)
{
	int count = 0;

	for (;; count++) {
		pid_t child = fork();

		if (child == 0)
			_exit(0);
		if (child < 0)
			break;
	}
	return count > 70;
}
