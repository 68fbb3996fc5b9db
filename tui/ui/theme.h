#ifndef TUI_THEME_H
#define TUI_THEME_H

/*
 * Themes turn roles into colours and attributes, and colours into what a terminal has. A theme is a file of lines
 *
 *     role = foreground [background] [attribute...]      # a comment
 *
 * (docs/theme-format.md); a role that is not named looks like its parent in role.h, and a part written as "-" is
 * the parent's.
 */

#include <stdbool.h>
#include <stdint.h>

#include <kodelab/error.h>

#include "role.h"

enum color_kind { COLOR_UNSET, COLOR_DEFAULT, COLOR_INDEX, COLOR_RGB };

struct color {
	enum color_kind kind;
	uint32_t value; /* palette number, or 0xrrggbb */
};

/* How a cell looks: as asked for by a theme, or (from theme_look) as the terminal can do it. */
struct look {
	struct color fg, bg;
	unsigned attrs; /* enum attr */
};

/* What a terminal can show. */
enum color_depth { DEPTH_MONO, DEPTH_8, DEPTH_16, DEPTH_256, DEPTH_RGB };

struct kl_paths;
struct theme;

/* Reads a theme file. KL_EINVAL: "dark.theme:12: ..."; KL_ENOENT. */
enum kl_status theme_open(struct theme **out, const char *path, struct kl_error *err) KL_MUST_CHECK;
/*
 * The theme of that name: themes/NAME.theme in the person's config folder, then in the shared one. When that fails,
 * the built-in theme, which needs no file; err (may be NULL) then says why, its status is KL_OK otherwise. Never NULL.
 */
struct theme *theme_load(const struct kl_paths *paths, const char *name, struct kl_error *err);
/* The built-in themes: "dark", or with color false "mono". */
struct theme *theme_builtin(bool color);
void theme_free(struct theme *theme);
const char *theme_name(const struct theme *theme);
/* The theme after name in the order of names, for switching; owned by the caller. name itself when there is no other. */
char *theme_next(const struct kl_paths *paths, const char *name);

/* From now on looks are for a terminal of this depth (at first: DEPTH_RGB). On DEPTH_MONO the looks are those of the built-in "mono". */
void theme_set_depth(struct theme *theme, enum color_depth depth);
/* The look of a cell: its role on a ground (ROLE_TEXT: none), with more attributes. */
struct look theme_look(const struct theme *theme, enum role role, enum role ground, unsigned attrs);

#endif
