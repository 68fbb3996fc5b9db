#ifndef TESTS_BENCH_SAMPLES_H
#define TESTS_BENCH_SAMPLES_H

/* Measured values by (what, who), printed as one line each: what, who, count, median, p99, largest. */

#include <stddef.h>

struct samples;

struct samples *samples_new(void);
void samples_free(struct samples *samples);
/* what, who: borrowed for the life of samples (literals). Negative values are failures: counted, not taken. */
void samples_add(struct samples *samples, const char *what, const char *who, double value);
void samples_print(const struct samples *samples);

/* Sorts. */
double samples_median(double *values, size_t count);

#endif
