/* Measured values: see samples.h. */
#include "samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

struct row {
	const char *what, *who;
	double *values;
	size_t count, capacity, failed;
};

struct samples {
	struct row *rows;
	size_t count, capacity;
};

struct samples *samples_new(void)
{
	return kl_calloc(1, sizeof(struct samples));
}

void samples_free(struct samples *samples)
{
	for (size_t i = 0; i < samples->count; i++)
		free(samples->rows[i].values);
	free(samples->rows);
	free(samples);
}

static struct row *row_of(struct samples *samples, const char *what, const char *who)
{
	for (size_t i = 0; i < samples->count; i++)
		if (strcmp(samples->rows[i].what, what) == 0 && strcmp(samples->rows[i].who, who) == 0)
			return &samples->rows[i];
	KL_GROW(samples->rows, samples->count, samples->capacity);
	samples->rows[samples->count] = (struct row){ .what = what, .who = who };
	return &samples->rows[samples->count++];
}

void samples_add(struct samples *samples, const char *what, const char *who, double value)
{
	struct row *row = row_of(samples, what, who);

	if (value < 0) {
		row->failed++;
		return;
	}
	KL_GROW(row->values, row->count, row->capacity);
	row->values[row->count++] = value;
}

static int by_size(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

double samples_median(double *values, size_t count)
{
	if (count == 0)
		return 0;
	qsort(values, count, sizeof(*values), by_size);
	return values[count / 2];
}

void samples_print(const struct samples *samples)
{
	for (size_t i = 0; i < samples->count; i++) {
		const struct row *row = &samples->rows[i];
		double median = samples_median(row->values, row->count);

		if (row->failed)
			fprintf(stderr, "bench: %s, %s: %zu times not in time\n", row->who, row->what, row->failed);
		if (row->count)
			printf("%s\t%s\t%zu\t%.6g\t%.6g\t%.6g\n", row->what, row->who, row->count, median,
			       row->values[row->count * 99 / 100], row->values[row->count - 1]);
	}
}
