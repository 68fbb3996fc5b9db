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
	size_t room = buf->max - buf->len, spare = buf->capacity ? buf->capacity - buf->len : 0, wanted;
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(spare ? buf->data + buf->len : NULL, spare, fmt, args);
	wanted = len < 0 ? 0 : (size_t)len < room ? (size_t)len : room;
	if (wanted >= spare && wanted) { /* it did not fit where it was tried: once more */
		reserve(buf, wanted);
		vsnprintf(buf->data + buf->len, wanted + 1, fmt, again);
	}
	va_end(again);
	buf->len += wanted;
	if (buf->capacity)
		buf->data[buf->len] = '\0';
	buf->truncated |= len < 0 || wanted < (size_t)len;
	return len >= 0 && wanted == (size_t)len;
}

bool kl_buf_add_int(struct kl_buf *buf, int64_t value)
{
	char digits[20], *at = digits + sizeof(digits); /* backwards; a sign and the 19 of the smallest */
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do
		*--at = (char)('0' + left % 10);
	while (left /= 10);
	if (value < 0)
		*--at = '-';
	return kl_buf_add(buf, at, (size_t)(digits + sizeof(digits) - at));
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
