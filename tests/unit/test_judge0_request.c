/* What is sent to a judge instance: commands with its own paths, scripts, zips, and never an expected value. */

#include "tests/unit/judge_run.h"

#include <cjson/cJSON.h>
#include <sys/wait.h>

#include <kodelab/crypto.h>

#include "core/judge/judge0/judge0_int.h"

/* --- commands ----------------------------------------------------------------------------------------------------- */

static const struct {
	const char *compile, *run, *program, *path;
} tools[] = {
	{ "/usr/local/gcc-9.2.0/bin/gcc %s main.c", "./a.out", "gcc", "/usr/local/gcc-9.2.0/bin/gcc" },
	{ "/usr/local/gcc-9.2.0/bin/g++ %s main.cpp", "./a.out", "g++", "/usr/local/gcc-9.2.0/bin/g++" },
	{ "/usr/bin/clang-7 %s main.c", "./a.out", "clang", "/usr/bin/clang-7" },
	{ NULL, "/usr/local/python-3.8.1/bin/python3 script.py", "python3", "/usr/local/python-3.8.1/bin/python3" },
	{ NULL, "/usr/local/python-3.8.1/bin/python3.8 script.py", "python3", "/usr/local/python-3.8.1/bin/python3.8" },
	{ "GOCACHE=/tmp/.cache/go-build /usr/local/go-1.13.5/bin/go build %s main.go", "./main", "go",
	  "/usr/local/go-1.13.5/bin/go" },
	{ NULL, "/bin/cat script.sql | /usr/bin/sqlite3 db.sqlite", "sqlite3", "/usr/bin/sqlite3" },
	{ "/usr/bin/gcc-ar x", NULL, "gcc", NULL },
	{ "gcc %s main.c", NULL, "gcc", NULL }, /* no path: not one we could name */
	{ NULL, NULL, "gcc", NULL },
};

static void finds_tools(void **state)
{
	(void)state;
	for (size_t i = 0; i < KL_LENGTH(tools); i++) {
		struct kl_instance_language language = { .compile_cmd = kl_strdup(tools[i].compile),
							 .run_cmd = kl_strdup(tools[i].run) };
		char *path = judge0_tool(&language, tools[i].program);

		if (tools[i].path)
			assert_string_equal(path, tools[i].path);
		else
			assert_null(path);
		free(path);
		free(language.compile_cmd);
		free(language.run_cmd);
	}
}

static void quotes(void **state)
{
	struct kl_buf out;

	(void)state;
	kl_buf_init(&out, 100);
	judge0_quote(&out, "it's $(rm -rf) `x` \"y\"\n;");
	assert_string_equal(out.data, "'it'\\''s $(rm -rf) `x` \"y\"\n;'");
	kl_buf_release(&out);
}

/* --- a whole request ---------------------------------------------------------------------------------------------- */

static const char meta[] =
	"{\"format\": 1, \"title\": \"Sum\", \"summary\": \"Adds\", \"difficulty\": \"BEGINNER\","
	" \"category\": \"basics\", \"minutes\": 5, \"outcomes\": [\"x\"], \"hints\": [\"x\"], \"kind\": \"program\"}";
static const char tests_json[] =
	"{\"tests\": [{\"id\": \"plain\", \"sample\": true, \"stdin\": \"SentInput\\n\", \"stdout\": \"QuetzalOne\\n\"},"
	" {\"id\": \"hidden\", \"stdin\": \"4 5\\n\", \"argv\": [\"a'b\"], \"files\": {\"note.txt\": \"SentNote\"},"
	" \"stdout\": \"QuetzalTwo\\n\"}]}";
static const char function_meta[] =
	"{\"format\": 1, \"title\": \"Pair\", \"summary\": \"p\", \"difficulty\": \"BEGINNER\","
	" \"category\": \"arrays\", \"minutes\": 5, \"outcomes\": [\"x\"], \"hints\": [\"x\"], \"kind\": \"function\","
	" \"function\": {\"name\": \"say\", \"params\": [{\"name\": \"a\", \"type\": \"string\"}], \"returns\": \"string\"}}";
static const char function_tests[] =
	"{\"tests\": [{\"id\": \"one\", \"sample\": true, \"args\": {\"a\": \"SentInput\"}, \"expect\": \"QuetzalOne\"},"
	" {\"id\": \"two\", \"args\": {\"a\": \"x\"}, \"error\": \"QuetzalTwo\"}]}";

