/* Which checker, with which options. */

#include <math.h>

#include <kodelab/alloc.h>
#include <kodelab/suggest.h>

#include "core/challenge/challenge_int.h"

#define CHECKERS_MAX 16

static bool serves(const struct kl_checker_row *row, enum kl_challenge_kind kind)
{
	return row->flags & (kind == KL_KIND_FUNCTION ? KL_CHECKER_FUNCTION : KL_CHECKER_PROGRAM);
}

/* NULL: none, err says why. */
static const struct kl_checker_row *find_row(enum kl_challenge_kind kind, const struct kl_reading *from,
					     const cJSON *node, const char *name)
{
	const char *names[CHECKERS_MAX + 1] = { NULL }, *guess;
	const struct kl_checker_row *row;
	size_t count = 0;

	for (size_t i = 0; (row = kl_checker_row(i)); i++) {
		if (!strcmp(row->name, name) && serves(row, kind))
			return row;
		if (!strcmp(row->name, name)) {
			kl_json_fail(from->doc, node, from->err,
				     "the checker '%s' is not for challenges of the kind '%s'", name,
				     kind == KL_KIND_FUNCTION ? "function" : "program");
			return NULL;
		}
		if (serves(row, kind))
			names[count++] = row->name;
	}
	guess = kl_suggest(name, names);
	kl_json_fail(from->doc, node, from->err,
		     guess ? "unknown checker '%s', did you mean '%s'?" : "unknown checker '%s'", name, guess);
	return NULL;
}

static enum kl_status only_options(const struct kl_checker_row *row, const struct kl_reading *options)
{
	/* clang-format off */
	static const struct { const char *key; int flag; } all[] = {
		{ "abs", KL_CHECKER_TOLERANCE }, { "rel", KL_CHECKER_TOLERANCE }, { "case", KL_CHECKER_CASE },
		{ "language", KL_CHECKER_FILE }, { "file", KL_CHECKER_FILE },
	};
	/* clang-format on */
	const char *known[KL_LENGTH(all) + 2] = { "type" };
	size_t count = 1;

	for (size_t i = 0; i < KL_LENGTH(all); i++)
		if (row->flags & all[i].flag)
			known[count++] = all[i].key;
	return kl_json_only(options->doc, options->object, known, options->err);
}

static enum kl_status read_tolerance(double *out, const struct kl_reading *options, const char *key)
{
	double value = *out;
	enum kl_status status =
		kl_json_get_double(&value, options->doc, options->object, key, KL_JSON_OPTIONAL, options->err);

	if (status)
		return status;
	if (!(value >= 0) || !isfinite(value))
		return kl_json_fail(options->doc, cJSON_GetObjectItemCaseSensitive(options->object, key), options->err,
				    "'%s' must be 0 or more", key);
	*out = value;
	return KL_OK;
}

static enum kl_status read_program(struct kl_checker *checker, const struct kl_reading *options)
{
	static const struct kl_span_limits name = { 1, 100 };
	enum kl_status status;

	if ((status = kl_read_line(&checker->language, options, "language", KL_JSON_REQUIRED, name)) ||
	    (status = kl_read_line(&checker->file, options, "file", KL_JSON_REQUIRED, name)))
		return status;
	if (kl_file_name_valid(checker->file))
		return KL_OK;
	return kl_json_fail(options->doc, cJSON_GetObjectItemCaseSensitive(options->object, "file"), options->err,
			    "'file' must name a file in the challenge's folder, not '%s'", checker->file);
}

static enum kl_status read_options(struct kl_checker *checker, const struct kl_checker_row *row,
				   const struct kl_reading *options)
{
	bool keep_case = true;
	enum kl_status status;

	if ((status = only_options(row, options)) || (status = read_tolerance(&checker->abs_tol, options, "abs")) ||
	    (status = read_tolerance(&checker->rel_tol, options, "rel")) ||
	    (status = kl_json_get_bool(&keep_case, options->doc, options->object, "case", KL_JSON_OPTIONAL,
				       options->err)))
		return status;
	checker->ignore_case = !keep_case;
	return row->flags & KL_CHECKER_FILE ? read_program(checker, options) : KL_OK;
}

enum kl_status kl_challenge_read_checker(struct kl_challenge *challenge, const struct kl_reading *from)
{
	const cJSON *node = cJSON_GetObjectItemCaseSensitive(from->object, "checker");
	const struct kl_reading options = { from->doc, node, from->err };
	const char *name = challenge->kind == KL_KIND_FUNCTION ? "value" : "lines";
	const struct kl_checker_row *row;
	struct kl_checker *checker = &challenge->checker;
	enum kl_status status = KL_OK;

	if (cJSON_IsString(node))
		name = node->valuestring;
	else if (cJSON_IsObject(node))
		status = kl_json_get_string(&name, from->doc, node, "type", KL_JSON_REQUIRED, from->err);
	else if (node)
		status = kl_json_fail(from->doc, node, from->err, "expected a string or an object for 'checker'");
	if (status)
		return status;
	row = find_row(challenge->kind, from, node, name);
	if (!row)
		return KL_EINVAL;
	checker->kind = row->kind;
	checker->abs_tol = checker->rel_tol = row->tolerance;
	if (cJSON_IsObject(node))
		return read_options(checker, row, &options);
	if (row->flags & KL_CHECKER_FILE)
		return kl_json_fail(from->doc, node, from->err, "the checker '%s' needs 'language' and 'file'", name);
	return KL_OK;
}
