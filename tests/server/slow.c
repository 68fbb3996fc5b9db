/* H01: two thousand who send and read as slowly as they can, while honest clients ask. */

#include <dirent.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#include "tests/server/harness.h"

enum { HEADS = 900, BODIES = 900, READERS = 200, ALL = HEADS + BODIES + READERS, UNREAD = 100 };

#define CONFIG                                                                                                         \
	"judge.enabled = false\nlimits.connections = 4096\nlimits.connections_per_address = 4096\n"                    \
	"limits.head_s = 5\nlimits.body_s = 5\nlimits.idle_s = 5\nlog.requests = false\n"

/* Asks for more than all buffers take, and reads none of it. */
static int slow_reader(const struct daemon *daemon)
{
	static const char ask_it[] = "GET /docs HTTP/1.1\r\nHost: t\r\n\r\n";
	int fd = client_connect(daemon), room = 4096;

	CHECK(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)) == 0, "setsockopt");
	for (int i = 0; i < UNREAD; i++)
		if (send(fd, ask_it, sizeof(ask_it) - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			break; /* it stands already */
	return fd;
}

static void begin_all(struct pollfd *slow, const struct daemon *daemon)
{
	for (int i = 0; i < ALL; i++) {
		slow[i] = (struct pollfd){ .events = POLLIN };
		if (i >= HEADS + BODIES) {
			slow[i].fd = slow_reader(daemon);
			continue;
		}
		slow[i].fd = client_connect(daemon);
		client_text(slow[i].fd,
			    i < HEADS ? "GET /about HTTP/1.1\r\nHost: t\r\nX-Slow: "
				      : "POST /authenticate HTTP/1.1\r\nHost: t\r\nContent-Length: 100000\r\n\r\n");
	}
}

/* One more byte of each head and body that the server still waits for; how many these are. */
static int drip_all(struct pollfd *slow)
{
	int open = 0;

	CHECK(poll(slow, HEADS + BODIES, 0) >= 0, "poll");
	for (int i = 0; i < HEADS + BODIES; i++) {
		if (slow[i].fd < 0)
			continue;
		if (!slow[i].revents && send(slow[i].fd, "x", 1, MSG_NOSIGNAL) == 1) {
			open++;
			continue;
		}
		close(slow[i].fd);
		slow[i].fd = -1;
	}
	return open;
}

static int open_files(const struct daemon *daemon)
{
	char *path = kl_format("/proc/%d/fd", (int)daemon->pid);
	DIR *folder = opendir(path);
	int count = 0;

	CHECK(folder, "%s", path);
	while (readdir(folder))
		count++;
	closedir(folder);
	free(path);
	return count;
}

static void H01_two_thousand_slow(void)
{
	struct daemon daemon;
	struct pollfd *slow = kl_calloc(ALL, sizeof(*slow));
	int open, beside = 0, served = 0, before;

	need_files(ALL + 100);
	daemon_start(&daemon, CONFIG);
	before = open_files(&daemon);
	begin_all(slow, &daemon);
	do { /* alarm() ends the test */
		expect_has(&daemon, "GET /version", NULL, NULL, 200, "1.13.1");
		served++;
		open = drip_all(slow);
		beside = open > beside ? open : beside;
	} while (open);
	CHECK(beside > (HEADS + BODIES) / 2, "they were %d at most beside those who were served", beside);
	CHECK(served > 1, "%d were served beside them", served);
	while (open_files(&daemon) > before + 1) /* those who read nothing are hung up, too */
		expect_has(&daemon, "GET /version", NULL, NULL, 200, "1.13.1");
	for (int i = HEADS + BODIES; i < ALL; i++)
		close(slow[i].fd);
	daemon_remove(&daemon);
	free(slow);
}

/* A lab is one address: how many it may have open is for who runs the server to say. */
static void H01_of_one_address(void)
{
	struct daemon daemon;
	struct reply reply;
	int fds[300];

	daemon_start(&daemon, "judge.enabled = false\nlimits.connections_per_address = 301\n");
	for (size_t i = 0; i < KL_LENGTH(fds); i++) {
		fds[i] = client_connect(&daemon);
		client_text(fds[i], "GET /");
	}
	expect_has(&daemon, "GET /version", NULL, NULL, 200, "1.13.1"); /* the 301st */
	client_text(fds[0], "version HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
	client_read(&reply, fds[0]);
	CHECK(reply.status == 200, "%d", reply.status);
	reply_release(&reply);
	daemon_remove(&daemon);
}

const struct test slow_tests[] = {
	{ "H01_two_thousand_slow", H01_two_thousand_slow },
	{ "H01_of_one_address", H01_of_one_address },
	{ NULL, NULL },
};
