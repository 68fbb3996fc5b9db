#ifndef KODELAB_AUTHORING_H
#define KODELAB_AUTHORING_H

/*
 * For people who write challenges: a skeleton to begin with, and a check that says what is wrong or weak. The check
 * reads only; which sources must pass and which must fail is listed as proofs, for the caller to run with the judge.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/challenge.h>
#include <kodelab/error.h>

/* ---- a new challenge ---- */

struct kl_new_challenge {
	const char *pack_dir; /* made when it is not there; gets a pack.json, or a line in the one it has */
	const char *slug;
	const char *title; /* NULL: made from the slug ("two-sum" → "Two sum") */
	enum kl_challenge_kind kind;
};

/*
 * Writes a small complete challenge: it can be checked, opened and solved at once. *dir (owned) is its folder.
 * KL_EEXIST: there is something by that name, nothing was changed. KL_EINVAL: no slug, or the pack.json there is wrong.
 */
enum kl_status kl_challenge_new(char **dir, const struct kl_new_challenge *spec, struct kl_error *err) KL_MUST_CHECK;

/* ---- checking ---- */

enum kl_severity {
	KL_FINDING_ERROR, /* cannot be used like this */
	KL_FINDING_WARNING, /* can be used, but is weak */
};

struct kl_finding {
	enum kl_severity severity;
	char *file; /* from the checked folder: "two-sum/tests.json" */
	int line; /* 1-based; 0: the file as a whole */
	char *sentence;
};

/* A run that shows whether the tests are right: all tests, with this source. */
struct kl_proof {
	const struct kl_challenge *challenge; /* of the check's life, like source */
	const struct kl_source *source;
	const char *folder; /* "starter" or "solution" */
	bool must_pass; /* false: at least one test must fail */
};

struct kl_check {
	struct kl_finding *findings; /* in the order of the pack, then of the files */
	size_t finding_count, error_count;
	struct kl_proof *proofs;
	size_t proof_count;
	struct kl_challenge **challenges; /* those that could be read */
	size_t challenge_count;
};

/* Checks dir: a pack, or one challenge (as part of the pack around it when there is one). KL_ENOENT: it is neither. */
enum kl_status kl_check_open(struct kl_check **out, const char *dir, struct kl_error *err) KL_MUST_CHECK;
void kl_check_close(struct kl_check *check);
const char *kl_severity_name(enum kl_severity severity); /* "error" */

#endif
