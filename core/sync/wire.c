/* Members of JSON objects that an unknown server sent. */

#include "core/sync/class_int.h"

#include <math.h>

#include <cjson/cJSON.h>

int64_t wire_time(const cJSON *object, const char *name)
{
	const char *text = wire_text(object, name, NULL);
	int64_t wall_ms;

	return text && kl_clock_read_utc(&wall_ms, text) && wall_ms > 0 ? wall_ms : 0;
}

const cJSON *wire_member(const cJSON *object, const char *name)
{
	const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, name);

	return node && !cJSON_IsNull(node) ? node : NULL;
}

const char *wire_text(const cJSON *object, const char *name, const char *otherwise)
{
	const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsString(node) ? node->valuestring : otherwise;
}

int64_t wire_int(const cJSON *object, const char *name, int64_t otherwise)
{
	double number = wire_real(object, name, (double)otherwise);

	return number >= -9e15 && number <= 9e15 ? (int64_t)number : otherwise;
}

double wire_real(const cJSON *object, const char *name, double otherwise)
{
	const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNumber(node) && isfinite(node->valuedouble) ? node->valuedouble : otherwise;
}

bool wire_bool(const cJSON *object, const char *name, bool otherwise)
{
	const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsBool(node) ? cJSON_IsTrue(node) : otherwise;
}
