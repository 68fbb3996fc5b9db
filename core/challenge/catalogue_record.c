/* Records: one challenge's row as bytes. */

#include "core/challenge/catalogue_int.h"

#include <utf8proc.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#define RECORD_MAX    (1u << 20)
#define FIXED_STRINGS 5

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if (*text & 0x80)
			return false;
	return true;
}

char *kl_fold(const char *text)
{
	utf8proc_uint8_t *folded = NULL;
	char *copy;

	if (!is_ascii(text)) {
		utf8proc_map((const utf8proc_uint8_t *)text, 0, &folded,
			     UTF8PROC_NULLTERM | UTF8PROC_CASEFOLD | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT |
				     UTF8PROC_STRIPMARK | UTF8PROC_STABLE);
		copy = kl_strdup(folded ? (const char *)folded : text);
		free(folded);
		return copy;
	}
	copy = kl_strdup(text);
	for (char *at = copy; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at | 0x20);
	return copy;
}

/* --- building ----------------------------------------------------------------------------------------------------- */

/* Title first: where a word is found tells how much it weighs (catalogue_select.c). */
static char *search_text(const char *slug, const struct kl_challenge *challenge)
{
	struct kl_buf text;
	char *folded;

	kl_buf_init(&text, RECORD_MAX / 4);
	kl_buf_addf(&text, "%s\n%s\n", challenge->title, slug);
	for (char **tag = challenge->tags; *tag; tag++)
		kl_buf_addf(&text, "%s ", *tag);
	kl_buf_addf(&text, "\n%s\n%s", challenge->category, challenge->summary);
	folded = kl_fold(text.data);
	kl_buf_release(&text);
	return folded;
}

static void add_string(struct kl_buf *out, const char *text)
{
	kl_buf_add(out, text, strlen(text) + 1);
}

static uint16_t add_strings(struct kl_buf *out, char **strings)
{
	uint16_t count = 0;

	for (; strings[count]; count++)
		add_string(out, strings[count]);
	return count;
}

static void add_challenge(struct kl_buf *out, struct kl_record_head *head, const char *slug,
			  const struct kl_challenge *challenge)
{
	char *folded = search_text(slug, challenge);

	head->minutes = challenge->minutes;
	head->difficulty = (uint8_t)challenge->difficulty;
	head->kind = (uint8_t)challenge->kind;
	add_string(out, challenge->title);
	add_string(out, challenge->summary);
	add_string(out, challenge->category);
	add_string(out, folded);
	head->tag_count = add_strings(out, challenge->tags);
	head->language_count = add_strings(out, challenge->languages);
	free(folded);
}

char *kl_record_build(const char *slug, const struct kl_challenge *challenge, const struct kl_stamp *stamp)
{
	struct kl_record_head head = { .hole = !challenge, .stamp = *stamp };
	struct kl_buf out;

	kl_buf_init(&out, RECORD_MAX);
	kl_buf_add(&out, &head, sizeof(head));
	add_string(&out, slug);
	if (challenge)
		add_challenge(&out, &head, slug, challenge);
	while (out.len % 8)
		kl_buf_add_char(&out, '\0');
	head.len = (uint32_t)out.len;
	memcpy(out.data, &head, sizeof(head));
	return kl_buf_detach(&out);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

struct kl_record_head kl_record_head(const char *record)
{
	struct kl_record_head head;

	memcpy(&head, record, sizeof(head));
	return head;
}

const char *kl_record_slug(const char *record)
{
	return record + sizeof(struct kl_record_head);
}

bool kl_record_valid(const char *record, size_t left)
{
	struct kl_record_head head;
	size_t strings, at = sizeof(head);

	if (left < sizeof(head))
		return false;
	head = kl_record_head(record);
	if (head.len > left || head.len % 8 || head.len <= sizeof(head) || head.difficulty >= KL_DIFFICULTY_COUNT ||
	    head.kind > KL_KIND_PROGRAM)
		return false;
	strings = head.hole ? 1 : FIXED_STRINGS + (size_t)head.tag_count + head.language_count;
	for (; strings; strings--) {
		const char *nul = memchr(record + at, '\0', head.len - at);

		if (!nul)
			return false;
		at = (size_t)(nul - record) + 1;
	}
	return true;
}

static char *next_string(char **at)
{
	char *text = *at;

	*at += strlen(text) + 1;
	return text;
}

static void point_at_strings(struct kl_entry *entry, char *at, const struct kl_record_head *head)
{
	entry->slug = next_string(&at);
	entry->title = next_string(&at);
	entry->summary = next_string(&at);
	entry->category = next_string(&at);
	entry->folded = next_string(&at);
	for (uint16_t i = 0; i < head->tag_count; i++)
		entry->tags[i] = next_string(&at);
	for (uint16_t i = 0; i < head->language_count; i++)
		entry->languages[i] = next_string(&at);
}

void kl_catalogue_add(struct kl_catalogue *catalogue, const struct kl_row *record, int number)
{
	const struct kl_pack_row *pack = &catalogue->packs[record->pack];
	struct kl_record_head head = kl_record_head(record->record);
	const char *slug = kl_record_slug(record->record);
	size_t pointers = (size_t)head.tag_count + head.language_count + 2;
	size_t dir_len = strlen(pack->dir), slug_len = strlen(slug);
	struct kl_entry entry = { .pack = pack->id, .number = number, .minutes = head.minutes };
	struct kl_row row = *record;

	if (catalogue->count == catalogue->capacity) {
		catalogue->capacity = catalogue->capacity ? 2 * catalogue->capacity : 32;
		catalogue->entries =
			kl_realloc_array(catalogue->entries, catalogue->capacity, sizeof(*catalogue->entries));
		catalogue->rows = kl_realloc_array(catalogue->rows, catalogue->capacity, sizeof(*catalogue->rows));
	}
	row.block = kl_calloc(1, pointers * sizeof(char *) + dir_len + slug_len + 2);
	entry.difficulty = (enum kl_difficulty)head.difficulty;
	entry.kind = (enum kl_challenge_kind)head.kind;
	entry.tags = row.block;
	entry.languages = entry.tags + head.tag_count + 1;
	entry.dir = (char *)(entry.tags + pointers);
	memcpy(entry.dir, pack->dir, dir_len);
	entry.dir[dir_len] = '/';
	memcpy(entry.dir + dir_len + 1, slug, slug_len);
	point_at_strings(&entry, row.record + sizeof(head), &head);
	catalogue->rows[catalogue->count] = row;
	catalogue->entries[catalogue->count++] = entry;
}
