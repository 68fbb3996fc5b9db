/* A child goes on writing when the program is over. */
#include "attack.h"

int main(void)
{
	if (fork() == 0)
		for (;;)
			if (write(1, "x", 1) < 0)
				return 1;
	return 0;
}
