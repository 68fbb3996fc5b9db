/* The text against a model that cannot be wrong: a plain string, and a copy of it for every revision. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/text.h>

#define MODEL_MAX    4096
#define REVISION_MAX 20000

struct model {
	struct kl_text *text;
	char bytes[MODEL_MAX];
	size_t len;
	struct {
		char *bytes;
		size_t len;
	} states[REVISION_MAX]; /* after each revision */
	uint32_t seed;
};

static uint32_t roll(struct model *model, uint32_t sides)
{
	model->seed ^= model->seed << 13;
	model->seed ^= model->seed >> 17;
	model->seed ^= model->seed << 5;
	return model->seed % sides;
}

static void assert_text(const struct kl_text *text, const char *want, size_t len)
{
	size_t got_len;
	char *got = kl_text_dup(text, &got_len);

	assert_int_equal(got_len, len);
	assert_memory_equal(got, want, len);
	free(got);
}

static void assert_string(const struct kl_text *text, const char *want)
{
	assert_text(text, want, strlen(want));
}

/* Lines and bytes one by one, against the plain string. */
static void assert_lines(struct model *model)
{
	size_t line0 = 0, start = 0;

	for (size_t i = 0; i <= model->len; i++) {
		assert_int_equal(kl_text_line_of(model->text, i), line0);
		assert_int_equal(kl_text_byte(model->text, i), i < model->len ? (unsigned char)model->bytes[i] : -1);
		if (i == model->len || model->bytes[i] == '\n') {
			bool cr = i < model->len && i > start && model->bytes[i - 1] == '\r';

			assert_int_equal(kl_text_line_start(model->text, line0), start);
			assert_int_equal(kl_text_line_end(model->text, line0), cr ? i - 1 : i);
			line0++;
			start = i + 1;
		}
	}
	assert_int_equal(kl_text_lines(model->text), line0);
	assert_int_equal(kl_text_line_start(model->text, line0), model->len);
}

static void remember(struct model *model)
{
	size_t revision = kl_text_revision(model->text);

	free(model->states[revision].bytes);
	model->states[revision].bytes = kl_strndup(model->bytes, model->len);
	model->states[revision].len = model->len;
}

static void recall(struct model *model)
{
	size_t revision = kl_text_revision(model->text);

	model->len = model->states[revision].len;
	memcpy(model->bytes, model->states[revision].bytes, model->len);
}

static void edit(struct model *model)
{
	static const char *const words[] = { "x", "\n", "hello", "\r\n", "a\nb\nc", "\t", " ", "\xc3\xa9" };
	const char *word = words[roll(model, KL_LENGTH(words))];
	size_t offset = roll(model, (uint32_t)model->len + 1);
	size_t removed = roll(model, 3) ? 0 : roll(model, roll(model, 8) ? 6 : 200);
	size_t added = roll(model, 3) ? strlen(word) : 0;

	if (removed > model->len - offset)
		removed = model->len - offset;
	if (model->len - removed + added > MODEL_MAX)
		added = 0;
	memmove(model->bytes + offset + added, model->bytes + offset + removed, model->len - offset - removed);
	memcpy(model->bytes + offset, word, added);
	model->len = model->len - removed + added;
	if (removed && added)
		kl_text_replace(model->text, offset, removed, word, added);
	else if (removed)
		kl_text_delete(model->text, offset, removed);
	else
		kl_text_insert(model->text, offset, word, added);
}

static void step(struct model *model)
{
	uint32_t dice = roll(model, 20);

	if (dice < 10) {
		edit(model);
	} else if (dice < 13) {
		kl_text_begin(model->text, (enum kl_edit)roll(model, 3), 0);
		for (uint32_t i = roll(model, 5); i; i--)
			edit(model);
		kl_text_end(model->text, 0);
	} else if (dice < 16) {
		for (uint32_t i = roll(model, 10); i; i--)
			kl_text_undo(model->text, NULL);
		recall(model);
	} else if (dice < 18) {
		for (uint32_t i = roll(model, 5); i; i--)
			kl_text_redo(model->text, NULL);
		recall(model);
	} else {
		kl_text_go_to(model->text, roll(model, (uint32_t)kl_text_revisions(model->text)), NULL);
		recall(model);
	}
	remember(model);
}

