/* Starting, reloading, stopping, dying; a disk that refuses; much at once. */

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>

#include "tests/server/harness.h"

#define MANY 100
#define FEW  "judge.languages = \"43 46\"\n"

/* --- configuration ---------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct refusal {
	const char *config;
	bool safe; /* without the sentence that accepts weaker walls */
	int status;
	const char *text;
} refusals[] = {
	{ "nonsense = 1\n", false, 2, "kodelabd: conf:8: unknown option 'nonsense': kodelabd(8) lists all\n" },
	{ "log.levle = info\n", false, 2, "kodelabd: conf:8: unknown option 'log.levle', did you mean 'log.level'?\n" },
	{ "queue.max = many\n", false, 2, "kodelabd: conf:8: 'queue.max' must be a number from 1 to 1000000, not 'many'\n" },
	{ "bind x y\n", false, 2, "kodelabd: conf:8: a server binds no keys\n" },
	{ "listen = localhost\n", false, 2, "kodelabd: conf:8: 'localhost' is no address to listen on: write 127.0.0.1:2358 or unix:/path\n" },
	{ "access.allow_ip = 10.0.0.0/33\n", false, 2, "kodelabd: conf:8: '10.0.0.0/33' is no address or network: write 10.0.0.0/8, ::1 or unix\n" },
	{ "judge.unsafe = yes\n", true, 3, "kodelabd: the judge wants sandbox level 0 and has level " },
};
/* clang-format on */

static void test_refusals(void)
{
	char text[4096];

	for (size_t i = 0; i < KL_LENGTH(refusals); i++) {
		int status = daemon_refuses(refusals[i].config, refusals[i].safe, text, sizeof(text));

		if (refusals[i].safe && status != refusals[i].status && strstr(text, "\"event\":\"ready\""))
			continue; /* a machine with level 0 needs no sentence */
		CHECK(status == refusals[i].status, "%s: status %d: %s", refusals[i].config, status, text);
		CHECK(strstr(text, refusals[i].text), "expected %s     got %s", refusals[i].text, text);
	}
}

/* Walls that are weaker than they should be: which are taken, and on whose word. */
static void test_levels(void)
{
	static const struct {
		const char *level;
		bool safe; /* without the sentence */
		const char *refusal; /* NULL: it starts */
		const char *health;
	} cases[] = {
		{ "1", true, "kodelabd: the judge wants sandbox level 0 and has level 1: start kodelabd as a service",
		  NULL },
		{ "2", true, "kodelabd: the judge wants sandbox level 0 and has level 2: start kodelabd as a service",
		  NULL },
		{ "3", false, "kodelabd: this machine has no walls for programs of strangers (sandbox level 3)", NULL },
		{ "2", false, NULL, "\"sandbox_level\":2,\"sandbox_advice\":\"" },
		{ "1", false, NULL,
		  "\"sandbox_level\":1,\"sandbox_advice\":\"memory is watched every 10 ms instead of being limited by "
		  "the kernel: start kodelabd as a service with Delegate=yes\"" },
	};
	struct daemon daemon;
	struct reply reply;

	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		char *log;

		daemon_prepare(&daemon, "judge.languages = 46\n");
		daemon.level = cases[i].level;
		if (cases[i].safe)
			daemon_configure_safe(&daemon);
		if (daemon_try(&daemon)) {
			CHECK(!cases[i].refusal, "level %s was taken", cases[i].level);
			ask(&reply, &daemon, "GET /health", NULL, NULL);
			check_has(&reply, 200, cases[i].health);
			judge(&reply, &daemon, "stdout", "{\"language_id\":46,\"source_code\":\"echo 1\"}");
			check_is(&reply, 201, "{\"stdout\":\"1\\n\"}");
		} else {
			log = daemon_log(&daemon);
			CHECK(cases[i].refusal && strstr(log, cases[i].refusal), "level %s: %s", cases[i].level, log);
			free(log);
		}
		daemon_remove(&daemon);
	}
}

static void test_readable_tokens(void)
{
	struct daemon daemon;
	char *path, *log;

	daemon_prepare(&daemon, FEW "authn.tokens = s3cret\n");
	path = kl_format("%s/conf", daemon.folder);
	chmod(path, 0644);
	CHECK(!daemon_try(&daemon), "it starts with tokens that everybody may read");
	log = daemon_log(&daemon);
	CHECK(strstr(log, "holds tokens and everybody may read it: chmod o-r "), "%s", log);
	free(log);
	free(path);
	daemon_remove(&daemon);
}

