#ifndef KODELAB_BUF_H
#define KODELAB_BUF_H

/*
 * Bytes being built, with a maximum fixed at birth: what a student's endless loop prints costs the maximum
 * and no more. data is never NULL and always NUL-terminated; it may hold NULs before that.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kl_buf {
	char *data; /* owned; len bytes and a NUL */
	size_t len; /* bytes */
	size_t capacity; /* bytes allocated; 0: data is the shared empty string */
	size_t max; /* len never exceeds this */
	bool truncated; /* something did not fit and was dropped */
};

/* An empty buffer that holds at most max bytes. Allocates nothing yet. */
void kl_buf_init(struct kl_buf *buf, size_t max);
void kl_buf_release(struct kl_buf *buf);
/* Empty again, memory kept for reuse; truncated is reset. */
void kl_buf_clear(struct kl_buf *buf);
/* Gives the bytes to the caller (free()) and leaves the buffer empty. Never NULL. */
char *kl_buf_detach(struct kl_buf *buf);

/* All of these drop what does not fit and set truncated; they return false then. */
bool kl_buf_add(struct kl_buf *buf, const void *bytes, size_t len);
bool kl_buf_add_str(struct kl_buf *buf, const char *text);
bool kl_buf_add_char(struct kl_buf *buf, char byte);
/* In decimal. */
bool kl_buf_add_int(struct kl_buf *buf, int64_t value);
/* None of the arguments may lie in the buffer. */
bool kl_buf_addf(struct kl_buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool kl_buf_vaddf(struct kl_buf *buf, const char *fmt, va_list args) __attribute__((format(printf, 2, 0)));

/* Removes len bytes from the front (all when there are fewer). */
void kl_buf_consume(struct kl_buf *buf, size_t len);
/* Cuts to len bytes (no effect when shorter). */
void kl_buf_cut(struct kl_buf *buf, size_t len);

#endif
