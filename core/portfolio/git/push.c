/*
 * Pushing the branch the portfolio is on. The token goes to the host and port of the address and to no other: redirects
 * away from it are not followed, and a certificate or host key that is not known ends the push.
 */

#include "core/portfolio/git/git_int.h"

#include <unistd.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>
#include <kodelab/path.h>

struct push {
	struct repo repo;
	git_remote *remote;
	const char *url;
	enum remote_kind kind;
	const char *token;
	bool token_used, agent_used;
	size_t next_key; /* of the table of key files */
	char *locked_key; /* the first one with a passphrase; owned */
	bool rsa_offered;
	bool unknown_host; /* its certificate or key was refused */
	bool refused_us; /* we had no credential left to offer */
	char *refused; /* what the server said against the new branch; owned */
};

/* --- who we are ------------------------------------------------------------------------------------------------- */

static const char *const key_files[] = { "id_ed25519", "id_ecdsa", "id_rsa" };

/* The next of the student's usual keys that is there and has no passphrase; false: none left. */
static bool next_key(char **private_key, char **public_key, struct push *push)
{
	const char *home = getenv("HOME");

	while (home && push->next_key < KL_LENGTH(key_files)) {
		const char *name = key_files[push->next_key++];

		*private_key = kl_format("%s/.ssh/%s", home, name);
		*public_key = kl_format("%s.pub", *private_key);
		if (access(*private_key, R_OK) == 0 && access(*public_key, R_OK) == 0) {
			if (!key_locked(*private_key)) {
				push->rsa_offered = !strcmp(name, "id_rsa");
				return true;
			}
			if (!push->locked_key)
				push->locked_key = kl_strdup(*private_key);
		}
		free(*private_key);
		free(*public_key);
	}
	return false;
}

static int ssh_credential(git_credential **out, struct push *push, const char *user)
{
	char *private_key, *public_key;
	int code;

	if (!push->agent_used) {
		push->agent_used = true;
		if (key_agent())
			return git_credential_ssh_key_from_agent(out, user);
	}
	if (!next_key(&private_key, &public_key, push))
		return GIT_EAUTH;
	code = git_credential_ssh_key_new(out, user, public_key, private_key, NULL);
	free(private_key);
	free(public_key);
	return code;
}

static int offer(git_credential **out, struct push *push, const char *user, unsigned allowed)
{
	if (push->kind == REMOTE_SSH && allowed & GIT_CREDENTIAL_SSH_KEY)
		return ssh_credential(out, push, user);
	if (push->kind == REMOTE_SSH && allowed & GIT_CREDENTIAL_USERNAME)
		return git_credential_username_new(out, user);
	/* Once: a token that was refused is not offered again. */
	if (push->kind != REMOTE_HTTPS || !(allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT) || !*push->token ||
	    push->token_used)
		return GIT_EAUTH;
	push->token_used = true;
	return git_credential_userpass_plaintext_new(out, user, push->token);
}

static int credential(git_credential **out, const char *url, const char *user_from_url, unsigned allowed, void *payload)
{
	struct push *push = payload;
	int code = offer(out, push, user_from_url && *user_from_url ? user_from_url : "git", allowed);

	(void)url;
	push->refused_us = code == GIT_EAUTH;
	return code;
}

static int certificate(git_cert *cert, int valid, const char *host, void *payload)
{
	struct push *push = payload;

	(void)cert;
	(void)host;
	if (valid)
		return 0;
	push->unknown_host = true;
	return GIT_ECERTIFICATE;
}

static int update(const char *name, const char *refusal, void *payload)
{
	struct push *push = payload;

	(void)name;
	if (refusal && !push->refused)
		push->refused = kl_strdup(refusal);
	return 0;
}

/* --- where to --------------------------------------------------------------------------------------------------- */

