/* Where callbacks may go, and when again. */

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include <kodelab/buf.h>

#include "core/server/callback.h"
#include "core/server/peer.h"
#include "core/server/settings.h"

#define PAUSE_MAX_MS 600000

/* --- which hosts -------------------------------------------------------------------------------------------------- */

/*
 * The host and port of an address, in the narrowest reading: what could be read in two ways (user names, backslashes,
 * escapes) is no address.
 */
static bool read_host(const char *url, char *host, size_t host_size, char *port, size_t port_size)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
	bool secure = !strncasecmp(url, "https://", 8);
	size_t len;

	if (!secure && strncasecmp(url, "http://", 7) != 0)
		return false;
	url += secure ? 8 : 7;
	len = *url == '[' ? strcspn(url, "]") + 1 : strspn(url, good);
	if (*url == '[' && (url[len - 1] != ']' || strspn(url + 1, "0123456789abcdefABCDEF:.") != len - 2))
		return false;
	if (!len || len >= host_size)
		return false;
	snprintf(host, host_size, "%.*s", (int)len, url);
	url += len;
	snprintf(port, port_size, "%s", secure ? "443" : "80");
	if (*url == ':') {
		len = strspn(url + 1, "0123456789");
		if (!len || len >= port_size)
			return false;
		snprintf(port, port_size, "%.*s", (int)len, url + 1);
		url += 1 + len;
	}
	return !*url || strchr("/?#", *url);
}

static bool host_fits(const char *pattern, size_t len, const char *host)
{
	size_t have = strlen(host);

	if (len > 2 && !strncmp(pattern, "*.", 2))
		return have > len - 1 && !strncasecmp(host + have - (len - 1), pattern + 1, len - 1);
	return have == len && !strncasecmp(host, pattern, len);
}

bool callback_host(const char *url, char host[CALLBACK_HOST_SIZE])
{
	char port[8];

	return read_host(url, host, CALLBACK_HOST_SIZE, port, sizeof(port));
}

bool callback_allowed(const char *list, const char *url)
{
	char word[300], host[CALLBACK_HOST_SIZE], port[8];

	if (!read_host(url, host, sizeof(host), port, sizeof(port)))
		return false;
	while (settings_next_word(&list, word, sizeof(word))) {
		const char *end = *word == '[' ? strchr(word, ']') : word;
		const char *colon = end ? strchr(end, ':') : NULL;
		size_t len = colon ? (size_t)(colon - word) : strlen(word);

		if (host_fits(word, len, host) && (!colon || !strcmp(colon + 1, port)))
			return true;
	}
	return false;
}

/* Networks that are somebody's inside, or nobody's. */
bool callback_is_inner(const struct peer *peer)
{
	static const char inner[] =
		"0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
		"192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 "
		"2001::/23 2001:db8::/32 2002::/16 unix";

	return peer_in(peer, inner) || (peer->family == PEER_IPV6 && !peer_in(peer, "2000::/3"));
}

bool callback_is_literal(const char *host)
{
	unsigned char address[16];

	return *host == '[' || inet_pton(AF_INET, host, address) == 1;
}

/* --- when --------------------------------------------------------------------------------------------------------- */

/* Twice as long each time; of the half of it chance decides, so that those that failed together do not return together. */
int64_t callback_pause_ms(int64_t first_ms, int64_t tries, unsigned char chance)
{
	int64_t pause_ms = first_ms;

	while (--tries > 0 && pause_ms < PAUSE_MAX_MS)
		pause_ms *= 2;
	if (pause_ms > PAUSE_MAX_MS)
		pause_ms = PAUSE_MAX_MS;
	return pause_ms / 2 + pause_ms / 2 * chance / 255;
}
