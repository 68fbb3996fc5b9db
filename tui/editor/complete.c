/*
 * Completion: words of this text (nearest first) and the language's keywords that begin like the one before the
 * cursor. The list stays open while typing and narrows; Tab or Enter takes, Esc leaves.
 */
#include "editor_int.h"

#include <string.h>

#include <kodelab/syntax.h>

#include "tui/ui/canvas.h"

enum { SCAN_BYTES = 256 * 1024 }; /* around the cursor that are looked at for words */

static size_t word_start(const struct editor *editor, size_t offset)
{
	while (offset > 0 && is_word_byte(kl_text_byte(editor->text, offset - 1)))
		offset--;
	return offset;
}

static size_t find_word(const struct editor_completion *list, const char *word)
{
	size_t at = 0;

	while (at < list->count && strcmp(list->words[at], word) != 0)
		at++;
	return at;
}

/* front: the word comes before all others, also when it is there already; the last one may fall off. */
static void add_word(struct editor_completion *list, const char *word, size_t len, bool front)
{
	char copy[EDITOR_WORD_SIZE];
	size_t at;

	memcpy(copy, word, len);
	copy[len] = '\0';
	at = find_word(list, copy);
	if (at < list->count ? !front : list->count == EDITOR_WORDS_MAX && !front)
		return;
	if (at == list->count && list->count < EDITOR_WORDS_MAX)
		list->count++;
	if (at == EDITOR_WORDS_MAX)
		at--;
	if (front) {
		memmove(list->words[1], list->words[0], at * sizeof(list->words[0]));
		at = 0;
	}
	memcpy(list->words[at], copy, len + 1);
}

struct wanted { /* words that are longer than this and begin with it */
	char prefix[EDITOR_WORD_SIZE];
	size_t len;
};

static bool fits(const struct wanted *wanted, const char *word, size_t len)
{
	return len > wanted->len && len < EDITOR_WORD_SIZE && memcmp(word, wanted->prefix, wanted->len) == 0;
}

/* Words of [from, to) of the text; front: the last one first. */
static void add_text_words(struct editor *editor, size_t from, size_t to, const struct wanted *wanted, bool front)
{
	char word[EDITOR_WORD_SIZE];
	size_t len = 0;

	for (size_t offset = from; offset < to;) {
		size_t chunk_len;
		const char *chunk = kl_text_chunk(editor->text, offset, &chunk_len);

		if (!chunk)
			break;
		for (size_t i = 0; i < chunk_len && offset < to; i++, offset++) {
			if (is_word_byte((unsigned char)chunk[i])) {
				if (len < sizeof(word))
					word[len] = chunk[i];
				len++;
				continue;
			}
			if (fits(wanted, word, len))
				add_word(&editor->completion, word, len, front);
			len = 0;
		}
	}
	if (fits(wanted, word, len))
		add_word(&editor->completion, word, len, front);
}

static void add_keywords(struct editor *editor, const struct wanted *wanted)
{
	const char *const *words = editor->syntax ? kl_syntax_words(editor->syntax) : NULL;

	for (; words && *words; words++) {
		if (fits(wanted, *words, strlen(*words)))
			add_word(&editor->completion, *words, strlen(*words), false);
	}
}

static void collect(struct editor *editor)
{
	struct editor_completion *list = &editor->completion;
	size_t cursor = cursor_at(editor), len = kl_text_len(editor->text);
	struct wanted wanted;

	list->start = word_start(editor, cursor);
	list->count = list->chosen = 0;
	list->open = false;
	wanted.len = cursor - list->start;
	if (wanted.len == 0 || wanted.len >= sizeof(wanted.prefix))
		return;
	kl_text_copy(editor->text, list->start, wanted.prefix, wanted.len);
	add_text_words(editor, list->start > SCAN_BYTES ? list->start - SCAN_BYTES : 0, list->start, &wanted, true);
	add_text_words(editor, cursor, len - cursor > SCAN_BYTES ? cursor + SCAN_BYTES : len, &wanted, false);
	add_keywords(editor, &wanted);
	list->open = list->count > 0;
}

static void take(struct editor *editor)
{
	struct editor_completion *list = &editor->completion;
	size_t cursor = cursor_at(editor);
	const char *word = list->words[list->chosen];

	list->open = false;
	change_replace(editor, list->start, cursor - list->start, word, strlen(word), KL_EDIT_OTHER);
}

void complete_open(struct editor *editor)
{
	collect(editor);
	if (!editor->completion.open)
		editor_say(editor, false, "No word here begins like this.");
	else if (editor->completion.count == 1)
		take(editor);
}

void complete_narrow(struct editor *editor)
{
	if (editor->completion.open)
		collect(editor);
}

bool complete_request(struct editor *editor, enum request request)
{
	struct editor_completion *list = &editor->completion;

	if (!list->open)
		return false;
	if (request == REQ_DOWN || request == REQ_COMPLETE)
		list->chosen = (list->chosen + 1) % list->count;
	else if (request == REQ_UP)
		list->chosen = (list->chosen + list->count - 1) % list->count;
	else if (request == REQ_INDENT || request == REQ_NEWLINE)
		take(editor);
	else if (request == REQ_BACK)
		list->open = false;
	else if (request == REQ_BACKSPACE)
		return false;
	else {
		list->open = false;
		return false;
	}
	return true;
}

/* Below the cursor when there is room, else above. */
void complete_draw(struct editor *editor, struct canvas *canvas, int y, int x)
{
	const struct editor_completion *list = &editor->completion;
	int rows = (int)list->count, width = 8, top;

	for (size_t i = 0; i < list->count; i++) {
		int own = canvas_width(list->words[i], strlen(list->words[i]));

		width = own > width ? own : width;
	}
	if (width + 2 > canvas->cols)
		width = canvas->cols - 2;
	top = y + 1 + rows <= canvas->rows || y < canvas->rows / 2 ? y + 1 : y - rows;
	if (x + width + 2 > canvas->cols)
		x = canvas->cols - width - 2;
	for (int i = 0; i < rows; i++) {
		enum role role = (size_t)i == list->chosen ? ROLE_MENU_SELECTED : ROLE_MENU;

		canvas_fill(canvas, (struct rect){ top + i, x, 1, width + 2 }, role);
		canvas_str_cut(canvas, top + i, x + 1, role, list->words[i], width);
	}
}
