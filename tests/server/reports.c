/*
 * R18: somebody reads a report over a whole class a byte at a time, and then not at all. Meanwhile others are answered, and write. What
 * shows it is the order of things: what they wrote after the report began stands in its last row.
 */

#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kodelab/account.h>
#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/id.h>
#include <kodelab/path.h>
#include <kodelab/store.h>
#include <kodelab/store_courses.h>
#include <kodelab/store_keys.h>

#include "tests/server/harness.h"

#define CROWD   2500
#define DISPLAY 3000 /* bytes: together more than the sockets of both sides hold */
#define WRITES  20

struct class
{
	struct daemon daemon;
	char *teacher, *last; /* headers; "zoe" stands behind everybody else */
	char *course;
};

static void add_student(struct kl_store *store, const char *course, const char *name)
{
	static char display[DISPLAY + 1], password[] = "-", none[] = "";
	struct kl_clock clock = { .held = false };
	struct kl_user user = { .display = display, .email = none, .password = password, .role = 1, .created_ms = 1 };
	struct kl_error err;

	memset(display, 'd', DISPLAY);
	kl_id_new(user.id, &clock);
	CHECK(!kl_name_read(&user.name, &user.key, name, &err) && !kl_store_user_add(store, &user, &err) &&
		      !kl_store_member_add(store, course, user.id, KL_COURSE_STUDENT, &err),
	      "%s", err.message);
	free(user.name);
	free(user.key);
}

static struct kl_store *open_beside(const struct class *class)
{
	char *path = kl_path_join(class->daemon.folder, "kodelabd.db");
	struct kl_clock clock = { .held = false };
	struct kl_store *store;
	struct kl_error err;

	CHECK(!kl_store_open_beside(&store, path, &clock, &err), "%s", err.message);
	free(path);
	return store;
}

static void fill(const struct class *class, const char *last_id)
{
	struct kl_store *store = open_beside(class);
	struct kl_error err;
	char name[16];

	CHECK(!kl_store_batch_begin(store, &err), "%s", err.message);
	for (int i = 0; i < CROWD; i++) {
		snprintf(name, sizeof(name), "s%05d", i);
		add_student(store, class->course, name);
	}
	CHECK(!kl_store_member_add(store, class->course, last_id, KL_COURSE_STUDENT, &err) &&
		      !kl_store_batch_end(store, &err),
	      "%s", err.message);
	kl_store_close(store);
}

static char *asked(const struct class *class, const char *who, const char *target, const char *body, const char *name)
{
	char *headers = kl_format("%s%s", who, body ? JSON : ""), *member;
	struct reply reply;

	ask(&reply, &class->daemon, target, headers, body);
	CHECK(reply.status == 200 || reply.status == 201, "%s: %d %s", target, reply.status, reply.body);
	member = member_of(reply.body, name);
	reply_release(&reply);
	free(headers);
	return member;
}

static void class_open(struct class *class, const char *extra)
{
	char *last_id;

	*class = (struct class){ .course = NULL };
	daemon_start(&class->daemon, extra);
	class->teacher = signed_in(&class->daemon, "teacher", "instructor");
	class->last = signed_in(&class->daemon, "zoe", "student");
	class->course = asked(class, class->teacher, "POST /api/courses", "{\"title\":\"Large\"}", "id");
	last_id = asked(class, class->last, "GET /api/auth/me", NULL, "id");
	fill(class, last_id);
	free(last_id);
}

static void class_close(struct class *class)
{
	daemon_remove(&class->daemon);
	free(class->teacher);
	free(class->last);
	free(class->course);
}

static int begin_report(const struct class *class)
{
	char *text = kl_format("GET /api/courses/%s/gradebook.csv HTTP/1.1\r\nHost: t\r\nConnection: close\r\n%s\r\n",
			       class->course, class->teacher);
	int fd = client_connect(&class->daemon);

	client_text(fd, text);
	free(text);
	return fd;
}

