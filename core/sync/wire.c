/* The texts of the wire: times, and members of JSON objects that an unknown server sent. */

#include "core/sync/class_int.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

enum { DATE_LEN = 19 }; /* "2026-11-20T11:34:01" */

/* Milliseconds after the dot, however many digits there are; *end: behind them. */
static int64_t fraction(const char *text, const char **end)
{
	int64_t ms = 0, unit = 100;

	for (; *text >= '0' && *text <= '9'; text++) {
		ms += (*text - '0') * unit;
		unit /= 10;
	}
	*end = text;
	return ms;
}

int64_t wire_time_read(const char *text)
{
	struct tm tm = { .tm_isdst = 0 };
	const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
	int64_t ms = 0;

	if (!end || end - text != DATE_LEN)
		return -1;
	if (*end == '.')
		ms = fraction(end + 1, &end);
	if (strcmp(end, "Z") != 0)
		return -1;
	return (int64_t)timegm(&tm) * 1000 + ms;
}

void wire_time(char text[WIRE_TIME_SIZE], int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	snprintf(text, WIRE_TIME_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", (unsigned)(tm.tm_year + 1900) % 10000u,
		 (unsigned)(tm.tm_mon + 1) % 100u, (unsigned)tm.tm_mday % 100u, (unsigned)tm.tm_hour % 100u,
		 (unsigned)tm.tm_min % 100u, (unsigned)tm.tm_sec % 100u, (unsigned)(wall_ms % 1000) % 1000u);
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

	return cJSON_IsNumber(node) ? node->valuedouble : otherwise;
}

bool wire_bool(const cJSON *object, const char *name, bool otherwise)
{
	const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsBool(node) ? cJSON_IsTrue(node) : otherwise;
}
