/* What only those with the second token may: list and delete. */

#include <kodelab/alloc.h>
#include <kodelab/queue.h>
#include <kodelab/store_queue.h>

#include "core/server/eventlog.h"
#include "core/server/judge0.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/server.h"
#include "core/server/settings.h"
#include "core/server/submission.h"
#include "core/server/submissions.h"

#define PAGE_MAX     1000000000 /* nothing is there; a larger number times the size of a page would begin anew */
#define PER_PAGE_MAX 500 /* each may hold megabytes; Judge0 itself knows no bound */

/* --- list ------------------------------------------------------------------------------------------------------- */

struct page {
	int64_t number, size, total;
	int64_t left_off; /* rows of this page that were too much for one answer */
};

static int64_t read_int(const struct request *request, const char *name, int64_t initial)
{
	const char *text = request_text(request, name);

	return text ? strtoll(text, NULL, 10) : initial;
}

/* false: the refusal was answered. */
static bool read_page(struct request *request, struct page *out)
{
	out->number = read_int(request, "page", 1);
	out->size = read_int(request, "per_page", 20);
	if (out->number < 1)
		answer_error(request, 400, "invalid page: %lld", (long long)out->number);
	else if (out->size < 0)
		answer_error(request, 400, "invalid per_page: %lld", (long long)out->size);
	else if (!out->size)
		answer_framework(request, 500);
	if (out->number > PAGE_MAX)
		out->number = PAGE_MAX;
	if (out->size > PER_PAGE_MAX)
		out->size = PER_PAGE_MAX;
	return out->number >= 1 && out->size > 0;
}

static void add_page(struct kl_buf *body, const char *name, int64_t number, bool there)
{
	jsonout_key(body, name);
	if (there)
		kl_buf_addf(body, "%lld", (long long)number);
	else
		kl_buf_add_str(body, "null");
}

static void add_meta(struct kl_buf *body, const struct page *page)
{
	int64_t pages = (page->total + page->size - 1) / page->size;

	kl_buf_add_str(body, "],\"meta\":{");
	jsonout_int(body, "current_page", page->number);
	add_page(body, "next_page", page->number + 1, page->number < pages);
	add_page(body, "prev_page", page->number - 1, page->number > 1);
	jsonout_int(body, "total_pages", pages);
	jsonout_int(body, "total_count", page->total);
	if (page->left_off)
		jsonout_int(body, "left_off", page->left_off);
	kl_buf_add_str(body, "}}");
}

/* false: one of them cannot be shown without base64. */
static bool add_rows(struct kl_buf *body, const struct request *request, const struct kl_queue_entry *rows,
		     size_t count, const struct fields *fields)
{
	bool base64 = request_says_true(request, "base64_encoded"), good = true;

	for (size_t i = 0; good && i < count; i++) {
		struct submission submission;

		good = submission_of_entry(&submission, &rows[i]) && (base64 || submission_plain(&submission, fields));
		if (i)
			kl_buf_add_char(body, ',');
		if (good)
			submission_show(body, &submission, fields, base64, judge0_toolchains(request->server->judge0));
		submission_release(&submission);
	}
	return good;
}

/* How many rows the page has, whatever their size. */
static int64_t rows_of(const struct page *page)
{
	int64_t rest = page->total - (page->number - 1) * page->size;

	return rest < 0 ? 0 : rest < page->size ? rest : page->size;
}

static void sum_up(void *ctx, int64_t value, int64_t count)
{
	(void)value;
	*(int64_t *)ctx += count;
}

static void answer_list(struct request *request, const struct page *page, const struct kl_queue_entry *rows,
			size_t count, const struct fields *fields)
{
	struct kl_buf body;

	answer_begin(&body);
	kl_buf_add_str(&body, "{\"submissions\":[");
	if (add_rows(&body, request, rows, count, fields)) {
		add_meta(&body, page);
		answer_json(request, 200, &body);
		return;
	}
	kl_buf_release(&body);
	answer_error(request, 400,
		     "some attributes for one or more submissions cannot be converted to UTF-8, use "
		     "base64_encoded=true query parameter");
}

void submissions_list(struct request *request)
{
	struct server *server = request->server;
	struct page page = { .total = 0 };
	struct kl_queue_entry *rows;
	struct fields fields;
	size_t count, most = (size_t)settings_int(server->settings, "limits.list_kib") << 10;

	if (!read_page(request, &page) || !submissions_fields(request, &fields))
		return;
	request_durable(request); /* what is shown may have been found in this very turn */
	count = (size_t)page.size;
	rows = kl_calloc(count, sizeof(*rows));
	if (kl_store_queue_counts(server->store, KL_QUEUE_BY_STATE, sum_up, &page.total, NULL) ||
	    kl_queue_list(rows, &count, (size_t)(page.number - 1) * (size_t)page.size, most, server->queue, NULL)) {
		answer_framework(request, 500);
		count = 0;
	} else {
		page.left_off = rows_of(&page) - (int64_t)count;
		answer_list(request, &page, rows, count, &fields);
	}
	for (size_t i = 0; i < count; i++)
		kl_queue_entry_release(&rows[i]);
	free(rows);
}

/* --- delete ----------------------------------------------------------------------------------------------------- */

static void delete_entry(struct request *request, const struct kl_queue_entry *entry, const struct fields *fields)
{
	struct server *server = request->server;
	int64_t status = status_of_entry(entry);
	struct kl_error err;

	if (status == STATUS_QUEUED || status == STATUS_PROCESSING) {
		answer_error(request, 400, "submission cannot be deleted because its status is %lld (%s)",
			     (long long)status, status_description(status));
	} else if (server_write(server, &err) || kl_queue_remove(server->queue, entry->id, &err)) {
		eventlog(KL_LOG_ERROR, "not_deleted", EVENTLOG_TEXT("id", request->id),
			 EVENTLOG_TEXT("error", err.message));
		answer_framework(request, 500);
	} else {
		request_durable(request);
		submissions_answer(request, 200, entry, fields, true);
	}
}

void submissions_delete(struct request *request)
{
	struct kl_queue_entry entry;
	struct fields fields;

	if (!settings_bool(request->server->settings, "judge0.enable_submission_delete")) {
		answer_error(request, 400, "delete not allowed");
		return;
	}
	if (!submissions_fields(request, &fields))
		return;
	if (kl_queue_get(&entry, request->server->queue, request_argument(request, "token"), NULL)) {
		answer_framework(request, 404);
		return;
	}
	delete_entry(request, &entry, &fields);
	kl_queue_entry_release(&entry);
}