static void random_edits_match_the_model(void **state)
{
	struct model *model = kl_calloc(1, sizeof(*model));

	(void)state;
	for (uint32_t seed = 1; seed <= 4; seed++) {
		model->seed = seed * 7919;
		model->len = 0;
		if (seed > 1) {
			memcpy(model->bytes, "one\r\ntwo\nthree", 14);
			model->len = 14;
		}
		model->text = kl_text_new(model->bytes, model->len);
		remember(model);
		for (int i = 0; i < 4000; i++) {
			step(model);
			assert_text(model->text, model->bytes, model->len);
			if (i % 16 == 0)
				assert_lines(model);
		}
		kl_text_free(model->text);
		for (size_t i = 0; i < REVISION_MAX; i++) {
			free(model->states[i].bytes);
			model->states[i].bytes = NULL;
		}
	}
	free(model);
}

static void type(struct kl_text *text, const char *keys)
{
	for (; *keys; keys++) {
		size_t at = kl_text_len(text);

		kl_text_begin(text, KL_EDIT_TYPE, at);
		kl_text_insert(text, at, keys, 1);
		kl_text_end(text, at + 1);
	}
}

static void typing_is_undone_by_words(void **state)
{
	static const char *const steps[] = { "one two\nthree ", "one two\n", "one ", "" };
	struct kl_text *text = kl_text_new("", 0);
	size_t cursor;

	(void)state;
	type(text, "one two\nthree four");
	assert_int_equal(kl_text_revisions(text), 5);
	for (size_t i = 0; i < KL_LENGTH(steps); i++) {
		assert_true(kl_text_undo(text, &cursor));
		assert_string(text, steps[i]);
		assert_int_equal(cursor, strlen(steps[i]));
	}
	assert_false(kl_text_undo(text, &cursor));
	assert_false(kl_text_modified(text));
	assert_true(kl_text_redo(text, &cursor));
	assert_string(text, "one ");
	assert_int_equal(cursor, 4);
	kl_text_free(text);
}

static void a_break_a_save_and_a_jump_end_typing(void **state)
{
	struct kl_text *text = kl_text_new("", 0);

	(void)state;
	type(text, "ab");
	kl_text_break(text);
	type(text, "cd");
	assert_int_equal(kl_text_revisions(text), 3);
	kl_text_set_saved(text);
	type(text, "ef");
	assert_int_equal(kl_text_revisions(text), 4);
	assert_true(kl_text_modified(text));
	kl_text_undo(text, NULL);
	assert_false(kl_text_modified(text));
	kl_text_free(text);
}

static void erasing_is_one_step(void **state)
{
	struct kl_text *text = kl_text_new("abcdef", 6);
	size_t cursor;

	(void)state;
	for (size_t at = 5; at > 2; at--) {
		kl_text_begin(text, KL_EDIT_ERASE, at);
		kl_text_delete(text, at - 1, 1);
		kl_text_end(text, at - 1);
	}
	for (int i = 0; i < 2; i++) {
		kl_text_begin(text, KL_EDIT_ERASE, 2);
		kl_text_delete(text, 2, 1);
		kl_text_end(text, 2);
	}
	assert_string(text, "ab");
	assert_int_equal(kl_text_revisions(text), 2);
	assert_true(kl_text_undo(text, &cursor));
	assert_string(text, "abcdef");
	assert_int_equal(cursor, 5);
	kl_text_free(text);
}

static void branches_are_kept(void **state)
{
	struct kl_text *text = kl_text_new("", 0);

	(void)state;
	kl_text_insert(text, 0, "a", 1);
	kl_text_insert(text, 1, "b", 1);
	kl_text_undo(text, NULL);
	kl_text_insert(text, 1, "c", 1);
	assert_string(text, "ac");
	assert_true(kl_text_earlier(text, NULL));
	assert_string(text, "ab");
	assert_true(kl_text_earlier(text, NULL));
	assert_string(text, "a");
	assert_true(kl_text_redo(text, NULL)); /* the branch visited last */
	assert_string(text, "ab");
	assert_true(kl_text_later(text, NULL));
	assert_string(text, "ac");
	assert_false(kl_text_later(text, NULL));
	assert_false(kl_text_go_to(text, 99, NULL));
	kl_text_free(text);
}

