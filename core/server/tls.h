#ifndef CORE_SERVER_TLS_H
#define CORE_SERVER_TLS_H

/*
 * The certificate and the key of tls.certificate and tls.key, for libmicrohttpd, which uses GnuTLS. TLS 1.2 and 1.3, nothing older. Read
 * once, at the start: a renewed certificate counts from the next start on, which loses nothing.
 */

#include <stdbool.h>

#include <kodelab/buf.h>
#include <kodelab/error.h>

#include <microhttpd.h>
struct settings;

#define TLS_OPTIONS 4 /* room that tls_options needs */

struct tls {
	struct kl_buf certificate;
	char *key; /* secret memory; NULL: no TLS */
};

/* KL_EINVAL: one of the two is missing · KL_EDENIED: others may read the key · what reading files gives. */
enum kl_status tls_load(struct tls *tls, const struct settings *settings, struct kl_error *err) KL_MUST_CHECK;
void tls_release(struct tls *tls); /* the key is wiped; the daemon has its own copy */
bool tls_on(const struct tls *tls);
/* Ends with MHD_OPTION_END; points into tls. */
void tls_options(const struct tls *tls, struct MHD_OptionItem options[TLS_OPTIONS]);
/* What libmicrohttpd does not start with: it does not say why. */
enum kl_status tls_fail(const struct settings *settings, struct kl_error *err);
/* As at a start, but nobody is listened to. KL_EIO: key and certificate do not belong together, or are none; as tls_load. */
enum kl_status tls_try(const struct settings *settings, struct kl_error *err) KL_MUST_CHECK;

#endif
