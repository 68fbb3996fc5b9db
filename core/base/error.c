/* Failure sentences, and the one way to die. */

#include <kodelab/error.h>

#include <errno.h>
#include <unistd.h>

#include <kodelab/alloc.h>

static void (*die_hook)(void); /* set once at start; the terminal must be restored whoever dies */

enum kl_status kl_fail(struct kl_error *err, enum kl_status status, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return status;
	err->status = status;
	va_start(args, fmt);
	vsnprintf(err->message, sizeof(err->message), fmt, args);
	va_end(args);
	return status;
}

static enum kl_status status_of_errno(int errnum, enum kl_status otherwise)
{
	static const struct {
		int errnum;
		enum kl_status status;
	} map[] = {
		{ ENOSPC, KL_EFULL },  { EDQUOT, KL_EFULL },   { EFBIG, KL_EFULL },
		{ ENOENT, KL_ENOENT }, { EACCES, KL_EDENIED }, { EPERM, KL_EDENIED },
	};

	for (size_t i = 0; i < KL_LENGTH(map); i++)
		if (map[i].errnum == errnum)
			return map[i].status;
	return otherwise;
}

enum kl_status kl_fail_errno(struct kl_error *err, enum kl_status status, int errnum, const char *fmt, ...)
{
	char reason[128];
	va_list args;
	size_t len;

	status = status_of_errno(errnum, status);
	if (!err)
		return status;
	err->status = status;
	va_start(args, fmt);
	vsnprintf(err->message, sizeof(err->message), fmt, args);
	va_end(args);
	len = strlen(err->message);
	snprintf(err->message + len, sizeof(err->message) - len, ": %s", strerror_r(errnum, reason, sizeof(reason)));
	return status;
}

enum kl_status kl_error_prefix(struct kl_error *err, const char *fmt, ...)
{
	char rest[sizeof(err->message)];
	va_list args;
	size_t len;

	if (!err)
		return KL_EINVAL;
	memcpy(rest, err->message, sizeof(rest));
	va_start(args, fmt);
	vsnprintf(err->message, sizeof(err->message), fmt, args);
	va_end(args);
	len = strlen(err->message);
	snprintf(err->message + len, sizeof(err->message) - len, ": %s", rest);
	return err->status;
}

const char *kl_status_name(enum kl_status status)
{
	static const char *const names[] = {
#define X(code, name) name,
		KL_STATUS_MAP(X)
#undef X
	};

	return (size_t)status < KL_LENGTH(names) ? names[status] : "unknown";
}

void kl_die_hook(void (*hook)(void))
{
	die_hook = hook;
}

void kl_die(const char *fmt, ...)
{
	void (*hook)(void) = die_hook;
	char line[512];
	va_list args;
	int len;

	die_hook = NULL; /* a hook that dies must not call itself */
	if (hook)
		hook();
	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line) - 1, fmt, args);
	va_end(args);
	if (len < 0)
		len = 0;
	if ((size_t)len > sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len] = '\n';
	if (write(STDERR_FILENO, line, (size_t)len + 1) < 0)
		_exit(134);
	abort();
}
