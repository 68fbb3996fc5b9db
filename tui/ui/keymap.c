/*
 * The keymaps. The default one is what hands from nano and VS Code try first, with two exceptions that a terminal
 * asks for: C-z is the shell's suspend (undo is M-u, C-_ and, where the terminal can tell them, C-S-z for redo), and each
 * function key has an Alt letter beside it for terminals and consoles that keep function keys for themselves.
 */
#include "keymap.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/config.h>

struct binding {
	enum scope scope;
	const char *keys;
	enum request request;
};

/* Later rows win, and are the ones shown. */
/* clang-format off */
static const struct binding default_map[] = {
	{ SCOPE_ALL,    "M-h",           REQ_HELP },
	{ SCOPE_ALL,    "F1",            REQ_HELP },
	{ SCOPE_ALL,    "M-x",           REQ_PALETTE },
	{ SCOPE_ALL,    "C-p",           REQ_PALETTE },
	{ SCOPE_ALL,    "C-q",           REQ_QUIT },
	{ SCOPE_ALL,    "C-c",           REQ_BACK },
	{ SCOPE_ALL,    "Esc",           REQ_BACK },
	{ SCOPE_ALL,    "C-z",           REQ_SUSPEND },
	{ SCOPE_ALL,    "C-l",           REQ_REDRAW },
	{ SCOPE_ALL,    "M-0",           REQ_HOME },
	{ SCOPE_ALL,    "F10",           REQ_HOME },
	{ SCOPE_ALL,    "M-r",           REQ_RUN },
	{ SCOPE_ALL,    "F5",            REQ_RUN },
	{ SCOPE_ALL,    "M-R",           REQ_RUN_FRESH },
	{ SCOPE_ALL,    "S-F5",          REQ_RUN_FRESH },
	{ SCOPE_ALL,    "M-s",           REQ_SUBMIT },
	{ SCOPE_ALL,    "F9",            REQ_SUBMIT },
	{ SCOPE_ALL,    "M-i",           REQ_HINT },
	{ SCOPE_ALL,    "F7",            REQ_HINT },
	{ SCOPE_ALL,    "M-l",           REQ_LANGUAGE },
	{ SCOPE_ALL,    "M-e",           REQ_EDITOR },
	{ SCOPE_ALL,    "M-o",           REQ_OWN_INPUT },
	{ SCOPE_ALL,    "M-k",           REQ_KEEP_INPUT },
	{ SCOPE_ALL,    "M-t",           REQ_ARGUMENTS },
	{ SCOPE_ALL,    "M-n",           REQ_NEXT_PLACE },
	{ SCOPE_ALL,    "F4",            REQ_NEXT_PLACE },
	{ SCOPE_ALL,    "M-j",           REQ_NEXT_FAILURE },
	{ SCOPE_ALL,    "F8",            REQ_NEXT_FAILURE },
	{ SCOPE_ALL,    "M-w",           REQ_NEXT_PANE },
	{ SCOPE_ALL,    "F6",            REQ_NEXT_PANE },
	{ SCOPE_ALL,    "S-F6",          REQ_PREV_PANE },
	{ SCOPE_ALL,    "M-1",           REQ_PROBLEM },
	{ SCOPE_ALL,    "M-2",           REQ_CODE },
	{ SCOPE_ALL,    "M-3",           REQ_OUTPUT },
	{ SCOPE_ALL,    "F2",            REQ_ZOOM },
	{ SCOPE_ALL,    "M-z",           REQ_ZOOM },
	{ SCOPE_ALL,    "M-+",           REQ_GROW },
	{ SCOPE_ALL,    "M-=",           REQ_GROW },
	{ SCOPE_ALL,    "M--",           REQ_SHRINK },
	{ SCOPE_ALL,    "M-v",           REQ_COLLAPSE },
	{ SCOPE_ALL,    "M-.",           REQ_NEXT_TAB },
	{ SCOPE_ALL,    "M-,",           REQ_PREV_TAB },
	{ SCOPE_ALL,    "Up",            REQ_UP },
	{ SCOPE_ALL,    "Down",          REQ_DOWN },
	{ SCOPE_ALL,    "Left",          REQ_LEFT },
	{ SCOPE_ALL,    "Right",         REQ_RIGHT },
	{ SCOPE_ALL,    "PageUp",        REQ_PAGE_UP },
	{ SCOPE_ALL,    "PageDown",      REQ_PAGE_DOWN },
	{ SCOPE_ALL,    "C-Home",        REQ_TOP },
	{ SCOPE_ALL,    "C-End",         REQ_BOTTOM },
	{ SCOPE_ALL,    "C-Up",          REQ_SCROLL_UP },
	{ SCOPE_ALL,    "C-Down",        REQ_SCROLL_DOWN },

	/* reading beside code: letters do nothing, one may believe the focus is in the editor */
	{ SCOPE_READ,   "Home",          REQ_TOP },
	{ SCOPE_READ,   "End",           REQ_BOTTOM },
	{ SCOPE_READ,   "Enter",         REQ_SELECT },
	{ SCOPE_READ,   "Delete",        REQ_REMOVE },
	{ SCOPE_READ,   "Tab",           REQ_NEXT_TAB },
	{ SCOPE_READ,   "S-Tab",         REQ_PREV_TAB },

	{ SCOPE_VIEW,   "Home",          REQ_TOP },
	{ SCOPE_VIEW,   "End",           REQ_BOTTOM },
	{ SCOPE_VIEW,   "k",             REQ_UP },
	{ SCOPE_VIEW,   "j",             REQ_DOWN },
	{ SCOPE_VIEW,   "Space",         REQ_PAGE_DOWN },
	{ SCOPE_VIEW,   "b",             REQ_BROWSE },
	{ SCOPE_VIEW,   "p",             REQ_PROGRESS },
	{ SCOPE_VIEW,   "h",             REQ_HISTORY },
	{ SCOPE_VIEW,   "y",             REQ_PLAYGROUND },
	{ SCOPE_VIEW,   ",",             REQ_SETTINGS },
	{ SCOPE_VIEW,   "K",             REQ_KEYS },
	{ SCOPE_VIEW,   "J",             REQ_JUDGES },
	{ SCOPE_VIEW,   "S",             REQ_JUDGE_STATS },
	{ SCOPE_VIEW,   "C",             REQ_COURSES },
	{ SCOPE_VIEW,   "D",             REQ_DUE },
	{ SCOPE_VIEW,   "L",             REQ_LEADERBOARD },
	{ SCOPE_VIEW,   "v",             REQ_STAND },
	{ SCOPE_VIEW,   "R",             REQ_REFRESH },
	{ SCOPE_VIEW,   "W",             REQ_CLASS },
	{ SCOPE_VIEW,   "G",             REQ_GRADES },
	{ SCOPE_VIEW,   "A",             REQ_ANALYTICS },
	{ SCOPE_VIEW,   "E",             REQ_EXPORT },
	{ SCOPE_VIEW,   "x",             REQ_EXTEND },
	{ SCOPE_VIEW,   "U",             REQ_PUBLISH },
	{ SCOPE_VIEW,   "+",             REQ_ADD },
	{ SCOPE_VIEW,   "T",             REQ_TEST },
	{ SCOPE_VIEW,   "c",             REQ_CONTINUE },
	{ SCOPE_VIEW,   "t",             REQ_DAILY },
	{ SCOPE_VIEW,   "n",             REQ_NEXT_CHALLENGE },
	{ SCOPE_VIEW,   "?",             REQ_HELP },
	{ SCOPE_VIEW,   ":",             REQ_PALETTE },
	{ SCOPE_VIEW,   "q",             REQ_BACK },
	{ SCOPE_VIEW,   "Enter",         REQ_SELECT },
	{ SCOPE_VIEW,   "C-f",           REQ_SEARCH },
	{ SCOPE_VIEW,   "/",             REQ_SEARCH },
	{ SCOPE_VIEW,   "d",             REQ_DIFFICULTY },
	{ SCOPE_VIEW,   "s",             REQ_STATUS },
	{ SCOPE_VIEW,   "g",             REQ_CATEGORY },
	{ SCOPE_VIEW,   "P",             REQ_PACK },
	{ SCOPE_VIEW,   "a",             REQ_FILTER_CLEAR },
	{ SCOPE_VIEW,   "o",             REQ_SORT },
	{ SCOPE_VIEW,   "O",             REQ_SORT_TURN },
	{ SCOPE_VIEW,   "=",             REQ_DIFF },
	{ SCOPE_VIEW,   "r",             REQ_RESTORE },
	{ SCOPE_VIEW,   "Delete",        REQ_REMOVE },
	{ SCOPE_VIEW,   "Tab",           REQ_NEXT_TAB },
	{ SCOPE_VIEW,   "S-Tab",         REQ_PREV_TAB },

	{ SCOPE_EDITOR, "Enter",         REQ_NEWLINE },
	{ SCOPE_EDITOR, "Tab",           REQ_INDENT },
	{ SCOPE_EDITOR, "S-Tab",         REQ_DEDENT },
	{ SCOPE_EDITOR, "C-h",           REQ_BACKSPACE },
	{ SCOPE_EDITOR, "Backspace",     REQ_BACKSPACE },
	{ SCOPE_EDITOR, "Delete",        REQ_DELETE },
	{ SCOPE_EDITOR, "M-Backspace",   REQ_DELETE_WORD },
	{ SCOPE_EDITOR, "C-Backspace",   REQ_DELETE_WORD },
	{ SCOPE_EDITOR, "C-Delete",      REQ_DELETE_WORD_RIGHT },
	{ SCOPE_EDITOR, "M-d",           REQ_DELETE_WORD_RIGHT },
	{ SCOPE_EDITOR, "C-a",           REQ_LINE_START },
	{ SCOPE_EDITOR, "Home",          REQ_LINE_START },
	{ SCOPE_EDITOR, "End",           REQ_LINE_END },
	{ SCOPE_EDITOR, "M-b",           REQ_WORD_LEFT },
	{ SCOPE_EDITOR, "C-Left",        REQ_WORD_LEFT },
	{ SCOPE_EDITOR, "M-f",           REQ_WORD_RIGHT },
	{ SCOPE_EDITOR, "C-Right",       REQ_WORD_RIGHT },
	{ SCOPE_EDITOR, "S-Left",        REQ_MARK_LEFT },
	{ SCOPE_EDITOR, "S-Right",       REQ_MARK_RIGHT },
	{ SCOPE_EDITOR, "S-Up",          REQ_MARK_UP },
	{ SCOPE_EDITOR, "S-Down",        REQ_MARK_DOWN },
	{ SCOPE_EDITOR, "C-S-Left",      REQ_MARK_WORD_LEFT },
	{ SCOPE_EDITOR, "C-S-Right",     REQ_MARK_WORD_RIGHT },
	{ SCOPE_EDITOR, "S-Home",        REQ_MARK_LINE_START },
	{ SCOPE_EDITOR, "S-End",         REQ_MARK_LINE_END },
	{ SCOPE_EDITOR, "S-PageUp",      REQ_MARK_PAGE_UP },
	{ SCOPE_EDITOR, "S-PageDown",    REQ_MARK_PAGE_DOWN },
	{ SCOPE_EDITOR, "C-S-Home",      REQ_MARK_TOP },
	{ SCOPE_EDITOR, "C-S-End",       REQ_MARK_BOTTOM },
	{ SCOPE_EDITOR, "M-a",           REQ_MARK_ALL },
	{ SCOPE_EDITOR, "M-m",           REQ_MARK },
	{ SCOPE_EDITOR, "M-y",           REQ_REDO },
	{ SCOPE_EDITOR, "C-S-z",         REQ_REDO },
	{ SCOPE_EDITOR, "C-y",           REQ_REDO },
	{ SCOPE_EDITOR, "C-_",           REQ_UNDO },
	{ SCOPE_EDITOR, "C-u",           REQ_UNDO },
	{ SCOPE_EDITOR, "M-u",           REQ_UNDO },
	{ SCOPE_EDITOR, "M-<",           REQ_EARLIER },
	{ SCOPE_EDITOR, "M->",           REQ_LATER },
	{ SCOPE_EDITOR, "C-c",           REQ_COPY },
	{ SCOPE_EDITOR, "M-c",           REQ_COPY },
	{ SCOPE_EDITOR, "C-k",           REQ_CUT },
	{ SCOPE_EDITOR, "C-x",           REQ_CUT },
	{ SCOPE_EDITOR, "C-v",           REQ_PASTE },
	{ SCOPE_EDITOR, "C-s",           REQ_SAVE },
	{ SCOPE_EDITOR, "C-d",           REQ_DUPLICATE },
	{ SCOPE_EDITOR, "C-S-k",         REQ_DELETE_LINE },
	{ SCOPE_EDITOR, "M-Delete",      REQ_DELETE_LINE },
	{ SCOPE_EDITOR, "M-Up",          REQ_MOVE_UP },
	{ SCOPE_EDITOR, "M-Down",        REQ_MOVE_DOWN },
	{ SCOPE_EDITOR, "M-;",           REQ_COMMENT },
	{ SCOPE_EDITOR, "M-/",           REQ_COMMENT },
	{ SCOPE_EDITOR, "C-f",           REQ_FIND },
	{ SCOPE_EDITOR, "M-p",           REQ_FIND_PREV },
	{ SCOPE_EDITOR, "S-F3",          REQ_FIND_PREV },
	{ SCOPE_EDITOR, "F3",            REQ_FIND_NEXT },
	{ SCOPE_EDITOR, "C-r",           REQ_REPLACE },
	{ SCOPE_EDITOR, "M-g",           REQ_GOTO_LINE },
	{ SCOPE_EDITOR, "C-g",           REQ_GOTO_LINE },
	{ SCOPE_EDITOR, "C-]",           REQ_BRACKET },
	{ SCOPE_EDITOR, "C-n",           REQ_COMPLETE },
	{ SCOPE_EDITOR, "C-Space",       REQ_COMPLETE },
	{ SCOPE_EDITOR, "M-q",           REQ_WRAP },

	{ SCOPE_FIELD,  "Enter",         REQ_SELECT },
	{ SCOPE_FIELD,  "C-h",           REQ_BACKSPACE },
	{ SCOPE_FIELD,  "Backspace",     REQ_BACKSPACE },
	{ SCOPE_FIELD,  "Delete",        REQ_DELETE },
	{ SCOPE_FIELD,  "C-u",           REQ_DELETE_LINE },
	{ SCOPE_FIELD,  "C-w",           REQ_DELETE_WORD },
	{ SCOPE_FIELD,  "M-Backspace",   REQ_DELETE_WORD },
	{ SCOPE_FIELD,  "C-a",           REQ_LINE_START },
	{ SCOPE_FIELD,  "C-e",           REQ_LINE_END },
	{ SCOPE_FIELD,  "Home",          REQ_LINE_START },
	{ SCOPE_FIELD,  "End",           REQ_LINE_END },
	{ SCOPE_FIELD,  "C-Left",        REQ_WORD_LEFT },
	{ SCOPE_FIELD,  "C-Right",       REQ_WORD_RIGHT },
	{ SCOPE_FIELD,  "Tab",           REQ_NEXT_TAB },
	{ SCOPE_FIELD,  "S-Tab",         REQ_PREV_TAB },
	{ SCOPE_FIELD,  "C-v",           REQ_PASTE },
	{ SCOPE_FIELD,  "C-f",           REQ_FIND_NEXT },
	{ SCOPE_FIELD,  "F3",            REQ_FIND_NEXT },
	{ SCOPE_FIELD,  "S-F3",          REQ_FIND_PREV },
	{ SCOPE_FIELD,  "M-r",           REQ_SORT_TURN },
	{ SCOPE_FIELD,  "M-a",           REQ_MARK_ALL },
};
/* clang-format on */