/* A name of the repository's own remotes, or an address. */
static enum kl_status find_remote(struct push *push, const char *wanted, struct kl_error *err)
{
	bool named = !*wanted || !strpbrk(wanted, ":/");
	const char *name = *wanted ? wanted : "origin";
	enum kl_status status;

	if (named && git_remote_lookup(&push->remote, push->repo.git, name) < 0)
		return kl_fail(
			err, KL_ENOENT,
			"the portfolio has no remote '%.80s': set one with kodelab config portfolio.remote <address>",
			name);
	if (!named && (status = remote_check(&push->kind, wanted, err)))
		return status;
	if (!named && git_remote_create_anonymous(&push->remote, push->repo.git, wanted) < 0)
		return fail_git(err, KL_EINVAL, "cannot use the remote");
	/* What git's settings (insteadOf) made of it. */
	push->url = git_remote_pushurl(push->remote) ? git_remote_pushurl(push->remote) : git_remote_url(push->remote);
	return remote_check(&push->kind, push->url ? push->url : "", err);
}

/* The address without what may be secret in it, for sentences. */
static char *shown(const char *url)
{
	const char *scheme = strstr(url, "://"), *host = scheme ? scheme + 3 : url;
	const char *at = memchr(host, '@', strcspn(host, "/"));
	const char *colon = at ? memchr(host, ':', (size_t)(at - host)) : NULL;

	if (!scheme || !colon)
		return kl_strdup(url);
	return kl_format("%.*s…%s", (int)(colon - url), url, at);
}

/* --- what went wrong -------------------------------------------------------------------------------------------- */

static enum kl_status fail_diverged(struct kl_error *err, const struct push *push, const char *where)
{
	return kl_fail(err, KL_ECONFLICT,
		       "'%s' has commits that are not here: run git -C '%s' pull --rebase, then push again", where,
		       push->repo.path);
}

static enum kl_status fail_auth(struct kl_error *err, const struct push *push, const char *where)
{
	if (push->kind == REMOTE_SSH && push->locked_key)
		return kl_fail(err, KL_EDENIED,
			       "your ssh key '%s' has a passphrase: give it to the agent with ssh-add, then push again",
			       push->locked_key);
	if (push->kind == REMOTE_SSH && push->rsa_offered) /* libssh2 before 1.11 signs with SHA-1 */
		return kl_fail(
			err, KL_EDENIED,
			"'%s' took none of your ssh keys: if yours is an RSA key, make another with ssh-keygen -t ed25519 and add it there",
			where);
	if (push->kind == REMOTE_SSH)
		return kl_fail(err, KL_EDENIED,
			       "'%s' took none of your ssh keys: add one to the agent (ssh-add) and there", where);
	if (!*push->token)
		return kl_fail(err, KL_EDENIED,
			       "'%s' wants a token: make one there and set it with kodelab config portfolio.token",
			       where);
	return kl_fail(err, KL_EDENIED, "'%s' refused the token: it may be wrong, expired, or may not write", where);
}

/* In the words of libgit2, git and GitHub. */
static bool is_absent(const char *said)
{
	static const char *const words[] = { "status code: 404", "does not appear to be a git repository",
					     "Repository not found" };

	for (size_t i = 0; i < KL_LENGTH(words); i++)
		if (strstr(said, words[i]))
			return true;
	return false;
}

static enum kl_status fail_push(struct kl_error *err, const struct push *push, int code, const char *where)
{
	const git_error *error = git_error_last();
	const char *said = error && error->message ? error->message : "no reason was given";

