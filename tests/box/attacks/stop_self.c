/* Stops itself: no CPU, no end. */
#include "attack.h"

int main(void)
{
	raise(SIGSTOP);
	pause();
}
