#ifndef CORE_INTAKE_INTAKE_INT_H
#define CORE_INTAKE_INTAKE_INT_H

/* Between the files of the intake: item.c reads, take.c stores, verdict.c writes what judges found,
 * rejudge.c has them judged again, progress.c keeps progress, signer.c holds the key. */

#include <kodelab/intake.h>

#define DEVICE_MAX 64 /* bytes of a draft's device */

struct kl_intake {
	struct kl_intake_use use;
	char server_id[KL_ID_SIZE];
	char public_key[KL_RECEIPT_KEY_SIZE];
	unsigned char *secret; /* secret memory */
	int64_t serial; /* of the newest item */
};

/* Reads the key's file, or makes it; fills in server_id, public_key, secret. */
enum kl_status signer_open(struct kl_intake *intake, bool *renewed, struct kl_error *err) KL_MUST_CHECK;

/* In a batch: merges what a lab says into a user's progress. */
enum kl_status progress_merge(struct kl_intake *intake, const char *user, const struct kl_intake_item *item,
			      int64_t received_ms, struct kl_error *err) KL_MUST_CHECK;
/* The same: counts all verdicts there are of the work's user and challenge. */
enum kl_status progress_count(struct kl_intake *intake, const struct kl_work *work, struct kl_error *err) KL_MUST_CHECK;

/* The same: what follows from the work as it stands now: progress, change log, whoever keeps scores. report: NULL: none. */
enum kl_status verdict_follow_up(struct kl_intake *intake, const char *id, const char *report,
				 struct kl_error *err) KL_MUST_CHECK;
/*
 * The same: one more of a rejudge is done, and what was found before is kept. *skip: found is not written: it is a failure of the judge, or
 * the rejudge was cancelled meanwhile.
 */
enum kl_status rejudge_count(bool *skip, struct kl_intake *intake, const char *rejudge, const struct kl_work *found,
			     struct kl_error *err) KL_MUST_CHECK;

#endif
