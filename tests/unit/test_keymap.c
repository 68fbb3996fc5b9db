/* links: tui/ui/keymap.c tui/ui/key.c tui/ui/request.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/config.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "tui/ui/keymap.h"

static char folder[] = "/tmp/kodelab-keymap-XXXXXX";

/* A keymap with these lines as the person's config; problems (may be NULL) is initialised. */
static struct keymap *open_keymap(const char *config_text, struct kl_buf *problems)
{
	struct kl_paths paths = { .config = folder };
	char *path = kl_path_join(folder, "config");
	struct kl_config *config;
	struct keymap *keymap;

	assert_int_equal(kl_file_write(path, config_text, strlen(config_text), 0600, NULL), KL_OK);
	setenv("KODELAB_SITE_CONFIG", "/dev/null", 1);
	config = kl_config_open(&paths);
	if (problems)
		kl_buf_init(problems, 4096);
	keymap = keymap_new(config, problems);
	kl_config_close(config);
	unlink(path);
	free(path);
	return keymap;
}

/* What the last key of a sequence gives: a request's name, "more" or "nothing". */
static const char *answer(const struct keymap *keymap, struct keymap_state *state, enum scope scope, const char *names)
{
	struct key keys[8];
	size_t count = key_parse_sequence(keys, KL_LENGTH(keys), names);
	enum keymap_answer is = KEYMAP_NONE;
	enum request request = REQ_NONE;

	assert_true(count > 0);
	for (size_t i = 0; i < count; i++)
		is = keymap_key(&request, keymap, state, scope, keys[i]);
	return is == KEYMAP_MORE ? "more" : is == KEYMAP_NONE ? "nothing" : request_info(request)->name;
}

struct expected {
	enum scope scope;
	const char *keys, *answer;
};

static void assert_answers(const struct keymap *keymap, const struct expected *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct keymap_state state = { .count = 0 };

		assert_string_equal(answer(keymap, &state, cases[i].scope, cases[i].keys), cases[i].answer);
	}
}

static void the_default_map_knows_its_scopes(void **state)
{
	static const struct expected cases[] = {
		{ SCOPE_EDITOR, "C-x", "cut" },       { SCOPE_VIEW, "C-x", "nothing" },
		{ SCOPE_EDITOR, "Enter", "newline" }, { SCOPE_VIEW, "Enter", "select" },
		{ SCOPE_FIELD, "Enter", "select" },   { SCOPE_EDITOR, "j", "nothing" },
		{ SCOPE_VIEW, "j", "down" },          { SCOPE_FIELD, "q", "nothing" },
		{ SCOPE_READ, "n", "nothing" },       { SCOPE_READ, "Enter", "select" },
		{ SCOPE_EDITOR, "F5", "run" },        { SCOPE_FIELD, "F5", "run" },
		{ SCOPE_VIEW, "Esc", "back" },        { SCOPE_EDITOR, "C-z", "suspend" },
		{ SCOPE_EDITOR, "C-S-z", "redo" },    { SCOPE_VIEW, "F12", "nothing" },
	};
	struct keymap *keymap = open_keymap("", NULL);

	(void)state;
	assert_answers(keymap, cases, KL_LENGTH(cases));
	keymap_free(keymap);
	keymap_free(NULL);
}

static void config_lines_win(void **state)
{
	static const struct expected cases[] = {
		{ SCOPE_EDITOR, "C-r", "replace" }, /* the editor's own key is nearer than one for everywhere */
		{ SCOPE_VIEW, "C-r", "run" },         { SCOPE_EDITOR, "F5", "submit" },
		{ SCOPE_VIEW, "F5", "run" },          { SCOPE_VIEW, "q", "nothing" },
		{ SCOPE_EDITOR, "C-k", "more" },      { SCOPE_EDITOR, "C-k C-c", "comment" },
		{ SCOPE_EDITOR, "C-k x", "nothing" }, { SCOPE_VIEW, "C-k C-c", "back" },
	};
	struct kl_buf problems;
	struct keymap *keymap = open_keymap("bind C-r run\nbind editor F5 submit\nbind view q none\n"
					    "bind editor C-k C-c comment\n",
					    &problems);

	(void)state;
	assert_string_equal(problems.data, "");
	assert_answers(keymap, cases, KL_LENGTH(cases));
	kl_buf_release(&problems);
	keymap_free(keymap);
}

