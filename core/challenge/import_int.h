#ifndef CORE_CHALLENGE_IMPORT_INT_H
#define CORE_CHALLENGE_IMPORT_INT_H

/* What is found in a folder of plain tests, before anything is written. */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/error.h>
#include <kodelab/import.h>

struct kl_pair { /* all owned */
	char *id; /* of the test */
	char *file; /* "secret/3.in" */
	bool sample;
	char *input, *answer;
	size_t input_len, answer_len;
};

struct kl_plain {
	int folder;
	struct kl_pair *pairs; /* samples first, then in natural order */
	size_t pair_count, pair_capacity;
	struct kl_import_item *left_out;
	size_t left_out_count, left_out_capacity;
	char *statement; /* statement.md of the folder; NULL: none */
	size_t statement_len;
	size_t bytes; /* of all pairs */
};

/* Fills plain from the folder from; release it also after a failure. KL_EINVAL: there is no pair. */
enum kl_status kl_plain_scan(struct kl_plain *plain, const char *from, struct kl_error *err) KL_MUST_CHECK;
void kl_plain_release(struct kl_plain *plain);

#endif