/* How the manual page describes an option: its default, then the sentences of `kodelabd --options`, one a line. */
static char *option_item(const char *comment, size_t comment_len, const char *line)
{
	struct kl_buf item;
	const char *equals = strstr(line, " = ");

	CHECK(equals, "%s", line);
	kl_buf_init(&item, 4096);
	kl_buf_addf(&item, ".It Va %.*s Pq ", (int)(equals - line), line);
	if (!strncmp(equals, " = \"\"\n", 6))
		kl_buf_add_str(&item, "not set\n");
	else
		kl_buf_addf(&item, "default: %.*s\n", (int)strcspn(equals + 3, "\n"), equals + 3);
	for (size_t i = 0; i < comment_len; i++)
		kl_buf_add_char(&item, i && comment[i - 1] == '.' && comment[i] == ' ' ? '\n' : comment[i]);
	kl_buf_add_char(&item, '\n');
	return kl_buf_detach(&item);
}

/* The manual page has every option with its default and what it takes, the program says which. */
static void test_manual(void)
{
	char *program = kl_format("%s/kodelabd", build_folder), *options;
	char *const argv[] = { program, (char[]){ "--options" }, NULL };
	struct kl_buf page;
	size_t len;

	kl_buf_init(&page, 1 << 20);
	CHECK(!kl_file_read(&page, "docs/man/kodelabd.8", NULL), "the manual page cannot be read");
	options = output_of(argv);
	for (char *at = options; *at; at += strcspn(at, "\n") + 1) {
		char *item;

		CHECK(!strncmp(at, "# ", 2), "%s", at);
		len = strcspn(at, "\n");
		item = option_item(at + 2, len - 2, at + len + 1);
		at += len + 1;
		CHECK(strstr(page.data, item), "kodelabd(8) lacks %s", item);
		free(item);
	}
	free(options);
	free(program);
	kl_buf_release(&page);
}

static void test_reload(void)
{
	struct daemon daemon;
	struct reply reply;
	char *log;

	daemon_start(&daemon, FEW);
	daemon.errors = "config_problem";
	daemon_configure(&daemon, FEW "maintenance = yes\njudge.workers = 7\n");
	kill(daemon.pid, SIGHUP);
	daemon_expect(&daemon, "RELOADING=1");
	daemon_expect(&daemon, "READY=1");
	ask(&reply, &daemon, "GET /config_info", NULL, NULL);
	check_has(&reply, 200, "{\"maintenance_mode\":true,");
	ask(&reply, &daemon, "GET /health", NULL, NULL);
	CHECK(!strstr(reply.body, "\"max_concurrent\":7"), "workers are changed by a restart alone: %s", reply.body);
	daemon_configure(&daemon, FEW "maintenance = perhaps\n");
	kill(daemon.pid, SIGHUP);
	do /* the old settings stay */
		log = daemon_log(&daemon);
	while (!strstr(log, "\"event\":\"config_problem\""));
	CHECK(strstr(log, "\"event\":\"restart_needed\",\"option\":\"judge.workers\""), "%s", log);
	ask(&reply, &daemon, "GET /config_info", NULL, NULL);
	check_has(&reply, 200, "{\"maintenance_mode\":true,");
	daemon_remove(&daemon);
}

/* --- stopping --------------------------------------------------------------------------------------------------- */

static int send_request(const struct daemon *daemon, const char *target, const char *body)
{
	int fd = client_connect(daemon);
	char *head = kl_format("%s HTTP/1.1\r\nHost: t\r\nConnection: close\r\n" JSON "Content-Length: %zu\r\n\r\n%s",
			       target, strlen(body), body);

	client_write(fd, head, strlen(head));
	free(head);
	return fd;
}

