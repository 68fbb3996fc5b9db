/* links: tui/term/output.c tui/term/clipboard.c */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/loop.h>

#include "tui/term/clipboard.h"
#include "tui/term/output.h"

enum { BIG = 1 << 20, TURNS = 2000 };

struct pipe_test {
	struct kl_loop *loop;
	struct output *output;
	int ends[2];
	int drained, failed;
};

static void note(void *ctx, bool failed)
{
	struct pipe_test *test = ctx;

	if (failed)
		test->failed++;
	else
		test->drained++;
}

static int set_up(void **state)
{
	struct pipe_test *test = kl_calloc(1, sizeof(*test));

	signal(SIGPIPE, SIG_IGN);
	if (kl_loop_open(&test->loop, NULL) || pipe2(test->ends, O_NONBLOCK))
		return 1;
	test->output = output_new(test->loop, test->ends[1], note, test);
	*state = test;
	return 0;
}

static int tear_down(void **state)
{
	struct pipe_test *test = *state;

	output_free(test->output);
	if (test->ends[0] >= 0)
		close(test->ends[0]);
	close(test->ends[1]);
	kl_loop_close(test->loop);
	free(test);
	return 0;
}

static void nothing_goes_before_it_is_sent(void **state)
{
	struct pipe_test *test = *state;
	char got[16];

	output_add(test->output, "ab", 2);
	output_add(test->output, "cd", 2);
	assert_int_equal(read(test->ends[0], got, sizeof(got)), -1);
	output_send(test->output);
	assert_int_equal(read(test->ends[0], got, sizeof(got)), 4);
	assert_memory_equal(got, "abcd", 4);
	assert_false(output_stuck(test->output));
	assert_int_equal(test->drained, 0);
}

static void a_full_pipe_is_waited_for(void **state)
{
	struct pipe_test *test = *state;
	char *big = kl_calloc(1, BIG), *got = kl_alloc(BIG);
	size_t total = 0;

	for (size_t i = 0; i < BIG; i++)
		big[i] = (char)(i * 7 % 251);
	output_add(test->output, big, BIG);
	output_send(test->output);
	assert_true(output_stuck(test->output));
	for (int i = 0; i < TURNS && total < BIG; i++) {
		ssize_t count = read(test->ends[0], got + total, BIG - total);

		total += count > 0 ? (size_t)count : 0;
		kl_loop_turn(test->loop, 0);
	}
	assert_int_equal(total, BIG);
	assert_memory_equal(got, big, BIG);
	assert_false(output_stuck(test->output));
	assert_int_equal(test->drained, 1);
	free(big);
	free(got);
}

static void a_closed_end_is_told_once(void **state)
{
	struct pipe_test *test = *state;

	close(test->ends[0]);
	test->ends[0] = -1;
	output_add(test->output, "x", 1);
	output_send(test->output);
	output_add(test->output, "y", 1);
	output_send(test->output);
	assert_int_equal(test->failed, 1);
	assert_false(output_stuck(test->output));
}

static void draining_gives_up(void **state)
{
	struct pipe_test *test = *state;
	char *big = kl_calloc(1, BIG);

	output_add(test->output, big, BIG);
	output_send(test->output);
	output_drain(test->output, 20);
	assert_false(output_stuck(test->output));
	free(big);
}

static void the_clipboard_gets_base64(void **state)
{
	static const struct {
		const char *text, *sequence;
	} cases[] = {
		{ "", "\033]52;c;\033\\" },
		{ "f", "\033]52;c;Zg==\033\\" },
		{ "fo", "\033]52;c;Zm8=\033\\" },
		{ "foobar", "\033]52;c;Zm9vYmFy\033\\" },
		{ "\xff\xfe\xfd", "\033]52;c;//79\033\\" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_buf out;

		kl_buf_init(&out, 256);
		assert_int_equal(clipboard_sequence(&out, cases[i].text, strlen(cases[i].text), NULL), KL_OK);
		assert_string_equal(out.data, cases[i].sequence);
		kl_buf_release(&out);
	}
}

static void the_clipboard_refuses_too_much(void **state)
{
	char *big = kl_calloc(1, CLIPBOARD_MAX + 1);
	struct kl_buf out;
	struct kl_error err;

	(void)state;
	kl_buf_init(&out, BIG);
	assert_int_equal(clipboard_sequence(&out, big, CLIPBOARD_MAX, &err), KL_OK);
	kl_buf_clear(&out);
	assert_int_equal(clipboard_sequence(&out, big, CLIPBOARD_MAX + 1, &err), KL_EFULL);
	assert_string_equal(
		err.message,
		"54 KB is more than terminals take into their clipboard (54 KB); it can be pasted inside the lab");
	assert_int_equal(out.len, 0);
	kl_buf_release(&out);
	free(big);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_goes_before_it_is_sent, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_full_pipe_is_waited_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_closed_end_is_told_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(draining_gives_up, set_up, tear_down),
		cmocka_unit_test(the_clipboard_gets_base64),
		cmocka_unit_test(the_clipboard_refuses_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
