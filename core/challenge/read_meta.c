/* challenge.json, but for the function's types (read_function.c). */

#include <strings.h>

#include <kodelab/alloc.h>

#include "core/challenge/challenge_int.h"

#define CPU_MS       2000
#define MEMORY_KIB   (256 << 10)
#define OUTPUT_BYTES (1024 << 10)
#define SKILLS_MAX   32

static const char *const difficulties[] = { "BEGINNER", "INTERMEDIATE", "ADVANCED", "EXPERT", NULL };

const char *kl_difficulty_name(enum kl_difficulty difficulty)
{
	return difficulties[difficulty];
}

bool kl_difficulty_parse(enum kl_difficulty *out, const char *name)
{
	for (int i = 0; difficulties[i]; i++) {
		if (!strcasecmp(difficulties[i], name)) {
			*out = (enum kl_difficulty)i;
			return true;
		}
	}
	return false;
}

/* --- limits ------------------------------------------------------------------------------------------------------- */

enum kl_status kl_challenge_read_limits(struct kl_limits *limits, const struct kl_reading *from)
{
	/* clang-format off */
	static const struct { const char *key; int64_t min, max; } rows[] = {
		{ "cpu_ms", 10, 600000 }, { "memory_mib", 1, 65536 }, { "output_kib", 1, 65536 },
	};
	/* clang-format on */
	static const char *const known[] = { "cpu_ms", "memory_mib", "output_kib", NULL };
	const cJSON *object = NULL;
	int64_t values[3] = { 0 };
	enum kl_status status =
		kl_json_get_object(&object, from->doc, from->object, "limits", KL_JSON_OPTIONAL, from->err);

	if (status || !object)
		return status;
	status = kl_json_only(from->doc, object, known, from->err);
	for (size_t i = 0; i < KL_LENGTH(rows) && !status; i++)
		status = kl_json_get_int(&values[i], from->doc, object, rows[i].key, rows[i].min, rows[i].max,
					 KL_JSON_OPTIONAL, from->err);
	if (status)
		return status;
	limits->cpu_ms = values[0] ? values[0] : limits->cpu_ms;
	limits->memory_kib = values[1] ? values[1] << 10 : limits->memory_kib;
	limits->output_bytes = values[2] ? values[2] << 10 : limits->output_bytes;
	return KL_OK;
}

/* --- skills ------------------------------------------------------------------------------------------------------- */

static enum kl_status read_skill(struct kl_skill_weight *out, const struct kl_reading *from, const cJSON *node)
{
	if (!kl_slug_valid(node->string))
		return kl_json_fail(from->doc, node, from->err, "'skills' holds slugs like 'two-sum', not '%s'",
				    node->string);
	if (!cJSON_IsNumber(node) || !(node->valuedouble >= 0 && node->valuedouble <= 1))
		return kl_json_fail(from->doc, node, from->err, "the weight of the skill '%s' must be from 0 to 1",
				    node->string);
	out->skill = kl_strdup(node->string);
	out->weight = node->valuedouble;
	return KL_OK;
}

static enum kl_status read_skills(struct kl_challenge *challenge, const struct kl_reading *from)
{
	const cJSON *object = NULL, *node;
	enum kl_status status =
		kl_json_get_object(&object, from->doc, from->object, "skills", KL_JSON_OPTIONAL, from->err);
	size_t count = object ? (size_t)cJSON_GetArraySize(object) : 0;

