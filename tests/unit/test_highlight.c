/* Highlighting of a text that changes: always as if lexed from the top, and no more work than the edit needs. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/highlight.h>
#include <kodelab/path.h>

enum { SPANS = 64, FAR = 100000 };

/* A document: lines as strings. */
struct page {
	char **lines;
	size_t count, capacity;
	size_t asked; /* calls of the callback */
};

static struct kl_paths paths;
static struct kl_syntax *syntax;

static size_t get_line(void *ctx, size_t line0, char *to, size_t max)
{
	struct page *page = ctx;
	size_t len = line0 < page->count ? strlen(page->lines[line0]) : 0;

	page->asked++;
	if (len > max)
		len = max;
	if (len)
		memcpy(to, page->lines[line0], len);
	return len;
}

static void insert(struct page *page, size_t at, const char *text)
{
	KL_GROW(page->lines, page->count, page->capacity);
	memmove(page->lines + at + 1, page->lines + at, (page->count - at) * sizeof(*page->lines));
	page->lines[at] = kl_strdup(text);
	page->count++;
}

static void delete (struct page *page, size_t at)
{
	free(page->lines[at]);
	page->count--;
	memmove(page->lines + at, page->lines + at + 1, (page->count - at) * sizeof(*page->lines));
}

static void release(struct page *page)
{
	while (page->count)
		delete (page, page->count - 1);
	free(page->lines);
}

static void fill(struct page *page, size_t count)
{
	while (page->count < count)
		insert(page, page->count, page->count % 2 ? "int x = 1;" : "x = \"a\" + f(2);");
}

static void change(struct page *page, struct kl_highlight *highlight, size_t at, const char *text)
{
	delete (page, at);
	insert(page, at, text);
	kl_highlight_edit(highlight, at, 1, 1);
}

/* Every line as the highlighter shows it is as a lexer that goes through the whole text would. */
static void assert_exact(struct page *page, struct kl_highlight *highlight)
{
	uint32_t state = KL_SYNTAX_START;

	for (size_t i = 0; i < page->count; i++) {
		struct kl_span want[SPANS], got[SPANS];
		size_t count =
			kl_syntax_line(syntax, state, page->lines[i], strlen(page->lines[i]), want, SPANS, &state);

		assert_int_equal(kl_highlight_line(highlight, i, got, SPANS), count);
		for (size_t k = 0; k < count; k++) {
			assert_int_equal(got[k].start, want[k].start);
			assert_int_equal(got[k].len, want[k].len);
			assert_int_equal(got[k].token, want[k].token);
		}
	}
}

static void assert_changed(struct kl_highlight *highlight, size_t from, size_t to)
{
	size_t is_from, is_to;

	assert_true(kl_highlight_work(highlight, 19));
	kl_highlight_changed(highlight, &is_from, &is_to);
	assert_int_equal(is_from, from);
	assert_int_equal(is_to, to);
}

/* What an edit makes look different: its lines, and those below that begin in another state. */
static void changed_lines_are_told_once(void **state)
{
	struct page page = { 0 };
	struct kl_highlight *highlight = kl_highlight_new(syntax, get_line, &page);

	(void)state;
	fill(&page, 20);
	assert_changed(highlight, 0, SIZE_MAX); /* nothing has been seen yet */
	assert_changed(highlight, 0, 0);
	change(&page, highlight, 5, "int y;");
	assert_changed(highlight, 5, 6);
	change(&page, highlight, 5, "/* opens");
	assert_changed(highlight, 5, 20);
	change(&page, highlight, 9, "closes */");
	assert_changed(highlight, 9, 20);
	change(&page, highlight, 12, "int z;");
	change(&page, highlight, 7, "inside");
	assert_changed(highlight, 7, 13);
	insert(&page, 15, "one more");
	kl_highlight_edit(highlight, 15, 0, 1);
	assert_changed(highlight, 15, SIZE_MAX);
	assert_changed(highlight, 0, 0);
	kl_highlight_free(highlight);
	release(&page);
}

static enum kl_token first_token(struct kl_highlight *highlight, size_t line0)
{
	struct kl_span spans[SPANS];

	return kl_highlight_line(highlight, line0, spans, SPANS) ? spans[0].token : KL_TOKEN_TEXT;
}

static void edits_cost_what_they_change(void **state)
{
	struct page page = { 0 };
	struct kl_highlight *highlight = kl_highlight_new(syntax, get_line, &page);
	size_t before;

	(void)state;
	fill(&page, 1000);
	assert_exact(&page, highlight);
	assert_int_equal(kl_highlight_lexed(highlight), 1000);

	before = kl_highlight_lexed(highlight);
	change(&page, highlight, 10, "int y; // small");
	assert_exact(&page, highlight);
	assert_int_equal(kl_highlight_lexed(highlight) - before, 1);

	before = kl_highlight_lexed(highlight);
	change(&page, highlight, 500, "/* opens");
	assert_exact(&page, highlight);
	assert_int_equal(kl_highlight_lexed(highlight) - before, 500);

	before = kl_highlight_lexed(highlight);
	change(&page, highlight, 509, "closes */");
	assert_exact(&page, highlight);
	assert_int_equal(kl_highlight_lexed(highlight) - before, 491);

	before = kl_highlight_lexed(highlight);
	change(&page, highlight, 500, "nothing");
	change(&page, highlight, 509, "here");
	assert_exact(&page, highlight);
	assert_int_equal(kl_highlight_lexed(highlight) - before, 10);
	kl_highlight_free(highlight);
	release(&page);
}

