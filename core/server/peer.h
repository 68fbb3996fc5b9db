#ifndef CORE_SERVER_PEER_H
#define CORE_SERVER_PEER_H

/* Who is at the other end of a connection, and the lists of addresses and networks that may or may not. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum peer_family { PEER_UNIX, PEER_IPV4, PEER_IPV6 };

struct peer {
	enum peer_family family;
	uint8_t address[16]; /* IPv4: the first four; an IPv4 address mapped into IPv6 is taken as IPv4 */
};

struct peer peer_of(const struct sockaddr *address);
#define PEER_TEXT_SIZE 46 /* of an IPv6 address */
void peer_text(const struct peer *peer, char *text, size_t size); /* "127.0.0.1", "unix" */
/* For counting and rates: of IPv6 the network of 64 bits, because one host has all the addresses in it. */
struct peer peer_site(const struct peer *peer);
bool peer_same_site(const struct peer *a, const struct peer *b);
/* Is it in the blank-separated list of addresses, networks ("10.0.0.0/8") and "unix"? */
bool peer_in(const struct peer *peer, const char *list);
/* The first word of list that is neither; false: all are good. */
bool peer_list_fault(const char *list, char *word, size_t size);

#endif
