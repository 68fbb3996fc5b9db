/* kodelab run: a program once, with the input and the arguments of this command */
#include "commands.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>

#include "judging.h"
#include "tui/languages.h"
#include "tui/work.h"

enum { INPUT_MAX = 16 << 20 };

static enum kl_status read_input(struct kl_buf *out, const char *file, struct kl_error *err)
{
	char chunk[65536];
	ssize_t got;

	if (file)
		return kl_file_read(out, file, err);
	if (isatty(STDIN_FILENO))
		return KL_OK;
	while ((got = read(STDIN_FILENO, chunk, sizeof(chunk))) > 0)
		kl_buf_add(out, chunk, (size_t)got);
	return out->truncated ? kl_fail(err, KL_EFULL, "the input is larger than %d MiB", INPUT_MAX >> 20) : KL_OK;
}

static bool is_file(const char *name)
{
	struct stat info;

	return name && stat(name, &info) == 0 && S_ISREG(info.st_mode);
}

/* name is no challenge, and no file that can be run as it is. */
static enum kl_status say_what_is_missing(const char *name, struct kl_error *err)
{
	if (!name)
		return kl_fail(err, KL_ENOENT, "name a file or a challenge to run");
	if (is_file(name))
		return kl_fail(err, KL_EINVAL, "'%s' does not say its language by its suffix: name it with --language",
			       name);
	return kl_language_of_file(name) ? kl_fail(err, KL_ENOENT, "there is no file '%s'", name) : KL_ENOENT;
}

/* The program to run: a file, or a challenge's work file. */
static enum kl_status find_program(char **path, const struct kl_language **language, struct cli *cli,
				   const struct command_args *args, struct kl_error *err)
{
	const char *name = args->words[0], *wanted = args->options[RUN_LANGUAGE];
	struct kl_challenge *challenge;
	enum kl_status status;

	if (is_file(name) && (wanted || languages_of_file(cli_judges(cli), name))) {
		*language =
			wanted ? languages_named(cli_judges(cli), wanted) : languages_of_file(cli_judges(cli), name);
		if (!*language)
			return kl_fail(err, KL_EINVAL, "there is no language '%s'; 'kodelab doctor' lists them",
				       wanted);
		*path = kl_strdup(name);
		return KL_OK;
	}
	status = cli_challenge(&challenge, NULL, cli, name, err);
	if (status == KL_ENOENT)
		return say_what_is_missing(name, err);
	if (status)
		return status;
	if (!(status = cli_language(language, cli, challenge, wanted, err)))
		status = work_file(path, &cli->paths, cli->store, challenge, *language, err);
	kl_challenge_free(challenge);
	return status;
}

/* What follows the program's name is the program's own: after "--" also what looks like an option. */
static void take_arguments(struct kl_test *test, const struct command_args *args)
{
	if (args->word_count < 2)
		return;
	test->argv_count = args->word_count - 1;
	test->argv = kl_calloc(test->argv_count, sizeof(*test->argv));
	for (size_t i = 0; i < test->argv_count; i++)
		test->argv[i] = kl_strdup(args->words[i + 1]);
}

static void free_arguments(struct kl_test *test)
{
	for (size_t i = 0; i < test->argv_count; i++)
		free(test->argv[i]);
	free(test->argv);
}

/* To a terminal made harmless; into a pipe as it is, that is what one pipes it for. */
static void print_output(const struct cli *cli, const struct kl_test_result *result)
{
	if (isatty(STDOUT_FILENO))
		cli_print(stdout, cli, result->out ? result->out : "", result->out_len);
	else
		fwrite(result->out ? result->out : "", 1, result->out_len, stdout);
	fflush(stdout); /* before what goes to the other stream */
	cli_print(stderr, cli, result->err ? result->err : "", result->err_len);
	if (result->out_cut || result->err_cut)
		cli_warn(cli, "the output was too long and was cut");
	if (result->verdict != KL_VERDICT_RAN)
		cli_warn(cli, "%s", result->detail ? result->detail : kl_verdict_name(result->verdict));
	else if (result->exit_code != 0)
		cli_warn(cli, "the program ended with exit status %d", result->exit_code);
}

static int tell(const struct cli *cli, const struct kl_report *report)
{
	const struct kl_test_result *result = report->count ? &report->tests[0] : NULL;
	bool ran = result && report->compile != KL_COMPILE_FAILED && report->verdict != KL_VERDICT_INTERNAL;

	if (cli->json)
		cli_print_json(judging_json(report));
	else if (ran)
		print_output(cli, result);
	else
		judging_print(cli, NULL, report);
	if (report->verdict == KL_VERDICT_INTERNAL && report->later && !cli->json)
		cli_warn(cli, "this run is not kept: run it again when a judge works");
	if (!ran)
		return report->verdict == KL_VERDICT_INTERNAL ? EXIT_COULD_NOT : EXIT_TESTS_FAILED;
	return result->verdict == KL_VERDICT_RAN && result->exit_code == 0 ? EXIT_DONE : EXIT_TESTS_FAILED;
}

int command_run(struct cli *cli, const struct command_args *args)
{
	static char id[] = "run";
	struct kl_test test = { .id = id, .own = true, .sample = true, .weight = 1.0 };
	struct kl_submission submission = { .own = &test, .own_count = 1 };
	struct kl_report *report = NULL;
	struct kl_buf code, input;
	struct kl_error err;
	char *path = NULL;
	bool typed = false;
	int status;

	kl_buf_init(&code, WORK_CODE_MAX);
	kl_buf_init(&input, INPUT_MAX);
	take_arguments(&test, args);
	if (find_program(&path, &submission.language, cli, args, &err) ||
	    work_read(&code, &typed, &cli->paths, path, &err) || read_input(&input, args->options[RUN_INPUT], &err)) {
		status = cli_fail(cli, &err);
	} else {
		if (typed)
			cli_warn_typed(cli, path);
		submission.code = code.data;
		submission.code_len = code.len;
		test.input = input.data;
		test.input_len = input.len;
		status = judging_run(&report, cli, &submission, args->options[RUN_VERBOSE] ? judging_verbose : NULL,
				     &err)
				 ? cli_fail(cli, &err)
				 : tell(cli, report);
	}
	kl_report_free(report);
	free_arguments(&test);
	kl_buf_release(&code);
	kl_buf_release(&input);
	free(path);
	return status;
}
