#ifndef TESTS_SERVER_HARNESS_H
#define TESTS_SERVER_HARNESS_H

/*
 * The real kodelabd on real sockets: started with a configuration and a folder of its own, asked over TCP, stopped or
 * killed. A test fails at the first check that does not hold and says what it saw.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

#include <kodelab/error.h>

/* --- the server ------------------------------------------------------------------------------------------------- */

struct daemon {
	pid_t pid;
	int port;
	int ready; /* the socket on which it says how it goes */
	char folder[128]; /* its data, configuration, log */
	const char *level; /* KL_SANDBOX_LEVEL; NULL: what the machine has */
	int files; /* how many descriptors it may have; 0: as many as it can */
	int fault; /* KL_FAULT: which step on the database fails; 0: none */
	const char *master; /* KODELAB_MASTER_KEY; NULL: the file */
	int64_t clock_ms; /* KL_CLOCK: its wall clock stands; 0: it runs */
	const char *kill; /* KL_KILL: where it dies; NULL: nowhere */
	const char *preload; /* a library of tests/ that it is started with; NULL: none */
	const char *errors; /* that may be in its log: events, parted by blanks; "*": any; NULL: none */
};

/* Waits until it says that it is ready. extra: further lines of configuration, may be NULL. */
void daemon_start(struct daemon *daemon, const char *extra);
/* The same, in vain perhaps: false when it ended before it was ready. Its folder is made already. */
bool daemon_try(struct daemon *daemon);
void daemon_prepare(struct daemon *daemon, const char *extra);
/* The same folder, after it was stopped or killed. */
void daemon_start_again(struct daemon *daemon);
/* The same; it kills itself at place (core/server/failpoint.h). */
void daemon_start_to_die(struct daemon *daemon, const char *place);
void daemon_await_death(struct daemon *daemon);
void daemon_configure(const struct daemon *daemon, const char *extra);
void daemon_configure_safe(const struct daemon *daemon); /* without the sentence that accepts weaker walls */
/* Starts it and waits for its end: the exit status; text gets what it printed. For configurations that are refused. */
int daemon_refuses(const char *extra, bool safe, char *text, size_t size);
int daemon_end(struct daemon *daemon, int signo); /* its exit status, or 128 + signal */
void daemon_stop(struct daemon *daemon, int signo); /* it must end well; signo 0: it was told already */
void daemon_remove(struct daemon *daemon); /* ends it, looks for errors in its log and removes its folder */
void daemon_set_room(const struct daemon *daemon,
		     size_t bytes); /* no file may grow beyond it: a full disk; 0: all there is */
char *daemon_log(const struct daemon *daemon); /* owned by the caller */
void daemon_await_log(const struct daemon *daemon, const char *part); /* alarm() ends the test */
/* A program's output, as text; owned by the caller. */
char *output_of(char *const argv[]);
/* Waits for the next state it tells ("RELOADING=1"). */
void daemon_expect(const struct daemon *daemon, const char *state);

/* --- requests --------------------------------------------------------------------------------------------------- */

struct reply {
	int status; /* 0: the connection ended without an answer */
	char *head; /* with all headers */
	char *body;
	size_t len;
};

void need_files(rlim_t count); /* this process may open so many */
int client_connect(const struct daemon *daemon);
int client_try(const struct daemon *daemon); /* -1: nobody listens */
void client_write(int fd, const char *bytes, size_t len);
void client_text(int fd, const char *text);
void client_read(struct reply *out, int fd); /* until the end of the connection */
/* target: "GET /about"; headers: lines with \r\n, may be NULL; body may be NULL. */
void ask(struct reply *out, const struct daemon *daemon, const char *target, const char *headers, const char *body);
/* The same with a body that is no text. */
void ask_bytes(struct reply *out, const struct daemon *daemon, const char *target, const char *headers,
	       const char *body, size_t len);
