#ifndef TUI_KEEPER_H
#define TUI_KEEPER_H

/* The open lab sends kept runs (kept.h), one after the other, when a judge may take them again. */

struct app;
struct kept_sending;
struct kl_language;
struct kl_timer;

struct keeper { /* zeroed: nothing is to be done */
	struct kl_timer *timer; /* the next try; NULL: nothing is kept, or one is on its way */
	struct kept_sending *sending;
	int tries; /* in vain, one after the other */
	char last[64]; /* id of the one that was tried last in this round; "": a new round */
};

/* A judge has just answered, or the lab has begun: looks at once. Nothing kept: no timer is left. */
void keeper_wake(struct app *app);
/* A run in language was kept: it is sent when a judge may take it. */
void keeper_kept(struct app *app, const struct kl_language *language);
/* Before the judge is closed; what is on its way stays kept. */
void keeper_close(struct app *app);

#endif
