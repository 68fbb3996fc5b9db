/*
 * The oracle. Of every lab: each receipt verifies and names a stored row; nothing waits; the verdicts are the server's; the drafts of both
 * machines are the server's newest. Of the server: what labs hold, and nothing besides; one final verdict each; scores that follow from them.
 */

#include "tests/term/term.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/path.h>
#include <kodelab/receipt.h>
#include <kodelab/store.h>
#include <kodelab/store_intake.h>
#include <kodelab/store_learner.h>
#include <kodelab/store_stats.h>
#include <kodelab/store_sync.h>
#include <kodelab/store_works.h>

#define FILE_MAX     ((size_t)16 << 20)
#define PAGE         100
#define GIVEN_UP_MAX 3 /* who is killed that often at every try is rare: a few of thousands */

static const struct kl_clock running = { .held = false };

struct oracle {
	const struct term *term;
	struct kl_store *server, *lab;
	size_t student, machine; /* whose lab it is */
	char account[2 * KL_ID_SIZE];
	unsigned char *serials; /* 1: a lab has a receipt with it */
	int64_t newest; /* serial */
	size_t receipts, told, works, given_up, attempts, drafts; /* looked at */
	size_t mine; /* attempts of this student, of both machines */
};

/* --- receipts ----------------------------------------------------------------------------------------------------- */

static void check_row(const struct oracle *oracle, const struct kl_receipt *receipt)
{
	struct kl_intake_row row;
	struct kl_error err;

	CHECK(!kl_store_intake_get(&row, oracle->server, receipt->user, receipt->id, &err),
	      "%s was receipted and is gone: %s", receipt->id, err.message);
	CHECK(!strcmp(row.hash, receipt->hash) && !strcmp(row.kind, receipt->kind) &&
		      !strcmp(row.user, receipt->user) && !strcmp(row.signature, receipt->signature) &&
		      row.serial == receipt->serial && row.received_ms == receipt->received_ms,
	      "the row of %s is not what its receipt says", receipt->id);
}

static void check_receipt(void *ctx, const char *text)
{
	struct oracle *oracle = ctx;
	const struct term *term = oracle->term;
	cJSON *node = cJSON_Parse(text);
	struct kl_receipt receipt;
	struct kl_error err;

	CHECK(node && !kl_receipt_read(&receipt, node, &err), "%s: %s", text, err.message);
	CHECK(!kl_receipt_check(&receipt, term->public_key, &err), "%s: %s", text, err.message);
	CHECK(!strcmp(receipt.server, term->server) && !strcmp(receipt.user, term->users[oracle->student]),
	      "%s is for somebody else", text);
	CHECK(receipt.serial > 0 && receipt.serial <= oracle->newest && !oracle->serials[receipt.serial],
	      "serial %lld is given twice, or by nobody", (long long)receipt.serial);
	oracle->serials[receipt.serial] = 1;
	check_row(oracle, &receipt);
	oracle->receipts++;
	cJSON_Delete(node);
}

/* --- submissions -------------------------------------------------------------------------------------------------- */

/* The one way not to be judged: the server was killed under it at every try. */
static void check_given_up(struct oracle *oracle, const struct kl_work *look)
{
	struct kl_work work;
	struct kl_error err;

	CHECK(!kl_store_work_get(&work, oracle->server, look->id, &err), "%s", err.message);
	CHECK(work.state == KL_WORK_FAILED && work.report && strstr(work.report, "was stopped each time it judged"),
	      "%s is in state %d: %s", work.id, work.state, work.report);
	kl_work_release(&work);
	oracle->given_up++;
}

static void check_work(struct oracle *oracle, const struct kl_attempt *attempt)
{
	struct kl_work work;
	struct kl_error err;

	CHECK(!kl_store_work_look(&work, oracle->server, attempt->id, &err), "%s is in a lab and not at the server: %s",
	      attempt->id, err.message);
	CHECK(!strcmp(work.user, oracle->term->users[oracle->student]) && !strcmp(work.slug, attempt->slug),
	      "%s is another's", attempt->id);
	CHECK(work.judgings == 1, "%s has %lld verdicts", attempt->id, (long long)work.judgings);
	if (work.state != KL_WORK_DONE)
		check_given_up(oracle, &work);
	CHECK(attempt->delivery == KL_DELIVERY_RECEIVED && attempt->standing == KL_STANDING_CLASS &&
		      !strcmp(attempt->verdict, work.verdict) && fabs(attempt->score - work.score) < 0.01,
	      "the lab says '%s' of %s (delivery %d, standing %d), the server '%s'", attempt->verdict, attempt->id,
	      attempt->delivery, attempt->standing, work.verdict);
	kl_work_release(&work);
}

