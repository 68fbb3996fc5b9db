/* Finished work as commits: a real kodelab-git, judged by the real git. */

#include "tests/unit/scratch.h"

#include <kodelab/config.h>
#include <kodelab/loop.h>
#include <kodelab/portfolio.h>
#include <kodelab/worker.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NOON INT64_C(1767268800000)

static struct kl_loop *loop;
static struct kl_paths paths;
static struct kl_config *config;
static struct kl_portfolio *portfolio;

/* --- the scene -------------------------------------------------------------------------------------------------- */

static int set_up(void **state)
{
	if (scratch_open_fast(state))
		return -1;
	setenv("HOME", scratch, 1);
	setenv("TZ", "UTC", 1);
	tzset(); /* what was read before stays otherwise */
	setenv("KL_CLOCK", "1767272400000", 1);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("SSH_AUTH_SOCK");
	unsetenv("KODELAB_WORK");
	scratch_put(".gitconfig", "[user]\n\tname = Ada\n\temail = ada@example.org\n");
	if (kl_paths_init(&paths, NULL) || kl_loop_open(&loop, NULL))
		return -1;
	config = kl_config_open(&paths);
	portfolio = kl_portfolio_open(loop, &paths, config);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	kl_portfolio_close(portfolio);
	kl_config_close(config);
	kl_loop_close(loop);
	kl_paths_release(&paths);
	return scratch_close(state);
}

struct outcome {
	bool done;
	enum kl_status status;
	char message[512], commit[65], text[4096];
};

static void keep_outcome(void *ctx, const struct kl_portfolio_result *result)
{
	struct outcome *outcome = ctx;

	assert_false(outcome->done);
	outcome->done = true;
	outcome->status = result->error.status;
	snprintf(outcome->message, sizeof(outcome->message), "%s", result->error.status ? result->error.message : "");
	snprintf(outcome->commit, sizeof(outcome->commit), "%s", result->commit);
	snprintf(outcome->text, sizeof(outcome->text), "%s", result->text ? result->text : "");
}

static void wait_for(const struct outcome *outcome)
{
	while (!outcome->done)
		kl_loop_turn(loop, -1);
}

static struct kl_portfolio_item item_of(const char *attempt, const char *slug)
{
	return (struct kl_portfolio_item){ .attempt_id = attempt,
					   .pack = "starter",
					   .slug = slug,
					   .title = "Two sum",
					   .summary = "Find two numbers.",
					   .difficulty = "BEGINNER",
					   .category = "arrays",
					   .language = "python",
					   .source_name = "solution.py",
					   .statement = "Find *two* numbers.",
					   .code = attempt,
					   .code_len = strlen(attempt),
					   .score = 100,
					   .passed = 4,
					   .total = 4,
					   .cpu_us = 12000,
					   .peak_kib = 9000,
					   .at_ms = NOON };
}

static struct outcome commit_item(const struct kl_portfolio_item *item)
{
	struct outcome outcome = { .done = false };

	assert_int_equal(kl_portfolio_commit(portfolio, item, keep_outcome, &outcome, NULL), KL_OK);
	assert_false(outcome.done); /* never from inside the call */
	wait_for(&outcome);
	return outcome;
}

static struct outcome commit(const char *attempt, const char *slug)
{
	struct kl_portfolio_item item = item_of(attempt, slug);

	return commit_item(&item);
}

static struct outcome push(const char *remote)
{
	struct outcome outcome = { .done = false };

	assert_int_equal(kl_portfolio_push(portfolio, remote, keep_outcome, &outcome, NULL), KL_OK);
	wait_for(&outcome);
	return outcome;
}

/* --- the judge -------------------------------------------------------------------------------------------------- */

struct said {
	bool done;
	int wait_status;
	char text[4096];
};

static void keep_said(void *ctx, const struct kl_worker_result *result)
{
	struct said *said = ctx;

	said->done = true;
	said->wait_status = result->started ? result->wait_status : -1;
	snprintf(said->text, sizeof(said->text), "%s", result->out->data);
}

