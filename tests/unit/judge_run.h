#ifndef TESTS_UNIT_JUDGE_RUN_H
#define TESTS_UNIT_JUDGE_RUN_H

/* A judge with the real sandbox, and challenges made on the spot: shared by the tests of the judge. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/challenge.h>
#include <kodelab/file.h>
#include <kodelab/judge.h>
#include <kodelab/language.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>

/* What Judge0 1.13.1 allows where nobody has changed it. */
#define JUDGE0_USUAL                                                                                                   \
	.batches = true, .additional_files = true, .arguments = true, .batch_max = 20, .cpu_max_ms = 15000,            \
	.cpu_extra_max_ms = 5000, .wall_max_ms = 20000, .memory_max_kib = 512000, .stack_max_kib = 128000,             \
	.file_max_kib = 4096, .processes_max = 120

struct court {
	char dir[64];
	struct kl_loop *loop;
	struct kl_paths paths;
	struct kl_judge *judge;
	struct kl_report *report; /* of the last submission; owned */
	int progress, done;
};

/* A function of a number, and a program that adds two: tests come with the test. */
static const char half_meta[] =
	"{\"format\": 1, \"title\": \"Place\", \"summary\": \"Places\", \"difficulty\": \"BEGINNER\","
	" \"category\": \"basics\", \"minutes\": 5, \"outcomes\": [\"x\"], \"hints\": [\"x\"], \"kind\": \"function\","
	" \"function\": {\"name\": \"half\", \"params\": [{\"name\": \"n\", \"type\": \"int\"}], \"returns\": \"int\"}}";
#define SUM_META(cpu_ms)                                                                                               \
	"{\"format\": 1, \"title\": \"Sum\", \"summary\": \"Adds\", \"difficulty\": \"BEGINNER\","                     \
	" \"category\": \"basics\", \"minutes\": 5, \"outcomes\": [\"x\"], \"hints\": [\"x\"], \"kind\": \"program\"," \
	" \"limits\": {\"cpu_ms\": " #cpu_ms ", \"memory_mib\": 64, \"output_kib\": 16}}"
static const char sum_meta[] = SUM_META(300);
/* A busy machine, too, has filled the memory, or started thirty processes, by then. */
static const char patient_meta[] = SUM_META(900);
/* An endless loop has used so little even there, long before the time on the wall (three times as much, and 2 s) is over. */
static const char hasty_meta[] = SUM_META(100);
#define ENDLESS "while True: pass\n"
static const char sum_tests[] =
	"{\"tests\": [{\"id\": \"plain\", \"sample\": true, \"stdin\": \"1 2\\n\", \"stdout\": \"3\\n\"},"
	" {\"id\": \"hidden\", \"stdin\": \"4 5\\n\", \"argv\": [\"-x\"], \"files\": {\"note.txt\": \"n\"}, \"stdout\": \"9\\n\"}]}";

static inline void write_text(const char *dir, const char *name, const char *text)
{
	char *path = kl_path_join(dir, name);

	assert_int_equal(kl_file_write(path, text, strlen(text), 0600, NULL), KL_OK);
	free(path);
}

/* A challenge from the texts of its two files, read as a pack's. */
static inline struct kl_challenge *make_challenge(const struct court *court, const char *meta, const char *tests)
{
	char *dir = kl_path_join(court->dir, "sample");
	struct kl_challenge *challenge = NULL;
	struct kl_error err = { .message = "" };

	assert_int_equal(kl_path_make(dir, NULL), KL_OK);
	write_text(dir, "challenge.json", meta);
	write_text(dir, "statement.md", "# Sample\n");
	write_text(dir, "tests.json", tests);
	if (kl_challenge_read(&challenge, "pack", dir, 1, &err))
		fail_msg("%s", err.message);
	free(dir);
	return challenge;
}

static inline int open_court(void **state)
{
	struct court *court = kl_calloc(1, sizeof(*court));

	snprintf(court->dir, sizeof(court->dir), "/tmp/kl-judge-XXXXXX");
	assert_non_null(mkdtemp(court->dir));
	setenv("XDG_CACHE_HOME", court->dir, 1);
	assert_int_equal(kl_loop_open(&court->loop, NULL), KL_OK);
	assert_int_equal(kl_paths_init(&court->paths, NULL), KL_OK);
	assert_int_equal(kl_judge_open(&court->judge, court->loop, &court->paths, NULL), KL_OK);
	*state = court;
	return 0;
}

static inline int close_court(void **state)
{
	struct court *court = *state;

	kl_judge_close(court->judge);
	kl_loop_close(court->loop);
	kl_paths_release(&court->paths);
	kl_report_free(court->report);
	assert_int_equal(kl_file_remove_tree(court->dir, NULL), KL_OK);
	free(court);
	return 0;
}

static inline void on_progress(void *ctx, const struct kl_report *report)
{
	struct court *court = ctx;

	court->progress++;
	assert_true(report->done <= report->count);
	assert_int_equal(court->done, 0);
}

static inline void on_done(void *ctx, const struct kl_report *report)
{
	struct court *court = ctx;

	court->done++;
	kl_report_free(court->report);
	court->report = kl_report_copy(report);
}

static inline struct kl_job *submit(struct court *court, const struct kl_submission *sub)
{
	struct kl_job *job = NULL;
	struct kl_error err = { .message = "" };

	court->progress = court->done = 0;
	if (kl_judge_submit(&job, court->judge, sub, on_progress, on_done, court, &err))
		fail_msg("%s", err.message);
	assert_int_equal(court->done, 0);
	return job;
}

static inline void wait_done(struct court *court)
{
	for (int turns = 0; !court->done && turns < 100000; turns++)
		kl_loop_turn(court->loop, 30000);
	for (int turns = 0; turns < 3; turns++)
		kl_loop_turn(court->loop, 0);
	assert_int_equal(court->done, 1);
}

/* Judges code and waits: the report is court->report. */
static inline void judge_code(struct court *court, const struct kl_challenge *challenge, const char *language,
			      const char *code)
{
	const struct kl_language *row = kl_language_find(language);
	struct kl_submission sub = { .challenge = challenge, .language = row, .code = code, .code_len = strlen(code) };

	if (!kl_language_ready(row, NULL, 0))
		skip();
	submit(court, &sub);
	wait_done(court);
}

static inline const struct kl_test_result *result_of(const struct court *court, const char *id)
{
	size_t i = 0;

	while (i < court->report->count && strcmp(court->report->asked[i]->id, id))
		i++;
	assert_true(i < court->report->count);
	return &court->report->tests[i];
}

#endif
