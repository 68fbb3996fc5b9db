/* What the mouse does: places the cursor, selects characters, words and lines, scrolls. */
#include "editor_int.h"

#include "tui/ui/key.h"
#include "tui/ui/mouse.h"

enum byte_kind { KIND_WORD, KIND_BLANK, KIND_SIGN };

static enum byte_kind kind_of(int byte)
{
	return is_word_byte(byte) ? KIND_WORD : byte == ' ' || byte == '\t' ? KIND_BLANK : KIND_SIGN;
}

/* The word, the run of blanks, or the one sign at offset; nothing at a line's end. */
static void select_word(struct editor *editor, size_t offset)
{
	size_t line0 = kl_text_line_of(editor->text, offset);
	size_t first = kl_text_line_start(editor->text, line0), last = kl_text_line_end(editor->text, line0);
	enum byte_kind kind = kind_of(kl_text_byte(editor->text, offset));
	size_t start = offset, end = offset < last ? kl_text_next(editor->text, offset) : offset;

	while (kind != KIND_SIGN && end > offset && start > first &&
	       kind_of(kl_text_byte(editor->text, start - 1)) == kind)
		start--;
	while (kind != KIND_SIGN && end > offset && end < last && kind_of(kl_text_byte(editor->text, end)) == kind)
		end++;
	kl_mark_set(editor->anchor, kl_text_align(editor->text, start));
	editor->selecting = true;
	cursor_set(editor, end);
}

static void press(struct editor *editor, const struct mouse *mouse)
{
	size_t offset = window_offset_at(editor, mouse->y, mouse->x);
	size_t line0 = kl_text_line_of(editor->text, offset);

	kl_text_break(editor->text);
	editor->has_goal = false;
	editor->sticky = false;
	editor->completion.open = false;
	if (mouse->clicks == 2) {
		select_word(editor, offset);
	} else if (mouse->clicks == 3) {
		kl_mark_set(editor->anchor, kl_text_line_start(editor->text, line0));
		editor->selecting = true;
		cursor_set(editor, kl_text_line_start(editor->text, line0 + 1));
	} else {
		if (!(mouse->mods & MOD_SHIFT))
			kl_mark_set(editor->anchor, offset);
		else if (!editor->selecting)
			kl_mark_set(editor->anchor, cursor_at(editor));
		editor->selecting = (mouse->mods & MOD_SHIFT) != 0;
		kl_mark_set(editor->cursor, offset);
		editor->dragging = true;
	}
}

bool editor_mouse(struct editor *editor, const struct mouse *mouse)
{
	switch (mouse->kind) {
	case MOUSE_WHEEL:
		window_scroll(editor, mouse->wheel * 3);
		return true;
	case MOUSE_PRESS:
		if (mouse->button == MOUSE_LEFT && mouse->y < editor->rows)
			press(editor, mouse);
		return mouse->button == MOUSE_LEFT;
	case MOUSE_DRAG:
		if (editor->dragging) {
			cursor_set(editor, window_offset_at(editor, mouse->y, mouse->x));
			editor->selecting = true;
		}
		return editor->dragging;
	case MOUSE_RELEASE:
		editor->dragging = false;
		return true;
	}
	return false;
}
