/*
 * Kept runs in the open lab. A round tries them from the oldest on; when no judge can take one, the round ends, and the next
 * begins when the breakers allow it, but not before a pause that grows. With nothing kept there is no timer.
 */
#include "keeper.h"

#include <string.h>

#include <kodelab/instance.h>
#include <kodelab/log.h>

#include "app.h"
#include "kept.h"
#include "screens/screens.h"

enum { NEWS_MS = 2000 };

static void look(struct app *app);

/* Another process may add a judge meanwhile: that is worth a try. */
static void watch(void *ctx)
{
	struct app *app = ctx;
	struct keeper *keeper = &app->keeper;
	int64_t left_ms = keeper->next_ms - kl_clock_mono_ms();

	keeper->timer = NULL;
	if (left_ms > 0 && elsewhere_more(&app->elsewhere, app->store))
		keeper->tries = 0;
	else if (left_ms > 0)
		keeper->timer = kl_loop_add_timer(app->loop, left_ms < NEWS_MS ? left_ms : NEWS_MS, watch, app);
	if (!keeper->timer)
		look(app);
}

static void look_later(struct app *app, int64_t pause_ms)
{
	kl_timer_cancel(app->keeper.timer);
	app->keeper.next_ms = kl_clock_mono_ms() + pause_ms;
	app->keeper.timer = kl_loop_add_timer(app->loop, pause_ms < NEWS_MS ? pause_ms : NEWS_MS, watch, app);
}

/* The round is over, and something in language (NULL: nobody knows it) is still kept. */
static void rest(struct app *app, const struct kl_language *language)
{
	struct keeper *keeper = &app->keeper;
	int64_t ready_ms = language ? kl_judge_ready_ms(app->judge, language) : 0;

	keeper->last[0] = '\0';
	look_later(app, keeper_pause_ms(keeper->tries++, ready_ms, kl_clock_wall_ms(&app->clock)));
}

static void sent(void *ctx, const struct kept_news *news)
{
	struct app *app = ctx;
	struct keeper *keeper = &app->keeper;

	keeper->sending = NULL;
	snprintf(keeper->last, sizeof(keeper->last), "%s", news->run->id);
	kl_log(KL_LOG_INFO, "kept", "%s", news->words);
	if (news->end == KEPT_WAITS) {
		rest(app, kl_instances_language(app->elsewhere.instances, news->run->language));
		return;
	}
	if (news->end == KEPT_JUDGED) {
		keeper->tries = 0;
		app_say(app, news->report->verdict == KL_VERDICT_PASSED ? ROLE_SUCCESS : ROLE_WARNING, "%c%s.",
			news->words[0] - 'a' + 'A', news->words + 1);
		app_progress_changed(app);
		if (news->run->kind == KL_ATTEMPT_SUBMIT && news->report->verdict == KL_VERDICT_PASSED)
			publish_attempt(app, news->challenge, news->run->id);
	}
	look_later(app, 0);
}

/* The next of the round. */
static size_t next_of(const struct keeper *keeper, const struct kl_kept_run *runs, size_t count)
{
	size_t at = 0;

	while (at < count && strcmp(runs[at].id, keeper->last) <= 0)
		at++;
	return at;
}

static void look(struct app *app)
{
	struct keeper *keeper = &app->keeper;
	struct kl_kept_run *runs;
	struct kl_error err;
	size_t count, at;

	if (kl_store_kept(&runs, &count, app->store, &err)) {
		kl_log(KL_LOG_WARN, "kept", "%s", err.message);
		return;
	}
	if (count)
		app_judge(app, false);
	at = next_of(keeper, runs, count);
	if (at < count && app->elsewhere.instances) {
		struct kept_means means = { app->loop,          &app->clock, app->store,
					    app_catalogue(app), app->judge,  app->elsewhere.instances,
					    app->paths.work };

		keeper->sending = kept_send(&means, &runs[at], sent, app);
	} else if (count) {
		rest(app, NULL);
	}
	kl_kept_runs_free(runs, count);
}

void keeper_wake(struct app *app)
{
	struct keeper *keeper = &app->keeper;

	if (!app->store || keeper->sending)
		return;
	keeper->tries = 0;
	keeper->last[0] = '\0';
	look_later(app, 0);
}

void keeper_kept(struct app *app, const struct kl_language *language)
{
	if (!app->keeper.sending && !app->keeper.timer)
		rest(app, language);
}

void keeper_close(struct app *app)
{
	kl_timer_cancel(app->keeper.timer);
	kept_stop(app->keeper.sending);
	app->keeper = (struct keeper){ .timer = NULL };
}
