/* Bytes being built under a maximum. */

#include <kodelab/buf.h>

#include <kodelab/alloc.h>

static char nothing[1]; /* what an empty buffer points at; only ever holds its NUL */

void kl_buf_init(struct kl_buf *buf, size_t max)
{
	*buf = (struct kl_buf){ .data = nothing, .max = max };
}

void kl_buf_release(struct kl_buf *buf)
{
	if (buf->capacity)
		free(buf->data);
	kl_buf_init(buf, buf->max);
}

void kl_buf_clear(struct kl_buf *buf)
{
	kl_buf_cut(buf, 0);
	buf->truncated = false;
}

char *kl_buf_detach(struct kl_buf *buf)
{
	char *data = buf->capacity ? buf->data : kl_strdup("");

	kl_buf_init(buf, buf->max);
	return data;
}

/* Room for len more bytes and the NUL; the caller has checked the maximum. */
static void reserve(struct kl_buf *buf, size_t len)
{
	size_t wanted = buf->len + len + 1;
	size_t capacity = buf->capacity ? buf->capacity : 64;

	if (wanted <= buf->capacity)
		return;
	while (capacity < wanted)
		capacity = capacity > wanted / 2 ? wanted + wanted / 2 : 2 * capacity;
	if (capacity > buf->max && buf->max >= wanted - 1)
		capacity = buf->max + 1 > wanted ? buf->max + 1 : wanted;
	buf->data = kl_realloc_array(buf->capacity ? buf->data : NULL, capacity, 1);
	buf->capacity = capacity;
}

bool kl_buf_add(struct kl_buf *buf, const void *bytes, size_t len)
{
	size_t room = buf->max - buf->len;
	bool fits = len <= room;

	if (!fits) {
		buf->truncated = true;
		len = room;
	}
	if (len) {
		reserve(buf, len);
		memcpy(buf->data + buf->len, bytes, len);
		buf->len += len;
		buf->data[buf->len] = '\0';
	}
	return fits;
}

bool kl_buf_add_str(struct kl_buf *buf, const char *text)
{
	return kl_buf_add(buf, text, strlen(text));
}

bool kl_buf_add_char(struct kl_buf *buf, char byte)
{
	return kl_buf_add(buf, &byte, 1);
}

bool kl_buf_vaddf(struct kl_buf *buf, const char *fmt, va_list args)
{
	char *text;
	int len = vasprintf(&text, fmt, args);
	bool fits;

	if (len < 0) {
		buf->truncated = true;
		return false;
	}
	fits = kl_buf_add(buf, text, (size_t)len);
	free(text);
	return fits;
}

bool kl_buf_addf(struct kl_buf *buf, const char *fmt, ...)
{
	va_list args;
	bool fits;

	va_start(args, fmt);
	fits = kl_buf_vaddf(buf, fmt, args);
	va_end(args);
	return fits;
}

void kl_buf_consume(struct kl_buf *buf, size_t len)
{
	if (len > buf->len)
		len = buf->len;
	if (!len)
		return;
	memmove(buf->data, buf->data + len, buf->len - len + 1);
	buf->len -= len;
}

void kl_buf_cut(struct kl_buf *buf, size_t len)
{
	if (len >= buf->len)
		return;
	buf->len = len;
	buf->data[len] = '\0';
}
