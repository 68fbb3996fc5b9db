/*
 * What the class server has of the text in the editor, on the title of the workspace. "received" is said of these very bytes and no others,
 * so the first key after it takes the word away; when the keys rest, the draft is saved, sent, and looked up again.
 */
#include "workspace_int.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>
#include <kodelab/sync.h>
#include <kodelab/text.h>

#include "tui/classwork.h"
#include "tui/editor/editor.h"

enum { REST_MS = 2000 };

/* --- the word ----------------------------------------------------------------------------------------------------- */

static void set_word(struct workspace *workspace, enum kl_delivery delivery)
{
	struct badge *badge = &workspace->badge;

	if (badge->shown && badge->delivery == delivery)
		return;
	badge->shown = true;
	badge->delivery = delivery;
	app_dirty(workspace->app);
}

static enum kl_delivery look_up(struct workspace *workspace, const char *account)
{
	struct kl_delivered delivered = { .delivery = KL_DELIVERY_NONE };
	char hash[KL_SHA256_SIZE];
	size_t len;
	char *text = kl_text_dup(workspace->document.text, &len);

	kl_sha256(hash, text, len);
	free(text);
	if (kl_store_delivered(&delivered, workspace->app->store, account, workspace->challenge->pack,
			       workspace->challenge->slug, workspace->document.language->id, hash, NULL))
		return KL_DELIVERY_NONE;
	return delivered.delivery;
}

void badge_look(struct workspace *workspace)
{
	const char *account = classwork_account(workspace->app);
	struct badge *badge = &workspace->badge;

	if (!account || !workspace->document.text || !classwork_judges(workspace->app, workspace->challenge->pack)) {
		badge->shown = false;
		return;
	}
	badge->generation = kl_text_generation(workspace->document.text);
	set_word(workspace, look_up(workspace, account));
}

/* The keys rest: what is typed goes to the server, too. A draft is in the journal as well: it need not wait for the disk. */
static void rest(void *ctx)
{
	struct workspace *workspace = ctx;

	workspace->badge.timer = NULL;
	kl_store_lightly(workspace->app->store, true);
	workspace_keep_draft(workspace);
	kl_store_lightly(workspace->app->store, false);
	classwork_wake(workspace->app);
	badge_look(workspace);
}

void badge_touch(struct workspace *workspace)
{
	struct badge *badge = &workspace->badge;
	uint64_t generation = workspace->document.text ? kl_text_generation(workspace->document.text) : 0;

	if (!badge->shown || generation == badge->generation)
		return;
	badge->generation = generation;
	set_word(workspace, KL_DELIVERY_NONE);
	kl_timer_cancel(badge->timer);
	badge->timer = kl_loop_add_timer(workspace->app->loop, REST_MS, rest, workspace);
}

void badge_close(struct workspace *workspace)
{
	kl_timer_cancel(workspace->badge.timer);
	kl_timer_cancel(workspace->badge.asking);
	workspace->badge = (struct badge){ .shown = false };
}

enum role badge_words(struct pane *pane, char *words, size_t size)
{
	static const struct {
		const char *word;
		enum role role;
	} of[] = {
		[KL_DELIVERY_NONE] = { "not received", ROLE_TITLE },
		[KL_DELIVERY_WAITING] = { "waiting", ROLE_TITLE },
		[KL_DELIVERY_RECEIVED] = { "received", ROLE_SUCCESS },
		[KL_DELIVERY_REFUSED] = { "refused", ROLE_ERROR },
		[KL_DELIVERY_FROM_SERVER] = { "from the server", ROLE_TITLE },
	};
	const struct workspace *workspace = pane->state;
	char line[CLASSWORK_WORDS];
	enum role role = classwork_words(line, pane->app);

	if (!workspace->badge.shown) {
		snprintf(words, size, "%s", line);
		return role;
	}
	if (workspace->badge.delivery == KL_DELIVERY_RECEIVED || !line[0] || role == ROLE_TITLE) {
		snprintf(words, size, "%s", of[workspace->badge.delivery].word);
		return of[workspace->badge.delivery].role;
	}
	snprintf(words, size, "%s, %s", of[workspace->badge.delivery].word, line);
	return role;
}

/* --- two machines ------------------------------------------------------------------------------------------------- */

static bool is_of(const struct workspace *workspace, const struct kl_other_draft *draft)
{
	return !strcmp(draft->pack, workspace->challenge->pack) && !strcmp(draft->slug, workspace->challenge->slug) &&
	       !strcmp(draft->language, workspace->document.language->id);
}