static void test_graceful_stop(void)
{
	char *held = held_program(0, "done");
	struct daemon daemon;
	struct reply reply;
	int running, waiting;

	daemon_start(&daemon, FEW HELD_LIMITS "judge.workers = 1\n");
	running = send_request(&daemon, "POST /submissions?wait=true&fields=stdout", held);
	ask_until(&daemon, "GET /health", NULL, "\"processing\":1");
	waiting = send_request(&daemon, "POST /submissions?wait=true&fields=status_id",
			       "{\"language_id\":46,\"source_code\":\"echo later\"}");
	ask_until(&daemon, "GET /health", NULL, "\"queue_length\":1");
	kill(daemon.pid, SIGTERM);
	daemon_expect(&daemon, "STOPPING=1");
	client_read(&reply, waiting); /* it will not be begun: what there is */
	check_is(&reply, 201, "{\"status_id\":1}");
	held_release(0);
	client_read(&reply, running);
	check_is(&reply, 201, "{\"stdout\":\"done\\n\"}");
	daemon_stop(&daemon, 0);
	daemon_remove(&daemon);
	free(held);
}

static void token_of(const struct reply *reply, char token[40])
{
	const char *at = strstr(reply->body, "\"token\":\"");

	CHECK(at, "no token: %s", reply->body);
	snprintf(token, 37, "%s", at + 9);
}

static void get(struct reply *out, const struct daemon *daemon, const char *token, const char *fields)
{
	char *target = kl_format("GET /submissions/%s?fields=%s", token, fields);

	ask(out, daemon, target, NULL, NULL);
	free(target);
}

static void wait_until_it_runs(const struct daemon *daemon, const char *token)
{
	struct reply reply;

	for (bool runs = false; !runs;) { /* alarm() ends the test */
		get(&reply, daemon, token, "status_id");
		runs = strstr(reply.body, "{\"status_id\":2}") != NULL;
		reply_release(&reply);
	}
}

static void wait_for_result(struct reply *out, const struct daemon *daemon, const char *token, const char *fields)
{
	get(out, daemon, token, fields);
	while (strstr(out->body, "\"status_id\":1,") || strstr(out->body, "\"status_id\":2,")) {
		usleep(2000); /* it is polling that is tested */
		reply_release(out);
		get(out, daemon, token, fields);
	}
}

static void test_stop_deadline(void)
{
	char *held = held_program(0, "done");
	struct daemon daemon;
	struct reply reply;
	char token[40];

	daemon_start(&daemon, FEW HELD_LIMITS "stop.deadline_s = 0\n");
	ask(&reply, &daemon, "POST /submissions", JSON, held);
	token_of(&reply, token);
	held_await(0, true);
	wait_until_it_runs(&daemon, token);
	daemon_stop(&daemon, SIGTERM);
	held_await(0, false);
	daemon_start_again(&daemon);
	held_release(0);
	wait_for_result(&reply, &daemon, token, "stdout,status_id,token");
	check_has(&reply, 200, "{\"stdout\":\"done\\n\",\"status_id\":3,");
	daemon_remove(&daemon);
	free(held);
}

/*
 * Told twice to stop it stops at once, and what is asked then finds nobody to do it: it is told so, or the connection ends. The bodies
 * lie there, each larger than the one before: whenever the server reads for the last time, one of them is whole with that.
 */
static void test_asked_while_it_closes(void)
{
	static const char body[MANY * 600];
	int fds[MANY], status;
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, "judge.enabled = false\nlimits.connections_per_address = 1000\n");
	for (int i = 0; i < MANY; i++) {
		char *head =
			kl_format("POST /api/auth/logout HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer kls_%039d\r\n"
				  "Content-Length: %d\r\n\r\n",
				  i, (i + 1) * 600);

		fds[i] = client_connect(&daemon);
		client_text(fds[i], head);
		free(head);
	}
	ask(&reply, &daemon, "GET /api/server", NULL, NULL); /* by now it has read them */
	check_has(&reply, 200, "\"public_key\":");
	kill(daemon.pid, SIGSTOP);
	CHECK(waitpid(daemon.pid, &status, WUNTRACED) == daemon.pid && WIFSTOPPED(status), "it does not stand still");
	for (int i = 0; i < MANY; i++)
		client_write(fds[i], body, (size_t)(i + 1) * 600);
	kill(daemon.pid, SIGTERM);
	kill(daemon.pid, SIGINT);
	kill(daemon.pid, SIGCONT);
	daemon_stop(&daemon, 0);
	for (int i = 0; i < MANY; i++)
		close(fds[i]);
	daemon_remove(&daemon);
}

