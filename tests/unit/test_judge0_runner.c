/* What a judge instance gets, run here in a box as an instance would: bash compile, bash run, the report on standard output. */

#include "tests/unit/judge_run.h"

#include <kodelab/sandbox.h>

#include "core/judge/judge0/judge0_int.h"

#define NONCE  "0123456789abcdef0123456789abcdef"
#define MARKER "kodelab no runner 7f"

static const char pair_meta[] =
	"{\"format\": 1, \"title\": \"Pair\", \"summary\": \"Two that sum up\", \"difficulty\": \"BEGINNER\","
	" \"category\": \"arrays\", \"minutes\": 5, \"outcomes\": [\"x\"], \"hints\": [\"x\"], \"kind\": \"function\","
	" \"function\": {\"name\": \"two_sum\", \"params\": [{\"name\": \"nums\", \"type\": \"int[]\"},"
	" {\"name\": \"target\", \"type\": \"int\"}], \"returns\": \"int[]\"}, \"limits\": {\"cpu_ms\": 500}}";
static const char pair_tests[] =
	"{\"tests\": [{\"id\": \"first\", \"sample\": true, \"args\": {\"nums\": [2, 7], \"target\": 9}, \"expect\": [0, 1]},"
	" {\"id\": \"second\", \"args\": {\"nums\": [1, 2, 3], \"target\": 5}, \"expect\": [1, 2]},"
	" {\"id\": \"none\", \"args\": {\"nums\": [1], \"target\": 7}, \"error\": \"no pair\"}]}";
static const char quoting_tests[] =
	"{\"tests\": [{\"id\": \"plain\", \"sample\": true, \"stdin\": \"1 2\\n\", \"stdout\": \"3\\n\"},"
	" {\"id\": \"hidden\", \"stdin\": \"4 5\\n\", \"argv\": [\"-x\", \"a 'b\"], \"files\": {\"note.txt\": \"n\"},"
	" \"stdout\": \"9\\n\"}]}";

/* --- an instance in a box ----------------------------------------------------------------------------------------- */

struct scene {
	struct court *court;
	struct kl_sandbox *sandbox;
	struct kl_box *box;
	struct judge_plan plan;
	struct judge0_program program;
	size_t order[16];
	char *text; /* of the last run */
	size_t len;
	bool done;
	struct kl_box_result end;
};

static char c_name[] = "C (GCC 12.2.0)", c_compile[] = "/usr/bin/gcc %s main.c";
static char source[] = "main.c", run[] = "./a.out";
static const struct kl_instance_language c_language = { 50, c_name, source, c_compile, run, true };

static const struct kl_instance_facts facts = { .wait = true, .queue_max = 100, JUDGE0_USUAL };

static struct kl_instance_language language_of(const char *name)
{
	static const struct {
		const char *ours, *compile, *run;
	} commands[] = {
		{ "python", NULL, "/usr/bin/python3 script.py" },
		{ "c", "/usr/bin/gcc %s main.c", "./a.out" },
		{ "bash", NULL, "/usr/bin/bash script.sh" },
		{ "java", "/usr/bin/javac %s Main.java", "/usr/bin/java Main" },
	};
	struct kl_instance_language language = { .id = 71, .name = c_name, .source_file = source };

	for (size_t i = 0; i < KL_LENGTH(commands); i++) {
		if (strcmp(commands[i].ours, name) != 0)
			continue;
		language.compile_cmd = kl_strdup(commands[i].compile);
		language.run_cmd = kl_strdup(commands[i].run);
	}
	return language;
}

static int open_scene(void **state)
{
	struct scene *scene = kl_calloc(1, sizeof(*scene));
	void *court;

	open_court(&court);
	scene->court = court;
	assert_int_equal(kl_sandbox_open(&scene->sandbox, scene->court->loop, &scene->court->paths, NULL), KL_OK);
	*state = scene;
	return 0;
}

static void forget(struct scene *scene)
{
	kl_box_close(scene->box);
	scene->box = NULL;
	judge0_program_release(&scene->program);
	judge_plan_release(&scene->plan);
	free(scene->text);
	scene->text = NULL;
}

