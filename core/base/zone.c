/*
 * A zone is a list of moments at which the offset from UTC changes, and a rule ("CET-1CEST,M3.5.0,M10.5.0/3") for the
 * time after the last of them. A day's beginning is searched piece by piece, a piece being the time between two changes:
 * within one, a day is 86400 seconds.
 */

#include <kodelab/zone.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>

#include "core/base/zone_int.h"

#define FOLDER    "/usr/share/zoneinfo"
#define FILE_MAX  (256 * 1024)
#define HEAD_SIZE 44 /* of RFC 8536 */

static int64_t number(const unsigned char *bytes, size_t size)
{
	uint64_t value = bytes[0] & 0x80 ? UINT64_MAX : 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | bytes[i];
	return (int64_t)value;
}

/* --- the file --------------------------------------------------------------------------------------------------- */

struct head {
	size_t utc_marks, standard_marks, leaps, changes, types, letters;
};

static bool read_head(struct head *head, const unsigned char *bytes, size_t len)
{
	size_t *const counts[] = { &head->utc_marks, &head->standard_marks, &head->leaps,
				   &head->changes,   &head->types,          &head->letters };

	if (len < HEAD_SIZE || memcmp(bytes, "TZif", 4) != 0 || bytes[4] < '2')
		return false;
	for (size_t i = 0; i < KL_LENGTH(counts); i++) {
		int64_t count = number(bytes + 20 + 4 * i, 4);

		if (count < 0 || count > FILE_MAX)
			return false;
		*counts[i] = (size_t)count;
	}
	return true;
}

/* Bytes behind the head. time_size: 4 in the first block, 8 in the second. */
static size_t block_size(const struct head *head, size_t time_size)
{
	return head->changes * (time_size + 1) + head->types * 6 + head->letters + head->leaps * (time_size + 4) +
	       head->standard_marks + head->utc_marks;
}

static bool take_changes(struct kl_zone *zone, const struct head *head, const unsigned char *block)
{
	const unsigned char *kinds = block + head->changes * 8, *types = kinds + head->changes;

	if (!head->types)
		return false;
	zone->first_offset_s = number(types, 4);
	zone->changes = kl_calloc(head->changes ? head->changes : 1, sizeof(*zone->changes));
	for (size_t i = 0; i < head->changes; i++) {
		struct zone_change *change = &zone->changes[i];

		if (kinds[i] >= head->types)
			return false;
		*change = (struct zone_change){ number(block + 8 * i, 8), number(types + (size_t)6 * kinds[i], 4) };
		if (i && change->at_s <= change[-1].at_s)
			return false;
	}
	zone->count = head->changes;
	return true;
}

/* What follows the second block: a line, perhaps empty. */
static bool take_rule(struct kl_zone *zone, const unsigned char *line, size_t len)
{
	const unsigned char *end;
	char *text;
	bool good;

	if (len < 2 || line[0] != '\n' || !(end = memchr(line + 1, '\n', len - 1)))
		return false;
	if (end == line + 1)
		return true;
	text = kl_strndup((const char *)line + 1, (size_t)(end - line - 1));
	good = zone_rule_read(&zone->rule, text);
	free(text);
	zone->has_rule = good;
	return good;
}

static bool take_file(struct kl_zone *zone, const unsigned char *bytes, size_t len)
{
	struct head head;
	size_t at;

	if (!read_head(&head, bytes, len))
		return false;
	at = HEAD_SIZE + block_size(&head, 4);
	if (at > len || !read_head(&head, bytes + at, len - at))
		return false;
	at += HEAD_SIZE;
	if (block_size(&head, 8) > len - at || !take_changes(zone, &head, bytes + at))
		return false;
	at += block_size(&head, 8);
	return take_rule(zone, bytes + at, len - at);
}

/* --- opening ---------------------------------------------------------------------------------------------------- */

/* "Europe/Berlin", "Etc/GMT+5": no dots, so never out of the folder. */
static bool is_name(const char *name)
{
	size_t len = strlen(name);

	return len && len < KL_ZONE_NAME_SIZE && name[0] != '/' && name[len - 1] != '/' &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") == len;
}

static enum kl_status read_zone(struct kl_zone *zone, const char *name, struct kl_error *err)
{
	char *path = kl_format("%s/%s", FOLDER, name);
	enum kl_status status;
	struct kl_buf bytes;

	kl_buf_init(&bytes, FILE_MAX);
	status = kl_file_read(&bytes, path, NULL);
	if (status)
		status = kl_fail(err, KL_ENOENT, "this system knows no time zone '%s': 'UTC' is always known", name);
	else if (!take_file(zone, (const unsigned char *)bytes.data, bytes.len))
		status = kl_fail(err, KL_ECORRUPT, "'%s' is no time zone file: use another zone, 'UTC' say", path);
	kl_buf_release(&bytes);
	free(path);
	return status;
}

enum kl_status kl_zone_open(struct kl_zone **out, const char *name, struct kl_error *err)
{
	struct kl_zone *zone;
	enum kl_status status = KL_OK;

	if (!is_name(name))
		return kl_fail(err, KL_EINVAL, "'%s' is no name of a time zone: one is 'Europe/Berlin'", name);
	zone = kl_calloc(1, sizeof(*zone));
	if (strcmp(name, "UTC") != 0)
		status = read_zone(zone, name, err);
	if (status) {
		kl_zone_close(zone);
		return status;
	}
	*out = zone;
	return KL_OK;
}

void kl_zone_close(struct kl_zone *zone)
{
	if (!zone)
		return;
	free(zone->changes);
	free(zone);
}

/* --- asking ----------------------------------------------------------------------------------------------------- */

/* Changes at or before at_s. */
static size_t changes_until(const struct kl_zone *zone, int64_t at_s)
{
	size_t low = 0, high = zone->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone->changes[middle].at_s <= at_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int64_t kl_zone_offset_s(const struct kl_zone *zone, int64_t at_s)
{
	size_t passed = changes_until(zone, at_s);

	if (passed == zone->count && zone->has_rule)
		return zone_rule_offset_s(&zone->rule, at_s);
	return passed ? zone->changes[passed - 1].offset_s : zone->first_offset_s;
}

/* The next moment at which the offset may change; INT64_MAX: never. */
static int64_t next_change_s(const struct kl_zone *zone, int64_t at_s)
{
	size_t passed = changes_until(zone, at_s);

	if (passed < zone->count)
		return zone->changes[passed].at_s;
	return zone->has_rule ? zone_rule_next_s(&zone->rule, at_s) : INT64_MAX;
}

int64_t zone_floor(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

int64_t kl_zone_next_midnight_ms(const struct kl_zone *zone, int64_t wall_ms)
{
	int64_t from_s = zone_floor(wall_ms, 1000);
	int64_t offset_s = kl_zone_offset_s(zone, from_s);
	int64_t next_day_s =
		(zone_floor(from_s + offset_s, ZONE_DAY_S) + 1) * ZONE_DAY_S; /* as the clock there shows */

	for (;;) {
		int64_t end_s = next_change_s(zone, from_s);
		int64_t midnight_s = next_day_s - offset_s;

		if (midnight_s < from_s)
			midnight_s = from_s; /* the change jumped over it */
		if (midnight_s < end_s)
			return midnight_s * 1000;
		from_s = end_s;
		offset_s = kl_zone_offset_s(zone, from_s);
	}
}
