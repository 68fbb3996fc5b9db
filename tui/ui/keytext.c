/* Texts that speak of keys: see keytext.h. */
#include "keytext.h"

#include <string.h>

#include <kodelab/buf.h>

#include "keymap.h"

/* Returns bytes taken of text, 0: no placeholder. */
static size_t fill(struct kl_buf *out, const struct keymap *keymap, const char *text)
{
	const char *end = strchr(text, '}');
	char name[32], keys[KEYS_NAME_MAX];
	enum request request;
	size_t len;

	if (strncmp(text, "{key:", 5) != 0 || !end || (len = (size_t)(end - text) - 5) >= sizeof(name))
		return 0;
	memcpy(name, text + 5, len);
	name[len] = '\0';
	if (!request_find(&request, name))
		return 0;
	keymap_name(keys, keymap, SCOPE_EDITOR, request);
	kl_buf_add_str(out, keys[0] ? keys : name);
	return len + 6;
}

void keytext_add(struct kl_buf *out, const struct keymap *keymap, const char *text)
{
	while (*text) {
		size_t taken = *text == '{' ? fill(out, keymap, text) : 0;
		size_t plain = taken ? 0 : 1 + strcspn(text + 1, "{");

		kl_buf_add(out, text, plain);
		text += taken + plain;
	}
}
