#ifndef TUI_KEYS_INT_H
#define TUI_KEYS_INT_H

/* What keys.c (the machine) and sequence.c (what finished sequences mean) share. */

#include "keys.h"

void keys_emit(struct keys *keys, const struct input *input);
void keys_emit_key(struct keys *keys, uint32_t code, unsigned mods);
/* The mods and code of a C0 control or DEL. */
struct key keys_control(const struct keys *keys, unsigned char byte);

/* A whole sequence is in keys->pending: says what it means, or drops it. */
void sequence_csi(struct keys *keys);
void sequence_ss3(struct keys *keys);
void sequence_linux(struct keys *keys);
void sequence_string(struct keys *keys);
/* ESC [ 3 $ of rxvt, which may also be the beginning of an answer. True when it was a key. */
bool sequence_rxvt_shift(struct keys *keys);

#endif
