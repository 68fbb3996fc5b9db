/* kodelab check: what an author has to know; reads everything, then runs every solution and starter */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/authoring.h>

#include "judging.h"

struct outcome {
	size_t errors, warnings, proved, skipped;
	cJSON *findings; /* with --json */
};

static void tell(const struct cli *cli, struct outcome *outcome, enum kl_severity severity, const char *file, int line,
		 const char *sentence)
{
	*(severity == KL_FINDING_ERROR ? &outcome->errors : &outcome->warnings) += 1;
	if (outcome->findings) {
		cJSON *node = cJSON_CreateObject();

		cJSON_AddStringToObject(node, "severity", kl_severity_name(severity));
		cJSON_AddStringToObject(node, "file", file);
		cJSON_AddNumberToObject(node, "line", line);
		cJSON_AddStringToObject(node, "sentence", sentence);
		cJSON_AddItemToArray(outcome->findings, node);
		return;
	}
	cli_print(stdout, cli, file, strlen(file));
	if (line > 0)
		printf(":%d", line);
	printf(": %s: ", kl_severity_name(severity));
	cli_print(stdout, cli, sentence, strlen(sentence));
	putchar('\n');
}

static const char *first_failure(const struct kl_report *report, struct kl_error *text)
{
	if (report->compile == KL_COMPILE_FAILED)
		return kl_fail(text, KL_EINVAL, "does not compile: %.300s", report->messages ? report->messages : "") ?
			       text->message : "";
	for (size_t i = 0; i < report->count; i++) {
		if (report->tests[i].verdict != KL_VERDICT_PASSED && report->tests[i].verdict != KL_VERDICT_RAN)
			return kl_fail(text, KL_EINVAL, "fails test '%s': %s%s%s", report->asked[i]->id,
				       kl_verdict_name(report->tests[i].verdict), report->tests[i].detail ? ", " : "",
				       report->tests[i].detail ? report->tests[i].detail : "") ? text->message : "";
	}
	return "did not pass";
}

/* One solution or starter. False: stop (C-c). */
static bool prove(struct cli *cli, struct outcome *outcome, const struct kl_proof *proof)
{
	const struct kl_language *language = kl_language_find(proof->source->language);
	struct kl_submission submission = { .challenge = proof->challenge, .language = language,
					    .code = proof->source->text, .code_len = proof->source->len };
	struct kl_report *report = NULL;
	struct kl_error err, text;
	char file[256], need[128];

	snprintf(file, sizeof(file), "%s/%s/%s.%s", proof->challenge->slug, proof->folder, language->id, language->suffix);
	if (!kl_language_ready(language, need, sizeof(need))) {
		outcome->skipped++;
		if (!cli->json)
			printf("skipped %s: %s\n", file, need);
		return true;
	}
	if (judging_run(&report, cli, &submission, NULL, &err)) {
		tell(cli, outcome, KL_FINDING_ERROR, file, 0, err.message);
		return err.status != KL_ECANCELED;
	}
	if (report->verdict == KL_VERDICT_INTERNAL)
		tell(cli, outcome, KL_FINDING_ERROR, file, 0, report->error.message);
	else if (proof->must_pass && report->verdict != KL_VERDICT_PASSED)
		tell(cli, outcome, KL_FINDING_ERROR, file, 0, first_failure(report, &text));
	else if (!proof->must_pass && report->verdict == KL_VERDICT_PASSED)
		tell(cli, outcome, KL_FINDING_ERROR, file, 0, "the starter passes all tests; it has to fail at least one");
	else
		outcome->proved++;
	kl_report_free(report);
	return true;
}

static void prove_all(struct cli *cli, struct outcome *outcome, const struct kl_check *check, const char *only)
{
	for (size_t i = 0; i < check->proof_count; i++) {
		if (only && strcmp(check->proofs[i].source->language, only) != 0)
			continue;
		if (!prove(cli, outcome, &check->proofs[i]))
			return;
	}
}

static int finish(const struct cli *cli, struct outcome *outcome)
{
	cJSON *root;

	if (!cli->json) {
		printf("%zu proved, %zu errors, %zu warnings, %zu skipped\n", outcome->proved, outcome->errors,
		       outcome->warnings, outcome->skipped);
		return outcome->errors ? EXIT_TESTS_FAILED : EXIT_DONE;
	}
	root = cJSON_CreateObject();
	cJSON_AddNumberToObject(root, "proved", (double)outcome->proved);
	cJSON_AddNumberToObject(root, "errors", (double)outcome->errors);
	cJSON_AddNumberToObject(root, "warnings", (double)outcome->warnings);
	cJSON_AddNumberToObject(root, "skipped", (double)outcome->skipped);
	cJSON_AddItemToObject(root, "findings", outcome->findings);
	cli_print_json(root);
	return outcome->errors ? EXIT_TESTS_FAILED : EXIT_DONE;
}

int command_check(struct cli *cli, const struct command_args *args)
{
	const char *only = args->options[CHECK_LANGUAGE];
	const struct kl_language *language = only ? kl_language_find(only) : NULL;
	struct outcome outcome = { .findings = cli->json ? cJSON_CreateArray() : NULL };
	struct kl_check *check;
	struct kl_error err;

	if (only && !language)
		return cli_fail_usage(cli, args->command, "there is no language '%s'", only);
	if (kl_check_open(&check, args->words[0] ? args->words[0] : ".", &err))
		return cli_fail(cli, &err);
	for (size_t i = 0; i < check->finding_count; i++)
		tell(cli, &outcome, check->findings[i].severity, check->findings[i].file, check->findings[i].line,
		     check->findings[i].sentence);
	if (!args->options[CHECK_FAST])
		prove_all(cli, &outcome, check, language ? language->id : NULL);
	kl_check_close(check);
	return finish(cli, &outcome);
}
