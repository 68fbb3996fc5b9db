/* The student's files: see work.h. */
#include "work.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/harness.h>
#include <kodelab/instance.h>
#include <kodelab/journal.h>
#include <kodelab/store_kept.h>
#include <kodelab/store_sync.h>

#include "languages.h"

enum { REPORT_MAX = 4 << 20 }; /* bytes of a stored report */

char *work_path(const struct kl_paths *paths, const struct kl_challenge *challenge, const struct kl_language *language)
{
	return kl_format("%s/%s/%s/%s", paths->work, challenge->pack, challenge->slug, language->source);
}

char *work_starter(const struct kl_challenge *challenge, const struct kl_language *language)
{
	const struct kl_source *starter = kl_challenge_starter(challenge, language->id);

	return starter ? kl_strndup(starter->text, starter->len) : kl_harness_starter(challenge, language);
}

/* What a file begins with: the draft the store has when the file was lost, else the starter. */
static char *first_text(struct kl_store *store, const struct kl_challenge *challenge,
			const struct kl_language *language, size_t *len)
{
	char *text = NULL;
	size_t cursor;

	if (store &&
	    !kl_store_draft_get(&text, len, &cursor, store, challenge->pack, challenge->slug, language->id, NULL))
		return text;
	text = work_starter(challenge, language);
	*len = strlen(text);
	return text;
}

enum kl_status work_file(char **out, const struct kl_paths *paths, struct kl_store *store,
			 const struct kl_challenge *challenge, const struct kl_language *language, struct kl_error *err)
{
	char *path = work_path(paths, challenge, language);
	char *dir = kl_strndup(path, (size_t)(kl_path_name(path) - path - 1));
	enum kl_status status = KL_OK;

	if (!kl_path_exists(path)) {
		size_t len = 0;
		char *text = first_text(store, challenge, language, &len);

		status = kl_path_make(dir, err);
		if (!status)
			status = kl_file_write(path, text, len, 0644, err);
		free(text);
	}
	free(dir);
	if (status)
		free(path);
	else
		*out = path;
	return status;
}

enum kl_status work_read(struct kl_buf *code, bool *typed, const struct kl_paths *paths, const char *path,
			 struct kl_error *err)
{
	char *dir = kl_path_join(paths->state, "journals"), *newest;
	size_t len;

	/* a file that is no text for the editor has no journal either: the reading below says what is wrong */
	*typed = !kl_journal_peek(&newest, &len, dir, path, NULL) && newest;
	free(dir);
	if (!*typed)
		return kl_file_read(code, path, err);
	kl_buf_add(code, newest, len);
	free(newest);
	return code->truncated ? kl_fail(err, KL_EFULL, "'%s' is larger than %d MiB", path, WORK_CODE_MAX >> 20)
			       : KL_OK;
}

static const struct kl_language *usable(const struct kl_challenge *challenge, const struct kl_instances *judges,
					const char *name)
{
	const struct kl_language *language = name && *name ? languages_named(judges, name) : NULL;

	return language && kl_challenge_takes(challenge, language->id) ? language : NULL;
}

static const struct kl_language *last_used(const struct kl_challenge *challenge, const struct kl_instances *judges,
					   struct kl_store *store)
{
	struct kl_progress progress = { 0 };

	if (!store || kl_store_progress_get(&progress, store, challenge->pack, challenge->slug, NULL))
		return NULL;
	return usable(challenge, judges, progress.last_language);
}

static const struct kl_language *of_file(const struct kl_challenge *challenge, const struct kl_paths *paths)
{
	for (size_t i = 0; i < kl_language_count(); i++) {
		const struct kl_language *language = kl_language_at(i);
		char *path;
		bool there;

		if (!kl_challenge_takes(challenge, language->id))
			continue;
		path = work_path(paths, challenge, language);
		there = kl_path_exists(path);
		free(path);
		if (there)
			return language;
	}
	return NULL;
}

static const struct kl_language *first_ready(const struct kl_challenge *challenge)
{
	const struct kl_language *first = NULL;

	for (size_t i = 0; i < kl_language_count(); i++) {
		const struct kl_language *language = kl_language_at(i);

		if (!kl_challenge_takes(challenge, language->id))
			continue;
		if (kl_language_ready(language, NULL, 0))
			return language;
		if (!first)
			first = language;
	}
	return first;
}

