/* What the bodies of requests say, by tables of their members. */

#include <string.h>

#include <kodelab/clock.h>
#include <kodelab/json.h>
#include <kodelab/visible.h>

#include "core/server/api.h"
#include "core/server/request.h"

#define NUMBER_MAX INT64_C(9007199254740991) /* what a double still tells apart */

static const cJSON *member(const struct request *request, const char *name)
{
	return request->fields ? cJSON_GetObjectItemCaseSensitive(request->fields, name) : NULL;
}

bool api_says(const struct request *request, const char *name)
{
	return member(request, name) != NULL;
}

/* --- each kind ---------------------------------------------------------------------------------------------------- */

static bool is_absent(const cJSON *node)
{
	return !node || cJSON_IsNull(node);
}

static bool read_text(const char **out, struct request *request, const char *name, const cJSON *node)
{
	if (is_absent(node))
		return true;
	if (!cJSON_IsString(node)) {
		api_error(request, API_INVALID, "'%s' must be a text", name);
		return false;
	}
	*out = node->valuestring;
	return true;
}

static bool is_plain(const char *text, unsigned flags)
{
	char form[KL_VISIBLE_MAX];

	for (size_t len = strlen(text), step; len; text += step, len -= step) {
		step = kl_visible_char(form, text, len, flags);
		if (*form)
			return false;
	}
	return true;
}

static bool read_shown(struct request *request, const struct api_field *field, const cJSON *node)
{
	const char **text = field->line ? field->line : field->lines;

	if (!read_text(text, request, field->name, node))
		return false;
	if ((field->line && !**text) || strlen(*text) > (size_t)field->most)
		api_error(request, API_INVALID, "'%s' must have %d to %lld bytes", field->name, field->line ? 1 : 0,
			  (long long)field->most);
	else if (!is_plain(*text, field->line ? 0 : KL_VISIBLE_NEWLINE | KL_VISIBLE_TAB))
		api_error(request, API_INVALID, "'%s' holds characters that cannot be shown: leave them out",
			  field->name);
	else
		return true;
	return false;
}

static bool read_number(struct request *request, const struct api_field *field, const cJSON *node)
{
	double value = cJSON_IsNumber(node) ? node->valuedouble : -1;

	if (is_absent(node))
		return true;
	if (value < 0 || value > (double)NUMBER_MAX || (double)(int64_t)value != value) {
		api_error(request, API_INVALID, "'%s' must be a whole number, 0 or more", field->name);
		return false;
	}
	*field->number = (int64_t)value;
	if (!field->most || (*field->number >= field->least && *field->number <= field->most))
		return true;
	if (field->least)
		api_error(request, API_INVALID, "'%s' must be %lld to %lld", field->name, (long long)field->least,
			  (long long)field->most);
	else
		api_error(request, API_INVALID, "'%s' must be %lld at most", field->name, (long long)field->most);
	return false;
}

static bool read_flag(struct request *request, const struct api_field *field, const cJSON *node)
{
	if (!node && !field->needed)
		return true;
	if (!cJSON_IsBool(node)) {
		api_error(request, API_INVALID, "'%s' must be true or false", field->name);
		return false;
	}
	*field->flag = cJSON_IsTrue(node);
	return true;
}

static bool read_time(struct request *request, const struct api_field *field, const cJSON *node)
{
	const char *text = "";

	if (is_absent(node) && !field->needed) {
		if (node)
			*field->time_ms = 0;
		return true;
	}
	if (!read_text(&text, request, field->name, node))
		return false;
	if (kl_clock_read_utc(field->time_ms, text))
		return true;
	api_error(request, API_INVALID, "'%s' must be a time such as 2026-11-20T11:34:01Z", field->name);
	return false;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static bool read_field(struct request *request, const struct api_field *field)
{
	const cJSON *node = member(request, field->name);

	if (field->text)
		return read_text(field->text, request, field->name, node);
	if (field->line || field->lines)
		return read_shown(request, field, node);
	if (field->number)
		return read_number(request, field, node);
	if (field->flag)
		return read_flag(request, field, node);
	return !field->time_ms || read_time(request, field, node);
}

static bool is_known(const char *name, const struct api_field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(fields[i].name, name))
			return true;
	return false;
}

bool api_read(struct request *request, const struct api_field *fields, size_t count)
{
	const cJSON *node;

	if (!request->fields) {
		api_error(request, API_INVALID, "the body must be a JSON object");
		return false;
	}
	cJSON_ArrayForEach(node, request->fields) {
		if (is_known(node->string, fields, count))
			continue;
		api_error(request, API_INVALID, "'%.64s' is not known here: leave it out", node->string);
		return false;
	}
	for (size_t i = 0; i < count; i++)
		if (!read_field(request, &fields[i]))
			return false;
	return true;
}

bool api_read_nothing(struct request *request)
{
	return (!request->fields && !request->body.len) || api_read(request, NULL, 0);
}
