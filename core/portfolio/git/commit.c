/*
 * One solved challenge as one commit. The tree is made from the newest commit's tree and our files alone, so what the student
 * has staged or changed meanwhile stays theirs. Order: blobs, tree, commit (nothing to be seen yet) · the note of what the work tree
 * will be owed · the branch · the work tree and the index · the note goes.
 */

#include "core/portfolio/git/git_int.h"

#include <errno.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/crypto.h>
#include <kodelab/path.h>

#define SUBJECT_MAX 72

struct work {
	struct repo repo;
	const cJSON *item;
	char *code, *statement;
	size_t code_len, statement_len;
	struct record_list records;
	cJSON *record;
	bool again; /* solved before */
	struct change_list changes;
	git_oid tree, commit;
	struct kl_buf message;
};

/* --- the job ---------------------------------------------------------------------------------------------------- */

static enum kl_status decode(char **bytes, size_t *len, const cJSON *item, const char *key, struct kl_error *err)
{
	if (!kl_base64_decode(bytes, len, text_of(item, key)))
		return kl_fail(err, KL_EINVAL, "the job's '%s' is not base64", key);
	return KL_OK;
}

static enum kl_status read_item(struct work *work, const struct kl_json *job, struct kl_error *err)
{
	static const char *const needed[] = { "attempt", "pack", "slug", "title", "language", "source" };
	enum kl_status status = kl_json_get_object(&work->item, job, kl_json_root(job), "item", KL_JSON_REQUIRED, err);

	for (size_t i = 0; !status && i < KL_LENGTH(needed); i++)
		if (!*text_of(work->item, needed[i]))
			status = kl_fail(err, KL_EINVAL, "the job's '%s' is missing", needed[i]);
	if (!status)
		status = decode(&work->code, &work->code_len, work->item, "code", err);
	if (!status)
		status = decode(&work->statement, &work->statement_len, work->item, "statement", err);
	return status;
}

/* --- the files -------------------------------------------------------------------------------------------------- */

static void add_source(struct work *work)
{
	char *source = name_safe(text_of(work->item, "source"));
	struct change *change = change_add(&work->changes, kl_format("%s/%s", text_of(work->record, "dir"), source));

	kl_buf_add(&change->text, work->code, work->code_len);
	free(source);
}

static void add_readme(struct work *work)
{
	struct change *change = change_add(&work->changes, kl_format("%s/README.md", text_of(work->record, "dir")));

	readme_challenge(&change->text, work->record, work->statement);
}

static void add_record(struct work *work)
{
	char *pack = name_safe(text_of(work->record, "pack")), *slug = name_safe(text_of(work->record, "slug"));
	struct change *change = change_add(&work->changes, kl_format(".kodelab/%s/%s.json", pack, slug));
	char *text = cJSON_Print(work->record);

	kl_buf_addf(&change->text, "%s\n", text);
	cJSON_free(text);
	free(pack);
	free(slug);
}

static enum kl_status add_index(struct work *work, struct kl_error *err)
{
	struct change *change = change_add(&work->changes, kl_strdup("README.md"));
	struct kl_buf before, section;
	enum kl_status status = KL_OK;
	git_oid old;

	kl_buf_init(&before, TEXT_MAX);
	kl_buf_init(&section, TEXT_MAX);
	change->section = true;
	if (repo_blob(&old, &work->repo, "README.md"))
		status = repo_text(&before, &work->repo, &old, err);
	readme_index(&section, &work->records);
	readme_section(&change->text, before.data, section.data);
	kl_buf_release(&before);
	kl_buf_release(&section);
	return status;
}

static enum kl_status make_changes(struct work *work, struct kl_error *err)
{
	enum kl_status status;

	add_source(work);
	add_readme(work);
	add_record(work);
	status = add_index(work, err);
	for (size_t i = 0; !status && i < work->changes.count; i++)
		if (work->changes.rows[i].text.truncated)
			status = kl_fail(err, KL_EFULL, "'%s' is too large for the portfolio (over %zu MiB)",
					 work->changes.rows[i].path, TEXT_MAX >> 20);
	return status;
}

/* --- the objects ------------------------------------------------------------------------------------------------ */

