#ifndef TUI_PACKS_H
#define TUI_PACKS_H

/* Where packs are looked for: those that came with the program, then the person's own (data folder, packs/). */

struct kl_catalogue;
struct kl_paths;

/* The catalogue of all packs. Never NULL. */
struct kl_catalogue *packs_open(const struct kl_paths *paths);

#endif
