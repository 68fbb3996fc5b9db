#ifndef KODELAB_SYNC_H
#define KODELAB_SYNC_H

/*
 * Keeping the lab and its class server in step, on the loop: rounds of push (the outbox), pull (what changed there) and fetch (packs).
 * What is on its way is in the store; a round may end anywhere, and the next one goes on from there. One process syncs at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/class.h>
#include <kodelab/error.h>
#include <kodelab/store_sync.h>

struct kl_sync;

enum kl_sync_phase { KL_SYNC_RESTS, KL_SYNC_PUSHES, KL_SYNC_PULLS, KL_SYNC_FETCHES };

enum kl_sync_line {
	KL_LINE_UNKNOWN, /* no round has ended yet */
	KL_LINE_ONLINE,
	KL_LINE_OFFLINE, /* not reached, or a portal answers; tried again by itself */
	KL_LINE_LOGIN, /* logged out: kodelab login */
	KL_LINE_UNTRUSTED, /* a bad certificate */
};

struct kl_sync_state {
	enum kl_sync_phase phase;
	enum kl_sync_line line;
	int64_t offline_since_ms; /* wall; not ONLINE: since when; 0: never online since it was opened */
	size_t waiting; /* in the outbox, for this account */
	size_t sent, refused, taken; /* in this round, or the last one: items, changes */
	size_t conflicts; /* drafts that wait for a decision */
	bool hears; /* a verdict is waited for, and the server's events come through: it need not be asked for */
	size_t pack, packs; /* FETCHES: which one of how many */
	int64_t bytes, bytes_all; /* of that pack; all 0: not known */
	struct kl_error error; /* of the last round; status KL_OK: none */
};

enum kl_sync_news_kind {
	KL_NEWS_STATE, /* look at the state */
	KL_NEWS_RECEIVED, /* a receipt for subject ("pack/slug", "pack/slug/language") came */
	KL_NEWS_REFUSED, /* the server does not take it: words */
	KL_NEWS_RESULT, /* subject: the attempt's id. solved: it completed its challenge */
	KL_NEWS_DRAFT, /* subject "pack/slug/language": the file is that of another machine now */
	KL_NEWS_CONFLICT, /* subject likewise; words: the file that holds the other version */
	KL_NEWS_PACK, /* subject: installed, another version, or gone ("": several). words: why it is not installed, or NULL */
	KL_NEWS_COURSE,
};

struct kl_sync_news { /* borrowed for the call */
	enum kl_sync_news_kind kind;
	const char *subject, *words; /* RESULT: words, when the class could not judge it: why */
	bool solved;
};

typedef void kl_sync_news_fn(void *ctx, const struct kl_sync_news *news);

/* The student's files, which are the front end's to read and write. */
struct kl_sync_files {
	void *ctx;
	/* What stands there now, typed or saved; *text NULL: nothing. *untouched: it is the starter. *text is the caller's. */
	void (*read)(void *ctx, char **text, size_t *len, bool *untouched, const char *pack, const char *slug,
		     const char *language);
	/* The text of another machine takes its place. */
	enum kl_status (*write)(void *ctx, const char *pack, const char *slug, const char *language, const char *text,
				size_t len, struct kl_error *err);
	/* The other version goes beside it. *path: owned by the caller. */
	enum kl_status (*put_beside)(char **path, void *ctx, const char *pack, const char *slug, const char *language,
				     const char *text, size_t len, struct kl_error *err);
};

/* Exit status of the process that installs a pack: nothing is wrong with the pack, and the next round tries again. */
enum { KL_SYNC_LATER = 75 /* EX_TEMPFAIL of sysexits.h */ };

struct kl_sync_parts { /* borrowed as long as it lives */
	struct kl_loop *loop;
	struct kl_store *store;
	const struct kl_clock *clock;
	struct kl_class *class;
	const char *folder; /* the lab's data; packs go to <folder>/packs */
	const char *cache; /* for what is half here */
	const char *device; /* what drafts of this machine are labelled with */
	const char *
		program; /* installs packs in a process of its own: program "install-pack" PACKS ID HASH FILE; NULL: no packs */
	const struct kl_sync_files *files;
	kl_sync_news_fn *news; /* from the loop, never from inside a call */
	void *ctx;
};

/* Sleeps until kl_sync_wake or kl_sync_once. */
struct kl_sync *kl_sync_open(const struct kl_sync_parts *parts);
void kl_sync_close(struct kl_sync *sync); /* before the client is closed; NULL is fine */

/* Goes on in the background: a round now, then whenever there is something to send, and now and then to ask. */
void kl_sync_wake(struct kl_sync *sync);
/* One round, and no more; done fires from the loop when it has ended: state.error says how. patience_ms: for another process that syncs. */
typedef void kl_sync_done_fn(void *ctx, const struct kl_sync_state *state);
void kl_sync_once(struct kl_sync *sync, int64_t patience_ms, kl_sync_done_fn *done, void *ctx);

/* How long a pack is left alone whose installing was ended from outside or crashed, so many times here: a minute, doubled up to an hour. */
int64_t kl_sync_install_pause_ms(int times);
void kl_sync_stop(struct kl_sync *sync); /* the round that goes on ends as cancelled */

const struct kl_sync_state *kl_sync_state(const struct kl_sync *sync);

/* ---- drafts of two machines ---- */

enum kl_sync_choice { KL_SYNC_MINE, KL_SYNC_THEIRS, KL_SYNC_BOTH };

/*
 * Decides about a draft that waits. MINE: what stands here goes on, THEIRS: the other one takes its place (and this one goes beside
 * it: *path), BOTH: as MINE, and the other one stays beside it. *path (may be NULL) is owned by the caller, NULL where there is no such file.
 */
enum kl_status kl_sync_settle(char **path, struct kl_store *store, const struct kl_sync_files *files,
			      const struct kl_other_draft *draft, enum kl_sync_choice choice,
			      struct kl_error *err) KL_MUST_CHECK;

#endif
