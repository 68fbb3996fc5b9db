/* A student's lab without its screen: store, keys, instances, judge, as the lab has them; and what a verdict must be. */

#include "tests/judge/campaign_lab.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/keypool.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>

struct student {
	const char *home, *ca;
	uint64_t seed;
	size_t number;
	int64_t patience_ms;
	struct campaign_lab lab;
	struct kl_challenge *challenges[CAMPAIGN_CHALLENGES];
	struct kl_watch *watch; /* of the input */
	struct kl_buf line;
	bool over;
	size_t run; /* being judged */
	struct campaign_run what; /* no code: none is */
	int64_t begin_ms, busy_us;
	int64_t longest_us, turn_us; /* the loop's own figure, as last seen; without the waits for a processor */
	enum kl_verdict seen[CAMPAIGN_TESTS];
	char trouble[200]; /* "" or what was wrong on the way */
};

/* --- the lab ------------------------------------------------------------------------------------------------------ */

static void write_file(const char *folder, const char *name, const char *text)
{
	char *path = kl_path_join(folder, name);
	struct kl_error err;

	must(kl_file_write(path, text, strlen(text), 0600, &err), &err);
	free(path);
}

static void make_challenges(struct student *student)
{
	struct kl_error err;

	for (int i = 0; i < CAMPAIGN_CHALLENGES; i++) {
		char name[16], *folder;

		snprintf(name, sizeof(name), "sample%d", i);
		folder = kl_path_join(student->home, name);
		must(kl_path_make(folder, &err), &err);
		write_file(folder, "challenge.json", campaign_meta((enum campaign_challenge)i));
		write_file(folder, "tests.json", campaign_tests((enum campaign_challenge)i));
		write_file(folder, "statement.md", "# T\n");
		must(kl_challenge_read(&student->challenges[i], "pack", folder, 1, &err), &err);
		free(folder);
	}
}

/* name=url */
static void add_judge(struct student *student, const char *argument)
{
	size_t len = strcspn(argument, "=");
	char *name = kl_strndup(argument, len);

	campaign_lab_add(&student->lab, name, argument + len + 1, student->ca);
	free(name);
}

static void open_lab(struct student *student, const char *const *judges)
{
	char *path = kl_path_join(student->home, "lab.db"), *master = kl_path_join(student->home, "master.key");
	struct campaign_student plan;

	campaign_student_of(&plan, student->seed, student->number);
	campaign_lab_open(&student->lab, path, master);
	while (*judges)
		add_judge(student, *judges++);
	kl_judge_use(student->lab.judge, &(struct kl_judge_elsewhere){ .instances = student->lab.instances,
								       .keys = student->lab.keys,
								       .store = student->lab.store,
								       .choice = "judge0",
								       .patience_ms = student->patience_ms,
								       .cache = plan.cache });
	make_challenges(student);
	free(path);
	free(master);
}

static void close_lab(struct student *student)
{
	kl_watch_remove(student->watch);
	campaign_lab_close(&student->lab);
	for (int i = 0; i < CAMPAIGN_CHALLENGES; i++)
		kl_challenge_free(student->challenges[i]);
	kl_buf_release(&student->line);
	free(student->what.code);
}

/* What the pool has counted of each key. */
static void tell_use(const struct student *student)
{
	struct kl_key_info *keys;
	struct kl_error err;
	size_t count;

	must(kl_keypool_list(&keys, &count, student->lab.keys, "", &err), &err);
	for (size_t i = 0; i < count; i++)
		printf("used %s %" PRId64 "\n", keys[i].instance, keys[i].used_ever);
	kl_key_infos_free(keys, count);
}

/* --- what must come out ------------------------------------------------------------------------------------------- */

static void blame(struct student *student, const char *what, size_t test, const char *got, const char *wanted)
{
	if (!*student->trouble)
		snprintf(student->trouble, sizeof(student->trouble), "%s of test %zu: %.60s, not %.60s", what, test,
			 got, wanted);
}

static size_t wanted_count(const struct student *student)
{
	return student->what.samples ? CAMPAIGN_TESTS - 1 : CAMPAIGN_TESTS;
}

/* At any time: the tests in their order, no verdict but the right one, and none that is taken back. */
static void check_so_far(struct student *student, const struct kl_report *report)
{
	static const char *const ids[CAMPAIGN_TESTS] = { "one", "five", "none" };
	const struct campaign_program *program = student->what.program;

	if (report->count != wanted_count(student)) {
		blame(student, "the count", report->count, "", "");
		return;
	}
	for (size_t i = 0; i < report->count; i++) {
		enum kl_verdict verdict = report->tests[i].verdict;

		if (strcmp(report->asked[i]->id, ids[i]) != 0)
			blame(student, "the name", i, report->asked[i]->id, ids[i]);
		if (verdict == KL_VERDICT_PENDING && student->seen[i] != KL_VERDICT_PENDING)
			blame(student, "the verdict", i, "taken back", kl_verdict_name(student->seen[i]));
		if (verdict != KL_VERDICT_PENDING && verdict != KL_VERDICT_SKIPPED && verdict != KL_VERDICT_INTERNAL &&
		    verdict != program->verdicts[i])
			blame(student, "the verdict", i, kl_verdict_name(verdict),
			      kl_verdict_name(program->verdicts[i]));
		student->seen[i] = verdict;
	}
}

static enum kl_verdict wanted_verdict(const struct student *student)
{
	for (size_t i = 0; i < wanted_count(student); i++)
		if (student->what.program->verdicts[i] != KL_VERDICT_PASSED)
			return student->what.program->verdicts[i];
	return KL_VERDICT_PASSED;
}

