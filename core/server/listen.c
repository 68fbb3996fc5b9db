/* Listening sockets. */

#include "core/server/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/loop.h>

#include "core/server/eventlog.h"
#include "core/server/settings.h"

#define BACKLOG   1024
#define WORD_SIZE 256

struct listener {
	struct listeners *all;
	int fd;
	struct kl_watch *watch;
	char *unix_path; /* NULL: no unix socket */
};

struct listeners {
	struct kl_loop *loop;
	listen_ready_fn *ready;
	void *ctx;
	struct listener *list[32];
	size_t count;
};

static void on_ready(void *ctx, int fd, short revents)
{
	struct listener *listener = ctx;

	(void)revents;
	listener->all->ready(listener->all->ctx, fd);
}

/* The port may have been 0: "any". */
static void log_address(int fd, const char *word)
{
	struct sockaddr_storage bound = { .ss_family = AF_UNIX };
	socklen_t len = sizeof(bound);
	char host[64], port[8], text[WORD_SIZE];

	if (getsockname(fd, (struct sockaddr *)&bound, &len) < 0 || bound.ss_family == AF_UNIX ||
	    getnameinfo((struct sockaddr *)&bound, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		snprintf(text, sizeof(text), "%s", word);
	else
		snprintf(text, sizeof(text), strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
	eventlog(KL_LOG_INFO, "listening", EVENTLOG_TEXT("address", text));
}

static enum kl_status add(struct listeners *all, int fd, const char *unix_path, const char *word, struct kl_error *err)
{
	struct listener *listener;

	if (all->count == KL_LENGTH(all->list) || listen(fd, BACKLOG) < 0) {
		close(fd);
		return kl_fail_errno(err, KL_EIO, errno, "cannot listen on '%s'", word);
	}
	listener = kl_calloc(1, sizeof(*listener));
	*listener = (struct listener){ .all = all, .fd = fd, .unix_path = kl_strdup(unix_path) };
	listener->watch = kl_loop_add_fd(all->loop, fd, POLLIN, on_ready, listener);
	all->list[all->count++] = listener;
	log_address(fd, word);
	return KL_OK;
}

/* --- unix ------------------------------------------------------------------------------------------------------- */

/* A socket that nobody answers on is left over from a server that was killed. */
static void remove_left_over(const struct sockaddr_un *address, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	if (lstat(address->sun_path, &st) == 0 && S_ISSOCK(st.st_mode) &&
	    connect(fd, (const struct sockaddr *)address, len) < 0 && errno == ECONNREFUSED)
		unlink(address->sun_path);
	if (fd >= 0)
		close(fd);
}

static enum kl_status add_unix(struct listeners *all, const char *word, struct kl_error *err)
{
	const char *path = word + strlen("unix:");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(address);
	int fd;

	if (!listen_word_good(word))
		return kl_fail(err, KL_EINVAL, "'%s' is too long a path for a socket: 107 bytes at most", word);
	memcpy(address.sun_path, path, strnlen(path, sizeof(address.sun_path) - 1));
	remove_left_over(&address, len);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, len) < 0) {
		enum kl_status status = kl_fail_errno(err, KL_EIO, errno, "cannot listen on '%s'", word);

		if (fd >= 0)
			close(fd);
		return status;
	}
	chmod(path, 0660); /* owner and group: the proxy's account is put into the group */
	return add(all, fd, path, word, err);
}

/* --- TCP -------------------------------------------------------------------------------------------------------- */

/* "127.0.0.1:2358", "[::1]:2358" → host and port. */
static bool split(const char *word, char host[WORD_SIZE], char port[8])
{
	const char *colon = strrchr(word, ':');
	size_t len;

	if (!colon || strlen(colon + 1) < 1 || strlen(colon + 1) > 5 ||
	    strspn(colon + 1, "0123456789") != strlen(colon + 1))
		return false;
	len = (size_t)(colon - word);
	if (len >= 2 && word[0] == '[' && word[len - 1] == ']') {
		word++;
		len -= 2;
	} else if (memchr(word, ':', len)) {
		return false;
	}
	if (!len || len >= WORD_SIZE)
		return false;
	memcpy(host, word, len);
	host[len] = '\0';
	snprintf(port, 8, "%s", colon + 1);
	return true;
}

static enum kl_status add_tcp(struct listeners *all, const char *word, struct kl_error *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found;
	char host[WORD_SIZE], port[8];
	const int on = 1;
	enum kl_status status;
	int fd;

	if (!split(word, host, port) || getaddrinfo(host, port, &hints, &found) != 0)
		return kl_fail(err, KL_EINVAL, "'%s' is no address to listen on: write 127.0.0.1:2358 or unix:/path",
			       word);
	fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (found->ai_family == AF_INET6)
			setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	}
	if (fd < 0 || bind(fd, found->ai_addr, found->ai_addrlen) < 0) {
		status = kl_fail_errno(err, KL_EIO, errno, "cannot listen on '%s'", word);
		if (fd >= 0)
			close(fd);
	} else {
		status = add(all, fd, NULL, word, err);
	}
	freeaddrinfo(found);
	return status;
}

/* --- all -------------------------------------------------------------------------------------------------------- */

bool listen_word_good(const char *word)
{
	char host[WORD_SIZE], port[8];

	if (!strncmp(word, "unix:/", 6))
		return strlen(word) - 5 < sizeof(((struct sockaddr_un *)NULL)->sun_path);
	return split(word, host, port);
}

enum kl_status listen_open(struct listeners **out, struct kl_loop *loop, const char *addresses, listen_ready_fn *ready,
			   void *ctx, struct kl_error *err)
{
	struct listeners *all = kl_calloc(1, sizeof(*all));
	enum kl_status status = KL_OK;
	char word[WORD_SIZE];

	*all = (struct listeners){ .loop = loop, .ready = ready, .ctx = ctx };
	while (!status && settings_next_word(&addresses, word, sizeof(word)))
		status = strncmp(word, "unix:", 5) ? add_tcp(all, word, err) : add_unix(all, word, err);
	if (status)
		listen_close(all);
	else
		*out = all;
	return status;
}

void listen_close(struct listeners *listeners)
{
	if (!listeners)
		return;
	for (size_t i = 0; i < listeners->count; i++) {
		struct listener *listener = listeners->list[i];

		kl_watch_remove(listener->watch);
		close(listener->fd);
		if (listener->unix_path)
			unlink(listener->unix_path);
		free(listener->unix_path);
		free(listener);
	}
	free(listeners);
}

void listen_pause(struct listeners *listeners, bool pause)
{
	for (size_t i = 0; listeners && i < listeners->count; i++)
		kl_watch_events(listeners->list[i]->watch, pause ? 0 : POLLIN);
}
