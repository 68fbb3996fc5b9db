/* Leaves a daemon behind: its own session, its own parent. */
#include "attack.h"

int main(void)
{
	if (fork() == 0) {
		setsid();
		if (fork() == 0) {
			for (int signo = 1; signo < 65; signo++)
				signal(signo, SIG_IGN);
			for (;;)
				pause();
		}
		_exit(0);
	}
	wait(NULL);
	return 0;
}
