/*
 * The wire between core and harness (docs/harness.md). What comes back was written by a program that may want to
 * harm us: every count is checked against the bytes that are left before memory is taken for it.
 */

#include <kodelab/value.h>

#include <math.h>

#include <kodelab/alloc.h>

#include "core/challenge/challenge_int.h"

#define SHOWN_MAX 40 /* bytes of a bad token that a message repeats */

/* --- encoding ----------------------------------------------------------------------------------------------------- */

static void encode_items(const struct kl_value *value, const struct kl_type *type, struct kl_buf *out)
{
	if (type->kind == KL_TYPE_ARRAY)
		kl_buf_addf(out, "%zu\n", value->count);
	for (size_t i = 0; i < value->count; i++)
		kl_value_encode(&value->items[i],
				type->kind == KL_TYPE_ARRAY ? type->element : &type->record->fields[i].type, out);
}

void kl_value_encode(const struct kl_value *value, const struct kl_type *type, struct kl_buf *out)
{
	char number[KL_DOUBLE_TEXT_MAX];

	if (type->nullable)
		kl_buf_add_str(out, value->null ? "0\n" : "1\n");
	if (value->null)
		return;
	switch (type->kind) {
	case KL_TYPE_BOOL:
		kl_buf_add_str(out, value->boolean ? "1\n" : "0\n");
		break;
	case KL_TYPE_INT:
	case KL_TYPE_LONG:
	case KL_TYPE_BIGINT:
		kl_buf_addf(out, "%s\n", value->text);
		break;
	case KL_TYPE_DOUBLE:
		kl_double_print(value->real, number);
		kl_buf_addf(out, "%s\n", number);
		break;
	case KL_TYPE_STRING:
		kl_buf_addf(out, "%zu\n", value->len);
		kl_buf_add(out, value->text, value->len);
		kl_buf_add_char(out, '\n');
		break;
	case KL_TYPE_ARRAY:
	case KL_TYPE_RECORD:
		encode_items(value, type, out);
		break;
	}
}

/* --- decoding ----------------------------------------------------------------------------------------------------- */

struct wire {
	const char *at, *end;
	size_t left; /* values that may still come */
	struct kl_error *err;
};

struct token {
	const char *text;
	size_t len;
};

static enum kl_status decode(struct kl_value *out, struct wire *wire, const struct kl_type *type);

static enum kl_status refuse(struct wire *wire, const char *expected, struct token token)
{
	return kl_fail(wire->err, KL_EINVAL, "the answer cannot be read: expected %s, found '%.*s'", expected,
		       (int)(token.len > SHOWN_MAX ? SHOWN_MAX : token.len), token.text);
}

static enum kl_status take_token(struct token *out, struct wire *wire, const char *expected)
{
	const char *newline = memchr(wire->at, '\n', (size_t)(wire->end - wire->at));

	if (!newline)
		return kl_fail(wire->err, KL_EINVAL, "the answer ends too early: expected %s", expected);
	*out = (struct token){ wire->at, (size_t)(newline - wire->at) };
	wire->at = newline + 1;
	return KL_OK;
}

static enum kl_status take_flag(bool *out, struct wire *wire, const char *expected)
{
	struct token token = { "", 0 };
	enum kl_status status = take_token(&token, wire, expected);

	if (status)
		return status;
	if (token.len != 1 || (token.text[0] != '0' && token.text[0] != '1'))
		return refuse(wire, expected, token);
	*out = token.text[0] == '1';
	return KL_OK;
}

/* A count of things of at least unit bytes each, which must all be there. */
static enum kl_status take_count(size_t *out, struct wire *wire, size_t unit, const char *expected)
{
	size_t room, count = 0;
	struct token token = { "", 0 };
	enum kl_status status = take_token(&token, wire, expected);

	if (status)
		return status;
	if (!token.len || token.len > 9)
		return refuse(wire, expected, token);
	for (size_t i = 0; i < token.len; i++) {
		if (token.text[i] < '0' || token.text[i] > '9')
			return refuse(wire, expected, token);
		count = 10 * count + (size_t)(token.text[i] - '0');
	}
	room = (size_t)(wire->end - wire->at) / unit;
	if (count > room)
		return kl_fail(wire->err, KL_EINVAL, "the answer ends too early: %s says %zu, but there is less",
			       expected, count);
	*out = count;
	return KL_OK;
}

