/* Small files without end. */
#include "attack.h"

int main(void)
{
	int count = 0;

	for (;; count++) {
		char name[32];
		int fd;

		snprintf(name, sizeof(name), "f%d", count);
		fd = open(name, O_WRONLY | O_CREAT, 0600);
		if (fd < 0)
			break;
		close(fd);
	}
	return count > 5000;
}
