/* Marks: offsets that move with the text. A plain list: a text has tens of them, and moving one is an addition. */

#include <kodelab/alloc.h>
#include <kodelab/text.h>

#include "core/text/text_int.h"

struct kl_mark {
	LIST_ENTRY(kl_mark) link;
	struct kl_text *text;
	size_t offset;
	enum kl_gravity gravity;
};

struct kl_mark *kl_mark_add(struct kl_text *text, size_t offset, enum kl_gravity gravity)
{
	struct kl_mark *mark = kl_calloc(1, sizeof(*mark));

	mark->text = text;
	mark->gravity = gravity;
	kl_mark_set(mark, offset);
	LIST_INSERT_HEAD(&text->marks, mark, link);
	return mark;
}

void kl_mark_remove(struct kl_mark *mark)
{
	if (!mark)
		return;
	LIST_REMOVE(mark, link);
	free(mark);
}

size_t kl_mark_offset(const struct kl_mark *mark)
{
	return mark->offset;
}

void kl_mark_set(struct kl_mark *mark, size_t offset)
{
	size_t len = kl_text_len(mark->text);

	mark->offset = offset < len ? offset : len;
}

static void move(struct kl_mark *mark, const struct kl_text_change *change)
{
	size_t end = change->offset + change->removed;

	if (mark->offset < change->offset)
		return;
	if (mark->offset > end || (mark->offset == end && change->removed))
		mark->offset = mark->offset - change->removed + change->added;
	else if (mark->offset == change->offset && change->removed)
		return; /* in front of what was replaced */
	else
		mark->offset = change->offset + (mark->gravity == KL_GRAVITY_RIGHT ? change->added : 0);
}

void marks_move(struct kl_text *text, const struct kl_text_change *change)
{
	for (struct kl_mark *mark = LIST_FIRST(&text->marks); mark; mark = LIST_NEXT(mark, link))
		move(mark, change);
}

void marks_free(struct kl_text *text)
{
	struct kl_mark *mark;

	while ((mark = LIST_FIRST(&text->marks)))
		kl_mark_remove(mark); /* NOLINT(clang-analyzer-unix.Malloc): it does leave the list */
}