static enum kl_status decode_integer(struct kl_value *out, struct wire *wire, const struct kl_type *type)
{
	/* clang-format off */
	static const char *const expected[] = {
		[KL_TYPE_INT] = "an int", [KL_TYPE_LONG] = "a long", [KL_TYPE_BIGINT] = "a bigint",
	};
	/* clang-format on */
	struct token token = { "", 0 };
	enum kl_status status = take_token(&token, wire, expected[type->kind]);

	if (status)
		return status;
	out->text = kl_digits_canonical(token.text, token.len);
	if (!out->text || !kl_digits_fit(out->text, type->kind))
		return refuse(wire, expected[type->kind], token);
	out->len = strlen(out->text);
	return KL_OK;
}

static enum kl_status decode_double(struct kl_value *out, struct wire *wire)
{
	struct token token = { "", 0 };
	enum kl_status status = take_token(&token, wire, "a double");

	if (status)
		return status;
	return kl_double_parse(&out->real, token.text, token.len) ? KL_OK : refuse(wire, "a double", token);
}

static enum kl_status decode_string(struct kl_value *out, struct wire *wire)
{
	size_t len = 0;
	enum kl_status status = take_count(&len, wire, 1, "the length of a string");

	if (status)
		return status;
	if (len == (size_t)(wire->end - wire->at) || wire->at[len] != '\n')
		return kl_fail(wire->err, KL_EINVAL, "the answer cannot be read: a string is not as long as it says");
	out->text = kl_strndup(wire->at, len);
	out->len = len;
	wire->at += len + 1;
	return KL_OK;
}

static enum kl_status decode_items(struct kl_value *out, struct wire *wire, const struct kl_type *type)
{
	bool array = type->kind == KL_TYPE_ARRAY;
	size_t count = array ? 0 : type->record->count;
	enum kl_status status = KL_OK;

	if (array) /* the smallest value is a digit and its newline */
		status = take_count(&count, wire, 2, "the length of an array");
	if (status)
		return status;
	if (count > wire->left)
		return kl_fail(wire->err, KL_EFULL, "the answer has over %d values", KL_VALUE_COUNT_MAX);
	out->items = kl_calloc(count, sizeof(*out->items));
	out->count = count;
	for (size_t i = 0; i < count && !status; i++)
		status = decode(&out->items[i], wire, array ? type->element : &type->record->fields[i].type);
	return status;
}

static enum kl_status decode(struct kl_value *out, struct wire *wire, const struct kl_type *type)
{
	enum kl_status status;
	bool there = true;

	if (!wire->left)
		return kl_fail(wire->err, KL_EFULL, "the answer has over %d values", KL_VALUE_COUNT_MAX);
	wire->left--;
	if (type->nullable) {
		status = take_flag(&there, wire, "0 or 1 (is there a value?)");
		if (status)
			return status;
	}
	out->null = !there;
	if (!there)
		return KL_OK;
	switch (type->kind) {
	case KL_TYPE_BOOL:
		return take_flag(&out->boolean, wire, "a bool (0 or 1)");
	case KL_TYPE_INT:
	case KL_TYPE_LONG:
	case KL_TYPE_BIGINT:
		return decode_integer(out, wire, type);
	case KL_TYPE_DOUBLE:
		return decode_double(out, wire);
	case KL_TYPE_STRING:
		return decode_string(out, wire);
	case KL_TYPE_ARRAY:
	case KL_TYPE_RECORD:
		return decode_items(out, wire, type);
	}
	return KL_OK;
}

enum kl_status kl_value_decode(struct kl_value *out, size_t *used, const struct kl_type *type, const char *bytes,
			       size_t len, struct kl_error *err)
{
	struct wire wire = { bytes, bytes + len, KL_VALUE_COUNT_MAX, err };
	struct kl_value value = { .null = false };
	enum kl_status status;

	if (len > KL_WIRE_MAX)
		return kl_fail(err, KL_EFULL, "the answer is too large (%zu bytes, at most %u)", len, KL_WIRE_MAX);
	status = decode(&value, &wire, type);
	if (status) {
		kl_value_release(&value);
		return status;
	}
	*out = value;
	*used = (size_t)(wire.at - bytes);
	return KL_OK;
}
