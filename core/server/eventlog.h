#ifndef CORE_SERVER_EVENTLOG_H
#define CORE_SERVER_EVENTLOG_H

/*
 * kodelabd's log: one JSON object a line on standard error, or, for a person in front of it, one readable line. Lines
 * are gathered and written once a turn without ever waiting for the reader: what a stuck reader does not take is
 * dropped and counted. Never pass a secret, nor anything of a request but what names it.
 */

#include <stdbool.h>
#include <stdint.h>

#include <kodelab/error.h>
#include <kodelab/log.h>

void eventlog_open(const char *level, bool readable); /* level: as in the option log.level */
void eventlog_level(const char *level);
void eventlog_flush(void); /* once a turn */
void eventlog_close(void);

/* fmt: "name=type …" would be a language of its own; the fields come as pairs instead. */
struct eventlog_field {
	const char *name;
	const char *text; /* NULL: number counts */
	double number;
};

#define EVENTLOG_TEXT(name, value)   ((struct eventlog_field){ name, value, 0 })
#define EVENTLOG_NUMBER(name, value) ((struct eventlog_field){ name, NULL, (double)(value) })

void eventlog_add(enum kl_log_level level, const char *event, const struct eventlog_field *fields, size_t count);

/* eventlog(KL_LOG_INFO, "listening", EVENTLOG_TEXT("address", text), …): at least one field. */
#define eventlog(level, event, ...)                                                                                    \
	eventlog_add(level, event, (const struct eventlog_field[]){ __VA_ARGS__ },                                     \
		     sizeof((const struct eventlog_field[]){ __VA_ARGS__ }) / sizeof(struct eventlog_field))

#endif
