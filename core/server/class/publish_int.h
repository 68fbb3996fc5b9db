#ifndef CORE_SERVER_CLASS_PUBLISH_INT_H
#define CORE_SERVER_CLASS_PUBLISH_INT_H

/* Between the files that publish: a publication under way (publish.c), and what the helper found of it, for publish_version.c. */

#include <stdbool.h>
#include <stdint.h>

#include "core/server/class/packs.h"

struct kl_json;
struct kl_worker;

enum publish_what {
	PUBLISH_PACK, /* the archive is the next version */
	PUBLISH_CHALLENGE, /* the archive is a challenge, for the newest version */
	PUBLISH_WITHOUT, /* there is no archive: the newest version without a challenge */
};

struct publishing {
	struct publishing *next;
	struct request *request;
	struct packs *packs;
	struct kl_worker *worker; /* NULL: it has ended */
	char *folder; /* data/packs/.new-…: removed at the end */
	enum publish_what what;
	char *wanted; /* the pack's id must be this; NULL: any. Owned */
	char *slug; /* the challenge's must be this; NULL: any. Owned */
	char *course; /* which it is kept for; NULL: none. Owned */
	char *base; /* folder of the version that the challenge comes into; NULL: there is none. Owned */
	int64_t base_version;
	bool check_only;
};

/* What the helper found, read. Texts are the document's. */
struct found {
	struct kl_json *doc;
	struct kl_published row;
	const char *slug; /* of the challenge; "": it is a whole pack */
	struct kl_pack_part *parts;
	size_t part_count;
};

/* Is there a pack of that id that is somebody else's? Then that was answered. */
bool publish_is_foreign(struct request *request, const char *pack);
/* "findings":[…] */
void publish_findings(struct kl_buf *body, const struct found *found);
/* Publishes what was found, unless it is not to be, and answers. */
void publish_version(struct publishing *publishing, struct found *found);

#endif
