#ifndef TUI_KEYTEXT_H
#define TUI_KEYTEXT_H

/* Texts that speak of keys: "{key:run}" stands for whatever key runs the tests in this person's keymap. */

struct kl_buf;
struct keymap;

/* Appends text with its placeholders filled in: the key, or the request's name when it has none. Unknown ones stay as they are. */
void keytext_add(struct kl_buf *out, const struct keymap *keymap, const char *text);

#endif
