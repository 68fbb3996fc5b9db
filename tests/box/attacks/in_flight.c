/* Descriptors that are in a socket's queue and in nobody's table. */
#include "attack.h"

int main(void)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} extra = { .bytes = { 0 } };
	char byte = 0;
	struct iovec part = { &byte, 1 };
	int ends[2], out = 1;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
		return 1;
	for (int i = 0; i < 200; i++) {
		struct msghdr message = { .msg_iov = &part,
					  .msg_iovlen = 1,
					  .msg_control = extra.bytes,
					  .msg_controllen = sizeof(extra.bytes) };
		struct cmsghdr *head = CMSG_FIRSTHDR(&message);

		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &out, sizeof(int));
		if (sendmsg(ends[0], &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			break;
	}
	return 0;
}
