/*
 * Loads libcurl when it is first needed. It then stays: its resolver has threads, which must not lose their code.
 */

#include <dlfcn.h>

#include <kodelab/alloc.h>

#include "core/base/http_curl_int.h"

#define OLDEST 0x075000 /* 7.80.0 has CURLOPT_PREREQFUNCTION */

struct kl_libcurl kl_libcurl;
static void *handle; /* NULL: not loaded */

static bool find_functions(void)
{
#define X(name)                                                                                                        \
	*(void **)&kl_libcurl.name = dlsym(handle, #name);                                                             \
	if (!kl_libcurl.name)                                                                                          \
		return false;
	KL_LIBCURL_MAP(X)
#undef X
	return kl_libcurl.curl_version_info(CURLVERSION_NOW)->version_num >= OLDEST;
}

enum kl_status kl_libcurl_load(struct kl_error *err)
{
	static const char *const names[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };
	bool found = false;

	if (handle)
		return KL_OK;
	for (size_t i = 0; i < KL_LENGTH(names); i++) {
		handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
		if (!handle)
			continue;
		found = true;
		if (find_functions() &&
		    kl_libcurl.curl_global_init_mem(CURL_GLOBAL_DEFAULT, kl_wiped_alloc, kl_wiped_free,
						    kl_wiped_realloc, kl_wiped_strdup, kl_wiped_calloc) == CURLE_OK)
			return KL_OK;
		dlclose(handle);
		handle = NULL;
	}
	return kl_fail(err, KL_ENOTOOL,
		       found ? "libcurl is older than 7.80: update the package libcurl4 (libcurl)"
			     : "libcurl is not installed: install the package libcurl4 (libcurl)");
}
