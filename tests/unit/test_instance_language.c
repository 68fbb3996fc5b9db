/* Languages of instances matched with ours, those we do not know, and what an instance says of itself. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <stdlib.h>
#include <string.h>

#include "core/judge/judge0/instance_int.h"

/* CE 1.13, as /languages has it; the hosted 1.14 numbers anew and has newer ones beside the old. */
static const char old_list[] =
	"[{\"id\":46,\"name\":\"Bash (5.0.0)\"},{\"id\":75,\"name\":\"C (Clang 7.0.1)\"},{\"id\":48,\"name\":\"C (GCC 7.4.0)\"},"
	"{\"id\":50,\"name\":\"C (GCC 9.2.0)\"},{\"id\":49,\"name\":\"C (GCC 8.3.0)\"},{\"id\":51,\"name\":\"C# (Mono 6.6.0.161)\"},"
	"{\"id\":76,\"name\":\"C++ (Clang 7.0.1)\"},{\"id\":54,\"name\":\"C++ (GCC 9.2.0)\"},{\"id\":44,\"name\":\"Executable\"},"
	"{\"id\":60,\"name\":\"Go (1.13.5)\"},{\"id\":62,\"name\":\"Java (OpenJDK 13.0.1)\"},"
	"{\"id\":63,\"name\":\"JavaScript (Node.js 12.14.0)\"},{\"id\":78,\"name\":\"Kotlin (1.3.70)\"},"
	"{\"id\":89,\"name\":\"Multi-file program\"},{\"id\":43,\"name\":\"Plain Text\"},{\"id\":70,\"name\":\"Python (2.7.17)\"},"
	"{\"id\":71,\"name\":\"Python (3.8.1)\"},{\"id\":72,\"name\":\"Ruby (2.7.0)\"},{\"id\":73,\"name\":\"Rust (1.40.0)\"},"
	"{\"id\":82,\"name\":\"SQL (SQLite 3.27.2)\"},{\"id\":74,\"name\":\"TypeScript (3.7.4)\"},"
	"{\"id\":84,\"name\":\"Visual Basic.Net (vbnc 0.0.0.5943)\"}]";
static const char new_list[] =
	"[{\"id\":103,\"name\":\"C (GCC 14.1.0)\"},{\"id\":110,\"name\":\"C (Clang 19.1.7)\"},{\"id\":50,\"name\":\"C (GCC 9.2.0)\"},"
	"{\"id\":113,\"name\":\"Python (3.14.0)\"},{\"id\":100,\"name\":\"Python (3.12.5)\"},{\"id\":71,\"name\":\"Python (3.8.1)\"},"
	"{\"id\":10,\"name\":\"Python for ML (3.7.7)\"},{\"id\":91,\"name\":\"Java (JDK 17.0.6)\"},"
	"{\"id\":62,\"name\":\"Java (OpenJDK 13.0.1)\"},{\"id\":7,\"name\":\"Java Test (OpenJDK 14.0.1, JUnit 5)\"},"
	"{\"id\":111,\"name\":\"Kotlin (2.1.10)\"},{\"id\":78,\"name\":\"Kotlin (1.3.70)\"}]";
static const char clang_list[] = "[{\"id\":1,\"name\":\"C (Clang 9.0.1)\"},{\"id\":2,\"name\":\"C (Clang 10.0.1)\"}]";

static void ours_are_found_by_name_and_version(void **state)
{
	static const struct {
		const char *list, *language;
		int id; /* 0: none */
	} cases[] = {
		{ old_list, "c", 50 },       { old_list, "cpp", 54 },        { old_list, "python", 71 },
		{ old_list, "java", 62 },    { old_list, "javascript", 63 }, { old_list, "typescript", 74 },
		{ old_list, "go", 60 },      { old_list, "rust", 73 },       { old_list, "bash", 46 },
		{ old_list, "ruby", 72 },    { old_list, "sql", 82 },        { new_list, "c", 103 },
		{ new_list, "python", 113 }, { new_list, "java", 91 },       { new_list, "rust", 0 },
		{ clang_list, "c", 2 },      { clang_list, "cpp", 0 },       { "[]", "c", 0 },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_instance_language *languages, *found;
		size_t count;

		assert_int_equal(languages_read(&languages, &count, cases[i].list, strlen(cases[i].list), NULL), KL_OK);
		found = languages_match(languages, count, kl_language_find(cases[i].language)->judge0);
		assert_int_equal(found ? found->id : 0, cases[i].id);
		languages_free(languages, count);
	}
}