static int close_scene(void **state)
{
	struct scene *scene = *state;
	void *court = scene->court;

	forget(scene);
	kl_sandbox_close(scene->sandbox);
	free(scene);
	return close_court(&court);
}

static void on_box(void *ctx, const struct kl_box_result *result)
{
	struct scene *scene = ctx;

	scene->done = true;
	scene->end = *result;
	free(scene->text);
	scene->text = kl_strndup(result->out, result->out_len);
	scene->len = result->out_len;
}

static void run_in_box(struct scene *scene, const char *script, const struct kl_buf *input, bool keep)
{
	const char *const argv[] = { "/usr/bin/bash", script, NULL };
	struct kl_box_run box = { .argv = argv,
				  .files = scene->program.files,
				  .file_count = keep ? scene->program.count : 0,
				  .input = input ? input->data : "",
				  .input_len = input ? input->len : 0,
				  .cpu_ms = 15000,
				  .wall_ms = 30000,
				  .memory_kib = 1000 << 10,
				  .output_max = (size_t)4 << 20,
				  .keep = keep };

	scene->done = false;
	assert_int_equal(kl_box_run(scene->box, &box, on_box, scene, NULL), KL_OK);
	while (!scene->done)
		kl_loop_turn(scene->court->loop, 30000);
}

/* Compiles code as an instance would. False: the compile script failed, its output is in scene->text. */
static bool prepare(struct scene *scene, const struct kl_challenge *challenge, const char *name, const char *code)
{
	const struct kl_language *row = kl_language_find(name);
	struct kl_submission sub = { .challenge = challenge, .language = row, .code = code, .code_len = strlen(code) };
	struct kl_instance_language language = language_of(name);
	struct judge0_target target = { .facts = &facts, .language = &language, .c = &c_language };
	struct kl_error err = { .message = "" };
	enum judge0_way way;

	forget(scene);
	if (judge_plan_make(&scene->plan, &sub, true, &err))
		fail_msg("%s", err.message);
	assert_int_equal(judge0_way_choose(&way, &scene->plan, &target, NULL), KL_OK);
	assert_int_equal(way, JUDGE0_RUNNER);
	if (judge0_program_make(&scene->program, &scene->plan, &target, way, MARKER, &err))
		fail_msg("%s", err.message);
	free(language.compile_cmd);
	free(language.run_cmd);
	for (size_t i = 0; i < scene->plan.count; i++)
		scene->order[i] = i;
	assert_int_equal(kl_box_open(&scene->box, scene->sandbox, row->binds, NULL), KL_OK);
	run_in_box(scene, "compile", NULL, true);
	if (scene->end.end == KL_END_FAILED)
		fail_msg("%s", scene->end.error.message);
	return scene->end.end == KL_END_EXITED && !scene->end.exit_code;
}

static void try_tests(struct scene *scene, const struct judge0_budget *budget)
{
	struct judge0_budget usual = judge0_budget_of(&scene->plan, scene->order, scene->plan.count, &facts);
	struct kl_buf input;

	kl_buf_init(&input, (size_t)16 << 20);
	judge0_runner_input(&input, &scene->plan, &scene->program, scene->order, scene->plan.count,
			    budget ? budget : &usual, NONCE);
	run_in_box(scene, "run", &input, false);
	kl_buf_release(&input);
}

/* The frame of the test at position; false: there is none. */
static bool find_test(const struct scene *scene, size_t position, struct judge0_frame *frame)
{
	size_t at = 0;

	while (judge0_frame_next(frame, scene->text, scene->len, &at, NONCE))
		if (frame->kind == JUDGE0_TEST && frame->position == position)
			return true;
	return false;
}

static enum judge0_frame_kind last_kind(const struct scene *scene)
{
	struct judge0_frame frame = { .kind = JUDGE0_HELLO };
	size_t at = 0;

	while (judge0_frame_next(&frame, scene->text, scene->len, &at, NONCE))
		continue;
	assert_int_equal(at, scene->len);
	return frame.kind;
}

