#ifndef CORE_BASE_HTTP_CURL_INT_H
#define CORE_BASE_HTTP_CURL_INT_H

/* libcurl as a table of its functions, and whom it trusts: inside core/base/http_curl*.c alone. */

#include <sys/queue.h>
#include <sys/types.h>
#include <time.h>

#include <curl/curl.h>

#include "core/base/http_int.h"

/* The headers check the arguments of these in macros, which would not go through the table. */
#undef curl_easy_getinfo
#undef curl_easy_setopt
#undef curl_multi_setopt

#define KL_LIBCURL_MAP(X)                                                                                              \
	X(curl_easy_cleanup)                                                                                           \
	X(curl_easy_getinfo)                                                                                           \
	X(curl_easy_init)                                                                                              \
	X(curl_easy_setopt)                                                                                            \
	X(curl_easy_strerror)                                                                                          \
	X(curl_free)                                                                                                   \
	X(curl_global_init_mem)                                                                                        \
	X(curl_multi_add_handle)                                                                                       \
	X(curl_multi_assign)                                                                                           \
	X(curl_multi_cleanup)                                                                                          \
	X(curl_multi_info_read)                                                                                        \
	X(curl_multi_init)                                                                                             \
	X(curl_multi_remove_handle)                                                                                    \
	X(curl_multi_setopt)                                                                                           \
	X(curl_multi_socket_action)                                                                                    \
	X(curl_url)                                                                                                    \
	X(curl_url_cleanup)                                                                                            \
	X(curl_url_get)                                                                                                \
	X(curl_url_set)                                                                                                \
	X(curl_version_info)

struct kl_libcurl {
#define X(name) __typeof__(&(name)) name;
	KL_LIBCURL_MAP(X)
#undef X
};

extern struct kl_libcurl kl_libcurl; /* the process has one; filled by kl_libcurl_load */

/* Loads the library, once. KL_ENOTOOL: it is not installed, or too old. */
enum kl_status kl_libcurl_load(struct kl_error *err) KL_MUST_CHECK;

struct kl_joined { /* the bundle and a file, as one file in memory */
	SLIST_ENTRY(kl_joined) link;
	char *file;
	ino_t inode; /* of file, with size and time: another one is joined anew, under another name */
	off_t size;
	struct timespec changed;
	int fd;
};

struct kl_authorities { /* the system's */
	char *dir; /* a hashed folder; NULL: none */
	char *bundle; /* one file with all of them; NULL: none */
	SLIST_HEAD(joined_list, kl_joined) joined;
};

void kl_authorities_find(struct kl_authorities *authorities);
void kl_authorities_release(struct kl_authorities *authorities);
/* Tells easy to trust them, and those in file (NULL: none) as well. */
enum kl_status kl_authorities_set(struct kl_authorities *authorities, CURL *easy, const char *file,
				  struct kl_error *err) KL_MUST_CHECK;

#endif
