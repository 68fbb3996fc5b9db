/* Options and the files they are kept in. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>

#include <kodelab/alloc.h>
#include <kodelab/config.h>
#include <kodelab/file.h>
#include <kodelab/suggest.h>

static char top[] = "/tmp/kodelab-test-XXXXXX";
static char *user_file, *site_file;
static struct kl_paths paths;

static void put(const char *path, const char *text)
{
	char *folder = kl_strndup(path, (size_t)(kl_path_name(path) - path));

	assert_int_equal(kl_path_make(folder, NULL), KL_OK);
	assert_int_equal(kl_file_write(path, text, strlen(text), 0644, NULL), KL_OK);
	free(folder);
}

static void assert_file(const char *want)
{
	struct kl_buf text;

	kl_buf_init(&text, 10000);
	assert_int_equal(kl_file_read(&text, user_file, NULL), KL_OK);
	assert_string_equal(text.data, want);
	kl_buf_release(&text);
}

static int fresh(void **state)
{
	(void)state;
	return kl_file_remove_tree(top, NULL) ? -1 : 0;
}

/* --- the table ---------------------------------------------------------------------------------------------------- */

static void table(void **state)
{
	(void)state;
	for (size_t i = 0; i < kl_option_count(); i++) {
		const struct kl_option *option = kl_option_at(i);
		char *canonical;

		assert_int_equal(kl_option_check(&canonical, option, option->initial, NULL), KL_OK);
		assert_string_equal(canonical, option->initial);
		assert_ptr_equal(kl_option_find(option->name), option);
		assert_in_range(strlen(option->title), 4, 26); /* its column in the settings screen */
		assert_null(strchr(option->title, '.')); /* it is set apart by a period */
		assert_in_range(strlen(option->help), 10, 76); /* one line */
		assert_true(option->help[strlen(option->help) - 1] != '.');
		free(canonical);
	}
	assert_null(kl_option_at(kl_option_count()));
	assert_true(kl_option_find("portfolio.token")->secret);
}

