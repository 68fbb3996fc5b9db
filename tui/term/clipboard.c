/* OSC 52: see clipboard.h. */
#include "clipboard.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* RFC 4648: three bytes become four digits. */
static void add_base64(struct kl_buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		unsigned bits = (unsigned)(unsigned char)text[i] << 16;

		if (left > 1)
			bits |= (unsigned)(unsigned char)text[i + 1] << 8;
		if (left > 2)
			bits |= (unsigned char)text[i + 2];
		kl_buf_add_char(out, digits[bits >> 18]);
		kl_buf_add_char(out, digits[bits >> 12 & 63]);
		kl_buf_add_char(out, left > 1 ? digits[bits >> 6 & 63] : '=');
		kl_buf_add_char(out, left > 2 ? digits[bits & 63] : '=');
	}
}

enum kl_status clipboard_sequence(struct kl_buf *out, const char *text, size_t len, struct kl_error *err)
{
	if (len > CLIPBOARD_MAX)
		return kl_fail(
			err, KL_EFULL,
			"%zu KB is more than terminals take into their clipboard (%d KB); it can be pasted inside the lab",
			len / 1024, CLIPBOARD_MAX / 1024);
	kl_buf_add_str(out, "\033]52;c;");
	add_base64(out, text, len);
	kl_buf_add_str(out, "\033\\");
	return KL_OK;
}
