/* What a screen asks of the class server: see asking.h. */
#include "asking.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/json.h>

#include "app.h"

enum { PAGES_MAX = 200, CSV_MAX = 64 << 20 };

static void ask_page(struct asking *asking);

/* The line at the bottom, if it is still ours. */
static void say_nothing(struct app *app)
{
	if (app->status_role == ROLE_RUNNING)
		app_say(app, ROLE_INFO, "%s", "");
}

static void fail(struct asking *asking, const struct kl_error *err)
{
	free(asking->path);
	asking->path = NULL;
	if (asking->tag)
		return; /* the title says how the server is reached */
	snprintf(asking->problem, sizeof(asking->problem), "%.300s.%s", err->message,
		 err->status == KL_ENET ? " R asks again." : "");
	app_say_error(asking->pane->app, err);
}

static bool has_more(const struct asking *asking, const struct kl_class_answer *answer)
{
	return asking->path && asking->page < PAGES_MAX &&
	       kl_json_number_of(answer->pagination, "pages") > (double)asking->page;
}

/* Lists are asked for by pages: a longer one is no answer to that, and may be longer than what can be drawn. */
static bool is_too_long(const struct asking *asking, const struct kl_class_answer *answer)
{
	return (asking->path || asking->tag) && cJSON_IsArray(answer->data) &&
	       cJSON_GetArraySize(answer->data) > ASKING_PAGE;
}

static void keep_tag(struct asking_tag *tag, const struct kl_class_answer *answer)
{
	const char *text = answer->http ? kl_http_header(answer->http, "ETag") : NULL;

	if (text && strlen(text) < sizeof(tag->text))
		snprintf(tag->text, sizeof(tag->text), "%s", text);
}

static void done(void *ctx, const struct kl_class_answer *answer)
{
	struct asking *asking = ctx;
	struct pane *pane = asking->pane;
	bool more, closed = false;

	asking->call = NULL;
	if (is_too_long(asking, answer)) {
		fail(asking, &(struct kl_error){ .status = KL_ENET,
						 .message = "the class server sends more than was asked for: it is "
							    "of another version, tell whoever runs it" });
		return;
	}
	if (asking->tag && answer->end == KL_CLASS_DONE) {
		keep_tag(asking->tag, answer);
		if (answer->data)
			app_dirty(pane->app);
		asking->fn(pane, answer, 1);
		return;
	}
	if (answer->end == KL_CLASS_CANCELED) {
		free(asking->path);
		asking->path = NULL;
		app_say(pane->app, ROLE_INFO, "Stopped.");
		return;
	}
	if (answer->end != KL_CLASS_DONE) {
		fail(asking, &answer->error);
		return;
	}
	more = has_more(asking, answer);
	if (!more) {
		free(asking->path);
		asking->path = NULL;
		say_nothing(pane->app);
	}
	app_dirty(pane->app);
	asking->closed = &closed;
	asking->fn(pane, answer, asking->page);
	if (closed) /* by what was done with the page; asking may be gone, with its pane */
		return;
	asking->closed = NULL;
	if (more && asking->path && !asking->call) {
		asking->page++;
		ask_page(asking);
	}
}

static void call(struct asking *asking, const struct kl_class_ask *ask)
{
	struct app *app = asking->pane->app;
	struct kl_error err;

	if (!asking->tag)
		asking->problem[0] = '\0';
	if (!app->classwork.class) {
		kl_fail(&err, KL_EDENIED, "you are not logged in: leave the lab (C-q), and kodelab login ADDRESS");
		fail(asking, &err);
		return;
	}
	if (kl_class_call(&asking->call, app->classwork.class, ask, done, asking, &err)) {
		asking->call = NULL;
		fail(asking, &err);
		return;
	}
	if (!asking->tag)
		app_say(app, ROLE_RUNNING, "Asking %s... Esc stops it.", kl_class_server(app->classwork.class)->name);
}

static void ask_page(struct asking *asking)
{
	char *path = kl_format("%slimit=%d&page=%d", asking->path, ASKING_PAGE, asking->page);
	const struct kl_class_ask ask = { .method = "GET", .path = path };

	call(asking, &ask);
	free(path);
}

void asking_begin(struct asking *asking, struct pane *pane, const struct asking_wish *wish, asking_fn *fn)
{
	struct kl_class_ask ask = wish->bytes ? *wish->bytes : (struct kl_class_ask){ .body = NULL };
	char *text = wish->body ? cJSON_PrintUnformatted(wish->body) : NULL;

	asking_close(asking);
	asking->pane = pane;
	asking->fn = fn;
	asking->tag = wish->tag;
	asking->page = 1;
	if (wish->pages) {
		asking->path = wish->path;
		ask_page(asking);
	} else {
		ask.method = wish->method;
		ask.path = wish->path;
		ask.raw = wish->raw;
		ask.known = wish->tag && *wish->tag->text ? wish->tag->text : NULL;
		ask.response_max = wish->raw ? CSV_MAX : 0;
		if (text) {
			ask.body = text;
			ask.body_len = strlen(text);
		}
		call(asking, &ask);
		free(wish->path);
	}
	cJSON_free(text);
	cJSON_Delete(wish->body);
}

bool asking_due(struct asking *asking)
{
	bool due = asking->later;

	asking->later = false;
	return due;
}

bool asking_stop(struct asking *asking)
{
	if (!asking->call || asking->tag)
		return false;
	kl_class_cancel(asking->call);
	return true;
}

void asking_close(struct asking *asking)
{
	if (asking->closed)
		*asking->closed = true;
	asking->closed = NULL;
	if (asking->call) {
		kl_class_forget(asking->call);
		if (!asking->tag)
			say_nothing(asking->pane->app);
	}
	asking->call = NULL;
	free(asking->path);
	asking->path = NULL;
}
