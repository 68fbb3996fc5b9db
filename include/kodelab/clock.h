#ifndef KODELAB_CLOCK_H
#define KODELAB_CLOCK_H

/*
 * Time as a thing that is passed in, so that tests can hold it. KL_CLOCK=<unix ms> in the environment holds
 * the wall clock of a whole process still (the monotonic one runs on).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kl_clock {
	bool held; /* the wall clock stands at held_wall_ms */
	int64_t held_wall_ms;
};

/* The real clock, or a held one when KL_CLOCK says so. */
void kl_clock_init(struct kl_clock *clock);
int64_t kl_clock_wall_ms(const struct kl_clock *clock); /* since 1970-01-01 UTC */
int64_t kl_clock_mono_ms(void); /* since boot, never goes back */
int64_t kl_clock_mono_us(void);
int64_t kl_sum_ms(int64_t a, int64_t b); /* from 0 on; what is too large is INT64_MAX: of times that others told */
int64_t kl_clock_cpu_us(void); /* that this process has used of processors: what others use does not count */

/* The local calendar day of a wall time as YYYYMMDD, and days since 1970-01-01 of that local day. */
int kl_clock_local_day(int64_t wall_ms);
int64_t kl_clock_local_day_number(int64_t wall_ms);
/* "2026-03-01 14:05" (local) into text of at least 17 bytes. */
void kl_clock_format(int64_t wall_ms, char *text, size_t size);

#define KL_UTC_SIZE 32
/* "2026-11-29T12:30:00.123Z" */
void kl_clock_print_utc(char text[KL_UTC_SIZE], int64_t wall_ms);
/* The same with any number of digits behind the point, or no point. false: it is no such time, or before 1970. */
bool kl_clock_read_utc(int64_t *wall_ms, const char *text);

#endif
