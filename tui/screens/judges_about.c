/* What there is to say about a judge: where it is, how it fares, what it can do, what opens it. */
#include "judges_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/language.h>
#include <kodelab/sandbox.h>

#include "tui/judges.h"
#include "tui/keyring.h"

enum { LABEL_COLS = 12, NARROW_COLS = 50, TEXT_MAX = 8192, NAME_COLS_MAX = 48 };

/* "Version     1.13.1": what does not fit goes on below, under the text. In a narrow window labels take no column. */
static void add_fact(struct lines *lines, int cols, enum role role, const char *label, const char *text)
{
	bool narrow = cols < NARROW_COLS;
	struct lines wrapped = { .items = NULL };
	char *all = narrow && *label ? kl_format("%s: %s", label, text) : kl_strdup(text);

	lines_wrapped(&wrapped, 0, role, "", all, narrow ? cols : cols - LABEL_COLS);
	for (size_t i = 0; i < wrapped.count; i++) {
		struct line *line = lines_new(lines, 0);

		if (!narrow)
			line_printf(line, ROLE_DIM, "%-*s", LABEL_COLS, i == 0 ? label : "");
		line_str(line, role, wrapped.items[i].text);
	}
	lines_clear(&wrapped);
	free(all);
}

static void add_fact_free(struct lines *lines, int cols, enum role role, const char *label, char *text)
{
	add_fact(lines, cols, role, label, text);
	free(text);
}

/* --- where programs go, and why ----------------------------------------------------------------------------------- */

static const char *why_auto(const struct pane *pane)
{
	const struct judge_here *here = &((const struct judges *)pane->state)->here;
	bool elsewhere = judges_elsewhere(pane->app);

	if (!here->known)
		return "The lab chooses (auto): it is looking what this machine can do.";
	if (here->level == KL_SANDBOX_RLIMITS)
		return elsewhere ? "Programs go to a judge elsewhere (auto): this machine's sandbox has no walls."
				 : "Programs run on this machine (auto), though its sandbox has no walls: + adds a "
				   "judge elsewhere.";
	return elsewhere ? "Programs run on this machine (auto): its sandbox holds. What it has no tools for goes to a "
			   "judge elsewhere."
			 : "Programs run on this machine (auto): its sandbox holds, and no other judge is known.";
}

static void why_named(char *text, size_t size, const struct app *app, const char *name)
{
	const struct kl_instance *judge = kl_instances_find(app->elsewhere.instances, name);
	char state[80];

	if (judge) {
		judges_state(state, sizeof(state), judge);
		snprintf(text, size, "All programs go to %s, as you chose. Its state: %s.", name, state);
	} else {
		snprintf(text, size, "Programs should go to '%s', but there is no such judge: choose another.", name);
	}
}

void judges_why(char *text, size_t size, const struct pane *pane)
{
	const char *choice = kl_config_string(pane->app->config, "judge");

	if (strcmp(choice, "auto") == 0)
		snprintf(text, size, "%s", why_auto(pane));
	else if (strcmp(choice, "local") == 0)
		snprintf(text, size, "All programs run on this machine, as you chose.");
	else if (strcmp(choice, "judge0") != 0)
		why_named(text, size, pane->app, choice);
	else if (judges_elsewhere(pane->app))
		snprintf(text, size,
			 "All programs go elsewhere, as you chose, to the judge that should be done first.");
	else
		snprintf(text, size, "All programs should go elsewhere, but no judge is known: + adds one.");
}

/* --- this machine ------------------------------------------------------------------------------------------------- */

