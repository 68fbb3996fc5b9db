/* The courses of the one who is logged in: see courselist.h. */
#include "courselist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/store_class.h>

#include "app.h"
#include "screens/screens.h"

enum { CHOICES_MAX = 100 };

/* --- reading ------------------------------------------------------------------------------------------------------ */

void courselist_release(struct courselist *list)
{
	kl_courseworks_free(list->rows, list->count);
	*list = (struct courselist){ .rows = NULL };
}

void courselist_read(struct courselist *list, struct app *app)
{
	struct kl_class_server server;
	struct kl_error err;
	char *account;

	courselist_release(list);
	if (!app->store || kl_store_class_get(&server, app->store, NULL, NULL))
		return;
	list->known = true;
	snprintf(list->server, sizeof(list->server), "%.79s", *server.title ? server.title : server.name);
	list->from_ms = server.synced_ms;
	list->instructor = !strcmp(server.role, "INSTRUCTOR") || !strcmp(server.role, "ADMIN");
	account = kl_format("%s/%s", server.server_id, server.user_id);
	if (kl_courseworks(&list->rows, &list->count, app->store, account, &err))
		app_say_error(app, &err);
	free(account);
	kl_class_server_release(&server);
}

const struct kl_coursework *courselist_find(const struct courselist *list, const char *id)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->rows[i].course.id, id))
			return &list->rows[i];
	return NULL;
}

void courselist_from(char *text, size_t size, const struct courselist *list)
{
	char when[20];

	kl_clock_format(list->from_ms, when, sizeof(when));
	if (list->from_ms)
		snprintf(text, size, "As of %s, from %s.", when, list->server);
	else
		snprintf(text, size, "%s has not answered yet.", list->server);
}

/* --- how it stands ------------------------------------------------------------------------------------------------ */

const struct standing *courselist_standing(const struct kl_assignment *assignment, bool staff, int64_t now_ms)
{
	/* clang-format off */
	static const struct standing all[] = {
		{ "upcoming", SYMBOL_SKIPPED, ROLE_DIM },
		{ "open",     SYMBOL_SKIPPED, ROLE_NEW },
		{ "started",  SYMBOL_RUNNING, ROLE_BEGUN },
		{ "done",     SYMBOL_PASSED,  ROLE_DONE },
		{ "overdue",  SYMBOL_FAILED,  ROLE_WARNING },
		{ "past due", SYMBOL_SKIPPED, ROLE_TEXT },
		{ "closed",   SYMBOL_FAILED,  ROLE_DIM },
	};
	/* clang-format on */
	const char *word = staff ? kl_assignment_stage(assignment, now_ms) : kl_assignment_state(assignment, now_ms);
	const struct standing *standing = all;

	while (strcmp(standing->word, word) != 0)
		standing++;
	return standing;
}

char *courselist_title(struct app *app, const char *pack, const char *slug)
{
	char *name = kl_format("%s/%s", pack, slug), *title = NULL;
	size_t index;

	if (!kl_catalogue_find(&index, app_catalogue(app), name, app->paths.work, NULL))
		title = kl_strdup(kl_catalogue_at(app_catalogue(app), index)->title);
	free(name);
	return title;
}

/* --- who sees what ------------------------------------------------------------------------------------------------ */

bool courselist_is_staff(const struct courselist *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (kl_course_is_staff(&list->rows[i].course))
			return true;
	return false;
}

bool courselist_teaches(struct app *app)
{
	struct courselist list = { .rows = NULL };
	bool teaches;

	courselist_read(&list, app);
	teaches = list.instructor || courselist_is_staff(&list);
	courselist_release(&list);
	return teaches;
}

/* --- which one ---------------------------------------------------------------------------------------------------- */

/* value: a place in the list, which is read anew; ctx: the screen's ops. */
static void chosen(struct app *app, void *ctx, intptr_t value)
{
	struct courselist list = { .rows = NULL };

	courselist_read(&list, app);
	if ((size_t)value < list.count)
		app_go(app, ctx, list.rows[value].course.id);
	courselist_release(&list);
}

static void say_none(struct app *app, const struct courselist *list, bool staff)
{
	if (!list->known)
		app_say(app, ROLE_INFO, "You are in no class: leave the lab (C-q), and kodelab login ADDRESS.");
	else if (staff || list->instructor)
		app_say(app, ROLE_INFO, "You teach no course: kodelab course create TITLE begins one.");
	else
		app_say(app, ROLE_INFO, "You are in no course yet: C, then + joins one.");
}

void courselist_go(struct app *app, const struct pane_ops *ops, bool staff)
{
	struct menu_item items[CHOICES_MAX];
	struct courselist list = { .rows = NULL };
	size_t count = 0;

	courselist_read(&list, app);
	for (size_t i = 0; i < list.count && count < CHOICES_MAX; i++)
		if (!staff || kl_course_is_staff(&list.rows[i].course))
			items[count++] = (struct menu_item){ .label = list.rows[i].course.title, .value = (intptr_t)i };
	if (count == 1)
		app_go(app, ops, list.rows[items[0].value].course.id);
	else if (count)
		menu_open(app, " Which course? ", items, count, items[0].value, chosen, (void *)(uintptr_t)ops);
	else
		say_none(app, &list, staff);
	courselist_release(&list);
}

/* --- what is due -------------------------------------------------------------------------------------------------- */

bool courselist_due(char *words, size_t size, const struct courselist *list, int64_t now_ms)
{
	char when[KL_DUE_SIZE], more[32] = "";
	const struct kl_assignment *assignment;
	struct kl_due due;
	size_t count = kl_courseworks_due(&due, 1, list->rows, list->count, now_ms);

	if (!count)
		return false;
	assignment = &list->rows[due.course].assignments[due.assignment];
	kl_due_words(when, assignment->terms.due_ms, now_ms);
	if (count > 1)
		snprintf(more, sizeof(more), ", and %zu more", count - 1);
	snprintf(words, size, "%s%s: %.60s (%.40s)%s", assignment->terms.due_ms < now_ms ? "was due " : "", when,
		 assignment->title, list->rows[due.course].course.title, more);
	return true;
}

void courselist_open_due(struct app *app)
{
	struct courselist list = { .rows = NULL };
	struct assignment_arg arg;
	struct kl_due due;

	courselist_read(&list, app);
	if (list.rows && kl_courseworks_due(&due, 1, list.rows, list.count, kl_clock_wall_ms(&app->clock))) {
		arg.course = list.rows[due.course].course.id;
		arg.assignment = list.rows[due.course].assignments[due.assignment].id;
		app_go(app, &assignment_ops, &arg);
	} else {
		app_say(app, ROLE_INFO, "Nothing is due.");
	}
	courselist_release(&list);
}
