#ifndef CORE_SERVER_API_H
#define CORE_SERVER_API_H

/*
 * What the routes under /api share: one envelope for answers, one for errors, who asks, and what was asked.
 *
 *     {"success":true,"data":…}     {"success":false,"error":{"message":"…","code":"NOT_FOUND","details":{}}}
 *
 * Who asks is found by access.c. Whoever has a token of authz.tokens is the administrator's program; with the header
 * X-KodeLab-User it asks for a user: it then has that user's rights and no others.
 */

#include <stdbool.h>
#include <stdint.h>

#include <kodelab/buf.h>
#include <kodelab/error.h>

struct request;

#define API_USER_HEADER "X-KodeLab-User"
#define API_USER_MAX    64

enum api_code {
	API_BAD_REQUEST,
	API_UNAUTHORIZED,
	API_FORBIDDEN,
	API_NOT_FOUND,
	API_CONFLICT,
	API_MEDIA_TYPE,
	API_INVALID,
	API_TOO_MANY,
	API_INTERNAL,
	API_TOO_LARGE,
	API_STORAGE_FULL, /* not of SPEC: the disk takes nothing more; Retry-After goes with it */
	API_UPSTREAM, /* another server that was asked answered nonsense, or nothing */
	API_PENDING, /* of a terminal that asks to be let in: these three are 400 */
	API_SLOW_DOWN,
	API_EXPIRED,
};

/* For what is not there, and for what is somebody else's. */
#define API_NOT_THERE "there is no such thing, or it is not yours to see"

/* --- answers ------------------------------------------------------------------------------------------------------ */

/* body up to where data begins, data itself being the caller's; then the answer. */
void api_begin(struct kl_buf *body);
void api_end(struct request *request, int status, struct kl_buf *body);
void api_error(struct request *request, enum api_code code, const char *fmt, ...) KL_PRINTF(3, 4);
/* The same with a text in details: {"consent":"…"}. */
void api_error_with(struct request *request, enum api_code code, const char *name, const char *text,
		    const char *message);
/* The same with details of any form: an object's JSON. */
void api_error_details(struct request *request, enum api_code code, const char *details, const char *message);
const char *api_code_word(enum api_code code); /* "NOT_FOUND" */
/* By the status; err's own sentence. KL_EFULL is the disk, wherever it comes from: 503 STORAGE_FULL; too many is KL_EMANY. */
void api_fail(struct request *request, const struct kl_error *err);
/* The same, but what is not there is told in the words for what is not to be seen. */
void api_fail_unseen(struct request *request, const struct kl_error *err);
/* {"<key>":"<id>","<what>":true}, when this turn's writes are on the disk. */
void api_done(struct request *request, int status, const char *key, const char *id, const char *what);
/* The same in words of another API: the sentence for who asked; the header of a 503. */
#define API_FULL "the server's disk is full: nothing was taken, what you have is safe with you; try again later"
void api_retry_when_full(struct request *request);
/* What was to be told is not on the disk: in the words of whichever API was asked. */
void api_not_written(struct request *request);

/* A whole number of the query, digits alone; absent: *number stays. false: 422 was answered. */
bool api_query_number(int64_t *number, struct request *request, const char *name, int64_t least, int64_t most);

/* A page of a list: ?page= from 1, ?limit= 1 to API_LIMIT_MAX. */
struct api_page {
	int64_t page, limit;
	int64_t skip; /* rows before it */
};
#define API_LIMIT_MAX     100
#define API_LIMIT_DEFAULT 20
bool api_page(struct api_page *out, struct request *request); /* false: 422 was answered */
/* The end of a list that api_begin began: "pagination" with it. total: rows on all pages. */
void api_end_page(struct request *request, struct kl_buf *body, const struct api_page *page, int64_t total);

/*
 * A list as the answer: begun, asked of the store, ended with the status of that. Each row is shown into body, as an object that
 * jsonout_object begins.
 */
struct api_list {
	struct request *request;
	struct kl_buf body;
	struct api_page page; /* limit 0: there are no pages, all rows are told */
	int64_t total; /* rows on all pages */
	struct kl_error err; /* for who asks the store */
};
void api_list_begin(struct api_list *list, struct request *request);
/* false: 422 was answered, and there is no list to end. */
bool api_list_begin_page(struct api_list *list, struct request *request);
/* Counts one more in total, where the store does not. Is it on the page? */
bool api_list_next(struct api_list *list);
void api_list_end(struct api_list *list, enum kl_status status);

/* "name":"2026-11-20T11:34:01.866Z"; 0: null. */
void api_time(struct kl_buf *body, const char *name, int64_t wall_ms);
void api_number(struct kl_buf *body, const char *name, int64_t number); /* 0: null */
void api_bool(struct kl_buf *body, const char *name, bool value);

/* --- who ---------------------------------------------------------------------------------------------------------- */

bool api_is_path(const struct request *request);
/* The name of the user who asks, or for whom the administrator's program asks; NULL: the administrator asks. */
const char *api_user(const struct request *request);
/* Is this a name for a user? Letters, digits and ._@-, not beginning with a sign. */
bool api_is_user(const char *name);

/* --- what: api_body.c --------------------------------------------------------------------------------------------- */

/*
 * A member that the body may have: its name, where it goes (at most one of the pointers; none: it is only known here, and read by
 * itself), and its bounds. What is absent leaves what is there, and so does null, but for times, where it is 0.
 */
struct api_field {
	const char *name;
	const char **text; /* any, for its domain to judge; the request's */
	const char **line, **lines; /* what people read, of most bytes; a line is not empty */
	int64_t *number; /* whole, from least to most; most 0: as many as there may be */
	bool *flag;
	int64_t *time_ms; /* "2026-11-20T11:34:01Z" into wall time */
	bool needed; /* a flag or a time that must be there */
	int64_t least, most;
};
/* Reads the body, an object of these members and no others. false: 422 says what is wrong first. */
bool api_read(struct request *request, const struct api_field *fields, size_t count);
/* A body with nothing in it, or none. false: 422. */
bool api_read_nothing(struct request *request);
bool api_says(const struct request *request, const char *name); /* the body has this member */

#endif
