#ifndef KODELAB_PACK_H
#define KODELAB_PACK_H

/*
 * Packs on their way: from an author's folder to the class server, from there to students. The whole pack stays on the
 * server; students get a view of it without solutions, hidden tests, checker programs and private challenges.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/archive.h>
#include <kodelab/challenge.h>
#include <kodelab/crypto.h>
#include <kodelab/error.h>

struct cJSON;
struct kl_buf;

/*
 * All that belongs to the pack in the folder dir: what its reader reads, and nothing else that lies there. out is
 * sorted. The pack must be readable. only: pack.json and this challenge; NULL: all of them. KL_ENOENT: pack.json does not name it.
 */
enum kl_status kl_pack_collect(struct kl_archive *out, const char *dir, const char *only,
			       struct kl_error *err) KL_MUST_CHECK;

/* folder, or the pack around it when it is a challenge's: *slug (may be NULL) is that one's then, else NULL. Both owned by the caller. */
char *kl_pack_around(const char *folder, char **slug);
/* The archive as it is sent to the class server; owned by the caller. As kl_pack_collect · KL_EFULL: it is too large. */
enum kl_status kl_pack_bundle(char **bytes, size_t *len, const char *dir, const char *only,
			      struct kl_error *err) KL_MUST_CHECK;

/*
 * Puts a challenge into the pack, in the place of the one of that name if there is one; else it comes last. one: its folder, and perhaps
 * the pack.json of the pack around it, which is looked at when pack is empty: then it begins one of this id. *slug is owned.
 * The result is checked like any other pack. KL_EINVAL: it is not one challenge.
 */
enum kl_status kl_pack_put(struct kl_archive *pack, char **slug, const char *id, const struct kl_archive *one,
			   struct kl_error *err) KL_MUST_CHECK;
/* Takes a challenge out; absent is fine. KL_ECONFLICT: it is the only one. */
enum kl_status kl_pack_take_out(struct kl_archive *pack, const char *slug, struct kl_error *err) KL_MUST_CHECK;

/* Of the server's answer (docs/openapi.yaml, PublishedAnswer): a line for each challenge that changes; outside text. */
void kl_pack_changes(struct kl_buf *out, const struct cJSON *answer);
/* "Published version 3: 5 challenges, 4 of them for students." */
void kl_pack_published(struct kl_buf *out, const struct cJSON *answer);

/*
 * What students get of whole, which must have passed the authoring check: statements, metadata, starters, sample tests. A
 * checker program becomes the checker "class". Nothing in it depends on what is left out, sizes included. KL_ENOENT:
 * every challenge is private, there is nothing for students.
 */
enum kl_status kl_pack_student_view(struct kl_archive *out, const struct kl_archive *whole,
				    struct kl_error *err) KL_MUST_CHECK;

/* SHA-256 of the files of one challenge. false: the archive has none of it. */
bool kl_pack_challenge_hash(char hex[KL_SHA256_SIZE], const struct kl_archive *archive, const char *slug);

/* What a server announced, so that nothing else is installed in its place. */
struct kl_pack_wanted { /* borrowed for the call */
	const char *id;
	const char *hash; /* kl_archive_hash of the archive; NULL: any */
};

/*
 * Installs a pack's archive as the folder packs_dir/<id> (packs_dir is made when absent). It is read, unpacked beside and
 * looked through challenge by challenge first; then it takes the place of the old one in one step. When anything is wrong the
 * old one stays as it was.
 * As kl_archive_read; KL_EINVAL: it is another pack, or cannot be read · KL_ECORRUPT: it is not what was announced ·
 * KL_EBUSY: another process installs into packs_dir.
 */
enum kl_status kl_pack_install(const char *packs_dir, const struct kl_pack_wanted *wanted, const void *bytes,
			       size_t len, struct kl_error *err) KL_MUST_CHECK;
/* Takes it away again; absent is fine. */
enum kl_status kl_pack_uninstall(const char *packs_dir, const char *id, struct kl_error *err) KL_MUST_CHECK;

#endif