static void lines_come_and_go(void **state)
{
	struct page page = { 0 };
	struct kl_highlight *highlight = kl_highlight_new(syntax, get_line, &page);
	size_t before;

	(void)state;
	fill(&page, 100);
	assert_exact(&page, highlight);
	before = kl_highlight_lexed(highlight);
	insert(&page, 50, "char c;");
	kl_highlight_edit(highlight, 50, 0, 1);
	assert_exact(&page, highlight);
	assert_int_equal(kl_highlight_lexed(highlight) - before, 1);

	delete (&page, 20);
	delete (&page, 20);
	kl_highlight_edit(highlight, 20, 2, 0);
	assert_exact(&page, highlight);
	assert_int_equal(kl_highlight_lexed(highlight) - before, 1);

	while (page.count > 3)
		delete (&page, 3);
	kl_highlight_edit(highlight, 3, 96, 0);
	fill(&page, 10);
	kl_highlight_edit(highlight, 3, 0, 7);
	assert_exact(&page, highlight);
	kl_highlight_edit(highlight, 5000, 3, 4); /* beyond what was ever asked */
	kl_highlight_edit(highlight, 9, 5000, 1); /* more than there is */
	assert_exact(&page, highlight);
	kl_highlight_free(highlight);
	release(&page);
}

/* Random edits against lexing everything: a small generator of our own, so that a failure can be repeated. */
static void random_edits(void **state)
{
	static const char *const texts[] = { "int x;",  "/* a",      "b */", "\"open \\",  "more\"",
					     "// x \\", "#define A", "",     "f(\"/*\");", "*/ y" };
	struct page page = { 0 };
	struct kl_highlight *highlight = kl_highlight_new(syntax, get_line, &page);
	uint32_t seed = 12345;

	(void)state;
	fill(&page, 30);
	for (int round = 0; round < 1500; round++) {
		size_t at, what;

		seed = seed * 1664525u + 1013904223u;
		at = (seed >> 8) % page.count;
		what = (seed >> 20) % 40;
		if (what < KL_LENGTH(texts)) {
			change(&page, highlight, at, texts[what]);
		} else if (what < 30) {
			insert(&page, at, texts[what % KL_LENGTH(texts)]);
			kl_highlight_edit(highlight, at, 0, 1);
		} else if (page.count > 5) {
			delete (&page, at);
			kl_highlight_edit(highlight, at, 1, 0);
		}
		if (round % 3 == 0)
			assert_exact(&page, highlight);
	}
	kl_highlight_free(highlight);
	release(&page);
}

static void far_lines_are_guessed_first(void **state)
{
	struct page page = { 0 };
	struct kl_highlight *highlight = kl_highlight_new(syntax, get_line, &page);
	size_t bites = 0;

	(void)state;
	fill(&page, FAR);
	change(&page, highlight, 0, "/* all of it");
	assert_int_equal(first_token(highlight, FAR - 41), KL_TOKEN_TYPE);
	assert_true(page.asked < 10000);
	page.asked = 0;
	for (size_t i = FAR - 40; i < FAR; i++) /* a screen of them costs no more bites */
		first_token(highlight, i);
	assert_true(page.asked < 100);
	while (!kl_highlight_work(highlight, FAR - 1))
		bites++;
	assert_true(bites > 5 && bites < 100);
	assert_int_equal(first_token(highlight, FAR - 41), KL_TOKEN_COMMENT);
	assert_int_equal(kl_highlight_lexed(highlight), FAR);

	/* an edit at the top that changes no state costs one line, however far the screen is */
	page.asked = 0;
	change(&page, highlight, 3, "still inside");
	assert_int_equal(first_token(highlight, FAR - 1), KL_TOKEN_COMMENT);
	assert_int_equal(page.asked, 2);
	kl_highlight_free(highlight);
	release(&page);
}

static int set_up(void **state)
{
	struct kl_error err;
	char *path;
	int failed;

	(void)state;
	if (kl_paths_init(&paths, &err))
		return 1;
	path = kl_format("%s/themes/syntax/c.syntax", paths.share);
	failed = kl_syntax_open(&syntax, path, &err) != KL_OK;
	free(path);
	return failed;
}

static int tear_down(void **state)
{
	(void)state;
	kl_syntax_close(syntax);
	kl_paths_release(&paths);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_cost_what_they_change), cmocka_unit_test(changed_lines_are_told_once),
		cmocka_unit_test(lines_come_and_go),           cmocka_unit_test(random_edits),
		cmocka_unit_test(far_lines_are_guessed_first),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
