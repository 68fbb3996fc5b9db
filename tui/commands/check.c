/* kodelab check: what an author has to know; reads everything, then runs every solution and starter */
#include "commands.h"

#include <string.h>

#include <kodelab/authoring.h>

#include "checking.h"
#include "judging.h"

static void tell(const struct cli *cli, struct checking *outcome, enum kl_severity severity, const char *file, int line,
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
	cli_say(cli, "%s", file);
	if (line > 0)
		printf(":%d", line);
	printf(": %s: ", kl_severity_name(severity));
	cli_print(stdout, cli, sentence, strlen(sentence)); /* with what a compiler wrote */
	putchar('\n');
}

/* A run that went as it should, or was left out: told at once, the whole takes minutes. */
static void tell_proof(const struct cli *cli, const struct checking *outcome, const char *state, const char *file,
		       const char *why)
{
	cJSON *node;

	if (!outcome->proofs) {
		cli_say(cli, "%-7s %s%s%s\n", state, file, *why ? ": " : "", why);
		fflush(stdout);
		return;
	}
	node = cJSON_CreateObject();
	cJSON_AddStringToObject(node, "file", file);
	cJSON_AddStringToObject(node, "state", state);
	if (*why)
		cJSON_AddStringToObject(node, "why", why);
	cJSON_AddItemToArray(outcome->proofs, node);
}

static void first_failure(struct kl_error *text, const struct kl_report *report)
{
	kl_fail(text, KL_EINVAL, "did not pass");
	if (report->compile == KL_COMPILE_FAILED) {
		kl_fail(text, KL_EINVAL, "does not compile: %.400s", report->messages ? report->messages : "");
		return;
	}
	for (size_t i = 0; i < report->count; i++) {
		const struct kl_test_result *result = &report->tests[i];

		if (result->verdict == KL_VERDICT_PASSED)
			continue;
		kl_fail(text, KL_EINVAL, "fails test '%s': %s%s%s", report->asked[i]->id,
			kl_verdict_name(result->verdict), result->detail ? ", " : "",
			result->detail ? result->detail : "");
		return;
	}
}

/* Is the run what the proof demands? Else text says what is wrong. */
static bool holds(struct kl_error *text, const struct kl_proof *proof, const struct kl_report *report)
{
	bool passed = report->verdict == KL_VERDICT_PASSED;

	if (report->verdict == KL_VERDICT_INTERNAL)
		*text = report->error;
	else if (proof->must_pass && !passed)
		first_failure(text, report);
	else if (!proof->must_pass && passed)
		kl_fail(text, KL_EINVAL, "the starter passes all tests; it has to fail at least one");
	return report->verdict != KL_VERDICT_INTERNAL && passed == proof->must_pass;
}

/* One solution or starter. */
static void prove(struct cli *cli, struct checking *outcome, const struct kl_proof *proof)
{
	const struct kl_language *language = kl_language_find(proof->source->language);
	struct kl_submission submission = { .challenge = proof->challenge,
					    .language = language,
					    .code = proof->source->text,
					    .code_len = proof->source->len };
	struct kl_report *report = NULL;
	char file[256], need[128];
	struct kl_error err;

	snprintf(file, sizeof(file), "%s/%s/%s.%s", proof->challenge->slug, proof->folder, language->id,
		 language->suffix);
	if (!kl_language_ready(language, need, sizeof(need))) {
		outcome->skipped++;
		tell_proof(cli, outcome, "skipped", file, need);
		return;
	}
	if (judging_run(&report, cli, &submission, NULL, &err)) {
		outcome->interrupted = err.status == KL_ECANCELED;
		if (!outcome->interrupted)
			tell(cli, outcome, KL_FINDING_ERROR, file, 0, err.message);
	} else if (holds(&err, proof, report)) {
		outcome->proved++;
		tell_proof(cli, outcome, "proved", file, "");
	} else {
		tell(cli, outcome, KL_FINDING_ERROR, file, 0, err.message);
	}
	kl_report_free(report);
}

static void prove_all(struct cli *cli, struct checking *outcome, const struct kl_check *check, const char *only)
{
	for (size_t i = 0; i < check->proof_count && !outcome->interrupted; i++) {
		if (!only || strcmp(check->proofs[i].source->language, only) == 0)
			prove(cli, outcome, &check->proofs[i]);
	}
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

void checking_print(cJSON *root, struct checking *checking)
{
	cJSON_AddNumberToObject(root, "proved", (double)checking->proved);
	cJSON_AddNumberToObject(root, "errors", (double)checking->errors);
	cJSON_AddNumberToObject(root, "warnings", (double)checking->warnings);
	cJSON_AddNumberToObject(root, "skipped", (double)checking->skipped);
	cJSON_AddItemToObject(root, "findings", checking->findings);
	cJSON_AddItemToObject(root, "proofs", checking->proofs);
	checking->findings = checking->proofs = NULL;
}

static int finish(const struct cli *cli, struct checking *outcome)
{
	int status = outcome->interrupted ? EXIT_INTERRUPTED : outcome->errors ? EXIT_TESTS_FAILED : EXIT_DONE;
	cJSON *root;

	if (!cli->json) {
		printf("%s%zu proved, %zu error%s, %zu warning%s, %zu skipped\n",
		       outcome->interrupted ? "Stopped: " : "", outcome->proved, outcome->errors,
		       plural(outcome->errors), outcome->warnings, plural(outcome->warnings), outcome->skipped);
		return status;
	}
	root = cJSON_CreateObject();
	checking_print(root, outcome);
	cli_print_json(root);
	return status;
}

enum kl_status checking_run(struct checking *out, struct cli *cli, const struct checking_wish *wish,
			    struct kl_error *err)
{
	struct kl_check *check;
	enum kl_status status = kl_check_open(&check, wish->folder, err);

	*out = (struct checking){ 0 };
	if (status)
		return status;
	if (cli->json) {
		out->findings = cJSON_CreateArray();
		out->proofs = cJSON_CreateArray();
	}
	for (size_t i = 0; i < check->finding_count; i++)
		tell(cli, out, check->findings[i].severity, check->findings[i].file, check->findings[i].line,
		     check->findings[i].sentence);
	if (!wish->fast)
		prove_all(cli, out, check, wish->only);
	kl_check_close(check);
	return KL_OK;
}

int command_check(struct cli *cli, const struct command_args *args)
{
	const char *only = args->options[CHECK_LANGUAGE];
	const struct kl_language *language = only ? kl_language_find(only) : NULL;
	const struct checking_wish wish = { .folder = args->words[0] ? args->words[0] : ".",
					    .fast = args->options[CHECK_FAST],
					    .only = language ? language->id : NULL };
	struct checking outcome;
	struct kl_error err;

	if (only && !language)
		return cli_fail_usage(cli, args->command, "there is no language '%s'; 'kodelab doctor' lists them",
				      only);
	if (checking_run(&outcome, cli, &wish, &err))
		return cli_fail(cli, &err);
	return finish(cli, &outcome);
}