static enum kl_status write_blobs(struct work *work, git_tree_update *updates, struct kl_error *err)
{
	for (size_t i = 0; i < work->changes.count; i++) {
		struct change *change = &work->changes.rows[i];

		if (git_blob_create_from_buffer(&change->id, work->repo.git, change->text.data, change->text.len) < 0)
			return fail_git(err, KL_EIO, "cannot write to the portfolio");
		change->had_old = repo_blob(&change->old_id, &work->repo, change->path);
		updates[i] = (git_tree_update){ .action = GIT_TREE_UPDATE_UPSERT,
						.id = change->id,
						.filemode = GIT_FILEMODE_BLOB,
						.path = change->path };
	}
	return KL_OK;
}

static enum kl_status write_tree(struct work *work, struct kl_error *err)
{
	git_tree_update *updates = kl_calloc(work->changes.count, sizeof(*updates));
	enum kl_status status = write_blobs(work, updates, err);

	if (!status &&
	    git_tree_create_updated(&work->tree, work->repo.git, work->repo.tree, work->changes.count, updates) < 0)
		status = fail_git(err, KL_EIO, "cannot write to the portfolio");
	free(updates);
	return status;
}

static void write_message(struct work *work)
{
	kl_buf_init(&work->message, 4096);
	kl_buf_add_str(&work->message, "Solve ");
	plain_line(&work->message, text_of(work->item, "title"), SUBJECT_MAX - 30);
	kl_buf_add_str(&work->message, work->again ? " again in " : " in ");
	plain_line(&work->message, text_of(work->item, "language"), 16);
	kl_buf_addf(&work->message,
		    "\n\nScore %.0f, %.0f of %.0f tests passed.\n\nChallenge: ", number_of(work->item, "score"),
		    number_of(work->item, "passed"), number_of(work->item, "total"));
	plain_line(&work->message, text_of(work->item, "pack"), 80);
	kl_buf_add_char(&work->message, '/');
	plain_line(&work->message, text_of(work->item, "slug"), 80);
	kl_buf_add_str(&work->message, "\nDifficulty: ");
	plain_line(&work->message, text_of(work->item, "difficulty"), 40);
	kl_buf_add_str(&work->message, "\nAttempt: ");
	plain_line(&work->message, text_of(work->item, "attempt"), 40);
	kl_buf_add_char(&work->message, '\n');
}

/* --- who did it ------------------------------------------------------------------------------------------------- */

static char *from_config(const struct work *work, const char *name)
{
	git_buf value = GIT_BUF_INIT;
	git_config *config = NULL;
	char *text = NULL;

	if (git_repository_config(&config, work->repo.git) == 0 && git_config_get_string_buf(&value, config, name) == 0)
		text = kl_strdup(value.ptr);
	git_buf_dispose(&value);
	git_config_free(config);
	return text;
}

/* The option, else git's own, else fallback (and then *known is false). Without what would break the line. */
static char *identity(const struct work *work, const struct kl_json *job, const char *key, const char *fallback,
		      bool *known)
{
	const char *option = text_of(kl_json_root(job), key);
	char *name = kl_format("user.%s", key), *configured = *option ? NULL : from_config(work, name);
	const char *chosen = *option ? option : configured && *configured ? configured : fallback;
	struct kl_buf line;

	if (chosen == fallback)
		*known = false;
	kl_buf_init(&line, 200);
	plain_line(&line, chosen, 200);
	for (char *at = line.data; *at; at++)
		if (*at == '<' || *at == '>')
			*at = ' ';
	free(configured);
	free(name);
	return kl_buf_detach(&line);
}

static git_time at_time(int64_t wall_ms)
{
	time_t seconds = (time_t)(wall_ms / 1000);
	struct tm tm;

	localtime_r(&seconds, &tm);
	return (git_time){ .time = seconds, .offset = (int)(tm.tm_gmtoff / 60), .sign = tm.tm_gmtoff < 0 ? '-' : '+' };
}

static git_signature signature(char *name, char *email, int64_t wall_ms)
{
	return (git_signature){ .name = name, .email = email, .when = at_time(wall_ms) };
}

