#ifndef KODELAB_CATALOGUE_H
#define KODELAB_CATALOGUE_H

/*
 * All challenges of all packs as light rows for lists, search and filters: one keystroke costs under 5 ms at
 * 10,000 rows. Built from pack.json and challenge.json only; a broken challenge becomes a row in `problems`.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/challenge.h>

struct kl_catalogue;

enum kl_progress_state { KL_NOT_STARTED, KL_IN_PROGRESS, KL_COMPLETED };

struct kl_entry {
	char *pack, *slug, *title, *summary, *category, *dir;
	int number;
	enum kl_difficulty difficulty;
	enum kl_challenge_kind kind;
	int minutes;
	char **tags; /* NULL-terminated, never NULL */
	char **languages; /* as the challenge names them; empty: all */
	enum kl_progress_state state; /* set by the caller: kl_catalogue_set_state */
	char *folded; /* title, slug, tags, category, summary case-folded: what search looks at */
};

enum kl_sort { KL_SORT_NUMBER, KL_SORT_TITLE, KL_SORT_DIFFICULTY, KL_SORT_MINUTES, KL_SORT_STATE };

struct kl_filter {
	/* words, all must occur (case-folded); one in the title ranks higher. NULL or "": all */
	const char *text;
	int difficulty; /* enum kl_difficulty, or -1: all */
	int state; /* enum kl_progress_state, or -1: all */
	const char *pack; /* NULL: all */
	const char *category; /* NULL: all */
	const char *tag; /* NULL: all */
	const char *language; /* NULL: all */
	enum kl_sort sort;
	bool descending;
};

/*
 * Reads the packs in dirs (each may hold several packs as subfolders, or be a pack itself; absent is fine). A pack in a
 * later one takes the place of that in a folder of the same name in an earlier one. Never fails as
 * a whole: what could not be read is in kl_catalogue_problem. cache: a file that remembers what was read, by path, time
 * and size, so that the next start reads nothing else; made anew when it is absent, damaged or old. NULL: none.
 */
struct kl_catalogue *kl_catalogue_open(const char *const *dirs, size_t dir_count, const char *cache);
void kl_catalogue_close(struct kl_catalogue *catalogue);
size_t kl_catalogue_count(const struct kl_catalogue *catalogue);
const struct kl_entry *kl_catalogue_at(const struct kl_catalogue *catalogue, size_t index);
size_t kl_catalogue_problem_count(const struct kl_catalogue *catalogue);
const char *kl_catalogue_problem(const struct kl_catalogue *catalogue, size_t index);
void kl_catalogue_set_state(struct kl_catalogue *catalogue, size_t index, enum kl_progress_state state);

/* Rows that pass filter, as indexes into the catalogue, sorted; rows: room for kl_catalogue_count. Returns how many. */
size_t kl_catalogue_select(const struct kl_catalogue *catalogue, const struct kl_filter *filter, size_t *rows);

/*
 * Finds what a person named: "pack/slug", slug, number, path of a challenge folder, path of a file or folder in the work
 * tree, or NULL / "." for the current folder. KL_ENOENT: "no challenge 'tow-sum', did you mean 'two-sum'?"
 */
enum kl_status kl_catalogue_find(size_t *index, const struct kl_catalogue *catalogue, const char *name,
				 const char *work_dir, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_catalogue_load(struct kl_challenge **out, const struct kl_catalogue *catalogue, size_t index,
				 struct kl_error *err) KL_MUST_CHECK;

/* Distinct packs, categories and tags, sorted, NULL-terminated, of the catalogue's life. */
const char *const *kl_catalogue_packs(const struct kl_catalogue *catalogue);
const char *const *kl_catalogue_categories(const struct kl_catalogue *catalogue);
const char *const *kl_catalogue_tags(const struct kl_catalogue *catalogue);

/* The challenge of the local day: the same for everybody with the same packs (a hash of pack, slug and day); prefers what is not
 * completed. Returns an index, or SIZE_MAX when the catalogue is empty. */
size_t kl_catalogue_daily(const struct kl_catalogue *catalogue, int64_t day_number);
/*
 * The next not completed one after index in pack order (SIZE_MAX: from the start), going round; SIZE_MAX: all are completed.
 * level: enum kl_difficulty, or -1: any. When all of the level are completed harder ones follow, then easier ones.
 */
size_t kl_catalogue_next(const struct kl_catalogue *catalogue, size_t after, int level);

/* Lower case without accents, for search: "Öl" → "ol". Owned. */
char *kl_fold(const char *text);

#endif
