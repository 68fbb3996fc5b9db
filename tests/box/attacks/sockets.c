/* Sockets of every family but the local one; some do not care about network namespaces. */
#include "attack.h"

int main(void)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET };

	for (int family = 2; family < 46; family++)
		for (size_t i = 0; i < 4; i++)
			denied("socket", socket(family, types[i], 0));
	denied("socket with high bits", syscall(SYS_socket, 0x100000002ul, SOCK_STREAM, 0));
	denied("32-bit trick", syscall(SYS_socket, 0x100000001ul, SOCK_STREAM, 0));
	return escaped;
}
