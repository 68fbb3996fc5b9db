#ifndef TUI_APP_H
#define TUI_APP_H

/*
 * The lab: owns everything and wires the core to the screens. Screens get it through pane->app and use what they
 * need; only app.c creates and destroys. Screens lie on a stack (back goes down one), overlays above them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/catalogue.h>
#include <kodelab/clock.h>
#include <kodelab/config.h>
#include <kodelab/error.h>
#include <kodelab/judge.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/portfolio.h>
#include <kodelab/store.h>

#include "classwork.h"
#include "elsewhere.h"
#include "keeper.h"
#include "keyring.h"
#include "ui/keymap.h"
#include "ui/pane.h"
#include "ui/role.h"

struct term;
struct term_event;
struct theme;

enum { APP_PANES_MAX = 24 };

/* How much of the screen is not what the state says. */
enum dirty { DIRTY_NOT, DIRTY_PANE, DIRTY_ALL }; /* PANE: only of the focused pane, which knows what */

struct app {
	struct kl_loop *loop;
	struct kl_clock clock;
	struct kl_paths paths;
	struct kl_config *config;
	struct kl_store *store; /* NULL: could not be opened; work goes on, files are kept */
	struct kl_catalogue *catalogue; /* read after the first frame: app_catalogue() */
	struct kl_judge *judge;
	struct kl_portfolio *portfolio;
	struct keyring keyring; /* app_keyring: keys of judges */
	struct elsewhere elsewhere; /* app_judge: judges elsewhere */
	struct keeper keeper; /* sends kept runs */
	struct classwork classwork; /* syncs with the class server */
	const char *master; /* see struct app_start */
	struct term *term;
	struct keymap *keymap;

	struct pane *stack[APP_PANES_MAX]; /* screens and overlays, the last one has the focus */
	size_t depth;

	char status[256]; /* one line of news */
	const char *composed; /* what a box held, while it is looked at; NULL: nothing is */
	size_t composed_cursor; /* opened again with the same text, it has its cursor there */
	enum role status_role;
	struct kl_timer *work; /* what the last frame left over is being done; NULL: nothing */
	bool ready; /* the first frame is out: what could wait has begun */
	bool packs_changed; /* the catalogue is to be read again, at home */
	enum dirty dirty;
	struct keymap_state keys; /* of a key sequence that has begun */
	bool mouse;
	bool lent; /* another program has the terminal */
	int exit_status;
	struct theme *theme;
	unsigned visible; /* enum kl_visible_flags of this locale */
	char *clipboard; /* what was cut or copied; owned */
	size_t clipboard_len;
};

/* What a screen is opened with by name (main, commands). */
struct app_start {
	const char *challenge; /* open the workspace on it; NULL: home */
	const char *language;
	const char *script; /* run headless from this file; NULL: the terminal */
	const char *master; /* from kl_vault_take_environment, borrowed; NULL: none */
	/* What a subcommand has opened already: taken; NULL: opened here. */
	struct kl_store *store;
	struct kl_catalogue *catalogue; /* with the store's progress */
};

/* Runs the lab until the person leaves. Returns the exit status of SPEC section 1. */
int app_run(const struct app_start *start);

/* ---- for screens ---- */

/* Puts a pane of ops on the stack. arg: see the screen's header. On failure nothing changes and err says why. */
enum kl_status app_open(struct app *app, const struct pane_ops *ops, const void *arg,
			struct kl_error *err) KL_MUST_CHECK;
/* The same, showing the failure in the status line. A screen is on the stack once: the one that was there is gone then. */
void app_go(struct app *app, const struct pane_ops *ops, const void *arg);
/* What stands at the top of the screen while pane is in front. */
void app_title(struct pane *pane, char *text, size_t size);
/* Closes pane and all above it. */
void app_close(struct app *app, struct pane *pane);
/* Something changed: draw after this turn. */
void app_dirty(struct app *app);
/* What the screen in front shows has changed in the store: it reads it again. */
void app_refresh(struct app *app);
/* One line of news; stays until the next key. */
void app_say(struct app *app, enum role role, const char *fmt, ...) KL_PRINTF(3, 4);
void app_say_error(struct app *app, const struct kl_error *err);
/* Hands a request to the focused pane, then upwards, then to the app itself. */
void app_request(struct app *app, enum request request);
/* The catalogue, read on first use, with the store's progress in it. Never NULL. */
struct kl_catalogue *app_catalogue(struct app *app);
/*
 * Before each submission: the judge learns where it may run. What went wrong is said; it then runs here. fresh: results that
 * are kept from before are not used.
 */
void app_judge(struct app *app, bool fresh);
/* Opens keyring, if it is not open. */
enum kl_status app_keyring(struct app *app, struct kl_error *err) KL_MUST_CHECK;
/* Opens the judges elsewhere, if they are not open. */
enum kl_status app_judges(struct app *app, struct kl_error *err) KL_MUST_CHECK;
/* Packs were installed or went: the catalogue is read again as soon as no screen stands on it. */
void app_packs_changed(struct app *app);
/* Progress of one challenge changed: copies it from the store. */
void app_progress_changed(struct app *app);
/* Keeps text as the clipboard, and gives it to the terminal's (OSC 52) when the option says so. */
void app_copy(struct app *app, const char *text, size_t len);
/* Opens the challenge's workspace: pack/slug, slug or number. language NULL: the last one used. */
void app_open_challenge(struct app *app, const char *name, const char *language);
/* The same from an assignment (ids): what is handed in is for it. */
void app_open_assigned(struct app *app, const char *name, const char *course, const char *assignment);
/* Takes a theme by name for this session and writes it to the config. */
void app_set_theme(struct app *app, const char *name);
/* Gives the terminal to a program until it ends (argv[0] from PATH); done fires from the loop. */
typedef void app_lend_fn(void *ctx, int wait_status);
enum kl_status app_lend(struct app *app, const char *const *argv, app_lend_fn *done, void *ctx,
			struct kl_error *err) KL_MUST_CHECK;

#endif
