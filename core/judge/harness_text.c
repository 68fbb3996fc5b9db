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

void harness_record_prefixes(const struct harness *harness, const char *open, const char *close, struct kl_buf *out)
{
	for (size_t i = 0; i < harness->challenge->record_count; i++) {
		const struct kl_record *record = &harness->challenge->records[i];

		kl_buf_add_str(out, i ? ", " : "");
		kl_buf_add_str(out, open);
		for (size_t k = 0; k < record->count; k++) {
			kl_buf_add_str(out, k ? ", \"" : "\"");
			harness_prefix(harness, &record->fields[k].type, out);
			kl_buf_add_char(out, '"');
		}
		kl_buf_add_str(out, close);
	}
}

/* --- records in an order in which each is known before it is used ------------------------------------------------- */

struct visit {
	const struct harness *harness;
	harness_record_fn *fn;
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
	visit->fn(visit->harness, record, visit->out);
}

void harness_each_record(const struct harness *harness, harness_record_fn *fn, struct kl_buf *out)
{
	size_t count = harness->challenge->record_count;
	struct visit visit = { harness, fn, out, kl_calloc(count ? count : 1, sizeof(bool)) };

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

static void slot_nothing(const struct harness *harness, struct kl_buf *out)
{
	(void)harness;
	(void)out;
}

static const struct harness_slot common_slots[] = {
	{ "FUNCTION", harness_function }, { "SOURCE", slot_source },
	{ "MODULE", slot_module },        { "COMPILED", slot_compiled },
	{ "PARAMS", slot_params },        { "RETURNS", slot_returns },
	{ "RECORDS", slot_nothing },      { NULL, NULL },
};

static harness_write_fn *find_slot(const struct harness_slot *slots, const char *name, size_t len)
{
	for (; slots->name; slots++)
		if (strlen(slots->name) == len && !strncmp(slots->name, name, len))
			return slots->write;
	return NULL;
}

/* The slot that begins at the '@' of at, or NULL; *len: its bytes with both '@'. */
static harness_write_fn *slot_at(const struct harness *harness, const char *at, size_t *len)
{
	size_t size = strspn(at + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
	harness_write_fn *found;

	if (!size || at[size + 1] != '@')
		return NULL;
	*len = size + 2;
	found = find_slot(harness->row->slots, at + 1, size);
	return found ? found : find_slot(common_slots, at + 1, size);
}

void harness_fill(const struct harness *harness, const char *const *lines, struct kl_buf *out)
{
	for (; *lines; lines++) {
		for (const char *at = *lines; *at;) {
			size_t len = 1;
			harness_write_fn *slot = *at == '@' ? slot_at(harness, at, &len) : NULL;

			if (slot)
				slot(harness, out);
			else
				kl_buf_add_char(out, *at);
			at += len;
		}
		kl_buf_add_char(out, '\n');
	}
}
