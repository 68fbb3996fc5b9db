/* What is said about languages, starters and solutions; and which of them are to be run as proofs. */

#include "core/challenge/authoring_int.h"

#include <kodelab/alloc.h>
#include <kodelab/language.h>
#include <kodelab/suggest.h>

static const struct kl_language *language_of(const char *id)
{
	for (size_t i = 0; i < kl_language_count(); i++)
		if (!strcmp(kl_language_at(i)->id, id))
			return kl_language_at(i);
	return NULL;
}

static const char *guess_language(const char *id)
{
	const struct kl_language *named = kl_language_find(id); /* "py" */
	const char **ids, *guess;

	if (named)
		return named->id;
	ids = kl_calloc(kl_language_count() + 1, sizeof(*ids));
	for (size_t i = 0; i < kl_language_count(); i++)
		ids[i] = kl_language_at(i)->id;
	guess = kl_suggest(id, ids);
	free(ids);
	return guess;
}

static const struct kl_source *find_source(const struct kl_source *sources, size_t count, const char *language)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(sources[i].language, language))
			return &sources[i];
	return NULL;
}

/* --- languages ---------------------------------------------------------------------------------------------------- */

/* Not an error: other judges know languages that this table does not. */
static void rule_languages(const struct kl_subject *subject)
{
	const cJSON *node = cJSON_GetObjectItemCaseSensitive(kl_json_root(subject->meta), "languages");
	const struct kl_challenge *challenge = subject->challenge;

	for (char **id = challenge->languages; *id; id++) {
		const char *guess = language_of(*id) ? NULL : guess_language(*id);

		if (!language_of(*id))
			kl_finding_add(subject, KL_FINDING_WARNING, "challenge.json", kl_json_line(subject->meta, node),
				       guess ? "unknown language '%s', did you mean '%s'?" : "unknown language '%s'",
				       *id, guess);
		else if (challenge->kind == KL_KIND_FUNCTION && !language_of(*id)->harness)
			kl_finding_add(subject, KL_FINDING_ERROR, "challenge.json", kl_json_line(subject->meta, node),
				       "function tests do not work in the language '%s'", *id);
	}
}

/* --- sources ------------------------------------------------------------------------------------------------------ */

static void check_name(const struct kl_subject *subject, const char *folder, const struct kl_source *source)
{
	const char *guess = language_of(source->language) ? NULL : guess_language(source->language);

	if (!language_of(source->language))
		kl_finding_add(subject, KL_FINDING_ERROR, folder, 0,
			       guess ? "unknown language '%s', did you mean '%s'?" : "unknown language '%s'",
			       source->language, guess);
	else if (!kl_challenge_takes(subject->challenge, source->language))
		kl_finding_add(subject, KL_FINDING_WARNING, folder, 0, "'%s' is not among the challenge's languages",
			       source->language);
}

/* Each kodelab:fixed needs its kodelab:end before the next one. */
static void check_fixed(const struct kl_subject *subject, const struct kl_source *source)
{
	int line = 1, open_line = 0;

	for (const char *at = source->text; *at; at = strchrnul(at, '\n'), at += *at == '\n', line++) {
		const char *end = strchrnul(at, '\n');
		const char *fixed = memmem(at, (size_t)(end - at), "kodelab:fixed", 13);
		const char *closed = memmem(at, (size_t)(end - at), "kodelab:end", 11);

		if ((fixed && open_line) || (closed && !open_line))
			kl_finding_add(subject, KL_FINDING_ERROR, "starter", 0,
				       "line %d of the one for '%s': kodelab:%s without its other half", line,
				       source->language, fixed ? "fixed" : "end");
		open_line = fixed ? line : closed ? 0 : open_line;
	}
	if (open_line)
		kl_finding_add(subject, KL_FINDING_ERROR, "starter", 0,
			       "line %d of the one for '%s': kodelab:fixed without its other half", open_line,
			       source->language);
}

static void rule_starters(const struct kl_subject *subject)
{
	const struct kl_challenge *challenge = subject->challenge;

	for (size_t i = 0; i < challenge->starter_count; i++) {
		const struct kl_source *starter = &challenge->starters[i];
		const struct kl_source *solution =
			find_source(challenge->solutions, challenge->solution_count, starter->language);

		check_name(subject, "starter", starter);
		check_fixed(subject, starter);
		if (solution && solution->len == starter->len && !memcmp(solution->text, starter->text, starter->len))
			kl_finding_add(subject, KL_FINDING_ERROR, "starter", 0, "the one for '%s' is the solution",
				       starter->language);
	}
	for (char **id = challenge->languages; *id && challenge->starter_count; id++)
		if (!find_source(challenge->starters, challenge->starter_count, *id))
			kl_finding_add(subject, KL_FINDING_WARNING, "starter", 0,
				       "there is none for '%s', though others have one", *id);
}

static void rule_solutions(const struct kl_subject *subject)
{
	const struct kl_challenge *challenge = subject->challenge;

	if (!challenge->solution_count)
		kl_finding_add(subject, KL_FINDING_WARNING, "solution", 0,
			       "there is none: nothing proves that the tests can be passed");
	for (size_t i = 0; i < challenge->solution_count; i++)
		check_name(subject, "solution", &challenge->solutions[i]);
}

/* --- proofs ------------------------------------------------------------------------------------------------------- */

static void add_proofs(struct kl_check *check, const struct kl_challenge *challenge, bool solutions)
{
	const struct kl_source *sources = solutions ? challenge->solutions : challenge->starters;
	size_t count = solutions ? challenge->solution_count : challenge->starter_count;

	check->proofs = kl_realloc_array(check->proofs, check->proof_count + count + 1, sizeof(*check->proofs));
	for (size_t i = 0; i < count; i++)
		if (language_of(sources[i].language))
			check->proofs[check->proof_count++] =
				(struct kl_proof){ challenge, &sources[i], solutions ? "solution" : "starter",
						   solutions };
}

void kl_source_rules_run(const struct kl_subject *subject)
{
	rule_languages(subject);
	rule_starters(subject);
	rule_solutions(subject);
	add_proofs(subject->check, subject->challenge, true);
	add_proofs(subject->check, subject->challenge, false);
}
