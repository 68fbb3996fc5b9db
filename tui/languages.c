/* Languages here and elsewhere: see languages.h. */
#include "languages.h"

#include <stdio.h>
#include <string.h>

#include <kodelab/challenge.h>
#include <kodelab/instance.h>
#include <kodelab/language.h>

#include "app.h"

enum { LANGUAGES_MAX = 200 };

const struct kl_language *languages_named(const struct kl_instances *judges, const char *name)
{
	return judges ? kl_instances_language(judges, name) : kl_language_find(name);
}

const struct kl_language *languages_of_file(const struct kl_instances *judges, const char *path)
{
	const struct kl_language *language = kl_language_of_file(path);
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; !language && judges && dot && i < kl_instances_language_count(judges); i++) {
		const struct kl_language *other = kl_instances_language_at(judges, i);

		if (strcmp(other->suffix, "txt") != 0 && strcmp(other->suffix, dot + 1) == 0)
			language = other;
	}
	return language;
}

/* What the setting lets programs go to; NULL: nowhere but here. */
static const struct kl_instances *elsewhere(const struct app *app)
{
	return strcmp(kl_config_string(app->config, "judge"), "local") != 0 ? app->elsewhere.instances : NULL;
}

size_t languages_count(struct app *app)
{
	app_judge(app, false);
	return kl_language_count() + (elsewhere(app) ? kl_instances_language_count(elsewhere(app)) : 0);
}

const struct kl_language *languages_at(const struct app *app, size_t index)
{
	return index < kl_language_count() ? kl_language_at(index)
					   : kl_instances_language_at(elsewhere(app), index - kl_language_count());
}

const struct kl_language *languages_find(struct app *app, const char *name)
{
	const struct kl_language *language = kl_language_find(name);

	if (language)
		return language;
	app_judge(app, false);
	return elsewhere(app) ? kl_instances_language(elsewhere(app), name) : NULL;
}

/* The first that has it, of those that the setting allows; NULL: none. */
static const struct kl_instance *judge_of(const struct kl_instances *judges, const struct kl_language *language,
					  const char *choice)
{
	bool any = strcmp(choice, "auto") == 0 || strcmp(choice, "judge0") == 0;

	for (size_t i = 0; judges && i < kl_instances_count(judges); i++) {
		const struct kl_instance *judge = kl_instances_at(judges, i);

		if ((any || strcmp(kl_instance_spec(judge)->name, choice) == 0) &&
		    kl_instance_language(judge, language))
			return judge;
	}
	return NULL;
}

bool languages_ready(const struct app *app, const struct kl_language *language, char *note, size_t size)
{
	return languages_ready_by(kl_config_string(app->config, "judge"), elsewhere(app), language, note, size);
}

bool languages_ready_by(const char *choice, const struct kl_instances *judges, const struct kl_language *language,
			char *note, size_t size)
{
	bool here = strcmp(choice, "auto") == 0 || strcmp(choice, "local") == 0;
	const struct kl_instance *judge;

	if (size)
		note[0] = '\0';
	if (here && kl_language_ready(language, note, size))
		return true;
	judge = judge_of(judges, language, choice);
	if (judge)
		snprintf(note, size, "at %s", kl_instance_spec(judge)->name);
	else if (!here && strcmp(choice, "judge0") == 0)
		snprintf(note, size, "no judge is known to have it");
	else if (!here)
		snprintf(note, size, "%s is not known to have it", choice);
	return judge != NULL;
}

const struct kl_instances *languages_judges(struct app *app)
{
	app_judge(app, false);
	return elsewhere(app);
}

static void place_words(char *words, size_t size, const struct app *app, const struct kl_language *language)
{
	const char *choice = kl_config_string(app->config, "judge");
	const struct kl_instances *judges = elsewhere(app);
	const struct kl_instance *judge = judge_of(judges, language, choice);
	size_t count = 0;

	if (!strcmp(choice, "auto") && kl_language_ready(language, NULL, 0))
		judge = NULL;
	if (judge && (!strcmp(choice, "auto") || !strcmp(choice, "judge0")))
		for (size_t i = 0; i < kl_instances_count(judges); i++)
			count += kl_instance_language(kl_instances_at(judges, i), language) != NULL;
	words[0] = '\0';
	if (judge && count > 1)
		snprintf(words, size, "runs elsewhere");
	else if (judge)
		snprintf(words, size, "runs on %s", kl_instance_spec(judge)->name);
}

void languages_place(char *words, size_t size, struct app *app, const struct kl_language *language)
{
	app_judge(app, false);
	place_words(words, size, app, language);
}

static bool is_among(const struct kl_language *language, char *const *ids)
{
	bool among = !ids[0]; /* none: all */

	for (; *ids && !among; ids++)
		among = kl_language_find(*ids) == language;
	return among;
}

void languages_place_any(char *words, size_t size, const struct app *app, char *const *ids)
{
	const char *choice = kl_config_string(app->config, "judge");
	const struct kl_instances *judges = elsewhere(app);
	const struct kl_language *found = NULL;

	words[0] = '\0';
	for (size_t i = 0; judges && i < kl_language_count(); i++) {
		const struct kl_language *language = kl_language_at(i);

		if (!is_among(language, ids))
			continue;
		if (!strcmp(choice, "auto") && kl_language_ready(language, NULL, 0))
			return;
		if (!found && judge_of(judges, language, choice))
			found = language;
	}
	for (size_t i = 0; judges && !found && ids[i]; i++) /* only judges know it */
		found = kl_instances_language(judges, ids[i]);
	if (found)
		place_words(words, size, app, found);
}

void languages_menu(struct app *app, const struct kl_challenge *challenge, const struct kl_language *now, menu_fn *fn,
		    void *ctx)
{
	struct menu_item items[LANGUAGES_MAX];
	char notes[LANGUAGES_MAX][96];
	intptr_t chosen = -1;
	size_t count = 0, all = languages_count(app);

	for (size_t i = 0; i < all && count < LANGUAGES_MAX; i++) {
		const struct kl_language *language = languages_at(app, i);
		bool ready;

		if (challenge && !kl_challenge_takes(challenge, language->id))
			continue;
		ready = languages_ready(app, language, notes[count], sizeof(notes[count]));
		items[count] = (struct menu_item){
			.label = language->name, .note = notes[count], .value = (intptr_t)i, .dim = !ready
		};
		if (language == now)
			chosen = (intptr_t)i;
		count++;
	}
	menu_open(app, " Language ", items, count, chosen, fn, ctx);
}