static void values(void **state)
{
	/* clang-format off */
	static const struct { const char *name, *value, *canonical, *sentence; } rows[] = {
		{ "mouse", "YES", "true", NULL },
		{ "mouse", "off", "false", NULL },
		{ "mouse", "maybe", NULL, "'mouse' must be true or false, not 'maybe'" },
		{ "color", "Always", "always", NULL },
		{ "color", "some", NULL, "'color' must be one of: auto always never; not 'some'" },
		{ "color", "auto always", NULL, "'color' must be one of: auto always never; not 'auto always'" },
		{ "color", "", NULL, "'color' must be one of: auto always never; not ''" },
		{ "editor.tab_width", "08", "8", NULL },
		{ "editor.tab_width", "0", NULL, "'editor.tab_width' must be a number from 1 to 16, not '0'" },
		{ "editor.tab_width", "4x", NULL, "'editor.tab_width' must be a number from 1 to 16, not '4x'" },
		{ "editor.tab_width", " 4", NULL, "'editor.tab_width' must be a number from 1 to 16, not ' 4'" },
		{ "editor.tab_width", "99999999999999999999", NULL, "'editor.tab_width' must be a number from 1 to 16, not '99999999999999999999'" },
		{ "theme", "a\nb", NULL, "'theme' must be one line without control characters" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(rows); i++) {
		const struct kl_option *option = kl_option_find(rows[i].name);
		char *canonical = NULL;
		struct kl_error err;

		if (rows[i].sentence) {
			assert_int_equal(kl_option_check(&canonical, option, rows[i].value, &err), KL_EINVAL);
			assert_string_equal(err.message, rows[i].sentence);
		} else {
			assert_int_equal(kl_option_check(&canonical, option, rows[i].value, &err), KL_OK);
			assert_string_equal(canonical, rows[i].canonical);
		}
		free(canonical);
	}
}

static void suggestions(void **state)
{
	static const char *const words[] = { "theme", "title", "times", NULL };

	(void)state;
	assert_string_equal(kl_suggest("theem", words), "theme");
	assert_string_equal(kl_suggest("titel", words), "title");
	assert_null(kl_suggest("zebra", words));
	assert_int_equal(kl_edit_distance("", "abc"), 3);
	assert_int_equal(kl_edit_distance("ab", "ba"), 1);
	assert_int_equal(kl_edit_distance("kitten", "sitting"), 3);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static void defaults(void **state)
{
	struct kl_config *config = kl_config_open(&paths);
	const char *keys, *request;
	int line;

	(void)state;
	assert_int_equal(kl_config_problem_count(config), 0);
	assert_string_equal(kl_config_string(config, "theme"), "dark");
	assert_int_equal(kl_config_int(config, "watch.interval_ms"), 500);
	assert_true(kl_config_bool(config, "mouse"));
	assert_true(kl_config_is_default(config, "mouse"));
	assert_false(kl_config_bind(config, 0, &keys, &request, &line));
	assert_string_equal(kl_config_path(config), user_file);
	kl_config_close(config);
	kl_config_close(NULL);
}

static void layers(void **state)
{
	struct kl_config *config;

	(void)state;
	put(site_file, "theme = mono\neditor.tab_width = 8\n");
	put(user_file, "# mine\n  theme=light   # bright\r\n\nlanguage = \"c\"\nportfolio.name = Ada # L.\n"
		       "portfolio.email = \" a#b \\\"q\\\" \" # quoted\nportfolio.remote = https://x/#y\nmouse = no");
	config = kl_config_open(&paths);
	assert_int_equal(kl_config_problem_count(config), 0);
	assert_string_equal(kl_config_string(config, "theme"), "light");
	assert_int_equal(kl_config_int(config, "editor.tab_width"), 8);
	assert_false(kl_config_is_default(config, "editor.tab_width"));
	assert_string_equal(kl_config_string(config, "language"), "c");
	assert_string_equal(kl_config_string(config, "portfolio.name"), "Ada");
	assert_string_equal(kl_config_string(config, "portfolio.email"), " a#b \"q\" ");
	assert_string_equal(kl_config_string(config, "portfolio.remote"), "https://x/#y");
	assert_false(kl_config_bool(config, "mouse"));
	assert_int_equal(kl_config_unset(config, "theme", NULL), KL_OK);
	assert_string_equal(kl_config_string(config, "theme"), "mono");
	kl_config_close(config);
}

static void bad_lines(void **state)
{
	/* clang-format off */
	static const char *const sentences[] = {
		"config:1: unknown option 'editor.tabwidth', did you mean 'editor.tab_width'?",
		"config:2: unknown option 'zebra' ('kodelab config' shows all)",
		"config:3: 'editor.tab_width' must be a number from 1 to 16, not 'wide'",
		"config:4: expected 'name = value'",
		"config:5: expected 'name = value'",
		"config:6: expected one text in double quotes",
		"config:7: expected one text in double quotes",
		"config:8: expected 'bind <keys> <request>'",
		"config:9: expected 'bind <keys> <request>'",
	};
	/* clang-format on */
	struct kl_config *config;

	(void)state;
	put(user_file, "editor.tabwidth = 3\nzebra = 1\neditor.tab_width = wide\nfoo\n= 3\ntheme = \"dark\n"
		       "theme = \"dark\" x\nbind\nbind C-s\ntheme = light\n");
	config = kl_config_open(&paths);
	assert_int_equal(kl_config_problem_count(config), KL_LENGTH(sentences));
	for (size_t i = 0; i < KL_LENGTH(sentences); i++)
		assert_string_equal(kl_config_problem(config, i), sentences[i]);
	assert_null(kl_config_problem(config, KL_LENGTH(sentences)));
	assert_int_equal(kl_config_int(config, "editor.tab_width"), 4);
	assert_string_equal(kl_config_string(config, "theme"), "light");
	kl_config_close(config);
}

static void binds(void **state)
{
	/* clang-format off */
	static const struct { const char *keys, *request; int line; } want[] = {
		{ "C-s", "save", 1 }, { "C-x C-s", "save", 3 }, { "#", "comment", 4 }, { "F5", "run", 5 },
	};
	/* clang-format on */
	struct kl_config *config;
	const char *keys, *request;
	int line;

	(void)state;
	put(user_file, "bind C-s save # keep\n\nbind  C-x C-s\tsave\nbind # comment\n  bind F5 run\n");
	config = kl_config_open(&paths);
	assert_int_equal(kl_config_problem_count(config), 0);
	for (size_t i = 0; i < KL_LENGTH(want); i++) {
		assert_true(kl_config_bind(config, i, &keys, &request, &line));
		assert_string_equal(keys, want[i].keys);
		assert_string_equal(request, want[i].request);
		assert_int_equal(line, want[i].line);
	}
	assert_false(kl_config_bind(config, 4, &keys, &request, &line));
	kl_config_close(config);
}

static void unreadable(void **state)
{
	struct kl_config *config;
	char *want = kl_format("'%s' is not a regular file", user_file);

	(void)state;
	assert_int_equal(kl_path_make(user_file, NULL), KL_OK);
	config = kl_config_open(&paths);
	assert_int_equal(kl_config_problem_count(config), 1);
	assert_string_equal(kl_config_problem(config, 0), want);
	kl_config_close(config);
	free(want);
}

/* --- changing ----------------------------------------------------------------------------------------------------- */

static void setting(void **state)
{
	struct kl_config *config;
	struct kl_error err;

	(void)state;
	put(user_file, "# my file\n\ntheme = dark # for now\nnonsense\ntheme=mono\t# later\nbind C-s save");
	config = kl_config_open(&paths);
	assert_int_equal(kl_config_set(config, "theme", "light", NULL), KL_OK);
	assert_string_equal(kl_config_string(config, "theme"), "light");
	assert_file("# my file\n\ntheme = dark # for now\nnonsense\ntheme = light\t# later\nbind C-s save");
	assert_int_equal(kl_config_set(config, "mouse", "off", NULL), KL_OK);
	assert_int_equal(kl_config_set(config, "portfolio.name", " A # \"B\\\" ", NULL), KL_OK);
	assert_file("# my file\n\ntheme = dark # for now\nnonsense\ntheme = light\t# later\nbind C-s save\n"
		    "mouse = false\nportfolio.name = \" A # \\\"B\\\\\\\" \"\n");
	assert_int_equal(kl_config_set(config, "theem", "x", &err), KL_EINVAL);
	assert_string_equal(err.message, "unknown option 'theem', did you mean 'theme'?");
	assert_int_equal(kl_config_set(config, "mouse", "x", &err), KL_EINVAL);
	assert_string_equal(err.message, "'mouse' must be true or false, not 'x'");
	assert_int_equal(kl_config_unset(config, "theem", &err), KL_EINVAL);
	assert_int_equal(kl_config_unset(config, "theme", NULL), KL_OK);
	assert_true(kl_config_is_default(config, "theme"));
	kl_config_close(config);
	config = kl_config_open(&paths);
	assert_string_equal(kl_config_string(config, "theme"), "dark");
	assert_string_equal(kl_config_string(config, "portfolio.name"), " A # \"B\\\" ");
	assert_int_equal(kl_config_problem_count(config), 1);
	kl_config_close(config);
	assert_file("# my file\n\nnonsense\nbind C-s save\nmouse = false\nportfolio.name = \" A # \\\"B\\\\\\\" \"\n");
}

static void setting_the_first(void **state)
{
	struct kl_config *config = kl_config_open(&paths);
	struct stat st;

	(void)state;
	assert_int_equal(kl_config_unset(config, "theme", NULL), KL_OK);
	assert_false(kl_path_exists(user_file));
	assert_int_equal(kl_config_set(config, "editor.program", "", NULL), KL_OK);
	assert_file("editor.program = \"\"\n");
	put(user_file, "");
	assert_int_equal(kl_config_set(config, "portfolio.token", "secret", NULL), KL_OK);
	assert_int_equal(stat(user_file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	kl_config_close(config);
}

static int make_top(void **state)
{
	(void)state;
	if (!mkdtemp(top))
		return -1;
	paths.config = kl_path_join(top, "home");
	user_file = kl_path_join(paths.config, "config");
	site_file = kl_path_join(top, "site/config");
	return setenv("KODELAB_SITE_CONFIG", site_file, 1);
}

static int remove_top(void **state)
{
	(void)state;
	free(paths.config);
	free(user_file);
	free(site_file);
	return kl_file_remove_tree(top, NULL) ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(values),
		cmocka_unit_test(suggestions),
		cmocka_unit_test_setup(defaults, fresh),
		cmocka_unit_test_setup(layers, fresh),
		cmocka_unit_test_setup(bad_lines, fresh),
		cmocka_unit_test_setup(binds, fresh),
		cmocka_unit_test_setup(unreadable, fresh),
		cmocka_unit_test_setup(setting, fresh),
		cmocka_unit_test_setup(setting_the_first, fresh),
	};

	return cmocka_run_group_tests(tests, make_top, remove_top);
}
