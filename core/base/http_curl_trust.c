/*
 * The authorities that sign certificates: the system's, looked up one by one in its hashed folder where there is one,
 * because reading the whole bundle takes over 20 ms for each handshake; and further ones beside them.
 */

#include <dirent.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
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

/* --- both as one -------------------------------------------------------------------------------------------------- */

static struct kl_joined *find_joined(const struct kl_authorities *authorities, const char *file,
				     const struct stat *info)
{
	struct kl_joined *joined;

	SLIST_FOREACH(joined, &authorities->joined, link)
		if (!strcmp(joined->file, file) && joined->inode == info->st_ino && joined->size == info->st_size &&
		    joined->changed.tv_sec == info->st_mtim.tv_sec && joined->changed.tv_nsec == info->st_mtim.tv_nsec)
			return joined;
	return NULL;
}

/* A file in memory: libcurl keeps what it has read of a file, not what it was handed. NULL: it failed. */
static struct kl_joined *keep_joined(struct kl_authorities *authorities, const char *file, const struct stat *info,
				     struct kl_error *err)
{
	struct kl_joined *joined = NULL;
	struct kl_buf both;
	int fd = -1;

	kl_buf_init(&both, AUTHORITIES_MAX);
	if (kl_file_read(&both, authorities->bundle, err))
		goto out;
	kl_buf_add_char(&both, '\n');
	if (kl_file_read(&both, file, err))
		goto out;
	fd = memfd_create("authorities", MFD_CLOEXEC);
	if (fd < 0 || write(fd, both.data, both.len) != (ssize_t)both.len) {
		kl_fail(err, KL_EIO, "the authorities of %s cannot be held in memory", file);
		goto out;
	}
	joined = kl_alloc(sizeof(*joined));
	*joined = (struct kl_joined){ .file = kl_strdup(file),
				      .inode = info->st_ino,
				      .size = info->st_size,
				      .changed = info->st_mtim,
				      .fd = fd };
	SLIST_INSERT_HEAD(&authorities->joined, joined, link);
out:
	if (!joined && fd >= 0)
		close(fd);
	kl_buf_release(&both);
	return joined;
}

/*
 * What CAINFO names replaces the system's list, it does not extend it. Reading both takes 20 ms: libcurl (from 7.87) does that
 * once, for the first handshake, because the file it is given stays the same.
 */
static enum kl_status join_authorities(struct kl_authorities *authorities, CURL *easy, const char *file,
				       struct kl_error *err)
{
	struct kl_joined *joined;
	struct stat info;
	char path[40];

	if (stat(file, &info) != 0)
		return kl_fail(err, KL_ENOENT, "cannot read %s: %s", file, strerror(errno));
	joined = find_joined(authorities, file, &info);
	if (!joined && !(joined = keep_joined(authorities, file, &info, err)))
		return KL_EIO;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", joined->fd);
	kl_libcurl.curl_easy_setopt(easy, CURLOPT_CAINFO, path);
	return KL_OK;
}

enum kl_status kl_authorities_set(struct kl_authorities *authorities, CURL *easy, const char *file,
				  struct kl_error *err)
{
	kl_libcurl.curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	kl_libcurl.curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	if (!authorities->dir && !authorities->bundle && !file)
		return KL_OK; /* what libcurl was built with */
	kl_libcurl.curl_easy_setopt(easy, CURLOPT_CAPATH, authorities->dir);
	if (file && authorities->bundle)
		return join_authorities(authorities, easy, file, err);
	kl_libcurl.curl_easy_setopt(easy, CURLOPT_CAINFO, file ? file : authorities->bundle);
	return KL_OK;
}

void kl_authorities_release(struct kl_authorities *authorities)
{
	struct kl_joined *joined;

	while ((joined = SLIST_FIRST(&authorities->joined))) {
		SLIST_REMOVE_HEAD(&authorities->joined, link);
		close(joined->fd);
		free(joined->file);
		free(joined);
	}
	free(authorities->dir);
	free(authorities->bundle);
}