struct seen {
	int count;
	struct kl_text_change last;
};

static void on_change(void *ctx, struct kl_text *text, const struct kl_text_change *change)
{
	struct seen *seen = ctx;

	(void)text;
	seen->count++;
	seen->last = *change;
}

static void listeners_hear_what_changed(void **state)
{
	struct kl_text *text = kl_text_new("one\ntwo\nthree", 13);
	struct seen seen = { 0 };
	uint64_t generation = kl_text_generation(text);

	(void)state;
	kl_text_listen(text, on_change, &seen);
	kl_text_replace(text, 5, 4, "A\nB\nC", 5);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.last.offset, 5);
	assert_int_equal(seen.last.line0, 1);
	assert_int_equal(seen.last.removed, 4);
	assert_int_equal(seen.last.added, 5);
	assert_int_equal(seen.last.lines_removed, 1);
	assert_int_equal(seen.last.lines_added, 2);
	assert_int_equal(kl_text_generation(text), generation + 1);
	kl_text_undo(text, NULL);
	assert_int_equal(seen.last.lines_removed, 2);
	kl_text_unlisten(text, on_change, &seen);
	kl_text_insert(text, 0, "x", 1);
	assert_int_equal(seen.count, 2);
	kl_text_free(text);
}

static void marks_move_with_the_text(void **state)
{
	static const struct {
		size_t offset, removed;
		const char *added;
		size_t left, right; /* where marks put at 5 end up */
	} cases[] = {
		{ 0, 0, "xx", 7, 7 }, { 5, 0, "xx", 5, 7 }, { 6, 0, "xx", 5, 5 }, { 0, 3, "", 2, 2 },
		{ 3, 4, "", 3, 3 },   { 3, 4, "yy", 3, 5 }, { 5, 2, "z", 5, 5 },  { 3, 2, "z", 4, 4 },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_text *text = kl_text_new("0123456789", 10);
		struct kl_mark *left = kl_mark_add(text, 5, KL_GRAVITY_LEFT);
		struct kl_mark *right = kl_mark_add(text, 5, KL_GRAVITY_RIGHT);

		kl_text_replace(text, cases[i].offset, cases[i].removed, cases[i].added, strlen(cases[i].added));
		assert_int_equal(kl_mark_offset(left), cases[i].left);
		assert_int_equal(kl_mark_offset(right), cases[i].right);
		kl_mark_remove(left);
		kl_mark_set(right, 99);
		assert_int_equal(kl_mark_offset(right), kl_text_len(text));
		kl_text_free(text);
	}
}

static void assigning_changes_only_the_middle(void **state)
{
	struct kl_text *text = kl_text_new("aaa\nbbb\nccc\n", 12);
	struct seen seen = { 0 };

	(void)state;
	kl_text_insert(text, 4, "x", 1); /* so that it lies in pieces */
	kl_text_listen(text, on_change, &seen);
	assert_true(kl_text_assign(text, "aaa\nxb!\nccc\n", 12, 3));
	assert_string(text, "aaa\nxb!\nccc\n");
	assert_int_equal(seen.last.offset, 6);
	assert_int_equal(seen.last.removed, 2);
	assert_int_equal(seen.last.added, 1);
	assert_false(kl_text_assign(text, "aaa\nxb!\nccc\n", 12, 3));
	assert_true(kl_text_assign(text, "", 0, 3));
	assert_true(kl_text_assign(text, "aaaa", 4, 3));
	assert_true(kl_text_assign(text, "aaa", 3, 3));
	assert_string(text, "aaa");
	kl_text_undo(text, NULL);
	kl_text_undo(text, NULL);
	kl_text_undo(text, NULL);
	assert_string(text, "aaa\nxb!\nccc\n");
	kl_text_free(text);
}

