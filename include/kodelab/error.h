#ifndef KODELAB_ERROR_H
#define KODELAB_ERROR_H

/*
 * Failure: a status to branch on and one sentence for the person in front of the screen.
 *
 * Whatever can fail returns enum kl_status, gives its results through pointers that come first and stay
 * untouched on failure, and takes struct kl_error * last (NULL: the sentence is not wanted).
 */

#include <stdarg.h>

#define KL_MUST_CHECK        __attribute__((warn_unused_result))
#define KL_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define KL_NORETURN          __attribute__((noreturn))

/* Codes are few and for branching; the sentence is for people. */
#define KL_STATUS_MAP(X)                                                                                               \
	X(KL_OK, "done")                                                                                               \
	X(KL_EINVAL, "bad input")                                                                                      \
	X(KL_ENOENT, "not found")                                                                                      \
	X(KL_EEXIST, "already there")                                                                                  \
	X(KL_EIO, "input or output failed")                                                                            \
	X(KL_EFULL, "no space or over a limit")                                                                        \
	X(KL_EMANY, "as many as may be are there")                                                                     \
	X(KL_EBUSY, "in use")                                                                                          \
	X(KL_ETIME, "took too long")                                                                                   \
	X(KL_EDENIED, "not allowed")                                                                                   \
	X(KL_ECORRUPT, "damaged data")                                                                                 \
	X(KL_ENOTOOL, "a needed program is missing")                                                                   \
	X(KL_ENET, "network or server")                                                                                \
	X(KL_ECONFLICT, "a conflict waits")                                                                            \
	X(KL_ECANCELED, "cancelled")

enum kl_status {
#define X(code, name) code,
	KL_STATUS_MAP(X)
#undef X
};

struct kl_error {
	enum kl_status status;
	char message[512]; /* a full sentence, no newline, says what to do next; may hold outside bytes */
};

/* Records status and sentence in err (may be NULL) and returns status. */
enum kl_status kl_fail(struct kl_error *err, enum kl_status status, const char *fmt, ...) KL_PRINTF(3, 4);

/* As kl_fail, adding ": " and the text of errnum (an errno value). ENOSPC and EDQUOT become KL_EFULL, ENOENT
 * KL_ENOENT, EACCES and EPERM KL_EDENIED; everything else is status. */
enum kl_status kl_fail_errno(struct kl_error *err, enum kl_status status, int errnum, const char *fmt, ...)
	KL_PRINTF(4, 5);

/* Puts "prefix: " in front of the sentence in err; returns the status found there. */
enum kl_status kl_error_prefix(struct kl_error *err, const char *fmt, ...) KL_PRINTF(2, 3);

/* The short name of a status ("not found"). */
const char *kl_status_name(enum kl_status status);

/* Called first by kl_die (restores the terminal); async-signal-safe. NULL: none. */
void kl_die_hook(void (*hook)(void));

/* Our own impossible case, or no memory: runs the hook, prints one line on stderr, aborts. */
void kl_die(const char *fmt, ...) KL_PRINTF(1, 2) KL_NORETURN;

#endif
