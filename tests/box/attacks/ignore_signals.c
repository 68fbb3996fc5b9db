/* Ignores all signals that can be ignored. */
#include "attack.h"

int main(void)
{
	for (int signo = 1; signo < 65; signo++)
		signal(signo, SIG_IGN);
	for (;;)
		continue;
}
