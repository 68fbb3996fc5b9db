/* kodelab doctor: toolchains, sandbox, terminal, files, packs; each with what to do. A table of checks, each a function. */
#include "commands.h"

#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/instance.h>
#include <kodelab/portfolio.h>
#include <kodelab/sandbox.h>
#include <kodelab/store_instances.h>

#include "tui/judges.h"
#include "tui/languages.h"
#include "tui/setting.h"
#include "tui/term/caps.h"

enum { PROBLEMS_MAX = 64 << 10 };

enum grade { GRADE_GOOD, GRADE_NOTE, GRADE_BAD };

struct doctor {
	struct cli *cli;
	cJSON *json; /* array; NULL: text */
	size_t bad;
};

static const char *const grade_names[] = { "good", "note", "bad" };

static void tell(struct doctor *doctor, enum grade grade, const char *what, const char *fmt, ...) KL_PRINTF(4, 5);

static void tell(struct doctor *doctor, enum grade grade, const char *what, const char *fmt, ...)
{
	struct kl_buf text;
	va_list args;

	kl_buf_init(&text, 4096);
	va_start(args, fmt);
	kl_buf_vaddf(&text, fmt, args);
	va_end(args);
	doctor->bad += grade == GRADE_BAD;
	if (doctor->json) {
		cJSON *node = cJSON_CreateObject();

		cJSON_AddStringToObject(node, "check", what);
		cJSON_AddStringToObject(node, "state", grade_names[grade]);
		cJSON_AddStringToObject(node, "text", text.data);
		cJSON_AddItemToArray(doctor->json, node);
	} else {
		printf("%-5s %-14s ", grade_names[grade], what);
		cli_print_line(stdout, doctor->cli, text.data, text.len);
		putchar('\n');
	}
	kl_buf_release(&text);
}

/* What the table does not know, and judges have: all in one line. */
static void check_others(struct doctor *doctor, const struct kl_instances *judges)
{
	struct kl_buf names;

	kl_buf_init(&names, 2000);
	for (size_t i = 0; judges && i < kl_instances_language_count(judges); i++)
		kl_buf_addf(&names, "%s%s", names.len ? ", " : "", kl_instances_language_at(judges, i)->name);
	if (names.len)
		tell(doctor, GRADE_GOOD, "others", "run elsewhere, for programs: %s", names.data);
	kl_buf_release(&names);
}

static void check_languages(struct doctor *doctor)
{
	const struct kl_instances *judges = cli_judges(doctor->cli);
	char note[160];

	for (size_t i = 0; i < kl_language_count(); i++) {
		const struct kl_language *language = kl_language_at(i);
		char need[160] = "";
		bool here = kl_language_ready(language, need, sizeof(need)), ready;

		if (here) {
			tell(doctor, GRADE_GOOD, language->name, "ready");
			continue;
		}
		ready = languages_ready_by("judge0", judges, language, note, sizeof(note));
		tell(doctor, ready ? GRADE_GOOD : GRADE_NOTE, language->name, "%s%s%s", ready ? "runs " : "",
		     ready ? note : need, ready ? "; not ready here" : "");
	}
	check_others(doctor, judges);
}

static void check_sandbox(struct doctor *doctor)
{
	const char *advice = "";
	struct kl_error err;
	int level;

	if (cli_judge(doctor->cli, &err)) {
		tell(doctor, GRADE_BAD, "sandbox", "%s", err.message);
		return;
	}
	level = kl_judge_sandbox_level(doctor->cli->judge, &advice);
	tell(doctor,
	     level <= KL_SANDBOX_NAMESPACES ? GRADE_GOOD
	     : level == KL_SANDBOX_LANDLOCK ? GRADE_NOTE
					    : GRADE_BAD,
	     "sandbox", "%s%s%s", judges_sandbox(level), *advice ? ". " : "", advice);
}

static void check_terminal(struct doctor *doctor)
{
	static const char *const depths[] = { [DEPTH_MONO] = "no colours",
					      [DEPTH_8] = "8 colours",
					      [DEPTH_16] = "16 colours",
					      [DEPTH_256] = "256 colours",
					      [DEPTH_RGB] = "16 million colours" };
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR"), *colorterm = getenv("COLORTERM");
	struct caps caps = { 0 };
	bool usable = term && *term && !caps_load(&caps, term, NULL);

	tell(doctor, usable ? GRADE_GOOD : GRADE_NOTE, "terminal", "TERM=%s%s%s%s%s%s",
	     term && *term ? term : "(not set)", usable ? ", " : "", usable ? depths[caps.depth] : "",
	     colorterm && *colorterm ? ", COLORTERM is set" : "", no_color && *no_color ? ", NO_COLOR is set" : "",
	     usable ? "" : ": the full screen needs another one; the subcommands work");
	tell(doctor, doctor->cli->ascii ? GRADE_NOTE : GRADE_GOOD, "characters", "%s%s", nl_langinfo(CODESET),
	     doctor->cli->ascii ? ": only ASCII is shown; set LANG to a UTF-8 locale such as C.UTF-8" : "");
}