static enum kl_status write_commit(struct work *work, const struct kl_json *job, struct kl_buf *text,
				   struct kl_error *err)
{
	bool known = true;
	char *name = identity(work, job, "name", "A KodeLab student", &known);
	char *email = identity(work, job, "email", "student@kodelab.invalid", &known);
	const git_commit *parents[] = { work->repo.head };
	struct kl_clock clock;
	git_signature author, committer;
	git_tree *tree = NULL;
	enum kl_status status = KL_OK;

	kl_clock_init(&clock);
	author = signature(name, email, (int64_t)number_of(work->item, "at_ms"));
	committer = signature(name, email, kl_clock_wall_ms(&clock));
	write_message(work);
	if (git_tree_lookup(&tree, work->repo.git, &work->tree) < 0 ||
	    git_commit_create(&work->commit, work->repo.git, NULL, &author, &committer, NULL, work->message.data, tree,
			      work->repo.head ? 1 : 0, parents) < 0)
		status = fail_git(err, KL_EIO, "cannot write to the portfolio");
	git_tree_free(tree);
	if (!known)
		kl_buf_add_str(
			text,
			"the commit has no name: set one with kodelab config portfolio.name and portfolio.email\n");
	free(name);
	free(email);
	return status;
}

/* --- making it visible ------------------------------------------------------------------------------------------ */

static enum kl_status move_branch(struct work *work, struct kl_error *err)
{
	const git_oid *before = work->repo.head ? git_commit_id(work->repo.head) : NULL;
	git_reference *moved = NULL;
	int code;

	if (before)
		code = git_reference_create_matching(&moved, work->repo.git, work->repo.branch, &work->commit, 1,
						     before, "commit: by kodelab");
	else
		code = git_reference_create(&moved, work->repo.git, work->repo.branch, &work->commit, 0,
					    "commit (initial): by kodelab");
	git_reference_free(moved);
	if (code == GIT_EMODIFIED || code == GIT_EEXISTS || code == GIT_ELOCKED)
		return kl_fail(err, KL_EBUSY, "somebody else is committing to the portfolio '%s': try again",
			       work->repo.path);
	return code < 0 ? fail_git(err, KL_EIO, "cannot write to the portfolio") : KL_OK;
}

static enum kl_status publish(struct work *work, struct answer *answer, struct kl_error *err)
{
	struct kl_error late = { .status = KL_OK };
	enum kl_status status;

	if ((status = change_check(&work->repo, &work->changes, err)) ||
	    (status = pending_write(&work->repo, &work->changes, err)))
		return status;
	status = move_branch(work, err);
	if (status) {
		pending_done(&work->repo);
		return status;
	}
	git_oid_tostr(answer->commit, sizeof(answer->commit), &work->commit);
	/* From here on the commit stands; files that cannot be written now are written by the next one. */
	if (change_apply(&work->repo, &work->changes, &answer->text, &late))
		kl_buf_addf(&answer->text, "the commit is made, its files follow with the next one: %s\n",
			    late.message);
	else
		pending_done(&work->repo);
	return KL_OK;
}

static enum kl_status commit(struct work *work, struct answer *answer, const struct kl_json *job, struct kl_error *err)
{
	enum kl_status status;

	if ((status = read_item(work, job, err)) || (status = repo_open(&work->repo, job, true, err)) ||
	    (status = record_read_all(&work->records, &work->repo, err)))
		return status;
	work->record = record_of(&work->records, work->item);
	work->again = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(work->record, "attempts")) > 0;
	if (record_has(work->record, text_of(work->item, "attempt")))
		return KL_OK;
	record_enter(&work->records, work->record, work->item);
	if ((status = make_changes(work, err)) || (status = write_tree(work, err)) ||
	    (status = write_commit(work, job, &answer->text, err)))
		return status;
	return publish(work, answer, err);
}

enum kl_status job_commit(struct answer *answer, const struct kl_json *job, struct kl_error *err)
{
	struct work work = { .repo.lock_fd = -1 };
	enum kl_status status;

	kl_buf_init(&work.message, 0);
	status = commit(&work, answer, job, err);
	change_release(&work.changes);
	record_release(&work.records);
	repo_close(&work.repo);
	kl_buf_release(&work.message);
	free(work.code);
	free(work.statement);
	return status;
}
