/*
 * Replaying a journal. First the records are read on their own: they give the revisions, the last known files, and the
 * end of what is good. Then a place to stand is chosen: the revision whose text the file holds, or the one a TEXT
 * record holds. From there the changes lead to where the person was, each checked against the bytes it says it took.
 */

#include <kodelab/alloc.h>

#include "core/text/journal_int.h"

struct outline {
	struct kl_text *text; /* gets revisions; its bytes are not touched */
	size_t current, cursor;
	struct identity saved, saving;
	bool is_saving; /* killed between SAVING and SAVED, perhaps */
	const char *known; /* of the last TEXT record; NULL: none */
	size_t known_len, known_revision;
	size_t good;
};

/* --- reading ---------------------------------------------------------------------------------------------------- */

static bool read_change(struct change *out, struct pieces *pieces, struct reader *reader)
{
	const char *removed, *added;

	*out = (struct change){ .offset = get_varint(reader) };
	out->removed = get_varint(reader);
	out->added = get_varint(reader);
	removed = get_bytes(reader, out->removed);
	added = get_bytes(reader, out->added);
	if (reader->bad || (!out->removed && !out->added))
		return false;
	out->spans = kl_calloc(2, sizeof(*out->spans));
	if (out->removed)
		out->spans[out->removed_count++] = pieces_keep(pieces, removed, out->removed);
	if (out->added)
		out->spans[out->removed_count + out->added_count++] = pieces_keep(pieces, added, out->added);
	return true;
}

static bool changes_are_whole(struct reader reader)
{
	while (!reader.bad && reader.at < reader.end) {
		size_t removed, added;

		get_varint(&reader);
		removed = get_varint(&reader);
		added = get_varint(&reader);
		get_bytes(&reader, removed);
		get_bytes(&reader, added);
		if (!removed && !added)
			return false;
	}
	return !reader.bad;
}

static bool read_edit(struct outline *outline, struct reader *reader)
{
	struct kl_text *text = outline->text;
	unsigned flags = get_u8(reader);
	size_t cursor_after = get_u64(reader);
	size_t parent = get_varint(reader);
	size_t cursor_before = get_varint(reader);
	unsigned kind = flags >> EDIT_KIND_SHIFT;
	struct change change;

	if (reader->bad || kind > KL_EDIT_ERASE || !changes_are_whole(*reader))
		return false;
	if (flags & EDIT_JOINS) {
		if (!outline->current || outline->current != text->revision_count - 1)
			return false;
	} else {
		if (parent >= text->revision_count)
			return false;
		outline->current = history_add(text, parent, cursor_before, (enum kl_edit)kind);
	}
	while (reader->at < reader->end && read_change(&change, &text->pieces, reader))
		history_append(&text->revisions[outline->current], change);
	text->revisions[outline->current].cursor_after = cursor_after;
	outline->cursor = cursor_after;
	return true;
}

static bool read_goto(struct outline *outline, struct reader *reader)
{
	const struct revision *revisions = outline->text->revisions;
	size_t target = get_varint(reader);

	if (reader->bad || target >= outline->text->revision_count)
		return false;
	if (outline->current && revisions[outline->current].parent == target)
		outline->cursor = revisions[outline->current].cursor_before;
	else
		outline->cursor = revisions[target].cursor_after;
	outline->current = target;
	return true;
}

static bool read_identity(struct identity *out, const struct outline *outline, struct reader *reader)
{
	struct identity identity = { .len = get_u64(reader), .crc = get_u32(reader) };
	size_t revision = get_varint(reader);

	if (reader->bad || revision > outline->text->revision_count)
		return false;
	identity.revision = revision ? revision - 1 : NO_REVISION;
	*out = identity;
	return true;
}

static bool read_text(struct outline *outline, struct reader *reader)
{
	size_t revision = get_varint(reader);

	if (reader->bad)
		return false;
	outline->known = reader->at; /* the revision may still be to come */
	outline->known_len = (size_t)(reader->end - reader->at);
	outline->known_revision = revision;
	return true;
}

static bool read_record(struct outline *outline, enum record_type type, struct reader *reader)
{
	switch (type) {
	case RECORD_TEXT:
		return read_text(outline, reader);
	case RECORD_EDIT:
		return read_edit(outline, reader);
	case RECORD_GOTO:
		return read_goto(outline, reader);
	case RECORD_SAVING:
		outline->is_saving = read_identity(&outline->saving, outline, reader);
		return outline->is_saving;
	case RECORD_SAVED:
		outline->is_saving = false;
		return read_identity(&outline->saved, outline, reader);
	case RECORD_CURSOR:
		outline->cursor = get_varint(reader);
		return !reader->bad;
	}
	return false;
}

static void read_all(struct outline *outline, const char *bytes, size_t len, const struct journal_header *header)
{
	size_t offset = header->size;
	enum record_type type;
	struct reader payload;

	outline->saved = header->base;
	outline->good = offset;
	while (get_record(&payload, &type, bytes, len, &offset)) {
		if (!read_record(outline, type, &payload))
			break;
		outline->good = offset;
	}
}

