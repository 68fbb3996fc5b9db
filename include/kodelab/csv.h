#ifndef KODELAB_CSV_H
#define KODELAB_CSV_H

/*
 * Comma-separated values (RFC 4180), as spreadsheets read and write them. What is written is never a formula to a spreadsheet
 * and never a command to a terminal; what is read comes from anywhere.
 */

#include <stddef.h>

#include <kodelab/buf.h>
#include <kodelab/error.h>

/* ---- writing: cells, and at the end of each row kl_csv_end ---- */

/*
 * A text. One that a spreadsheet would calculate (it begins with = + - @, a tab or a line break, perhaps behind blanks, or with
 * their wide forms) gets an apostrophe in front; controls are made visible (kodelab/visible.h).
 */
void kl_csv_text(struct kl_buf *out, const char *text);
/* A number with at most two decimals: "7.5". */
void kl_csv_number(struct kl_buf *out, double value);
void kl_csv_end(struct kl_buf *out);

/* ---- reading ---- */

#define KL_CSV_CELLS_MAX 64 /* of one row */

struct kl_csv_row {
	const char *cells[KL_CSV_CELLS_MAX]; /* without blanks around them; live until the function returns */
	size_t count;
	int line1; /* where the row begins */
};

/* Anything but KL_OK ends the reading. */
typedef enum kl_status kl_csv_row_fn(void *ctx, const struct kl_csv_row *row, struct kl_error *err);

/*
 * Gives each row that is not empty to fn. The separator is ';' or a tab when the first line has one and no comma.
 * KL_EINVAL: no UTF-8, a NUL, an open quotation mark, too many cells; the sentence names the line.
 */
enum kl_status kl_csv_read(const char *text, size_t len, kl_csv_row_fn *fn, void *ctx,
			   struct kl_error *err) KL_MUST_CHECK;

#endif
