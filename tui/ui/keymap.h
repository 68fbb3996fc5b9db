#ifndef TUI_KEYMAP_H
#define TUI_KEYMAP_H

/*
 * Keys to requests. A binding is a scope, one or more keys in sequence, and a request; the rows of a keymap are a
 * table in keymap.c, `bind` lines of the config file come on top and win. Other keymaps (vi, emacs) are other tables.
 *
 *     bind C-r run              in every pane
 *     bind editor M-u undo      in the editor only (all, read, view, editor, field)
 *     bind C-x C-s none         takes a binding away
 */

#include <stdbool.h>
#include <stddef.h>

#include "key.h"
#include "pane.h"
#include "request.h"

enum { KEYMAP_SEQUENCE_MAX = 4 };

struct kl_buf;
struct kl_config;
struct keymap;

/* A sequence that has begun. */
struct keymap_state {
	struct key keys[KEYMAP_SEQUENCE_MAX];
	size_t count;
};

/* The keymap named by option editor.keymap with the bindings of config (may be NULL). Bad lines are told in
 * problems, one per line: "config:12: there is no request 'rum', did you mean 'run'?" (may be NULL). */
struct keymap *keymap_new(const struct kl_config *config, struct kl_buf *problems);
void keymap_free(struct keymap *keymap);

enum keymap_answer {
	KEYMAP_REQUEST, /* *request is to be done */
	KEYMAP_MORE, /* the sequence goes on */
	KEYMAP_NONE, /* no binding; a sequence that had begun is dropped */
};

enum keymap_answer keymap_key(enum request *request, const struct keymap *keymap, struct keymap_state *state,
			      enum scope scope, struct key key);

/* The key shown for request in scope: the last binding that counts; "" when there is none. text: KEYS_NAME_MAX bytes. Returns text. */
const char *keymap_name(char *text, const struct keymap *keymap, enum scope scope, enum request request);
/* All bindings of request in scope and everywhere, parted by ", ". */
void keymap_names(struct kl_buf *out, const struct keymap *keymap, enum request request);
/* Adds a binding; false when keys cannot be parsed. */
bool keymap_bind(struct keymap *keymap, enum scope scope, const char *keys, enum request request);

const char *scope_name(enum scope scope);

#endif
