/* Texts in pack files: a string, or an array of strings that are its lines. */

#include "core/challenge/challenge_int.h"

#include <kodelab/alloc.h>

static bool all_strings(const cJSON *array, size_t *bytes)
{
	const cJSON *line;

	*bytes = 0;
	cJSON_ArrayForEach(line, array) {
		if (!cJSON_IsString(line))
			return false;
		*bytes += strlen(line->valuestring) + 1;
	}
	return true;
}

bool kl_json_text(char **text, size_t *len, const cJSON *node)
{
	const cJSON *line;
	size_t bytes;
	char *to;

	if (cJSON_IsString(node)) {
		*len = strlen(node->valuestring);
		*text = kl_strndup(node->valuestring, *len);
		return true;
	}
	if (!cJSON_IsArray(node) || !all_strings(node, &bytes))
		return false;
	to = *text = kl_alloc(bytes + 1);
	cJSON_ArrayForEach(line, node) {
		to = stpcpy(to, line->valuestring);
		*to++ = '\n';
	}
	*to = '\0';
	*len = bytes;
	return true;
}
