/* The portfolio in the background: a passed submit becomes a commit; a push is told when it is over. */
#include "screens.h"

#include <kodelab/log.h>

#include "tui/work.h"

static void committed(void *ctx, const struct kl_portfolio_result *result)
{
	struct app *app = ctx;

	if (result->error.status)
		app_say(app, ROLE_WARNING, "Not in the portfolio yet: %s", result->error.message);
	else if (result->commit[0])
		app_say(app, ROLE_SUCCESS, "Solved and committed to your portfolio (%.7s).", result->commit);
	kl_log(KL_LOG_INFO, "portfolio", "commit %s %s", result->commit, result->error.status ? result->error.message : "");
}

void publish_attempt(struct app *app, const struct kl_challenge *challenge, const char *attempt_id)
{
	struct kl_error err;

	if (!kl_config_bool(app->config, "portfolio.enabled"))
		return;
	if (work_publish(app->portfolio, app->store, challenge, attempt_id, committed, app, &err))
		app_say_error(app, &err);
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
