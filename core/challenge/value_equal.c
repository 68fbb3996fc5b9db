/*
 * When two values are the same. Arrays in any order are sorted and compared; with a tolerance, neighbours in the
 * order need not be the ones that belong together (points that differ a little in x), so a matching is looked for then.
 */

#include <kodelab/value.h>

#include <math.h>

#include <kodelab/alloc.h>

#include "core/challenge/challenge_int.h"

#define MATCHING_MAX 200 /* elements; beyond, the sorted order must do */

struct tolerance {
	double abs, rel;
};

/* --- in order ----------------------------------------------------------------------------------------------------- */

static const struct kl_type *item_type(const struct kl_type *type, size_t index)
{
	return type->kind == KL_TYPE_ARRAY ? type->element : &type->record->fields[index].type;
}

static bool equal(const struct kl_value *want, const struct kl_value *got, const struct kl_type *type,
		  struct tolerance tolerance)
{
	if (want->null || got->null)
		return want->null && got->null;
	switch (type->kind) {
	case KL_TYPE_BOOL:
		return want->boolean == got->boolean;
	case KL_TYPE_DOUBLE:
		return kl_double_near(want->real, got->real, tolerance.abs, tolerance.rel);
	case KL_TYPE_INT:
	case KL_TYPE_LONG:
	case KL_TYPE_BIGINT:
	case KL_TYPE_STRING:
		return want->len == got->len && !memcmp(want->text, got->text, want->len);
	case KL_TYPE_ARRAY:
	case KL_TYPE_RECORD:
		break;
	}
	if (want->count != got->count)
		return false;
	for (size_t i = 0; i < want->count; i++)
		if (!equal(&want->items[i], &got->items[i], item_type(type, i), tolerance))
			return false;
	return true;
}

/* --- an order ----------------------------------------------------------------------------------------------------- */

static int compare_bytes(const struct kl_value *left, const struct kl_value *right)
{
	size_t least = left->len < right->len ? left->len : right->len;
	int order = memcmp(left->text, right->text, least);

	return order ? order : (left->len > right->len) - (left->len < right->len);
}

static int compare_doubles(double left, double right)
{
	if (isnan(left) || isnan(right))
		return isnan(left) - isnan(right);
	return (left > right) - (left < right);
}

static int compare_items(const struct kl_value *left, const struct kl_value *right, const struct kl_type *type)
{
	for (size_t i = 0; i < left->count && i < right->count; i++) {
		int order = kl_value_compare(&left->items[i], &right->items[i], item_type(type, i));

		if (order)
			return order;
	}
	return (left->count > right->count) - (left->count < right->count);
}

int kl_value_compare(const struct kl_value *left, const struct kl_value *right, const struct kl_type *type)
{
	if (left->null || right->null)
		return right->null - left->null;
	switch (type->kind) {
	case KL_TYPE_BOOL:
		return left->boolean - right->boolean;
	case KL_TYPE_DOUBLE:
		return compare_doubles(left->real, right->real);
	case KL_TYPE_INT:
	case KL_TYPE_LONG:
	case KL_TYPE_BIGINT:
	case KL_TYPE_STRING:
		return compare_bytes(left, right);
	case KL_TYPE_ARRAY:
	case KL_TYPE_RECORD:
		break;
	}
	return compare_items(left, right, type);
}

/* --- in any order ------------------------------------------------------------------------------------------------- */

static int by_value(const void *left, const void *right, void *type)
{
	return kl_value_compare(*(const struct kl_value *const *)left, *(const struct kl_value *const *)right, type);
}

static const struct kl_value **sorted(const struct kl_value *array, const struct kl_type *type)
{
	const struct kl_value **items = kl_calloc(array->count, sizeof(const struct kl_value *));

	for (size_t i = 0; i < array->count; i++)
		items[i] = &array->items[i];
	qsort_r(items, array->count, sizeof(const struct kl_value *), by_value, type->element);
	return items;
}

/* A perfect matching of want's and got's elements by augmenting paths (Kuhn). */
struct matching {
	const struct kl_value *want, *got;
	const struct kl_type *type;
	struct tolerance tolerance;
	size_t *taken_by; /* per element of got: index in want + 1; 0: free */
	bool *tried; /* per element of got, in this round */
};

static bool augment(struct matching *match, size_t index)
{
	for (size_t i = 0; i < match->got->count; i++) {
		if (match->tried[i] ||
		    !equal(&match->want->items[index], &match->got->items[i], match->type, match->tolerance))
			continue;
		match->tried[i] = true;
		if (!match->taken_by[i] || augment(match, match->taken_by[i] - 1)) {
			match->taken_by[i] = index + 1;
			return true;
		}
	}
	return false;
}

static bool matches(const struct kl_value *want, const struct kl_value *got, const struct kl_type *type,
		    struct tolerance tolerance)
{
	struct matching match = { want, got, type->element, tolerance, NULL, NULL };
	bool complete = true;

	match.taken_by = kl_calloc(got->count, sizeof(*match.taken_by));
	match.tried = kl_calloc(got->count, sizeof(*match.tried));
	for (size_t i = 0; i < want->count && complete; i++) {
		memset(match.tried, 0, got->count * sizeof(*match.tried));
		complete = augment(&match, i);
	}
	free(match.taken_by);
	free(match.tried);
	return complete;
}

static bool equal_unordered(const struct kl_value *want, const struct kl_value *got, const struct kl_type *type,
			    struct tolerance tolerance)
{
	const struct kl_value **left, **right;
	bool same = true;

	if (want->count != got->count)
		return false;
	left = sorted(want, type);
	right = sorted(got, type);
	for (size_t i = 0; i < want->count && same; i++)
		same = equal(left[i], right[i], type->element, tolerance);
	free(left);
	free(right);
	if (same || (tolerance.abs <= 0 && tolerance.rel <= 0) || want->count > MATCHING_MAX)
		return same;
	return matches(want, got, type, tolerance);
}

bool kl_value_equal(const struct kl_value *want, const struct kl_value *got, const struct kl_type *type, double abs_tol,
		    double rel_tol, bool unordered)
{
	struct tolerance tolerance = { abs_tol, rel_tol };

	if (unordered && type->kind == KL_TYPE_ARRAY && !want->null && !got->null)
		return equal_unordered(want, got, type, tolerance);
	return equal(want, got, type, tolerance);
}
