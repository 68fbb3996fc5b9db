/*
 * The authorities that sign certificates: the system's, looked up one by one in its hashed folder where there is one,
 * because reading the whole bundle takes over 20 ms for each handshake; and further ones beside them.
 */

#include <dirent.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>

#include "core/base/http_curl_int.h"

#define AUTHORITIES_MAX ((size_t)4 << 20)

/* Has it names like "002c0b4f.0", under which OpenSSL finds one authority without reading the others? */
static bool is_hashed(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	bool hashed = false;

	while (dir && !hashed && (entry = readdir(dir)))
		hashed = strspn(entry->d_name, "0123456789abcdef") == 8 && !strcmp(entry->d_name + 8, ".0");
	if (dir)
		closedir(dir);
	return hashed;
}

void kl_authorities_find(struct kl_authorities *authorities)
{
	static const char *const bundles[] = { "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
					       "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem" };
	const char *own = getenv("SSL_CERT_FILE"); /* as OpenSSL has it */

	*authorities = (struct kl_authorities){ .dir = NULL };
	if (own && *own) {
		authorities->bundle = kl_strdup(own);
		return;
	}
	if (is_hashed("/etc/ssl/certs")) {
		authorities->dir = kl_strdup("/etc/ssl/certs");
		return;
	}
	for (size_t i = 0; i < KL_LENGTH(bundles) && !authorities->bundle; i++)
		if (access(bundles[i], R_OK) == 0)
			authorities->bundle = kl_strdup(bundles[i]);
}

/* Both files as one: what CAINFO names replaces the system's list, it does not extend it. */
static enum kl_status join_authorities(CURL *easy, const char *bundle, const char *file, struct kl_error *err)
{
	struct curl_blob blob = { .flags = CURL_BLOB_COPY };
	enum kl_status status;
	struct kl_buf both;

	kl_buf_init(&both, AUTHORITIES_MAX);
	if (!(status = kl_file_read(&both, bundle, err))) {
		kl_buf_add_char(&both, '\n');
		if (!(status = kl_file_read(&both, file, err))) {
			blob.data = both.data;
			blob.len = both.len;
			if (kl_libcurl.curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob) != CURLE_OK)
				status = kl_fail(err, KL_ENOTOOL,
						 "this libcurl cannot take further authorities: install libcurl4, that "
						 "with OpenSSL");
		}
	}
	kl_buf_release(&both);
	return status;
}

enum kl_status kl_authorities_set(const struct kl_authorities *authorities, CURL *easy, const char *file,
				  struct kl_error *err)
{
	kl_libcurl.curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	kl_libcurl.curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	if (!authorities->dir && !authorities->bundle && !file)
		return KL_OK; /* what libcurl was built with */
	kl_libcurl.curl_easy_setopt(easy, CURLOPT_CAPATH, authorities->dir);
	if (file && authorities->bundle)
		return join_authorities(easy, authorities->bundle, file, err);
	kl_libcurl.curl_easy_setopt(easy, CURLOPT_CAINFO, file ? file : authorities->bundle);
	return KL_OK;
}

void kl_authorities_release(struct kl_authorities *authorities)
{
	free(authorities->dir);
	free(authorities->bundle);
}
