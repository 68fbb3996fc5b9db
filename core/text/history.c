/*
 * Undo as a tree. A revision's number is its birth; its parent's number is smaller, so the way from one revision to
 * another is found by letting the larger number climb until both meet.
 */

#include <assert.h>

#include <kodelab/alloc.h>
#include <kodelab/text.h>

#include "core/text/text_int.h"

/* --- changes ---------------------------------------------------------------------------------------------------- */

void change_release(struct change *change)
{
	free(change->spans);
	change->spans = NULL;
}

/* One typed byte after another, in the text and in the store: one change. */
static bool join_added(struct change *last, const struct change *change)
{
	struct span *end;

	if (change->removed || !last->added_count || change->added_count != 1 ||
	    last->offset + last->added != change->offset)
		return false;
	end = &last->spans[last->removed_count + last->added_count - 1];
	if (end->address + end->len != change->spans[0].address)
		return false;
	end->len += change->spans[0].len;
	last->added += change->added;
	return true;
}

/* One erased byte after (delete) or before (backspace) another that lay beside it. */
static bool join_removed(struct change *last, const struct change *change)
{
	struct span *old = last->spans, *new = change->spans;

	if (last->added || change->added || last->removed_count != 1 || change->removed_count != 1)
		return false;
	if (change->offset == last->offset && old->address + old->len == new->address) {
		old->len += new->len;
	} else if (change->offset + change->removed == last->offset && new->address + new->len == old->address) {
		old->address = new->address;
		old->len += new->len;
		last->offset = change->offset;
	} else {
		return false;
	}
	last->removed += change->removed;
	return true;
}

void history_append(struct revision *revision, struct change change)
{
	struct change *last = revision->count ? &revision->changes[revision->count - 1] : NULL;

	if (last && (join_added(last, &change) || join_removed(last, &change))) {
		change_release(&change);
		return;
	}
	KL_GROW(revision->changes, revision->count, revision->capacity);
	assert(revision->changes);
	revision->changes[revision->count++] = change;
}

size_t revision_bytes(const struct revision *revision)
{
	size_t bytes = sizeof(*revision);

	for (size_t i = 0; i < revision->count; i++)
		bytes += revision->changes[i].removed + revision->changes[i].added;
	return bytes;
}

static void revision_release(struct revision *revision)
{
	for (size_t i = 0; i < revision->count; i++)
		change_release(&revision->changes[i]);
	free(revision->changes);
}

/* --- revisions -------------------------------------------------------------------------------------------------- */

size_t history_add(struct kl_text *text, size_t parent, size_t cursor_before, enum kl_edit kind)
{
	size_t number = text->revision_count;

	KL_GROW(text->revisions, text->revision_count, text->revision_capacity);
	text->revisions[text->revision_count++] = (struct revision){
		.parent = parent, .cursor_before = cursor_before, .cursor_after = cursor_before, .kind = kind
	};
	text->revisions[parent].redo = number;
	return number;
}

void history_init(struct kl_text *text)
{
	text->current = text->saved = 0;
	text->broken = true;
	KL_GROW(text->revisions, text->revision_count, text->revision_capacity);
	text->revisions[text->revision_count++] = (struct revision){ 0 };
}

void history_release(struct kl_text *text)
{
	for (size_t i = 0; i < text->revision_count; i++)
		revision_release(&text->revisions[i]);
	free(text->revisions);
	text->revisions = NULL;
	text->revision_count = text->revision_capacity = 0;
}

/* --- groups ----------------------------------------------------------------------------------------------------- */

void kl_text_begin(struct kl_text *text, enum kl_edit kind, size_t cursor)
{
	if (text->depth++)
		return;
	text->opened = false;
	text->kind = kind;
	text->group_cursor = cursor;
}

static bool is_blank(int byte)
{
	return byte == ' ' || byte == '\t' || byte == '\n';
}

/* A word or a line was finished in front of offset, and first begins the next one. */
static bool begins_anew(const struct kl_text *text, size_t offset, int first)
{
	int before = offset ? kl_text_byte(text, offset - 1) : '\n';

	return before == '\n' || (is_blank(before) && !is_blank(first));
}

static bool joins(const struct kl_text *text, const struct change *change)
{
	const struct revision *revision = &text->revisions[text->current];
	const struct change *last;

	if (text->broken || text->kind == KL_EDIT_OTHER || text->kind != revision->kind ||
	    text->current == text->saved || text->current != text->revision_count - 1 || !revision->count)
		return false;
	last = &revision->changes[revision->count - 1];
	if (text->kind == KL_EDIT_ERASE)
		return !change->added && !last->added &&
		       (change->offset == last->offset || change->offset + change->removed == last->offset);
	return !change->removed && last->offset + last->added == change->offset;
}

