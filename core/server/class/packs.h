#ifndef CORE_SERVER_CLASS_PACKS_H
#define CORE_SERVER_CLASS_PACKS_H

/*
 * Published packs, as the server's parts see them. The store has them as archives; data/packs/<pack>/<version>/ holds the
 * same unpacked, made anew when it is gone: full/ for judging alone, view/ for all that students are told. Nothing that
 * answers a student opens full/.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>
#include <kodelab/store_packs.h>

#include "core/server/route.h"
#include "core/server/server.h"

struct kl_buf;
struct kl_catalogue;
struct kl_challenge;
struct kl_entry;
struct publishing;
struct request;
struct shelf;

extern const struct server_part packs_part;
extern const struct route_area packs_area, challenges_area;

/* --- for whoever judges ------------------------------------------------------------------------------------------- */

/*
 * The whole challenge, hidden tests and checker program included, by which work is judged that was written for version
 * of the pack: the newest version that poses the same task, so that corrected tests count and another task does not; without such a
 * version (0, or one that is gone) the newest that has the challenge, also of a removed pack.
 * *out stays until it is dropped. *judged: the version it is of; may be NULL.
 * KL_ENOENT: there never was such a challenge.
 */
enum kl_status class_challenge(const struct kl_challenge **out, int64_t *judged, struct server *server,
			       const char *pack, const char *slug, int64_t version, struct kl_error *err) KL_MUST_CHECK;
void class_challenge_drop(struct server *server, const struct kl_challenge *challenge); /* NULL is fine */
/* Is it there for students, now? For what is new. */
bool class_challenge_offered(struct server *server, const char *pack, const char *slug);

/* --- for whoever tells what changed ------------------------------------------------------------------------------- */

/* What a lab is told of a pack: {"pack":…,"version":…,"hash":…}; null when there is nothing of it for students (any more). */
void packs_tell(struct server *server, const char *pack, struct kl_buf *body);

/* --- between the files of this area --------------------------------------------------------------------------------- */

struct packs {
	struct server *server;
	char *folder; /* data/packs */
	struct kl_published *rows; /* by id, removed ones too */
	size_t count;
	struct kl_catalogue *catalogue; /* what students may see, of the newest versions */
	const struct kl_entry **entries; /* its rows, by pack and slug */
	struct shelf *answers, *archives; /* of GET, by what was asked for */
	struct class_challenges *challenges; /* class_challenge.c */
	struct publishing *publishing; /* what is being looked through; NULL: nothing */
	size_t publishing_count;
	bool some_kept; /* for a course alone: what is listed depends on who asks */
	bool stale; /* the store knows more */
};

/* What is published, as the store has it now. */
struct packs *packs_of(struct server *server);
/* To be called when the store's packs were changed. */
void packs_changed(struct server *server);
/* NULL: there never was such a pack. */
const struct kl_published *packs_ever(const struct packs *packs, const char *pack);
/* NULL: there is no such pack, or it was removed. */
const struct kl_published *packs_find(const struct packs *packs, const char *pack);
/* May he do with it what its author may? */
bool packs_is_author(const struct kl_published *row, const struct actor *actor);
/* NULL: students see no such challenge. */
const struct kl_entry *packs_entry(const struct packs *packs, const char *pack, const char *slug);
/* The folder of a version, its files being there; owned by the caller. KL_ENOENT: there is no such version. */
enum kl_status packs_folder(char **dir, struct packs *packs, const char *pack, int64_t version,
			    struct kl_error *err) KL_MUST_CHECK;

struct class_challenges *class_challenges_open(void);
void class_challenges_close(struct class_challenges *all);
/* A publication is not to be: whoever asks from now on gets what is on the disk then. */
void class_challenges_forget(struct class_challenges *all);

/* ?version= of the pack, the newest when it is not asked for; former ones are there for its author alone. false: it was answered. */
bool packs_version(int64_t *out, struct request *request, const struct kl_published *row);

/* publish.c: POST /api/packs, PUT /api/packs/:pack. */
void packs_publish(struct request *request);
void packs_publish_again(struct request *request);
/* For the route's course alone: nobody else sees it in between. */
void packs_publish_kept(struct request *request);
/* publish.c: one challenge of a pack is put into it (which may be new), replaced, or taken out; the result is the pack's next version. */
void packs_put_challenge(struct request *request);
void packs_replace_challenge(struct request *request);
void packs_take_out_challenge(struct request *request);
void publishing_close(struct packs *packs);

/*
 * take_pack.c: what the server's helper process does with what is published: reads the archive from its input, looks through
 * it, makes files in a folder, and says in one line of JSON what it found. words: that folder; "pack", "challenge" or
 * "without"; for these two the folder of the version that is changed ("": a new pack), the pack's id, and the challenge.
 */
void take_pack(char *const words[]);
#define TAKE_PACK       "take-pack" /* kodelabd's first argument, followed by so many words */
#define TAKE_PACK_WORDS 5

#endif
