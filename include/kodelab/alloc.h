#ifndef KODELAB_ALLOC_H
#define KODELAB_ALLOC_H

/* Memory that is there or ends the program: untested out-of-memory paths are worse than none. */

#include <stddef.h>

void *kl_alloc(size_t size); /* not zeroed */
void *kl_calloc(size_t count, size_t size); /* zeroed; overflow of the product dies */
void *kl_realloc_array(void *ptr, size_t count, size_t size);
char *kl_strdup(const char *text); /* NULL gives NULL */
char *kl_strndup(const char *text, size_t len); /* copies len bytes and adds a NUL */
char *kl_format(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Makes room for one more element: KL_GROW(items, count, capacity) before items[count++] = …
 * capacity doubles; both are size_t lvalues.
 */
#define KL_GROW(items, count, capacity)                                                                                \
	do {                                                                                                           \
		if ((count) == (capacity)) {                                                                           \
			(capacity) = (capacity) ? 2 * (capacity) : 8;                                                  \
			/* NOLINTNEXTLINE(bugprone-sizeof-expression): of pointers, too */                             \
			(items) = kl_realloc_array((items), (capacity), sizeof(*(items)));                             \
		}                                                                                                      \
	} while (0)

#define KL_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
