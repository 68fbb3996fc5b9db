/* Turns off what makes attacks harder. */
#include "attack.h"
#include <sys/personality.h>

int main(void)
{
	if (personality(0xffffffff) < 0)
		return 1; /* asking is fine */
	denied("no randomisation", personality(ADDR_NO_RANDOMIZE));
	denied("read implies exec", personality(READ_IMPLIES_EXEC));
	return escaped;
}
