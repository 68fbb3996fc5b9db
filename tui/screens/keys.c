/*
 * Keys of judges: two rows each, how much of its day is used and how it stands. Enter asks what to do with one. A key is added
 * where its judge is: on the judges screen, or on the command line.
 */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/instance.h>
#include <kodelab/keycheck.h>
#include <kodelab/log.h>

#include "tui/app_int.h"
#include "tui/keyring.h"
#include "tui/ui/canvas.h"
#include "tui/ui/chart.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

#define OWNER "" /* in the lab there is one person */

enum { CONSENT_ROWS = 10, CONSENT_COLS = 56 };
enum { KEY_ROWS = 3, NOTICES_MAX = 4, BAR_COLS_MAX = 76 };
enum { DO_REMOVE, DO_SUSPEND, DO_RESUME, DO_PRIVATE, DO_POOL, DO_BACKUP, DO_NOTHING };

struct keys {
	struct kl_key_info *keys;
	size_t count;
	struct kl_key_notice *notices; /* read when the screen opened: seen by then */
	size_t notice_count;
	struct scroll scroll;
	char id[KL_ID_SIZE]; /* the key that a menu asks about */
	struct kl_instances *instances; /* open while keys are tried; NULL: none is */
	bool to_try; /* what is due is tried once the screen is drawn: libcurl takes its time to load */
	bool closing;
};

static void drop_keys(struct keys *keys)
{
	kl_key_infos_free(keys->keys, keys->count);
	keys->keys = NULL;
	keys->count = 0;
}

static void read_keys(struct pane *pane)
{
	struct keys *keys = pane->state;
	struct kl_error err;

	drop_keys(keys);
	if (kl_keypool_list(&keys->keys, &keys->count, pane->app->keyring.pool, OWNER, &err))
		app_say_error(pane->app, &err);
}

/* --- once a day: are they good? --------------------------------------------------------------------------------- */

static void checked(void *ctx, enum kl_status status, const char *sentence)
{
	struct pane *pane = ctx;
	struct keys *keys = pane->state;

	if (keys->closing)
		return;
	read_keys(pane);
	if (status == KL_EDENIED || status == KL_EMANY)
		app_say(pane->app, ROLE_WARNING, "Tried: %s.", sentence);
	app_dirty(pane->app); /* one that could not be asked is tried again the next time */
}

static void check_due(struct pane *pane)
{
	struct keys *keys = pane->state;
	struct app *app = pane->app;
	struct kl_key_info *due;
	size_t count;

	if (kl_keypool_due(&due, &count, app->keyring.pool, NULL))
		return;
	if (count && kl_instances_open(&keys->instances, app->loop, app->store, &app->clock, app->keyring.pool, NULL))
		keys->instances = NULL;
	for (size_t i = 0; keys->instances && i < count; i++) {
		const struct kl_key_check_spec spec = { .instances = keys->instances,
							.pool = app->keyring.pool,
							.id = due[i].id,
							.owner = OWNER,
							.done = checked,
							.ctx = pane };
		struct kl_key_check *check;
		struct kl_error err;

		if (kl_key_check(&check, &spec, &err)) /* it waits for its judge, say */
			kl_log(KL_LOG_INFO, "keys", "%s", err.message);
	}
	kl_key_infos_free(due, count);
}

static bool work_keys(struct pane *pane)
{
	struct keys *keys = pane->state;

	if (!keys->to_try)
		return false;
	keys->to_try = false;
	check_due(pane);
	return true;
}

static enum kl_status open_keys(struct pane *pane, const void *arg, struct kl_error *err)
{
	struct keys *keys = pane->state;
	enum kl_status status = app_keyring(pane->app, err);

	(void)arg;
	if (status)
		return status;
	status = kl_keypool_notices(&keys->notices, &keys->notice_count, pane->app->keyring.pool, OWNER, err);
	if (status)
		return status;
	read_keys(pane);
	keys->to_try = true;
	return KL_OK;
}

static void close_keys(struct pane *pane)
{
	struct keys *keys = pane->state;

	keys->closing = true;
	kl_instances_close(keys->instances); /* what is still being asked ends here */
	drop_keys(keys);
	kl_key_notices_free(keys->notices, keys->notice_count);
}

/* --- drawing ---------------------------------------------------------------------------------------------------- */

static int draw_notices(const struct keys *keys, struct canvas *canvas, int y)
{
	size_t first = keys->notice_count > NOTICES_MAX ? keys->notice_count - NOTICES_MAX : 0;

	for (size_t i = first; i < keys->notice_count; i++) {
		char when[20], line[512];

		kl_clock_format(keys->notices[i].at_ms, when, sizeof(when));
		snprintf(line, sizeof(line), "%s  %s.", when, keys->notices[i].text);
		canvas_str_cut(canvas, y++, 2, keys->notices[i].event == KL_KEY_VALIDATED ? ROLE_SUCCESS : ROLE_WARNING,
			       line, canvas->cols - 4);
	}
	return keys->notice_count ? y + 1 : y;
}

