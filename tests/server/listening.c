/* Server-sent events: how many may listen, and until when. */

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#include "tests/server/ledger.h"

void await_event(int fd, const char *part)
{
	struct kl_buf text;
	char chunk[4096];
	ssize_t got;

	kl_buf_init(&text, 1 << 20);
	while (!strstr(text.data, part)) {
		got = read(fd, chunk, sizeof(chunk));
		CHECK(got > 0, "the stream ended: %s", text.data);
		kl_buf_add(&text, chunk, (size_t)got);
	}
	kl_buf_release(&text);
}

int listen_for(const struct daemon *daemon, const char *who)
{
	char *head = kl_format("GET /api/events HTTP/1.1\r\nHost: test\r\n%s\r\n", who);
	int fd = client_connect(daemon);

	client_text(fd, head);
	await_event(fd, "event: hello");
	free(head);
	return fd;
}

static void test_listeners(void)
{
	struct daemon daemon;
	char *who, *other;
	int fds[3];

	daemon_start(&daemon,
		     CLASS_CONFIG "class.listeners = 3\nclass.listeners_per_user = 2\njudge.enabled = false\n");
	who = signed_in(&daemon, "ada", "student");
	other = signed_in(&daemon, "bob", "student");
	fds[0] = listen_for(&daemon, who);
	fds[1] = listen_for(&daemon, who);
	expect_has(&daemon, "GET /api/events", who, NULL, 429, "too many of your terminals listen already");
	fds[2] = listen_for(&daemon, other);
	expect_has(&daemon, "GET /api/events", other, NULL, 429, "too many listen already");
	close(fds[0]); /* it is noticed, and there is room again */
	ask_until(&daemon, "GET /metrics", NULL, "kodelabd_listeners 2\n");
	fds[0] = listen_for(&daemon, who);
	daemon_stop(&daemon, SIGTERM); /* listeners keep nobody from stopping */
	daemon_remove(&daemon);
	free(who);
	free(other);
}

static void await_place(int fd, const struct ledger *ledger, size_t index)
{
	char *part = kl_format("event: queue\ndata: {\"work\":\"%s\",\"ahead\":%zu,\"estimate_ms\":",
			       ledger->entries[index].id, index);

	await_event(fd, part);
	free(part);
}

/* Nothing is judged here: what was handed in waits, and both terminals of the student hear where, the other student nothing. */
static void test_places(void)
{
	enum { COUNT = 3 };
	struct daemon daemon;
	struct ledger *ledger;
	char *who, *other, byte;
	int fds[2], stranger;

	daemon_start(&daemon, CLASS_CONFIG "judge.enabled = false\n");
	publish_tiny(&daemon);
	ledger = ledger_new(&daemon);
	who = signed_in(&daemon, "ada", "student");
	other = signed_in(&daemon, "bob", "student");
	stranger = listen_for(&daemon, other);
	for (size_t i = 0; i < KL_LENGTH(fds); i++)
		fds[i] = listen_for(&daemon, who);
	for (size_t i = 0; i < COUNT; i++)
		CHECK(hand_in(ledger, &daemon, who, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO) == 201,
		      "not taken");
	for (size_t i = 0; i < KL_LENGTH(fds); i++)
		await_place(fds[i], ledger, COUNT - 1);
	CHECK(recv(stranger, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0, "it was told to somebody else");
	for (size_t i = 0; i < KL_LENGTH(fds); i++)
		close(fds[i]);
	close(stranger);
	daemon_remove(&daemon);
	free(who);
	free(other);
}

static void await_end(int fd)
{
	char chunk[4096];
	ssize_t got;

	while ((got = read(fd, chunk, sizeof(chunk))) > 0)
		;
	CHECK(got == 0, "the stream broke");
	close(fd);
}

/* Who is let out hears nothing more, and those who stay do. */
static void test_listening_ends(void)
{
	char *ada, *bob, *root, *id, *target, byte;
	struct daemon daemon;
	struct reply reply;
	int out, disabled, stays;

	daemon_start(&daemon, CLASS_CONFIG "class.listeners = 3\njudge.enabled = false\n");
	ada = signed_in(&daemon, "ada", "student");
	bob = signed_in(&daemon, "bob", "student");
	root = signed_in(&daemon, "root", "admin");
	out = listen_for(&daemon, ada);
	disabled = listen_for(&daemon, bob);
	stays = listen_for(&daemon, root);
	expect_has(&daemon, "POST /api/auth/logout", ada, "{}", 200, "\"signed_out\":true");
	ask(&reply, &daemon, "GET /api/auth/me", bob, NULL);
	id = member_of(reply.body, "id");
	reply_release(&reply);
	target = kl_format("PUT /api/users/%s/state", id);
	expect_has(&daemon, target, root, "{\"state\":\"disabled\"}", 200, "\"state\":\"disabled\"");
	await_end(out);
	await_end(disabled);
	CHECK(recv(stays, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0, "it ended for somebody else");
	close(stays);
	daemon_remove(&daemon);
	free(ada);
	free(bob);
	free(root);
	free(id);
	free(target);
}

const struct test listening_tests[] = {
	{ "works_listeners", test_listeners },
	{ "works_places", test_places },
	{ "A01_listening_ends_with_the_session", test_listening_ends },
	{ NULL, NULL },
};