static void take_bytes(struct kl_buf *into, int fd, int count)
{
	char byte;

	for (int i = 0; i < count; i++) {
		CHECK(recv(fd, &byte, 1, 0) == 1, "the report ends after %zu bytes", into->len);
		kl_buf_add_char(into, byte);
	}
}

static void take_rest(struct kl_buf *into, int fd)
{
	char chunk[65536];
	ssize_t got;

	while ((got = recv(fd, chunk, sizeof(chunk), 0)) > 0)
		kl_buf_add(into, chunk, (size_t)got);
	close(fd);
}

/* What the chunks hold; *whole: the last one is there. Owned. */
static char *unchunked(const struct kl_buf *raw, bool *whole)
{
	const char *at = strstr(raw->data, "\r\n\r\n"), *end = raw->data + raw->len;
	struct kl_buf text;

	CHECK(!strncmp(raw->data, "HTTP/1.1 200 ", 13) && at, "no answer: %s", raw->data);
	kl_buf_init(&text, SIZE_MAX / 2);
	*whole = false;
	for (at += 4; at < end && !*whole;) {
		char *line;
		size_t len = strtoul(at, &line, 16);

		*whole = !len && line > at;
		if (line + 2 + len > end)
			break;
		kl_buf_add(&text, line + 2, len);
		at = line + 2 + len + 2;
	}
	return kl_buf_detach(&text);
}

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (; (text = strstr(text, "\r\n")); text += 2)
		count++;
	return count;
}

static void write_meanwhile(const struct class *class)
{
	for (int i = 1; i <= WRITES; i++) {
		char *body = kl_format("{\"display\":\"Zoe %d\"}", i), *shown;

		shown = asked(class, class->last, "PUT /api/users/me/profile", body, "display");
		CHECK(!strncmp(shown, "Zoe ", 4), "%s", shown);
		free(shown);
		free(body);
	}
}

static void test_reader(void)
{
	struct class class;
	struct kl_store *store;
	struct kl_error err;
	struct kl_buf raw;
	char *text;
	bool whole;
	int fd;

	class_open(&class, NULL);
	kl_buf_init(&raw, SIZE_MAX / 2);
	fd = begin_report(&class);
	take_bytes(&raw, fd, 300); /* then it stops */
	write_meanwhile(&class);
	store = open_beside(&class);
	CHECK(!kl_store_keys_shred(store, &err), "the reader holds the log: %s", err.message);
	kl_store_close(store);
	take_bytes(&raw, fd, 300);
	take_rest(&raw, fd);
	text = unchunked(&raw, &whole);
	CHECK(whole && count_lines(text) == CROWD + 2, "%zu rows, %s", count_lines(text), whole ? "whole" : "cut off");
	CHECK(strstr(text, "\r\n\"zoe\",\"Zoe 20\",0\r\n"), "the last row was made before it was wanted: %s",
	      text + strlen(text) - 100);
	free(text);
	kl_buf_release(&raw);
	class_close(&class);
}

static void test_reader_that_stops(void)
{
	struct class class;
	struct kl_buf raw;
	bool whole;
	int fd;

	class_open(&class, "limits.send_s = 1\n");
	kl_buf_init(&raw, SIZE_MAX / 2);
	fd = begin_report(&class);
	take_bytes(&raw, fd, 300);
	ask_until(&class.daemon, "GET /metrics", NULL, "\nkodelabd_connections_slow_total 1\n");
	take_rest(&raw, fd);
	free(unchunked(&raw, &whole));
	CHECK(!whole, "a report that was cut off looks like a whole one");
	kl_buf_release(&raw);
	class_close(&class);
}

const struct test reports_tests[] = {
	{ "R18_reader_holds_nobody_up", test_reader },
	{ "R18_reader_that_stops_is_let_go", test_reader_that_stops },
	{ NULL, NULL },
};