/* Runs git with these words in folder; fails the test unless it ends well. What it printed lives until the next call. */
static const char *git(const char *folder, const char *const *words)
{
	static struct said said;
	const char *argv[16] = { "git", "-C", folder, "-c", "protocol.file.allow=always" };
	struct kl_worker_spec spec = { .argv = argv, .on_done = keep_said, .ctx = &said, .deadline_ms = 20000 };
	struct kl_worker *worker;

	for (size_t i = 0; words[i] && i < 10; i++)
		argv[5 + i] = words[i];
	said = (struct said){ .done = false };
	assert_int_equal(kl_worker_start(&worker, loop, &spec, NULL), KL_OK);
	while (!said.done)
		kl_loop_turn(loop, -1);
	if (said.wait_status)
		fail_msg("git %s: %d %s", words[0], said.wait_status, said.text);
	return said.text;
}

#define GIT(folder, ...) git(folder, (const char *const[]){ __VA_ARGS__, NULL })
#define HERE(...)        GIT(kl_portfolio_path(portfolio), __VA_ARGS__)

static void assert_sound(void)
{
	HERE("fsck", "--strict", "--no-dangling");
	assert_string_equal(HERE("status", "--porcelain"), "");
}

static void assert_work_file(const char *name, const char *want)
{
	char *path = kl_path_join(kl_portfolio_path(portfolio), name);
	struct kl_buf text;

	kl_buf_init(&text, 100000);
	assert_int_equal(kl_file_read(&text, path, NULL), KL_OK);
	assert_string_equal(text.data, want);
	kl_buf_release(&text);
	free(path);
}

/* --- commits ---------------------------------------------------------------------------------------------------- */

static void first_pass_is_one_commit(void **state)
{
	struct outcome first = commit("a1", "two-sum"), again = commit("a1", "two-sum");
	char *want = kl_format("%s/kodelab-portfolio", scratch);

	(void)state;
	assert_string_equal(kl_portfolio_path(portfolio), want);
	free(want);
	assert_string_equal(first.message, "");
	assert_string_equal(first.text, "");
	assert_int_equal(strlen(first.commit), 40);
	assert_string_equal(again.message, "");
	assert_string_equal(again.commit, "");
	assert_string_equal(HERE("log", "--format=%an %ae %ad %s", "--date=unix"),
			    "Ada ada@example.org 1767268800 Solve Two sum in python\n");
	assert_string_equal(HERE("ls-tree", "-r", "--name-only", "main"),
			    ".kodelab/starter/two-sum.json\nREADME.md\narrays/two-sum/README.md\n"
			    "arrays/two-sum/solution.py\n");
	assert_work_file("arrays/two-sum/solution.py", "a1");
	assert_work_file("arrays/two-sum/README.md",
			 "# Two sum\n\nFind two numbers\\.\n\n"
			 "| Solution | Language | Score | Tests | Slowest | Memory | Solved |\n"
			 "|---|---|--:|--:|--:|--:|---|\n"
			 "| [solution.py](solution.py) | python | 100 | 4 of 4 | 12.0 ms | 8.8 MiB | 2026-01-01 |\n\n"
			 "Difficulty BEGINNER, from the pack starter.\n\n"
			 "## The problem\n\nFind *two* numbers.\n");
	assert_sound();
}

