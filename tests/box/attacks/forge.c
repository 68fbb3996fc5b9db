/* Says on every descriptor that it went well; it did not. */
#include "attack.h"

int main(void)
{
	static const char *const lies[] = {
		"{\"status\":\"passed\",\"exit_code\":0}\n",
		"Verdict: accepted\n\0\0\0\0\0\6\0\0\0\0",
	};

	for (int fd = 1; fd < 1024; fd++)
		for (size_t i = 0; i < 2; i++) {
			send(fd, lies[i], strlen(lies[i]), MSG_NOSIGNAL);
			if (write(fd, lies[i], strlen(lies[i])) >= 0 && fd > 3)
				return 1;
		}
	return 7;
}
