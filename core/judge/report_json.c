/* A report as JSON and back: what the store keeps of an attempt. */

#include "core/judge/judge_int.h"

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/json.h>

#define REPORT_MAX    ((size_t)512 << 10)
#define STREAM_STORED ((size_t)8 << 10)
#define VALUE_STORED  ((size_t)8 << 10)
#define DETAIL_SHORT  ((size_t)200)
#define WITH_TEXT_MAX ((size_t)384 << 10) /* of JSON: beyond this, outputs are left out, and sentences short */
#define TESTS_MAX     2000

static const char *const compile_words[] = { "none", "ok", "failed" };

/* --- writing ------------------------------------------------------------------------------------------------------ */

/* Bytes as JSON text: what is no UTF-8 and the NUL become U+FFFD. */
static bool is_tail(const char *text, size_t at, size_t len, size_t count)
{
	if (len - at <= count)
		return false;
	for (size_t i = 1; i <= count; i++)
		if (((unsigned char)text[at + i] & 0xc0) != 0x80)
			return false;
	return true;
}

/* Bytes of the character at at; 0: it is none. */
static size_t character(const char *text, size_t at, size_t len)
{
	unsigned char byte = (unsigned char)text[at];
	size_t tail = byte < 0x80 ? 0 : byte >= 0xc2 && byte < 0xe0 ? 1 : byte >= 0xe0 && byte < 0xf0 ? 2 : 3;

	if (!byte || (byte >= 0x80 && byte < 0xc2) || byte > 0xf4 || !is_tail(text, at, len, tail))
		return 0;
	if (tail == 2 && ((byte == 0xe0 && (unsigned char)text[at + 1] < 0xa0) ||
			  (byte == 0xed && (unsigned char)text[at + 1] > 0x9f)))
		return 0;
	if (tail == 3 && ((byte == 0xf0 && (unsigned char)text[at + 1] < 0x90) ||
			  (byte == 0xf4 && (unsigned char)text[at + 1] > 0x8f)))
		return 0;
	return tail + 1;
}

static void add_text(cJSON *object, const char *key, const char *text, size_t len, size_t max)
{
	struct kl_buf clean;
	size_t at = 0;

	if (!text)
		return;
	kl_buf_init(&clean, max);
	while (at < len && !clean.truncated) {
		size_t size = character(text, at, len);

		if (clean.len + 4 > max)
			break;
		if (size)
			kl_buf_add(&clean, text + at, size);
		else
			kl_buf_add_str(&clean, "\xef\xbf\xbd");
		at += size ? size : 1;
	}
	cJSON_AddStringToObject(object, key, clean.data);
	kl_buf_release(&clean);
}

static void add_string(cJSON *object, const char *key, const char *text)
{
	add_text(object, key, text, text ? strlen(text) : 0, VALUE_STORED);
}

static void add_texts(cJSON *object, const struct kl_test_result *result)
{
	add_text(object, "out", result->out, result->out_len, STREAM_STORED);
	add_text(object, "err", result->err, result->err_len, STREAM_STORED);
	add_string(object, "actual", result->actual);
	add_string(object, "expected", result->expected);
}

