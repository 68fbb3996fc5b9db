/* The portfolio in the background: a passed submit becomes a commit; a push is told when it is over. */
#include "screens.h"

#include <stdlib.h>

#include <kodelab/alloc.h>
#include <kodelab/log.h>

#include "tui/work.h"

enum { PENDING_MAX = 32 };

static void committed(void *ctx, const struct kl_portfolio_result *result)
{
	struct app *app = ctx;
	char keys[KEYS_NAME_MAX];

	if (result->error.status)
		app_say(app, ROLE_WARNING, "Not in the portfolio yet: %s", result->error.message);
	else if (result->commit[0] && work_unsynced(app->store))
		app_say(app, ROLE_SUCCESS,
			"Committed to your portfolio (%.7s). Provisional, until the first sync with your class.",
			result->commit);
	else if (result->commit[0])
		app_say(app, ROLE_SUCCESS, "Solved and committed to your portfolio (%.7s). %s goes home, to the next.",
			result->commit, keymap_name(keys, app->keymap, SCOPE_EDITOR, REQ_HOME));
	kl_log(KL_LOG_INFO, "portfolio", "commit %s %s", result->commit,
	       result->error.status ? result->error.message : "");
}

void publish_attempt(struct app *app, const struct kl_challenge *challenge, const char *attempt_id)
{
	struct kl_error err;

	if (!kl_config_bool(app->config, "portfolio.enabled"))
		return;
	if (work_publish(app->portfolio, app->store, challenge, attempt_id, committed, app, &err))
		app_say_error(app, &err);
}

/* The attempt's challenge may be of a pack that is gone: then it waits. */
void publish_one(struct app *app, const char *attempt_id)
{
	struct kl_attempt attempt = { 0 };
	struct kl_challenge *challenge = NULL;
	size_t index;
	char *name;

	if (kl_store_attempt_get(&attempt, app->store, attempt_id, NULL))
		return;
	name = kl_format("%s/%s", attempt.pack, attempt.slug);
	if (!kl_catalogue_find(&index, app_catalogue(app), name, app->paths.work, NULL) &&
	    !kl_catalogue_load(&challenge, app_catalogue(app), index, NULL))
		publish_attempt(app, challenge, attempt_id);
	kl_challenge_free(challenge);
	free(name);
	kl_attempt_release(&attempt);
}

/* Solved challenges whose commit did not happen (the lab was killed, the disk was full): one after the other, unseen. */
void publish_pending(struct app *app)
{
	char ids[PENDING_MAX][KL_ID_SIZE];
	size_t count = 0;
	struct kl_error err;

	if (!app->store || !kl_config_bool(app->config, "portfolio.enabled") ||
	    kl_store_unpublished(ids, &count, PENDING_MAX, app->store, &err))
		return;
	for (size_t i = 0; i < count; i++)
		publish_one(app, ids[i]);
}

static void pushed(void *ctx, const struct kl_portfolio_result *result)
{
	struct app *app = ctx;

	if (result->error.status)
		app_say_error(app, &result->error);
	else
		app_say(app, ROLE_SUCCESS, "Pushed. %s", result->text ? result->text : "");
}

void publish_push(struct app *app)
{
	struct kl_error err;

	if (kl_portfolio_push(app->portfolio, NULL, pushed, app, &err))
		app_say_error(app, &err);
	else
		app_say(app, ROLE_RUNNING, "Pushing the portfolio...");
}
