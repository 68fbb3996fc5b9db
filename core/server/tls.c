/* Certificate and key. */

#include "core/server/tls.h"

#include <microhttpd.h>
#include <string.h>
#include <sys/stat.h>

#include <kodelab/crypto.h>
#include <kodelab/file.h>

#include "core/server/settings.h"

#define PEM_MAX    ((size_t)256 << 10)
#define PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE"

static enum kl_status load_key(struct tls *tls, const char *path, struct kl_error *err)
{
	struct kl_buf text;
	struct stat st;
	enum kl_status status;

	if (stat(path, &st) == 0 && (st.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)))
		return kl_fail(err, KL_EDENIED, "others may read or change the key '%s': chmod 600 it", path);
	kl_buf_init(&text, PEM_MAX);
	status = kl_file_read(&text, path, err);
	if (!status)
		tls->key = kl_secret_copy(text.data, text.len);
	if (text.len)
		kl_wipe(text.data, text.len);
	kl_buf_release(&text);
	return status;
}

enum kl_status tls_load(struct tls *tls, const struct settings *settings, struct kl_error *err)
{
	const char *certificate = settings_string(settings, "tls.certificate"),
		   *key = settings_string(settings, "tls.key");
	enum kl_status status;

	*tls = (struct tls){ .key = NULL };
	kl_buf_init(&tls->certificate, PEM_MAX);
	if (!*certificate && !*key)
		return KL_OK;
	if (!*certificate || !*key)
		return kl_fail(err, KL_EINVAL, "TLS needs both: tls.certificate and tls.key");
	status = kl_file_read(&tls->certificate, certificate, err);
	if (!status)
		status = load_key(tls, key, err);
	if (status)
		tls_release(tls);
	return status;
}

void tls_release(struct tls *tls)
{
	kl_buf_release(&tls->certificate);
	kl_secret_free(tls->key);
	tls->key = NULL;
}

bool tls_on(const struct tls *tls)
{
	return tls->key != NULL;
}

void tls_options(const struct tls *tls, struct MHD_OptionItem options[TLS_OPTIONS])
{
	static char priorities[] = PRIORITIES;
	const struct MHD_OptionItem end = { MHD_OPTION_END, 0, NULL };

	options[0] = end;
	if (!tls_on(tls))
		return;
	options[0] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, tls->certificate.data };
	options[1] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key };
	options[2] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_PRIORITIES, 0, priorities };
	options[3] = end;
}

static enum MHD_Result on_nothing(void *ctx, struct MHD_Connection *connection, const char *url, const char *method,
				  const char *version, const char *data, size_t *len, void **request)
{
	(void)ctx, (void)connection, (void)url, (void)method, (void)version, (void)data, (void)len, (void)request;
	return MHD_NO;
}

enum kl_status tls_fail(const struct settings *settings, struct kl_error *err)
{
	return kl_fail(err, KL_EIO, "TLS does not start: is '%s' the key of the certificate in '%s'?",
		       settings_string(settings, "tls.key"), settings_string(settings, "tls.certificate"));
}

enum kl_status tls_try(const struct settings *settings, struct kl_error *err)
{
	struct MHD_OptionItem options[TLS_OPTIONS];
	struct MHD_Daemon *daemon;
	struct tls tls;
	enum kl_status status = tls_load(&tls, settings, err);

	if (status || !tls_on(&tls))
		return status;
	tls_options(&tls, options);
	daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_TLS, 0, NULL, NULL, on_nothing,
				  NULL, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
	if (daemon)
		MHD_stop_daemon(daemon);
	else
		status = tls_fail(settings, err);
	tls_release(&tls);
	return status;
}