static void check_attempts(struct oracle *oracle)
{
	struct kl_attempt rows[PAGE];
	size_t count = PAGE;
	struct kl_error err;

	for (size_t skip = 0; count == PAGE; skip += PAGE) {
		CHECK(!kl_store_attempts(rows, &count, PAGE, skip, oracle->lab, TERM_PACK, NULL, &err), "%s",
		      err.message);
		for (size_t i = 0; i < count; i++) {
			if (rows[i].kind == KL_ATTEMPT_SUBMIT) {
				check_work(oracle, &rows[i]);
				oracle->mine++;
				oracle->attempts++;
			}
			kl_attempt_release(&rows[i]);
		}
	}
}

/* What the student was told is kept. */
static void check_told(struct oracle *oracle)
{
	char *path = term_home_file(oracle->term, oracle->student, oracle->machine, "told"), *rest, *line;
	struct kl_buf text;

	kl_buf_init(&text, FILE_MAX);
	if (kl_path_exists(path))
		CHECK(!kl_file_read(&text, path, NULL), "%s cannot be read", path);
	rest = text.data;
	while ((line = strsep(&rest, "\n")) && *line) {
		char *id = strsep(&line, " "), *hash = strsep(&line, " ");
		struct kl_intake_row row;
		struct kl_error err;

		CHECK(!kl_store_intake_get(&row, oracle->server, oracle->term->users[oracle->student], id, &err),
		      "%s was submitted and is lost: %s", id, err.message);
		CHECK(!strcmp(row.hash, hash), "%s arrived with other bytes", id);
		oracle->told++;
	}
	kl_buf_release(&text);
	free(path);
}

/* --- drafts ------------------------------------------------------------------------------------------------------- */

static void check_draft(struct oracle *oracle, const char *slug)
{
	const char *user = oracle->term->users[oracle->student];
	struct kl_user_draft newest;
	struct kl_error err;
	char *text = NULL;
	size_t len, cursor;

	if (kl_store_draft_get(&text, &len, &cursor, oracle->lab, TERM_PACK, slug, "bash", &err)) {
		CHECK(err.status == KL_ENOENT, "%s", err.message);
		return;
	}
	CHECK(!kl_store_user_draft_get(&newest, oracle->server, user, TERM_PACK, slug, "bash", &err),
	      "the draft of student %zu at %s is not at the server: %s", oracle->student, slug, err.message);
	CHECK(newest.code_len == len && !memcmp(newest.code, text, len),
	      "student %zu, machine %zu, %s: the draft here is\n%sand the newest is\n%s", oracle->student,
	      oracle->machine, slug, text, newest.code);
	oracle->drafts++;
	kl_user_draft_release(&newest);
	free(text);
}

/* --- a lab -------------------------------------------------------------------------------------------------------- */

static void check_lab(struct oracle *oracle)
{
	char *db = term_home_file(oracle->term, oracle->student, oracle->machine, ".local/share/kodelab/lab.db");
	struct kl_store_opened opened = { .rebuilt = false };
	struct kl_error err;
	int64_t since_ms;
	size_t waiting;

	CHECK(!kl_store_open(&oracle->lab, &opened, db, &running, &err) && !opened.rebuilt, "%s: %s", db, err.message);
	snprintf(oracle->account, sizeof(oracle->account), "%s/%s", oracle->term->server,
		 oracle->term->users[oracle->student]);
	CHECK(!kl_store_outbox_waiting(&waiting, &since_ms, oracle->lab, oracle->account, &err), "%s", err.message);
	CHECK(!waiting, "student %zu, machine %zu: %zu still wait", oracle->student, oracle->machine, waiting);
	CHECK(!kl_store_receipts(oracle->lab, check_receipt, oracle, &err), "%s", err.message);
	check_attempts(oracle);
	check_told(oracle);
	for (size_t i = 0; i < oracle->term->challenges; i++) {
		char slug[8];

		term_slug(slug, i);
		check_draft(oracle, slug);
	}
	kl_store_close(oracle->lab);
	free(db);
}

/* --- a student ---------------------------------------------------------------------------------------------------- */