/* --- killed ----------------------------------------------------------------------------------------------------- */

static const int gates[] = { 0, 20, 50, 80 }; /* these run until they are released: all before are finished then */

static bool is_held(int number)
{
	for (size_t i = 0; i < KL_LENGTH(gates); i++)
		if (gates[i] == number)
			return true;
	return false;
}

static void submit_many(const struct daemon *daemon, char tokens[MANY][40])
{
	for (int i = 0; i < MANY; i++) {
		char *text = kl_format("%d", i);
		char *body = is_held(i) ? held_program(i, text)
					: kl_format("{\"language_id\":46,\"source_code\":\"echo %d\"}", i);
		struct reply reply;

		ask(&reply, daemon, "POST /submissions", JSON, body);
		CHECK(reply.status == 201, "%d %s", reply.status, reply.body);
		token_of(&reply, tokens[i]);
		reply_release(&reply);
		free(body);
		free(text);
	}
}

/* How many are finished. What was told as such stays as it was told: time, memory and end of a run are those of that run. */
static int remember(const struct daemon *daemon, char tokens[MANY][40], char *told[MANY])
{
	int known = 0;

	for (int i = 0; i < MANY; i++) {
		struct reply reply;

		get(&reply, daemon, tokens[i], "status_id,finished_at,stdout,time,memory,wall_time");
		CHECK(reply.status == 200, "%d %s", reply.status, reply.body);
		if (told[i])
			CHECK(!strcmp(told[i], reply.body), "judged twice: %s\n       then %s", told[i], reply.body);
		else if (strstr(reply.body, "\"status_id\":3,"))
			told[i] = kl_strdup(reply.body);
		reply_release(&reply);
		known += told[i] != NULL;
	}
	return known;
}

static void test_killed(void)
{
	char tokens[MANY][40], *told[MANY] = { NULL };
	struct daemon daemon;
	struct reply reply;
	int known;

	daemon_start(&daemon, FEW HELD_LIMITS "judge.workers = 1\nqueue.tries = 10\n");
	submit_many(&daemon, tokens);
	for (size_t round = 0; round < KL_LENGTH(gates); round++) {
		held_await(gates[round], true);
		known = remember(&daemon, tokens, told);
		CHECK(known == gates[round], "%d were finished when number %d ran", known, gates[round]);
		CHECK(daemon_end(&daemon, SIGKILL) == 128 + SIGKILL, "killed");
		held_await(gates[round], false);
		daemon_start_again(&daemon);
		held_release(gates[round]);
		wait_for_result(&reply, &daemon, tokens[gates[round]], "status_id,token");
		reply_release(&reply);
		remember(&daemon, tokens, told); /* and while they come and go, at any moment */
		CHECK(daemon_end(&daemon, SIGKILL) == 128 + SIGKILL, "killed");
		daemon_start_again(&daemon);
	}
	for (int i = 0; i < MANY; i++) {
		char *expected = kl_format("{\"stdout\":\"%d\\n\",\"status_id\":3,", i);

		wait_for_result(&reply, &daemon, tokens[i], "stdout,status_id,token");
		check_has(&reply, 200, expected);
		reply_release(&reply);
		free(expected);
	}
	remember(&daemon, tokens, told);
	ask(&reply, &daemon, "GET /statistics", NULL, NULL);
	check_has(&reply, 200, "\"total\":100,");
	check_has(&reply, 200, "\"statuses\":[{\"status\":{\"id\":3,\"name\":\"Accepted\"},\"count\":100}]");
	daemon_remove(&daemon);
}

/* --- a disk that refuses ---------------------------------------------------------------------------------------- */

#define FAULTY        "judge.languages = 46\n"
#define FAULTS_MAX    1000 /* of a start: it has fewer steps */
#define FAULTS_BEFORE 6 /* tried of those that a start does not survive */
#define FAULTS_AFTER  200 /* and at most of those that come later, until enough of them were told */
#define FAULTS_TOLD   6

static bool survives(int fault)
{
	struct daemon daemon;
	bool started;

	daemon_prepare(&daemon, FAULTY);
	daemon.fault = fault;
	daemon.errors = "*";
	started = daemon_try(&daemon);
	daemon_remove(&daemon);
	return started;
}