void history_prepare(struct kl_text *text, const struct change *change, int first)
{
	const struct text_sink *sink = text->sink;
	bool join;

	if (text->opened)
		return;
	text->opened = true;
	if (sink && !text->touched && sink->before_first)
		sink->before_first(sink->ctx);
	text->touched = true;
	join = joins(text, change) && (text->kind != KL_EDIT_TYPE || !begins_anew(text, change->offset, first));
	if (!join)
		text->current = history_add(text, text->current, text->group_cursor, text->kind);
	text->broken = false;
	if (sink)
		sink->begin(sink->ctx, &text->revisions[text->current], join);
}

void history_record(struct kl_text *text, struct change change)
{
	/* The sink first: joining releases the change's spans. */
	if (text->sink)
		text->sink->change(text->sink->ctx, &change);
	history_append(&text->revisions[text->current], change);
}

void kl_text_end(struct kl_text *text, size_t cursor)
{
	assert(text->depth > 0);
	if (--text->depth || !text->opened)
		return;
	text->opened = false;
	text->revisions[text->current].cursor_after = cursor;
	if (text->sink)
		text->sink->end(text->sink->ctx, cursor);
}

void kl_text_break(struct kl_text *text)
{
	text->broken = true;
}

/* --- walking ---------------------------------------------------------------------------------------------------- */

static size_t step_up(struct kl_text *text)
{
	const struct revision *revision = &text->revisions[text->current];
	size_t cursor = revision->cursor_before;

	for (size_t i = revision->count; i-- > 0;) {
		const struct change *change = &revision->changes[i];

		text_splice(text, change->offset, change->added, NULL, change->spans, change->removed_count);
	}
	text->revisions[revision->parent].redo = text->current;
	text->current = revision->parent;
	return cursor;
}

static size_t step_down(struct kl_text *text, size_t child)
{
	const struct revision *revision = &text->revisions[child];

	for (size_t i = 0; i < revision->count; i++) {
		const struct change *change = &revision->changes[i];

		text_splice(text, change->offset, change->removed, NULL, change->spans + change->removed_count,
			    change->added_count);
	}
	text->revisions[text->current].redo = child;
	text->current = child;
	return revision->cursor_after;
}

static size_t meeting(const struct kl_text *text, size_t a, size_t b)
{
	while (a != b) {
		if (a > b)
			a = text->revisions[a].parent;
		else
			b = text->revisions[b].parent;
	}
	return a;
}

/* The way down from top to target, last step first. */
struct way {
	size_t *steps; /* owned */
	size_t count, capacity;
};

static void find_way(struct way *way, const struct kl_text *text, size_t top, size_t target)
{
	*way = (struct way){ .steps = NULL };
	for (; target != top; target = text->revisions[target].parent) {
		KL_GROW(way->steps, way->count, way->capacity);
		way->steps[way->count++] = target;
	}
}

static size_t walk(struct kl_text *text, size_t target)
{
	size_t top = meeting(text, text->current, target);
	size_t cursor = text->revisions[text->current].cursor_after;
	struct way way;

	find_way(&way, text, top, target);
	while (text->current != top)
		cursor = step_up(text);
	while (way.count)
		cursor = step_down(text, way.steps[--way.count]);
	free(way.steps);
	return cursor;
}

/* Do these spans lie at offset of the text? */
static bool lies_there(const struct kl_text *text, size_t offset, const struct span *spans, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *want = pieces_bytes(&text->pieces, spans[i]);

		for (size_t done = 0, part; done < spans[i].len; done += part) {
			const char *chunk = kl_text_chunk(text, offset + done, &part);

			if (!chunk)
				return false;
			if (part > spans[i].len - done)
				part = spans[i].len - done;
			if (memcmp(chunk, want + done, part) != 0)
				return false;
		}
		offset += spans[i].len;
	}
	return true;
}

/* Replaces, when what is to be replaced is there. */
static bool swap_checked(struct kl_text *text, const struct change *change, bool undo)
{
	const struct span *removed = change->spans, *added = removed + change->removed_count;
	const struct span *from = undo ? added : removed, *to = undo ? removed : added;
	size_t from_count = undo ? change->added_count : change->removed_count;
	size_t to_count = undo ? change->removed_count : change->added_count;

	if (change->offset > kl_text_len(text) || !lies_there(text, change->offset, from, from_count))
		return false;
	text_splice(text, change->offset, undo ? change->added : change->removed, NULL, to, to_count);
	return true;
}

