#ifndef CORE_SERVER_TOOLCHAIN_H
#define CORE_SERVER_TOOLCHAIN_H

/*
 * The languages of the judge: rows under Judge0's own ids, with commands as GET /languages/:id shows them. Which of them
 * are offered, and their versions, is found by asking the tools inside a box: what answers there works there.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>

#define TOOLCHAIN_PLAIN_TEXT 43
#define TOOLCHAIN_EXECUTABLE 44
#define TOOLCHAIN_MULTI_FILE 89

struct toolchain_row {
	int64_t id;
	const char *format; /* of the name: "Python (%s)" with the version; without %s: the name */
	const char *source; /* NULL: none */
	const char *compile; /* %s: where compiler_options go; NULL: none */
	const char *run; /* NULL: the client brings it */
	const char *version; /* what prints it; NULL: always there */
	const char *tool; /* a further program that must be there; NULL: none */
	bool no_address_limit; /* reserves more than it uses */
	const char *const *binds; /* as in kodelab/language.h */
};

extern const struct toolchain_row toolchain_rows[];
extern const size_t toolchain_row_count;

struct toolchain {
	int64_t id;
	char *name; /* owned */
	bool archived; /* Judge0 had it once */
	const char *source, *compile, *run; /* NULL where none */
	bool no_address_limit;
};

struct toolchains {
	struct toolchain *list; /* by id */
	size_t count, capacity;
};

struct kl_loop;
struct kl_sandbox;

/* Runs the loop until the tools have answered. only: ids that may be offered, "": all. */
enum kl_status toolchains_open(struct toolchains **out, struct kl_loop *loop, struct kl_sandbox *sandbox,
			       const char *only, struct kl_error *err) KL_MUST_CHECK;
struct toolchains *toolchains_none(void); /* the archived ones alone */
/* One that a judge elsewhere has, unless the id is taken. May move the others. */
void toolchains_add(struct toolchains *toolchains, int64_t id, const char *name, const char *only);
void toolchains_forget(struct toolchains *toolchains); /* all but the archived ones */
void toolchains_free(struct toolchains *toolchains); /* NULL is fine */

const struct toolchain *toolchain_find(const struct toolchains *toolchains, int64_t id);
/* "": no such language any more. */
const char *toolchain_name(const struct toolchains *toolchains, int64_t id);
/* Folders that boxes need for all of them; NULL-terminated. */
const char *const *toolchain_binds(void);

/* The first "1.2" or "1.2.3" of a text of len bytes into version; false: there is none. For tests. */
bool toolchain_version(char *version, size_t size, const char *text, size_t len);

#endif
