/*
 * The socket under https. libgit2 follows a redirect to another port of the same host, and takes the token along: here,
 * where every connection passes, none carries a byte but to the address itself, or to a proxy that is asked for it.
 */

#include "core/portfolio/git/git_int.h"

#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <git2/sys/stream.h>

#include <kodelab/alloc.h>

struct way {
	git_stream stream; /* first: libgit2 holds this */
	char *host, *port;
	int fd;
	bool checked; /* the first bytes went where they may */
};

/* libgit2 hands nothing on to the makers of streams. */
static const char *address;
static enum way_trouble trouble;
static bool arrived; /* at the address, once */

static int fail(const struct way *way, const char *what, const char *why)
{
	char *text = kl_format("%s %s: %s", what, way->host, why);

	git_error_set_str(GIT_ERROR_NET, text);
	free(text);
	return -1;
}

static int connect_one(const struct addrinfo *at)
{
	int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol), why;

	if (fd < 0 || connect(fd, at->ai_addr, at->ai_addrlen) == 0)
		return fd;
	why = errno;
	close(fd);
	errno = why;
	return -1;
}

static int way_connect(git_stream *stream)
{
	struct way *way = (struct way *)stream;
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM }, *found = NULL;
	int code = getaddrinfo(way->host, way->port, &hints, &found);

	if (code)
		return fail(way, "failed to resolve address for", gai_strerror(code));
	for (const struct addrinfo *at = found; at && way->fd < 0; at = at->ai_next)
		way->fd = connect_one(at);
	freeaddrinfo(found);
	return way->fd < 0 ? fail(way, "failed to connect to", strerror(errno)) : 0;
}

/* A proxy is told the way in the clear, "CONNECT host:port HTTP/1.1"; no record of TLS begins so. */
static bool may_go(const struct way *way, const char *bytes, size_t len)
{
	static const char verb[] = "CONNECT ";
	char *host, *colon;
	bool asks;

	if (len < strlen(verb) || memcmp(bytes, verb, strlen(verb)) != 0)
		return way->checked || remote_is_at(address, way->host, way->port);
	host = kl_strndup(bytes + strlen(verb), len - strlen(verb));
	host[strcspn(host, " \r\n")] = '\0';
	colon = strrchr(host, ':');
	if (colon)
		*colon = '\0';
	asks = colon && remote_is_at(address, host, colon + 1);
	free(host);
	return asks;
}

static ssize_t way_write(git_stream *stream, const char *bytes, size_t len, int flags)
{
	struct way *way = (struct way *)stream;
	ssize_t sent;

	if (!may_go(way, bytes, len)) {
		trouble = arrived ? WAY_LEADS_AWAY : WAY_HIDDEN_PROXY;
		return fail(way, "nothing is sent to", "it is not the remote");
	}
	way->checked = true;
	arrived = true;
	do
		sent = send(way->fd, bytes, len, flags | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? fail(way, "error sending data to", strerror(errno)) : sent;
}

static ssize_t way_read(git_stream *stream, void *bytes, size_t len)
{
	struct way *way = (struct way *)stream;
	ssize_t got;

	do
		got = recv(way->fd, bytes, len, 0);
	while (got < 0 && errno == EINTR);
	return got < 0 ? fail(way, "error receiving data from", strerror(errno)) : got;
}

static int way_close(git_stream *stream)
{
	struct way *way = (struct way *)stream;

	if (way->fd >= 0)
		close(way->fd);
	way->fd = -1;
	return 0;
}

static void way_free(git_stream *stream)
{
	struct way *way = (struct way *)stream;

	way_close(stream);
	free(way->host);
	free(way->port);
	free(way);
}

static int way_new(git_stream **out, const char *host, const char *port)
{
	struct way *way = kl_calloc(1, sizeof(*way));

	way->stream = (git_stream){
		.version = GIT_STREAM_VERSION,
		.connect = way_connect,
		.read = way_read,
		.write = way_write,
		.close = way_close,
		.free = way_free,
	};
	way->host = kl_strdup(host);
	way->port = kl_strdup(port);
	way->fd = -1;
	*out = &way->stream;
	return 0;
}

void way_watch(const char *url)
{
	git_stream_registration registration = { .version = GIT_STREAM_VERSION, .init = way_new };

	address = url;
	git_stream_register(GIT_STREAM_STANDARD, &registration);
}

enum way_trouble way_trouble(void)
{
	return trouble;
}
