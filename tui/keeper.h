#ifndef TUI_KEEPER_H
#define TUI_KEEPER_H

/* The open lab sends kept runs (kept.h), one after the other, when a judge may take them again. */

#include <stdint.h>

struct app;
struct kept_sending;
struct kl_language;
struct kl_timer;

struct keeper { /* zeroed: nothing is to be done */
	struct kl_timer *timer; /* looks whether it is time; NULL: nothing is kept, or one is on its way */
	int64_t next_ms; /* monotonic; the next try, unless there is news before */
	struct kept_sending *sending;
	int tries; /* in vain, one after the other */
	char last[64]; /* id of the one that was tried last in this round; "": a new round */
};

/*
 * How long nothing is tried after so many tries in vain, one after the other: from 10 s to 10 minutes, and not before ready_ms (wall;
 * 0 or less: not said), when a judge may be asked again.
 */
int64_t keeper_pause_ms(int tries, int64_t ready_ms, int64_t now_ms);
/* A judge has just answered, was added or was given a key, or the lab has begun: looks at once. Nothing kept: no timer is left. */
void keeper_wake(struct app *app);
/* A run in language was kept: it is sent when a judge may take it. */
void keeper_kept(struct app *app, const struct kl_language *language);
/* Before the judge is closed; what is on its way stays kept. */
void keeper_close(struct app *app);

#endif
