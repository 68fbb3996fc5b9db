#ifndef TUI_CHECKING_H
#define TUI_CHECKING_H

/* What an author's folder is put through: read, then every solution and starter run. Said while it goes on. */

#include "command.h"

struct checking {
	size_t errors, warnings, proved, skipped;
	cJSON *findings, *proofs; /* with --json; owned by the caller */
	bool interrupted;
};

struct checking_wish { /* borrowed for the call */
	const char *folder;
	bool fast; /* nothing is run */
	const char *only; /* the id of a language; NULL: all */
};

/* KL_ENOENT: the folder is neither a pack nor a challenge. */
enum kl_status checking_run(struct checking *out, struct cli *cli, const struct checking_wish *wish,
			    struct kl_error *err) KL_MUST_CHECK;
/* As members of root, which gets findings and proofs. */
void checking_print(cJSON *root, struct checking *checking);

#endif
