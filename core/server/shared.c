/* Answers out of bodies in common, and of parts of them. */

#include "core/server/shared.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/server/request.h"

static void give(struct request *request, int status, struct shared *shared, size_t from, size_t len)
{
	answer_empty(request, status);
	request->answer.type = shared->type;
	request->answer.shared = shared_keep(shared);
	request->answer.from = from;
	request->answer.len = len;
}

void answer_shared(struct request *request, struct shared *shared)
{
	give(request, 200, shared, 0, shared->len);
}

enum range { RANGE_NONE, RANGE_GOOD, RANGE_BEYOND };

/* Digits alone, at most 18 of them. *at moves behind them. */
static bool read_number(size_t *out, const char **at)
{
	size_t digits = strspn(*at, "0123456789");

	if (!digits || digits > 18)
		return false;
	*out = (size_t)strtoull(*at, NULL, 10);
	*at += digits;
	return true;
}

/* "bytes=5-", "bytes=5-9", "bytes=-5"; several at once are answered with all of it. */
static enum range read_range(size_t *from, size_t *len, const char *text, size_t whole)
{
	size_t first = 0, last = whole ? whole - 1 : 0;
	bool tail;

	if (strncmp(text, "bytes=", 6) != 0)
		return RANGE_NONE;
	text += 6;
	tail = *text == '-';
	if ((!tail && !read_number(&first, &text)) || *text++ != '-' ||
	    ((*text || tail) && !read_number(&last, &text)) || *text)
		return RANGE_NONE;
	if (tail) {
		*len = last < whole ? last : whole;
		*from = whole - *len;
		return *len ? RANGE_GOOD : RANGE_BEYOND;
	}
	if (last < first && first < whole)
		return RANGE_NONE;
	if (first >= whole)
		return RANGE_BEYOND;
	*from = first;
	*len = (last < whole ? last : whole - 1) - first + 1;
	return RANGE_GOOD;
}

void answer_ranges(struct request *request, struct shared *shared)
{
	const char *range = request_header(request, "Range"), *when = request_header(request, "If-Range");
	size_t from = 0, len = shared->len;
	enum range kind = RANGE_NONE;

	if (range && (!when || !strcmp(when, shared->etag)))
		kind = read_range(&from, &len, range, shared->len);
	if (kind == RANGE_BEYOND) {
		answer_empty(request, 416);
		answer_header(request, "Content-Range", "bytes */%zu", shared->len);
		return;
	}
	give(request, kind == RANGE_GOOD ? 206 : 200, shared, from, len);
	answer_header(request, "Accept-Ranges", "bytes");
	if (kind == RANGE_GOOD)
		answer_header(request, "Content-Range", "bytes %zu-%zu/%zu", from, from + len - 1, shared->len);
}