const struct kl_language *work_language(const struct kl_challenge *challenge, const char *wanted,
					struct kl_store *store, const struct kl_paths *paths, const char *option,
					const struct kl_instances *judges)
{
	const struct kl_language *language;

	if (wanted)
		return usable(challenge, judges, wanted);
	if ((language = last_used(challenge, judges, store)) || (language = of_file(challenge, paths)) ||
	    ((language = usable(challenge, judges, option)) && kl_language_ready(language, NULL, 0)))
		return language;
	return first_ready(challenge);
}

int work_level(const struct kl_config *config)
{
	for (int level = 0; level < KL_DIFFICULTY_COUNT; level++)
		if (!strcasecmp(kl_difficulty_name((enum kl_difficulty)level), kl_config_string(config, "level")))
			return level;
	return -1;
}

size_t work_judged(const struct kl_report *report)
{
	size_t judged = report->count;

	for (size_t i = 0; i < report->count; i++)
		judged -= report->tests[i].verdict == KL_VERDICT_RAN;
	return judged;
}

bool work_passed(const struct kl_attempt *attempt)
{
	return attempt->total > 0 && attempt->passed == attempt->total;
}

static bool is_given_up(const struct kl_attempt *attempt)
{
	return attempt->standing == KL_STANDING_CLASS &&
	       strcmp(attempt->verdict, kl_verdict_word(KL_VERDICT_INTERNAL)) == 0;
}

bool work_undecided(const struct kl_attempt *attempt)
{
	return attempt->standing == KL_STANDING_PROVISIONAL || is_given_up(attempt);
}

const char *work_standing(const struct kl_attempt *attempt)
{
	switch (attempt->standing) {
	case KL_STANDING_CLASS:
		return is_given_up(attempt) ? "not judged by the class" : "judged by the class";
	case KL_STANDING_PROVISIONAL:
		return attempt->delivery == KL_DELIVERY_RECEIVED  ? "provisional, received"
		       : attempt->delivery == KL_DELIVERY_REFUSED ? "not taken by the class"
								  : "provisional, waiting";
	case KL_STANDING_OWN:
		break;
	}
	return "";
}

bool work_where(char text[WORK_WHERE_SIZE], const struct kl_report *report)
{
	snprintf(text, WORK_WHERE_SIZE, "judged by %s%s", report->where,
		 report->cached ? "; results kept from an earlier run" : "");
	return report->where[0];
}

static bool is_recordable(const struct kl_report *report)
{
	return report->verdict != KL_VERDICT_INTERNAL && report->verdict != KL_VERDICT_SKIPPED &&
	       report->verdict != KL_VERDICT_PENDING;
}

static void add_maxima(struct kl_attempt *attempt, const struct kl_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct kl_test_result *test = &report->tests[i];

		if (test->cpu_us > attempt->cpu_us)
			attempt->cpu_us = test->cpu_us;
		if (test->peak_kib > attempt->peak_kib)
			attempt->peak_kib = test->peak_kib;
	}
}

static enum kl_status put(struct kl_store *store, struct kl_attempt *attempt, const struct kl_kept_run *kept,
			  bool *first_pass, struct kl_error *err)
{
	if (!kept)
		return kl_store_attempt_add(store, attempt, first_pass, err);
	memcpy(attempt->id, kept->id, KL_ID_SIZE);
	attempt->at_ms = kept->at_ms;
	return kl_store_kept_settle(store, attempt, first_pass, err);
}

static void fill(struct kl_attempt *attempt, const struct work_record *record)
{
	const struct kl_report *report = record->report;
	struct kl_buf json;

	*attempt = (struct kl_attempt){ .kind = record->kind };
	attempt->pack = kl_strdup(record->challenge->pack);
	attempt->slug = kl_strdup(record->challenge->slug);
	attempt->language = kl_strdup(record->language->id);
	attempt->verdict = kl_strdup(kl_verdict_word(report ? report->verdict : KL_VERDICT_PENDING));
	attempt->code = kl_strndup(record->code, record->code_len);
	attempt->code_len = record->code_len;
	attempt->course = kl_strdup(record->course);
	attempt->assignment = kl_strdup(record->assignment);
	if (!report)
		return;
	attempt->score = report->score;
	attempt->passed = (int)report->passed;
	attempt->total = (int)work_judged(report);
	kl_buf_init(&json, REPORT_MAX);
	kl_report_json(report, &json);
	attempt->report = json.len ? kl_buf_detach(&json) : NULL;
	kl_buf_release(&json);
	add_maxima(attempt, report);
}

