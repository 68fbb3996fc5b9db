#ifndef KODELAB_BOX_TABLE_H
#define KODELAB_BOX_TABLE_H

/* The hostile programs and how each must end. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum attack_kind {
	ATTACK_RUN, /* the program is the attack (C is compiled first) */
	ATTACK_KEEP, /* a "compile" whose leftovers are the attack */
	ATTACK_COMPILE, /* the source is the attack on the compiler */
};

#define END(end) (1u << KL_END_##end)

struct attack {
	const char *file;
	enum attack_kind kind;
	unsigned ends; /* END(…) of those that are right */
	int code; /* exit code or signal; -1: any but 0 */
	int64_t cpu_ms; /* 0: 2000 */
	int64_t wall_ms; /* 0: 6000 */
	int64_t memory_mib; /* 0: 128 */
	const char *left; /* KEEP: what a later run must find, names in order */
};

extern const struct attack attacks[];
extern const size_t attack_count;

#endif
