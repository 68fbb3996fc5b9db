#ifndef KODELAB_HARNESS_H
#define KODELAB_HARNESS_H

/*
 * Function tests: the main program around the student's function, generated per language from the signature.
 * It reads arguments from standard input in kl_value_encode's form and writes to the result descriptor
 * "ok\n<value>" or "error\n<string>" (the failure's message). docs/harness.md shows each language's types.
 */

#include <stddef.h>

#include <kodelab/challenge.h>
#include <kodelab/error.h>
#include <kodelab/language.h>

struct kl_harness {
	struct kl_file *files; /* everything the box needs, the student's file included; owned */
	size_t file_count;
	char **compile; /* argv, NULL: nothing to compile; owned */
	char **run; /* owned; NULL: the language is of a judge's list, and only the judge knows how */
	int line_offset; /* lines our text puts before the student's in their file; messages are mapped back */
};

/* A program kind challenge gets just the source and the language's argv. KL_EINVAL: no harness for this language. */
enum kl_status kl_harness_build(struct kl_harness *out, const struct kl_challenge *challenge,
				const struct kl_language *language, const char *code, size_t code_len,
				struct kl_error *err) KL_MUST_CHECK;
void kl_harness_release(struct kl_harness *harness);

/* The file the editor starts with when the pack has none: the function's empty form, or a reading/printing skeleton. Owned. */
char *kl_harness_starter(const struct kl_challenge *challenge, const struct kl_language *language);

#endif