static void check_whole(struct student *student, const struct kl_report *report)
{
	enum kl_verdict wanted = wanted_verdict(student);
	size_t passed = 0, done = 0;

	for (size_t i = 0; i < report->count; i++) {
		passed += report->tests[i].verdict == KL_VERDICT_PASSED;
		done += report->tests[i].verdict != KL_VERDICT_PENDING;
	}
	if (report->verdict != wanted)
		blame(student, "the verdict of all", 0, kl_verdict_name(report->verdict), kl_verdict_name(wanted));
	if (report->passed != passed || done != report->count ||
	    (wanted != KL_VERDICT_COMPILE && report->done != report->count))
		blame(student, "a sum", report->passed, "", "");
	if ((report->compile == KL_COMPILE_FAILED) != (wanted == KL_VERDICT_COMPILE))
		blame(student, "compiling", 0, "", "");
}

/* --- a run -------------------------------------------------------------------------------------------------------- */

static void on_progress(void *ctx, const struct kl_report *report)
{
	check_so_far(ctx, report);
}

static void on_done(void *ctx, const struct kl_report *report)
{
	struct student *student = ctx;
	bool kept = report->verdict == KL_VERDICT_INTERNAL;
	const char *words = report->error.message;

	check_so_far(student, report);
	if (!kept)
		check_whole(student, report);
	else if (!report->error.status || !*words)
		blame(student, "the words", 0, "none", "a sentence");
	if (*student->trouble)
		words = student->trouble;
	else if (!kept)
		words = report->note;
	printf("end %zu %s %" PRId64 " %" PRId64 " %" PRId64 " %s\n", student->run,
	       *student->trouble ? "wrong"
	       : kept            ? "kept"
				 : "good",
	       kl_clock_mono_ms() - student->begin_ms, student->turn_us, student->busy_us, words);
	fflush(stdout);
}

static void begin_run(struct student *student, size_t run)
{
	struct kl_submission sub;
	struct kl_job *job;
	struct kl_error err;

	free(student->what.code);
	campaign_run_of(&student->what, student->seed, student->number, run);
	student->run = run;
	student->begin_ms = kl_clock_mono_ms();
	student->busy_us = 0;
	*student->trouble = '\0';
	for (size_t i = 0; i < CAMPAIGN_TESTS; i++)
		student->seen[i] = KL_VERDICT_PENDING;
	sub = (struct kl_submission){ .challenge = student->challenges[student->what.program->challenge],
				      .language = kl_language_find(student->what.program->language),
				      .code = student->what.code,
				      .code_len = strlen(student->what.code),
				      .samples_only = student->what.samples };
	must(kl_judge_submit(&job, student->lab.judge, &sub, on_progress, on_done, student, &err), &err);
	printf("sent %zu\n", run);
	fflush(stdout);
}

static void on_input(void *ctx, int fd, short revents)
{
	struct student *student = ctx;
	char bytes[64];
	ssize_t got = read(fd, bytes, sizeof(bytes));

	(void)revents;
	if (got <= 0) {
		student->over = true;
		return;
	}
	for (ssize_t i = 0; i < got; i++) {
		if (bytes[i] != '\n') {
			kl_buf_add_char(&student->line, bytes[i]);
			continue;
		}
		begin_run(student, strtoul(student->line.data + strlen("run "), NULL, 10));
		kl_buf_clear(&student->line);
	}
}

/* --- turns -------------------------------------------------------------------------------------------------------- */

static int64_t processor_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* How long this process has waited for a processor so far. */
static int64_t crowded_us(int schedstat)
{
	char text[128] = "";
	char *end;

	if (schedstat < 0 || pread(schedstat, text, sizeof(text) - 1, 0) <= 0)
		return 0;
	(void)strtoll(text, &end, 10);
	return strtoll(end, NULL, 10) / 1000;
}

static void turn(struct student *student, int schedstat)
{
	int64_t before_us = processor_us(), crowd_us = crowded_us(schedstat), used_us, longest_us;

	kl_loop_turn(student->lab.loop, -1);
	used_us = processor_us() - before_us;
	if (used_us > student->busy_us)
		student->busy_us = used_us;
	longest_us = kl_loop_longest_us(student->lab.loop);
	if (longest_us > student->longest_us) {
		int64_t own_us = longest_us - (crowded_us(schedstat) - crowd_us);

		if (own_us > student->turn_us)
			student->turn_us = own_us;
		student->longest_us = longest_us;
	}
}

int campaign_client(int argc, char **argv)
{
	struct student student = { .number = 0 };
	FILE *schedstat = fopen("/proc/self/schedstat", "re");

	if (argc < 6)
		return 2;
	student.home = argv[0];
	student.seed = strtoull(argv[1], NULL, 10);
	student.number = strtoul(argv[2], NULL, 10);
	student.patience_ms = strtoll(argv[3], NULL, 10);
	student.ca = *argv[4] ? argv[4] : NULL;
	kl_buf_init(&student.line, 64);
	open_lab(&student, (const char *const *)argv + 5);
	student.watch = kl_loop_add_fd(student.lab.loop, STDIN_FILENO, POLLIN, on_input, &student);
	while (!student.over)
		turn(&student, schedstat ? fileno(schedstat) : -1);
	tell_use(&student);
	close_lab(&student);
	if (schedstat)
		fclose(schedstat);
	return 0;
}