static char c_name[] = "C (GCC 7.4.0)", c_compile[] = "/usr/local/gcc-7.4.0/bin/gcc %s main.c";
static char python_name[] = "Python (3.8.1)", python_run[] = "/usr/local/python-3.8.1/bin/python3 script.py";
static char main_c[] = "main.c", script_py[] = "script.py", a_out[] = "./a.out";
static const struct kl_instance_language c_language = { 48, c_name, main_c, c_compile, a_out, true };
static const struct kl_instance_language python_language = { 71, python_name, script_py, NULL, python_run, true };
static const struct kl_instance_facts facts = { JUDGE0_USUAL };

static void run_to_end(const char *const *argv)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* Appends the files of a zip as another program sees them: "name:" and the content. */
static void unpack(struct kl_buf *out, const struct court *court, const char *coded)
{
	static const char script[] =
		"import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n"
		"open(sys.argv[2], 'wb').write(b''.join(n.encode() + b':\\n' + z.read(n) for n in z.namelist()))\n";
	char *zip = kl_path_join(court->dir, "sent.zip"), *text = kl_path_join(court->dir, "sent.txt"), *bytes;
	const char *const argv[] = { "/usr/bin/python3", "-c", script, zip, text, NULL };
	size_t len;

	assert_true(kl_base64_decode(&bytes, &len, coded));
	assert_int_equal(kl_file_write(zip, bytes, len, 0600, NULL), KL_OK);
	run_to_end(argv);
	assert_int_equal(kl_file_read(out, text, NULL), KL_OK);
	free(bytes);
	free(zip);
	free(text);
}

/* Every byte that would leave the machine, decoded. */
static char *all_sent(const struct court *court, const cJSON *object)
{
	static const char *const coded[] = { "stdin", "source_code" };
	const cJSON *zip = cJSON_GetObjectItem(object, "additional_files");
	char *json = cJSON_PrintUnformatted(object), *bytes;
	struct kl_buf all;
	size_t len;

	kl_buf_init(&all, (size_t)4 << 20);
	kl_buf_addf(&all, "%s\n", json);
	for (size_t i = 0; i < KL_LENGTH(coded); i++) {
		const cJSON *item = cJSON_GetObjectItem(object, coded[i]);

		if (!item)
			continue;
		assert_true(kl_base64_decode(&bytes, &len, item->valuestring));
		kl_buf_add(&all, bytes, len);
		free(bytes);
	}
	if (zip)
		unpack(&all, court, zip->valuestring);
	free(json);
	return kl_buf_detach(&all);
}

struct sending {
	struct judge_plan plan;
	struct judge0_target target;
	struct judge0_program program;
	struct judge0_parcel parcel;
	size_t order[2];
};

static void make_sending(struct sending *out, const struct kl_challenge *challenge, const char *language,
			 enum judge0_way way)
{
	static const char code[] = "SentCode\n";
	struct kl_submission sub = { .challenge = challenge,
				     .language = kl_language_find(language),
				     .code = code,
				     .code_len = sizeof(code) - 1 };
	struct kl_error err;

	*out = (struct sending){ .order = { 0, 1 } };
	if (judge_plan_make(&out->plan, &sub, true, &err))
		fail_msg("%s", err.message);
	out->target = (struct judge0_target){ .facts = &facts,
					      .language = strcmp(language, "c") ? &python_language : &c_language,
					      .c = &c_language };
	if (judge0_program_make(&out->program, &out->plan, &out->target, way, "marker", &err))
		fail_msg("%s", err.message);
	out->parcel = (struct judge0_parcel){ &out->plan, &out->target, &out->program, out->order, 2, way, "nonce" };
}

static void free_sending(struct sending *sending)
{
	judge0_program_release(&sending->program);
	judge_plan_release(&sending->plan);
}