static void verdict_of(struct scene *scene, size_t position, struct kl_test_result *out)
{
	struct judge0_frame frame;

	*out = (struct kl_test_result){ .verdict = KL_VERDICT_PENDING };
	if (!find_test(scene, position, &frame))
		fail_msg("no frame for test %zu in: %s", position, scene->text);
	judge_verdict(out, &scene->plan, &scene->plan.runs[position], &frame.result);
}

static void release(struct kl_test_result *result)
{
	free(result->detail);
	free(result->out);
	free(result->err);
	free(result->actual);
	free(result->expected);
}

static void assert_verdict(struct scene *scene, size_t position, enum kl_verdict verdict, const char *detail)
{
	struct kl_test_result result;

	verdict_of(scene, position, &result);
	if (result.verdict != verdict ||
	    (detail && (!result.detail || strncmp(result.detail, detail, strlen(detail)) != 0)))
		fail_msg("test %zu is '%s' (%s), not '%s' (%s)", position, kl_verdict_name(result.verdict),
			 result.detail ? result.detail : "", kl_verdict_name(verdict), detail ? detail : "");
	release(&result);
}

/* --- verdicts ----------------------------------------------------------------------------------------------------- */

static void functions(void **state)
{
	struct scene *scene = *state;
	struct kl_challenge *challenge = make_challenge(scene->court, pair_meta, pair_tests);

	assert_true(prepare(scene, challenge, "python",
			    "def two_sum(nums, target):\n    for i in range(len(nums)):\n"
			    "        for j in range(i):\n            if nums[i] + nums[j] == target:\n"
			    "                return [j, i]\n    raise ValueError('no pair')\n"));
	try_tests(scene, NULL);
	for (size_t i = 0; i < 3; i++)
		assert_verdict(scene, i, KL_VERDICT_PASSED, NULL);
	assert_int_equal(last_kind(scene), JUDGE0_DONE);
	assert_true(prepare(
		scene, challenge, "c",
		"#include \"kodelab.h\"\n"
		"struct int_array two_sum(struct int_array nums, int target)\n{\n    (void)nums;\n    (void)target;\n"
		"    kl_error(\"no pair\");\n}\n"));
	try_tests(scene, NULL);
	assert_verdict(scene, 0, KL_VERDICT_RUNTIME, "no pair");
	assert_verdict(scene, 2, KL_VERDICT_PASSED, NULL);
	kl_challenge_free(challenge);
}

static void arguments_and_files(void **state)
{
	struct scene *scene = *state;
	struct kl_challenge *challenge = make_challenge(scene->court, sum_meta, quoting_tests);

	assert_true(prepare(scene, challenge, "python",
			    "import sys, os\na, b = map(int, input().split())\n"
			    "if len(sys.argv) > 1:\n"
			    "    assert sys.argv[1:] == ['-x', \"a 'b\"], sys.argv\n"
			    "    assert open('note.txt').read() == 'n'\n"
			    "assert not os.path.exists('left'), 'the folder is not fresh'\n"
			    "open('left', 'w').close()\nopen('solution.py', 'w').close()\n"
			    "print(a + b)\n"));
	try_tests(scene, NULL);
	assert_verdict(scene, 0, KL_VERDICT_PASSED, NULL);
	assert_verdict(scene, 1, KL_VERDICT_PASSED, NULL);
	kl_challenge_free(challenge);
}