static void check_path(struct doctor *doctor, const char *name, const char *path, bool writable)
{
	char kind[64] = "";
	struct kl_error err;

	if (writable && kl_path_make(path, &err)) {
		tell(doctor, GRADE_BAD, name, "%s", err.message);
		return;
	}
	kl_path_fs_name(path, kind, sizeof(kind));
	if (access(path, writable ? W_OK : R_OK) != 0)
		tell(doctor, GRADE_BAD, name, "%s: %s", path, strerror(errno));
	else
		tell(doctor, kl_path_is_network(path) ? GRADE_NOTE : GRADE_GOOD, name, "%s (%s%s)", path, kind,
		     kl_path_is_network(path) ? ", over the network: short transactions, polling" : "");
}

static void check_paths(struct doctor *doctor)
{
	const struct kl_paths *paths = &doctor->cli->paths;

	check_path(doctor, "work", paths->work, true);
	check_path(doctor, "data", paths->data, true);
	check_path(doctor, "state", paths->state, true);
	check_path(doctor, "config", paths->config, true);
	check_path(doctor, "cache", paths->cache, true);
	check_path(doctor, "share", paths->share, false);
	check_path(doctor, "helpers", paths->libexec, false);
}

static void check_store(struct doctor *doctor)
{
	struct kl_error err;
	size_t waiting = 0;

	if (cli_store(doctor->cli, &err) || kl_store_outbox_count(&waiting, doctor->cli->store, &err))
		tell(doctor, GRADE_BAD, "database", "%s", err.message);
	else
		tell(doctor, GRADE_GOOD, "database", "can be read and written; %zu record%s for a class server kept",
		     waiting, waiting == 1 ? "" : "s");
}

static void check_packs(struct doctor *doctor)
{
	const struct kl_catalogue *catalogue;
	struct kl_error err;

	if (cli_catalogue(doctor->cli, &err)) {
		tell(doctor, GRADE_BAD, "challenges", "%s", err.message);
		return;
	}
	catalogue = doctor->cli->catalogue;
	tell(doctor, kl_catalogue_count(catalogue) ? GRADE_GOOD : GRADE_BAD, "challenges", "%zu",
	     kl_catalogue_count(catalogue));
	for (size_t i = 0; i < kl_catalogue_problem_count(catalogue); i++)
		tell(doctor, GRADE_NOTE, "challenges", "%s", kl_catalogue_problem(catalogue, i));
}

/* From what is remembered: nobody is asked here. */
static void check_judges(struct doctor *doctor)
{
	struct kl_instance_row *rows;
	struct kl_error err;
	size_t count;

	if (cli_store(doctor->cli, &err) || kl_store_instances(&rows, &count, doctor->cli->store, &err))
		return; /* check_store has told it */
	for (size_t i = 0; i < count; i++) {
		const char *failure = rows[i].failure;

		tell(doctor, *failure ? GRADE_NOTE : GRADE_GOOD, "judge", "%s%s%s; 'kodelab judge doctor %s' asks it",
		     rows[i].name, *failure ? ": " : "", failure, rows[i].name);
	}
	kl_instance_rows_free(rows, count);
}

static void check_portfolio(struct doctor *doctor)
{
	struct kl_portfolio *portfolio;
	struct kl_error err;

	if (cli_loop(doctor->cli, &err))
		return;
	portfolio = kl_portfolio_open(doctor->cli->loop, &doctor->cli->paths, doctor->cli->config);
	tell(doctor, GRADE_GOOD, "portfolio", "%s%s", kl_portfolio_path(portfolio),
	     kl_path_exists(kl_portfolio_path(portfolio)) ? "" : " (made with the first solved challenge)");
	kl_portfolio_close(portfolio);
}

/* https://name:token@host/… without what stands between the slashes and the @. */
static char *masked(const struct kl_option *option, const char *value)
{
	const char *scheme = strstr(value, "://"), *from = scheme ? scheme + 3 : NULL;
	const char *at = from ? memchr(from, '@', strcspn(from, "/")) : NULL;

	if (option->secret)
		return kl_strdup("********");
	return at ? kl_format("%.*s********%s", (int)(from - value), value, at) : kl_strdup(value);
}

static void check_config(struct doctor *doctor)
{
	const struct kl_config *config = doctor->cli->config;

	struct kl_buf problems;

	kl_buf_init(&problems, PROBLEMS_MAX);
	setting_problems(&problems, &doctor->cli->paths, config);
	for (const char *at = problems.data; *at; at += strcspn(at, "\n") + 1)
		tell(doctor, GRADE_BAD, "settings", "%.*s", (int)strcspn(at, "\n"), at);
	kl_buf_release(&problems);
	for (size_t i = 0; i < kl_option_count(); i++) {
		const struct kl_option *option = kl_option_at(i);
		char *value = masked(option, kl_config_string(config, option->name));

		if (!kl_config_is_default(config, option->name))
			tell(doctor, GRADE_GOOD, "setting", "%s = %s", option->name, value);
		free(value);
	}
}

static void (*const checks[])(struct doctor *doctor) = {
	check_languages, check_sandbox, check_terminal,  check_paths,  check_store,
	check_packs,     check_judges,  check_portfolio, check_config,
};

int command_doctor(struct cli *cli, const struct command_args *args)
{
	struct doctor doctor = { .cli = cli, .json = cli->json ? cJSON_CreateArray() : NULL };

	(void)args;
	if (!doctor.json)
		printf("kodelab %s\n", KL_VERSION);
	for (size_t i = 0; i < KL_LENGTH(checks); i++)
		checks[i](&doctor);
	if (doctor.json)
		cli_print_json(doctor.json);
	return doctor.bad ? EXIT_COULD_NOT : EXIT_DONE;
}
