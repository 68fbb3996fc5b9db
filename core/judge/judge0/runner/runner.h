#ifndef KODELAB_RUNNER_H
#define KODELAB_RUNNER_H

/*
 * Runs the tests of one submission on a judge instance, each apart, and reports in frames. It is compiled there next to
 * the student's program (C99, nothing but libc, gcc 7 is enough) and never linked into the lab.
 *
 * The student's programs have the same user id as this one. What protects the report: it goes to a descriptor that only
 * this process has; it is not dumpable, so that they can open neither its descriptors nor its memory; every frame
 * carries a nonce that only standard input held. They can kill it: then the frame of that test is missing, and the lab
 * says so. Expected values are not here at all.
 *
 * Input: "KLR1 nonce wall_ms cpu_ms out_bytes tests", then for each test a line
 *   "test told_cpu_ms cpu_ms wall_ms memory_kib output_max result_max address argc files"
 * and the arguments, the files (name, content) and the input, each as "length\n" bytes "\n". address: the address space
 * is fenced too. result_max 0: descriptor 3 is not opened.
 *
 * Output: "KL1 nonce hello folder" · "KL1 nonce start position" · "KL1 nonce test position end code cpu_us wall_us peak_kib
 * flags out err result" and these bytes and "\n" · "KL1 nonce more position": out of budget, ask again from there ·
 * "KL1 nonce done". position: of the test in the input, from 0.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#define PIDS_MAX  512
#define ALL_MAX   16384 /* processes to be found at all */
#define FILES_MAX 400 /* of the program */
#define PATH_SIZE 512
#define CROWD_MAX 256 /* processes of one test */

struct blob {
	const char *data;
	size_t len;
};

struct named {
	char *name;
	struct blob content;
};

struct test {
	long long told_cpu_ms, cpu_ms, wall_ms, memory_kib, output_max, result_max;
	int address_limit;
	char **argv;
	struct named *files;
	size_t file_count;
	struct blob input;
};

struct seen { /* a process of the running test */
	pid_t pid;
	long long start;
	int64_t cpu_us;
	int alive;
};

struct stream { /* what the program writes */
	int fd; /* -1: closed */
	char *data;
	size_t len, max, capacity;
	int over;
};

enum { OUT, ERR, RESULT, STREAMS };

struct run {
	const struct test *test;
	pid_t program;
	int input_fd, wait_status, done;
	size_t input_at;
	struct stream streams[STREAMS];
	const char *end; /* what stopped it; NULL: it ended by itself */
	int64_t start_us, wall_us, setup_us, reaped_us, gone_us, cpu_us, peak_kib, memory_kib;
	struct seen seen[PIDS_MAX];
	size_t seen_count, processes;
	int failed; /* errno of the exec; 0: it began */
};

struct runner {
	char nonce[65];
	char *at, *input_end; /* what is left to read of the input */
	long long wall_ms, cpu_ms, out_bytes, test_count;
	struct test *tests;
	char home[PATH_SIZE], folder[PATH_SIZE + 32];
	int64_t start_us;
	int signal_fd;
	char *names[FILES_MAX]; /* of the program's files, below home */
	size_t name_count;
};

int64_t now_us(void);
void *need(void *memory); /* ends the runner when memory is NULL */

/* input.c: reads all of standard input and closes it. */
void take_input(struct runner *runner);

/* folder.c */
void list_program(struct runner *runner);
/* Makes the test's fresh folder and enters it; not 0: it cannot. */
int enter_folder(struct runner *runner, const struct test *test);
void leave_folder(const struct runner *runner);

/* watch.c: every process of the running test, by looking at /proc. */
size_t list_below(pid_t *pids, size_t max);
void watch_tick(struct run *run);
void account(struct run *run, const struct rusage *usage);

/* run.c: fills run; every process of the test is dead afterwards. */
void run_test(struct run *run, const struct runner *runner, const struct test *test);
void free_run(struct run *run);

#endif
