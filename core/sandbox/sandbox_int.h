#ifndef KODELAB_SANDBOX_INT_H
#define KODELAB_SANDBOX_INT_H

/* What the host's side of the sandbox shares: how a box is started (launch.c), what is asked of it (request.c) and sent into it (wire.c). */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <kodelab/sandbox.h>

#include "core/sandbox/wire.h"

enum kl_walls { /* how boxes are built on this machine */
		KL_WALLS_NESTED, /* bubblewrap, each run in namespaces of its own inside */
		KL_WALLS_FLAT, /* bubblewrap that leaves no rights inside: a new one for each run */
		KL_WALLS_BARE, /* none: landlock, seccomp, limits */
};

struct kl_sandbox {
	struct kl_loop *loop;
	enum kl_sandbox_level level;
	enum kl_walls walls;
	bool weak; /* BARE: even without landlock (tests) */
	char advice[512];
	char *cache_file;
	int exe_fd; /* kodelab-box */
	int cgroup; /* CGROUP: the folder boxes are made in; else -1 */
	unsigned next_box; /* names their folders */
	unsigned next_slot; /* as root: which account the next box uses */
};

struct kl_cgroup_box { /* the folders of one box: cgroup.c */
	int top; /* borrowed */
	int dir, keep, run; /* -1: none */
	char name[40];
	unsigned runs;
	uid_t uid; /* of the programs */
};

struct kl_launched { /* a running kodelab-box */
	pid_t pid; /* 0: none */
	int control; /* non-blocking; -1: none */
	int errors; /* what bubblewrap has to say; -1: none */
	uid_t uid; /* the account of the program, as the host sees it */
	char *dir; /* BARE: the folder of the program; NULL otherwise */
	struct kl_cgroup_box cgroup; /* dir -1: none */
};

#define KL_CGROUP_NONE   ((struct kl_cgroup_box){ .top = -1, .dir = -1, .keep = -1, .run = -1 })
#define KL_LAUNCHED_NONE ((struct kl_launched){ .control = -1, .errors = -1, .cgroup = KL_CGROUP_NONE })

/* Starts kodelab-box inside its walls; does not wait for it. binds as for kl_box_open. */
enum kl_status kl_launch_start(struct kl_launched *out, struct kl_sandbox *sandbox, const char *const *binds,
			       struct kl_error *err) KL_MUST_CHECK;
/* Ends it and waits until it is gone (a few ms); all zero afterwards. */
void kl_launch_end(struct kl_launched *launched);
/* What it wrote on stderr: one line without newline into text. Call when it is dead. */
void kl_launch_errors(const struct kl_launched *launched, char *text, size_t size);

/*
 * Finds the part of the cgroup tree that is delegated to this process, and moves the process into a leaf of it where
 * that is needed to hand controllers on. A descriptor the caller closes; -1: there is none, and nothing has changed.
 */
int kl_cgroup_open(void);
/* The folders of a new box, whose programs are of account uid. False: there is nothing to end. */
bool kl_cgroup_box_make(struct kl_cgroup_box *box, int top, unsigned number, uid_t uid);
/* Removes them and kills what is left in them. Harmless when there are none. */
void kl_cgroup_box_end(struct kl_cgroup_box *box);
/* A fresh folder with limits for one run; borrowed from box until the next; -1: errno. */
int kl_cgroup_run_make(struct kl_cgroup_box *box, int64_t memory_kib, unsigned processes);
void kl_cgroup_run_end(struct kl_cgroup_box *box);

/* KL_EINVAL as kl_box_run. */
enum kl_status kl_request_check(const struct kl_box_run *run, struct kl_error *err) KL_MUST_CHECK;
/* The run's limits with all defaults filled in. */
struct wire_run kl_request_packet(const struct kl_box_run *run);
unsigned kl_request_processes(const struct kl_box_run *run);
uint64_t kl_request_file_max(const struct kl_box_run *run); /* bytes */

/* A sealed memfd with the run's arguments, environment and files; -1: errno. */
int kl_bundle_make(const struct kl_box_run *run);
/* A sealed memfd with the bytes, opened for reading only; -1: errno. */
int kl_bundle_input(const void *bytes, size_t len);

/* Sends one packet with descriptors (-1 ones are left out from the end). False: the box is gone. */
bool kl_wire_send(int control, const void *packet, size_t len, const int *fds, size_t fd_count);
/* Receives one packet: its size, 0: the box is gone, -1: nothing there. *fd gets a descriptor or -1. */
ssize_t kl_wire_receive(int control, void *packet, size_t size, int *fd);

#endif
