/* The newest commits, one line each, for people. */

#include "core/portfolio/git/git_int.h"

#include <kodelab/clock.h>

#define LOG_MAX 1000

static void add_line(struct kl_buf *text, const git_commit *commit)
{
	char hex[8], day[32];

	git_oid_tostr(hex, sizeof(hex), git_commit_id(commit));
	kl_clock_format((int64_t)git_commit_author(commit)->when.time * 1000, day, sizeof(day));
	kl_buf_addf(text, "%s  %s  ", hex, day);
	plain_line(text, git_commit_summary((git_commit *)(uintptr_t)commit), 200);
	kl_buf_add_char(text, '\n');
}

enum kl_status job_log(struct answer *answer, const struct kl_json *job, struct kl_error *err)
{
	struct repo repo;
	git_revwalk *walk = NULL;
	int64_t max = 20;
	git_oid id;
	enum kl_status status = kl_json_get_int(&max, job, kl_json_root(job), "max", 1, LOG_MAX, KL_JSON_OPTIONAL, err);

	if (status)
		return status;
	status = repo_open(&repo, job, false, err);
	if (status)
		return status;
	if (repo.head && (git_revwalk_new(&walk, repo.git) < 0 || git_revwalk_push(walk, git_commit_id(repo.head)) < 0))
		status = fail_git(err, KL_ECORRUPT, "cannot read the portfolio's history");
	while (walk && !status && max-- > 0 && git_revwalk_next(&id, walk) == 0) {
		git_commit *commit;

		if (git_commit_lookup(&commit, repo.git, &id) < 0) {
			status = fail_git(err, KL_ECORRUPT, "cannot read the portfolio's history");
			break;
		}
		add_line(&answer->text, commit);
		git_commit_free(commit);
	}
	git_revwalk_free(walk);
	repo_close(&repo);
	return status;
}
