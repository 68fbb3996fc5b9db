/* links: tui/ui/theme.c tui/ui/color.c tui/ui/role.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "tui/ui/canvas.h"
#include "tui/ui/color.h"
#include "tui/ui/theme.h"

static char folder[] = "/tmp/kodelab-theme-XXXXXX";
static char *share; /* of the source tree */

/* build/release/tests/test_theme lies in the tree that has themes/. */
static char *find_tree(void)
{
	char *program = realpath("/proc/self/exe", NULL);

	for (int i = 0; i < 4; i++)
		*strrchr(program, '/') = '\0';
	return program;
}

static int make_folder(void **state)
{
	char *themes;

	(void)state;
	if (!mkdtemp(folder))
		return 1;
	themes = kl_path_join(folder, "themes");
	mkdir(themes, 0700);
	free(themes);
	share = find_tree();
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	free(share);
	return kl_file_remove_tree(folder, NULL);
}

static enum kl_status open_text(struct theme **out, const char *text, struct kl_error *err)
{
	char *path = kl_format("%s/themes/own.theme", folder);
	enum kl_status status = kl_file_write(path, text, strlen(text), 0600, err);

	if (!status)
		status = theme_open(out, path, err);
	free(path);
	return status;
}

static void assert_color(struct color color, enum color_kind kind, uint32_t value)
{
	assert_int_equal(color.kind, kind);
	assert_int_equal(color.value, value);
}

static void roles_inherit(void **state)
{
	struct theme *theme;
	struct kl_error err;
	struct look look;

	(void)state;
	assert_int_equal(open_text(&theme,
				   "# a comment\n@blue = #0000ff\ntext = 15 #101010  # ground\n"
				   "strong = - - bold\nheading = @blue\nlink = red - underline\nplace = - - none\n"
				   "selection = - 4\nmatch = black yellow bold\n",
				   &err),
			 KL_OK);
	assert_string_equal(theme_name(theme), "own");
	look = theme_look(theme, ROLE_HEADING, ROLE_TEXT, 0);
	assert_color(look.fg, COLOR_RGB, 0x0000ff);
	assert_color(look.bg, COLOR_RGB, 0x101010);
	assert_int_equal(look.attrs, ATTR_BOLD);
	look = theme_look(theme, ROLE_PLACE, ROLE_TEXT, 0);
	assert_color(look.fg, COLOR_INDEX, 1);
	assert_int_equal(look.attrs, 0);
	look = theme_look(theme, ROLE_HEADING, ROLE_SELECTION, ATTR_REVERSE);
	assert_color(look.fg, COLOR_RGB, 0x0000ff);
	assert_color(look.bg, COLOR_INDEX, 4);
	assert_int_equal(look.attrs, ATTR_BOLD | ATTR_REVERSE);
	look = theme_look(theme, ROLE_HEADING, ROLE_BRACKET, 0);
	assert_color(look.fg, COLOR_INDEX, 0);
	assert_color(look.bg, COLOR_INDEX, 3);
	theme_free(theme);
}

static void mistakes_are_named_with_their_line(void **state)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{ "text = white\n\ntekst = red\n", "own.theme:3: there is no role 'tekst'." },
		{ "text = whyte\n", "own.theme:1: colours are #rrggbb, a name, 0 to 255, default or -, not 'whyte'." },
		{ "text = 256\n", "own.theme:1: colours are #rrggbb, a name, 0 to 255, default or -, not '256'." },
		{ "text = #12345\n",
		  "own.theme:1: colours are #rrggbb, a name, 0 to 255, default or -, not '#12345'." },
		{ "text = red blue fat\n",
		  "own.theme:1: attributes are bold, dim, italic, underline, reverse, strike or none, not 'fat'." },
		{ "text red\n", "own.theme:1: expected '=' after 'text'." },
		{ "text =\n", "own.theme:1: a colour is missing after '='." },
		{ "text = @no\n", "own.theme:1: colours are #rrggbb, a name, 0 to 255, default or -, not '@no'." },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct theme *theme = NULL;
		struct kl_error err;

		assert_int_equal(open_text(&theme, cases[i].text, &err), KL_EINVAL);
		assert_string_equal(err.message, cases[i].sentence);
		assert_null(theme);
	}
}

static void a_bad_theme_falls_back(void **state)
{
	char empty[] = "/nowhere";
	struct kl_paths paths = { .config = folder, .share = empty };
	struct theme *theme;
	struct kl_error err;

	(void)state;
	assert_int_equal(open_text(&theme, "text = oops\n", &err), KL_EINVAL);
	theme = theme_load(&paths, "own", &err);
	assert_int_equal(err.status, KL_EINVAL);
	assert_string_equal(theme_name(theme), "dark");
	theme_free(theme);
	theme = theme_load(&paths, "mono", &err);
	assert_int_equal(err.status, KL_ENOENT);
	assert_string_equal(err.message, "there is no theme 'mono'; choose one of: own");
	assert_string_equal(theme_name(theme), "mono");
	theme_free(theme);
	theme = theme_load(&paths, "../secret", &err);
	assert_string_equal(err.message, "'../secret' is not the name of a theme.");
	theme_free(theme);
}

