/* A whole challenge out of its folder. */

#include <kodelab/challenge.h>

#include <fcntl.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/language.h>
#include <kodelab/path.h>

#include "core/challenge/challenge_int.h"

static enum kl_status read_statement(struct kl_challenge *challenge, int folder, struct kl_error *err)
{
	size_t len;
	enum kl_status status =
		kl_folder_read_text(&challenge->statement, &len, folder, "statement.md", "statement.md", err);

	if (!status && !challenge->statement[strspn(challenge->statement, " \t\r\n")])
		status = kl_fail(err, KL_EINVAL, "statement.md:1: the statement is empty");
	return status;
}

static enum kl_status read_json(struct kl_challenge *challenge, int folder, struct kl_error *err)
{
	struct kl_json *meta = NULL, *tests = NULL;
	enum kl_status status;

	if (!(status = kl_folder_read_json(&meta, folder, "challenge.json", KL_CHALLENGE_JSON_MAX, err)) &&
	    !(status = kl_challenge_read_meta(challenge, meta, err)) &&
	    !(status = kl_folder_read_json(&tests, folder, "tests.json", KL_TESTS_JSON_MAX, err)))
		status = kl_challenge_read_tests(challenge, tests, err);
	kl_json_free(meta);
	kl_json_free(tests);
	return status;
}

static enum kl_status read_checker_program(struct kl_challenge *challenge, int folder, struct kl_error *err)
{
	struct kl_checker *checker = &challenge->checker;
	size_t len;

	if (checker->kind != KL_CHECK_PROGRAM)
		return KL_OK;
	return kl_folder_read_text(&checker->source, &len, folder, checker->file, checker->file, err);
}

static enum kl_status read_folder(struct kl_challenge *challenge, struct kl_error *err)
{
	int folder = -1;
	enum kl_status status = kl_folder_open(&folder, AT_FDCWD, challenge->dir, err);

	if (status)
		return status;
	if (!(status = read_json(challenge, folder, err)) && !(status = read_statement(challenge, folder, err)) &&
	    !(status = read_checker_program(challenge, folder, err)) &&
	    !(status = kl_challenge_read_sources(&challenge->starters, &challenge->starter_count, folder, "starter",
						 err)))
		status = kl_challenge_read_sources(&challenge->solutions, &challenge->solution_count, folder,
						   "solution", err);
	close(folder);
	return status;
}

/* --- who made it, when the challenge does not say ----------------------------------------------------------------- */

static void inherit(char **own, const char *packs)
{
	if (!*own)
		*own = kl_strdup(packs);
}

static void inherit_all(struct kl_challenge *challenge)
{
	char *above = kl_path_join(challenge->dir, "..");
	struct kl_pack *pack = NULL;

	if (!(challenge->author && challenge->licence && challenge->version) && kl_pack_read(&pack, above, NULL))
		pack = NULL; /* a challenge on its own, or a pack whose fault is told elsewhere */
	inherit(&challenge->author, pack ? pack->author : "");
	inherit(&challenge->licence, pack ? pack->licence : "");
	inherit(&challenge->version, pack ? pack->version : "");
	kl_pack_free(pack);
	free(above);
}

/* The last part of dir, also when it is "." or ends in a slash. Owned; NULL: dir is not there. */
static char *slug_of(const char *dir)
{
	char *clean = realpath(dir, NULL);
	char *slug = clean ? kl_strdup(kl_path_name(clean)) : NULL;

	free(clean);
	return slug;
}

enum kl_status kl_challenge_read(struct kl_challenge **out, const char *pack, const char *dir, int number,
				 struct kl_error *err)
{
	struct kl_challenge *challenge;
	char *slug = slug_of(dir);
	enum kl_status status;

	if (!slug)
		return kl_fail(err, KL_ENOENT, "there is no folder '%s'", dir);
	challenge = kl_calloc(1, sizeof(*challenge));
	challenge->slug = slug;
	challenge->pack = kl_strdup(pack);
	challenge->dir = kl_strdup(dir);
	challenge->number = number;
	if (kl_slug_valid(slug))
		status = read_folder(challenge, err);
	else
		status = kl_fail(err, KL_EINVAL, "the folder '%s' must be named by a slug like 'two-sum'", slug);
	if (status) {
		kl_challenge_free(challenge);
		return status;
	}
	inherit_all(challenge);
	*out = challenge;
	return KL_OK;
}

/* --- its end ------------------------------------------------------------------------------------------------------ */

static void fields_free(struct kl_field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(fields[i].name);
		kl_type_release(&fields[i].type);
	}
	free(fields);
}

static void function_free(struct kl_challenge *challenge)
{
	for (size_t i = 0; i < challenge->record_count; i++) {
		free(challenge->records[i].name);
		fields_free(challenge->records[i].fields, challenge->records[i].count);
	}
	free(challenge->records);
	free(challenge->function.name);
	fields_free(challenge->function.params, challenge->function.param_count);
	kl_type_release(&challenge->function.returns);
}

static void lists_free(struct kl_challenge *challenge)
{
	kl_strings_free(challenge->tags);
	kl_strings_free(challenge->prerequisites);
	kl_strings_free(challenge->outcomes);
	kl_strings_free(challenge->hints);
	kl_strings_free(challenge->languages);
	for (size_t i = 0; i < challenge->skill_count; i++)
		free(challenge->skills[i].skill);
	free(challenge->skills);
}

void kl_challenge_free(struct kl_challenge *challenge)
{
	if (!challenge)
		return;
	for (size_t i = 0; i < challenge->test_count; i++)
		kl_test_release(&challenge->tests[i], challenge->function.param_count);
	free(challenge->tests);
	kl_sources_free(challenge->starters, challenge->starter_count);
	kl_sources_free(challenge->solutions, challenge->solution_count);
	function_free(challenge);
	lists_free(challenge);
	free(challenge->checker.language);
	free(challenge->checker.file);
	free(challenge->checker.source);
	free(challenge->pack);
	free(challenge->slug);
	free(challenge->dir);
	free(challenge->title);
	free(challenge->summary);
	free(challenge->category);
	free(challenge->author);
	free(challenge->licence);
	free(challenge->version);
	free(challenge->statement);
	free(challenge);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

static bool has_harness(const char *id)
{
	const struct kl_language *language = kl_language_find(id);

	return language && language->harness;
}

bool kl_challenge_takes(const struct kl_challenge *challenge, const char *language)
{
	if (challenge->kind == KL_KIND_FUNCTION && !has_harness(language))
		return false;
	if (!challenge->languages[0])
		return true;
	for (char **at = challenge->languages; *at; at++)
		if (!strcmp(*at, language))
			return true;
	return false;
}

const struct kl_source *kl_challenge_starter(const struct kl_challenge *challenge, const char *language)
{
	for (size_t i = 0; i < challenge->starter_count; i++)
		if (!strcmp(challenge->starters[i].language, language))
			return &challenge->starters[i];
	return NULL;
}
