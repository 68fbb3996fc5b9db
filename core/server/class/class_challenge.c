/*
 * Whole challenges for judging. A job holds the one it is judged by until it ends; some that nobody holds are kept, because a
 * class works on few at a time.
 */

#include "core/server/class/packs.h"

#include <string.h>
#include <sys/queue.h>
#include <sys/stat.h>

#include <kodelab/alloc.h>
#include <kodelab/catalogue.h>
#include <kodelab/challenge.h>
#include <kodelab/path.h>

#include "core/server/eventlog.h"

#define IDLE_MAX       64
#define IDLE_BYTES_MAX ((int64_t)64 << 20) /* of tests.json: in memory it is about three times that */

struct held {
	TAILQ_ENTRY(held) link;
	struct kl_challenge *challenge;
	int64_t version;
	int64_t bytes; /* of its tests.json */
	size_t holders;
	bool stale; /* nobody else is given it: its publication is not to be */
	uint64_t used; /* the turn in which it was asked for last */
};

TAILQ_HEAD(held_list, held);

struct class_challenges {
	struct held_list list;
	uint64_t turn;
	size_t idle;
	int64_t idle_bytes;
};

struct class_challenges *class_challenges_open(void)
{
	struct class_challenges *all = kl_calloc(1, sizeof(*all));

	TAILQ_INIT(&all->list);
	return all;
}

static void forget(struct class_challenges *all, struct held *held)
{
	TAILQ_REMOVE(&all->list, held, link);
	kl_challenge_free(held->challenge);
	free(held);
}

void class_challenges_close(struct class_challenges *all)
{
	if (!all)
		return;
	for (struct held *held = TAILQ_FIRST(&all->list), *next; held; held = next) {
		next = TAILQ_NEXT(held, link);
		forget(all, held);
	}
	free(all);
}

static void count_idle(struct class_challenges *all, const struct held *held, int sign)
{
	all->idle += (size_t)sign;
	all->idle_bytes += sign * held->bytes;
}

/* Of those that nobody holds; NULL: there is none. */
static struct held *longest_idle(const struct class_challenges *all)
{
	struct held *longest = NULL;

	for (struct held *held = TAILQ_FIRST(&all->list); held; held = TAILQ_NEXT(held, link))
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what is freed does leave the list */
		if (!held->holders && (!longest || held->used < longest->used))
			longest = held;
	return longest;
}

static void make_room(struct class_challenges *all)
{
	struct held *held;

	while ((all->idle > IDLE_MAX || all->idle_bytes > IDLE_BYTES_MAX) && (held = longest_idle(all))) {
		count_idle(all, held, -1);
		forget(all, held);
	}
}

static struct held *find(struct class_challenges *all, const char *pack, const char *slug, int64_t version)
{
	struct held *held;

	TAILQ_FOREACH(held, &all->list, link)
		if (!held->stale && held->version == version && !strcmp(held->challenge->slug, slug) &&
		    !strcmp(held->challenge->pack, pack))
			return held;
	return NULL;
}

/* It was published: that it cannot be read is this server's fault, and its log alone says where it looked. */
static enum kl_status not_read(const char *pack, const char *slug, struct kl_error *err)
{
	eventlog(KL_LOG_ERROR, "challenge_not_read", EVENTLOG_TEXT("pack", pack), EVENTLOG_TEXT("slug", slug),
		 EVENTLOG_TEXT("error", err->message));
	return kl_fail(err, KL_EIO, "the server cannot read '%s/%s' now: try again later, or tell your instructor",
		       pack, slug);
}

static enum kl_status load(struct held **out, struct packs *packs, const char *pack, const char *slug, int64_t version,
			   struct kl_error *err)
{
	struct kl_challenge *challenge;
	struct stat st = { .st_size = 0 };
	char *folder, *dir, *tests;
	enum kl_status status = packs_folder(&folder, packs, pack, version, err);

	if (status)
		return status;
	dir = kl_format("%s/full/%s", folder, slug);
	tests = kl_path_join(dir, "tests.json");
	status = kl_challenge_read(&challenge, pack, dir, 1, err);
	if (!status) {
		(void)!stat(tests, &st);
		*out = kl_calloc(1, sizeof(**out));
		(*out)->challenge = challenge;
		(*out)->version = version;
		(*out)->bytes = st.st_size;
	} else if (status == KL_ENOENT) {
		status = not_read(pack, slug, err);
	}
	free(folder);
	free(dir);
	free(tests);
	return status;
}

enum kl_status class_challenge(const struct kl_challenge **out, int64_t *judged, struct server *server,
			       const char *pack, const char *slug, int64_t version, struct kl_error *err)
{
	struct class_challenges *all = server->packs->challenges;
	struct held *held;
	int64_t by = 0;
	bool same;
	enum kl_status status = kl_store_pack_judged_by(&by, &same, server->store, pack, slug, version, err);

	if (status)
		return status;
	held = find(all, pack, slug, by);
	if (!held) {
		if ((status = load(&held, server->packs, pack, slug, by, err)))
			return status;
		TAILQ_INSERT_HEAD(&all->list, held, link);
	} else if (!held->holders) {
		count_idle(all, held, -1);
	}
	held->holders++;
	held->used = ++all->turn;
	*out = held->challenge;
	if (judged)
		*judged = by;
	return KL_OK;
}

void class_challenge_drop(struct server *server, const struct kl_challenge *challenge)
{
	struct class_challenges *all = server->packs->challenges;
	struct held *held = TAILQ_FIRST(&all->list);

	while (held && held->challenge != challenge)
		held = TAILQ_NEXT(held, link);
	if (!held || --held->holders)
		return;
	if (held->stale) {
		forget(all, held);
		return;
	}
	count_idle(all, held, 1);
	make_room(all);
}

void class_challenges_forget(struct class_challenges *all)
{
	for (struct held *held = TAILQ_FIRST(&all->list), *next; held; held = next) {
		next = TAILQ_NEXT(held, link);
		if (held->holders)
			held->stale = true;
		else
			forget(all, held);
	}
	all->idle = 0;
	all->idle_bytes = 0;
}

bool class_challenge_offered(struct server *server, const char *pack, const char *slug)
{
	return packs_entry(packs_of(server), pack, slug) != NULL;
}
