/*
 * A02, A05: how long a refusal takes does not say why. What is decisive is that the same work is done (A05_same_work_for_everybody, A02_*); this
 * measures what is left of a difference, of KL_SAMPLES each, asked in turn down one connection. A busy machine moves such times: they are told
 * (make faults), and only the answers are looked at.
 */

#include <strings.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>

#include "tests/server/ledger.h"

#define SAMPLES 30
#define ASKED   3 /* at most, that are compared */
#define REPLY   4096
#define NOBODYS "01a2275f-12aa-7dcf-ba51-d4034e394988"

struct question {
	const char *what;
	char *target, *rest; /* "GET /about", and what follows the address that it is said to come from; owned */
	int64_t *ns; /* each sample */
};

static size_t sample_count(void)
{
	const char *said = getenv("KL_SAMPLES");

	return said && *said ? strtoul(said, NULL, 10) : SAMPLES;
}

/* One request and its whole answer; the connection stays. The time until then. */
static int64_t exchange(char *answer, int fd, const char *text)
{
	int64_t begun_ns;
	struct timespec now;
	size_t have = 0, whole = 0;
	const char *end, *length;
	ssize_t got;

	clock_gettime(CLOCK_MONOTONIC, &now);
	begun_ns = now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
	client_text(fd, text);
	while (!whole || have < whole) {
		CHECK(have + 1 < REPLY && (got = read(fd, answer + have, REPLY - have - 1)) > 0, "it ends after '%.*s'",
		      (int)have, answer);
		have += (size_t)got;
		answer[have] = '\0';
		end = strstr(answer, "\r\n\r\n");
		length = strcasestr(answer, "\r\nContent-Length: ");
		if (end && length)
			whole = (size_t)(end - answer) + 4 + strtoul(length + 18, NULL, 10);
	}
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec - begun_ns;
}

/* Each from an address of its own: nobody is locked out (A04). */
static char *request_from(const struct question *question, size_t number)
{
	return kl_format("%s HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: 10.%zu.%zu.%zu\r\n%s", question->target,
			 number >> 16 & 255, number >> 8 & 255, number & 255, question->rest);
}

