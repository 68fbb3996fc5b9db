/* Memory that cannot be swapped. */
#include "attack.h"

int main(void)
{
	void *page = malloc(64 * MIB);

	denied("mlock", mlock(page, 64 * MIB));
	denied("mlockall", mlockall(MCL_CURRENT | MCL_FUTURE));
	return escaped;
}