static void draw_state(const struct kl_key_info *key, struct canvas *canvas, int y)
{
	char line[512], when[20];

	kl_clock_format(key->reset_ms, when, sizeof(when));
	if (key->state != KL_KEY_ACTIVE)
		snprintf(line, sizeof(line), "%s: it %s", kl_key_state_word(key->state), key->why);
	else if (key->daily_limit)
		snprintf(line, sizeof(line), "active, %s, %lld in reserve, anew at %s%s%s",
			 kl_key_share_word(key->share), (long long)key->reserve, when, *key->label ? ": " : "",
			 key->label);
	else
		snprintf(line, sizeof(line), "active, %s, no limit%s%s", kl_key_share_word(key->share),
			 *key->label ? ": " : "", key->label);
	canvas_str_cut(canvas, y, 2, key->state == KL_KEY_ACTIVE ? ROLE_DIM : ROLE_WARNING, line, canvas->cols - 4);
}

static int clipped(int64_t value)
{
	return value > INT32_MAX ? INT32_MAX : (int)value;
}

static void draw_key(const struct kl_key_info *key, struct canvas *canvas, int y)
{
	int cols = canvas->cols - 4 > BAR_COLS_MAX ? BAR_COLS_MAX : canvas->cols - 4;
	char name[96];

	snprintf(name, sizeof(name), "%.70s%s%s", key->instance, *key->last4 ? " *" : "", key->last4);
	if (key->daily_limit) {
		chart_bar(canvas, y, 2, cols, name, clipped(key->used_today), clipped(key->daily_limit));
	} else {
		canvas_str_cut(canvas, y, 2, ROLE_TEXT, name, cols / 2);
		canvas_printf(canvas, y, 2 + cols / 2, ROLE_DIM, "%lld today", (long long)key->used_today);
	}
	draw_state(key, canvas, y + 1);
}

static void draw_keys(struct pane *pane, struct canvas *canvas)
{
	struct keys *keys = pane->state;
	int y = draw_notices(keys, canvas, 1);

	if (!keys->count) {
		canvas_wrapped(
			canvas, (struct rect){ y, 2, canvas->rows - y, canvas->cols - 4 }, ROLE_TEXT,
			"There is no key yet. A key opens a judge that runs your programs elsewhere: J shows the judges, "
			"and Enter there gives one its key. It is not shown while it is typed, and kept encrypted.");
		return;
	}
	keys->scroll.rows = (canvas->rows - y) / KEY_ROWS > 0 ? (canvas->rows - y) / KEY_ROWS : 1;
	scroll_keep(&keys->scroll, keys->count);
	for (int row = 0; row < keys->scroll.rows && keys->scroll.top + (size_t)row < keys->count; row++) {
		size_t at = keys->scroll.top + (size_t)row;

		draw_key(&keys->keys[at], canvas, y + row * KEY_ROWS);
		if (at == keys->scroll.selected)
			canvas_ground(canvas, (struct rect){ y + row * KEY_ROWS, 0, 2, canvas->cols }, ROLE_SELECTED);
	}
}

/* --- doing ------------------------------------------------------------------------------------------------------ */

static void say_done(struct app *app, intptr_t action)
{
	static const char *const sentences[] = {
		[DO_REMOVE] = "Removed and overwritten.",
		[DO_SUSPEND] = "Held back until you resume it.",
		[DO_RESUME] = "In use again.",
		[DO_PRIVATE] = "Yours alone now.",
		[DO_POOL] = "Shared with everybody in the class.",
		[DO_BACKUP] = "Used when no other key is left.",
	};

	app_say(app, ROLE_SUCCESS, "%s", sentences[action]);
}

static enum kl_status act(struct kl_keypool *pool, const char *id, intptr_t action, struct kl_error *err)
{
	switch (action) {
	case DO_REMOVE:
		return kl_keypool_remove(pool, id, OWNER, err);
	case DO_SUSPEND:
		return kl_keypool_suspend(pool, id, OWNER, err);
	case DO_RESUME:
		return kl_keypool_resume(pool, id, OWNER, err);
	case DO_PRIVATE:
		return kl_keypool_share(pool, id, OWNER, KL_KEY_PRIVATE, true, err);
	case DO_POOL:
		return kl_keypool_share(pool, id, OWNER, KL_KEY_POOL, true, err);
	case DO_BACKUP:
		return kl_keypool_share(pool, id, OWNER, KL_KEY_BACKUP, true, err);
	default:
		return KL_OK;
	}
}