static cJSON *test_json(const struct kl_test_result *result, const struct kl_test *test, bool texts)
{
	cJSON *object = cJSON_CreateObject();

	add_string(object, "id", test->id);
	if (test->own || test->disclosure != KL_SHOW_NONE)
		add_string(object, "name", test->name);
	cJSON_AddBoolToObject(object, "sample", test->sample);
	cJSON_AddBoolToObject(object, "own", test->own);
	cJSON_AddStringToObject(object, "verdict", kl_verdict_word(result->verdict));
	add_text(object, "detail", result->detail, result->detail ? strlen(result->detail) : 0,
		 texts ? VALUE_STORED : DETAIL_SHORT);
	cJSON_AddNumberToObject(object, "cpu_us", (double)result->cpu_us);
	cJSON_AddNumberToObject(object, "wall_us", (double)result->wall_us);
	cJSON_AddNumberToObject(object, "peak_kib", (double)result->peak_kib);
	cJSON_AddNumberToObject(object, "exit", result->exit_code);
	cJSON_AddNumberToObject(object, "signal", result->signo);
	cJSON_AddBoolToObject(object, "out_cut", result->out_cut || result->out_len > STREAM_STORED - 4);
	cJSON_AddBoolToObject(object, "err_cut", result->err_cut || result->err_len > STREAM_STORED - 4);
	cJSON_AddBoolToObject(object, "show_actual", result->show_actual);
	cJSON_AddBoolToObject(object, "show_input", result->show_input);
	if (texts)
		add_texts(object, result);
	return object;
}

/* Bytes of a text, cut at max, in JSON: those below the blank are six letters there. */
static size_t printed(const char *text, size_t len, size_t max)
{
	size_t size = 0;

	for (size_t at = 0, step; at < len && at < max; at += step) {
		size_t bytes = character(text, at, len);

		step = bytes ? bytes : 1;
		if (!bytes)
			size += 3; /* U+FFFD */
		else if (strchr("\"\\\b\f\n\r\t", text[at]))
			size += 2;
		else
			size += (unsigned char)text[at] < ' ' ? 6 : bytes;
	}
	return size;
}

static size_t printed_string(const char *text)
{
	return text ? printed(text, strlen(text), VALUE_STORED) : 0;
}

static size_t text_size(const struct kl_test_result *result)
{
	return printed(result->out, result->out ? result->out_len : 0, STREAM_STORED) +
	       printed(result->err, result->err ? result->err_len : 0, STREAM_STORED) + printed_string(result->actual) +
	       printed_string(result->expected) + printed_string(result->detail);
}

void kl_report_json(const struct kl_report *report, struct kl_buf *out)
{
	cJSON *root = cJSON_CreateObject(), *tests;
	size_t texts = 0;
	char *text;

	cJSON_AddNumberToObject(root, "format", 1);
	cJSON_AddStringToObject(root, "verdict", kl_verdict_word(report->verdict));
	cJSON_AddStringToObject(root, "compile", compile_words[report->compile]);
	add_string(root, "messages", report->messages);
	cJSON_AddNumberToObject(root, "score", report->score);
	cJSON_AddNumberToObject(root, "wall_ms", (double)report->wall_ms);
	add_string(root, "error", report->error.status ? report->error.message : NULL);
	tests = cJSON_AddArrayToObject(root, "tests");
	for (size_t i = 0; i < report->count && i < TESTS_MAX; i++) {
		texts += text_size(&report->tests[i]);
		cJSON_AddItemToArray(tests, test_json(&report->tests[i], report->asked[i], texts < WITH_TEXT_MAX));
	}
	text = cJSON_PrintUnformatted(root);
	if (text && strlen(text) <= out->max - out->len) /* half of one is none, and would spoil what it is put into */
		kl_buf_add_str(out, text);
	cJSON_free(text);
	cJSON_Delete(root);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static char *get_text(const cJSON *object, const char *key, size_t *len)
{
	const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, key);

	if (!cJSON_IsString(node))
		return NULL;
	if (len)
		*len = strlen(node->valuestring);
	return kl_strdup(node->valuestring);
}

static bool get_bool(const cJSON *object, const char *key)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, key));
}

static double get_number(const cJSON *object, const char *key)
{
	const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, key);
	double number = cJSON_IsNumber(node) ? node->valuedouble : 0;

	return number >= -1e15 && number <= 1e15 ? number : 0;
}

static enum kl_verdict get_verdict(const cJSON *object)
{
	const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, "verdict");

	for (int i = 0; cJSON_IsString(node) && i < KL_VERDICT_COUNT; i++)
		if (!strcmp(node->valuestring, kl_verdict_word((enum kl_verdict)i)))
			return (enum kl_verdict)i;
	return KL_VERDICT_INTERNAL;
}

