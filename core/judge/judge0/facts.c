/* What an instance says of itself beside its configuration: version, workers, machine. Whatever is missing is unknown. */

#include "core/judge/judge0/instance_int.h"

#include <kodelab/json.h>

#include <kodelab/alloc.h>

#define SAID_MAX ((size_t)256 << 10)

static struct kl_json *parse(const char *text)
{
	struct kl_json *doc = NULL;

	return *text && !kl_json_parse(&doc, text, strlen(text), SAID_MAX, "answer", NULL) ? doc : NULL;
}

static const char *string_of(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsString(item) ? item->valuestring : "";
}

char *facts_version(const char *about)
{
	struct kl_json *doc = parse(about);
	char *version = kl_format("%.40s", doc ? string_of(kl_json_root(doc), "version") : "");

	kl_json_free(doc);
	return version;
}

/* "1.13.0-extra" as numbers; false: it is no version. */
static bool version_numbers(int numbers[3], const char *version)
{
	numbers[0] = numbers[1] = numbers[2] = 0;
	/* NOLINTNEXTLINE(cert-err34-c): at most four digits each */
	return sscanf(version + (*version == 'v'), "%4d.%4d.%4d", &numbers[0], &numbers[1], &numbers[2]) >= 2;
}

const char *facts_version_warning(const char *version)
{
	static const char escapes[] =
		"its sandbox can be escaped from (CVE-2024-28185): update Judge0 to 1.13.1 or newer";
	static const int last_bad[3] = { 1, 13, 0 };
	int numbers[3];

	if (!version_numbers(numbers, version))
		return "";
	for (int i = 0; i < 3; i++)
		if (numbers[i] != last_bad[i])
			return numbers[i] > last_bad[i] ? "" : escapes;
	return escapes;
}

void facts_workers(int *workers, int *idle, int *queued, const char *text)
{
	struct kl_json *doc = parse(text);
	const cJSON *queue;

	*workers = *idle = *queued = -1;
	if (!doc)
		return;
	if (cJSON_IsArray(kl_json_root(doc)) && cJSON_GetArraySize(kl_json_root(doc)) > 0) {
		*workers = *idle = *queued = 0;
		cJSON_ArrayForEach(queue, kl_json_root(doc)) {
			int64_t available = 0, free_ones = 0, size = 0;

			if (kl_json_get_int(&available, doc, queue, "available", 0, 100000, KL_JSON_OPTIONAL, NULL) ||
			    kl_json_get_int(&free_ones, doc, queue, "idle", 0, 100000, KL_JSON_OPTIONAL, NULL) ||
			    kl_json_get_int(&size, doc, queue, "size", 0, 10000000, KL_JSON_OPTIONAL, NULL))
				continue;
			*workers += (int)available;
			*idle += (int)free_ones;
			*queued += (int)size;
		}
	}
	kl_json_free(doc);
}

char *facts_machine(const char *text)
{
	struct kl_json *doc = parse(text);
	const cJSON *root = doc ? kl_json_root(doc) : NULL;
	const char *model = string_of(root, "Model name"), *cpus = string_of(root, "CPU(s)");
	const char *memory = string_of(root, "Mem");
	char *machine;

	memory += strspn(memory, " ");
	machine = !*cpus && !*model
			  ? kl_strdup("")
			  : kl_format("%.8s CPU%s%s%.60s%s%.*s%s", *cpus ? cpus : "?",
				      strcmp(cpus, "1") != 0 ? "s" : "", *model ? ", " : "", model, *memory ? ", " : "",
				      (int)strcspn(memory, " "), memory, *memory ? " memory" : "");
	kl_json_free(doc);
	return machine;
}
