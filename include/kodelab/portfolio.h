#ifndef KODELAB_PORTFOLIO_H
#define KODELAB_PORTFOLIO_H

/*
 * The portfolio: a git repository of finished work. libgit2 lives in the helper program kodelab-git; here are
 * jobs for it. One job at a time, the rest queue; nothing here blocks.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>

struct kl_loop;
struct kl_paths;
struct kl_config;
struct kl_portfolio;

struct kl_portfolio_item { /* one completed attempt, borrowed for the call */
	const char *attempt_id;
	const char *pack, *slug, *title, *summary, *difficulty, *category, *language, *source_name;
	const char *statement;
	const char *code;
	size_t code_len;
	double score;
	int passed, total;
	int64_t cpu_us, peak_kib, at_ms;
};

struct kl_portfolio_result {
	struct kl_error error; /* status KL_OK: done */
	char commit[65]; /* hex of the commit made; "" when nothing changed */
	const char *text; /* log lines or the push's answer, for people; borrowed; may be NULL */
};

typedef void kl_portfolio_done_fn(void *ctx, const struct kl_portfolio_result *result);

/* Path from option portfolio.path, author from portfolio.name and portfolio.email (else git's own config). Touches nothing yet. */
struct kl_portfolio *kl_portfolio_open(struct kl_loop *loop, const struct kl_paths *paths,
				       const struct kl_config *config);
void kl_portfolio_close(
	struct kl_portfolio *portfolio); /* waits for nothing: a job under way is ended; done is not called */
/* Ends the job under way: its done is told KL_ECANCELED. Nothing when there is none. */
void kl_portfolio_cancel(struct kl_portfolio *portfolio);
const char *kl_portfolio_path(const struct kl_portfolio *portfolio);

/* done fires exactly once, from the loop. A commit of the same attempt again changes nothing (commit ""). */
enum kl_status kl_portfolio_commit(struct kl_portfolio *portfolio, const struct kl_portfolio_item *item,
				   kl_portfolio_done_fn *done, void *ctx, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_portfolio_log(struct kl_portfolio *portfolio, size_t max, kl_portfolio_done_fn *done, void *ctx,
				struct kl_error *err) KL_MUST_CHECK;
/* remote: URL or name; NULL: option portfolio.remote, else "origin". https, ssh, file. The token is passed by pipe. */
enum kl_status kl_portfolio_push(struct kl_portfolio *portfolio, const char *remote, kl_portfolio_done_fn *done,
				 void *ctx, struct kl_error *err) KL_MUST_CHECK;

#endif
