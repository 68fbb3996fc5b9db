#ifndef KODELAB_ZONE_H
#define KODELAB_ZONE_H

/*
 * Days in a place: where a day begins by the IANA time zone database of this system (RFC 8536), without touching the
 * process's own zone. localtime() with another TZ would change the environment under libcurl's threads.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>

struct kl_zone;

#define KL_ZONE_NAME_SIZE 64 /* a name and its NUL */

/*
 * name: "Europe/Berlin"; "UTC" is always known. KL_EINVAL: not the form of a name · KL_ENOENT: this system does not know
 * it · KL_ECORRUPT: its file is not what it should be.
 */
enum kl_status kl_zone_open(struct kl_zone **out, const char *name, struct kl_error *err) KL_MUST_CHECK;
void kl_zone_close(struct kl_zone *zone); /* NULL is fine */

/* Seconds east of UTC at a time (seconds since 1970 UTC). */
int64_t kl_zone_offset_s(const struct kl_zone *zone, int64_t at_s);
/*
 * The first moment after wall_ms at which the calendar there shows a later day: midnight, or the end of the gap where
 * summer time begins at midnight.
 */
int64_t kl_zone_next_midnight_ms(const struct kl_zone *zone, int64_t wall_ms);

#endif
