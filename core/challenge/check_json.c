/* Output as JSON: keys in any order, numbers by their exact decimal value (1, 1.0 and 10e-1 are the same; any size). */

#include <kodelab/alloc.h>
#include <kodelab/json.h>

#include "core/challenge/challenge_int.h"
#include "core/challenge/checker_int.h"

#define TEXT_MAX  (16u << 20)
#define SHOWN_MAX 60

struct step {
	const struct step *up;
	const char *key; /* NULL: an element */
	size_t index;
};

struct comparison {
	const struct kl_json *want, *got;
	struct kl_buf *why;
};

static bool same(const struct comparison *both, const cJSON *want, const cJSON *got, const struct step *step);

/* --- numbers ------------------------------------------------------------------------------------------------------ */

#define EXPONENT_MAX 1000000000000000 /* beyond, exponents count as this one */

struct decimal { /* ± digits × 10^exponent, the digits without zeros at either end; none: zero */
	bool minus;
	char *digits; /* owned */
	size_t len;
	int64_t exponent;
};

static int64_t parse_exponent(const char *text)
{
	int64_t exponent = *text ? strtoll(text + 1, NULL, 10) : 0;

	if (exponent > EXPONENT_MAX)
		return EXPONENT_MAX;
	return exponent < -EXPONENT_MAX ? -EXPONENT_MAX : exponent;
}

static struct decimal parse_decimal(const char *text)
{
	struct decimal number = { .minus = *text == '-' };
	size_t end = strcspn(text, "eE");
	bool point = false;

	number.digits = kl_alloc(end + 1);
	for (size_t i = number.minus; i < end; i++) {
		if (text[i] == '.') {
			point = true;
			continue;
		}
		number.exponent -= point;
		if (number.len || text[i] != '0')
			number.digits[number.len++] = text[i];
	}
	number.exponent += parse_exponent(text + end);
	while (number.len && number.digits[number.len - 1] == '0') {
		number.len--;
		number.exponent++;
	}
	return number;
}

static bool same_number(const char *want, const char *got)
{
	struct decimal left = parse_decimal(want), right = parse_decimal(got);
	bool equal = left.len == right.len && !memcmp(left.digits, right.digits, left.len) &&
		     (!left.len || (left.minus == right.minus && left.exponent == right.exponent));

	free(left.digits);
	free(right.digits);
	return equal;
}

/* --- what to say -------------------------------------------------------------------------------------------------- */

static void print_step(const struct step *step, struct kl_buf *out)
{
	if (!step)
		return;
	print_step(step->up, out);
	if (!step->key)
		kl_buf_addf(out, "[%zu]", step->index);
	else
		kl_buf_addf(out, "%s%.40s", step->up ? "." : "", step->key);
}

static void print_place(const struct comparison *both, const struct step *step)
{
	print_step(step, both->why);
	if (step)
		kl_buf_add_str(both->why, ": ");
}

static void print_node(const struct kl_json *doc, const cJSON *node, struct kl_buf *out)
{
	struct kl_buf text;

	kl_buf_init(&text, SHOWN_MAX);
	if (cJSON_IsNumber(node))
		kl_buf_add_str(&text, kl_json_digits(doc, node));
	else if (cJSON_IsString(node))
		kl_json_print_string(node->valuestring, strlen(node->valuestring), &text);
	else if (cJSON_IsArray(node))
		kl_buf_addf(&text, "an array of %d", cJSON_GetArraySize(node));
	else if (cJSON_IsObject(node))
		kl_buf_addf(&text, "an object of %d", cJSON_GetArraySize(node));
	else
		kl_buf_add_str(&text, cJSON_IsNull(node) ? "null" : cJSON_IsTrue(node) ? "true" : "false");
	kl_buf_addf(out, "%s%s", text.data, text.truncated ? "…" : "");
	kl_buf_release(&text);
}