static const struct {
	const char *name; /* of option editor.keymap */
	const struct binding *rows;
	size_t count;
} keymaps[] = {
	{ "default", default_map, KL_LENGTH(default_map) },
};

static const char *const scope_names[SCOPE_COUNT] = {
	[SCOPE_ALL] = "all",       [SCOPE_READ] = "read",   [SCOPE_VIEW] = "view",
	[SCOPE_EDITOR] = "editor", [SCOPE_FIELD] = "field",
};

struct bound {
	enum scope scope;
	struct key keys[KEYMAP_SEQUENCE_MAX];
	size_t count;
	enum request request;
};

/* The answer of keymap_name, remembered: hints ask for the same few names with every frame. */
struct shown {
	bool known;
	char text[15];
};

enum { SLOTS = 256 };

struct keymap {
	struct bound *rows; /* later ones win */
	size_t count, capacity;
	bool begins[SCOPE_COUNT]
		   [SLOTS]; /* a row of the scope begins with a key of this slot: most letters begin none */
	struct shown *shown; /* SCOPE_COUNT rows of REQ_COUNT; owned */
};

const char *scope_name(enum scope scope)
{
	return scope_names[scope];
}

/* Each letter without modifiers has a slot of its own. */
static size_t slot_of(struct key key)
{
	return key.mods || key.code >= SLOTS / 2 ? SLOTS / 2 + key.code % (SLOTS / 2) : key.code;
}

