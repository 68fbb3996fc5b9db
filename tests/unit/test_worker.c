/* Helper processes: fed, drained, capped, killed; done exactly once. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/loop.h>
#include <kodelab/worker.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct outcome {
	struct kl_loop *loop;
	struct kl_worker *worker;
	int done;
	bool cancel_on_line;
	struct kl_worker_result result;
	struct kl_buf out, err, lines;
};

static int set_up(void **state)
{
	struct outcome *outcome = kl_calloc(1, sizeof(*outcome));

	kl_buf_init(&outcome->out, 10 << 20);
	kl_buf_init(&outcome->err, 10 << 20);
	kl_buf_init(&outcome->lines, 1 << 20);
	*state = outcome;
	return kl_loop_open(&outcome->loop, NULL) ? -1 : 0;
}

static int tear_down(void **state)
{
	struct outcome *outcome = *state;

	kl_loop_close(outcome->loop);
	kl_buf_release(&outcome->out);
	kl_buf_release(&outcome->err);
	kl_buf_release(&outcome->lines);
	free(outcome);
	return 0;
}

static void on_done(void *ctx, const struct kl_worker_result *result)
{
	struct outcome *outcome = ctx;

	outcome->done++;
	outcome->result = *result;
	kl_buf_add(&outcome->out, result->out->data, result->out->len);
	kl_buf_add(&outcome->err, result->err->data, result->err->len);
	outcome->out.truncated = result->out->truncated;
	kl_loop_stop(outcome->loop);
}

static void on_line(void *ctx, const char *line, size_t len)
{
	struct outcome *outcome = ctx;

	assert_int_equal(strlen(line), len);
	kl_buf_addf(&outcome->lines, "<%s>", line);
	if (outcome->cancel_on_line)
		kl_worker_cancel(outcome->worker);
}

static void run(struct outcome *outcome, struct kl_worker_spec *spec)
{
	spec->on_done = on_done;
	spec->ctx = outcome;
	assert_int_equal(kl_worker_start(&outcome->worker, outcome->loop, spec, NULL), KL_OK);
	assert_int_equal(outcome->done, 0);
	kl_loop_run(outcome->loop);
	kl_loop_turn(outcome->loop, 0);
	assert_int_equal(outcome->done, 1);
}

static void run_shell(struct outcome *outcome, const char *script, struct kl_worker_spec *spec)
{
	const char *argv[] = { "sh", "-c", script, NULL };

	spec->argv = argv;
	run(outcome, spec);
}

static void both_streams_and_status(void **state)
{
	struct kl_worker_spec spec = { .dir = "/" };
	struct outcome *outcome = *state;

	run_shell(outcome, "pwd; echo oops >&2; exit 3", &spec);
	assert_true(outcome->result.started);
	assert_string_equal(outcome->out.data, "/\n");
	assert_string_equal(outcome->err.data, "oops\n");
	assert_int_equal(WEXITSTATUS(outcome->result.wait_status), 3);
	assert_int_equal(outcome->result.error.status, KL_OK);
}

static void big_input_comes_back(void **state)
{
	struct outcome *outcome = *state;
	size_t len = 3 << 20;
	char *input = kl_alloc(len);
	struct kl_worker_spec spec = { .input = input, .input_len = len, .output_max = 8 << 20 };

	for (size_t i = 0; i < len; i++)
		input[i] = (char)('a' + i % 23);
	run_shell(outcome, "cat", &spec);
	assert_int_equal(outcome->out.len, len);
	assert_memory_equal(outcome->out.data, input, len);
	free(input);
}

static void input_nobody_reads(void **state)
{
	struct outcome *outcome = *state;
	char *input = kl_calloc(1 << 20, 1);
	struct kl_worker_spec spec = { .input = input, .input_len = 1 << 20 };

	run_shell(outcome, "exec <&-; echo done", &spec);
	assert_string_equal(outcome->out.data, "done\n");
	free(input);
}

static void a_flood_is_capped(void **state)
{
	struct kl_worker_spec spec = { .output_max = 1000 };
	struct outcome *outcome = *state;

	run_shell(outcome, "head -c 5000000 /dev/zero", &spec);
	assert_int_equal(outcome->out.len, 1000);
	assert_true(outcome->out.truncated);
	assert_int_equal(outcome->result.wait_status, 0);
}

static void exec_fails(void **state)
{
	const char *argv[] = { "kodelab-no-such-program", NULL };
	struct kl_worker_spec spec = { .argv = argv };
	struct outcome *outcome = *state;

	run(outcome, &spec);
	assert_false(outcome->result.started);
	assert_int_equal(outcome->result.error.status, KL_ENOTOOL);
	assert_string_equal(outcome->result.error.message,
			    "cannot start 'kodelab-no-such-program': No such file or directory");
}

static void exec_is_denied(void **state)
{
	const char *argv[] = { "/etc/passwd", NULL };
	struct kl_worker_spec spec = { .argv = argv };
	struct outcome *outcome = *state;

	run(outcome, &spec);
	assert_false(outcome->result.started);
	assert_int_equal(outcome->result.error.status, KL_EDENIED);
	assert_string_equal(outcome->result.error.message, "cannot start '/etc/passwd': Permission denied");
}

static void deadline(void **state)
{
	struct kl_worker_spec spec = { .deadline_ms = 30 };
	struct outcome *outcome = *state;
	int64_t start_ms = kl_clock_mono_ms();

	run_shell(outcome, "trap '' TERM; sleep 1000 & sleep 1000; true", &spec);
	assert_true(outcome->result.timed_out);
	assert_true(kl_clock_mono_ms() - start_ms < 500000); /* nobody waited for the sleepers */
	assert_int_equal(WTERMSIG(outcome->result.wait_status), SIGKILL);
	assert_string_equal(outcome->result.error.message, "'sh' took too long and was stopped");
}

