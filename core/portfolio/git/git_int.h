#ifndef KODELAB_GIT_INT_H
#define KODELAB_GIT_INT_H

/*
 * kodelab-git: one job from stdin (a JSON object), one answer on stdout (a JSON line). The only program with libgit2.
 *
 * A commit is made in the object database first and becomes visible by the move of one reference; the student's files
 * follow after that. What was left undone is written down before (pending.c) and mended by the next job, so a death at any
 * point costs nothing.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <git2.h>

#include <kodelab/buf.h>
#include <kodelab/error.h>
#include <kodelab/json.h>

#define TEXT_MAX ((size_t)4 << 20) /* bytes of any one file we read or write */

struct answer {
	char commit[65]; /* hex; "": none was made */
	struct kl_buf text; /* lines for people */
};

typedef enum kl_status job_fn(struct answer *answer, const struct kl_json *job, struct kl_error *err);

job_fn job_commit, job_push, job_log;

/* ---- repo.c ---- */

struct repo {
	git_repository *git;
	char *path; /* of the work tree, without a slash at the end */
	char *notes; /* <git folder>/kodelab */
	char *branch; /* refs/heads/… */
	git_commit *head; /* NULL: nothing was committed yet */
	git_tree *tree; /* of head; NULL like it */
	int lock_fd;
};

/* Opens, creating when make; holds the lock of our own jobs; mends what the last one left. KL_ENOENT: no repository. */
enum kl_status repo_open(struct repo *repo, const struct kl_json *job, bool make, struct kl_error *err) KL_MUST_CHECK;
void repo_close(struct repo *repo);
/* The blob at path in the newest commit into id; false: there is none. */
bool repo_blob(git_oid *id, const struct repo *repo, const char *path);
enum kl_status repo_text(struct kl_buf *out, const struct repo *repo, const git_oid *id,
			 struct kl_error *err) KL_MUST_CHECK;
/* "sentence: what libgit2 said". */
enum kl_status fail_git(struct kl_error *err, enum kl_status status, const char *sentence);

/* ---- change.c: the files of one commit, and their way into the work tree ---- */

struct change {
	char *path; /* in the repository, of names from name_safe */
	struct kl_buf text; /* the new content */
	git_oid id; /* of it */
	git_oid old_id;
	bool had_old;
	bool section; /* only the part between our marks is ours (README.md at the top) */
};

struct change_list {
	struct change *rows;
	size_t count, capacity;
};

/* Takes path; text is to be filled by the caller. */
struct change *change_add(struct change_list *list, char *path);
void change_release(struct change_list *list);
/* Refuses what the work tree cannot take: a link or a file where a folder is needed, a folder where a file is. */
enum kl_status change_check(const struct repo *repo, const struct change_list *list,
			    struct kl_error *err) KL_MUST_CHECK;
/* Writes the files, keeping what the student had changed as <file>.yours-<time> (said in text), and the index. */
enum kl_status change_apply(const struct repo *repo, const struct change_list *list, struct kl_buf *text,
			    struct kl_error *err) KL_MUST_CHECK;

enum file_state { FILE_ABSENT, FILE_AS_BEFORE, FILE_AS_WANTED, FILE_CHANGED };
enum file_state file_state(const struct repo *repo, const char *path, const git_oid *before, const git_oid *want);
enum kl_status file_place(const struct repo *repo, const char *path, const char *bytes, size_t len,
			  struct kl_error *err) KL_MUST_CHECK;
/* Enters path with blob id into the index, as the file that lies there now when clean. */
enum kl_status index_enter(git_index *index, const struct repo *repo, const char *path, const git_oid *id, bool clean,
			   struct kl_error *err) KL_MUST_CHECK;

/* ---- pending.c: what the work tree is still owed ---- */

enum kl_status pending_write(const struct repo *repo, const struct change_list *list,
			     struct kl_error *err) KL_MUST_CHECK;
void pending_done(const struct repo *repo);
/* Brings files that still are as before a commit that was cut short to what it says. */
enum kl_status pending_mend(const struct repo *repo, struct kl_error *err) KL_MUST_CHECK;

/* ---- record.c: .kodelab/<pack>/<slug>.json, what the portfolio knows of a challenge ---- */

struct record_list {
	cJSON **rows; /* owned; by category, then title */
	size_t count, capacity;
};

/* All records of the newest commit; damaged ones are left out. */
enum kl_status record_read_all(struct record_list *list, const struct repo *repo, struct kl_error *err) KL_MUST_CHECK;
void record_release(struct record_list *list);
/* The record of the item's challenge, made when new; of the list. */
cJSON *record_of(struct record_list *list, const cJSON *item);
bool record_has(const cJSON *record, const char *attempt);
/* Enters the item's attempt as the newest solution in its language; the list is sorted anew. */
void record_enter(struct record_list *list, cJSON *record, const cJSON *item);
const char *text_of(const cJSON *object, const char *key); /* "" when absent */
double number_of(const cJSON *object, const char *key); /* 0 when absent */
cJSON *first_of(const cJSON *array); /* element, then ->next; array may be NULL */

/* ---- readme.c ---- */

void readme_challenge(struct kl_buf *out, const cJSON *record, const char *statement);
void readme_index(struct kl_buf *out, const struct record_list *list);
/* before with the part between our marks replaced; where there is none it is put at the end. */
void readme_section(struct kl_buf *out, const char *before, const char *section);
/* The part between the marks of text, marks included; NULL: none. */
const char *readme_find(const char *text, size_t *len);

/* ---- plain.c: text from outside, made harmless ---- */

/* One line: control characters become blanks, bytes that are not UTF-8 '?', at most max bytes. */
void plain_line(struct kl_buf *out, const char *text, size_t max);
/* The same with everything escaped that means something in Markdown. */
void plain_markdown(struct kl_buf *out, const char *text);
/* A name for a file or folder that is harmless everywhere: letters, digits and .-_+ only, no dot in front. Owned. */
char *name_safe(const char *text);

/* ---- remote.c ---- */

enum remote_kind { REMOTE_HTTPS, REMOTE_SSH, REMOTE_FILE };
/* KL_EINVAL: not one of the three; the sentence says what is wrong. */
enum kl_status remote_check(enum remote_kind *kind, const char *url, struct kl_error *err) KL_MUST_CHECK;
/* Is host:port where the https address url leads? */
bool remote_is_at(const char *url, const char *host, const char *port);

/* ---- way.c: where https may connect ---- */

enum way_trouble {
	WAY_CLEAR,
	WAY_LEADS_AWAY, /* the remote sent us to another port */
	WAY_HIDDEN_PROXY, /* a proxy that is spoken to by https: what it is asked for cannot be seen */
};

/* From now on https connects to where url leads and nowhere else; url lives on. Not for ssh: its socket is libgit2's own. */
void way_watch(const char *url);
enum way_trouble way_trouble(void);

/* ---- key.c: the student's ssh keys ---- */

/* Has the private key at path a passphrase? False when it cannot be read. */
bool key_locked(const char *path);
/* Does the agent that SSH_AUTH_SOCK names answer? */
bool key_agent(void);

#endif