bool keymap_bind(struct keymap *keymap, enum scope scope, const char *keys, enum request request)
{
	struct bound row = { .scope = scope, .request = request };

	row.count = key_parse_sequence(row.keys, KEYMAP_SEQUENCE_MAX, keys);
	if (row.count == 0)
		return false;
	for (size_t i = 0; i < row.count; i++)
		row.keys[i] = key_normal(row.keys[i]);
	KL_GROW(keymap->rows, keymap->count, keymap->capacity);
	keymap->rows[keymap->count++] = row;
	keymap->begins[scope][slot_of(row.keys[0])] = true;
	memset(keymap->shown, 0, SCOPE_COUNT * REQ_COUNT * sizeof(*keymap->shown));
	return true;
}

static size_t keymap_index(const char *name)
{
	for (size_t i = 0; i < KL_LENGTH(keymaps); i++) {
		if (strcmp(keymaps[i].name, name) == 0)
			return i;
	}
	return 0;
}

/* "editor M-u" names a scope first; else the keys hold everywhere. */
static enum scope take_scope(const char **keys)
{
	for (int i = 0; i < SCOPE_COUNT; i++) {
		size_t len = strlen(scope_names[i]);

		if (strncmp(*keys, scope_names[i], len) == 0 && (*keys)[len] == ' ') {
			*keys += len + 1;
			return (enum scope)i;
		}
	}
	return SCOPE_ALL;
}