static void clusters(void **state)
{
	/* e + acute, family (joined), two flags, "\r\n", Hangul */
	static const char bytes[] = "ae\xcc\x81\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7"
				    "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa\xf0\x9f\x87\xab\xf0\x9f\x87\xb7\r\n\xea\xb0\x80z";
	static const size_t bounds[] = { 0, 1, 4, 15, 23, 31, 33, 36, 37 };
	struct kl_text *text = kl_text_new("", 0);

	(void)state;
	for (size_t i = sizeof(bytes) - 1; i-- > 0;) /* one piece per byte */
		kl_text_insert(text, 0, bytes + i, 1);
	for (size_t i = 0; i + 1 < KL_LENGTH(bounds); i++) {
		assert_int_equal(kl_text_next(text, bounds[i]), bounds[i + 1]);
		assert_int_equal(kl_text_prev(text, bounds[i + 1]), bounds[i]);
		for (size_t inside = bounds[i]; inside < bounds[i + 1]; inside++)
			assert_int_equal(kl_text_align(text, inside), bounds[i]);
	}
	assert_int_equal(kl_text_next(text, 37), 37);
	assert_int_equal(kl_text_prev(text, 0), 0);
	assert_int_equal(kl_text_align(text, 37), 37);
	kl_text_free(text);
}

static void columns(void **state)
{
	static const char bytes[] = "\tab\tc\nx\xe4\xb8\x96\xe7\x95\x8cy\x1b\n";
	struct kl_text *text = kl_text_new(bytes, sizeof(bytes) - 1);
	struct kl_columns *of = kl_columns_new(text, 4, 0);
	size_t begins;

	(void)state;
	assert_int_equal(kl_columns_of(of, 0), 0);
	assert_int_equal(kl_columns_of(of, 1), 4);
	assert_int_equal(kl_columns_of(of, 4), 8);
	assert_int_equal(kl_columns_of(of, 5), 9);
	assert_int_equal(kl_columns_find(of, 0, 5, &begins), 2);
	assert_int_equal(begins, 5);
	assert_int_equal(kl_columns_find(of, 0, 7, &begins), 3);
	assert_int_equal(begins, 6);
	assert_int_equal(kl_columns_find(of, 0, 99, &begins), 5);
	assert_int_equal(begins, 9);
	assert_int_equal(kl_columns_find(of, 1, 2, &begins), 7);
	assert_int_equal(begins, 1);
	assert_int_equal(kl_columns_of(of, 13), 5);
	assert_int_equal(kl_columns_of(of, 15), 8); /* ^[ */
	kl_text_insert(text, 7, "1234", 4);
	assert_int_equal(kl_columns_of(of, 17), 9);
	kl_columns_free(of);
	kl_text_free(text);
}

/* A line of 10 MB: nothing may take longer than a person notices. Counted in work, not asserted in time. */
static void a_line_of_ten_megabytes(void **state)
{
	size_t len = 10 << 20, begins;
	char *bytes = kl_alloc(len);
	struct kl_columns *of;
	struct kl_text *text;
	int64_t start_us;

	(void)state;
	memset(bytes, 'x', len);
	text = kl_text_new(bytes, len);
	free(bytes);
	of = kl_columns_new(text, 8, 0);
	assert_int_equal(kl_columns_of(of, len), len);
	start_us = kl_clock_mono_us();
	for (size_t i = 0; i < 1000; i++) {
		kl_text_insert(text, len / 2 + i, "y", 1);
		assert_int_equal(kl_columns_of(of, len / 2 + i), len / 2 + i);
		assert_int_equal(kl_columns_find(of, 0, len / 2, &begins), len / 2);
		assert_int_equal(kl_text_prev(text, len / 2), len / 2 - 1);
	}
	print_message("# 1000 edits in a 10 MB line: %d us each\n", (int)((kl_clock_mono_us() - start_us) / 1000));
	kl_columns_free(of);
	kl_text_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_edits_match_the_model),
		cmocka_unit_test(typing_is_undone_by_words),
		cmocka_unit_test(a_break_a_save_and_a_jump_end_typing),
		cmocka_unit_test(erasing_is_one_step),
		cmocka_unit_test(branches_are_kept),
		cmocka_unit_test(listeners_hear_what_changed),
		cmocka_unit_test(marks_move_with_the_text),
		cmocka_unit_test(assigning_changes_only_the_middle),
		cmocka_unit_test(clusters),
		cmocka_unit_test(columns),
		cmocka_unit_test(a_line_of_ten_megabytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
