#ifndef TUI_CLASSWORK_H
#define TUI_CLASSWORK_H

/*
 * The class in the open lab: syncs in the background as long as somebody is logged in, and says how it stands. With no class server nothing
 * of it is opened.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/crypto.h>
#include <kodelab/sync.h>

#include "syncfiles.h"
#include "ui/role.h"

struct app;

struct classwork { /* zeroed: no class */
	struct kl_class *class;
	struct kl_sync *sync; /* NULL: not open */
	struct syncfiles files;
	char *device;
	struct kl_folder
		*folder; /* of the database: what other processes write is heard; NULL: not yet, or it cannot be */
	int64_t cursor; /* how far changes were taken, by whomever, when it was last looked */
	char session[KL_SHA256_SIZE]; /* of the sealed token then; "": none */
};

/* After the first frame. What goes wrong is said; the lab works without. */
void classwork_start(struct app *app);
/* From then on, what another terminal does with the same database (login, logout, sync) is followed. */
void classwork_follow(struct app *app);
/* Before keyring and store are closed. */
void classwork_close(struct app *app);
/* Something was put into the outbox. */
void classwork_wake(struct app *app);

/* Does the class server judge this pack? Then a submit here is provisional. */
bool classwork_judges(const struct app *app, const char *pack);
/* The account that is logged in; NULL: none. */
const char *classwork_account(const struct app *app);

#define CLASSWORK_WORDS 80
/* How the line is, in few words: "offline since 14:05", "logged out", "3 waiting"; "": nothing to say. */
enum role classwork_words(char words[CLASSWORK_WORDS], const struct app *app);

#endif
