/* Reading memory that was never written costs no page, but the tables that say so. */
#include "attack.h"

int main(void)
{
	size_t chunk = (size_t)64 << 30, step = 2 * MIB;

	for (;;) {
		char *bytes = mmap(NULL, chunk, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (bytes == MAP_FAILED)
			break;
		madvise(bytes, chunk, MADV_NOHUGEPAGE);
		for (size_t at = 0; at < chunk; at += step)
			(void)*(volatile char *)(bytes + at);
	}
	pause();
}