static void lines_one_by_one(void **state)
{
	struct kl_worker_spec spec = { .on_line = on_line };
	struct outcome *outcome = *state;

	run_shell(outcome, "printf 'one\\n\\ntwo\\nlast'", &spec);
	assert_string_equal(outcome->lines.data, "<one><><two><last>");
	assert_int_equal(outcome->out.len, 0);
}

static void a_line_at_the_limit(void **state)
{
	struct kl_worker_spec spec = { .on_line = on_line, .output_max = 4 };
	struct outcome *outcome = *state;

	run_shell(outcome, "printf '1234\\n123\\n'", &spec);
	assert_string_equal(outcome->lines.data, "<1234><123>");
	assert_int_equal(outcome->result.error.status, KL_OK);
}

static void a_line_too_long(void **state)
{
	struct kl_worker_spec spec = { .on_line = on_line, .output_max = 4 };
	struct outcome *outcome = *state;

	run_shell(outcome, "printf '1\\n12345'; sleep 60", &spec);
	assert_string_equal(outcome->lines.data, "<1>");
	assert_int_equal(outcome->result.error.status, KL_EFULL);
	assert_string_equal(outcome->result.error.message, "'sh' wrote a line of more than 4 bytes and was stopped");
}

static void cancelling_from_a_line(void **state)
{
	struct kl_worker_spec spec = { .on_line = on_line };
	struct outcome *outcome = *state;

	outcome->cancel_on_line = true;
	run_shell(outcome, "printf '1\\n2\\n'; sleep 60", &spec);
	assert_string_equal(outcome->lines.data, "<1>");
	assert_true(outcome->result.canceled);
	assert_string_equal(outcome->result.error.message, "'sh' was cancelled");
}

static void environment_and_descriptors(void **state)
{
	static const char *const env[] = { "ONLY=this", NULL };
	struct kl_worker_spec spec = { .env = env };
	struct outcome *outcome = *state;
	int leak = dup(0);

	run_shell(outcome,
		  "/usr/bin/env | grep -v -e ^PWD= -e ^SHLVL= -e ^_=; for f in /proc/self/fd/*; do echo ${f##*/}; done"
		  " | sort -n | head -c 6; /bin/sed -nE 's/^(Sig(Blk|Ign)):.*(.{7})$/\\1 \\3/p' /proc/self/status",
		  &spec);
	/* Signals 1 to 28: the C library keeps 32 and 33 for itself, and may have been started with them ignored. */
	assert_string_equal(outcome->out.data, "ONLY=this\n0\n1\n2\nSigBlk 0000000\nSigIgn 0000000\n");
	close(leak);
}

static void a_daemon_does_not_hold_us(void **state)
{
	struct kl_worker_spec spec = { .deadline_ms = 5000 };
	struct outcome *outcome = *state;

	run_shell(outcome, "setsid sleep 3 & echo away", &spec);
	assert_string_equal(outcome->out.data, "away\n");
	assert_false(outcome->result.timed_out);
}

int main(void)
{
#define WORKER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		WORKER(both_streams_and_status),
		WORKER(big_input_comes_back),
		WORKER(input_nobody_reads),
		WORKER(a_flood_is_capped),
		WORKER(exec_fails),
		WORKER(exec_is_denied),
		WORKER(deadline),
		WORKER(lines_one_by_one),
		WORKER(a_line_at_the_limit),
		WORKER(a_line_too_long),
		WORKER(cancelling_from_a_line),
		WORKER(environment_and_descriptors),
		WORKER(a_daemon_does_not_hold_us),
	};
#undef WORKER

	return cmocka_run_group_tests(tests, NULL, NULL);
}
