/* Which addresses we push to: https, ssh and files; nothing that would run a program or send a token in the clear. */

#include "core/portfolio/git/git_int.h"

#include <strings.h>

#include <kodelab/alloc.h>

/* clang-format off */
static const struct scheme {
	const char *prefix;
	enum remote_kind kind;
	const char *refusal; /* NULL: taken */
} schemes[] = {
	{ "https://",     REMOTE_HTTPS, NULL },
	{ "ssh://",       REMOTE_SSH,   NULL },
	{ "git+ssh://",   REMOTE_SSH,   NULL },
	{ "file:///",     REMOTE_FILE,  NULL },
	{ "/",            REMOTE_FILE,  NULL },
	{ "http://",      REMOTE_HTTPS, "http would send your work and token in the clear: use https" },
	{ "git://",       REMOTE_HTTPS, "git:// takes no pushes: use https or ssh" },
};
/* clang-format on */

static bool has_control(const char *url)
{
	for (; *url; url++)
		if ((unsigned char)*url <= ' ' || *url == 0x7f)
			return true;
	return false;
}

/* The part of ssh://user@host:port/path or user@host:path that names the host. */
static const char *host_of(const char *url)
{
	const char *scheme = strstr(url, "://");
	const char *host = scheme ? scheme + 3 : url;
	size_t len = strcspn(host, "/");
	const char *at = memchr(host, '@', len);

	return at ? at + 1 : host;
}

/* user@host:path, as people copy it from GitHub. */
static bool is_scp(const char *url)
{
	const char *colon = strchr(url, ':'), *slash = strchr(url, '/');

	return colon && colon != url && (!slash || colon < slash) && colon[1] && colon[1] != ':' && colon[1] != '/';
}

enum kl_status remote_check(enum remote_kind *kind, const char *url, struct kl_error *err)
{
	const struct scheme *found = NULL;

	if (!*url || has_control(url) || *url == '-' || strlen(url) > 2000)
		return kl_fail(err, KL_EINVAL, "'%.80s' is no address to push to", url);
	if (strstr(url, "::"))
		return kl_fail(err, KL_EINVAL, "'%.80s' would run a program: use https, ssh or file", url);
	for (size_t i = 0; !found && i < KL_LENGTH(schemes); i++)
		if (!strncmp(url, schemes[i].prefix, strlen(schemes[i].prefix)))
			found = &schemes[i];
	if (found && found->refusal)
		return kl_fail(err, KL_EINVAL, "%s", found->refusal);
	if (!found && !is_scp(url))
		return kl_fail(err, KL_EINVAL,
			       "'%.80s' is no address to push to: use https://…, ssh://…, user@host:path or file:///…",
			       url);
	*kind = found ? found->kind : REMOTE_SSH;
	if (*kind != REMOTE_FILE && (*host_of(url) == '-' || !*host_of(url) || *host_of(url) == '/'))
		return kl_fail(err, KL_EINVAL, "'%.80s' names no host", url);
	return KL_OK;
}

bool remote_is_at(const char *url, const char *host, const char *port)
{
	const char *from = host_of(url);
	size_t len = strcspn(from, "/?#"), name_len = *from == '[' ? strcspn(from, "]/") + 1 : strcspn(from, ":/?#");
	char *its_host = kl_strndup(from, name_len < len ? name_len : len);
	char *its_port = len > name_len + 1 && from[name_len] == ':'
				 ? kl_strndup(from + name_len + 1, len - name_len - 1)
				 : kl_strdup("443");
	bool same = strcasecmp(its_host, host) == 0 && strcmp(its_port, port) == 0;

	free(its_host);
	free(its_port);
	return same;
}
