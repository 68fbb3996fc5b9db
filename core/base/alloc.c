/* Memory that is there or ends the program. */

#include <kodelab/alloc.h>

#include <stdarg.h>
#include <stdint.h>

#include <kodelab/error.h>

static void *checked(void *ptr, size_t size)
{
	if (!ptr)
		kl_die("kodelab: out of memory (%zu bytes wanted)", size);
	return ptr;
}

static size_t product(size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		kl_die("kodelab: impossible allocation (%zu x %zu bytes)", count, size);
	return bytes ? bytes : 1;
}

void *kl_alloc(size_t size)
{
	return checked(malloc(size ? size : 1), size);
}

void *kl_calloc(size_t count, size_t size)
{
	size_t bytes = product(count, size);

	return checked(calloc(1, bytes), bytes);
}

void *kl_realloc_array(void *ptr, size_t count, size_t size)
{
	size_t bytes = product(count, size);

	return checked(realloc(ptr, bytes), bytes);
}

char *kl_strndup(const char *text, size_t len)
{
	char *copy = kl_alloc(len + 1);

	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *kl_strdup(const char *text)
{
	return text ? kl_strndup(text, strlen(text)) : NULL;
}

char *kl_format(const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0)
		kl_die("kodelab: out of memory (formatting)");
	return text;
}
