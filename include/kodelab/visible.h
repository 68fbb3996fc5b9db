#ifndef KODELAB_VISIBLE_H
#define KODELAB_VISIBLE_H

/*
 * Text from outside made harmless: what could drive a terminal or deceive a reader is shown, not obeyed.
 *
 * C0 controls and DEL become ^[ or ^?, C1 controls (as one byte or as U+0080..9F), bytes that are no UTF-8 become
 * <9b>, bidi controls, zero-width and other format characters, surrogates and noncharacters become <U+202E>.
 * ZWJ and variation selectors stay where they follow a character: emoji and scripts need them.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/buf.h>

enum kl_visible_flags {
	KL_VISIBLE_NEWLINE = 1 << 0, /* \n passes as it is */
	KL_VISIBLE_TAB = 1 << 1, /* \t passes as it is */
	KL_VISIBLE_ASCII = 1 << 2, /* C locale: whatever is not ASCII is shown as <U+00E9>, too */
};

#define KL_VISIBLE_MAX 12 /* bytes of the longest form of one character, "<U+10FFFF>", and a NUL */

/* Appends bytes to out, made visible; flags of enum kl_visible_flags. False: out is full (see struct kl_buf). */
bool kl_visible(struct kl_buf *out, const char *bytes, size_t len, unsigned flags);

/* The same for a NUL-terminated text; owned by the caller. */
char *kl_visible_dup(const char *text, unsigned flags);

/*
 * The first character of bytes (len > 0): returns how many bytes it takes. When it must be shown, form is what to
 * show (ASCII, NUL-terminated); when it may pass as it is, form is "". ZWJ and variation selectors pass here.
 */
size_t kl_visible_char(char form[KL_VISIBLE_MAX], const char *bytes, size_t len, unsigned flags);

/* Decodes one character of bytes (len > 0) into *code and returns its length; no UTF-8: *code is -1, the length 1. */
size_t kl_utf8_decode(int *code, const char *bytes, size_t len);
/* As much of bytes as max holds, and no half of a character at its end. */
size_t kl_utf8_fit(const char *bytes, size_t len, size_t max);
/* Are these bytes well-formed UTF-8 (RFC 3629) throughout? */
bool kl_utf8_valid(const char *bytes, size_t len);

#endif
