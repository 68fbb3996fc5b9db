#ifndef KODELAB_SANDBOX_WIRE_H
#define KODELAB_SANDBOX_WIRE_H

/*
 * What the host and kodelab-box say to each other over one SOCK_SEQPACKET pair: fixed structs, one a packet, with
 * descriptors beside them. Both sides are built from this file, so the layout is the compiler's.
 *
 * host -> box   WIRE_BASE  [bundle]                             files every later run finds in /box; without: none
 *               WIRE_CGROUP [folder]                            the processes of the next run are born there
 *               WIRE_RUN   [bundle, input, out, err (, result)] one run; argv and files are in the bundle
 *               WIRE_STOP                                       kill the run under way (cancel, output cap)
 * box -> host   WIRE_READY                                      once
 *               WIRE_STARTED                                    the program has been executed
 *               WIRE_END   [kept bundle, when asked for]        all its processes are dead
 *
 * A bundle is a sealed memfd: struct wire_bundle, then argc and envc strings (uint32_t length, bytes), then files
 * (struct wire_file, name, bytes). Nobody but host and kodelab-box ever holds one.
 */

#include <stdint.h>

enum wire_kind { WIRE_BASE = 1, WIRE_RUN, WIRE_STOP, WIRE_READY, WIRE_STARTED, WIRE_END, WIRE_CGROUP };

enum wire_fd { WIRE_FD_BUNDLE, WIRE_FD_INPUT, WIRE_FD_OUT, WIRE_FD_ERR, WIRE_FD_RESULT, WIRE_FD_MAX };

#define WIRE_BUNDLE_MAX ((uint64_t)64 << 20) /* bytes of all kept files together */
#define WIRE_KEEP_FILES 200
#define WIRE_KEEP_DEPTH 12

/* Of kodelab-box at its start. */
#define WIRE_CONTROL_FD 3

struct wire_run {
	uint32_t kind;
	uint8_t keep, address_limit, want_result, pad;
	uint32_t inodes; /* of each tmpfs */
	uint32_t processes; /* of the program */
	uint64_t stack_kib;
	uint64_t file_max, tmpfs_max; /* bytes: one file; each tmpfs */
	int64_t cpu_us, wall_us, memory_kib;
};

enum wire_end_kind {
	WIRE_END_STATUS, /* by itself: wait_status says how */
	WIRE_END_CPU,
	WIRE_END_WALL,
	WIRE_END_MEMORY,
	WIRE_END_KEPT_TOO_MUCH,
	WIRE_END_STOPPED,
	WIRE_END_FAILED, /* error */
};

struct wire_end {
	uint32_t kind;
	uint32_t end; /* enum wire_end_kind */
	int32_t wait_status; /* raw, as by waitpid */
	uint32_t kept; /* a bundle comes along */
	int64_t cpu_us, wall_us, peak_kib;
	char error[200];
};

struct wire_ready {
	uint32_t kind;
	int32_t landlock_abi; /* 0: none */
};

struct wire_bundle {
	uint32_t argc, envc, file_count;
};

struct wire_file {
	uint32_t mode, name_len;
	uint64_t len;
};

#endif
