#ifndef TUI_REQUEST_H
#define TUI_REQUEST_H

/*
 * What a person can ask of the lab. Keys become requests in the keymap; the palette, the help screen, the key
 * hints and `bind` lines read the same rows. A pane gets a request, and hands back what it does not know;
 * it then goes up to the screen and at last to the app.
 *
 * X(constant, name for `bind` and the palette, group in the help, sentence). An empty sentence keeps a row out of the palette.
 */

#include <stdbool.h>
#include <stddef.h>

/* clang-format off */
#define REQUEST_MAP(X) \
	X(REQ_NONE,           "none",            GROUP_APP,     "") \
	/* the lab */ \
	X(REQ_BACK,           "back",            GROUP_APP,     "Cancel what runs, close what is open, or go back") \
	X(REQ_HELP,           "help",            GROUP_APP,     "Show the keys and what they do here") \
	X(REQ_PALETTE,        "palette",         GROUP_APP,     "Find any command by name") \
	X(REQ_QUIT,           "quit",            GROUP_APP,     "Leave the lab; everything is kept") \
	X(REQ_SUSPEND,        "suspend",         GROUP_APP,     "Go back to the shell for a moment (fg returns)") \
	X(REQ_REDRAW,         "redraw",          GROUP_APP,     "Draw the whole screen again") \
	X(REQ_THEME,          "theme",           GROUP_APP,     "Switch to the next colour theme") \
	X(REQ_MOUSE,          "mouse",           GROUP_APP,     "Switch the mouse on or off") \
	/* going somewhere */ \
	X(REQ_HOME,           "home",            GROUP_GO,      "Go to the home screen") \
	X(REQ_BROWSE,         "browse",          GROUP_GO,      "Browse all challenges") \
	X(REQ_CONTINUE,       "continue",        GROUP_GO,      "Continue the challenge worked on last") \
	X(REQ_DAILY,          "daily",           GROUP_GO,      "Open today's challenge") \
	X(REQ_NEXT_CHALLENGE, "next-challenge",  GROUP_GO,      "Open the next challenge that is not done") \
	X(REQ_RANDOM,         "random",          GROUP_GO,      "Open a challenge picked by chance") \
	X(REQ_HISTORY,        "history",         GROUP_GO,      "Look at earlier attempts") \
	X(REQ_PROGRESS,       "progress",        GROUP_GO,      "See progress, streak and calendar") \
	X(REQ_PLAYGROUND,     "playground",      GROUP_GO,      "Open a scratch file in any language") \
	X(REQ_SETTINGS,       "settings",        GROUP_GO,      "Change settings") \
	X(REQ_KEYS,           "keys",            GROUP_GO,      "See your keys of judges and what they were used for") \
	X(REQ_JUDGES,         "judges",          GROUP_GO,      "See where your programs run; add and test judges") \
	X(REQ_JUDGE_STATS,    "judge-stats",     GROUP_GO,      "See what judges did for you, and how fast") \
	X(REQ_PUSH,           "portfolio-push",  GROUP_GO,      "Push the portfolio to its remote") \
	/* the class */ \
	X(REQ_COURSES,        "courses",         GROUP_CLASS,   "See your courses, what is set and when it is due") \
	X(REQ_DUE,            "due",             GROUP_CLASS,   "Open the assignment that is due first") \
	X(REQ_LEADERBOARD,    "leaderboard",     GROUP_CLASS,   "See who stands where in a course") \
	X(REQ_STAND,          "hide-me",         GROUP_CLASS,   "Hide yourself on the leaderboard, or stand there again") \
	X(REQ_REFRESH,        "refresh",         GROUP_CLASS,   "Ask the class server again") \
	/* those who teach; others do not see these rows */ \
	X(REQ_CLASS,          "class",           GROUP_TEACH,   "See which student is where, and which tests fail most") \
	X(REQ_GRADES,         "gradebook",       GROUP_TEACH,   "See the scores of a course") \
	X(REQ_EXPORT,         "export",          GROUP_TEACH,   "Write the gradebook to a file for a spreadsheet (CSV)") \
	X(REQ_EXTEND,         "extend",          GROUP_TEACH,   "Give a student more time for an assignment") \
	X(REQ_ANALYTICS,      "analytics",       GROUP_TEACH,   "See how challenges fare: who solved them, what fails") \
	X(REQ_PUBLISH,        "publish",         GROUP_TEACH,   "Publish a pack to your class") \
	/* moving: every pane and list */ \
	X(REQ_UP,             "up",              GROUP_MOVE,    "Up") \
	X(REQ_DOWN,           "down",            GROUP_MOVE,    "Down") \
	X(REQ_LEFT,           "left",            GROUP_MOVE,    "Left") \
	X(REQ_RIGHT,          "right",           GROUP_MOVE,    "Right") \
	X(REQ_PAGE_UP,        "page-up",         GROUP_MOVE,    "One page up") \
	X(REQ_PAGE_DOWN,      "page-down",       GROUP_MOVE,    "One page down") \
	X(REQ_TOP,            "top",             GROUP_MOVE,    "To the beginning") \
	X(REQ_BOTTOM,         "bottom",          GROUP_MOVE,    "To the end") \
	X(REQ_SELECT,         "select",          GROUP_MOVE,    "Open or choose what is marked") \
	X(REQ_SCROLL_UP,      "scroll-up",       GROUP_MOVE,    "Scroll one line up") \
	X(REQ_SCROLL_DOWN,    "scroll-down",     GROUP_MOVE,    "Scroll one line down") \
	/* lists */ \
	X(REQ_SEARCH,         "search",          GROUP_LIST,    "Search in the list") \
	X(REQ_DIFFICULTY,     "filter-difficulty", GROUP_LIST,  "Show only one difficulty") \
	X(REQ_STATUS,         "filter-status",   GROUP_LIST,    "Show only new, begun or done ones") \
	X(REQ_CATEGORY,       "filter-category", GROUP_LIST,    "Show only one category") \
	X(REQ_PACK,           "filter-pack",     GROUP_LIST,    "Show only one pack") \
	X(REQ_TAG,            "filter-tag",      GROUP_LIST,    "Show only one tag") \
	X(REQ_FILTER_CLEAR,   "filter-clear",    GROUP_LIST,    "Show all again") \
	X(REQ_SORT,           "sort",            GROUP_LIST,    "Sort by the next column") \
	X(REQ_SORT_TURN,      "sort-turn",       GROUP_LIST,    "Turn the order round") \
	X(REQ_DIFF,           "diff",            GROUP_LIST,    "Compare the marked attempt with the editor") \
	X(REQ_RESTORE,        "restore",         GROUP_LIST,    "Take the marked attempt into the editor") \
	X(REQ_REMOVE,         "remove",          GROUP_LIST,    "Remove the marked one") \
	X(REQ_ADD,            "add",             GROUP_LIST,    "Add one to the list") \
	X(REQ_TEST,           "test",            GROUP_LIST,    "Ask the marked judge whether it works and what it can do") \
	/* the workspace */ \
	X(REQ_RUN,            "run",             GROUP_WORK,    "Run the sample tests and your own inputs") \
	X(REQ_RUN_FRESH,      "run-fresh",       GROUP_WORK,    "Run, and take no result that a judge gave before") \
	X(REQ_SUBMIT,         "submit",          GROUP_WORK,    "Submit: run all tests and record the result") \
	X(REQ_CANCEL,         "cancel",          GROUP_WORK,    "Stop the tests that run") \
	X(REQ_HINT,           "hint",            GROUP_WORK,    "Reveal the next hint") \
	X(REQ_LANGUAGE,       "language",        GROUP_WORK,    "Choose the programming language") \
	X(REQ_RESET,          "reset",           GROUP_WORK,    "Begin again from the starter (can be undone)") \
	X(REQ_EDITOR,         "external-editor", GROUP_WORK,    "Hand the file to $EDITOR") \
	X(REQ_WATCH,          "watch",           GROUP_WORK,    "Run the tests whenever another editor saves the file") \
	X(REQ_OWN_INPUT,      "own-input",       GROUP_WORK,    "Make a test of your own, or change the marked one") \
	X(REQ_KEEP_INPUT,     "keep-input",      GROUP_WORK,    "Keep the marked test as a test of your own") \
	X(REQ_ARGUMENTS,      "arguments",       GROUP_WORK,    "Give the playground's program arguments") \
	X(REQ_NEXT_PLACE,     "next-place",      GROUP_WORK,    "Jump to the next line named by a message") \
	X(REQ_NEXT_FAILURE,   "next-failure",    GROUP_WORK,    "Show the next failed test") \
	X(REQ_NEXT_PANE,      "next-pane",       GROUP_PANE,    "Go to the next pane") \
	X(REQ_PREV_PANE,      "prev-pane",       GROUP_PANE,    "Go to the pane before") \
	X(REQ_PROBLEM,        "problem",         GROUP_PANE,    "Go to the problem text") \
	X(REQ_CODE,           "code",            GROUP_PANE,    "Go to the editor") \
	X(REQ_OUTPUT,         "output",          GROUP_PANE,    "Go to the output") \
	X(REQ_ZOOM,           "zoom",            GROUP_PANE,    "Give this pane the whole screen, or take it back") \
	X(REQ_GROW,           "grow",            GROUP_PANE,    "Make this pane larger") \
	X(REQ_SHRINK,         "shrink",          GROUP_PANE,    "Make this pane smaller") \
	X(REQ_SWAP,           "swap",            GROUP_PANE,    "Swap left and right") \
	X(REQ_COLLAPSE,       "collapse",        GROUP_PANE,    "Hide this pane, or show all again") \
	X(REQ_NEXT_TAB,       "next-tab",        GROUP_PANE,    "Next tab of the output") \
	X(REQ_PREV_TAB,       "prev-tab",        GROUP_PANE,    "Tab of the output before") \
	/* the editor */ \
	X(REQ_SAVE,           "save",            GROUP_EDIT,    "Write the file now (it is kept anyway)") \
	X(REQ_UNDO,           "undo",            GROUP_EDIT,    "Undo") \
	X(REQ_REDO,           "redo",            GROUP_EDIT,    "Redo") \
	X(REQ_EARLIER,        "earlier",         GROUP_EDIT,    "Step back in time, through all branches of undo") \
	X(REQ_LATER,          "later",           GROUP_EDIT,    "Step forward in time, through all branches of undo") \
	X(REQ_CUT,            "cut",             GROUP_EDIT,    "Cut the selection, or the line") \
	X(REQ_COPY,           "copy",            GROUP_EDIT,    "Copy the selection, or the line") \
	X(REQ_PASTE,          "paste",           GROUP_EDIT,    "Paste") \
	X(REQ_WORD_LEFT,      "word-left",       GROUP_EDIT,    "One word left") \
	X(REQ_WORD_RIGHT,     "word-right",      GROUP_EDIT,    "One word right") \
	X(REQ_LINE_START,     "line-start",      GROUP_EDIT,    "To the start of the line's text, then of the line") \
	X(REQ_LINE_END,       "line-end",        GROUP_EDIT,    "To the end of the line") \
	X(REQ_MARK_LEFT,      "select-left",     GROUP_EDIT,    "Select to the left") \
	X(REQ_MARK_RIGHT,     "select-right",    GROUP_EDIT,    "Select to the right") \
	X(REQ_MARK_UP,        "select-up",       GROUP_EDIT,    "Select upwards") \
	X(REQ_MARK_DOWN,      "select-down",     GROUP_EDIT,    "Select downwards") \
	X(REQ_MARK_WORD_LEFT, "select-word-left", GROUP_EDIT,   "Select one word to the left") \
	X(REQ_MARK_WORD_RIGHT, "select-word-right", GROUP_EDIT, "Select one word to the right") \
	X(REQ_MARK_LINE_START, "select-line-start", GROUP_EDIT, "Select to the start of the line") \
	X(REQ_MARK_LINE_END,  "select-line-end", GROUP_EDIT,    "Select to the end of the line") \
	X(REQ_MARK_PAGE_UP,   "select-page-up",  GROUP_EDIT,    "Select one page upwards") \
	X(REQ_MARK_PAGE_DOWN, "select-page-down", GROUP_EDIT,   "Select one page downwards") \
	X(REQ_MARK_TOP,       "select-top",      GROUP_EDIT,    "Select to the beginning") \
	X(REQ_MARK_BOTTOM,    "select-bottom",   GROUP_EDIT,    "Select to the end") \
	X(REQ_MARK_ALL,       "select-all",      GROUP_EDIT,    "Select everything") \
	X(REQ_MARK,           "mark",            GROUP_EDIT,    "Begin or end a selection (for terminals without Shift-arrows)") \
	X(REQ_NEWLINE,        "newline",         GROUP_EDIT,    "New line") \
	X(REQ_INDENT,         "indent",          GROUP_EDIT,    "Indent, or complete the word before the cursor") \
	X(REQ_DEDENT,         "dedent",          GROUP_EDIT,    "Take one step of indentation away") \
	X(REQ_BACKSPACE,      "backspace",       GROUP_EDIT,    "Delete to the left") \
	X(REQ_DELETE,         "delete",          GROUP_EDIT,    "Delete to the right") \
	X(REQ_DELETE_WORD,    "delete-word",     GROUP_EDIT,    "Delete the word to the left") \
	X(REQ_DELETE_WORD_RIGHT, "delete-word-right", GROUP_EDIT, "Delete the word to the right") \
	X(REQ_DELETE_LINE,    "delete-line",     GROUP_EDIT,    "Delete the line") \
	X(REQ_DUPLICATE,      "duplicate-line",  GROUP_EDIT,    "Duplicate the line or the selection") \
	X(REQ_MOVE_UP,        "move-line-up",    GROUP_EDIT,    "Move the line up") \
	X(REQ_MOVE_DOWN,      "move-line-down",  GROUP_EDIT,    "Move the line down") \
	X(REQ_COMMENT,        "comment",         GROUP_EDIT,    "Make the lines comments, or code again") \
	X(REQ_FIND,           "find",            GROUP_EDIT,    "Find while typing") \
	X(REQ_FIND_NEXT,      "find-next",       GROUP_EDIT,    "Find the next one") \
	X(REQ_FIND_PREV,      "find-prev",       GROUP_EDIT,    "Find the one before") \
	X(REQ_REPLACE,        "replace",         GROUP_EDIT,    "Find and replace") \
	X(REQ_GOTO_LINE,      "goto-line",       GROUP_EDIT,    "Go to a line by its number") \
	X(REQ_BRACKET,        "bracket",         GROUP_EDIT,    "Go to the matching bracket") \
	X(REQ_COMPLETE,       "complete",        GROUP_EDIT,    "Complete the word before the cursor") \
	X(REQ_WRAP,           "wrap",            GROUP_EDIT,    "Wrap long lines, or not") \
	X(REQ_NUMBERS,        "line-numbers",    GROUP_EDIT,    "Show line numbers, or not")

enum request_group {
	GROUP_APP, GROUP_GO, GROUP_CLASS, GROUP_TEACH, GROUP_MOVE, GROUP_LIST, GROUP_WORK, GROUP_PANE, GROUP_EDIT,
	GROUP_COUNT
};

enum request {
#define X(id, name, group, help) id,
	REQUEST_MAP(X)
#undef X
	REQ_COUNT
};
/* clang-format on */

struct request_info {
	const char *name;
	enum request_group group;
	const char *help; /* "": not for the palette */
};

const struct request_info *request_info(enum request request);
const char *request_group_name(enum request_group group); /* "Editor" */
/* By name; false when there is none. */
bool request_find(enum request *out, const char *name);

#endif
