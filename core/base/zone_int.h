#ifndef KODELAB_ZONE_INT_H
#define KODELAB_ZONE_INT_H

/* Between zone.c (the file, and what is asked) and zone_rule.c (the time after the file's last entry). */

#include <kodelab/zone.h>

#define ZONE_DAY_S INT64_C(86400)

struct zone_change {
	int64_t at_s, offset_s;
};

enum zone_day_kind {
	ZONE_DAY_JULIAN, /* Jn: 1 to 365, 29 February does not count */
	ZONE_DAY_OF_YEAR, /* n: 0 to 365 */
	ZONE_DAY_OF_MONTH, /* Mm.w.d: weekday d of week w of month m; week 5 is the last */
};

struct zone_turn { /* when one of the two offsets begins, each year */
	enum zone_day_kind kind;
	int day, week, month; /* JULIAN and OF_YEAR: day alone; day of a week: 0 is Sunday */
	int64_t time_s; /* after that day's midnight, by the clock before the turn; may be negative or over a day */
};

struct zone_rule { /* POSIX TZ as RFC 8536 extends it */
	int64_t standard_s, summer_s; /* offsets */
	bool has_summer;
	struct zone_turn to_summer, to_standard;
};

struct kl_zone {
	struct zone_change *changes; /* owned, rising */
	size_t count;
	int64_t first_offset_s; /* before them */
	bool has_rule;
	struct zone_rule rule; /* after them */
};

bool zone_rule_read(struct zone_rule *rule, const char *text);
int64_t zone_rule_offset_s(const struct zone_rule *rule, int64_t at_s);
int64_t zone_rule_next_s(const struct zone_rule *rule, int64_t at_s); /* INT64_MAX: never */

int64_t zone_floor(int64_t value, int64_t by); /* rounded down also below 0 */

#endif
