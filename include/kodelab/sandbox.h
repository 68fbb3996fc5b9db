#ifndef KODELAB_SANDBOX_H
#define KODELAB_SANDBOX_H

/*
 * Programs of others under limits: a box is set up once (walls: bubblewrap, seccomp, landlock; pid 1 is our own
 * kodelab-box), then it compiles and runs, each run in fresh namespaces and a fresh /box. docs/sandbox.md has the design.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/challenge.h>
#include <kodelab/error.h>

struct kl_loop;
struct kl_paths;
struct kl_sandbox;
struct kl_box;

enum kl_sandbox_level { /* docs/sandbox.md, measured by running, never guessed from sysctls */
			KL_SANDBOX_CGROUP, /* 0: namespaces and a delegated cgroup */
			KL_SANDBOX_NAMESPACES, /* 1: namespaces, memory by polling */
			KL_SANDBOX_LANDLOCK, /* 2: no namespaces: landlock, seccomp, rlimits */
			KL_SANDBOX_RLIMITS, /* 3: rlimits only: "unprotected" */
};

enum kl_end { /* how a run ended, from the raw wait status and the supervisor's own counters */
	      KL_END_EXITED,
	      KL_END_SIGNALED,
	      KL_END_CPU,
	      KL_END_WALL,
	      KL_END_MEMORY,
	      KL_END_OUTPUT, /* over output_max or result_max; or a keep left too much: then error says so */
	      KL_END_CANCELED,
	      KL_END_FAILED, /* the sandbox itself could not: error says why */
};

struct kl_box_run {
	const char *const *argv; /* NULL-terminated, names inside the box */
	const struct kl_file *files; /* written to /box before the start ("a/b.txt" makes a); win over kept ones */
	size_t file_count;
	const void *input; /* stdin; borrowed for the call */
	size_t input_len;
	int64_t cpu_ms; /* of all processes together */
	int64_t wall_ms; /* from exec; 0: 3 x cpu + 2 s */
	int64_t memory_kib; /* of all processes together */
	int64_t stack_kib; /* of the main thread, and what new threads start from; 0: 64 MiB */
	unsigned processes; /* processes and threads at one time, at most 200; 0: 64 */
	/*
	 * What one file may grow to (never beyond the 32 MiB, of a compile 128, that all files of a folder have
	 * together): a byte more and the writer gets SIGXFSZ. 0: 16 MiB, a compile 64 MiB.
	 */
	int64_t file_kib;
	const char *const
		*env; /* "NAME=value" beside the box's own, whose names they win over; NULL-terminated or NULL */
	size_t output_max; /* bytes, each of stdout and stderr, or both together when joined; 0: 1 MiB */
	bool join_err; /* stderr goes where stdout goes, in the order of writing: result->err is empty */
	/*
	 * stdout and stderr are files under file_kib, not pipes under output_max: one byte more costs the writer a
	 * SIGXFSZ, not the run a KL_END_OUTPUT, and what fitted is there. out_cut and err_cut: it is full.
	 */
	bool output_to_file;
	bool want_result; /* descriptor 3 of the program is a result pipe (function tests) */
	size_t result_max; /* 0: 4 MiB */
	bool address_limit; /* RLIMIT_AS fence too (small languages) */
	/*
	 * A compile: the regular files it leaves in /box (200, 64 MiB) are found there by every later run, when it
	 * exits with 0; else the files kept before stay. Larger folders and files are allowed meanwhile.
	 */
	bool keep;
};

struct kl_box_result {
	enum kl_end end;
	int exit_code; /* EXITED */
	int signo; /* SIGNALED */
	int64_t cpu_ms, wall_ms;
	int64_t cpu_us, wall_us;
	int64_t peak_kib;
	const char *out, *err, *result; /* borrowed for the call; NUL-terminated */
	size_t out_len, err_len, result_len;
	bool out_cut, err_cut;
	struct kl_error error; /* FAILED */
};

typedef void kl_box_done_fn(void *ctx, const struct kl_box_result *result);

/*
 * Finds the strongest level that works by trying it (namespaces: cached per boot in cache dir). Never fails for lack of
 * walls: see the level. Where a cgroup is delegated to it, this process moves into a leaf of it, once and for good.
 */
enum kl_status kl_sandbox_open(struct kl_sandbox **out, struct kl_loop *loop, const struct kl_paths *paths,
			       struct kl_error *err) KL_MUST_CHECK;
void kl_sandbox_close(struct kl_sandbox *sandbox);
enum kl_sandbox_level kl_sandbox_level(const struct kl_sandbox *sandbox);
/* One sentence on what is weaker and the admin's one-line cure; "" at level 0. */
const char *kl_sandbox_advice(const struct kl_sandbox *sandbox);

/*
 * A box: at most one run at a time. Starts its walls at once, without waiting: open it early and the first run is as
 * quick as the others. binds: extra read-only host folders, NULL-terminated, may be NULL; patterns ("/etc/java-*")
 * are expanded, what is missing is left out.
 */
enum kl_status kl_box_open(struct kl_box **out, struct kl_sandbox *sandbox, const char *const *binds,
			   struct kl_error *err) KL_MUST_CHECK;
/* A second box with the kept files of the first: runs on several cores. */
enum kl_status kl_box_clone(struct kl_box **out, struct kl_box *box, struct kl_error *err) KL_MUST_CHECK;
void kl_box_close(struct kl_box *box); /* kills; a pending done fires first with KL_END_CANCELED */
/*
 * Drops the kept files: the warm box is as good as a new one, and a stranger's program may run in it next. Nothing else
 * of a run outlives it. KL_EBUSY: a run is under way (its done may call this).
 */
enum kl_status kl_box_forget(struct kl_box *box, struct kl_error *err) KL_MUST_CHECK;
/*
 * run, and all it points at, is borrowed for the call. done fires exactly once, from the loop, when every process of
 * the run is dead. It may start the next run or close the box. A program that cannot be executed ends as
 * KL_END_FAILED. KL_EBUSY: a run is under way · KL_EINVAL: no program or limits, more processes than a box may have, a
 * file name that leaves the folder, or an environment entry without a name.
 */
enum kl_status kl_box_run(struct kl_box *box, const struct kl_box_run *run, kl_box_done_fn *done, void *ctx,
			  struct kl_error *err) KL_MUST_CHECK;
void kl_box_cancel(struct kl_box *box);

#endif