/* The first step on the database that comes after the start. */
static int first_survived(void)
{
	int low = 0, high = FAULTS_MAX;

	while (high - low > 1) {
		int middle = low + (high - low) / 2;

		if (survives(middle))
			high = middle;
		else
			low = middle;
	}
	return high;
}

/* Whatever step on the database fails: nobody is told what is not on the disk, and the server goes on. */
static void test_faults(void)
{
	static const char body[] = "{\"language_id\":46,\"source_code\":\"echo 1\"}";
	struct daemon daemon;
	struct reply reply;
	int refused = 0, starts = 0, first = first_survived();

	for (int fault = first - FAULTS_BEFORE; fault < first + FAULTS_AFTER && refused < FAULTS_TOLD; fault++) {
		daemon_prepare(&daemon, FAULTY);
		daemon.fault = fault;
		daemon.errors = "*";
		if (daemon_try(&daemon)) {
			starts++;
			for (int i = 0; i < 3; i++) {
				judge(&reply, &daemon, "stdout", body);
				if (reply.status == 500)
					refused++;
				else
					check_is(&reply, 201, "{\"stdout\":\"1\\n\"}");
				reply_release(&reply);
			}
			judge(&reply, &daemon, "stdout", body);
			check_is(&reply, 201, "{\"stdout\":\"1\\n\"}");
		}
		daemon_remove(&daemon);
	}
	CHECK(refused >= FAULTS_TOLD, "%d started, %d refused: the faults hit nothing", starts, refused);
}

/* --- much ------------------------------------------------------------------------------------------------------- */

static int64_t peak_kib(pid_t pid)
{
	char *path = kl_format("/proc/%d/status", (int)pid), *at;
	struct kl_buf text;
	int64_t kib;

	kl_buf_init(&text, 1 << 16);
	CHECK(!kl_file_read(&text, path, NULL), "%s", path);
	at = strstr(text.data, "VmHWM:");
	kib = at ? strtoll(at + 6, NULL, 10) : -1;
	kl_buf_release(&text);
	free(path);
	return kib;
}

static void test_ten_thousand(void)
{
	char *held = held_program(0, "done");
	struct daemon daemon;
	struct reply reply;
	struct kl_buf batch;

	daemon_start(&daemon,
		     FEW HELD_LIMITS "judge.workers = 1\nqueue.fair = no\njudge0.max_submission_batch_size = 500\n");
	ask(&reply, &daemon, "POST /submissions", JSON, held);
	ask_until(&daemon, "GET /health", NULL, "\"processing\":1");
	kl_buf_init(&batch, 1 << 20);
	kl_buf_add_str(&batch, "{\"submissions\":[");
	for (int i = 0; i < 500; i++)
		kl_buf_addf(&batch, "%s{\"language_id\":43,\"source_code\":\"%0500d\"}", i ? "," : "", i);
	kl_buf_add_str(&batch, "]}");
	for (int i = 0; i < 20; i++) {
		ask(&reply, &daemon, "POST /submissions/batch", JSON, batch.data);
		CHECK(reply.status == 201, "%d %.200s", reply.status, reply.body);
		reply_release(&reply);
	}
	kl_buf_release(&batch);
	ask(&reply, &daemon, "GET /health", NULL, NULL);
	check_has(&reply, 200, "\"queue_length\":10000,");
	ask(&reply, &daemon, "POST /submissions", JSON, "{}");
	check_is(&reply, 503, "{\"error\":\"queue is full\"}");
	if (!getenv("ASAN_OPTIONS")) /* which needs its own */
		CHECK(peak_kib(daemon.pid) <= 100 << 10, "%lld KiB", (long long)peak_kib(daemon.pid));
	daemon_remove(&daemon);
	free(held);
}

const struct test life_tests[] = {
	{ "refusals", test_refusals },
	{ "levels", test_levels },
	{ "readable_tokens", test_readable_tokens },
	{ "manual", test_manual },
	{ "reload", test_reload },
	{ "graceful_stop", test_graceful_stop },
	{ "stop_deadline", test_stop_deadline },
	{ "asked_while_it_closes", test_asked_while_it_closes },
	{ "killed", test_killed },
	{ "faults", test_faults },
	{ "ten_thousand", test_ten_thousand },
	{ NULL, NULL },
};