/* Asks until the answer has part: what is waited for happens by itself. */
void ask_until(const struct daemon *daemon, const char *target, const char *headers, const char *part);
void reply_release(struct reply *reply);
/* The header "Authorization: Bearer …\r\n" of a user of that role (student, instructor, admin), who is made if need be; owned by the caller. */
char *signed_in(const struct daemon *daemon, const char *name, const char *role);
/* A command of kodelabd beside the server: words are parted by blanks, input may be NULL. Its exit status; text (may be NULL) gets what it printed. */
int daemon_command(const struct daemon *daemon, const char *words, const char *input, char **text);
#define PASSWORD "a password for tests" /* of those whom signed_in made */
/* kodelab with a home in the daemon's folder, which it runs in, and a line of input; part is in what it prints. */
void lab_says(const struct daemon *daemon, const char *words, const char *input, const char *part);
/* Asks (JSON when there is a body) and checks: part is in the answer; it is a refusal and nothing else. headers may be NULL. */
void expect_has(const struct daemon *daemon, const char *target, const char *headers, const char *body, int status,
		const char *part);
void expect_refused(const struct daemon *daemon, const char *target, const char *headers, const char *body, int status,
		    const char *code, const char *message);
/* The text of a member of a JSON answer; owned by the caller. */
char *member_of(const char *body, const char *name);
/* A proxy before it that deals faults (tests/judge/chaos_plan.h); it ends with the test. Its port. */
int chaos_start(const struct daemon *daemon, const char *profile);
/* A submission with wait=true and these fields; body: JSON. */
void judge(struct reply *out, const struct daemon *daemon, const char *fields, const char *body);

#define JSON "Content-Type: application/json\r\n"

/* --- programs that run until they are let go --------------------------------------------------------------------- */

/*
 * A submission in shell that prints text when held_release() lets it go, however long that takes: what is asked of a server
 * whose programs run is then asked while they run. number: any, each its own. Owned by the caller. Its server is configured
 * with HELD_LIMITS.
 */
char *held_program(int number, const char *text);
char *held_code(int number, const char *then); /* its code alone, and what it does then; owned */
pid_t held_find(int number); /* the process that sleeps; 0: none does */
void held_await(int number, bool runs); /* until it does, or no more */
bool held_let_go(int number); /* if it runs just now */
void held_release(int number); /* waits until it runs, and until what is released is no more */

#define HELD_LIMITS "judge0.max_wall_time_limit_ms = 1000000\njudge0.wall_time_limit_ms = 1000000\n"

/* --- checking --------------------------------------------------------------------------------------------------- */

typedef void test_fn(void);

struct test {
	const char *name;
	test_fn *run;
};

#define CHECK(condition, ...)                                                                                          \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			test_failed(__FILE__, __LINE__, __VA_ARGS__);                                                  \
	} while (0)

void test_failed(const char *file, int line, const char *fmt, ...) KL_PRINTF(3, 4) KL_NORETURN;
void check_is(const struct reply *reply, int status, const char *body);
void check_has(const struct reply *reply, int status, const char *part);

/* Every file of tests, a line each: its list is called <name>_tests. */
/* clang-format off */
#define TEST_FILES(X) \
	X(contract) \
	X(judging) \
	X(callback) \
	X(keys) \
	X(pool) \
	X(elsewhere) \
	X(life) \
	X(client) \
	X(transport) \
	X(abuse) \
	X(accounts) \
	X(rights) \
	X(device) \
	X(github) \
	X(limits) \
	X(secrets) \
	X(courses) \
	X(teams) \
	X(kept_packs) \
	X(packs) \
	X(challenges) \
	X(backup) \
	X(analytics) \
	X(reports) \
	X(outage) \
	X(works) \
	X(works_faults) \
	X(ownership) \
	X(slow) \
	X(kills) \
	X(disks) \
	X(rejudging) \
	X(parcels) \
	X(listening) \
	X(audited) \
	X(times) \
	/* the end */
/* clang-format on */

#define X(name) extern const struct test name##_tests[];
TEST_FILES(X)
#undef X
extern const char *build_folder;

#endif