static int by_size(const void *a, const void *b)
{
	const int64_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

static double median_us(int64_t *ns, size_t count)
{
	qsort(ns, count, sizeof(*ns), by_size);
	return (double)ns[count / 2] / 1000;
}

/* status, part: of each answer, for whatever reason it is refused. */
static void compare(const struct daemon *daemon, struct question *questions, size_t count, int status, const char *part)
{
	static size_t number;
	size_t samples = sample_count();
	int fd = client_connect(daemon);
	char answer[REPLY], *text;

	for (size_t q = 0; q < count; q++)
		questions[q].ns = kl_calloc(samples, sizeof(*questions[q].ns));
	for (size_t i = 0; i < samples; i++)
		for (size_t q = 0; q < count; q++) {
			text = request_from(&questions[q], number++);
			questions[q].ns[i] = exchange(answer, fd, text);
			CHECK(strtol(answer + 9, NULL, 10) == status && strstr(answer, part), "%s: %s", text, answer);
			free(text);
		}
	close(fd);
	for (size_t q = 0; q < count; q++) {
		double us = median_us(questions[q].ns, samples), first_us = (double)questions[0].ns[samples / 2] / 1000;

		if (getenv("KL_SAMPLES"))
			printf("%s: median of %zu: %.1f us (%+.1f %%)\n", questions[q].what, samples, us,
			       100 * (us - first_us) / first_us);
	}
	fflush(stdout);
	for (size_t q = 0; q < count; q++) {
		free(questions[q].ns);
		free(questions[q].target);
		free(questions[q].rest);
	}
}

/* --- who signs in --------------------------------------------------------------------------------------------------- */

static struct question login_of(const char *what, const char *name)
{
	char *body = kl_format("{\"name\":\"%s\",\"password\":\"not this password\"}", name);
	char *rest = kl_format(JSON "Content-Length: %zu\r\n\r\n%s", strlen(body), body);

	free(body);
	return (struct question){ what, kl_strdup("POST /api/auth/login"), rest, NULL };
}

static struct question asked_by(const char *what, const char *who, char *target)
{
	return (struct question){ what, target, kl_format("%s\r\n", who), NULL };
}

static void A05_times_of_logins(void)
{
	struct daemon daemon;

	daemon_start(&daemon, "judge.enabled = false\naccess.proxies = 127.0.0.1\n");
	free(signed_in(&daemon, "anna", "student"));
	free(signed_in(&daemon, "dora", "student"));
	CHECK(!daemon_command(&daemon, "user disable dora", NULL, NULL), "user disable");
	compare(&daemon,
		(struct question[ASKED]){ login_of("A05 login, a wrong password", "anna"),
					  login_of("A05 login, of nobody", "nora"),
					  login_of("A05 login, of a disabled user", "dora") },
		3, 401, "the name or the password is wrong");
	daemon_remove(&daemon);
}

/* Tokens that are nobody's: the first half of the one is right. */
static void A05_times_of_tokens(void)
{
	struct daemon daemon;
	char *who, *wrong;
	size_t len;

	daemon_start(&daemon, "judge.enabled = false\naccess.proxies = 127.0.0.1\n");
	who = signed_in(&daemon, "anna", "student");
	wrong = kl_strdup(who);
	len = strlen(who);
	for (size_t i = len / 2 + 8; i < len - 2; i++) /* "Authorization: Bearer " is no part of it */
		who[i] = who[i] == 'a' ? 'b' : 'a';
	for (size_t i = 22 + 4; i < len - 2; i++)
		wrong[i] = wrong[i] == 'a' ? 'b' : 'a';
	compare(&daemon,
		(struct question[ASKED]){
			asked_by("A05 token, nothing of it right", wrong, kl_strdup("GET /api/auth/me")),
			asked_by("A05 token, its first half right", who, kl_strdup("GET /api/auth/me")) },
		2, 401, "UNAUTHORIZED");
	daemon_remove(&daemon);
	free(who);
	free(wrong);
}

/* --- what is somebody else's ----------------------------------------------------------------------------------------- */

static void compare_hidden(const struct daemon *daemon, const char *who, const char *what, const char *method,
			   const char *path, const char *id)
{
	char *theirs = kl_format("A02 %s of another's", what), *nobodys = kl_format("A02 %s of nobody's", what);

	compare(daemon,
		(struct question[ASKED]){ asked_by(nobodys, who, kl_format("%s %s%s", method, path, NOBODYS)),
					  asked_by(theirs, who, kl_format("%s %s%s", method, path, id)) },
		2, 404, "\"code\":\"NOT_FOUND\"");
	free(theirs);
	free(nobodys);
}

static void A02_times_of_what_is_not_ones_own(void)
{
	char *ada, *bob, *teacher, *course, *session, *headers;
	struct ledger *ledger;
	struct daemon daemon;
	struct reply reply;

	class_start(&daemon, &ledger, &ada, "judge.enabled = false\naccess.proxies = 127.0.0.1\n");
	bob = signed_in(&daemon, "bob", "student");
	teacher = signed_in(&daemon, "teacher", "instructor");
	CHECK(hand_in(ledger, &daemon, ada, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO) == 201, "not taken");
	headers = kl_format("%s" JSON, teacher);
	ask(&reply, &daemon, "POST /api/courses", headers, "{\"title\":\"Programming\"}");
	check_has(&reply, 201, "\"id\":\"");
	course = member_of(reply.body, "id");
	reply_release(&reply);
	ask(&reply, &daemon, "GET /api/users/me/sessions", ada, NULL);
	check_has(&reply, 200, "\"id\":\"");
	session = member_of(reply.body, "id");
	reply_release(&reply);
	compare_hidden(&daemon, bob, "a submission", "GET", "/api/submissions/", ledger->entries[0].id);
	compare_hidden(&daemon, bob, "a course", "GET", "/api/courses/", course);
	compare_hidden(&daemon, bob, "a session", "DELETE", "/api/users/me/sessions/", session);
	daemon_remove(&daemon);
	free(headers);
	free(course);
	free(session);
	free(teacher);
	free(bob);
	free(ada);
}

const struct test times_tests[] = {
	{ "A05_times_of_logins", A05_times_of_logins },
	{ "A05_times_of_tokens", A05_times_of_tokens },
	{ "A02_times_of_what_is_not_ones_own", A02_times_of_what_is_not_ones_own },
	{ NULL, NULL },
};
