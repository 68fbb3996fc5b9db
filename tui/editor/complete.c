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

static bool has_word(const struct editor_completion *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->words[i], word) == 0)
			return true;
	}
	return false;
}

static void add_word(struct editor_completion *list, const char *word, size_t len, const char *prefix,
		     size_t prefix_len)
{
	char copy[EDITOR_WORD_SIZE];

	if (len <= prefix_len || len >= sizeof(copy) || memcmp(word, prefix, prefix_len) != 0 ||
	    list->count == EDITOR_WORDS_MAX)
		return;
	memcpy(copy, word, len);
	copy[len] = '\0';
	if (!has_word(list, copy))
		memcpy(list->words[list->count++], copy, len + 1);
}

/* Words of [from, to) of the text, in the order they stand. */
static void add_text_words(struct editor *editor, size_t from, size_t to, const char *prefix, size_t prefix_len)
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
			add_word(&editor->completion, word, len, prefix, prefix_len);
			len = 0;
		}
	}
	add_word(&editor->completion, word, len, prefix, prefix_len);
}

static void add_keywords(struct editor *editor, const char *prefix, size_t prefix_len)
{
	const char *const *words = editor->syntax ? kl_syntax_words(editor->syntax) : NULL;

	for (; words && *words; words++)
		add_word(&editor->completion, *words, strlen(*words), prefix, prefix_len);
}

static void collect(struct editor *editor)
{
	struct editor_completion *list = &editor->completion;
	size_t cursor = cursor_at(editor), len = kl_text_len(editor->text);
	char prefix[EDITOR_WORD_SIZE];
	size_t prefix_len;

	list->start = word_start(editor, cursor);
	prefix_len = cursor - list->start;
	list->count = list->chosen = 0;
	list->open = false;
	if (prefix_len == 0 || prefix_len >= sizeof(prefix))
		return;
	kl_text_copy(editor->text, list->start, prefix, prefix_len);
	add_text_words(editor, list->start > SCAN_BYTES ? list->start - SCAN_BYTES : 0, list->start, prefix,
		       prefix_len);
	add_keywords(editor, prefix, prefix_len);
	add_text_words(editor, cursor, len - cursor > SCAN_BYTES ? cursor + SCAN_BYTES : len, prefix, prefix_len);
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