static void expected_stays_here(void **state)
{
	static const char *const texts[][2] = { { meta, tests_json }, { function_meta, function_tests } };
	const struct court *court = *state;

	for (size_t i = 0; i < KL_LENGTH(texts); i++) {
		struct kl_challenge *challenge = make_challenge(court, texts[i][0], texts[i][1]);

		for (int way = JUDGE0_RUNNER; way <= (i ? JUDGE0_PACKED : JUDGE0_PLAIN); way++) {
			struct sending sending;
			cJSON *object;
			char *all;

			make_sending(&sending, challenge, "python", (enum judge0_way)way);
			object = judge0_submission(&sending.parcel);
			all = all_sent(court, object);
			assert_non_null(strstr(all, "SentCode"));
			assert_non_null(strstr(all, "SentInput"));
			assert_null(strstr(all, "Quetzal"));
			assert_null(cJSON_GetObjectItem(object, "expected_output"));
			free(all);
			cJSON_Delete(object);
			free_sending(&sending);
		}
		kl_challenge_free(challenge);
	}
}

static double number(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItem(object, key);

	assert_true(cJSON_IsNumber(item));
	return item->valuedouble;
}

static void one_request_for_all(void **state)
{
	const struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, meta, tests_json);
	struct sending sending;
	cJSON *object;
	char *all;

	make_sending(&sending, challenge, "python", JUDGE0_RUNNER);
	object = judge0_submission(&sending.parcel);
	assert_int_equal(number(object, "language_id"), 89);
	assert_null(cJSON_GetObjectItem(object, "source_code"));
	assert_int_equal(number(object, "max_file_size"), 4096);
	assert_true(number(object, "cpu_time_limit") <= 15 && number(object, "cpu_time_limit") >= 4.4);
	assert_true(number(object, "wall_time_limit") <= 20);
	all = all_sent(court, object);
	assert_non_null(strstr(all, "run:\nexec ./kodelab_runner\n"));
	assert_non_null(strstr(all, "'/usr/local/gcc-7.4.0/bin/gcc' -w -std=gnu99"));
	assert_non_null(strstr(all, "/usr/local/python-3.8.1/bin/python3\n2\n-B\n11\nsolution.py"));
	assert_non_null(strstr(all, "a'b"));
	assert_non_null(strstr(all, "SentNote"));
	free(all);
	cJSON_Delete(object);
	free_sending(&sending);
	kl_challenge_free(challenge);
}

static void an_old_compiler(void **state)
{
	const struct court *court = *state;
	struct kl_challenge *challenge = make_challenge(court, meta, tests_json);
	struct sending sending;
	cJSON *object;
	char *all;

	make_sending(&sending, challenge, "c", JUDGE0_PACKED);
	sending.parcel.order = &sending.order[1];
	sending.parcel.count = 1;
	object = judge0_submission(&sending.parcel);
	all = all_sent(court, object);
	assert_non_null(strstr(all, "\t'/usr/local/gcc-7.4.0/bin/gcc' '-std=c11' "));
	assert_non_null(strstr(all, "run:\nexec './program' 'a'\\''b' \n"));
	assert_non_null(strstr(all, "note.txt:\nSentNote"));
	free(all);
	cJSON_Delete(object);
	free_sending(&sending);
	kl_challenge_free(challenge);
}

static void chooses_a_way(void **state)
{
	const struct court *court = *state;
	struct kl_challenge *function = make_challenge(court, function_meta, function_tests);
	struct sending sending;
	struct kl_instance_facts bare = facts;
	struct kl_error err;
	enum judge0_way way;

	make_sending(&sending, function, "python", JUDGE0_RUNNER);
	assert_int_equal(judge0_way_choose(&way, &sending.plan, &sending.target, NULL), KL_OK);
	assert_int_equal(way, JUDGE0_RUNNER);
	sending.target.c = NULL;
	assert_int_equal(judge0_way_choose(&way, &sending.plan, &sending.target, NULL), KL_OK);
	assert_int_equal(way, JUDGE0_PACKED);
	bare.additional_files = false;
	sending.target.facts = &bare;
	assert_int_equal(judge0_way_choose(&way, &sending.plan, &sending.target, &err), KL_EINVAL);
	assert_string_equal(err.message,
			    "this judge takes no files, so it cannot run function tests: choose another with 'judge'");
	free_sending(&sending);
	kl_challenge_free(function);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_tools),
		cmocka_unit_test(quotes),
		cmocka_unit_test_setup_teardown(expected_stays_here, open_court, close_court),
		cmocka_unit_test_setup_teardown(one_request_for_all, open_court, close_court),
		cmocka_unit_test_setup_teardown(an_old_compiler, open_court, close_court),
		cmocka_unit_test_setup_teardown(chooses_a_way, open_court, close_court),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