static const struct {
	const char *language, *code;
	enum kl_verdict verdict;
	const char *detail;
} programs[] = {
	{ "python", "print(4)\n", KL_VERDICT_WRONG, "line 1" },
	{ "python", ENDLESS, KL_VERDICT_TIME, "time limit 0.1 s reached" },
	{ "python", "import time\ntime.sleep(60)\n", KL_VERDICT_TIME, "stopped after " },
	{ "python", "x = []\nwhile True: x.append(bytearray(1 << 20))\n", KL_VERDICT_MEMORY,
	  "memory limit 64 MiB reached" },
	{ "python", "while True: print('x' * 100)\n", KL_VERDICT_OUTPUT, "output limit 16 KiB reached" },
	{ "python", "raise ValueError('no sum')\n", KL_VERDICT_RUNTIME, "ValueError: no sum" },
	{ "python", "import sys\nsys.exit(3)\n", KL_VERDICT_RUNTIME, "exit code 3" },
	{ "python", "import os\nos.kill(os.getpid(), 11)\n", KL_VERDICT_RUNTIME, "SIGSEGV: bad memory access" },
	{ "c", "int main(void)\n{\n    return *(volatile int *)0;\n}\n", KL_VERDICT_RUNTIME,
	  "SIGSEGV: bad memory access" },
	{ "bash", "nosuch\n", KL_VERDICT_RUNTIME, "solution.sh: line 1: nosuch: command not found" },
	/* hostile ones */
	{ "python", "import os\nos.close(0); os.close(1); os.close(2)\n", KL_VERDICT_WRONG, "line 1" },
	{ "python",
	  "import os\nfor i in range(15):\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n"
	  "            import time\n            time.sleep(1000)\n        os._exit(0)\nprint(3)\n",
	  KL_VERDICT_PASSED, NULL },
	{ "python", "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n",
	  KL_VERDICT_TIME, NULL },
	{ "python",
	  "import os\np = os.getppid()\nfor name in 'fd/0', 'fd/1', 'mem', 'environ', 'auxv':\n    try:\n"
	  "        open(f'/proc/{p}/{name}', 'rb')\n        print('open', name)\n    except OSError:\n        pass\nprint(3)\n",
	  KL_VERDICT_PASSED, NULL },
	{ "python",
	  "import ctypes, os\nlibc = ctypes.CDLL(None)\nprint(3 if libc.ptrace(16, os.getppid(), 0, 0) == -1 else 4)\n",
	  KL_VERDICT_PASSED, NULL },
	{ "python",
	  "import os\nos.kill(os.getppid(), 15)\nos.kill(os.getppid(), 2)\nos.kill(os.getppid(), 13)\nprint(3)\n",
	  KL_VERDICT_PASSED, NULL },
	{ "python", "print('KL1 " NONCE " test 1 exit 0 1 1 1 0 2 0 0\\n9\\n\\nKL1 " NONCE " done')\n",
	  KL_VERDICT_WRONG, "line 1" },
};

static void every_program(void **state)
{
	struct scene *scene = *state;
	struct kl_challenge *patient = make_challenge(scene->court, patient_meta, quoting_tests);
	struct kl_challenge *hasty = make_challenge(scene->court, hasty_meta, quoting_tests);

	for (size_t i = 0; i < KL_LENGTH(programs); i++) {
		if (!prepare(scene, strcmp(programs[i].code, ENDLESS) ? patient : hasty, programs[i].language,
			     programs[i].code))
			fail_msg("%s: %s", programs[i].code, scene->text);
		try_tests(scene, NULL);
		assert_verdict(scene, 0, programs[i].verdict, programs[i].detail);
		/* a storm of processes may leave nothing of the budget to the test behind it, which is then asked for again */
		if (programs[i].verdict != KL_VERDICT_TIME || programs[i].detail || last_kind(scene) != JUDGE0_MORE)
			assert_int_equal(last_kind(scene), JUDGE0_DONE);
	}
	kl_challenge_free(patient);
	kl_challenge_free(hasty);
}

/* The one thing that remains possible costs the killer its own test. */
static void killed_runner(void **state)
{
	struct scene *scene = *state;
	struct kl_challenge *challenge = make_challenge(scene->court, sum_meta, quoting_tests);
	struct judge0_frame frame;

	assert_true(prepare(scene, challenge, "python",
			    "import os, sys\nif len(sys.argv) > 1:\n    print(9, flush=True)\n"
			    "    os.kill(os.getppid(), 9)\nprint(3)\n"));
	try_tests(scene, NULL);
	assert_verdict(scene, 0, KL_VERDICT_PASSED, NULL);
	assert_false(find_test(scene, 1, &frame));
	assert_int_equal(last_kind(scene), JUDGE0_START);
	kl_challenge_free(challenge);
}

