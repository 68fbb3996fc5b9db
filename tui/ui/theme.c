/*
 * Theme files and looks. A theme is read into one `struct style` per role (as written), inheritance makes every part
 * known, and theme_set_depth translates the colours once; theme_look is then only table look-ups.
 */
#include "theme.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "canvas.h"
#include "color.h"

enum { THEME_FILE_MAX = 64 << 10, THEME_NAMES_MAX = 32, THEME_NAME_LEN = 32, LIST_MAX = 4096 };

struct style {
	struct color fg, bg; /* COLOR_UNSET: the parent's */
	unsigned attrs;
	bool attrs_set; /* else the parent's attributes are added */
};

struct theme {
	char *name; /* owned */
	struct style styles[ROLE_COUNT]; /* as written, then inherited; ROLE_TEXT is always set */
	struct look looks[ROLE_COUNT]; /* for the depth; COLOR_UNSET: ROLE_TEXT's */
	enum color_depth depth;
	struct theme *mono; /* owned; the looks on DEPTH_MONO */
};

static const char dark_text[] = "text = white black\n"
				"dim = cyan\n"
				"emphasis = - - underline\n"
				"strong = bright-white - bold\n"
				"border = blue\n"
				"border_focus = cyan\n"
				"status = black cyan\n"
				"selection = white blue\n"
				"menu_selected = black white\n"
				"match = black yellow\n"
				"error = bright-red - bold\n"
				"warning = yellow - bold\n"
				"token_keyword = bright-yellow\n"
				"token_string = green\n"
				"token_comment = cyan\n"
				"token_constant = magenta\n"
				"passed = green\n"
				"failed = bright-red - bold\n";

/* The same lines as themes/mono.theme, which is there to be copied. */
static const char mono_text[] = "text = default default none\n"
				"dim = - - none\n"
				"emphasis = - - underline\n"
				"strong = - - bold\n"
				"heading = - - bold underline\n"
				"title_focus = - - bold reverse\n"
				"border_focus = - - bold\n"
				"status = - - reverse\n"
				"status_accent = - - reverse bold\n"
				"hint_key = - - reverse bold\n"
				"menu_selected = - - reverse\n"
				"dialog_title = - - bold\n"
				"field = - - underline\n"
				"selection = - - reverse\n"
				"match = - - underline\n"
				"match_current = - - reverse bold\n"
				"bracket = - - bold underline\n"
				"token_keyword = - - bold\n"
				"failed = - - bold\n"
				"diff_add = - - none\n"
				"diff_remove = - - none\n"
				"diff_mark = - - reverse\n"
				"warning = - - bold\n"
				"error = - - bold reverse\n"
				"gutter_error = - - bold reverse\n"
				"gutter_warning = - - bold\n";

/* clang-format off */
static const struct {
	const char *name;
	unsigned attr;
} attributes[] = {
	{ "none", 0 },
	{ "bold", ATTR_BOLD },
	{ "dim", ATTR_DIM },
	{ "italic", ATTR_ITALIC },
	{ "underline", ATTR_UNDERLINE },
	{ "reverse", ATTR_REVERSE },
	{ "strike", ATTR_STRIKE },
};
/* clang-format on */

/* ---- reading --------------------------------------------------------------------------------------------------- */

/* Names for colours, "@accent = #88c0d0". */
struct color_name {
	char name[THEME_NAME_LEN];
	struct color color;
};

struct reader {
	struct theme *theme;
	const char *file; /* for errors */
	int line;
	struct color_name names[THEME_NAMES_MAX];
	size_t name_count;
};

struct word {
	const char *text;
	size_t len;
};

static struct word next_word(const char **at)
{
	struct word word;

	*at += strspn(*at, " \t\r");
	word.text = *at;
	word.len = strcspn(*at, " \t\r");
	*at += word.len;
	return word;
}

static bool word_is(struct word word, const char *text)
{
	return strlen(text) == word.len && memcmp(word.text, text, word.len) == 0;
}

static enum kl_status fail(const struct reader *reader, struct kl_error *err, const char *what, struct word word)
{
	return kl_fail(err, KL_EINVAL, "%s:%d: %s '%.*s'.", reader->file, reader->line, what, (int)word.len, word.text);
}

static enum kl_status read_color(struct color *out, const struct reader *reader, struct word word, struct kl_error *err)
{
	if (word_is(word, "-"))
		return KL_OK;
	for (size_t i = 0; i < reader->name_count; i++) {
		if (word_is(word, reader->names[i].name)) {
			*out = reader->names[i].color;
			return KL_OK;
		}
	}
	if (color_parse(out, word.text, word.len))
		return KL_OK;
	return fail(reader, err, "colours are #rrggbb, a name, 0 to 255, default or -, not", word);
}

static bool read_attr(struct style *style, struct word word)
{
	for (size_t i = 0; i < KL_LENGTH(attributes); i++) {
		if (word_is(word, attributes[i].name)) {
			style->attrs |= attributes[i].attr;
			style->attrs_set = true;
			return true;
		}
	}
	return false;
}

static enum kl_status read_style(struct style *style, const struct reader *reader, const char *at, struct kl_error *err)
{
	struct word word = next_word(&at);
	enum kl_status status;

