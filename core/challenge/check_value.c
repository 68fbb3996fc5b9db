/* A function's value against the expected one, and where they first differ. */

#include <kodelab/challenge.h>

#include <kodelab/alloc.h>

#include "core/challenge/challenge_int.h"
#include "core/challenge/checker_int.h"

#define SHOWN_MAX 60

struct step {
	const struct step *up;
	const char *field; /* NULL: an element */
	size_t index;
};

struct comparison {
	const struct kl_checker *checker;
	struct kl_buf *why;
};

static bool equal(const struct comparison *both, const struct kl_type *type, const struct kl_value *want,
		  const struct kl_value *got)
{
	return kl_value_equal(want, got, type, both->checker->abs_tol, both->checker->rel_tol, false);
}

static void print_step(const struct step *step, struct kl_buf *out)
{
	if (!step)
		return;
	print_step(step->up, out);
	if (!step->field)
		kl_buf_addf(out, "[%zu]", step->index);
	else
		kl_buf_addf(out, "%s%s", step->up ? "." : "", step->field);
}

static void print_short(const struct kl_value *value, const struct kl_type *type, struct kl_buf *out)
{
	struct kl_buf text;

	kl_buf_init(&text, SHOWN_MAX);
	kl_value_print(value, type, &text);
	while (text.truncated && text.len && (text.data[text.len - 1] & 0x80)) /* no half character */
		kl_buf_cut(&text, text.len - 1);
	kl_buf_addf(out, "%s%s", text.data, text.truncated ? "…" : "");
	kl_buf_release(&text);
}

static void explain_here(const struct comparison *both, const struct kl_type *type, const struct kl_value *want,
			 const struct kl_value *got, const struct step *step)
{
	print_step(step, both->why);
	if (step)
		kl_buf_add_str(both->why, ": ");
	if (type->kind == KL_TYPE_ARRAY && !want->null && !got->null && want->count != got->count)
		kl_buf_addf(both->why, "expected %zu element%s, got %zu: ", want->count, want->count == 1 ? "" : "s",
			    got->count);
	kl_buf_add_str(both->why, "expected ");
	print_short(want, type, both->why);
	kl_buf_add_str(both->why, ", got ");
	print_short(got, type, both->why);
}

/* Goes down to the smallest part that differs. */
static void explain(const struct comparison *both, const struct kl_type *type, const struct kl_value *want,
		    const struct kl_value *got, const struct step *step)
{
	bool record = type->kind == KL_TYPE_RECORD;
	struct step inner = { .up = step };

	if ((!record && type->kind != KL_TYPE_ARRAY) || want->null || got->null || want->count != got->count) {
		explain_here(both, type, want, got, step);
		return;
	}
	for (; inner.index < want->count; inner.index++) {
		const struct kl_type *part = record ? &type->record->fields[inner.index].type : type->element;

		if (equal(both, part, &want->items[inner.index], &got->items[inner.index]))
			continue;
		inner.field = record ? type->record->fields[inner.index].name : NULL;
		explain(both, part, &want->items[inner.index], &got->items[inner.index], &inner);
		return;
	}
}

static bool takes_unordered(const struct comparison *both, const struct kl_type *type, const struct kl_value *want,
			    const struct kl_value *got)
{
	if (kl_value_equal(want, got, type, both->checker->abs_tol, both->checker->rel_tol, true))
		return true;
	if (type->kind == KL_TYPE_ARRAY && !want->null && !got->null && want->count == got->count) {
		kl_buf_add_str(both->why, "in any order: expected ");
		print_short(want, type, both->why);
		kl_buf_add_str(both->why, ", got ");
		print_short(got, type, both->why);
	} else {
		explain_here(both, type, want, got, NULL);
	}
	return false;
}

bool kl_checker_takes_value(const struct kl_checker *checker, const struct kl_type *type, const struct kl_value *want,
			    const struct kl_value *actual, struct kl_buf *why)
{
	struct kl_buf unwanted;
	struct comparison both = { checker, why ? why : &unwanted };
	bool passes;

	kl_buf_init(&unwanted, 1000);
	if (checker->kind == KL_CHECK_JSON && type->kind == KL_TYPE_STRING && !want->null && !actual->null) {
		passes = kl_check_json(checker, (struct kl_text){ want->text, want->len },
				       (struct kl_text){ actual->text, actual->len }, both.why);
	} else if (checker->kind == KL_CHECK_UNORDERED) {
		passes = takes_unordered(&both, type, want, actual);
	} else {
		passes = equal(&both, type, want, actual);
		if (!passes)
			explain(&both, type, want, actual, NULL);
	}
	kl_buf_release(&unwanted);
	return passes;
}