static void agreed(struct app *app, void *ctx, intptr_t action)
{
	struct pane *pane = ctx;
	struct keys *keys = pane->state;
	struct kl_error err;

	if (action == DO_NOTHING)
		return;
	if (act(app->keyring.pool, keys->id, action, &err))
		app_say_error(app, &err);
	else
		say_done(app, action);
	read_keys(pane);
}

/* Words of text as rows of a menu that mean no: what is agreed to is read right above the yes. */
static size_t consent_rows(struct menu_item *items, char rows[][CONSENT_COLS + 1], const char *text)
{
	size_t count = 0;

	while (*text && count < CONSENT_ROWS) {
		size_t len = strlen(text);

		if (len > CONSENT_COLS)
			for (len = CONSENT_COLS; len && text[len] != ' '; len--)
				;
		snprintf(rows[count], CONSENT_COLS + 1, "%.*s", (int)len, text);
		items[count] = (struct menu_item){ .label = rows[count], .value = DO_NOTHING, .dim = true };
		count++;
		text += len + strspn(text + len, " ");
	}
	return count;
}

static void ask_consent(struct pane *pane, intptr_t action)
{
	struct menu_item items[CONSENT_ROWS + 2];
	char rows[CONSENT_ROWS][CONSENT_COLS + 1];
	size_t count = consent_rows(items, rows, kl_keypool_consent(action == DO_POOL ? KL_KEY_POOL : KL_KEY_BACKUP));

	items[count++] = (struct menu_item){ .label = "Yes, I agree", .value = action };
	items[count++] = (struct menu_item){ .label = "No, leave it as it is", .value = DO_NOTHING };
	menu_open(pane->app, "Share this key?", items, count, -1, agreed, pane);
}

static void ask_remove(struct pane *pane)
{
	const struct menu_item items[] = {
		{ .label = "No, keep it", .value = DO_NOTHING },
		{ .label = "Yes, remove and overwrite it", .value = DO_REMOVE },
	};

	menu_open(pane->app, "Remove this key?", items, KL_LENGTH(items), DO_NOTHING, agreed, pane);
}

static void chose(struct app *app, void *ctx, intptr_t action)
{
	if (action == DO_REMOVE)
		ask_remove(ctx);
	else if (action == DO_POOL || action == DO_BACKUP)
		ask_consent(ctx, action);
	else
		agreed(app, ctx, action);
}

static const struct kl_key_info *take_chosen(struct keys *keys)
{
	const struct kl_key_info *key;

	if (keys->scroll.selected >= keys->count)
		return NULL;
	key = &keys->keys[keys->scroll.selected];
	memcpy(keys->id, key->id, sizeof(keys->id));
	return key;
}

static void ask_action(struct pane *pane)
{
	const struct kl_key_info *key = take_chosen(pane->state);
	struct menu_item items[5];
	size_t count = 0;

	if (!key)
		return;
	items[count++] = key->state == KL_KEY_ACTIVE || key->state == KL_KEY_EXHAUSTED
				 ? (struct menu_item){ .label = "Hold it back", .value = DO_SUSPEND }
				 : (struct menu_item){ .label = "Use it again", .value = DO_RESUME };
	if (key->share != KL_KEY_PRIVATE)
		items[count++] = (struct menu_item){ .label = "Keep it for me alone", .value = DO_PRIVATE };
	if (key->share != KL_KEY_POOL)
		items[count++] = (struct menu_item){ .label = "Share it with the class", .value = DO_POOL };
	if (key->share != KL_KEY_BACKUP)
		items[count++] = (struct menu_item){ .label = "Use it when no other is left", .value = DO_BACKUP };
	items[count++] = (struct menu_item){ .label = "Remove it", .value = DO_REMOVE };
	menu_open(pane->app, "This key", items, count, -1, chose, pane);
}

static enum request keys_request(struct pane *pane, enum request request)
{
	struct keys *keys = pane->state;

	if (request == REQ_SELECT)
		ask_action(pane);
	else if (request == REQ_REMOVE && take_chosen(keys))
		ask_remove(pane);
	else if (!scroll_list(&keys->scroll, keys->count, request))
		return request;
	return REQ_NONE;
}

static bool keys_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct keys *keys = pane->state;

	if (mouse->kind != MOUSE_WHEEL)
		return false;
	scroll_list_by(&keys->scroll, keys->count, mouse->wheel);
	return true;
}

static const enum request keys_hints[] = { REQ_SELECT, REQ_REMOVE, REQ_BACK, REQ_HELP, REQ_NONE };

const struct pane_ops keys_ops = {
	.name = "Keys of judges",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct keys),
	.open = open_keys,
	.draw = draw_keys,
	.request = keys_request,
	.mouse = keys_mouse,
	.hints = keys_hints,
	.work = work_keys,
	.refresh = read_keys,
	.close = close_keys,
};
