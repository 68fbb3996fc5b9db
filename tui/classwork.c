/* The class in the open lab: see classwork.h. */
#include "classwork.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/folder.h>
#include <kodelab/log.h>

#include "app.h"
#include "screens/screens.h"
#include "work.h"

static bool is_on(const struct app *app)
{
	return app->classwork.sync != NULL;
}

/* --- news --------------------------------------------------------------------------------------------------------- */

static void say_result(struct app *app, const struct kl_sync_news *news)
{
	struct kl_attempt attempt;

	if (kl_store_attempt_get(&attempt, app->store, news->subject, NULL))
		return;
	if (news->words)
		app_say(app, ROLE_WARNING, "The class server could not judge %s: %s", attempt.slug, news->words);
	else if (news->solved)
		app_say(app, ROLE_SUCCESS, "Solved! The class server has judged %s: all %d tests passed.", attempt.slug,
			attempt.total);
	else
		app_say(app, work_passed(&attempt) ? ROLE_SUCCESS : ROLE_WARNING,
			"The class server has judged %s: %d of %d tests passed.", attempt.slug, attempt.passed,
			attempt.total);
	kl_attempt_release(&attempt);
	app_progress_changed(app);
	if (news->solved)
		publish_one(app, news->subject);
}

static void say_pack(struct app *app, const struct kl_sync_news *news)
{
	if (news->words)
		app_say(app, ROLE_WARNING, "The pack %s of your class cannot be installed: %s", news->subject,
			news->words);
	else
		app_packs_changed(app);
}

/* subject: pack/slug/language. The sentence has to fit a row of 80, up to what undo does. */
static void say_draft(struct app *app, const char *subject)
{
	const char *slash = strchr(subject, '/'), *slug = slash ? slash + 1 : subject;

	app_say(app, ROLE_INFO, "%.*s is as you left it elsewhere; undo brings yours back.", (int)strcspn(slug, "/"),
		slug);
}