static void every_language_of_our_table_has_a_pattern(void **state)
{
	struct kl_instance_language *languages;
	size_t count;

	(void)state;
	assert_int_equal(languages_read(&languages, &count, old_list, strlen(old_list), NULL), KL_OK);
	for (size_t i = 0; i < kl_language_count(); i++)
		assert_non_null(languages_match(languages, count, kl_language_at(i)->judge0));
	languages_free(languages, count);
}

static void the_others_become_rows(void **state)
{
	static const struct {
		const char *id, *name, *suffix;
		int old_id, new_id; /* what it is matched with; 0: nothing */
	} want[] = {
		{ "c#", "C#", "cs", 51, 0 },
		{ "kotlin", "Kotlin", "kt", 78, 111 },
		{ "python-2", "Python 2", "txt", 70, 0 },
		{ "visual-basic.net", "Visual Basic.Net", "vb", 84, 0 },
		{ "python-for-ml", "Python for ML", "txt", 0, 10 },
		{ "java-test", "Java Test", "txt", 0, 7 },
	};
	struct extra_languages extra = { .items = NULL };
	struct kl_instance_language *old, *new, *found;
	size_t old_count, new_count;

	(void)state;
	assert_int_equal(languages_read(&old, &old_count, old_list, strlen(old_list), NULL), KL_OK);
	assert_int_equal(languages_read(&new, &new_count, new_list, strlen(new_list), NULL), KL_OK);
	extra_languages_add(&extra, old, old_count);
	extra_languages_add(&extra, new, new_count);
	extra_languages_add(&extra, old, old_count);
	assert_int_equal(extra.count, KL_LENGTH(want));
	for (size_t i = 0; i < KL_LENGTH(want); i++) {
		const struct kl_language *row = extra_language_at(&extra, i);
		char need[80];

		assert_string_equal(row->id, want[i].id);
		assert_string_equal(row->name, want[i].name);
		assert_string_equal(row->suffix, want[i].suffix);
		found = languages_match(old, old_count, row->judge0);
		assert_int_equal(found ? found->id : 0, want[i].old_id);
		found = languages_match(new, new_count, row->judge0);
		assert_int_equal(found ? found->id : 0, want[i].new_id);
		assert_false(kl_language_ready(row, need, sizeof(need))); /* nobody runs it here */
		assert_string_equal(need, "runs only at a judge that has it");
		assert_false(row->harness);
	}
	extra_languages_free(&extra);
	languages_free(old, old_count);
	languages_free(new, new_count);
}

static void bad_lists_are_refused_or_cleaned(void **state)
{
	static const char mixed[] =
		"[{\"id\":1,\"name\":\"C (GCC 9.2.0)\"},{\"id\":\"x\",\"name\":\"D (1)\"},{\"id\":3},"
		"{\"id\":4,\"name\":\"\\u001b[31mevil\"},{\"id\":5,\"name\":\"\"},7,null,"
		"{\"id\":-6,\"name\":\"E (1)\"}]";
	struct kl_instance_language *languages;
	struct kl_error err;
	size_t count;

	(void)state;
	assert_int_equal(languages_read(&languages, &count, mixed, strlen(mixed), NULL), KL_OK);
	assert_int_equal(count, 1);
	assert_int_equal(languages[0].id, 1);
	languages_free(languages, count);
	assert_int_equal(languages_read(&languages, &count, "{\"error\":\"no\"}", 14, &err), KL_EINVAL);
	assert_string_equal(err.message, "its list of languages is none: is this a Judge0 server?");
	assert_int_equal(languages_read(&languages, &count, "<html>", 6, &err), KL_EINVAL);
}