static void solving_again_adds(void **state)
{
	struct kl_portfolio_item item = item_of("a2", "two-sum");

	(void)state;
	commit("a1", "two-sum");
	item.language = "c";
	item.source_name = "solution.c";
	commit_item(&item);
	commit("a3", "two-sum");
	commit("a4", "other");
	assert_string_equal(HERE("log", "--format=%s"), "Solve Two sum in python\nSolve Two sum again in python\n"
							"Solve Two sum again in c\nSolve Two sum in python\n");
	assert_work_file("arrays/two-sum/solution.py", "a3");
	assert_work_file("arrays/two-sum/solution.c", "a2");
	assert_work_file("README.md",
			 "# Portfolio\n\n"
			 "<!-- kodelab:begin (made by KodeLab: write outside these two lines) -->\n\n"
			 "**2 challenges solved**, the last on 2026-01-01.\n\n"
			 "| Difficulty | Solved |\n|---|--:|\n| BEGINNER | 2 |\n\n"
			 "| Category | Solved |\n|---|--:|\n| arrays | 2 |\n\n"
			 "| Challenge | Category | Difficulty | Languages | Score | Solved |\n"
			 "|---|---|---|---|--:|---|\n"
			 "| [Two sum](arrays/other/) | arrays | BEGINNER | python | 100 | 2026-01-01 |\n"
			 "| [Two sum](arrays/two-sum/) | arrays | BEGINNER | python, c | 100 | 2026-01-01 |\n\n"
			 "<!-- kodelab:end -->\n");
	assert_sound();
}

static void jobs_queue_and_all_are_told(void **state)
{
	struct kl_portfolio_item items[] = { item_of("a1", "one"), item_of("a2", "two"), item_of("a3", "three") };
	struct outcome outcomes[4] = { { .done = false } };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(kl_portfolio_commit(portfolio, &items[i], keep_outcome, &outcomes[i], NULL), KL_OK);
	assert_int_equal(kl_portfolio_log(portfolio, 2, keep_outcome, &outcomes[3], NULL), KL_OK);
	wait_for(&outcomes[3]);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(strlen(outcomes[i].commit), 40);
	assert_int_equal(strncmp(outcomes[3].text, outcomes[2].commit, 7), 0);
	assert_string_equal(outcomes[3].text + 7 + strcspn(outcomes[3].text + 7, "\n") + 8,
			    "  2026-01-01 12:00  Solve Two sum in python\n");
	assert_sound();
}

static void hostile_names_stay_inside(void **state)
{
	struct kl_portfolio_item item = item_of("a1", "../../../etc/x");
	char long_title[300];
	struct outcome outcome;

	(void)state;
	memset(long_title, 'x', sizeof(long_title));
	memcpy(long_title, "a\n\nSigned-off-by: | <script>\033[2J", 32);
	long_title[sizeof(long_title) - 1] = '\0';
	item.category = ".git";
	item.pack = "..";
	item.source_name = "../.bashrc\n";
	item.title = long_title;
	item.summary = "";
	outcome = commit_item(&item);
	assert_string_equal(outcome.message, "");
	assert_string_equal(HERE("ls-tree", "-r", "--name-only", "main"),
			    "-git/-etc-x/-bashrc-\n-git/-etc-x/README.md\n"
			    ".kodelab/-/-etc-x.json\nREADME.md\n");
	assert_string_equal(HERE("log", "--format=%s"), "Solve a  Signed-off-by: | <script> [2Jxxxxxxxxxx in python\n");
	assert_string_equal(HERE("log", "--format=%(trailers:key=Signed-off-by)"), "\n");
	HERE("grep", "-F", "\\| \\<script\\>", "--", "README.md");
	assert_sound();
}

static void packs_with_the_same_slug_share_nothing(void **state)
{
	struct kl_portfolio_item item = item_of("a2", "two-sum");

	(void)state;
	item.pack = "other";
	commit("a1", "two-sum");
	commit_item(&item);
	assert_work_file("arrays/two-sum/solution.py", "a1");
	assert_work_file("arrays/two-sum-other/solution.py", "a2");
	assert_sound();
}