static bool differ(const struct comparison *both, const cJSON *want, const cJSON *got, const struct step *step)
{
	print_place(both, step);
	kl_buf_add_str(both->why, "expected ");
	print_node(both->want, want, both->why);
	kl_buf_add_str(both->why, ", got ");
	print_node(both->got, got, both->why);
	return false;
}

/* --- comparing ---------------------------------------------------------------------------------------------------- */

static bool same_array(const struct comparison *both, const cJSON *want, const cJSON *got, const struct step *step)
{
	struct step inner = { .up = step };
	const cJSON *left = want->child, *right = got->child;

	if (cJSON_GetArraySize(want) != cJSON_GetArraySize(got))
		return differ(both, want, got, step);
	for (; left; left = left->next, right = right->next, inner.index++)
		if (!same(both, left, right, &inner))
			return false;
	return true;
}

static int by_key(const void *left, const void *right)
{
	return strcmp((*(const cJSON *const *)left)->string, (*(const cJSON *const *)right)->string);
}

/* The members in the order of their keys: looking each one up would be quadratic in what a student prints. */
static const cJSON **sorted_members(const cJSON *object, size_t *count)
{
	const cJSON **members, *member;
	size_t at = 0;

	*count = (size_t)cJSON_GetArraySize(object);
	members = kl_calloc(*count, sizeof(const cJSON *));
	cJSON_ArrayForEach(member, object)
		members[at++] = member;
	qsort(members, *count, sizeof(const cJSON *), by_key);
	return members;
}

static bool name_key(const struct comparison *both, const cJSON *member, const struct step *step, bool missing)
{
	print_place(both, step);
	kl_buf_add_str(both->why, "the key ");
	kl_show((struct kl_text){ member->string, strlen(member->string) }, both->why);
	kl_buf_add_str(both->why, missing ? " is missing" : " was not expected");
	return false;
}

static bool same_object(const struct comparison *both, const cJSON *want, const cJSON *got, const struct step *step)
{
	size_t count, others;
	const cJSON **left = sorted_members(want, &count), **right = sorted_members(got, &others);
	bool equal = true;

	for (size_t i = 0; equal && (i < count || i < others); i++) {
		int order = i == count ? 1 : i == others ? -1 : by_key(&left[i], &right[i]);
		struct step inner = { .up = step };

		if (order) {
			equal = name_key(both, order < 0 ? left[i] : right[i], step, order < 0);
			continue;
		}
		inner.key = left[i]->string;
		equal = same(both, left[i], right[i], &inner);
	}
	free(left);
	free(right);
	return equal;
}

static bool same(const struct comparison *both, const cJSON *want, const cJSON *got, const struct step *step)
{
	if ((want->type & 0xff) != (got->type & 0xff))
		return differ(both, want, got, step);
	if (cJSON_IsArray(want))
		return same_array(both, want, got, step);
	if (cJSON_IsObject(want))
		return same_object(both, want, got, step);
	if (cJSON_IsNumber(want) && !same_number(kl_json_digits(both->want, want), kl_json_digits(both->got, got)))
		return differ(both, want, got, step);
	if (cJSON_IsString(want) && strcmp(want->valuestring, got->valuestring) != 0)
		return differ(both, want, got, step);
	return true;
}

bool kl_check_json(const struct kl_checker *checker, struct kl_text want, struct kl_text actual, struct kl_buf *why)
{
	struct kl_json *left = NULL, *right = NULL;
	struct kl_error err;
	bool equal = false;

	(void)checker;
	if (kl_json_parse(&left, want.at, want.len, TEXT_MAX, "the expected output", &err) ||
	    kl_json_parse(&right, actual.at, actual.len, TEXT_MAX, "output", &err)) {
		kl_buf_add_str(why, err.message);
	} else {
		const struct comparison both = { left, right, why };

		equal = same(&both, kl_json_root(left), kl_json_root(right), NULL);
	}
	kl_json_free(left);
	kl_json_free(right);
	return equal;
}