static void on_news(void *ctx, const struct kl_sync_news *news)
{
	struct app *app = ctx;

	switch (news->kind) {
	case KL_NEWS_REFUSED:
		app_say(app, ROLE_ERROR, "%s is not taken by the class server: %s", news->subject, news->words);
		break;
	case KL_NEWS_RESULT:
		say_result(app, news);
		break;
	case KL_NEWS_DRAFT:
		say_draft(app, news->subject);
		break;
	case KL_NEWS_CONFLICT:
		if (!badge_ask(app, news->subject))
			app_say(app, ROLE_WARNING, "%s was changed on another machine, too: open it to decide.",
				news->subject);
		break;
	case KL_NEWS_PACK:
		say_pack(app, news);
		break;
	case KL_NEWS_STATE:
	case KL_NEWS_RECEIVED:
		break;
	case KL_NEWS_COURSE:
		app_refresh(app);
		break;
	}
	badge_look_all(app);
	app_dirty(app);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static enum kl_status open_class(struct app *app, struct kl_error *err)
{
	struct kl_class_parts parts = {
		.loop = app->loop, .store = app->store, .clock = &app->clock, .folder = app->paths.data
	};
	enum kl_status status = app_keyring(app, err);

	parts.vault = app->keyring.vault;
	return status ? status : kl_class_open(&app->classwork.class, &parts, NULL, err);
}

static bool is_logged_in(struct app *app)
{
	struct kl_class_server server;
	bool session;

	if (!app->store || kl_store_class_get(&server, app->store, NULL, NULL))
		return false;
	session = server.session;
	kl_class_server_release(&server);
	return session;
}

void classwork_start(struct app *app)
{
	struct classwork *classwork = &app->classwork;
	struct kl_sync_parts parts = { .loop = app->loop,
				       .store = app->store,
				       .clock = &app->clock,
				       .folder = app->paths.data,
				       .cache = app->paths.cache,
				       .program = "/proc/self/exe",
				       .files = &classwork->files.files,
				       .news = on_news,
				       .ctx = app };
	struct kl_error err;

	if (is_on(app) || !is_logged_in(app))
		return;
	if (open_class(app, &err)) {
		app_say_error(app, &err);
		return;
	}
	classwork->files = (struct syncfiles){ .paths = &app->paths, .app = app };
	syncfiles_init(&classwork->files);
	classwork->device = syncfiles_device();
	parts.class = classwork->class;
	parts.device = classwork->device;
	classwork->sync = kl_sync_open(&parts);
	kl_sync_wake(classwork->sync);
	badge_look_all(app);
}

static void stop(struct app *app)
{
	struct classwork *classwork = &app->classwork;

	kl_sync_close(classwork->sync);
	classwork->sync = NULL;
	kl_class_close(classwork->class);
	classwork->class = NULL;
	free(classwork->device);
	classwork->device = NULL;
}

void classwork_close(struct app *app)
{
	stop(app);
	kl_folder_close(app->classwork.folder);
	app->classwork.folder = NULL;
}

/* --- what another terminal does ----------------------------------------------------------------------------------- */

/* Of the sealed token: another one after each login and renewal. */
static void session_mark(char mark[KL_SHA256_SIZE], struct app *app, const char *name)
{
	struct kl_class_session session;

	mark[0] = '\0';
	if (kl_store_class_session(&session, app->store, name, NULL))
		return;
	kl_sha256(mark, session.token, strlen(session.token));
	kl_class_session_release(&session);
}

static bool is_open_for(const struct app *app, const struct kl_class_server *now)
{
	const struct kl_class_server *ours = is_on(app) ? kl_class_server(app->classwork.class) : NULL;

	return ours && !strcmp(ours->name, now->name) && !strcmp(ours->user_id, now->user_id) &&
	       !strcmp(ours->server_id, now->server_id);
}

static void begin_again(struct app *app, const struct kl_class_server *now)
{
	stop(app);
	classwork_start(app);
	if (is_on(app))
		app_say(app, ROLE_INFO, "You are %s at '%s' now.", now->user_name, now->name);
	else if (!now->session) /* else it was said why not */
		app_say(app, ROLE_INFO, "You are logged out of the class server.");
	badge_look_all(app);
	app_refresh(app);
}

/* One who was logged out by the server is in again; or something was pulled. */
static void go_on(struct app *app, const struct kl_class_server *now, bool another_session)
{
	struct classwork *classwork = &app->classwork;

	if (another_session && kl_sync_state(classwork->sync)->line == KL_LINE_LOGIN)
		kl_sync_wake(classwork->sync);
	if (now->cursor == classwork->cursor)
		return;
	classwork->cursor = now->cursor;
	badge_look_all(app);
	app_refresh(app);
}

static void look(void *ctx)
{
	struct app *app = ctx;
	struct kl_class_server now = { .name = NULL };
	bool there = !kl_store_class_get(&now, app->store, NULL, NULL) && now.session, another;
	char mark[KL_SHA256_SIZE] = "";

	if (there)
		session_mark(mark, app, now.name);
	another = strcmp(mark, app->classwork.session) != 0;
	memcpy(app->classwork.session, mark, sizeof(mark));
	if (there && is_open_for(app, &now))
		go_on(app, &now, another);
	else if (another) /* what could not be opened once is not tried again with the same */
		begin_again(app, &now);
	kl_class_server_release(&now);
}

void classwork_follow(struct app *app)
{
	struct classwork *classwork = &app->classwork;
	struct kl_class_server now;

	if (!app->store || !(classwork->folder = kl_folder_watch(app->loop, app->paths.data, look, app)))
		return;
	if (kl_store_class_get(&now, app->store, NULL, NULL))
		return;
	classwork->cursor = now.cursor;
	session_mark(classwork->session, app, now.name);
	kl_class_server_release(&now);
}

void classwork_wake(struct app *app)
{
	if (is_on(app))
		kl_sync_wake(app->classwork.sync);
}

/* --- how it stands ------------------------------------------------------------------------------------------------ */

bool classwork_judges(const struct app *app, const char *pack)
{
	return is_on(app) && kl_store_class_judges(app->store, pack);
}

const char *classwork_account(const struct app *app)
{
	return is_on(app) ? kl_class_account(app->classwork.class) : NULL;
}

static void say_since(char words[CLASSWORK_WORDS], const struct app *app, const struct kl_sync_state *state)
{
	char whole[20];

	kl_clock_format(state->offline_since_ms, whole, sizeof(whole));
	snprintf(words, CLASSWORK_WORDS, "offline since %s",
		 kl_clock_local_day(state->offline_since_ms) == kl_clock_local_day(kl_clock_wall_ms(&app->clock))
			 ? whole + strlen("2026-01-01 ")
			 : whole);
}

enum role classwork_words(char words[CLASSWORK_WORDS], const struct app *app)
{
	const struct kl_sync_state *state = is_on(app) ? kl_sync_state(app->classwork.sync) : NULL;

	words[0] = '\0';
	if (!state)
		return ROLE_TITLE;
	switch (state->line) {
	case KL_LINE_OFFLINE:
		say_since(words, app, state);
		return ROLE_WARNING;
	case KL_LINE_LOGIN:
		snprintf(words, CLASSWORK_WORDS, "logged out");
		return ROLE_WARNING;
	case KL_LINE_UNTRUSTED:
		snprintf(words, CLASSWORK_WORDS, "the class server's certificate is bad");
		return ROLE_ERROR;
	case KL_LINE_UNKNOWN:
	case KL_LINE_ONLINE:
		break;
	}
	if (state->conflicts)
		snprintf(words, CLASSWORK_WORDS, "%zu draft%s to decide", state->conflicts,
			 state->conflicts == 1 ? "" : "s");
	else if (state->phase == KL_SYNC_FETCHES && state->packs)
		snprintf(words, CLASSWORK_WORDS, "fetching pack %zu of %zu", state->pack, state->packs);
	else if (state->waiting)
		snprintf(words, CLASSWORK_WORDS, "%zu waiting", state->waiting);
	return ROLE_TITLE;
}