	if (status || !object)
		return status;
	if (count > SKILLS_MAX)
		return kl_json_fail(from->doc, object, from->err, "'skills' must have at most %d members", SKILLS_MAX);
	challenge->skills = kl_calloc(count, sizeof(*challenge->skills));
	cJSON_ArrayForEach(node, object) {
		status = read_skill(&challenge->skills[challenge->skill_count], from, node);
		if (status)
			return status;
		challenge->skill_count++;
	}
	return KL_OK;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static enum kl_status read_texts(struct kl_challenge *challenge, const struct kl_reading *from)
{
	static const struct kl_span_limits title = { 1, 80 }, summary = { 0, 200 }, credit = { 0, 200 };
	enum kl_status status;

	if ((status = kl_read_line(&challenge->title, from, "title", KL_JSON_REQUIRED, title)) ||
	    (status = kl_read_line(&challenge->summary, from, "summary", KL_JSON_REQUIRED, summary)) ||
	    (status = kl_read_slug(&challenge->category, from, "category", KL_JSON_REQUIRED)) ||
	    (status = kl_read_line(&challenge->author, from, "author", KL_JSON_OPTIONAL, credit)) ||
	    (status = kl_read_line(&challenge->licence, from, "licence", KL_JSON_OPTIONAL, credit)))
		return status;
	return kl_read_line(&challenge->version, from, "version", KL_JSON_OPTIONAL, credit);
}

static enum kl_status read_lists(struct kl_challenge *challenge, const struct kl_reading *from)
{
	static const struct kl_span_limits some = { 0, 32 }, more = { 0, 64 };
	enum kl_status status;

	if ((status = kl_read_slugs(&challenge->tags, from, "tags", some)) ||
	    (status = kl_read_slugs(&challenge->prerequisites, from, "prerequisites", more)) ||
	    (status = kl_read_list(&challenge->outcomes, from, "outcomes", some)) ||
	    (status = kl_read_list(&challenge->hints, from, "hints", some)) ||
	    (status = kl_read_list(&challenge->languages, from, "languages", more)))
		return status;
	return read_skills(challenge, from);
}

static enum kl_status read_kind(struct kl_challenge *challenge, const struct kl_reading *from)
{
	static const char *const kinds[] = { "function", "program", NULL };
	int difficulty = 0, kind = 0;
	int64_t minutes = 0;
	enum kl_status status;

	if ((status = kl_read_word(&difficulty, from, "difficulty", KL_JSON_REQUIRED, difficulties)) ||
	    (status = kl_read_word(&kind, from, "kind", KL_JSON_REQUIRED, kinds)) ||
	    (status = kl_json_get_int(&minutes, from->doc, from->object, "minutes", 1, 600, KL_JSON_REQUIRED,
				      from->err)))
		return status;
	challenge->difficulty = (enum kl_difficulty)difficulty;
	challenge->kind = kind ? KL_KIND_PROGRAM : KL_KIND_FUNCTION;
	challenge->minutes = (int)minutes;
	return kl_json_get_bool(&challenge->is_public, from->doc, from->object, "public", KL_JSON_OPTIONAL, from->err);
}

enum kl_status kl_challenge_read_meta(struct kl_challenge *challenge, const struct kl_json *doc, struct kl_error *err)
{
	static const char *const known[] = { "format",    "title",    "summary",       "difficulty", "category",
					     "tags",      "skills",   "minutes",       "hints",      "outcomes",
					     "public",    "author",   "prerequisites", "licence",    "version",
					     "kind",      "function", "records",       "checker",    "limits",
					     "languages", NULL };
	const struct kl_reading from = { doc, kl_json_root(doc), err };
	enum kl_status status;

	challenge->is_public = true;
	challenge->limits = (struct kl_limits){ CPU_MS, MEMORY_KIB, OUTPUT_BYTES };
	if (!cJSON_IsObject(from.object))
		return kl_json_fail(doc, from.object, err, "expected an object");
	if ((status = kl_json_only(doc, from.object, known, err)) || (status = kl_read_format(&from)) ||
	    (status = read_texts(challenge, &from)) || (status = read_lists(challenge, &from)) ||
	    (status = read_kind(challenge, &from)) || (status = kl_challenge_read_limits(&challenge->limits, &from)) ||
	    (status = kl_challenge_read_function(challenge, &from)))
		return status;
	return kl_challenge_read_checker(challenge, &from);
}
