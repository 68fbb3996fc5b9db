#ifndef KODELAB_BOX_INT_H
#define KODELAB_BOX_INT_H

/*
 * kodelab-box, the part of the sandbox that is inside: pid 1 of the box (main.c) forks one "keeper" for each run
 * (run.c), pid 1 of that run's own namespaces, which mounts (mounts.c), starts the program (program.c: limits,
 * landlock.c, filter.c), watches it (watch.c, cgroup.c), kills and reaps, and packs what it left (bundle.c).
 *
 * Nothing here trusts anything the program can touch; a failure is one sentence in a struct wire_end.
 */

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/sandbox/wire.h"

enum box_mode {
	BOX_NESTED, /* bubblewrap, and each run in namespaces of its own */
	BOX_FLAT, /* bubblewrap without capabilities inside: one run, then the box is over */
	BOX_BARE, /* no namespaces: landlock, seccomp, limits */
};

#define BOX_BASE "/base"

struct box {
	enum box_mode mode;
	const char *dir; /* the program's folder: /box, or a folder of the host (BARE) */
	int control; /* the socket to the host */
	int landlock_abi;
	struct bundle *base; /* NULL: none */
	int cgroup; /* folder for the processes of the next run; -1: none */
};

struct request { /* a WIRE_RUN with its descriptors */
	struct wire_run run;
	int fds[WIRE_FD_MAX]; /* -1: not sent */
	struct bundle *bundle;
};

/* --- bundle.c --- */

struct bundle {
	unsigned char *bytes; /* mapped */
	size_t len;
	uint32_t argc, envc, file_count;
	size_t argv_at, env_at, files_at; /* offsets */
};

struct bundle_file {
	char name[512];
	mode_t mode;
	const unsigned char *bytes;
	uint64_t len;
};

/* Maps and checks the whole bundle; NULL when it is malformed. Closes fd. */
struct bundle *bundle_open(int fd);
void bundle_close(struct bundle *bundle);
/* NULL-terminated, malloc'ed in one piece. */
char **bundle_argv(const struct bundle *bundle);
char **bundle_env(const struct bundle *bundle);
/* Steps through the files: *at starts as 0. False at the end. */
bool bundle_next(const struct bundle *bundle, size_t *at, struct bundle_file *file);
/* Writes one file below dir, making folders; what is already there stays. False: errno says why. */
bool bundle_write(int dir, const struct bundle_file *file, bool empty);
/* Packs the regular files below dir; -1 with *too_much or errno. */
int bundle_pack(int dir, bool *too_much);

/* --- mounts.c --- */

/* Fresh /box, /tmp, /dev/shm and /proc in the keeper's mount namespace, with the base and the run's files in place. */
bool mounts_make(const struct box *box, const struct request *request);
/* The same in a folder, where nothing can be mounted. */
bool mounts_fill(const struct box *box, const struct request *request);
/* Large files of the base, once, into a read-only tmpfs to bind from. */
bool mounts_keep_base(const struct box *box);
/* Harmless when there are none. */
void mounts_drop_base(void);
/* BARE: removes all below the folder, following nothing. */
void mounts_empty(const char *dir);

/* --- program.c --- */

/*
 * Starts the program; returns its pid, -1 on failure. exec_pipe carries an int64_t, the CPU time in us used until
 * then, and closes on exec; on failure struct program_failure comes instead, or after it.
 */
pid_t program_start(const struct box *box, const struct request *request, int *exec_pipe);

struct program_failure {
	int errnum;
	char what[64];
};

/* --- cgroup.c --- */

/* fork() with the child in the folder (-1: where we are); -1: errno. */
pid_t cgroup_fork(int folder);
/* Makes the folder the child's whole tree, as far as it can see; true as well where there is none. */
bool cgroup_hide(int folder);
/* CPU time of all processes ever in it; -1: cannot be read. */
int64_t cgroup_cpu_us(int folder);
/* Whether the kernel limits memory there: else it must be watched. */
bool cgroup_limits_memory(int folder);
bool cgroup_out_of_memory(int folder);
/* 0: not known (kernel before 5.19). */
int64_t cgroup_peak_kib(int folder);

/* --- landlock.c, filter.c --- */

int landlock_abi(void);
bool landlock_enter(const struct box *box);
/* Compiled by make (filter/rules.c). */
extern const struct sock_fprog filter_local_sockets, filter_no_sockets;
bool filter_enter(const struct box *box);

/* --- watch.c --- */

#define WATCH_SEEN 256

struct watch_seen {
	pid_t pid;
	int64_t start, cpu_us;
	bool alive;
};

struct watch { /* CPU and memory of all processes of a run */
	int64_t reaped_us; /* what wait4 told */
	int64_t gone_us; /* last sight of processes nobody reaped with us */
	int64_t cpu_us; /* the larger of both accounts; a child reaped while we look may count twice, once */
	int64_t memory_kib, peak_kib;
	bool whole_proc; /* /proc shows this run only (else: our descendants) */
	struct watch_seen seen[WATCH_SEEN];
	size_t seen_count;
};

void watch_tick(struct watch *watch, int64_t memory_kib);

/* All descendants of this process, by /proc; returns how many. */
size_t watch_list(const struct watch *watch, pid_t *pids, size_t max);

/* Processes and threads of this account on the whole machine. */
size_t watch_account_tasks(void);

/* --- run.c --- */

/* The whole run; sends WIRE_STARTED and WIRE_END itself. */
void run_keep(const struct box *box, const struct request *request);
void run_fail(const struct box *box, const char *what, int errnum);

#endif