	if (!word.len)
		return fail(reader, err, "a colour is missing after", (struct word){ "=", 1 });
	if ((status = read_color(&style->fg, reader, word, err)))
		return status;
	word = next_word(&at);
	if (word.len && !read_attr(style, word) && (status = read_color(&style->bg, reader, word, err)))
		return status;
	while ((word = next_word(&at)).len)
		if (!read_attr(style, word))
			return fail(reader, err,
				    "attributes are bold, dim, italic, underline, reverse, strike or none, not", word);
	return KL_OK;
}

static enum kl_status read_name(struct reader *reader, struct word name, const char *at, struct kl_error *err)
{
	struct color_name entry = { .color = { COLOR_UNSET, 0 } };
	enum kl_status status;

	if (name.len >= THEME_NAME_LEN || reader->name_count == THEME_NAMES_MAX)
		return fail(reader, err, "a theme has at most 32 names of at most 31 letters; too much is", name);
	memcpy(entry.name, name.text, name.len);
	if ((status = read_color(&entry.color, reader, next_word(&at), err)))
		return status;
	reader->names[reader->name_count++] = entry;
	return KL_OK;
}

static enum kl_status read_line(struct reader *reader, char *line, struct kl_error *err)
{
	char *comment = strstr(line, " #"); /* colours begin with #, comments with blank and # blank */
	const char *at = line;
	struct word name, equals;
	enum role role;

	for (; comment; comment = strstr(comment + 1, " #"))
		if (comment[2] == ' ' || comment[2] == '\0')
			*comment = '\0';
	name = next_word(&at);
	if (name.len == 0 || name.text[0] == '#')
		return KL_OK;
	equals = next_word(&at);
	if (!word_is(equals, "="))
		return fail(reader, err, "expected '=' after", name);
	if (name.text[0] == '@')
		return read_name(reader, name, at, err);
	line[name.text - line + (ptrdiff_t)name.len] = '\0';
	if (!role_find(&role, name.text))
		return fail(reader, err, "there is no role", name);
	return read_style(&reader->theme->styles[role], reader, at, err);
}

static enum kl_status read_text(struct theme *theme, const char *file, char *text, struct kl_error *err)
{
	struct reader reader = { .theme = theme, .file = file };
	enum kl_status status = KL_OK;

	while (!status && text) {
		char *line = strsep(&text, "\n");

		reader.line++;
		status = read_line(&reader, line, err);
	}
	return status;
}

/* ---- inheritance ----------------------------------------------------------------------------------------------- */

static void inherit(struct theme *theme)
{
	struct style *root = &theme->styles[ROLE_TEXT];

	if (root->fg.kind == COLOR_UNSET)
		root->fg.kind = COLOR_DEFAULT;
	if (root->bg.kind == COLOR_UNSET)
		root->bg.kind = COLOR_DEFAULT;
	for (enum role role = ROLE_TEXT + 1; role < ROLE_COUNT; role++) {
		const struct style *parent = &theme->styles[role_parent(role)];
		struct style *style = &theme->styles[role];

		if (role_parent(role) != ROLE_TEXT && style->fg.kind == COLOR_UNSET)
			style->fg = parent->fg;
		if (role_parent(role) != ROLE_TEXT && style->bg.kind == COLOR_UNSET)
			style->bg = parent->bg;
		if (!style->attrs_set)
			style->attrs |= parent->attrs;
	}
}

/* ---- life ------------------------------------------------------------------------------------------------------ */

static struct theme *theme_new(const char *name, size_t len)
{
	struct theme *theme = kl_calloc(1, sizeof(*theme));

	theme->name = kl_strndup(name, len);
	return theme;
}

void theme_free(struct theme *theme)
{
	if (!theme)
		return;
	theme_free(theme->mono);
	free(theme->name);
	free(theme);
}

/* A background that can be told from the ground in the theme, but not in few colours, becomes reverse. */
static bool ground_is_lost(const struct theme *theme, const struct look *look, const struct style *style)
{
	const struct color *ground = &theme->looks[ROLE_TEXT].bg;

	return look->bg.kind == COLOR_INDEX && ground->kind == COLOR_INDEX && look->bg.value == ground->value &&
	       color_differs(style->bg, theme->styles[ROLE_TEXT].bg);
}

static void translate(struct theme *theme, enum color_depth depth)
{
	struct palette palette;

	palette_init(&palette, depth);
	for (enum role role = 0; role < ROLE_COUNT; role++) {
		const struct style *style = &theme->styles[role];
		struct look *look = &theme->looks[role];

		look->fg = palette_nearest(&palette, style->fg);
		look->bg = palette_nearest(&palette, style->bg);
		look->attrs = style->attrs;
		if (role != ROLE_TEXT && ground_is_lost(theme, look, style))
			look->attrs |= ATTR_REVERSE;
	}
	theme->depth = depth;
}

struct theme *theme_builtin(bool color)
{
	struct theme *theme = color ? theme_new("dark", 4) : theme_new("mono", 4);
	char *text = kl_strdup(color ? dark_text : mono_text);

