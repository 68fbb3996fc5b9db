/* Recursion without end. */
#include "attack.h"

static int deeper(volatile char *above)
{
	char frame[4096];

	memset(frame, *above, sizeof(frame));
	return deeper(frame) + frame[17];
}

int main(void)
{
	char top = 1;

	return deeper(&top);
}
