/* Templates and the slots that most languages share. */

#include "core/judge/harness_int.h"

#include <ctype.h>
#include <string.h>

#include <kodelab/alloc.h>

/* --- pieces ------------------------------------------------------------------------------------------------------- */

size_t harness_record_index(const struct harness *harness, const struct kl_record *record)
{
	return (size_t)(record - harness->challenge->records);
}

void harness_prefix(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	static const char heads[] = "bilnds"; /* by enum kl_type_kind */

	if (type->nullable)
		kl_buf_add_char(out, '?');
	if (type->kind == KL_TYPE_ARRAY) {
		kl_buf_add_char(out, '[');
		harness_prefix(harness, type->element, out);
	} else if (type->kind == KL_TYPE_RECORD) {
		kl_buf_addf(out, "r%zu", harness_record_index(harness, type->record));
	} else {
		kl_buf_add_char(out, heads[type->kind]);
	}
}

void harness_codec(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	static const char *const names[] = { "Bool", "Int", "Long", "Big", "Double", "Text" };

	if (type->nullable)
		kl_buf_add_str(out, "Maybe<");
	if (type->kind == KL_TYPE_ARRAY) {
		kl_buf_add_str(out, "Array<");
		harness_codec(harness, type->element, out);
		kl_buf_add_char(out, '>');
	} else if (type->kind == KL_TYPE_RECORD) {
		harness_record(harness, type->record, out);
		kl_buf_add_str(out, "Codec");
	} else {
		kl_buf_add_str(out, names[type->kind]);
	}
	if (type->nullable)
		kl_buf_add_char(out, '>');
}

void harness_param(const struct harness *harness, enum harness_order order, const char *between,
		   const struct kl_field *field, struct kl_buf *out)
{
	if (order == NAME_FIRST) {
		harness_field(harness, field->name, out);
		kl_buf_add_str(out, between);
	}
	harness->row->type(harness, &field->type, out);
	if (order == TYPE_FIRST) {
		if (out->data[out->len - 1] != '*')
			kl_buf_add_str(out, between);
		harness_field(harness, field->name, out);
	}
}

void harness_params(const struct harness *harness, enum harness_order order, const char *between, struct kl_buf *out)
{
	const struct kl_signature *function = &harness->challenge->function;

	for (size_t i = 0; i < function->param_count; i++) {
		kl_buf_add_str(out, i ? ", " : "");
		harness_param(harness, order, between, &function->params[i], out);
	}
}

/* At most this many bytes of summary in a line of a starter. */
#define SUMMARY_WIDTH 90

void harness_summary(const struct harness *harness, const char *before, struct kl_buf *out)
{
	const char *at = harness->challenge->summary;

	while (at && *at) {
		size_t len = strlen(at);

		if (len > SUMMARY_WIDTH) {
			len = SUMMARY_WIDTH;
			while (len && at[len] != ' ')
				len--;
			len = len ? len : strlen(at);
		}
		kl_buf_add_str(out, before);
		for (size_t i = 0; i < len; i++) /* nothing may end the comment */
			kl_buf_add_char(out, strchr("*\"\n\r", at[i]) ? '\'' : at[i]);
		kl_buf_add_char(out, '\n');
		at += len;
		at += *at == ' ';
	}
}

void harness_arguments(const struct harness *harness, struct kl_buf *out)
{
	for (size_t i = 0; i < harness->challenge->function.param_count; i++)
		kl_buf_addf(out, "%sarg%zu", i ? ", " : "", i);
}

void harness_return_codec(const struct harness *harness, struct kl_buf *out)
{
	harness_codec(harness, &harness->challenge->function.returns, out);
}

/* --- records in a form -------------------------------------------------------------------------------------------- */

/* False: '@' and this letter stand for themselves. field is NULL outside of "@[ @]". */
static bool add_mark(const struct harness *harness, const struct kl_record *record, const struct kl_field *field,
		     char mark, struct kl_buf *out)
{
	if (mark == 'R')
		harness_record(harness, record, out);
	else if (field && mark == 'N')
		harness_field(harness, field->name, out);
	else if (field && mark == 'P')
		harness_name(harness, field->name, CASE_PASCAL, out);
	else if (field && mark == 'T')
		harness->row->type(harness, &field->type, out);
	else if (field && mark == 'W')
		harness_prefix(harness, &field->type, out);
	else if (field && mark == 'C')
		harness_codec(harness, &field->type, out);
	else
		return false;
	return true;
}

static void add_marked(const struct harness *harness, const struct kl_record *record, const struct kl_field *field,
		       const char *at, const char *end, struct kl_buf *out)
{
	while (at < end) {
		if (*at == '@' && add_mark(harness, record, field, at[1], out))
			at += 2;
		else
			kl_buf_add_char(out, *at++);
	}
}

/* From behind "@[" to "@]", once for each field. */
static void add_fields(const struct harness *harness, const struct kl_record *record, const char *at, const char *end,
		       struct kl_buf *out)
{
	const char *between = strstr(at, "@|");