static void shipped_themes_are_good_at_every_depth(void **state)
{
	static const char *const names[] = { "dark", "light", "high-contrast", "mono" };
	static const enum role seen[] = { ROLE_SELECTION, ROLE_MENU_SELECTED, ROLE_MATCH, ROLE_SELECTED, ROLE_STATUS };
	struct kl_paths paths = { .config = folder, .share = share };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(names); i++) {
		struct kl_error err;
		struct theme *theme = theme_load(&paths, names[i], &err);

		if (err.status)
			print_error("%s\n", err.message);
		assert_int_equal(err.status, KL_OK);
		for (enum color_depth depth = DEPTH_MONO; depth <= DEPTH_RGB; depth++) {
			struct look plain;

			theme_set_depth(theme, depth);
			plain = theme_look(theme, ROLE_TEXT, ROLE_TEXT, 0);
			for (size_t j = 0; j < KL_LENGTH(seen); j++) {
				struct look look = theme_look(theme, ROLE_TEXT, seen[j], 0);
				bool ground = look.bg.kind != plain.bg.kind || look.bg.value != plain.bg.value;
				bool turned = (look.attrs ^ plain.attrs) & ATTR_REVERSE;
				bool colorless = depth == DEPTH_MONO || i == 3;

				if (!(ground || turned || (colorless && look.attrs != plain.attrs)) &&
				    seen[j] != ROLE_STATUS)
					fail_msg("%s at depth %d: %s cannot be seen", names[i], (int)depth,
						 role_name(seen[j]));
			}
		}
		theme_free(theme);
	}
}

/* In a list of what is due, the marked row is one row. */
static void a_warning_does_not_look_marked(void **state)
{
	static const char *const names[] = { "dark", "light", "high-contrast" };
	struct kl_paths paths = { .config = folder, .share = share };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(names); i++) {
		struct theme *theme = theme_load(&paths, names[i], NULL);
		struct look warning, selected;

		theme_set_depth(theme, DEPTH_RGB);
		warning = theme_look(theme, ROLE_WARNING, ROLE_TEXT, 0);
		selected = theme_look(theme, ROLE_TEXT, ROLE_SELECTED, 0);
		if (warning.bg.kind == selected.bg.kind && warning.bg.value == selected.bg.value)
			fail_msg("%s: a warning has the ground of what is marked", names[i]);
		theme_free(theme);
	}
}

static void the_mono_file_is_the_built_in_one(void **state)
{
	struct kl_paths paths = { .config = folder, .share = share };
	struct theme *file, *built_in = theme_builtin(false);
	struct kl_error err;

	(void)state;
	file = theme_load(&paths, "mono", &err);
	for (enum role role = 0; role < ROLE_COUNT; role++) {
		struct look a = theme_look(file, role, ROLE_TEXT, 0), b = theme_look(built_in, role, ROLE_TEXT, 0);

		assert_int_equal(a.attrs, b.attrs);
		assert_int_equal(a.fg.kind, b.fg.kind);
		assert_int_equal(a.bg.kind, b.bg.kind);
	}
	theme_free(file);
	theme_free(built_in);
}

static void colors_become_what_looks_nearest(void **state)
{
	static const struct {
		uint32_t rgb;
		enum color_depth depth;
		uint32_t index;
	} cases[] = {
		{ 0x000000, DEPTH_256, 16 },  { 0xffffff, DEPTH_256, 231 }, { 0xff0000, DEPTH_256, 196 },
		{ 0x808080, DEPTH_256, 244 }, { 0x14181f, DEPTH_256, 234 }, { 0xff0000, DEPTH_8, 1 },
		{ 0x00ff00, DEPTH_8, 2 },     { 0xf0f0f0, DEPTH_8, 7 },     { 0x101010, DEPTH_8, 0 },
		{ 0xffff00, DEPTH_16, 11 },   { 0x7f7f7f, DEPTH_16, 8 },    { 0xc792ea, DEPTH_8, 5 },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct palette palette;

		palette_init(&palette, cases[i].depth);
		if (palette_nearest(&palette, (struct color){ COLOR_RGB, cases[i].rgb }).value != cases[i].index)
			fail_msg("%06x at depth %d is %u", (unsigned)cases[i].rgb, (int)cases[i].depth,
				 (unsigned)palette_nearest(&palette, (struct color){ COLOR_RGB, cases[i].rgb }).value);
	}
}

static void text_stays_readable(void **state)
{
	const struct color white = { COLOR_INDEX, 7 }, black = { COLOR_INDEX, 0 };

	(void)state;
	assert_color(color_readable(white, white, DEPTH_8), COLOR_INDEX, 0);
	assert_color(color_readable(black, black, DEPTH_16), COLOR_INDEX, 7);
	assert_color(color_readable(white, black, DEPTH_8), COLOR_INDEX, 7);
	assert_color(color_readable(white, white, DEPTH_256), COLOR_INDEX, 7);
}

static void themes_come_one_after_the_other(void **state)
{
	struct kl_paths paths = { .config = folder, .share = share };
	static const char *const order[] = { "dark", "high-contrast", "light", "mono", "own", "dark" };

	(void)state;
	for (size_t i = 0; i + 1 < KL_LENGTH(order); i++) {
		char *next = theme_next(&paths, order[i]);

		assert_string_equal(next, order[i + 1]);
		free(next);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roles_inherit),
		cmocka_unit_test(mistakes_are_named_with_their_line),
		cmocka_unit_test(a_bad_theme_falls_back),
		cmocka_unit_test(shipped_themes_are_good_at_every_depth),
		cmocka_unit_test(a_warning_does_not_look_marked),
		cmocka_unit_test(the_mono_file_is_the_built_in_one),
		cmocka_unit_test(colors_become_what_looks_nearest),
		cmocka_unit_test(text_stays_readable),
		cmocka_unit_test(themes_come_one_after_the_other),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