static void about_here(struct lines *lines, const struct judges *judges, int cols)
{
	const struct judge_here *here = &judges->here;
	struct kl_buf ready, missing;

	if (!here->known) {
		add_fact(lines, cols, ROLE_DIM, "Sandbox", "is being tried");
		return;
	}
	kl_buf_init(&ready, TEXT_MAX);
	kl_buf_init(&missing, TEXT_MAX);
	add_fact(lines, cols, here->level >= KL_SANDBOX_LANDLOCK ? ROLE_WARNING : ROLE_TEXT, "Sandbox",
		 judges_sandbox(here->level));
	if (*here->advice)
		add_fact(lines, cols, ROLE_DIM, "", here->advice);
	for (size_t i = 0; i < kl_language_count(); i++) {
		const struct kl_language *language = kl_language_at(i);
		struct kl_buf *list = kl_language_ready(language, NULL, 0) ? &ready : &missing;

		kl_buf_addf(list, "%s%s", list->len ? ", " : "", language->name);
	}
	add_fact(lines, cols, ROLE_TEXT, "Runs", ready.len ? ready.data : "nothing: no tools are here");
	if (missing.len) {
		kl_buf_add_str(&missing, "; 'kodelab doctor' says how to get them");
		add_fact(lines, cols, ROLE_DIM, "Has not", missing.data);
	}
	kl_buf_release(&ready);
	kl_buf_release(&missing);
}

/* --- one elsewhere ------------------------------------------------------------------------------------------------ */

static void add_address(struct lines *lines, const struct kl_instance *judge, int cols)
{
	const struct kl_instance_spec *spec = kl_instance_spec(judge);

	add_fact(lines, cols, ROLE_TEXT, "Address", spec->url);
	if (*kl_instance_warning(judge))
		add_fact(lines, cols, ROLE_WARNING, "", kl_instance_warning(judge));
	add_fact_free(lines, cols, ROLE_TEXT, "Kind",
		      kl_format("%s, weight %d", kl_instance_kind(judge)->title, spec->weight));
	if (spec->ca_file && *spec->ca_file)
		add_fact(lines, cols, ROLE_TEXT, "Trusts", spec->ca_file);
	if (spec->proxy && *spec->proxy)
		add_fact(lines, cols, ROLE_TEXT, "Proxy", spec->proxy);
}

static void add_state(struct lines *lines, const struct kl_instance *judge, int cols)
{
	struct kl_instance_health health;
	char state[80], when[20], latency[24];

	kl_instance_health(&health, judge);
	judges_state(state, sizeof(state), judge);
	add_fact(lines, cols, health.breaker == KL_BREAKER_CLOSED ? ROLE_TEXT : ROLE_WARNING, "State", state);
	if (*health.last_failure)
		add_fact(lines, cols, ROLE_WARNING, "", health.last_failure);
	if (!health.probed_ms)
		return;
	kl_clock_format(health.probed_ms, when, sizeof(when));
	add_fact_free(lines, cols, *health.warning ? ROLE_WARNING : ROLE_TEXT, "Version",
		      kl_format("%s%s%s", *health.version ? health.version : "not told", *health.warning ? ": " : "",
				health.warning));
	add_fact_free(lines, cols, ROLE_TEXT, "Answers",
		      kl_format("in %s; asked %s", judges_latency(latency, sizeof(latency), &health), when));
	if (health.queued >= 0)
		add_fact_free(lines, cols, ROLE_TEXT, "Queue",
			      kl_format("%d waiting; %d worker%s, %d idle", health.queued, health.workers,
					health.workers == 1 ? "" : "s", health.idle));
	if (*health.machine)
		add_fact(lines, cols, ROLE_TEXT, "Machine", health.machine);
}

static void add_abilities(struct lines *lines, const struct kl_instance *judge, int cols)
{
	const struct kl_instance_facts *facts = kl_instance_facts(judge);
	struct kl_buf missing;
	size_t count, ours = 0;

	if (!facts) {
		add_fact(lines, cols, ROLE_DIM, "Languages", "not known yet: T asks it");
		return;
	}
	kl_buf_init(&missing, TEXT_MAX);
	(void)kl_instance_languages(judge, &count);
	for (size_t i = 0; i < kl_language_count(); i++) {
		if (kl_instance_language(judge, kl_language_at(i)))
			ours++;
		else
			kl_buf_addf(&missing, "%s%s", missing.len ? ", " : "; it lacks ", kl_language_at(i)->name);
	}
	add_fact_free(
		lines, cols, ROLE_TEXT, "Languages",
		kl_format("%zu, with %zu of the lab's own %zu%s", count, ours, kl_language_count(), missing.data));
	kl_buf_release(&missing);
	add_fact_free(lines, cols, ROLE_TEXT, "Limits",
		      kl_format("%.1f s of CPU, %lld MiB, %d tests at once", (double)facts->cpu_max_ms / 1000,
				(long long)facts->memory_max_kib / 1024, facts->batches ? facts->batch_max : 1));
	if (facts->maintenance)
		add_fact(lines, cols, ROLE_WARNING, "", "it is being maintained and takes nothing now");
}

