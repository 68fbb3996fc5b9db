/* Comma-separated values: what a spreadsheet would calculate is defused, and what is written is read back. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/csv.h>

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void I06_formulas_are_defused(void **state)
{
	static const struct {
		const char *text, *cell;
	} cases[] = {
		{ "Anna", "\"Anna\"" },
		{ "", "\"\"" },
		{ "=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\"" },
		{ "+1+1", "\"'+1+1\"" },
		{ "-2+3", "\"'-2+3\"" },
		{ "@SUM(A1)", "\"'@SUM(A1)\"" },
		{ "\t=1", "\"'^I=1\"" },
		{ "\r=1", "\"'^M=1\"" },
		{ "\n=1", "\"'^J=1\"" },
		{ "  =1", "\"'  =1\"" },
		{ "\xef\xbc\x9d"
		  "1",
		  "\"'\xef\xbc\x9d"
		  "1\"" },
		{ "a=1", "\"a=1\"" },
		{ "O'Hara, \"Bob\"", "\"O'Hara, \"\"Bob\"\"\"" },
		{ "a\r\nb", "\"a^M^Jb\"" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_buf out;

		kl_buf_init(&out, 256);
		kl_csv_text(&out, cases[i].text);
		assert_string_equal(out.data, cases[i].cell);
		kl_buf_release(&out);
	}
}

static void I02_controls_are_shown(void **state)
{
	struct kl_buf out;

	(void)state;
	kl_buf_init(&out, 256);
	kl_csv_text(&out, "a\x1b]52;c;x\x07 \xc2\x9b \xe2\x80\xae");
	assert_string_equal(out.data, "\"a^[]52;c;x^G <U+009B> <U+202E>\"");
	kl_buf_release(&out);
}

static void rows_and_numbers(void **state)
{
	struct kl_buf out;

	(void)state;
	kl_buf_init(&out, 256);
	kl_csv_text(&out, "");
	kl_csv_number(&out, 7.5);
	kl_csv_number(&out, 100);
	kl_csv_number(&out, 66.6666);
	kl_csv_number(&out, 0);
	kl_csv_end(&out);
	kl_csv_number(&out, 1);
	kl_csv_end(&out);
	assert_string_equal(out.data, "\"\",7.5,100,66.67,0\r\n1\r\n");
	kl_buf_release(&out);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* Each row as <line>:[cell][cell]; */
static enum kl_status show_row(void *ctx, const struct kl_csv_row *row, struct kl_error *err)
{
	(void)err;
	kl_buf_addf(ctx, "%d:", row->line1);
	for (size_t i = 0; i < row->count; i++)
		kl_buf_addf(ctx, "[%s]", row->cells[i]);
	kl_buf_add_char(ctx, ';');
	return KL_OK;
}

static void what_spreadsheets_save_is_read(void **state)
{
	static const struct {
		const char *text, *rows;
	} cases[] = {
		{ "", "" },
		{ "anna", "1:[anna];" },
		{ "anna,Anna A.\nben,Ben B.\n", "1:[anna][Anna A.];2:[ben][Ben B.];" },
		{ "anna;Anna A.\r\nben;B, Ben\r\n", "1:[anna][Anna A.];2:[ben][B, Ben];" },
		{ "anna\tAnna A.\rben\tBen\r", "1:[anna][Anna A.];2:[ben][Ben];" },
		{ "\xef\xbb\xbf\"anna\",\"A \"\"the\"\" B\"\n", "1:[anna][A \"the\" B];" },
		{ "anna , \"A,\nB\" ,\n\n , ,\ncarl\n", "1:[anna][A,\nB][];5:[carl];" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_buf out;

		kl_buf_init(&out, 256);
		assert_int_equal(kl_csv_read(cases[i].text, strlen(cases[i].text), show_row, &out, NULL), KL_OK);
		assert_string_equal(out.data, cases[i].rows);
		kl_buf_release(&out);
	}
}

static void what_is_no_table_is_refused(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *sentence;
	} cases[] = {
		{ "a,b\n\"c\nd", 8, "line 2 has a quotation mark that is never closed" },
		{ "a\0b", 3, "this is no text in UTF-8: save it as CSV in UTF-8" },
		{ "M\xfcller", 6, "this is no text in UTF-8: save it as CSV in UTF-8" },
		{ ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,", 64,
		  "line 1 has more than 64 cells: leave out what is not needed" },
	};
	struct kl_error err;
	struct kl_buf out;

	(void)state;
	kl_buf_init(&out, 256);
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		assert_int_equal(kl_csv_read(cases[i].text, cases[i].len, show_row, &out, &err), KL_EINVAL);
		assert_string_equal(err.message, cases[i].sentence);
	}
	kl_buf_release(&out);
}

static enum kl_status refuse_row(void *ctx, const struct kl_csv_row *row, struct kl_error *err)
{
	++*(int *)ctx;
	return kl_fail(err, KL_EFULL, "line %d is too much", row->line1);
}

static void a_row_may_end_it(void **state)
{
	struct kl_error err;
	int rows = 0;

	(void)state;
	assert_int_equal(kl_csv_read("a\nb\n", 4, refuse_row, &rows, &err), KL_EFULL);
	assert_string_equal(err.message, "line 1 is too much");
	assert_int_equal(rows, 1);
}

static void what_is_written_is_read_back(void **state)
{
	struct kl_buf out, rows;

	(void)state;
	kl_buf_init(&out, 256);
	kl_buf_init(&rows, 256);
	kl_csv_text(&out, "a,\"b\"");
	kl_csv_text(&out, "c;d");
	kl_csv_end(&out);
	assert_int_equal(kl_csv_read(out.data, out.len, show_row, &rows, NULL), KL_OK);
	assert_string_equal(rows.data, "1:[a,\"b\"][c;d];");
	kl_buf_release(&out);
	kl_buf_release(&rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(I06_formulas_are_defused),
		cmocka_unit_test(I02_controls_are_shown),
		cmocka_unit_test(rows_and_numbers),
		cmocka_unit_test(what_spreadsheets_save_is_read),
		cmocka_unit_test(what_is_no_table_is_refused),
		cmocka_unit_test(a_row_may_end_it),
		cmocka_unit_test(what_is_written_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
