#ifndef CORE_CHALLENGE_AUTHORING_INT_H
#define CORE_CHALLENGE_AUTHORING_INT_H

/* Rules of the authoring check, and what they see. */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/authoring.h>
#include <kodelab/json.h>

struct kl_check_pack { /* what a challenge's rules may know of its pack */
	char **slugs; /* in order, NULL-terminated; NULL: a challenge on its own */
};

struct kl_subject {
	struct kl_check *check;
	const struct kl_challenge *challenge;
	const struct kl_check_pack *pack;
	const char *prefix; /* of files in findings: "two-sum/", or "" */
	const struct kl_json *meta, *tests;
};

/* Adds a finding in file (of the challenge). */
void kl_finding_add(const struct kl_subject *subject, enum kl_severity severity, const char *file, int line,
		    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* All rules for one challenge (authoring_rules.c, authoring_sources.c). */
void kl_rules_run(const struct kl_subject *subject);
void kl_source_rules_run(const struct kl_subject *subject);

#endif