/* The other version that waits for a decision about this text: its row; others to be freed in any case. */
static const struct kl_other_draft *find_other(struct kl_other_draft **others, size_t *count,
					       const struct workspace *workspace)
{
	*others = NULL;
	*count = 0;
	if (!workspace->app->store || kl_store_other_drafts(others, count, workspace->app->store, NULL))
		return NULL;
	for (size_t i = 0; i < *count; i++)
		if (is_of(workspace, &(*others)[i]))
			return &(*others)[i];
	return NULL;
}

static void decide(struct app *app, void *ctx, intptr_t value)
{
	struct workspace *workspace = ctx;
	const struct kl_other_draft *other;
	struct kl_other_draft *others;
	char *path = NULL;
	struct kl_error err;
	size_t count;

	other = find_other(&others, &count, workspace);
	if (!other)
		app_say(app, ROLE_INFO, "It was decided elsewhere.");
	else if (kl_sync_settle(&path, app->store, &app->classwork.files.files, other, (enum kl_sync_choice)value,
				&err))
		app_say_error(app, &err);
	else if (value == KL_SYNC_MINE)
		app_say(app, ROLE_INFO, "Yours goes on.");
	else
		app_say(app, ROLE_INFO, "%s is %s.",
			value == KL_SYNC_THEIRS ? "The other version is in the editor; yours" : "The other version",
			path ? path : "gone");
	free(path);
	kl_other_drafts_free(others, count);
	badge_look(workspace);
	classwork_wake(app);
}

static void ask(struct workspace *workspace, const struct kl_other_draft *other)
{
	static const struct menu_item items[] = {
		{ "Mine: what stands in the editor goes on", NULL, KL_SYNC_MINE, false },
		{ "Theirs: the other version takes its place, mine is kept beside it", NULL, KL_SYNC_THEIRS, false },
		{ "Both: mine goes on, the other version is kept beside it", NULL, KL_SYNC_BOTH, false },
	};
	char title[120], when[20];

	kl_clock_format(other->at_ms, when, sizeof(when));
	snprintf(title, sizeof(title), " Changed on two machines; the other: %.40s, %s ", other->device, when);
	menu_open(workspace->app, title, items, KL_LENGTH(items), KL_SYNC_BOTH, decide, workspace);
}

static void ask_now(void *ctx)
{
	struct workspace *workspace = ctx;
	const struct kl_other_draft *other;
	struct kl_other_draft *others;
	size_t count;

	workspace->badge.asking = NULL;
	other = find_other(&others, &count, workspace);
	/* not above another question, nor while another program has the terminal */
	if (other && workspace->app->stack[workspace->app->depth - 1] == workspace->pane && !workspace->app->lent &&
	    classwork_account(workspace->app))
		ask(workspace, other);
	kl_other_drafts_free(others, count);
}

void badge_ask_soon(struct workspace *workspace)
{
	if (!workspace->badge.asking)
		workspace->badge.asking = kl_loop_add_timer(workspace->app->loop, 0, ask_now, workspace);
}

/* --- from the class ----------------------------------------------------------------------------------------------- */

void badge_look_all(struct app *app)
{
	for (size_t i = 0; i < app->depth; i++)
		if (app->stack[i]->ops == &workspace_ops)
			badge_look(app->stack[i]->state);
}

bool badge_ask(struct app *app, const char *subject)
{
	for (size_t i = 0; i < app->depth; i++) {
		struct workspace *workspace = app->stack[i]->state;
		char *name;
		bool same;

		if (app->stack[i]->ops != &workspace_ops)
			continue;
		name = kl_format("%s/%s/%s", workspace->challenge->pack, workspace->challenge->slug,
				 workspace->document.language->id);
		same = !strcmp(name, subject);
		free(name);
		if (same) {
			badge_ask_soon(workspace);
			return true;
		}
	}
	return false;
}

struct pane *workspace_find(struct app *app, const char *pack, const char *slug, const char *language)
{
	for (size_t i = 0; i < app->depth; i++) {
		const struct workspace *workspace = app->stack[i]->state;

		if (app->stack[i]->ops == &workspace_ops && !strcmp(workspace->challenge->pack, pack) &&
		    !strcmp(workspace->challenge->slug, slug) && !strcmp(workspace->document.language->id, language))
			return app->stack[i];
	}
	return NULL;
}

void workspace_take(struct pane *pane, const char *text, size_t len)
{
	struct workspace *workspace = pane->state;

	document_refresh(&workspace->document);
	editor_replace_all(workspace->document.editor, text, len);
	badge_look(workspace);
	app_dirty(workspace->app);
}