static void bind_config(struct keymap *keymap, const struct kl_config *config, struct kl_buf *problems)
{
	const char *keys, *name;
	int line;

	for (size_t i = 0; kl_config_bind(config, i, &keys, &name, &line); i++) {
		const char *whole = keys;
		enum scope scope = take_scope(&keys);
		enum request request;

		if (!request_find(&request, name)) {
			if (problems)
				kl_buf_addf(problems,
					    "config:%d: there is no request '%s'; the palette shows their names\n",
					    line, name);
		} else if (!keymap_bind(keymap, scope, keys, request) && problems) {
			kl_buf_addf(problems, "config:%d: '%s' is no key; write it as C-s, M-x, F5 or S-Up\n", line,
				    whole);
		}
	}
}

struct keymap *keymap_new(const struct kl_config *config, struct kl_buf *problems)
{
	struct keymap *keymap = kl_calloc(1, sizeof(*keymap));
	size_t which = config ? keymap_index(kl_config_string(config, "editor.keymap")) : 0;

	keymap->shown = kl_calloc(SCOPE_COUNT * REQ_COUNT, sizeof(*keymap->shown));
	for (size_t i = 0; i < keymaps[which].count; i++) {
		const struct binding *row = &keymaps[which].rows[i];

		if (!keymap_bind(keymap, row->scope, row->keys, row->request))
			kl_die("the keymap has a key that is none: %s", row->keys);
	}
	if (config)
		bind_config(keymap, config, problems);
	return keymap;
}