	if (read_text(theme, theme->name, text, NULL))
		kl_die("the built-in theme %s is wrong", theme->name);
	free(text);
	inherit(theme);
	translate(theme, DEPTH_RGB);
	return theme;
}

void theme_set_depth(struct theme *theme, enum color_depth depth)
{
	if (depth == DEPTH_MONO && !theme->mono) {
		theme->mono = theme_builtin(false);
		translate(theme->mono, DEPTH_MONO);
	}
	translate(theme, depth);
}

const char *theme_name(const struct theme *theme)
{
	return theme->name;
}

enum kl_status theme_open(struct theme **out, const char *path, struct kl_error *err)
{
	const char *file = kl_path_name(path);
	struct theme *theme = theme_new(file, strcspn(file, "."));
	enum kl_status status;
	struct kl_buf text;

	kl_buf_init(&text, THEME_FILE_MAX);
	if ((status = kl_file_read(&text, path, err)) || (status = read_text(theme, file, text.data, err))) {
		theme_free(theme);
	} else {
		inherit(theme);
		translate(theme, DEPTH_RGB);
		*out = theme;
	}
	kl_buf_release(&text);
	return status;
}

/* ---- folders --------------------------------------------------------------------------------------------------- */

static char *theme_path(const char *folder, const char *name)
{
	return kl_format("%s/themes/%s.theme", folder, name);
}

static enum kl_status no_such_theme(const struct kl_paths *paths, const char *name, struct kl_error *err)
{
	char *last = kl_strdup(""), *next = theme_next(paths, last);
	enum kl_status status;
	struct kl_buf names;

	kl_buf_init(&names, LIST_MAX);
	while (strcmp(next, last) > 0) { /* then it begins again */
		kl_buf_addf(&names, " %s", next);
		free(last);
		last = next;
		next = theme_next(paths, last);
	}
	status = kl_fail(err, KL_ENOENT, "there is no theme '%s'%s%s", name,
			 names.len ? "; choose one of:" : ": there are none here", names.data);
	kl_buf_release(&names);
	free(last);
	free(next);
	return status;
}

struct theme *theme_load(const struct kl_paths *paths, const char *name, struct kl_error *err)
{
	char *own = theme_path(paths->config, name), *shared = theme_path(paths->share, name);
	struct theme *theme = NULL;
	struct kl_error ignored = { .status = KL_OK };
	enum kl_status status;

	err = err ? err : &ignored;
	if (strchr(name, '/') || name[0] == '.')
		status = kl_fail(err, KL_EINVAL, "'%s' is not the name of a theme.", name);
	else if (!kl_path_exists(own) && !kl_path_exists(shared))
		status = no_such_theme(paths, name, err);
	else
		status = theme_open(&theme, kl_path_exists(own) ? own : shared, err);
	free(own);
	free(shared);
	if (status)
		return theme_builtin(strcmp(name, "mono") != 0);
	err->status = KL_OK;
	return theme;
}

/* Keeps in *best the smallest name after the given one, in *first the smallest of all. */
static void scan_folder(const char *folder, const char *after, char **first, char **best)
{
	char *path = kl_path_join(folder, "themes");
	DIR *dir = opendir(path);
	struct dirent *entry;

	free(path);
	while (dir && (entry = readdir(dir))) {
		const char *dot = strrchr(entry->d_name, '.');
		char *name;

		if (!dot || dot == entry->d_name || strcmp(dot, ".theme") != 0)
			continue;
		name = kl_strndup(entry->d_name, (size_t)(dot - entry->d_name));
		if (strcmp(name, after) > 0 && (!*best || strcmp(name, *best) < 0)) {
			free(*best);
			*best = kl_strdup(name);
		}
		if (!*first || strcmp(name, *first) < 0) {
			free(*first);
			*first = kl_strdup(name);
		}
		free(name);
	}
	if (dir)
		closedir(dir);
}

char *theme_next(const struct kl_paths *paths, const char *name)
{
	char *first = NULL, *best = NULL;

	scan_folder(paths->config, name, &first, &best);
	scan_folder(paths->share, name, &first, &best);
	if (best) {
		free(first);
		return best;
	}
	return first ? first : kl_strdup(name);
}

/* ---- looks ----------------------------------------------------------------------------------------------------- */

static struct color pick(struct color above, struct color below)
{
	return above.kind == COLOR_UNSET ? below : above;
}

struct look theme_look(const struct theme *theme, enum role role, enum role ground, unsigned attrs)
{
	const struct theme *source = theme->depth == DEPTH_MONO && theme->mono ? theme->mono : theme;
	const struct look *root = &source->looks[ROLE_TEXT], *own = &source->looks[role];
	const struct look *under = &source->looks[ground];
	struct look look = { .attrs = own->attrs | attrs };

	look.fg = pick(own->fg, root->fg);
	look.bg = pick(own->bg, root->bg);
	if (ground != ROLE_TEXT) {
		look.fg = pick(under->fg, look.fg);
		look.bg = pick(under->bg, look.bg);
		look.attrs |= under->attrs;
	}
	look.fg = color_readable(look.fg, look.bg, theme->depth);
	return look;
}