static void commands_survive_printing_and_a_new_list(void **state)
{
	static const char one[] =
		"{\"id\":50,\"name\":\"C (GCC 9.2.0)\",\"is_archived\":false,\"source_file\":\"main.c\","
		"\"compile_cmd\":\"/usr/local/gcc-9.2.0/bin/gcc %s main.c\",\"run_cmd\":null}";
	struct kl_instance_language language, *kept, *fresh;
	size_t kept_count, fresh_count;
	char *text;

	(void)state;
	assert_int_equal(language_read(&language, one, strlen(one), NULL), KL_OK);
	text = languages_print(&language, 1);
	assert_int_equal(languages_read(&kept, &kept_count, text, strlen(text), NULL), KL_OK);
	assert_true(kept[0].detailed);
	assert_string_equal(kept[0].compile_cmd, "/usr/local/gcc-9.2.0/bin/gcc %s main.c");
	assert_null(kept[0].run_cmd);
	assert_int_equal(languages_read(&fresh, &fresh_count, old_list, strlen(old_list), NULL), KL_OK);
	languages_keep_details(fresh, fresh_count, kept, kept_count);
	for (size_t i = 0; i < fresh_count; i++)
		assert_int_equal(fresh[i].detailed, fresh[i].id == 50);
	free(text);
	free(language.name);
	free(language.source_file);
	free(language.compile_cmd);
	languages_free(kept, kept_count);
	languages_free(fresh, fresh_count);
}

static void versions_that_can_be_escaped_from_are_warned_of(void **state)
{
	static const struct {
		const char *about, *version;
		bool warns;
	} cases[] = {
		{ "{\"version\":\"1.13.1\"}", "1.13.1", false },
		{ "{\"version\":\"1.13.0\"}", "1.13.0", true },
		{ "{\"version\":\"1.13.0-extra\"}", "1.13.0-extra", true },
		{ "{\"version\":\"1.12.9\"}", "1.12.9", true },
		{ "{\"version\":\"v1.9.0\"}", "v1.9.0", true },
		{ "{\"version\":\"1.14.0\"}", "1.14.0", false },
		{ "{\"version\":\"2.0\"}", "2.0", false },
		{ "{\"version\":\"0.9.9\"}", "0.9.9", true },
		{ "{\"version\":\"next\"}", "next", false },
		{ "{\"version\":7}", "", false },
		{ "<html>", "", false },
		{ "", "", false },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		char *version = facts_version(cases[i].about);

		assert_string_equal(version, cases[i].version);
		assert_int_equal(*facts_version_warning(version) != '\0', cases[i].warns);
		free(version);
	}
}

static void workers_and_machine_are_read(void **state)
{
	static const char machine[] =
		"{\"CPU(s)\":\"4\",\"Model name\":\"Intel(R) Xeon(R)\",\"Mem\":\"15Gi 3.1Gi 8Gi\"}";
	int workers, idle, queued;
	char *text;

	(void)state;
	facts_workers(
		&workers, &idle, &queued,
		"[{\"queue\":\"default\",\"size\":3,\"available\":4,\"idle\":1,\"working\":3,\"paused\":0,\"failed\":0},"
		"{\"queue\":\"x\",\"size\":1,\"available\":2,\"idle\":2}]");
	assert_int_equal(workers, 6);
	assert_int_equal(idle, 3);
	assert_int_equal(queued, 4);
	facts_workers(&workers, &idle, &queued, "[]"); /* until the first queued submission ever */
	assert_int_equal(workers, -1);
	facts_workers(&workers, &idle, &queued, "nonsense");
	assert_int_equal(queued, -1);
	text = facts_machine(machine);
	assert_string_equal(text, "4 CPUs, Intel(R) Xeon(R), 15Gi memory");
	free(text);
	text = facts_machine("{}");
	assert_string_equal(text, "");
	free(text);
}

static void suffixes(void **state)
{
	(void)state;
	assert_string_equal(kl_instances_suffix("kotlin"), "kt");
	assert_string_equal(kl_instances_suffix("visual-basic.net"), "vb");
	assert_string_equal(kl_instances_suffix("zig"), "txt");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ours_are_found_by_name_and_version),
		cmocka_unit_test(every_language_of_our_table_has_a_pattern),
		cmocka_unit_test(the_others_become_rows),
		cmocka_unit_test(bad_lists_are_refused_or_cleaned),
		cmocka_unit_test(commands_survive_printing_and_a_new_list),
		cmocka_unit_test(versions_that_can_be_escaped_from_are_warned_of),
		cmocka_unit_test(workers_and_machine_are_read),
		cmocka_unit_test(suffixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
