/* Replacing: the template read once, matches found on the unchanged text, and put in from the last to the first. */

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/text.h>

#include "core/text/search_int.h"

#define REPLACE_TIME_MS 2000
#define RESULT_MAX      KL_TEXT_FILE_MAX

struct part {
	size_t start, end; /* literal bytes of the template's text */
	int group; /* -1: literal */
};

struct template
{
	struct kl_buf text; /* of all literal parts */
	struct part *parts;
	size_t count, capacity;
};

static void template_release(struct template *template)
{
	kl_buf_release(&template->text);
	free(template->parts);
}

static void add_literal(struct template *template, char byte)
{
	struct part *last = template->count ? &template->parts[template->count - 1] : NULL;

	kl_buf_add_char(&template->text, byte);
	if (last && last->group < 0) {
		last->end++;
		return;
	}
	KL_GROW(template->parts, template->count, template->capacity);
	template->parts[template->count++] = (struct part){ template->text.len - 1, template->text.len, -1 };
}

static void add_group(struct template *template, int group)
{
	KL_GROW(template->parts, template->count, template->capacity);
	template->parts[template->count++] = (struct part){ .group = group };
}

/* "$1" or "${1}" at with: the group, and its length in *len; -1: neither. */
static int read_group(const char *with, size_t *len)
{
	bool braces = with[1] == '{';
	const char *digit = with + (braces ? 2 : 1);

	if (*digit < '0' || *digit > '9' || (braces && digit[1] != '}'))
		return -1;
	*len = braces ? 4 : 2;
	return *digit - '0';
}

static char unescape(char letter)
{
	return letter == 'n' ? '\n' : letter == 't' ? '\t' : letter == '\\' ? '\\' : '\0';
}

static enum kl_status read_template(struct template *out, const char *with, size_t groups, struct kl_error *err)
{
	while (*with) {
		size_t len = 0;
		int group = with[0] == '$' ? read_group(with, &len) : -1;

		if (group > (int)groups)
			return kl_fail(err, KL_EINVAL, "the pattern has no group $%d", group);
		if (group >= 0) {
			add_group(out, group);
			with += len;
		} else if (with[0] == '$' && with[1] == '$') {
			add_literal(out, '$');
			with += 2;
		} else if (with[0] == '\\' && unescape(with[1])) {
			add_literal(out, unescape(with[1]));
			with += 2;
		} else {
			add_literal(out, *with++);
		}
	}
	return KL_OK;
}

static enum kl_status template_init(struct template *out, const struct kl_search *search, const char *with,
				    struct kl_error *err)
{
	*out = (struct template){ .parts = NULL };
	kl_buf_init(&out->text, RESULT_MAX);
	if (search_is_regex(search)) {
		size_t groups = search_groups(search);

		return read_template(out, with, groups < KL_SEARCH_GROUPS ? groups : KL_SEARCH_GROUPS - 1, err);
	}
	while (*with)
		add_literal(out, *with++);
	return KL_OK;
}

static bool expand(struct kl_buf *out, const struct template *template, const struct kl_text *text,
		   const struct kl_match *match)
{
	bool fits = true;

	for (size_t i = 0; i < template->count && fits; i++) {
		const struct part *part = &template->parts[i];
		size_t start = part->group < 0 ? 0 : match->groups[part->group].start;

		if (part->group < 0)
			fits = kl_buf_add(out, template->text.data + part->start, part->end - part->start);
		else if (start != (size_t)-1)
			fits = kl_text_add_to(text, start, match->groups[part->group].end - start, out);
	}
	return fits;
}

enum kl_status kl_search_replace(size_t *end, struct kl_search *search, struct kl_text *text,
				 const struct kl_match *match, const char *with, struct kl_error *err)
{
	struct template template;
	struct kl_buf bytes;
	enum kl_status status = template_init(&template, search, with, err);

	kl_buf_init(&bytes, RESULT_MAX);
	if (!status && !expand(&bytes, &template, text, match))
		status = kl_fail(err, KL_EFULL, "the replacement is too large");
	if (!status) {
		kl_text_replace(text, match->start, match->end - match->start, bytes.data, bytes.len);
		*end = match->start + bytes.len;
	}
	kl_buf_release(&bytes);
	template_release(&template);
	return status;
}

/* --- all of them ------------------------------------------------------------------------------------------------ */

struct swap {
	size_t start, end; /* in the text */
	size_t at, len; /* of the new bytes, in swaps.bytes */
};

struct swaps {
	struct swap *items;
	size_t count, capacity;
	struct kl_buf bytes;
};

static enum kl_status gather(struct swaps *swaps, struct kl_search *search, struct kl_text *text,
			     const struct template *template, size_t from, size_t to, struct kl_error *err)
{
	int64_t end_us = kl_clock_cpu_us() + REPLACE_TIME_MS * INT64_C(1000);
	struct kl_match match;
	enum kl_status status;

	search_begin(search);
	while (from < to) {
		status = search_find(&match, search, text, from, to - 1, err);
		if (status)
			return status == KL_ENOENT ? KL_OK : status;
		KL_GROW(swaps->items, swaps->count, swaps->capacity);
		swaps->items[swaps->count] =
			(struct swap){ .start = match.start, .end = match.end, .at = swaps->bytes.len };
		if (!expand(&swaps->bytes, template, text, &match))
			return kl_fail(err, KL_EFULL, "the text would become too large");
		swaps->items[swaps->count].len = swaps->bytes.len - swaps->items[swaps->count].at;
		swaps->count++;
		from = search_after(text, &match);
		if (kl_clock_cpu_us() > end_us)
			return kl_fail(err, KL_ETIME, "there is too much to replace; nothing was changed");
		search_renew(search);
	}
	return KL_OK;
}

static void apply(const struct swaps *swaps, struct kl_text *text)
{
	if (!swaps->count)
		return;
	kl_text_begin(text, KL_EDIT_OTHER, swaps->items[0].start);
	for (size_t i = swaps->count; i-- > 0;) {
		const struct swap *swap = &swaps->items[i];

		kl_text_replace(text, swap->start, swap->end - swap->start, swaps->bytes.data + swap->at, swap->len);
	}
	kl_text_end(text, swaps->items[0].start + swaps->items[0].len);
}

enum kl_status kl_search_replace_all(size_t *count, struct kl_search *search, struct kl_text *text, size_t from,
				     size_t to, const char *with, struct kl_error *err)
{
	struct swaps swaps = { .items = NULL };
	struct template template;
	size_t len = kl_text_len(text);
	enum kl_status status = template_init(&template, search, with, err);

	kl_buf_init(&swaps.bytes, RESULT_MAX);
	if (!status)
		status = gather(&swaps, search, text, &template, from, to < len ? to : len, err);
	if (!status) {
		apply(&swaps, text);
		*count = swaps.count;
	}
	kl_buf_release(&swaps.bytes);
	free(swaps.items);
	template_release(&template);
	return status;
}
