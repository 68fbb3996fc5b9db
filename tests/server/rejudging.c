/* Judging many again while others arrive: none unjudged, none twice, and what is cancelled is as if nothing had been. */

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/path.h>
#include <kodelab/store.h>
#include <kodelab/store_works.h>

#include "tests/server/ledger.h"

/* KL_REJUDGED: so many. */
static size_t many(void)
{
	const char *said = getenv("KL_REJUDGED");

	return said ? strtoul(said, NULL, 10) : 40;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static char *admin_post(const struct daemon *daemon, const char *who, const char *target, const char *body)
{
	char *headers = kl_format("%s" JSON, who), *copy;
	struct reply reply;

	ask(&reply, daemon, target, headers, body);
	CHECK(reply.status == 200 || reply.status == 201, "%s: %s", target, reply.body);
	copy = kl_strdup(reply.body);
	reply_release(&reply);
	free(headers);
	return copy;
}

/* "/api/admin/rejudge/ID" of a new one; owned by the caller. */
static char *rejudge(const struct daemon *daemon, const char *admin, const char *slug, size_t total)
{
	char *what = kl_format("{\"pack\":\"tiny\",\"slug\":\"%s\"}", slug);
	char *body = admin_post(daemon, admin, "POST /api/admin/rejudge", what);
	char *id = member_of(body, "id"), *path = kl_format("/api/admin/rejudge/%s", id);
	char *said = kl_format("\"total\":%zu,", total);

	CHECK(strstr(body, said), "%s is not in %s", said, body);
	free(said);
	free(what);
	free(body);
	free(id);
	return path;
}

static void await_state(const struct daemon *daemon, const char *admin, const char *path, const char *state)
{
	char *target = kl_format("GET %s", path), *said = kl_format("\"state\":\"%s\"", state);

	ask_until(daemon, target, admin, said);
	free(target);
	free(said);
}

static unsigned long number_of(const struct daemon *daemon, const char *admin, const char *path, const char *name)
{
	char *target = kl_format("GET %s", path), *mark = kl_format("\"%s\":", name), *at;
	unsigned long number;
	struct reply reply;

	ask(&reply, daemon, target, admin, NULL);
	at = strstr(reply.body, mark);
	CHECK(reply.status == 200 && at, "%s: %s", target, reply.body);
	number = strtoul(at + strlen(mark), NULL, 10);
	reply_release(&reply);
	free(target);
	free(mark);
	return number;
}

/* --- what stands -------------------------------------------------------------------------------------------------- */

/* What a student sees of the first count works, and when it was found; beside the server, which runs. Each was judged so often. */
static char *verdicts(const struct daemon *daemon, const struct ledger *ledger, size_t count, int64_t judgings)
{
	static const struct kl_clock running = { .held = false };
	char *path = kl_path_join(daemon->folder, "kodelabd.db");
	struct kl_store *store;
	struct kl_error err;
	struct kl_work work;
	struct kl_buf text;

	kl_buf_init(&text, (size_t)64 << 20);
	CHECK(!kl_store_open_beside(&store, path, &running, &err), "%s", err.message);
	for (size_t i = 0; i < count; i++) {
		CHECK(!kl_store_work_get(&work, store, ledger->entries[i].id, &err), "%s", err.message);
		CHECK(work.state == KL_WORK_DONE && (!judgings || work.judgings == judgings),
		      "%s in state %d was judged %lld times", work.id, work.state, (long long)work.judgings);
		kl_buf_addf(&text, "%s %s %g %lld %s\n", work.id, work.verdict, work.score, (long long)work.judged_ms,
			    work.report);
		kl_work_release(&work);
	}
	kl_store_close(store);
	free(path);
	return kl_buf_detach(&text);
}

/* --- others arrive ------------------------------------------------------------------------------------------------ */

/* One after the other is handed in and has its verdict: they go before what is judged again, so more would leave no place for that. */
static pid_t begin_arriving(struct ledger *ledger, const struct daemon *daemon, const char *who, volatile bool *go_on)
{
	pid_t pid;

	*go_on = true;
	pid = fork();
	if (pid)
		return pid;
	while (*go_on) {
		size_t index = ledger_add(ledger, GOOD_ECHO);
		char *target = kl_format("GET /api/submissions/%s", ledger->entries[index].id);

		CHECK(hand_in(ledger, daemon, who, index, "echo", GOOD_ECHO) == 201, "not taken");
		ask_until(daemon, target, who, "\"state\":\"done\"");
		free(target);
	}
	_exit(0);
}

static void end_arriving(pid_t pid, volatile bool *go_on)
{
	int status;

	*go_on = false;
	CHECK(waitpid(pid, &status, 0) == pid && !status, "who handed in failed");
}

static volatile bool *shared_flag(void)
{
	void *place = mmap(NULL, sizeof(bool), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	CHECK(place != MAP_FAILED, "mmap");
	return place;
}

/* --- the tests ---------------------------------------------------------------------------------------------------- */

/* The server must not run. Those of the first count were judged so often, the others once. */
static void finish(struct daemon *daemon, struct ledger *ledger, size_t count, int64_t judgings)
{
	await_verdicts(daemon);
	free(verdicts(daemon, ledger, count, judgings));
	daemon_stop(daemon, SIGTERM);
	ledger_check(ledger, daemon, false);
	daemon_remove(daemon);
}

static void R12_judged_again(void)
{
	volatile bool *go_on = shared_flag();
	size_t count = many();
	struct daemon daemon;
	struct ledger *ledger;
	char *who, *admin, *path, *target, *said;
	pid_t other;

	class_start(&daemon, &ledger, &who, "judge.workers = 2\nclass.waiting_max = 100000\n");
	admin = signed_in(&daemon, "root", "admin");
	for (size_t i = 0; i < count; i++)
		hand_in(ledger, &daemon, who, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO);
	await_verdicts(&daemon);
	path = rejudge(&daemon, admin, "echo", count);
	other = begin_arriving(ledger, &daemon, who, go_on);
	await_state(&daemon, admin, path, "done");
	end_arriving(other, go_on);
	target = kl_format("GET %s", path);
	said = kl_format("\"total\":%zu,\"done\":%zu,\"changed\":0,", count, count);
	expect_has(&daemon, target, admin, NULL, 200, said);
	free(said);
	await_verdicts(&daemon);
	said = kl_format("\"state\":\"COMPLETED\",\"submissions\":%zu,", ledger->count);
	expect_has(&daemon, "GET /api/users/me/progress", who, NULL, 200, said);
	CHECK(ledger->count > count, "nobody else handed in");
	finish(&daemon, ledger, count, 2);
	free(who);
	free(admin);
	free(path);
	free(target);
	free(said);
}

/* One program in the middle waits to be let go, and there is one worker: the half is exactly there. */
static void R12_cancelled_half_way(void)
{
	size_t count = many(), half = count / 2;
	char *held = held_code(0, "cat"), *who, *admin, *path, *target, *before, *after;
	struct daemon daemon;
	struct ledger *ledger;

	class_start(&daemon, &ledger, &who, "judge.workers = 1\nclass.waiting_max = 100000\n");
	admin = signed_in(&daemon, "root", "admin");
	for (size_t i = 0; i < count; i++) {
		const char *code = i == half ? held : GOOD_ECHO;

		hand_in(ledger, &daemon, who, ledger_add(ledger, code), "slow", code);
	}
	held_release(0);
	await_verdicts(&daemon);
	before = verdicts(&daemon, ledger, count, 1);
	path = rejudge(&daemon, admin, "slow", count);
	held_await(0, true);
	CHECK(number_of(&daemon, admin, path, "done") == half, "the half is not done");
	after = verdicts(&daemon, ledger, count, 0);
	CHECK(strcmp(before, after) != 0, "nothing was judged again");
	free(after);
	for (size_t i = 0; i < 10; i++) /* others arrive meanwhile */
		hand_in(ledger, &daemon, who, ledger_add(ledger, GOOD_ECHO), "slow", GOOD_ECHO);
	target = kl_format("DELETE %s", path);
	expect_has(&daemon, target, admin, NULL, 200, "\"state\":\"canceling\"");
	expect_has(&daemon, "GET /api/audit?limit=2&action=rejudge.cancel", admin, NULL, 200,
		   "\"pagination\":{\"page\":1,\"limit\":2,\"total\":1,");
	held_let_go(0); /* what it finds is put back, too */
	await_state(&daemon, admin, path, "canceled");
	await_verdicts(&daemon);
	after = verdicts(&daemon, ledger, count, 0);
	CHECK(!strcmp(before, after), "it is not as it was:\n%s\n%s", before, after);
	finish(&daemon, ledger, ledger->count, 0);
	free(held);
	free(who);
	free(admin);
	free(path);
	free(target);
	free(before);
	free(after);
}

/* Whatever is held is let go, as often as it runs, until the answer has part; owned by the caller. */
static char *let_go_until(const struct daemon *daemon, const char *target, const char *who, const char *part)
{
	struct reply reply;
	char *body = NULL;

	while (!body) {
		held_let_go(0);
		ask(&reply, daemon, target, who, NULL);
		if (strstr(reply.body, part))
			body = kl_strdup(reply.body);
		reply_release(&reply);
	}
	return body;
}

/* What a cancelled rejudge left in the queue is passed over: the next one does not take it for its own. */
static void R12_begun_again_after_a_cancel(void)
{
	char *held = held_code(0, "cat"), *who, *admin, *first, *second, *target;
	struct daemon daemon;
	struct ledger *ledger;

	class_start(&daemon, &ledger, &who, "judge.workers = 1\n");
	admin = signed_in(&daemon, "root", "admin");
	for (size_t i = 0; i < 4; i++) {
		const char *code = i ? GOOD_ECHO : held;

		hand_in(ledger, &daemon, who, ledger_add(ledger, code), "slow", code);
	}
	held_release(0);
	await_verdicts(&daemon);
	first = rejudge(&daemon, admin, "slow", 4);
	held_await(0, true);
	target = kl_format("DELETE %s", first);
	expect_has(&daemon, target, admin, NULL, 200, "\"state\":\"canceling\"");
	await_state(&daemon, admin, first, "canceled");
	second = rejudge(&daemon, admin, "slow", 4);
	free(target);
	target = kl_format("GET %s", second);
	free(let_go_until(&daemon, target, admin, "\"state\":\"done\""));
	finish(&daemon, ledger, 4, 2);
	free(held);
	free(who);
	free(admin);
	free(first);
	free(second);
	free(target);
}

/* Work that is under way when its hidden tests are corrected is judged by the corrected ones. */
static void R12_corrected_meanwhile(void)
{
	static const char corrected[] = "{\"tests\":[{\"id\":\"one\",\"sample\":true,\"stdin\":\"1\",\"stdout\":\"1\"},"
					"{\"id\":\"two\",\"stdin\":\"2\",\"stdout\":\"2\"}]}";
	char *held = held_code(0, "cat"), *who, *target, *body;
	struct daemon daemon;
	struct ledger *ledger;

	class_start(&daemon, &ledger, &who, "judge.workers = 1\n");
	hand_in(ledger, &daemon, who, ledger_add(ledger, held), "slow", held);
	held_await(0, true);
	publish_tiny_with(&daemon, "slow/tests.json", corrected);
	target = kl_format("GET /api/submissions/%s", ledger->entries[0].id);
	body = let_go_until(&daemon, target, who, "\"state\":\"done\"");
	CHECK(strstr(body, "\"total\":2,"), "it was judged by the former tests: %s", body);
	class_finish(&daemon, ledger, who);
	free(held);
	free(body);
	free(target);
}

/* A course that sets "slow", and who in it: the target of its tests that fail most; owned by the caller. */
static char *begin_course(const struct daemon *daemon, const char *teacher, const char *who)
{
	char *course = admin_post(daemon, teacher, "POST /api/courses", "{\"title\":\"C\"}"), *body, *target, *done;
	char *id = member_of(course, "id"), *code = member_of(course, "code"), *assignment;

	body = kl_format("{\"code\":\"%s\"}", code);
	done = admin_post(daemon, who, "POST /api/courses/join", body);
	target = kl_format("POST /api/courses/%s/assignments", id);
	free(done);
	done = admin_post(daemon, teacher, target,
			  "{\"title\":\"A\",\"items\":[{\"pack\":\"tiny\",\"slug\":\"slow\",\"points\":10}]}");
	assignment = member_of(done, "id");
	free(target);
	target = kl_format("GET /api/courses/%s/assignments/%s/failing", id, assignment);
	free(course);
	free(body);
	free(done);
	free(id);
	free(code);
	free(assignment);
	return target;
}

/* Which tests fail most is told of what stands, too. */
static void R12_cancelled_failures(void)
{
	static const char harder[] = "{\"tests\":[{\"id\":\"one\",\"sample\":true,\"stdin\":\"1\",\"stdout\":\"1\"},"
				     "{\"id\":\"two\",\"stdin\":\"2\",\"stdout\":\"3\"}]}";
	char *held = held_code(0, "cat"), *who, *admin, *teacher, *path, *target, *failing;
	struct daemon daemon;
	struct ledger *ledger;

	class_start(&daemon, &ledger, &who, "judge.workers = 2\n");
	admin = signed_in(&daemon, "root", "admin");
	teacher = signed_in(&daemon, "teacher", "instructor");
	failing = begin_course(&daemon, teacher, who);
	hand_in(ledger, &daemon, who, ledger_add(ledger, held), "slow", held);
	held_release(0);
	hand_in(ledger, &daemon, who, ledger_add(ledger, GOOD_ECHO), "slow", GOOD_ECHO);
	await_verdicts(&daemon);
	publish_tiny_with(&daemon, "slow/tests.json", harder);
	path = rejudge(&daemon, admin, "slow", 2);
	ask_until(&daemon, failing, teacher, "\"test\":\"two\",\"students\":1}");
	target = kl_format("DELETE %s", path);
	expect_has(&daemon, target, admin, NULL, 200, "\"state\":\"canceling\"");
	await_state(&daemon, admin, path, "canceled");
	expect_has(&daemon, failing, teacher, NULL, 200, "\"data\":[]}");
	free(target);
	free(let_go_until(&daemon, "GET /health", NULL, "\"queue_length\":0,\"processing\":0,"));
	expect_has(&daemon, failing, teacher, NULL, 200, "\"data\":[]}");
	finish(&daemon, ledger, 2, 0);
	free(held);
	free(who);
	free(admin);
	free(teacher);
	free(path);
	free(failing);
}

/* A judge that fails changes no verdict, and nobody is told that it did: the program runs longer than its lease. */
static void R12_failed_again(void)
{
	char *held = held_code(0, "cat"), *who, *admin, *path;
	struct daemon daemon;
	struct ledger *ledger;
	int fd;

	class_start(&daemon, &ledger, &who, "class.lease_s = 5\nqueue.tries = 1\n");
	admin = signed_in(&daemon, "root", "admin");
	hand_in(ledger, &daemon, who, ledger_add(ledger, held), "slow", held);
	held_release(0);
	await_verdicts(&daemon);
	fd = listen_for(&daemon, who);
	path = rejudge(&daemon, admin, "slow", 1);
	await_event(fd, "\"slug\":\"slow\",\"state\":\"done\",\"verdict\":\"passed\",\"score\":100.0}");
	close(fd);
	await_state(&daemon, admin, path, "done");
	class_finish(&daemon, ledger, who);
	free(held);
	free(admin);
	free(path);
}

const struct test rejudging_tests[] = {
	{ "R12_judged_again", R12_judged_again },
	{ "R12_cancelled_half_way", R12_cancelled_half_way },
	{ "R12_failed_again", R12_failed_again },
	{ "R12_begun_again_after_a_cancel", R12_begun_again_after_a_cancel },
	{ "R12_corrected_meanwhile", R12_corrected_meanwhile },
	{ "R12_cancelled_failures", R12_cancelled_failures },
	{ NULL, NULL },
};
