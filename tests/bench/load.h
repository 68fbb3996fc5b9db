#ifndef TESTS_BENCH_LOAD_H
#define TESTS_BENCH_LOAD_H

/*
 * A server, and many kept connections to it from one process on epoll: each has at most one request on its way. What goes wrong
 * ends the program, but for what is counted as failed.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <kodelab/buf.h>
#include <kodelab/id.h>

struct kl_store;

struct load_line { /* one connection */
	int fd; /* -1: closed */
	bool busy;
	int64_t sent_us; /* monotonic */
	struct kl_buf text; /* the answer, as far as it has come; NUL-terminated */
	int status; /* of the last answer; 0: the server hung up */
	size_t user; /* the caller's: who talks on it, and how far he is */
	int step;
	int64_t begin_us;
};

struct load {
	const char *build; /* folder */
	char folder[64];
	pid_t pid;
	int port, epoll;
	struct load_line *lines;
	size_t count, busy;
	char **tokens;
	size_t token_count;
};

_Noreturn void load_give_up(const char *what);
/* As many descriptors as there may be. */
void load_prepare(void);

/* --- servers: each in a new folder, gone with load_stop ----------------------------------------------------------- */

/* kodelabd without a judge and without bounds for people; extra: further lines. */
void load_start(struct load *load, const char *extra);
/* The same in a folder that load_folder made, with what was put there ("data/kodelabd.db"). */
void load_folder(struct load *load);
void load_start_here(struct load *load, const char *extra);
/* A program of tests/bench that prints its port: its name, and a file in the folder (text NULL: it makes it). */
void load_start_floor(struct load *load, const char *program, const char *text);
void load_stop(struct load *load);
/* kill -9; load_start_here starts it again. */
void load_kill(struct load *load);
double load_cpu_us(const struct load *load); /* processor time of the server so far */

/* --- one request at a time ---------------------------------------------------------------------------------------- */

/* The whole answer; owned by the caller. Anything but 20x ends the program. */
char *load_ask(const struct load *load, const char *target, const char *headers, const char *body, size_t len);
void load_publish(const struct load *load); /* the pack "tiny", with one challenge: "echo" */
void load_sign_up(struct load *load, size_t count); /* users student0 …, their tokens */
/*
 * Users class0 …, put into the database before the server starts: all have LOAD_PASSWORD, hashed once, at that cost. ids: of each; NULL: not
 * wanted.
 */
void load_enroll(const struct load *load, size_t count, size_t hash_kib, char (*ids)[KL_ID_SIZE]);
#define LOAD_PASSWORD "a password for benches"
/* Opens the database of a server that does not run. */
struct kl_store *load_store(const struct load *load);

/* --- many at once ------------------------------------------------------------------------------------------------- */

void load_open(struct load *load, size_t count);
void load_close(struct load *load);
void load_reopen(struct load *load, struct load_line *line);
void load_send(struct load *load, struct load_line *line, const char *text, size_t len);
/* Takes what has come; fn for each line that is through: it may send again. */
typedef void load_fn(void *ctx, struct load *load, struct load_line *line);
void load_turn(struct load *load, int wait_ms, load_fn *fn, void *ctx);
/* Until nobody is busy. */
void load_drain(struct load *load, load_fn *fn, void *ctx);

/* A submission of one user to "tiny/echo", into text; its length. hash: of load_code. token NULL: none is sent. */
extern const char load_code[];
#define LOAD_TEXT 2048
int load_submission(char text[LOAD_TEXT], char id[KL_ID_SIZE], const char *token);
int load_get(char text[LOAD_TEXT], const char *path, const char *token);

#endif
