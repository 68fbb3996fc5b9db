/*
 * links: tui/term/keys.c tui/term/sequence.c tui/ui/key.c
 * The key decoder: any bytes, in pieces of any size, with timeouts between. What comes out must be well-formed, and the
 * machine must be found in a state that ends: after ESC \ and a paste's end it types again.
 */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "tui/term/keys.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct heard {
	size_t keys;
	struct key last;
};

static void check(void *ctx, const struct input *input)
{
	struct heard *heard = ctx;
	char name[KEY_NAME_MAX];
	struct key again;

	switch (input->kind) {
	case INPUT_KEY:
		assert(input->key.code != KEY_NONE && input->key.code < KEY_END_OF_CODES);
		assert(key_same(key_normal(input->key), input->key));
		assert(key_parse(&again, key_name(name, input->key), strlen(name)));
		assert(key_same(again, input->key));
		heard->keys++;
		heard->last = input->key;
		break;
	case INPUT_MOUSE:
		assert(input->mouse.y >= 0 && input->mouse.x >= 0);
		assert((input->mouse.kind == MOUSE_WHEEL) == (input->mouse.wheel != 0));
		break;
	case INPUT_PASTE:
		assert(!memchr(input->text, 0x1b, input->len) && !memchr(input->text, '\r', input->len));
		break;
	case INPUT_FOCUS:
	case INPUT_ANSWER:
		break;
	}
}

static void type_again(struct keys *keys, struct heard *heard)
{
	const char *ends = "\033[201~\033\\\033\\\033[201~   \003";

	keys_feed(keys, ends, strlen(ends));
	keys_timeout(keys);
	heard->keys = 0;
	keys_feed(keys, "z", 1);
	assert(heard->keys == 1 && heard->last.code == 'z' && heard->last.mods == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heard heard = { 0 };
	struct keys keys;
	size_t at = 1;

	if (size == 0)
		return 0;
	keys_init(&keys, data[0] & 1, check, &heard);
	keys_add_string(&keys, "kcuu1", "\033OA");
	while (at < size) {
		size_t piece = (size_t)1 + (data[0] >> 1) % 7;

		piece = piece < size - at ? piece : size - at;
		keys_feed(&keys, (const char *)data + at, piece);
		if (data[0] & 0x80)
			keys_timeout(&keys);
		at += piece;
	}
	type_again(&keys, &heard);
	keys_release(&keys);
	return 0;
}
