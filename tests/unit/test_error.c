/* Sentences, statuses, and dying with the terminal restored. */

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <kodelab/alloc.h>
#include <kodelab/error.h>
#include <sys/wait.h>
#include <unistd.h>

static void fail_records(void **state)
{
	struct kl_error err = { 0 };

	(void)state;
	assert_int_equal(kl_fail(&err, KL_ENOENT, "no challenge '%s'", "x"), KL_ENOENT);
	assert_int_equal(err.status, KL_ENOENT);
	assert_string_equal(err.message, "no challenge 'x'");
	assert_int_equal(kl_fail(NULL, KL_EBUSY, "unwanted"), KL_EBUSY);
	kl_error_prefix(&err, "pack %d", 3);
	assert_string_equal(err.message, "pack 3: no challenge 'x'");
}

static void errno_maps(void **state)
{
	static const struct {
		int errnum;
		enum kl_status want;
	} cases[] = {
		{ ENOSPC, KL_EFULL },   { EDQUOT, KL_EFULL },  { EFBIG, KL_EFULL }, { ENOENT, KL_ENOENT },
		{ EACCES, KL_EDENIED }, { EPERM, KL_EDENIED }, { EIO, KL_ENET },
	};
	struct kl_error err;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++)
		assert_int_equal(kl_fail_errno(&err, KL_ENET, cases[i].errnum, "x"), cases[i].want);
	kl_fail_errno(&err, KL_EIO, ENOENT, "cannot open '%s'", "f");
	assert_string_equal(err.message, "cannot open 'f': No such file or directory");
}

static void long_sentences_are_cut(void **state)
{
	struct kl_error err;
	char text[2000];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	kl_fail(&err, KL_EIO, "%s", text);
	assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
	kl_error_prefix(&err, "%s", text);
	assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(kl_status_name(KL_OK), "done");
	assert_string_equal(kl_status_name(KL_ECANCELED), "cancelled");
	assert_string_equal(kl_status_name((enum kl_status)99), "unknown");
}

static void hook(void)
{
	if (write(STDERR_FILENO, "[hook]", 6) != 6)
		_exit(1);
}

static void dying_runs_the_hook_first(void **state)
{
	char text[100] = "";
	int ends[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		kl_die_hook(hook);
		kl_die("broken: %d", 7);
	}
	close(ends[1]);
	for (ssize_t at = 0, got; (got = read(ends[0], text + at, sizeof(text) - 1 - at)) > 0;)
		at += got;
	close(ends[0]);
	waitpid(pid, &status, 0);
	assert_string_equal(text, "[hook]broken: 7\n");
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fail_records),
		cmocka_unit_test(errno_maps),
		cmocka_unit_test(long_sentences_are_cut),
		cmocka_unit_test(names),
		cmocka_unit_test(dying_runs_the_hook_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
