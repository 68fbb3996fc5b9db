/* Children nobody waits for: their time reaches nobody's account. */
#include "attack.h"

int main(void)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		pid_t child = fork();

		if (child == 0) {
			burn_ms(100);
			_exit(0);
		}
		waitpid(child, NULL, 0);
	}
}
