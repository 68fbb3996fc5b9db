/* Takes memory and uses it. */
#include "attack.h"

int main(void)
{
	for (;;)
		memset(malloc(8 * MIB), 1, 8 * MIB);
}