void keymap_free(struct keymap *keymap)
{
	if (!keymap)
		return;
	free(keymap->rows);
	free(keymap->shown);
	free(keymap);
}

static bool begins_with(const struct bound *row, const struct key *keys, size_t count)
{
	if (row->count < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!key_same(row->keys[i], keys[i]))
			return false;
	}
	return true;
}

/* The last row of scope that begins with keys; NULL: none. */
static const struct bound *find(const struct keymap *keymap, enum scope scope, const struct key *keys, size_t count)
{
	if (!keymap->begins[scope][slot_of(keys[0])])
		return NULL;
	for (size_t i = keymap->count; i > 0; i--) {
		const struct bound *row = &keymap->rows[i - 1];

		if (row->scope == scope && begins_with(row, keys, count))
			return row;
	}
	return NULL;
}

enum keymap_answer keymap_key(enum request *request, const struct keymap *keymap, struct keymap_state *state,
			      enum scope scope, struct key key)
{
	const struct bound *row;

	state->keys[state->count++] = key_normal(key);
	row = find(keymap, scope, state->keys, state->count);
	if (!row && scope != SCOPE_ALL)
		row = find(keymap, SCOPE_ALL, state->keys, state->count);
	if (row && row->count > state->count)
		return KEYMAP_MORE;
	state->count = 0;
	if (!row || row->request == REQ_NONE)
		return KEYMAP_NONE;
	*request = row->request;
	return KEYMAP_REQUEST;
}

