/* Comma-separated values: written so that no spreadsheet calculates them, read from whatever a spreadsheet saved. */

#include <kodelab/csv.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/visible.h>

/* --- writing ------------------------------------------------------------------------------------------------------ */

#define WIDE_EQUALS 0xff1d
#define WIDE_PLUS   0xff0b
#define WIDE_MINUS  0xff0d
#define WIDE_AT     0xff20

/* Spreadsheets pass over blanks before a formula, and some take the wide signs for the narrow ones. */
static bool calculates(const char *text)
{
	size_t len = strlen(text);
	int code = 0;

	while (*text == ' ') {
		text++;
		len--;
	}
	if (!len)
		return false;
	kl_utf8_decode(&code, text, len);
	return code == WIDE_EQUALS || code == WIDE_PLUS || code == WIDE_MINUS || code == WIDE_AT ||
	       strchr("=+-@\t\r\n", *text) != NULL;
}

static void separate(struct kl_buf *out)
{
	if (out->len && out->data[out->len - 1] != '\n')
		kl_buf_add_char(out, ',');
}

/* Always in quotation marks: an empty first cell is seen as one, and nothing in a cell ends it. */
void kl_csv_text(struct kl_buf *out, const char *text)
{
	char *shown = kl_visible_dup(text, 0);

	separate(out);
	kl_buf_add_str(out, calculates(text) ? "\"'" : "\"");
	for (const char *at = shown; *at; at++)
		kl_buf_add(out, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
	kl_buf_add_char(out, '"');
	free(shown);
}

void kl_csv_number(struct kl_buf *out, double value)
{
	char digits[64];
	int len = snprintf(digits, sizeof(digits), "%.2f", value);

	while (len > 1 && digits[len - 1] == '0')
		digits[--len] = '\0';
	if (len > 1 && digits[len - 1] == '.')
		digits[--len] = '\0';
	separate(out);
	kl_buf_add_str(out, digits);
}

void kl_csv_end(struct kl_buf *out)
{
	kl_buf_add_str(out, "\r\n");
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

struct reader {
	char *at; /* a copy of the text, into which the cells are written */
	char separator;
	int line1;
};

static char separator_of(const char *text)
{
	size_t len = strcspn(text, "\r\n");

	if (memchr(text, ',', len))
		return ',';
	if (memchr(text, ';', len))
		return ';';
	return memchr(text, '\t', len) ? '\t' : ',';
}

static char *trimmed(char *text)
{
	size_t len;

	text += strspn(text, " \t");
	len = strlen(text);
	while (len && strchr(" \t", text[len - 1]))
		text[--len] = '\0';
	return text;
}

/* The inside of a cell in quotation marks, its doubled ones made single; NULL: it has no end. */
static char *take_quoted(struct reader *reader)
{
	char *cell = ++reader->at, *to = cell;

	for (; *reader->at; reader->at++) {
		if (*reader->at == '"' && *++reader->at != '"') {
			*to = '\0';
			return cell;
		}
		if (*reader->at == '\n')
			reader->line1++;
		*to++ = *reader->at;
	}
	return NULL;
}

/* Where a cell ends: at the separator, at the end of the line, of the text. Returns what stood there. */
static char end_cell(struct reader *reader)
{
	char end;

	while (*reader->at && *reader->at != reader->separator && *reader->at != '\n' && *reader->at != '\r')
		reader->at++;
	end = *reader->at;
	if (!end)
		return end;
	*reader->at++ = '\0';
	if (end == '\r' && *reader->at == '\n')
		reader->at++;
	if (end != reader->separator)
		reader->line1++;
	return end;
}

static enum kl_status take_row(struct kl_csv_row *row, struct reader *reader, struct kl_error *err)
{
	char end = reader->separator, *cell;

	*row = (struct kl_csv_row){ .line1 = reader->line1 };
	while (end == reader->separator) {
		if (row->count == KL_CSV_CELLS_MAX)
			return kl_fail(err, KL_EINVAL, "line %d has more than %d cells: leave out what is not needed",
				       row->line1, KL_CSV_CELLS_MAX);
		reader->at += strspn(reader->at, " ");
		cell = *reader->at == '"' ? take_quoted(reader) : reader->at;
		if (!cell)
			return kl_fail(err, KL_EINVAL, "line %d has a quotation mark that is never closed", row->line1);
		end = end_cell(reader);
		row->cells[row->count++] = trimmed(cell);
	}
	return KL_OK;
}

static bool is_empty(const struct kl_csv_row *row)
{
	for (size_t i = 0; i < row->count; i++)
		if (*row->cells[i])
			return false;
	return true;
}

enum kl_status kl_csv_read(const char *text, size_t len, kl_csv_row_fn *fn, void *ctx, struct kl_error *err)
{
	static const char mark[] = "\xef\xbb\xbf"; /* what some programs begin UTF-8 with */
	size_t skip = len >= 3 && !memcmp(text, mark, 3) ? 3 : 0;
	enum kl_status status = KL_OK;
	struct kl_csv_row row;
	struct reader reader;
	char *copy;

	if (memchr(text, '\0', len) || !kl_utf8_valid(text, len))
		return kl_fail(err, KL_EINVAL, "this is no text in UTF-8: save it as CSV in UTF-8");
	copy = kl_strndup(text + skip, len - skip);
	reader = (struct reader){ .at = copy, .separator = separator_of(copy), .line1 = 1 };
	while (!status && *reader.at) {
		status = take_row(&row, &reader, err);
		if (!status && !is_empty(&row))
			status = fn(ctx, &row, err);
	}
	free(copy);
	return status;
}
