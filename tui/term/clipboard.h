#ifndef TUI_CLIPBOARD_H
#define TUI_CLIPBOARD_H

/* Copying to the terminal's clipboard by OSC 52. The clipboard is never read. */

#include <kodelab/buf.h>
#include <kodelab/error.h>

/* The longest text that is sent: 74,994 bytes of base64 is what terminals are known to take. */
enum { CLIPBOARD_MAX = 74994 / 4 * 3 };

/* Appends the sequence for text to out. KL_EFULL: longer than CLIPBOARD_MAX; the sentence says that it stays in the lab's own clipboard. */
enum kl_status clipboard_sequence(struct kl_buf *out, const char *text, size_t len, struct kl_error *err) KL_MUST_CHECK;

#endif