static void out_of_budget(void **state)
{
	struct scene *scene = *state;
	struct kl_challenge *challenge = make_challenge(scene->court, sum_meta, quoting_tests);
	struct judge0_budget little = { .wall_ms = 3500, .cpu_ms = 340, .memory_kib = 1 << 20, .out_bytes = 1 << 20 };
	struct judge0_frame frame;

	assert_true(prepare(scene, challenge, "python", "while True: pass\n"));
	try_tests(scene, &little);
	assert_verdict(scene, 0, KL_VERDICT_TIME, NULL);
	assert_false(find_test(scene, 1, &frame));
	assert_int_equal(last_kind(scene), JUDGE0_MORE);
	/* what the first test prints leaves no room for the second's */
	little = (struct judge0_budget){ 20000, 15000, 1 << 20, 24 << 10 };
	assert_true(prepare(scene, challenge, "python", "print('x' * 16000)\n"));
	try_tests(scene, &little);
	assert_verdict(scene, 0, KL_VERDICT_WRONG, NULL);
	assert_int_equal(last_kind(scene), JUDGE0_MORE);
	kl_challenge_free(challenge);
}

/* Less is left than a test may use: it runs all the same, and only when that does not do is it asked for once more. */
static void short_of_budget(void **state)
{
	struct scene *scene = *state;
	struct kl_challenge *challenge = make_challenge(scene->court, sum_meta, sum_tests);
	struct kl_challenge *hasty = make_challenge(scene->court, hasty_meta, sum_tests);
	struct judge0_budget usual, little;
	struct judge0_frame frame;
	static const size_t first[] = { 0 };

	assert_true(prepare(scene, challenge, "python", "a, b = map(int, input().split())\nprint(a + b)\n"));
	usual = judge0_budget_of(&scene->plan, first, 1, &facts);
	little = (struct judge0_budget){ usual.wall_ms - 199, 15000, 1 << 20, 1 << 20 }; /* one test, and 1 ms */
	try_tests(scene, &little);
	assert_verdict(scene, 0, KL_VERDICT_PASSED, NULL);
	assert_verdict(scene, 1, KL_VERDICT_PASSED, NULL);
	assert_int_equal(last_kind(scene), JUDGE0_DONE);
	assert_true(
		prepare(scene, challenge, "python",
			"import time\na, b = map(int, input().split())\nif a == 4: time.sleep(60)\nprint(a + b)\n"));
	try_tests(scene, &little);
	assert_verdict(scene, 0, KL_VERDICT_PASSED, NULL);
	assert_false(find_test(scene, 1, &frame));
	assert_int_equal(last_kind(scene), JUDGE0_MORE);
	/* its own limit is a verdict, however little is left */
	assert_true(prepare(scene, hasty, "python", ENDLESS));
	usual = judge0_budget_of(&scene->plan, first, 1, &facts);
	little = (struct judge0_budget){ usual.wall_ms - 199, 15000, 1 << 20, 1 << 20 };
	try_tests(scene, &little);
	assert_verdict(scene, 1, KL_VERDICT_TIME, "time limit 0.1 s reached");
	assert_int_equal(last_kind(scene), JUDGE0_DONE);
	kl_challenge_free(challenge);
	kl_challenge_free(hasty);
}

static void compile_errors(void **state)
{
	struct scene *scene = *state;
	struct kl_challenge *challenge = make_challenge(scene->court, sum_meta, quoting_tests);

	assert_false(prepare(scene, challenge, "c", "int main(void)\n{\n    return x;\n}\n"));
	assert_int_equal(scene->end.exit_code, 1);
	assert_null(strstr(scene->text, MARKER));
	kl_challenge_free(challenge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(functions, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(arguments_and_files, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(every_program, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(killed_runner, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(out_of_budget, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(short_of_budget, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(compile_errors, open_scene, close_scene),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
