/* Closes all descriptors and fills them with others. */
#include "attack.h"

int main(void)
{
	for (int fd = 0; fd < 1024; fd++)
		close(fd);
	while (open("/usr", O_PATH) >= 0)
		continue;
	return 5;
}