static void a_missing_name_is_told(void **state)
{
	struct outcome outcome;

	(void)state;
	scratch_put(".gitconfig", "[user]\n\tname = \n\temail = \n");
	outcome = commit("a1", "one");
	assert_string_equal(outcome.text,
			    "the commit has no name: set one with kodelab config portfolio.name and portfolio.email\n");
	assert_string_equal(HERE("log", "--format=%an %ae"), "A KodeLab student student@kodelab.invalid\n");
	assert_int_equal(kl_config_set(config, "portfolio.name", "Grace <Hopper>", NULL), KL_OK);
	assert_int_equal(kl_config_set(config, "portfolio.email", "grace@example.org", NULL), KL_OK);
	outcome = commit("a2", "two");
	assert_string_equal(outcome.text, "");
	assert_string_equal(HERE("log", "-1", "--format=%an|%ae"), "Grace  Hopper|grace@example.org\n");
	assert_sound();
}

/* --- the student's own changes ---------------------------------------------------------------------------------- */

static void changes_of_the_student_are_kept(void **state)
{
	struct outcome outcome;
	const char *kept;
	char *name;

	(void)state;
	commit("a1", "one");
	scratch_put("kodelab-portfolio/arrays/one/solution.py", "mine");
	scratch_put("kodelab-portfolio/staged.txt", "staged");
	HERE("add", "staged.txt");
	outcome = commit("a2", "one");
	assert_string_equal(outcome.message, "");
	kept = strstr(outcome.text, " are kept as ");
	assert_non_null(kept);
	assert_int_equal(strncmp(outcome.text, "your changes to arrays/one/solution.py are", 42), 0);
	name = kl_format("arrays/one/%.*s", (int)strcspn(kept + 13, "\n"), kept + 13);
	assert_work_file(name, "mine");
	assert_work_file("arrays/one/solution.py", "a2");
	assert_string_equal(HERE("ls-tree", "--name-only", "main"), ".kodelab\nREADME.md\narrays\n");
	assert_string_equal(HERE("diff", "--cached", "--name-only"), "staged.txt\n");
	free(name);
}

static void words_around_the_index_stay(void **state)
{
	(void)state;
	commit("a1", "one");
	HERE("config", "core.editor", "true");
	scratch_put("kodelab-portfolio/README.md", "# Ada's work\n\nHello.\n");
	HERE("commit", "-q", "-a", "-m", "my own front page");
	commit("a2", "two");
	assert_sound();
	HERE("grep", "-F", "Ada's work", "main", "--", "README.md");
	HERE("grep", "-F", "**2 challenges solved**", "main", "--", "README.md");
	HERE("rm", "-q", "--cached", "README.md"); /* uncommitted words stay uncommitted */
	HERE("reset", "-q");
	scratch_put("kodelab-portfolio/README.md", "# New words\n");
	commit("a3", "three");
	assert_string_equal(HERE("status", "--porcelain"), " M README.md\n");
	HERE("grep", "-F", "# New words", "--", "README.md");
	HERE("grep", "-F", "**3 challenges solved**", "--", "README.md");
	HERE("grep", "-F", "Ada's work", "main", "--", "README.md");
}

static void what_is_in_the_way_is_named(void **state)
{
	char *elsewhere = kl_path_join(scratch, "elsewhere"), *link = kl_path_join(scratch, "kodelab-portfolio/graphs"),
	     *want;
	struct kl_portfolio_item item = item_of("a2", "maze");
	struct outcome outcome;

	(void)state;
	commit("a1", "one");
	assert_int_equal(kl_path_make(elsewhere, NULL), KL_OK);
	assert_int_equal(symlink(elsewhere, link), 0);
	item.category = "graphs";
	outcome = commit_item(&item);
	assert_int_equal(outcome.status, KL_ECONFLICT);
	want = kl_format("'%s' is in the way: the portfolio needs a folder of that name", link);
	assert_string_equal(outcome.message, want);
	assert_string_equal(HERE("log", "--format=%s"), "Solve Two sum in python\n");
	free(want);
	free(link);
	free(elsewhere);
}

