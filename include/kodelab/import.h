#ifndef KODELAB_IMPORT_H
#define KODELAB_IMPORT_H

/*
 * Tests from elsewhere. Plain folders: pairs of X.in and X.ans (or X.out) become the tests of a program challenge.
 * Nothing of what is imported is run, no link is followed, and every file is accounted for in the report.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/error.h>

struct kl_import_plain {
	const char *from; /* folder with the pairs, also in folders in it (samples/, secret/) */
	const char *pack_dir; /* where the challenge goes, as for kl_challenge_new */
	const char *slug; /* NULL: made from the folder's name */
	const char *title; /* NULL: made from the slug */
	bool dry_run; /* only the report */
};

struct kl_import_item {
	char *file; /* from the folder: "secret/3.in" */
	char *id; /* of the test it became; NULL: it was left out */
	char *reason; /* why it was left out; NULL: it was not */
	bool sample;
};

struct kl_import_report {
	char *dir; /* of the challenge */
	bool updated; /* the challenge was there: its tests were replaced, all else kept */
	struct kl_import_item *items; /* in the order of the tests, then what was left out */
	size_t count;
	size_t tests, samples; /* taken */
	char **removed; /* ids that were there and have no files any more; NULL-terminated, never NULL */
};

/*
 * Ids are made from file names ("secret/3.in" → "secret-3"), so that importing again keeps them; names, weights and
 * the like of tests that are there already stay. Samples: "sample" in the folder's or at the start of the file's name.
 * KL_ENOENT: no such folder. KL_EINVAL: no pair in it, or the challenge there is of the other kind or wrong.
 */
enum kl_status kl_import_plain(struct kl_import_report **out, const struct kl_import_plain *spec,
			       struct kl_error *err) KL_MUST_CHECK;
void kl_import_report_free(struct kl_import_report *report);

#endif