static void sequence_name(char *text, const struct bound *row)
{
	char name[KEY_NAME_MAX];
	struct kl_buf out;

	kl_buf_init(&out, KEYS_NAME_MAX - 1);
	for (size_t i = 0; i < row->count; i++)
		kl_buf_addf(&out, "%s%s", i ? " " : "", key_name(name, row->keys[i]));
	memcpy(text, out.data, out.len + 1);
	kl_buf_release(&out);
}

/* Does this row still count in scope, or has a later one (or one of a nearer scope) taken its keys? */
static bool counts(const struct keymap *keymap, enum scope scope, const struct bound *row)
{
	const struct bound *own = find(keymap, scope, row->keys, row->count);

	return own ? own == row : row->scope == SCOPE_ALL && find(keymap, SCOPE_ALL, row->keys, row->count) == row;
}

static void find_name(char *text, const struct keymap *keymap, enum scope scope, enum request request)
{
	text[0] = '\0';
	for (size_t i = keymap->count; i > 0; i--) {
		const struct bound *row = &keymap->rows[i - 1];

		if (row->request != request || (row->scope != scope && row->scope != SCOPE_ALL) ||
		    !counts(keymap, scope, row))
			continue;
		sequence_name(text, row);
		break;
	}
}

const char *keymap_name(char *text, const struct keymap *keymap, enum scope scope, enum request request)
{
	struct shown *shown = &keymap->shown[(size_t)scope * REQ_COUNT + (size_t)request];

	if (shown->known) {
		memcpy(text, shown->text, sizeof(shown->text));
		return text;
	}
	find_name(text, keymap, scope, request);
	if (strlen(text) < sizeof(shown->text)) {
		shown->known = true;
		memcpy(shown->text, text, strlen(text) + 1);
	}
	return text;
}

/* Is name one of those in list, which are parted by ", "? */
static bool is_listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (; *list; list += strcspn(list, " ") + (list[strcspn(list, " ")] == ' ')) {
		if (strncmp(list, name, len) == 0 && (list[len] == ',' || list[len] == '\0'))
			return true;
	}
	return false;
}

/* Keys of one-line fields are those of any shell: beside a pane's own they would only look like another meaning of the key. */
static bool only_in_fields(const struct keymap *keymap, enum request request)
{
	for (size_t i = 0; i < keymap->count; i++)
		if (keymap->rows[i].request == request && keymap->rows[i].scope != SCOPE_FIELD)
			return false;
	return true;
}

void keymap_names(struct kl_buf *out, const struct keymap *keymap, enum request request)
{
	char text[KEYS_NAME_MAX];
	bool first = true, fields = only_in_fields(keymap, request);

	for (size_t i = keymap->count; i > 0; i--) {
		const struct bound *row = &keymap->rows[i - 1];

		if (row->request != request || find(keymap, row->scope, row->keys, row->count) != row ||
		    (row->scope == SCOPE_FIELD && !fields))
			continue;
		sequence_name(text, row);
		if (is_listed(out->data, text))
			continue;
		kl_buf_addf(out, "%s%s", first ? "" : ", ", text);
		first = false;
	}
}