static void add_key(struct lines *lines, const struct kl_instance *judge, const struct judge_row *row,
		    const struct kl_error *no_keys, int cols)
{
	const struct kl_key_totals *keys = &row->keys;
	size_t good = keys->keys[KL_KEY_ACTIVE], used_up = keys->keys[KL_KEY_EXHAUSTED];
	char when[20];

	kl_clock_format(keys->reset_ms, when, sizeof(when));
	if (no_keys->status)
		add_fact(lines, cols, ROLE_WARNING, "Key", no_keys->message);
	else if (!row->key_count)
		add_fact(lines, cols, kl_instance_kind(judge)->needs_key ? ROLE_WARNING : ROLE_DIM, "Key",
			 kl_instance_kind(judge)->needs_key ? "none, and it wants one: Enter gives it one" : "none");
	else if (!good && !used_up)
		add_fact(lines, cols, ROLE_WARNING, "Key", "none that works: K shows why");
	else if (!good)
		add_fact_free(lines, cols, ROLE_WARNING, "Key", kl_format("used up until %s", when));
	else if (keys->unlimited || !keys->limit)
		add_fact_free(lines, cols, ROLE_TEXT, "Key", kl_format("%zu in use, without a limit", good));
	else
		add_fact_free(lines, cols, ROLE_TEXT, "Key",
			      kl_format("%zu in use; %lld of %lld requests used, anew at %s", good,
					(long long)keys->used, (long long)keys->limit, when));
}

void judges_about(struct lines *lines, const struct pane *pane, const struct judge_row *row, int cols)
{
	const struct kl_instance *judge = kl_instances_find(pane->app->elsewhere.instances, row->name);
	const struct judges *judges = pane->state;

	if (!*row->name) {
		about_here(lines, judges, cols);
	} else if (judge) {
		if (strcmp(judges->failed, row->name) == 0)
			add_fact(lines, cols, ROLE_ERROR, "Tested", judges->failure);
		add_state(lines, judge, cols);
		add_key(lines, judge, row, &pane->app->elsewhere.no_keys, cols);
		add_abilities(lines, judge, cols);
		add_address(lines, judge, cols);
	}
}

/* --- its languages ------------------------------------------------------------------------------------------------ */

static void add_language(struct lines *lines, const struct kl_instance_language *language, const char *name, int cols)
{
	struct line *line = lines_new(lines, 0);

	line_printf(line, ROLE_DIM, "%4d  ", language->id);
	line_printf(line, *name ? ROLE_TEXT : ROLE_DIM, "%-*.*s", cols, cols, language->name);
	line_printf(line, ROLE_STRONG, "  %s", name);
}

void judges_show_languages(struct pane *pane, const char *name)
{
	struct app *app = pane->app;
	const struct kl_instance *judge = kl_instances_find(app->elsewhere.instances, name);
	const struct kl_instance_language *languages;
	struct lines lines = { .items = NULL };
	size_t count = 0;
	int cols = 0;
	char *title;

	languages = judge ? kl_instance_languages(judge, &count) : NULL;
	if (!count) {
		app_say(app, ROLE_INFO, "%s has not told its languages yet: T asks it.", name);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		int width = canvas_width(languages[i].name, strlen(languages[i].name));

		cols = width > cols ? width : cols;
	}
	cols = cols > NAME_COLS_MAX ? NAME_COLS_MAX : cols;
	for (size_t i = 0; i < count; i++)
		add_language(&lines, &languages[i], judges_name_of(app->elsewhere.instances, judge, &languages[i]),
			     cols);
	title = kl_format(" Languages of %s, and what the lab calls those it uses ", name);
	viewer_open(app, title, &lines);
	free(title);
	lines_clear(&lines);
}