bool history_walk_checked(struct kl_text *text, size_t target)
{
	size_t top = meeting(text, text->current, target);
	bool good = true;
	struct way way;

	for (; good && text->current != top; text->current = text->revisions[text->current].parent) {
		const struct revision *revision = &text->revisions[text->current];

		for (size_t i = revision->count; good && i-- > 0;)
			good = swap_checked(text, &revision->changes[i], true);
	}
	find_way(&way, text, top, target);
	while (good && way.count) {
		const struct revision *revision = &text->revisions[way.steps[--way.count]];

		for (size_t i = 0; good && i < revision->count; i++)
			good = swap_checked(text, &revision->changes[i], false);
		text->current = way.steps[way.count];
	}
	free(way.steps);
	return good;
}

bool kl_text_go_to(struct kl_text *text, size_t revision, size_t *cursor)
{
	size_t at;

	assert(!text->depth);
	if (revision >= text->revision_count)
		return false;
	text->broken = true;
	at = walk(text, revision);
	if (cursor)
		*cursor = at < kl_text_len(text) ? at : kl_text_len(text);
	if (text->sink)
		text->sink->went_to(text->sink->ctx, revision);
	return true;
}

bool kl_text_undo(struct kl_text *text, size_t *cursor)
{
	return text->current && kl_text_go_to(text, text->revisions[text->current].parent, cursor);
}

bool kl_text_redo(struct kl_text *text, size_t *cursor)
{
	size_t redo = text->revisions[text->current].redo;

	return redo && kl_text_go_to(text, redo, cursor);
}

bool kl_text_earlier(struct kl_text *text, size_t *cursor)
{
	return text->current && kl_text_go_to(text, text->current - 1, cursor);
}

bool kl_text_later(struct kl_text *text, size_t *cursor)
{
	return kl_text_go_to(text, text->current + 1, cursor);
}

size_t kl_text_revision(const struct kl_text *text)
{
	return text->current;
}

size_t kl_text_revisions(const struct kl_text *text)
{
	return text->revision_count;
}

bool kl_text_modified(const struct kl_text *text)
{
	return text->current != text->saved;
}

void kl_text_set_saved(struct kl_text *text)
{
	text->saved = text->current;
	if (!text->sink)
		return;
	text->sink->saving(text->sink->ctx, kl_text_len(text), text_crc(text));
	text->sink->saved(text->sink->ctx, NULL);
}

/* --- forgetting ------------------------------------------------------------------------------------------------- */

/* The oldest ancestor of the current revision whose whole subtree fits; the current one itself, if need be. */
static size_t new_root(const struct kl_text *text, size_t budget)
{
	size_t *subtree = kl_calloc(text->revision_count, sizeof(*subtree));
	size_t root = text->current;

	for (size_t i = text->revision_count; i-- > 1;) {
		subtree[i] += revision_bytes(&text->revisions[i]);
		subtree[text->revisions[i].parent] += subtree[i];
	}
	while (root) {
		size_t parent = text->revisions[root].parent;
		size_t kept = subtree[parent];

		if (parent) /* as the new root it loses its own changes */
			kept -= revision_bytes(&text->revisions[parent]);
		if (kept > budget)
			break;
		root = parent;
	}
	free(subtree);
	return root;
}

/* Maps a number that may be the new root's, or of a revision that is gone (then otherwise). */
static size_t renumber(const size_t *number, size_t root, size_t old, size_t otherwise)
{
	if (old == root)
		return 0;
	return old != NO_REVISION && number[old] ? number[old] : otherwise;
}

/* Keeps what grew from root; number: the new numbers, 0 for what is gone. */
static void keep_subtree(struct kl_text *text, size_t root, size_t *number)
{
	size_t redo = text->revisions[root].redo, kept = 1;

	for (size_t i = 0; i < text->revision_count; i++) {
		struct revision revision = text->revisions[i];

		if (i <= root || (revision.parent != root && !number[revision.parent])) {
			revision_release(&revision);
			continue;
		}
		revision.parent = number[revision.parent];
		number[i] = kept;
		text->revisions[kept++] = revision;
	}
	text->revisions[0] = (struct revision){ .redo = redo };
	text->revision_count = kept;
	for (size_t i = 0; i < kept; i++)
		text->revisions[i].redo = renumber(number, root, text->revisions[i].redo, 0);
}

void history_prune(struct kl_text *text, size_t budget)
{
	size_t root = new_root(text, budget);
	size_t *number;

	if (root == 0)
		return;
	number = kl_calloc(text->revision_count, sizeof(*number));
	keep_subtree(text, root, number);
	text->current = renumber(number, root, text->current, 0);
	text->saved = renumber(number, root, text->saved, NO_REVISION);
	free(number);
}