static void read_test(struct kl_test_result *result, struct kl_test *stub, const cJSON *node)
{
	stub->id = get_text(node, "id", NULL);
	stub->id = stub->id ? stub->id : kl_strdup("");
	stub->name = get_text(node, "name", NULL);
	stub->sample = get_bool(node, "sample");
	stub->own = get_bool(node, "own");
	result->verdict = get_verdict(node);
	result->detail = get_text(node, "detail", NULL);
	result->cpu_us = (int64_t)get_number(node, "cpu_us");
	result->wall_us = (int64_t)get_number(node, "wall_us");
	result->peak_kib = (int64_t)get_number(node, "peak_kib");
	result->exit_code = (int)(get_number(node, "exit"));
	result->signo = (int)(get_number(node, "signal"));
	result->out = get_text(node, "out", &result->out_len);
	result->err = get_text(node, "err", &result->err_len);
	result->out_cut = get_bool(node, "out_cut");
	result->err_cut = get_bool(node, "err_cut");
	result->actual = get_text(node, "actual", NULL);
	result->expected = get_text(node, "expected", NULL);
	result->show_actual = get_bool(node, "show_actual");
	result->show_input = get_bool(node, "show_input");
}

static void read_tests(struct kl_report *report, const cJSON *tests)
{
	size_t count = (size_t)cJSON_GetArraySize(tests);
	const cJSON *node;

	report->tests = kl_calloc(count + 1, sizeof(*report->tests));
	report->stubs = kl_calloc(count + 1, sizeof(*report->stubs));
	report->asked = kl_calloc(count + 1, sizeof(const struct kl_test *));
	cJSON_ArrayForEach(node, tests) {
		size_t i = report->count++;

		read_test(&report->tests[i], &report->stubs[i], node);
		report->asked[i] = &report->stubs[i];
		report->done += report->tests[i].verdict != KL_VERDICT_SKIPPED;
		report->passed += report->tests[i].verdict == KL_VERDICT_PASSED;
	}
}

static enum kl_compile_state get_compile(const cJSON *root)
{
	const cJSON *node = cJSON_GetObjectItemCaseSensitive(root, "compile");

	for (size_t i = 0; cJSON_IsString(node) && i < KL_LENGTH(compile_words); i++)
		if (!strcmp(node->valuestring, compile_words[i]))
			return (enum kl_compile_state)i;
	return KL_COMPILE_NONE;
}

enum kl_status kl_report_from_json(struct kl_report **out, const char *text, size_t len, struct kl_error *err)
{
	struct kl_report *report;
	struct kl_json *doc = NULL;
	const cJSON *root, *tests, *error;

	if (kl_json_parse(&doc, text, len, 4 * REPORT_MAX, "report", err))
		return kl_fail(err, KL_ECORRUPT, "the stored report cannot be read");
	root = kl_json_root(doc);
	tests = cJSON_GetObjectItemCaseSensitive(root, "tests");
	if (!cJSON_IsObject(root) || !cJSON_IsArray(tests) || cJSON_GetArraySize(tests) > TESTS_MAX) {
		kl_json_free(doc);
		return kl_fail(err, KL_ECORRUPT, "the stored report cannot be read");
	}
	report = kl_calloc(1, sizeof(*report));
	report->verdict = get_verdict(root);
	report->compile = get_compile(root);
	report->messages = get_text(root, "messages", NULL);
	report->score = get_number(root, "score");
	report->wall_ms = (int64_t)get_number(root, "wall_ms");
	error = cJSON_GetObjectItemCaseSensitive(root, "error");
	if (cJSON_IsString(error))
		kl_fail(&report->error, KL_EIO, "%s", error->valuestring);
	read_tests(report, tests);
	kl_json_free(doc);
	*out = report;
	return KL_OK;
}
