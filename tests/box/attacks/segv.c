/* A crash. */
#include "attack.h"

int main(void)
{
	return *(volatile int *)8;
}