/* --- standing and walking --------------------------------------------------------------------------------------- */

static bool is_same(const struct identity *identity, const struct identity *file)
{
	return identity->len == file->len && identity->crc == file->crc;
}

/* What the file held; taken out of text, which must get other bytes now. */
static char *take_loaded(struct kl_text *text, size_t *len)
{
	char *bytes = text->pieces.loaded.data;

	*len = text->pieces.loaded.len;
	text->pieces.loaded.data = NULL;
	return bytes;
}

/* Bytes the text grows by from the parent to this revision; false: a change reaches over the end of len bytes. */
static bool apply_length(const struct revision *revision, uint64_t *len)
{
	for (size_t i = 0; i < revision->count; i++) {
		const struct change *change = &revision->changes[i];

		if (change->offset > *len || change->removed > *len - change->offset)
			return false;
		*len = *len - change->removed + change->added;
	}
	return true;
}

/*
 * Does every change of every branch lie within the text it was made on? The root's length follows from len, that of
 * revision stand. (The bytes on the way we go are compared when we go it.)
 */
static bool lengths_fit(const struct kl_text *text, size_t stand, uint64_t len)
{
	uint64_t *lengths = kl_calloc(text->revision_count, sizeof(*lengths));
	bool fit = true;

	/* The way up to the root, in unsigned arithmetic: what is wrong shows on the way down. */
	for (size_t at = stand; at; at = text->revisions[at].parent)
		for (size_t i = 0; i < text->revisions[at].count; i++)
			len += text->revisions[at].changes[i].removed - text->revisions[at].changes[i].added;
	lengths[0] = len;
	fit = len <= KL_TEXT_FILE_MAX;
	for (size_t i = 1; fit && i < text->revision_count; i++) {
		lengths[i] = lengths[text->revisions[i].parent];
		fit = apply_length(&text->revisions[i], &lengths[i]);
	}
	free(lengths);
	return fit;
}

/* From where text stands, which is right by its bytes, to where the person was. */
static bool go_there(struct kl_text *text, size_t target)
{
	return lengths_fit(text, text->current, kl_text_len(text)) && history_walk_checked(text, target);
}

/* The text as it was, though it cannot be stood upon. */
static void recover(struct replay *out, const char *bytes, size_t len, const struct journal_header *header,
		    const struct outline *found)
{
	struct outline again = { .text = kl_text_new(found->known, found->known_len) };
	bool good = true;

	/* Of a broken whole only the TEXT record can be trusted; it is the newest state then. */
	if (!out->broken) {
		read_all(&again, bytes, len, header);
		again.text->current = found->known_revision;
		good = found->known_revision < again.text->revision_count && go_there(again.text, again.current);
	}
	if (good)
		out->recovered = kl_text_dup(again.text, &out->recovered_len);
	kl_text_free(again.text);
}

/* The file is the one we know, but its revision is forgotten: the TEXT record is where to stand. */
static void stand_on_text(struct outline *outline, const char *bytes, size_t len, const struct journal_header *header)
{
	struct kl_text *text = outline->text;

	text_restart(text, kl_strndup(outline->known, outline->known_len), outline->known_len);
	*outline = (struct outline){ .text = text };
	read_all(outline, bytes, len, header);
	text->current = outline->known_revision;
}

/* Which file state of the outline the file is in; NULL: another one. */
static const struct identity *recognise(const struct outline *outline, const struct kl_text *text)
{
	struct identity file = { .len = kl_text_len(text), .crc = text_crc(text) };
	const struct identity *found = NULL;

	if (outline->is_saving && is_same(&outline->saving, &file))
		found = &outline->saving;
	else if (is_same(&outline->saved, &file))
		found = &outline->saved;
	if (found && found->revision == NO_REVISION)
		return outline->known && outline->known_revision < outline->text->revision_count ? found : NULL;
	return found;
}

void journal_replay(struct replay *out, struct kl_text *text, const char *bytes, size_t len,
		    const struct journal_header *header)
{
	struct outline outline = { .text = text };
	const struct identity *stand;
	char *original = NULL;
	size_t original_len = 0;

	*out = (struct replay){ .resumed = false };
	read_all(&outline, bytes, len, header);
	out->good = outline.good;
	out->broken = outline.good - header->size < header->whole_len;
	stand = out->broken ? NULL : recognise(&outline, text);
	out->has_text = outline.known != NULL;
	if (stand) {
		out->saved = *stand;
		text->current = stand->revision;
	}
	if (stand && stand->revision == NO_REVISION) {
		original = take_loaded(text, &original_len);
		stand_on_text(&outline, bytes, len, header);
	}
	out->cursor = outline.cursor;
	out->resumed = stand && go_there(text, outline.current);
	if (out->resumed) {
		text->saved = out->saved.revision;
		text->broken = true;
		free(original);
		return;
	}
	out->broken |= stand != NULL;
	out->base_changed = !out->broken;
	if (outline.known)
		recover(out, bytes, len, header, &outline);
	if (!original)
		original = take_loaded(text, &original_len);
	text_restart(text, original, original_len);
}
