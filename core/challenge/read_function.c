/* A function's signature and the records it speaks of. A record may use those before it: so none holds itself. */

#include <kodelab/alloc.h>

#include "core/challenge/challenge_int.h"

#define RECORDS_MAX 16
#define FIELDS_MAX  32

static enum kl_status read_type(struct kl_type *out, const struct kl_challenge *challenge,
				const struct kl_reading *from, const cJSON *node, const char *what)
{
	struct kl_error inner;
	struct kl_type type;

	if (!cJSON_IsString(node))
		return kl_json_fail(from->doc, node, from->err, "expected the name of a type for '%s'", what);
	if (kl_type_parse(&type, node->valuestring, challenge->records, challenge->record_count, &inner))
		return kl_json_fail(from->doc, node, from->err, "%s", inner.message);
	*out = type;
	return KL_OK;
}

static enum kl_status check_name(const struct kl_reading *from, const cJSON *node, const char *name)
{
	if (kl_name_valid(name))
		return KL_OK;
	return kl_json_fail(from->doc, node, from->err, "expected a name in snake_case, not '%s'", name);
}

/* --- records ------------------------------------------------------------------------------------------------------ */

static enum kl_status read_record(struct kl_challenge *challenge, const struct kl_reading *from, const cJSON *node)
{
	struct kl_record *record = &challenge->records[challenge->record_count];
	enum kl_status status = check_name(from, node, node->string);
	const cJSON *member;
	struct kl_type scalar;
	int count;

	if (status)
		return status;
	if (!kl_type_parse(&scalar, node->string, NULL, 0, NULL))
		return kl_json_fail(from->doc, node, from->err, "a record cannot be named '%s'", node->string);
	if (!cJSON_IsObject(node) || (count = cJSON_GetArraySize(node)) < 1 || count > FIELDS_MAX)
		return kl_json_fail(from->doc, node, from->err, "expected an object with 1 to %d fields for '%s'",
				    FIELDS_MAX, node->string);
	*record = (struct kl_record){ .name = kl_strdup(node->string) };
	record->fields = kl_calloc((size_t)count, sizeof(*record->fields));
	cJSON_ArrayForEach(member, node) {
		struct kl_field *field = &record->fields[record->count++];

		field->name = kl_strdup(member->string);
		if ((status = check_name(from, member, member->string)) ||
		    (status = read_type(&field->type, challenge, from, member, member->string)))
			break;
	}
	challenge->record_count++; /* also a half one, so that it is freed */
	return status;
}

static enum kl_status read_records(struct kl_challenge *challenge, const struct kl_reading *from)
{
	const cJSON *object = NULL, *node;
	enum kl_status status =
		kl_json_get_object(&object, from->doc, from->object, "records", KL_JSON_OPTIONAL, from->err);
	size_t count = object ? (size_t)cJSON_GetArraySize(object) : 0;

	if (status || !object)
		return status;
	if (count > RECORDS_MAX)
		return kl_json_fail(from->doc, object, from->err, "'records' must have at most %d members",
				    RECORDS_MAX);
	challenge->records = kl_calloc(count, sizeof(*challenge->records));
	cJSON_ArrayForEach(node, object) {
		status = read_record(challenge, from, node);
		if (status)
			return status;
	}
	return KL_OK;
}

/* --- the signature ------------------------------------------------------------------------------------------------ */

static bool has_param(const struct kl_signature *function, const char *name)
{
	for (size_t i = 0; i < function->param_count; i++)
		if (!strcmp(function->params[i].name, name))
			return true;
	return false;
}

static enum kl_status read_param(struct kl_challenge *challenge, const struct kl_reading *function, const cJSON *node)
{
	static const char *const known[] = { "name", "type", NULL };
	struct kl_signature *signature = &challenge->function;
	const char *name = NULL, *type = NULL;
	struct kl_field *param;
	enum kl_status status;

	if (!cJSON_IsObject(node))
		return kl_json_fail(function->doc, node, function->err, "expected an object with 'name' and 'type'");
	if ((status = kl_json_only(function->doc, node, known, function->err)) ||
	    (status = kl_json_get_string(&name, function->doc, node, "name", KL_JSON_REQUIRED, function->err)) ||
	    (status = check_name(function, node, name)) ||
	    (status = kl_json_get_string(&type, function->doc, node, "type", KL_JSON_REQUIRED, function->err)))
		return status;
	if (has_param(signature, name))
		return kl_json_fail(function->doc, node, function->err, "two parameters are named '%s'", name);
	param = &signature->params[signature->param_count++];
	param->name = kl_strdup(name);
	return read_type(&param->type, challenge, function, cJSON_GetObjectItemCaseSensitive(node, "type"), "type");
}

static enum kl_status read_params(struct kl_challenge *challenge, const struct kl_reading *function)
{
	const cJSON *array = NULL, *node;
	enum kl_status status =
		kl_json_get_array(&array, function->doc, function->object, "params", KL_JSON_REQUIRED, function->err);
	size_t count = array ? (size_t)cJSON_GetArraySize(array) : 0;

	if (status)
		return status;
	if (count > KL_PARAMS_MAX)
		return kl_json_fail(function->doc, array, function->err, "a function has at most %d parameters",
				    KL_PARAMS_MAX);
	challenge->function.params = kl_calloc(count, sizeof(*challenge->function.params));
	cJSON_ArrayForEach(node, array) {
		status = read_param(challenge, function, node);
		if (status)
			return status;
	}
	return KL_OK;
}

static enum kl_status read_signature(struct kl_challenge *challenge, const struct kl_reading *function)
{
	static const char *const known[] = { "name", "params", "returns", NULL };
	const char *name = NULL, *returns = NULL;
	enum kl_status status;

	if ((status = kl_json_only(function->doc, function->object, known, function->err)) ||
	    (status = kl_json_get_string(&name, function->doc, function->object, "name", KL_JSON_REQUIRED,
					 function->err)) ||
	    (status = check_name(function, cJSON_GetObjectItemCaseSensitive(function->object, "name"), name)))
		return status;
	challenge->function.name = kl_strdup(name);
	if ((status = read_params(challenge, function)) ||
	    (status = kl_json_get_string(&returns, function->doc, function->object, "returns", KL_JSON_REQUIRED,
					 function->err)))
		return status;
	return read_type(&challenge->function.returns, challenge, function,
			 cJSON_GetObjectItemCaseSensitive(function->object, "returns"), "returns");
}

enum kl_status kl_challenge_read_function(struct kl_challenge *challenge, const struct kl_reading *from)
{
	bool wanted = challenge->kind == KL_KIND_FUNCTION;
	struct kl_reading function = *from;
	const cJSON *object = NULL;
	enum kl_status status;

	if ((status = kl_json_get_object(&object, from->doc, from->object, "function",
					 wanted ? KL_JSON_REQUIRED : KL_JSON_OPTIONAL, from->err)) ||
	    (status = read_records(challenge, from)))
		return status;
	if (object && !wanted)
		return kl_json_fail(from->doc, object, from->err,
				    "'function' is for challenges of the kind 'function'");
	function.object = object;
	return object ? read_signature(challenge, &function) : KL_OK;
}
