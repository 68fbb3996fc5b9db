#ifndef TUI_LANGUAGES_H
#define TUI_LANGUAGES_H

/* Languages as a person may choose them: those of the table, and those that only judges elsewhere have. */

#include <stdbool.h>
#include <stddef.h>

#include "screens/screens.h"

struct app;
struct kl_challenge;
struct kl_instances;
struct kl_language;

/* By name, suffix or alias: of the table, else one that judges (NULL: none) have; NULL: nobody knows it. */
const struct kl_language *languages_named(const struct kl_instances *judges, const char *name);
const struct kl_language *languages_of_file(const struct kl_instances *judges, const char *path);
/* Judges that the setting lets programs go to, opened; NULL: none. */
const struct kl_instances *languages_judges(struct app *app);

/* The table's first. Opens judges elsewhere when the setting lets programs go there. */
size_t languages_count(struct app *app);
const struct kl_language *languages_at(const struct app *app, size_t index); /* below the count */
const struct kl_language *languages_find(struct app *app, const char *name); /* NULL: nobody knows it */
/*
 * Can a program in it run where the setting sends it? note (may be NULL): "" here, "at school" elsewhere, or what is missing:
 * "needs gcc: sudo apt install gcc". A judge that was never asked may have it, but is not counted on.
 */
/* Where a challenge that takes these languages (as kl_entry has them) runs, when not here: as languages_place. */
void languages_place_any(char *words, size_t size, const struct app *app, char *const *ids);
/* "runs on school", "runs elsewhere" (several judges have it); "": here, or nowhere. */
void languages_place(char *words, size_t size, struct app *app, const struct kl_language *language);
bool languages_ready(const struct app *app, const struct kl_language *language, char *note, size_t size);
/* The same without the lab: choice is the setting. */
bool languages_ready_by(const char *choice, const struct kl_instances *judges, const struct kl_language *language,
			char *note, size_t size);

/* Asks for one of those that challenge takes (NULL: of all); fn gets its index. */
void languages_menu(struct app *app, const struct kl_challenge *challenge, const struct kl_language *now, menu_fn *fn,
		    void *ctx);

#endif
