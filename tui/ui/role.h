#ifndef TUI_ROLE_H
#define TUI_ROLE_H

/*
 * What a cell means. Panes draw roles, themes give roles their looks: no pane knows a colour.
 *
 * X(constant, name in theme files, role it looks like when a theme does not name it). A parent stands above its
 * children in the list. ROLE_TEXT is the root: it has the theme's ground colours.
 */

#include <stdbool.h>
#include <stdint.h>

/* clang-format off */
#define ROLE_MAP(X) \
	X(ROLE_TEXT,          "text",            ROLE_TEXT) \
	X(ROLE_DIM,           "dim",             ROLE_TEXT) \
	X(ROLE_EMPHASIS,      "emphasis",        ROLE_TEXT) \
	X(ROLE_STRONG,        "strong",          ROLE_TEXT) \
	X(ROLE_HEADING,       "heading",         ROLE_STRONG) \
	X(ROLE_CODE,          "code",            ROLE_TEXT) \
	X(ROLE_LINK,          "link",            ROLE_EMPHASIS) \
	X(ROLE_QUOTE,         "quote",           ROLE_DIM) \
	/* frame of the screen */ \
	X(ROLE_TITLE,         "title",           ROLE_STRONG) \
	X(ROLE_TITLE_FOCUS,   "title_focus",     ROLE_TITLE) \
	X(ROLE_BORDER,        "border",          ROLE_DIM) \
	X(ROLE_BORDER_FOCUS,  "border_focus",    ROLE_BORDER) \
	X(ROLE_SCROLLBAR,     "scrollbar",       ROLE_BORDER) \
	X(ROLE_STATUS,        "status",          ROLE_TEXT) \
	X(ROLE_STATUS_ACCENT, "status_accent",   ROLE_STATUS) \
	X(ROLE_HINT_KEY,      "hint_key",        ROLE_STATUS) \
	X(ROLE_HINT,          "hint",            ROLE_STATUS) \
	X(ROLE_TAB,           "tab",             ROLE_DIM) \
	X(ROLE_TAB_FOCUS,     "tab_focus",       ROLE_TITLE_FOCUS) \
	X(ROLE_MENU,          "menu",            ROLE_TEXT) \
	X(ROLE_MENU_SELECTED, "menu_selected",   ROLE_MENU) \
	X(ROLE_MENU_KEY,      "menu_key",        ROLE_MENU) \
	X(ROLE_DIALOG,        "dialog",          ROLE_MENU) \
	X(ROLE_DIALOG_TITLE,  "dialog_title",    ROLE_DIALOG) \
	X(ROLE_FIELD,         "field",           ROLE_TEXT) \
	X(ROLE_PLACEHOLDER,   "placeholder",     ROLE_DIM) \
	X(ROLE_BUTTON,        "button",          ROLE_MENU) \
	X(ROLE_BUTTON_FOCUS,  "button_focus",    ROLE_MENU_SELECTED) \
	X(ROLE_COLUMN,        "column",          ROLE_STRONG) \
	X(ROLE_SELECTED,      "selected",        ROLE_MENU_SELECTED) \
	X(ROLE_SELECTED_DIM,  "selected_dim",    ROLE_SELECTED) \
	/* news */ \
	X(ROLE_INFO,          "info",            ROLE_STATUS) \
	X(ROLE_SUCCESS,       "success",         ROLE_STATUS) \
	X(ROLE_WARNING,       "warning",         ROLE_STRONG) \
	X(ROLE_ERROR,         "error",           ROLE_WARNING) \
	/* the editor */ \
	X(ROLE_GUTTER,        "gutter",          ROLE_DIM) \
	X(ROLE_GUTTER_CURSOR, "gutter_cursor",   ROLE_GUTTER) \
	X(ROLE_GUTTER_ERROR,  "gutter_error",    ROLE_ERROR) \
	X(ROLE_GUTTER_WARNING, "gutter_warning", ROLE_WARNING) \
	X(ROLE_SELECTION,     "selection",       ROLE_TEXT) \
	X(ROLE_CURSOR_LINE,   "cursor_line",     ROLE_TEXT) \
	X(ROLE_MATCH,         "match",           ROLE_TEXT) \
	X(ROLE_MATCH_CURRENT, "match_current",   ROLE_MATCH) \
	X(ROLE_BRACKET,       "bracket",         ROLE_MATCH) \
	X(ROLE_READONLY,      "readonly",        ROLE_TEXT) \
	X(ROLE_WHITESPACE,    "whitespace",      ROLE_DIM) \
	X(ROLE_CONTROL,       "control",         ROLE_WHITESPACE) \
	/* what the lexer finds, in the order of enum kl_token */ \
	X(ROLE_TOKEN_TEXT,      "token_text",      ROLE_TEXT) \
	X(ROLE_TOKEN_KEYWORD,   "token_keyword",   ROLE_TOKEN_TEXT) \
	X(ROLE_TOKEN_TYPE,      "token_type",      ROLE_TOKEN_TEXT) \
	X(ROLE_TOKEN_CONSTANT,  "token_constant",  ROLE_TOKEN_TEXT) \
	X(ROLE_TOKEN_NUMBER,    "token_number",    ROLE_TOKEN_CONSTANT) \
	X(ROLE_TOKEN_STRING,    "token_string",    ROLE_TOKEN_TEXT) \
	X(ROLE_TOKEN_ESCAPE,    "token_escape",    ROLE_TOKEN_STRING) \
	X(ROLE_TOKEN_COMMENT,   "token_comment",   ROLE_TOKEN_TEXT) \
	X(ROLE_TOKEN_PREPROC,   "token_preproc",   ROLE_TOKEN_KEYWORD) \
	X(ROLE_TOKEN_FUNCTION,  "token_function",  ROLE_TOKEN_TEXT) \
	X(ROLE_TOKEN_OPERATOR,  "token_operator",  ROLE_TOKEN_TEXT) \
	X(ROLE_TOKEN_VARIABLE,  "token_variable",  ROLE_TOKEN_TEXT) \
	X(ROLE_TOKEN_ATTRIBUTE, "token_attribute", ROLE_TOKEN_PREPROC) \
	X(ROLE_TOKEN_ERROR,     "token_error",     ROLE_ERROR) \
	/* tests and attempts */ \
	X(ROLE_PASSED,        "passed",          ROLE_TEXT) \
	X(ROLE_FAILED,        "failed",          ROLE_STRONG) \
	X(ROLE_SKIPPED,       "skipped",         ROLE_DIM) \
	X(ROLE_RUNNING,       "running",         ROLE_EMPHASIS) \
	X(ROLE_HIDDEN,        "hidden",          ROLE_DIM) \
	X(ROLE_DIFF_SAME,     "diff_same",       ROLE_TEXT) \
	X(ROLE_DIFF_ADD,      "diff_add",        ROLE_PASSED) \
	X(ROLE_DIFF_REMOVE,   "diff_remove",     ROLE_FAILED) \
	X(ROLE_DIFF_MARK,     "diff_mark",       ROLE_MATCH) \
	X(ROLE_OUTPUT,        "output",          ROLE_TEXT) \
	X(ROLE_OUTPUT_ERROR,  "output_error",    ROLE_TEXT) \
	X(ROLE_PLACE,         "place",           ROLE_LINK) \
	X(ROLE_VALUE,         "value",           ROLE_CODE) \
	/* challenges and figures */ \
	X(ROLE_BEGINNER,      "beginner",        ROLE_TEXT) \
	X(ROLE_INTERMEDIATE,  "intermediate",    ROLE_TEXT) \
	X(ROLE_ADVANCED,      "advanced",        ROLE_TEXT) \
	X(ROLE_EXPERT,        "expert",          ROLE_STRONG) \
	X(ROLE_DONE,          "done",            ROLE_PASSED) \
	X(ROLE_BEGUN,         "begun",           ROLE_RUNNING) \
	X(ROLE_NEW,           "new",             ROLE_DIM) \
	X(ROLE_TAG,           "tag",             ROLE_DIM) \
	X(ROLE_STREAK,        "streak",          ROLE_STRONG) \
	X(ROLE_BAR,           "bar",             ROLE_STRONG) \
	X(ROLE_BAR_REST,      "bar_rest",        ROLE_DIM) \
	X(ROLE_HEAT_0,        "heat_0",          ROLE_DIM) \
	X(ROLE_HEAT_1,        "heat_1",          ROLE_TEXT) \
	X(ROLE_HEAT_2,        "heat_2",          ROLE_HEAT_1) \
	X(ROLE_HEAT_3,        "heat_3",          ROLE_HEAT_2) \
	X(ROLE_HEAT_4,        "heat_4",          ROLE_HEAT_3)
/* clang-format on */

enum role {
#define X(id, name, parent) id,
	ROLE_MAP(X)
#undef X
		ROLE_COUNT
};

/* The role of a lexer's token: ROLE_OF_TOKEN(span.token). */
#define ROLE_OF_TOKEN(token) ((enum role)(ROLE_TOKEN_TEXT + (int)(token)))

const char *role_name(enum role role);
enum role role_parent(enum role role);
/* By name; false when there is none. */
bool role_find(enum role *out, const char *name);

#endif