	if (!between || between > end)
		between = NULL;
	for (size_t i = 0; i < record->count; i++) {
		if (i && between)
			kl_buf_add(out, between + 2, (size_t)(end - between) - 2);
		add_marked(harness, record, &record->fields[i], at, between ? between : end, out);
	}
}

static void add_record(const struct harness *harness, const struct kl_record *record, const char *form,
		       struct kl_buf *out)
{
	const char *open, *close;

	while ((open = strstr(form, "@[")) && (close = strstr(open, "@]"))) {
		add_marked(harness, record, NULL, form, open, out);
		add_fields(harness, record, open + 2, close, out);
		form = close + 2;
	}
	add_marked(harness, record, NULL, form, form + strlen(form), out);
}

/* --- records in an order in which each is known before it is used ------------------------------------------------- */

struct visit {
	const struct harness *harness;
	const char *form;
	struct kl_buf *out;
	bool *seen; /* one per record */
};

static void visit_record(struct visit *visit, const struct kl_record *record)
{
	bool *seen = &visit->seen[harness_record_index(visit->harness, record)];

	if (*seen)
		return;
	*seen = true;
	for (size_t i = 0; i < record->count; i++) {
		const struct kl_type *type = &record->fields[i].type;

		while (type->kind == KL_TYPE_ARRAY)
			type = type->element;
		if (type->kind == KL_TYPE_RECORD)
			visit_record(visit, type->record);
	}
	add_record(visit->harness, record, visit->form, visit->out);
}

void harness_each_record(const struct harness *harness, const char *form, struct kl_buf *out)
{
	size_t count = harness->challenge->record_count;
	struct visit visit = { harness, form, out, kl_calloc(count ? count : 1, sizeof(bool)) };

	for (size_t i = 0; i < count; i++)
		visit_record(&visit, &harness->challenge->records[i]);
	free(visit.seen);
}

/* --- slots -------------------------------------------------------------------------------------------------------- */

static void slot_source(const struct harness *harness, struct kl_buf *out)
{
	kl_buf_add_str(out, harness->language->source);
}

static void slot_module(const struct harness *harness, struct kl_buf *out)
{
	const char *source = harness->language->source;

	kl_buf_add(out, source, strcspn(source, "."));
}

/* What is loaded at run time: the compiled file, or the source itself. */
static void slot_compiled(const struct harness *harness, struct kl_buf *out)
{
	kl_buf_add_str(out, harness->language->program ? harness->language->program : harness->language->source);
}

static void slot_params(const struct harness *harness, struct kl_buf *out)
{
	const struct kl_signature *function = &harness->challenge->function;

	for (size_t i = 0; i < function->param_count; i++) {
		kl_buf_add_str(out, i ? ", \"" : "\"");
		harness_prefix(harness, &function->params[i].type, out);
		kl_buf_add_char(out, '"');
	}
}

static void slot_returns(const struct harness *harness, struct kl_buf *out)
{
	harness_prefix(harness, &harness->challenge->function.returns, out);
}

static const struct harness_slot common_slots[] = {
	{ .name = "FUNCTION", .write = harness_function },
	{ .name = "SOURCE", .write = slot_source },
	{ .name = "MODULE", .write = slot_module },
	{ .name = "COMPILED", .write = slot_compiled },
	{ .name = "PARAMS", .write = slot_params },
	{ .name = "RETURNS", .write = slot_returns },
	{ .name = "RECORDS", .records = "" },
	{ .name = NULL },
};

static const struct harness_slot *find_slot(const struct harness_slot *slots, const char *name, size_t len)
{
	for (; slots->name; slots++)
		if (strlen(slots->name) == len && !strncmp(slots->name, name, len))
			return slots;
	return NULL;
}

/* The slot that begins at the '@' of at, or NULL; *len: its bytes with both '@'. */
static const struct harness_slot *slot_at(const struct harness *harness, const char *at, size_t *len)
{
	size_t size = strspn(at + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
	const struct harness_slot *found;

	if (!size || at[size + 1] != '@')
		return NULL;
	*len = size + 2;
	found = find_slot(harness->row->slots, at + 1, size);
	return found ? found : find_slot(common_slots, at + 1, size);
}

static void write_slot(const struct harness *harness, const struct harness_slot *slot, struct kl_buf *out)
{
	if (slot->write)
		slot->write(harness, out);
	if (slot->records)
		harness_each_record(harness, slot->records, out);
	for (size_t i = 0; slot->listed && i < harness->challenge->record_count; i++)
		add_record(harness, &harness->challenge->records[i], slot->listed, out);
}

void harness_fill(const struct harness *harness, const char *const *lines, struct kl_buf *out)
{
	for (; *lines; lines++) {
		for (const char *at = *lines; *at;) {
			size_t len = 1;
			const struct harness_slot *slot = *at == '@' ? slot_at(harness, at, &len) : NULL;

			if (slot)
				write_slot(harness, slot, out);
			else
				kl_buf_add_char(out, *at);
			at += len;
		}
		kl_buf_add_char(out, '\n');
	}
}