static void unready_repositories_are_refused(void **state)
{
	struct outcome outcome;
	char *want, *head = kl_path_join(scratch, "kodelab-portfolio/.git/MERGE_HEAD");

	(void)state;
	commit("a1", "one");
	scratch_put("kodelab-portfolio/.git/MERGE_HEAD", HERE("rev-parse", "HEAD"));
	outcome = commit("a2", "two");
	want = kl_format("a merge or rebase is under way in '%s': finish it with git, then try again",
			 kl_portfolio_path(portfolio));
	assert_int_equal(outcome.status, KL_ECONFLICT);
	assert_string_equal(outcome.message, want);
	free(want);
	assert_int_equal(unlink(head), 0);
	HERE("checkout", "-q", "--detach");
	outcome = commit("a2", "two");
	want = kl_format("the portfolio '%s' is on no branch: run git switch main there, then try again",
			 kl_portfolio_path(portfolio));
	assert_int_equal(outcome.status, KL_ECONFLICT);
	assert_string_equal(outcome.message, want);
	free(want);
	free(head);
}

static void a_missing_program_is_told(void **state)
{
	struct outcome outcome;
	struct kl_paths elsewhere = paths;
	struct kl_portfolio *other;
	struct kl_portfolio_item item = item_of("a1", "one");
	char *want;

	(void)state;
	elsewhere.libexec = scratch;
	other = kl_portfolio_open(loop, &elsewhere, config);
	outcome = (struct outcome){ .done = false };
	assert_int_equal(kl_portfolio_commit(other, &item, keep_outcome, &outcome, NULL), KL_OK);
	wait_for(&outcome);
	want = kl_format("cannot start '%s/kodelab-git': No such file or directory", scratch);
	assert_int_equal(outcome.status, KL_ENOTOOL);
	assert_string_equal(outcome.message, want);
	free(want);
	kl_portfolio_close(other);
}

static void count_calls(void *ctx, const struct kl_portfolio_result *result)
{
	(void)result;
	++*(int *)ctx;
}

static void closing_ends_a_job_quietly(void **state)
{
	struct kl_portfolio *other = kl_portfolio_open(loop, &paths, config);
	struct kl_portfolio_item item = item_of("a1", "one");
	int calls = 0;

	(void)state;
	assert_int_equal(kl_portfolio_commit(other, &item, count_calls, &calls, NULL), KL_OK);
	assert_int_equal(kl_portfolio_commit(other, &item, count_calls, &calls, NULL), KL_OK);
	kl_portfolio_close(other);
	commit("a2", "two"); /* turns the loop */
	assert_int_equal(calls, 0);
}

static void a_canceled_job_is_told(void **state)
{
	struct kl_portfolio_item item = item_of("a1", "one");
	struct outcome outcome = { .done = false };

	(void)state;
	kl_portfolio_cancel(portfolio);
	assert_int_equal(kl_portfolio_commit(portfolio, &item, keep_outcome, &outcome, NULL), KL_OK);
	kl_portfolio_cancel(portfolio);
	assert_false(outcome.done);
	wait_for(&outcome);
	assert_int_equal(outcome.status, KL_ECANCELED);
	assert_string_equal(outcome.message, "the commit was stopped");
	assert_string_equal(commit("a1", "one").message, "");
	assert_sound();
}

/* --- pushing ---------------------------------------------------------------------------------------------------- */

