#ifndef TUI_SYNCFILES_H
#define TUI_SYNCFILES_H

/*
 * The student's files as syncing sees them (kodelab/sync.h): the work file, or what is typed in an open workspace. Another version of
 * one goes beside it: solution.other.py, or, where another text has that name, solution.other.2.py.
 */

#include <kodelab/sync.h>

struct app;
struct kl_catalogue;
struct kl_paths;

struct syncfiles { /* borrowed as long as it is used */
	const struct kl_paths *paths;
	struct kl_catalogue *catalogue; /* for starters; NULL: app's */
	struct app *app; /* whose workspace may be open; NULL: none */
	struct kl_sync_files files; /* filled in by syncfiles_init */
};

void syncfiles_init(struct syncfiles *syncfiles);

/* "kodelab on ada-laptop": what the server calls this machine. Owned by the caller. */
char *syncfiles_device(void);

/* `kodelab install-pack PACKS ID HASH FILE`: what syncing runs in a process of its own. Returns the exit status. */
int syncfiles_install(int argc, char **argv);

/*
 * `kodelab bundle-pack FOLDER FILE`: checks a pack without running anything, and writes its archive to FILE. What is wrong goes to stderr, a
 * line for each. What publishing runs in a process of its own. Returns the exit status.
 */
int syncfiles_bundle(int argc, char **argv);

#endif
