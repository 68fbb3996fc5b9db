#ifndef TESTS_UNIT_JUDGE0_SCENE_H
#define TESTS_UNIT_JUDGE0_SCENE_H

/* A judge whose programs run on a real kodelabd, started for the test: what judge_run.h is for the sandbox. */

#include "tests/unit/judge_run.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <kodelab/instance.h>
#include <kodelab/store.h>
#include <kodelab/store_judge.h>

struct daemon {
	char dir[64];
	pid_t pid;
	int log; /* its standard error */
	char url[64];
};

struct court0 {
	struct court *court;
	struct daemon school, other;
	struct kl_clock clock;
	struct kl_store *store;
	struct kl_instances *instances;
};

/* Reads its log until it says where it listens. */
static inline void wait_ready(struct daemon *daemon)
{
	char text[8192] = "";
	size_t len = 0;

	while (!strstr(text, "\"ready\"")) {
		ssize_t got = read(daemon->log, text + len, sizeof(text) - 1 - len);

		if (got <= 0)
			fail_msg("kodelabd does not start: %s", text);
		len += (size_t)got;
		text[len] = '\0';
	}
	assert_non_null(strstr(text, "\"address\":\"127.0.0.1:"));
	snprintf(daemon->url, sizeof(daemon->url), "http://127.0.0.1:%d",
		 (int)strtol(strstr(text, "\"address\":\"127.0.0.1:") + 21, NULL, 10));
}

/* options: further lines of its configuration. */
static inline void start_daemon(struct daemon *daemon, const struct kl_paths *paths, const char *options)
{
	char *program = kl_path_join(paths->libexec, "kodelabd"), *config, *text;
	int ends[2];

	snprintf(daemon->dir, sizeof(daemon->dir), "/tmp/kl-daemon-XXXXXX");
	assert_non_null(mkdtemp(daemon->dir));
	config = kl_path_join(daemon->dir, "config");
	text = kl_format("listen = 127.0.0.1:0\ndata = %s\nlog.requests = false\n"
			 "judge.unsafe = I accept that programs of strangers run here with weaker walls\n%s",
			 daemon->dir, options);
	write_text(daemon->dir, "config", text);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	daemon->pid = fork();
	if (!daemon->pid) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		dup2(ends[1], 2);
		execl(program, "kodelabd", "--config", config, NULL);
		_exit(127);
	}
	close(ends[1]);
	daemon->log = ends[0];
	wait_ready(daemon);
	fcntl(daemon->log, F_SETFL, O_NONBLOCK);
	free(program);
	free(config);
	free(text);
}

static inline void stop_daemon(struct daemon *daemon, int signo)
{
	if (daemon->pid) {
		kill(daemon->pid, signo);
		waitpid(daemon->pid, NULL, 0);
		close(daemon->log);
	}
	daemon->pid = 0;
}

static inline void add_instance(struct court0 *court, const char *name, const char *url)
{
	struct kl_instance_spec spec = { .name = name, .kind = "self-hosted", .url = url };
	struct kl_error err;

	if (kl_instances_add(court->instances, &spec, NULL, &err))
		fail_msg("%s", err.message);
}

static inline void use(struct court0 *court, const char *choice, bool cache)
{
	const struct kl_judge_elsewhere elsewhere = {
		.instances = court->instances, .store = court->store, .choice = choice, .cache = cache
	};

	kl_judge_use(court->court->judge, &elsewhere);
}

static inline struct court0 *open_court0(void **state, const char *options)
{
	struct court0 *court = kl_calloc(1, sizeof(*court));
	void *plain;

	open_court(&plain);
	court->court = plain;
	kl_clock_init(&court->clock);
	start_daemon(&court->school, &court->court->paths, options);
	assert_int_equal(kl_store_open(&court->store, NULL, NULL, &court->clock, NULL), KL_OK);
	assert_int_equal(
		kl_instances_open(&court->instances, court->court->loop, court->store, &court->clock, NULL, NULL),
		KL_OK);
	add_instance(court, "school", court->school.url);
	use(court, "school", false);
	*state = court;
	return court;
}

static inline void close_daemon(struct daemon *daemon)
{
	stop_daemon(daemon, SIGTERM);
	if (*daemon->dir)
		assert_int_equal(kl_file_remove_tree(daemon->dir, NULL), KL_OK);
}

static inline int close_court0(void **state)
{
	struct court0 *court = *state;
	void *plain = court->court;

	kl_judge_close(court->court->judge);
	court->court->judge = NULL;
	kl_instances_close(court->instances);
	kl_store_close(court->store);
	close_daemon(&court->school);
	close_daemon(&court->other);
	free(court);
	return close_court(&plain);
}

static inline void add_up(void *ctx, const struct kl_judge_count *count)
{
	const char *what = ((void **)ctx)[0];
	int64_t *sum = ((void **)ctx)[1];

	if (!strcmp(count->what, what))
		*sum += count->count;
}

/* What the store has counted of it, whatever the instance and language. */
static inline int64_t counted(struct court0 *court, const char *what)
{
	int64_t sum = 0;
	void *ctx[] = { (void *)(uintptr_t)what, &sum };

	assert_int_equal(kl_store_counts_each(court->store, add_up, ctx, NULL), KL_OK);
	return sum;
}

/* Programs that are judged side by side: most of the time is waiting. */
struct trial {
	const struct kl_challenge *challenge;
	const char *language, *code, *choice;
	struct kl_report *report; /* NULL: it runs; owned */
	size_t *running;
};

enum { TRIALS_MAX = 128, SIDE_BY_SIDE = 6 };

static inline void trial_ended(void *ctx, const struct kl_report *report)
{
	struct trial *trial = ctx;

	assert_null(trial->report);
	trial->report = kl_report_copy(report);
	--*trial->running;
}

static inline void start_trial(struct court0 *court, struct trial *trial)
{
	struct kl_submission sub = { .challenge = trial->challenge,
				     .language = kl_language_find(trial->language),
				     .code = trial->code,
				     .code_len = strlen(trial->code) };
	struct kl_job *job;
	struct kl_error err;

	use(court, trial->choice, false);
	if (kl_judge_submit(&job, court->court->judge, &sub, NULL, trial_ended, trial, &err))
		fail_msg("%s", err.message);
}

static inline void run_trials(struct court0 *court, struct trial *trials, size_t count)
{
	size_t running = 0;

	for (size_t next = 0; next < count || running;) {
		while (next < count && running < SIDE_BY_SIDE) {
			trials[next].running = &running;
			running++;
			start_trial(court, &trials[next++]);
		}
		kl_loop_turn(court->court->loop, 30000);
	}
}

static inline void release_trials(struct trial *trials, size_t count)
{
	for (size_t i = 0; i < count; i++)
		kl_report_free(trials[i].report);
}

#endif
