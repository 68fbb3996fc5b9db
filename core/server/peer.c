/* Addresses and lists of them. */

#include "core/server/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "core/server/settings.h"

struct peer peer_of(const struct sockaddr *address)
{
	struct peer peer = { .family = PEER_UNIX };

	if (address && address->sa_family == AF_INET) {
		peer.family = PEER_IPV4;
		memcpy(peer.address, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
	} else if (address && address->sa_family == AF_INET6) {
		const struct in6_addr *in6 = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
		bool mapped = IN6_IS_ADDR_V4MAPPED(in6);

		peer.family = mapped ? PEER_IPV4 : PEER_IPV6;
		memcpy(peer.address, in6->s6_addr + (mapped ? 12 : 0), mapped ? 4 : 16);
	}
	return peer;
}

void peer_text(const struct peer *peer, char *text, size_t size)
{
	if (peer->family == PEER_UNIX)
		snprintf(text, size, "unix");
	else
		inet_ntop(peer->family == PEER_IPV4 ? AF_INET : AF_INET6, peer->address, text, (socklen_t)size);
}

struct peer peer_site(const struct peer *peer)
{
	struct peer site = *peer;

	if (peer->family == PEER_IPV6)
		memset(site.address + 8, 0, 8);
	return site;
}

bool peer_same_site(const struct peer *a, const struct peer *b)
{
	const struct peer one = peer_site(a), other = peer_site(b);

	return one.family == other.family && !memcmp(one.address, other.address, sizeof(one.address));
}

/* "10.0.0.0/8", "::1", "unix" → the network and its length in bits. */
static bool read_network(const char *word, struct peer *network, unsigned *bits)
{
	char address[64];
	size_t len = strcspn(word, "/");
	unsigned most;
	char *end;

	*network = (struct peer){ .family = PEER_UNIX };
	*bits = 0;
	if (!strcmp(word, "unix"))
		return true;
	if (len >= sizeof(address))
		return false;
	memcpy(address, word, len);
	address[len] = '\0';
	network->family = strchr(address, ':') ? PEER_IPV6 : PEER_IPV4;
	most = *bits = network->family == PEER_IPV6 ? 128 : 32;
	if (inet_pton(network->family == PEER_IPV6 ? AF_INET6 : AF_INET, address, network->address) != 1)
		return false;
	if (!word[len])
		return true;
	*bits = (unsigned)strtoul(word + len + 1, &end, 10);
	return end != word + len + 1 && !*end && *bits <= most;
}

static bool inside(const struct peer *peer, const struct peer *network, unsigned bits)
{
	unsigned bytes = bits / 8, rest = bits % 8;

	if (peer->family != network->family || memcmp(peer->address, network->address, bytes) != 0)
		return false;
	return !rest || !((peer->address[bytes] ^ network->address[bytes]) >> (8 - rest));
}

bool peer_in(const struct peer *peer, const char *list)
{
	struct peer network;
	unsigned bits;
	char word[80];

	while (settings_next_word(&list, word, sizeof(word)))
		if (read_network(word, &network, &bits) && inside(peer, &network, bits))
			return true;
	return false;
}

bool peer_list_fault(const char *list, char *word, size_t size)
{
	struct peer network;
	unsigned bits;

	while (settings_next_word(&list, word, size))
		if (!read_network(word, &network, &bits))
			return true;
	return false;
}
