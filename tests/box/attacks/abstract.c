/* A socket of the host that has no file: the name is the third argument. */
#include "attack.h"
#include <sys/un.h>

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (argc < 4)
		return 1;
	strcpy(address.sun_path + 1, argv[3]);
	denied("connect", connect(fd, (void *)&address, (socklen_t)(sizeof(sa_family_t) + 1 + strlen(argv[3]))));
	return escaped;
}