static double points_of(const struct oracle *oracle, size_t student)
{
	const char *user = oracle->term->users[student];
	struct kl_works_sum sum;
	struct kl_error err;
	double points = 0;

	for (size_t i = 0; i < oracle->term->challenges; i++) {
		char slug[8];

		term_slug(slug, i);
		CHECK(!kl_store_works_sum(&sum, oracle->server, user, TERM_PACK, slug, &err), "%s", err.message);
		points += sum.best_score * TERM_POINTS / 100;
	}
	return points;
}

static void check_student(struct oracle *oracle, double total)
{
	struct kl_works_filter filter = { .user = oracle->term->users[oracle->student] };
	struct kl_error err;
	int64_t count;
	double points;

	oracle->mine = 0;
	for (oracle->machine = 0; oracle->machine < TERM_MACHINES; oracle->machine++)
		check_lab(oracle);
	CHECK(!kl_store_works_of_user(&count, oracle->server, &filter, NULL, NULL, &err), "%s", err.message);
	CHECK(count == (int64_t)oracle->mine, "student %zu: the server has %lld submissions, the labs %zu",
	      oracle->student, (long long)count, oracle->mine);
	oracle->works += (size_t)count;
	points = points_of(oracle, oracle->student);
	CHECK(fabs(points - total) < 0.01, "student %zu: the gradebook says %.2f, the verdicts %.2f", oracle->student,
	      total, points);
}

/* --- analytics ---------------------------------------------------------------------------------------------------- */

static void count_work(void *ctx, const struct kl_work *work)
{
	struct kl_challenge_stats *stats = ctx;

	if (work->state != KL_WORK_DONE)
		return;
	stats->works++;
	stats->passed += work->passed == work->total;
}

/* Counted from the start, they are what was counted with each verdict. */
static void check_stats(const struct oracle *oracle, const char *slug)
{
	struct kl_challenge_stats kept, all = { .works = 0 };
	struct kl_error err;

	for (size_t i = 0; i < oracle->term->students; i++) {
		struct kl_challenge_stats his = { .works = 0 };

		CHECK(!kl_store_works_of_subject(oracle->server, oracle->term->users[i], TERM_PACK, slug, count_work,
						 &his, &err),
		      "%s", err.message);
		all.works += his.works;
		all.passed += his.passed;
		all.tried += his.works > 0;
		all.solved += his.passed > 0;
	}
	CHECK(!kl_store_stats_challenge(&kept, oracle->server, TERM_PACK, slug, &err), "%s", err.message);
	CHECK(kept.works == all.works && kept.passed == all.passed && kept.tried == all.tried &&
		      kept.solved == all.solved,
	      "%s: analytics say %lld submissions, %lld passed, %lld tried, %lld solved; it is %lld, %lld, %lld, %lld",
	      slug, (long long)kept.works, (long long)kept.passed, (long long)kept.tried, (long long)kept.solved,
	      (long long)all.works, (long long)all.passed, (long long)all.tried, (long long)all.solved);
}

void term_judge(const struct term *term, const char *database, const double *totals)
{
	struct oracle oracle = { .term = term };
	struct kl_error err;

	CHECK(!kl_store_open_server(&oracle.server, database, &running, &err), "%s", err.message);
	CHECK(!kl_store_intake_newest(&oracle.newest, oracle.server, &err), "%s", err.message);
	oracle.serials = kl_calloc((size_t)oracle.newest + 1, 1);
	for (oracle.student = 0; oracle.student < term->students; oracle.student++)
		check_student(&oracle, totals[oracle.student]);
	for (size_t i = 0; i < term->challenges; i++) {
		char slug[8];

		term_slug(slug, i);
		check_stats(&oracle, slug);
	}
	CHECK(oracle.given_up <= GIVEN_UP_MAX, "%zu submissions were given up", oracle.given_up);
	CHECK(oracle.works && oracle.receipts && oracle.told && oracle.drafts, "nothing was there to look at");
	printf("ledger: %zu receipts verify and name rows (of %lld); %zu submissions at the server, %zu in labs, %zu told"
	       " of, one verdict each (%zu given up after three kills); %zu drafts are the newest; %zu rows of the gradebook and the counts of %zu challenges follow\n",
	       oracle.receipts, (long long)oracle.newest, oracle.works, oracle.attempts, oracle.told, oracle.given_up,
	       oracle.drafts, term->students, term->challenges);
	kl_store_close(oracle.server);
	free(oracle.serials);
}