static void bad_lines_are_told(void **state)
{
	static const struct {
		const char *line, *problem;
	} cases[] = {
		{ "bind C-r rum\n", "config:1: there is no request 'rum'; the palette shows their names\n" },
		{ "\nbind C-r C-Foo run\n", "config:2: 'C-r C-Foo' is no key; write it as C-s, M-x, F5 or S-Up\n" },
		{ "bind editor Foo run\n", "config:1: 'editor Foo' is no key; write it as C-s, M-x, F5 or S-Up\n" },
		{ "bind a b c d e run\n", "config:1: 'a b c d e' is no key; write it as C-s, M-x, F5 or S-Up\n" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_buf problems;

		keymap_free(open_keymap(cases[i].line, &problems));
		assert_string_equal(problems.data, cases[i].problem);
		kl_buf_release(&problems);
		keymap_free(open_keymap(cases[i].line, NULL));
	}
}

static void a_broken_sequence_is_dropped(void **state)
{
	struct keymap *keymap = open_keymap("bind C-k C-c comment\nbind C-k C-k C-k C-k run\n", NULL);
	struct keymap_state keys = { .count = 0 };

	(void)state;
	assert_string_equal(answer(keymap, &keys, SCOPE_VIEW, "C-k"), "more");
	assert_string_equal(answer(keymap, &keys, SCOPE_VIEW, "j"), "nothing");
	assert_int_equal(keys.count, 0);
	assert_string_equal(answer(keymap, &keys, SCOPE_VIEW, "j"), "down");
	assert_string_equal(answer(keymap, &keys, SCOPE_VIEW, "C-k C-k C-k C-k"), "run");
	keymap_free(keymap);
}

static void a_sequence_may_begin_where_a_nearer_key_ends(void **state)
{
	/* bound later wins, whichever is longer; none takes both away */
	static const struct expected cases[] = {
		{ SCOPE_VIEW, "g", "more" },
		{ SCOPE_VIEW, "g g", "top" },
		{ SCOPE_VIEW, "d", "filter-difficulty" },
	};
	struct keymap *keymap =
		open_keymap("bind view g g top\nbind view d d remove\nbind view d filter-difficulty\n", NULL);

	(void)state;
	assert_answers(keymap, cases, KL_LENGTH(cases));
	keymap_free(keymap);
}

static void keys_have_names_for_hints_and_help(void **state)
{
	static const struct {
		enum scope scope;
		enum request request;
		const char *name;
	} cases[] = {
		{ SCOPE_EDITOR, REQ_RUN, "F5" },
		{ SCOPE_EDITOR, REQ_UNDO, "M-u" },
		{ SCOPE_VIEW, REQ_UNDO, "" },
		{ SCOPE_VIEW, REQ_BACK, "Q" },
		{ SCOPE_EDITOR, REQ_QUIT, "C-q" },
		{ SCOPE_EDITOR, REQ_BACK, "Esc" },
		{ SCOPE_EDITOR, REQ_COMMENT, "C-k C-c" },
	};
	struct keymap *keymap = open_keymap("bind view Q back\nbind editor C-k C-c comment\nbind F9 none\n", NULL);
	char text[KEYS_NAME_MAX];
	struct kl_buf names;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++)
		assert_string_equal(keymap_name(text, keymap, cases[i].scope, cases[i].request), cases[i].name);
	kl_buf_init(&names, 4096);
	keymap_names(&names, keymap, REQ_SUBMIT);
	assert_string_equal(names.data, "M-s"); /* F9 was taken away */
	kl_buf_clear(&names);
	keymap_names(&names, keymap, REQ_PALETTE);
	assert_string_equal(names.data, ":, C-p, M-x");
	kl_buf_clear(&names);
	keymap_names(&names, keymap, REQ_DELETE_LINE); /* C-u in a field, which undoes in the editor */
	assert_string_equal(names.data, "M-Delete, C-S-k");
	kl_buf_clear(&names);
	keymap_names(&names, keymap, REQ_SELECT); /* bound in two scopes, told once */
	assert_string_equal(names.data, "Enter");
	kl_buf_release(&names);
	keymap_free(keymap);
}

static void every_request_with_a_key_is_told_in_the_help(void **state)
{
	struct keymap *keymap = open_keymap("", NULL);

	(void)state;
	for (int i = 1; i < REQ_COUNT; i++) {
		enum request found;

		assert_true(request_find(&found, request_info((enum request)i)->name));
		assert_int_equal(found, i);
		assert_true(request_info((enum request)i)->help[0]);
	}
	keymap_free(keymap);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : 1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_map_knows_its_scopes),
		cmocka_unit_test(config_lines_win),
		cmocka_unit_test(bad_lines_are_told),
		cmocka_unit_test(a_broken_sequence_is_dropped),
		cmocka_unit_test(a_sequence_may_begin_where_a_nearer_key_ends),
		cmocka_unit_test(keys_have_names_for_hints_and_help),
		cmocka_unit_test(every_request_with_a_key_is_told_in_the_help),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