	if (push->unknown_host && push->kind == REMOTE_SSH)
		return kl_fail(
			err, KL_EDENIED,
			"the host key of '%s' is not the one in your known_hosts: connect once with ssh, check the key, then push again",
			where);
	if (push->unknown_host || code == GIT_ECERTIFICATE)
		return kl_fail(err, KL_EDENIED, "the certificate of '%s' is not to be trusted: nothing was sent",
			       where);
	if (code == GIT_ENONFASTFORWARD)
		return fail_diverged(err, push, where);
	if (code == GIT_EAUTH || push->refused_us)
		return fail_auth(err, push, where);
	if (way_trouble() == WAY_HIDDEN_PROXY)
		return kl_fail(err, KL_EINVAL,
			       "cannot push through an https proxy: give your proxy as http://… in https_proxy");
	if (way_trouble() == WAY_LEADS_AWAY || strstr(said, "redirect"))
		return kl_fail(err, KL_EDENIED, "'%s' sends us to another address: set that one as portfolio.remote",
			       where);
	if (strstr(said, "status code: 403"))
		return fail_auth(err, push, where);
	if (is_absent(said))
		return kl_fail(err, KL_ENOENT, "there is no repository at '%s', or not for you: make it there first",
			       where);
	if (push->kind == REMOTE_FILE)
		return kl_fail(err, KL_ENOENT, "cannot push to '%s': %s", where, said);
	return kl_fail(err, KL_ENET, "cannot reach '%s': %.*s; your commits are safe here, push again later", where,
		       (int)strcspn(said, "\r\n"), said);
}

/* --- pushing ---------------------------------------------------------------------------------------------------- */

/* libgit2 1.5 forgets the hosts it knows when it pushes over ssh; our own leaks there are those of https, too. */
static void forgive_leaks(const struct push *push, bool begin)
{
#ifdef __SANITIZE_ADDRESS__
	if (push->kind == REMOTE_SSH && begin)
		__lsan_disable();
	else if (push->kind == REMOTE_SSH)
		__lsan_enable();
#else
	(void)push;
	(void)begin;
#endif
}

static int push_branch(struct push *push)
{
	char *spec = kl_format("%s:%s", push->repo.branch, push->repo.branch);
	git_strarray specs = { &spec, 1 };
	git_push_options options;
	int code;

	git_push_options_init(&options, GIT_PUSH_OPTIONS_VERSION);
	options.follow_redirects = GIT_REMOTE_REDIRECT_NONE;
	options.proxy_opts.type = GIT_PROXY_AUTO;
	options.callbacks.payload = push;
	options.callbacks.credentials = credential;
	options.callbacks.certificate_check = certificate;
	options.callbacks.push_update_reference = update;
	forgive_leaks(push, true);
	code = git_remote_push(push->remote, &specs, &options);
	forgive_leaks(push, false);
	free(spec);
	return code;
}

static enum kl_status push_to(struct push *push, struct answer *answer, struct kl_error *err)
{
	char *where = shown(push->url);
	enum kl_status status = KL_OK;
	int code;

	if (push->kind == REMOTE_HTTPS)
		way_watch(push->url);
	code = push_branch(push);
	if (code < 0)
		status = fail_push(err, push, code, where);
	else if (push->refused && strstr(push->refused, "fast-forward"))
		status = fail_diverged(err, push, where);
	else if (push->refused)
		status = kl_fail(err, KL_EDENIED, "'%s' refused the push: %s", where, push->refused);
	else
		kl_buf_addf(&answer->text, "pushed %s to %s\n", push->repo.branch + strlen("refs/heads/"), where);
	free(where);
	return status;
}

enum kl_status job_push(struct answer *answer, const struct kl_json *job, struct kl_error *err)
{
	struct push push = { .token = text_of(kl_json_root(job), "token") };
	enum kl_status status = repo_open(&push.repo, job, false, err);

	if (status)
		return status;
	if (!push.repo.head)
		status = kl_fail(err, KL_ENOENT, "the portfolio is empty: it begins with the first challenge you pass");
	if (!status)
		status = find_remote(&push, text_of(kl_json_root(job), "remote"), err);
	if (!status)
		status = push_to(&push, answer, err);
	free(push.refused);
	free(push.locked_key);
	git_remote_free(push.remote);
	repo_close(&push.repo);
	return status;
}
