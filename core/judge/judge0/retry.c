/* What an exchange with an instance came to: whether it may be repeated, where, when, and in which words it is told. */

#include "core/judge/judge0/judge0_int.h"

#include <string.h>

#include <kodelab/alloc.h>

#define LONGEST_MS 15000

int64_t judge0_backoff_ms(int tries, unsigned char chance)
{
	int64_t pause_ms = 250;

	for (int i = 0; i < tries && pause_ms < LONGEST_MS; i++)
		pause_ms *= 2;
	pause_ms = pause_ms / 2 + pause_ms * chance / 255;
	return pause_ms < LONGEST_MS ? pause_ms : LONGEST_MS;
}

/* --- what the instance says of itself ----------------------------------------------------------------------------- */

/* clang-format off */
static const struct answer {
	int status; /* 0: any */
	const char *said; /* in the body; "": whatever it says */
	enum judge0_next next;
	const char *words; /* after "judge 'name' " */
} answers[] = {
	{ 400, "wait not allowed",                 JUDGE0_LESS,      "does not let us wait" },
	{ 400, "batched submissions are not",      JUDGE0_LESS,      "takes no batches" },
	{ 400, "in a batch should be less",        JUDGE0_LESS,      "takes smaller batches only" },
	{ 400, "",                                 JUDGE0_REFUSED,   "did not understand the request" },
	{ 403, "not subscribed",                   JUDGE0_NO_KEY,    "says that the key's account is not subscribed: subscribe there" },
	{ 404, "",                                 JUDGE0_GONE,      "does not know the submission any more" },
	{ 413, "",                                 JUDGE0_REFUSED,   "finds the submission too large" },
	{ 422, "setting additional files",         JUDGE0_LESS,      "takes no files" },
	{ 422, "doesn't exist",                    JUDGE0_LESS,      "has no multi-file programs" },
	{ 422, "is archived",                      JUDGE0_LESS,      "has no multi-file programs any more" },
	{ 422, "",                                 JUDGE0_REFUSED,   "refused the submission" },
	{ 429, "",                                 JUDGE0_LATER,     "has had enough requests for now" },
	{ 500, "",                                 JUDGE0_ELSEWHERE, "failed: the fault is there, not in your program" },
	{ 502, "",                                 JUDGE0_ELSEWHERE, "is not behind its gateway" },
	{ 503, "queue is full",                    JUDGE0_LATER,     "is busy: its queue is full" },
	{ 503, "maintenance",                      JUDGE0_ELSEWHERE, "is in maintenance" },
	{ 503, "",                                 JUDGE0_LATER,     "is busy" },
	{ 504, "",                                 JUDGE0_ELSEWHERE, "did not answer its gateway in time" },
	{ 0,   "",                                 JUDGE0_ELSEWHERE, "answers as no judge does: is there a sign-in page of the network in between?" },
};
/* clang-format on */

static bool holds(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static const struct answer *answer_to(const struct kl_http_result *result)
{
	const struct answer *row = answers;

	while (row->status && (row->status != result->status || !holds(result->body, row->said)))
		row++;
	return row;
}

/* 401 and 403 are told apart, and the header is named: never what was in it. */
static void no_key(struct judge0_outcome *out, int status, const char *name, const char *header)
{
	out->next = JUDGE0_NO_KEY;
	if (!*header)
		snprintf(out->words, sizeof(out->words),
			 "judge '%s' wants a key (%d): add one with 'kodelab keys add %s'", name, status, name);
	else if (status == 401)
		snprintf(out->words, sizeof(out->words),
			 "judge '%s' does not take the key in %s (401): replace it with 'kodelab keys add %s'", name,
			 header, name);
	else
		snprintf(out->words, sizeof(out->words),
			 "judge '%s' forbids it to the key in %s (403): ask its administrator, or use another key",
			 name, header);
}

/* The instance's own words, when it has some: they may be of anybody. */
static void add_said(struct judge0_outcome *out, const struct kl_http_result *result)
{
	struct judge0_answer *list;
	size_t count, len = strlen(out->words);

	if (judge0_answers_read(&list, &count, result->body, result->body_len, NULL))
		return;
	if (count == 1 && list->error && *list->error)
		snprintf(out->words + len, sizeof(out->words) - len, " (%.120s)", list->error);
	judge0_answers_free(list, count);
}

static void answered(struct judge0_outcome *out, const struct kl_http_result *result, const char *name,
		     const char *header, int64_t wall_ms)
{
	const struct answer *row;
	bool json = *result->body == '{' || *result->body == '[';

	if (result->status >= 200 && result->status < 300 && json)
		return;
	row = answer_to(result);
	out->next = row->next;
	if (row->next == JUDGE0_LATER)
		out->pause_ms = kl_http_retry_after_ms(result, wall_ms);
	if (result->status == 401 || (result->status == 403 && row->next != JUDGE0_NO_KEY)) {
		no_key(out, result->status, name, header);
		return;
	}
	snprintf(out->words, sizeof(out->words), "judge '%s' %s", name, row->words);
	if (row->next == JUDGE0_REFUSED)
		add_said(out, result);
}

void judge0_outcome_of(struct judge0_outcome *out, const struct kl_http_result *result, bool post, const char *name,
		       const char *header, int64_t wall_ms)
{
	*out = (struct judge0_outcome){ .next = JUDGE0_GO_ON, .pause_ms = -1, .sent = result->sent };
	switch (result->end) {
	case KL_HTTP_ANSWERED:
		answered(out, result, name, header, wall_ms);
		return;
	case KL_HTTP_UNREACHABLE:
	case KL_HTTP_UNTRUSTED:
		out->next = JUDGE0_ELSEWHERE;
		break;
	case KL_HTTP_BROKEN:
	case KL_HTTP_LATE:
		out->next = post ? JUDGE0_ELSEWHERE : JUDGE0_LATER;
		break;
	case KL_HTTP_TOO_LARGE:
		out->next = JUDGE0_REFUSED;
		break;
	case KL_HTTP_CANCELED:
		out->next = JUDGE0_REFUSED;
		break;
	}
	snprintf(out->words, sizeof(out->words), "judge '%s': %.250s", name, result->error.message);
}