bool work_unsynced(struct kl_store *store)
{
	struct kl_class_server server;
	bool unsynced;

	if (!store || kl_store_class_get(&server, store, NULL, NULL))
		return false;
	unsynced = server.session && server.cursor == 0;
	kl_class_server_release(&server);
	return unsynced;
}

enum kl_status work_hand_in(char id[KL_ID_SIZE], struct kl_store *store, const struct work_record *record,
			    struct kl_error *err)
{
	struct kl_attempt attempt;
	enum kl_status status;

	id[0] = '\0';
	if (!store || record->kind != KL_ATTEMPT_SUBMIT || !kl_store_class_judges(store, record->challenge->pack))
		return KL_OK;
	fill(&attempt, record);
	status = kl_store_attempt_add(store, &attempt, NULL, err);
	if (!status)
		memcpy(id, attempt.id, KL_ID_SIZE);
	kl_attempt_release(&attempt);
	return status;
}

enum kl_status work_found(struct kl_store *store, const char *id, const struct work_record *record,
			  struct kl_error *err)
{
	struct kl_attempt attempt;
	enum kl_status status;

	if (!is_recordable(record->report))
		return KL_OK;
	fill(&attempt, record);
	memcpy(attempt.id, id, KL_ID_SIZE);
	status = kl_store_attempt_found(store, &attempt, err);
	kl_attempt_release(&attempt);
	return status;
}

enum kl_status work_record(char id[KL_ID_SIZE], bool *first_pass, struct kl_store *store,
			   const struct work_record *record, struct kl_error *err)
{
	struct kl_attempt attempt;
	enum kl_status status;

	id[0] = '\0';
	if (first_pass)
		*first_pass = false;
	if (!is_recordable(record->report))
		return KL_OK;
	fill(&attempt, record);
	status = put(store, &attempt, record->kept, first_pass, err);
	if (!status)
		memcpy(id, attempt.id, KL_ID_SIZE);
	kl_attempt_release(&attempt);
	return status;
}

/* Between the commit and its caller: the store learns that the attempt is published. */
struct publishing {
	struct kl_store *store;
	char attempt_id[KL_ID_SIZE];
	kl_portfolio_done_fn *done;
	void *ctx;
};

static void published(void *ctx, const struct kl_portfolio_result *result)
{
	struct publishing *publishing = ctx;
	struct kl_portfolio_result told = *result;

	if (!told.error.status)
		told.error.status = kl_store_published(publishing->store, publishing->attempt_id, &told.error);
	publishing->done(publishing->ctx, &told);
	free(publishing);
}

enum kl_status work_publish(struct kl_portfolio *portfolio, struct kl_store *store,
			    const struct kl_challenge *challenge, const char *attempt_id, kl_portfolio_done_fn *done,
			    void *ctx, struct kl_error *err)
{
	struct kl_attempt attempt = { 0 };
	enum kl_status status = kl_store_attempt_get(&attempt, store, attempt_id, err);
	const struct kl_language *language;
	struct publishing *publishing;
	char source[32];
	struct kl_portfolio_item item;

	if (status)
		return status;
	language = kl_language_find(attempt.language);
	snprintf(source, sizeof(source), "solution.%s", kl_instances_suffix(attempt.language));
	item = (struct kl_portfolio_item){
		.attempt_id = attempt.id,
		.pack = challenge->pack,
		.slug = challenge->slug,
		.title = challenge->title,
		.summary = challenge->summary,
		.difficulty = kl_difficulty_name(challenge->difficulty),
		.category = challenge->category,
		.language = attempt.language,
		.source_name = language ? language->source : source,
		.statement = challenge->statement,
		.code = attempt.code,
		.code_len = attempt.code_len,
		.score = attempt.score,
		.passed = attempt.passed,
		.total = attempt.total,
		.cpu_us = attempt.cpu_us,
		.peak_kib = attempt.peak_kib,
		.at_ms = attempt.at_ms,
	};
	publishing = kl_calloc(1, sizeof(*publishing));
	*publishing = (struct publishing){ .store = store, .done = done, .ctx = ctx };
	memcpy(publishing->attempt_id, attempt.id, KL_ID_SIZE);
	status = kl_portfolio_commit(portfolio, &item, published, publishing, err);
	if (status)
		free(publishing);
	kl_attempt_release(&attempt);
	return status;
}
