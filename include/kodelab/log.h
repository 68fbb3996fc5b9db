#ifndef KODELAB_LOG_H
#define KODELAB_LOG_H

/*
 * One line per event, appended to a file (never to the terminal): time, level, area, text. Control bytes are
 * escaped. Never pass a secret. Without kl_log_open nothing is written.
 */

#include <kodelab/error.h>

enum kl_log_level { KL_LOG_ERROR, KL_LOG_WARN, KL_LOG_INFO, KL_LOG_DEBUG };

/* Opens path for appending (0600), set aside as path.1 when over 1 MiB. */
enum kl_status kl_log_open(const char *path, enum kl_log_level level, struct kl_error *err) KL_MUST_CHECK;
void kl_log_close(void);
void kl_log(enum kl_log_level level, const char *area, const char *fmt, ...) KL_PRINTF(3, 4);

#endif