static void pushing_to_a_file_remote(void **state)
{
	char *bare = kl_path_join(scratch, "bare.git"), *clone = kl_path_join(scratch, "clone"), *want;
	char *url = kl_format("file://%s", bare);
	struct outcome outcome;

	(void)state;
	commit("a1", "one");
	GIT(scratch, "init", "-q", "--bare", "-b", "main", bare);
	outcome = push(url);
	want = kl_format("pushed main to %s\n", url);
	assert_string_equal(outcome.message, "");
	assert_string_equal(outcome.text, want);
	free(want);
	GIT(scratch, "clone", "-q", bare, clone);
	GIT(clone, "commit", "-q", "--allow-empty", "-m", "from elsewhere");
	GIT(clone, "push", "-q");
	commit("a2", "two");
	HERE("remote", "add", "origin", url);
	outcome = push(NULL);
	want = kl_format("'%s' has commits that are not here: run git -C '%s' pull --rebase, then push again", url,
			 kl_portfolio_path(portfolio));
	assert_int_equal(outcome.status, KL_ECONFLICT);
	assert_string_equal(outcome.message, want);
	free(want);
	HERE("pull", "-q", "--rebase", "origin", "main");
	assert_string_equal(push("origin").message, "");
	assert_string_equal(GIT(bare, "log", "--format=%s"),
			    "Solve Two sum in python\nfrom elsewhere\nSolve Two sum in python\n");
	assert_sound();
	free(url);
	free(clone);
	free(bare);
}

static void pushes_that_cannot_be(void **state)
{
	/* clang-format off */
	static const struct {
		const char *remote;
		enum kl_status status;
		const char *sentence; /* its beginning */
	} cases[] = {
		{ NULL,                      KL_ENOENT, "the portfolio has no remote 'origin': set one with kodelab config portfolio.remote <address>" },
		{ "nope",                    KL_ENOENT, "the portfolio has no remote 'nope': set one with kodelab config portfolio.remote <address>" },
		{ "-oProxyCommand=x/y",      KL_EINVAL, "'-oProxyCommand=x/y' is no address to push to" },
		{ "ext::sh -c id/",          KL_EINVAL, "'ext::sh -c id/' is no address to push to" },
		{ "ext::sh/",                KL_EINVAL, "'ext::sh/' would run a program: use https, ssh or file" },
		{ "ssh://-oProxyCommand=x/", KL_EINVAL, "'ssh://-oProxyCommand=x/' names no host" },
		{ "git@-oProxyCommand:x/y",  KL_EINVAL, "'git@-oProxyCommand:x/y' names no host" },
		{ "http://example.org/x",    KL_EINVAL, "http would send your work and token in the clear: use https" },
		{ "git://example.org/x",     KL_EINVAL, "git:// takes no pushes: use https or ssh" },
		{ "ftp://example.org/x",     KL_EINVAL, "'ftp://example.org/x' is no address to push to: use https://" },
		{ "../bare.git",             KL_EINVAL, "'../bare.git' is no address to push to: use https://" },
		{ "file:///nonexistent",     KL_ENOENT, "cannot push to 'file:///nonexistent': " },
		{ "https://ada:secret@localhost:1/x", KL_ENET, "cannot reach 'https://ada…@localhost:1/x': " },
		{ "ssh://git@localhost:1/x", KL_ENET,   "cannot reach 'ssh://git@localhost:1/x': " },
	};
	/* clang-format on */
	struct outcome outcome = push(NULL);
	char *want = kl_format("there is no portfolio at '%s' yet: it begins with the first challenge you pass",
			       kl_portfolio_path(portfolio));

	(void)state;
	assert_string_equal(outcome.message, want);
	free(want);
	commit("a1", "one");
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		outcome = push(cases[i].remote);
		if (strncmp(outcome.message, cases[i].sentence, strlen(cases[i].sentence)))
			assert_string_equal(outcome.message, cases[i].sentence);
		assert_int_equal(outcome.status, cases[i].status);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(first_pass_is_one_commit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(solving_again_adds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(jobs_queue_and_all_are_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(hostile_names_stay_inside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(packs_with_the_same_slug_share_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_missing_name_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(changes_of_the_student_are_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(words_around_the_index_stay, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_in_the_way_is_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(unready_repositories_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_missing_program_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(closing_ends_a_job_quietly, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_canceled_job_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pushing_to_a_file_remote, set_up, tear_down),
		cmocka_unit_test_setup_teardown(pushes_that_cannot_be, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
