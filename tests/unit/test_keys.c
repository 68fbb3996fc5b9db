/* links: tui/term/keys.c tui/term/sequence.c tui/ui/key.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#include "tui/term/keys.h"

enum { HEARD_MAX = 1 << 20 };

/* All that was decoded, as words. */
static void hear(void *ctx, const struct input *input)
{
	static const char *const mice[] = { "press", "drag", "release", "wheel" };
	struct kl_buf *heard = ctx;
	char name[KEY_NAME_MAX];

	switch (input->kind) {
	case INPUT_KEY:
		kl_buf_addf(heard, "%s ", key_name(name, input->key));
		break;
	case INPUT_MOUSE:
		kl_buf_addf(heard, "%s%d@%d,%d", mice[input->mouse.kind], (int)input->mouse.button, input->mouse.y,
			    input->mouse.x);
		if (input->mouse.wheel)
			kl_buf_addf(heard, "*%d", input->mouse.wheel);
		if (input->mouse.mods)
			kl_buf_addf(heard, "+%u", input->mouse.mods);
		kl_buf_add_str(heard, " ");
		break;
	case INPUT_PASTE:
		kl_buf_add_str(heard, "[");
		kl_buf_add(heard, input->text, input->len);
		kl_buf_add_str(heard, "] ");
		break;
	case INPUT_FOCUS:
		kl_buf_addf(heard, "focus=%d ", input->value);
		break;
	case INPUT_ANSWER:
		kl_buf_addf(heard, "answer%d:%d=%d ", (int)input->answer, input->mode, input->value);
		break;
	}
}

struct listener {
	struct keys keys;
	struct kl_buf heard;
};

static void listen(struct listener *listener, bool utf8)
{
	kl_buf_init(&listener->heard, HEARD_MAX);
	keys_init(&listener->keys, utf8, hear, &listener->heard);
	keys_add_string(&listener->keys, "kcuu1", "\033OA");
	keys_add_string(&listener->keys, "kf13", "\033[99~");
	keys_add_string(&listener->keys, "nonsense", "\033[98~");
}

static void stop(struct listener *listener)
{
	keys_release(&listener->keys);
	kl_buf_release(&listener->heard);
}

static const struct {
	const char *bytes, *heard;
} cases[] = {
	/* characters */
	{ "ab Z~", "a b Space Z ~ " },
	{ "é世😀", "é 世 😀 " },
	{ "\xc3(", "( " },
	{ "\xff\x80\xc0\xafx", "x " },
	{ "\xed\xa0\x80y", "y " },
	{ "\xc2\x9bz", "z " },
	/* controls */
	{ "\001\x1a\x1c\x1d\x1e\x1f", "C-a C-z C-\\ C-] C-^ C-_ " },
	{ "\t\r\n\x7f\b", "Tab Enter C-j Backspace C-h " },
	/* Alt */
	{ "\033x\033X\033é", "M-x M-X M-é " },
	{ "\033\001\033\r\033\x7f", "C-M-a M-Enter M-Backspace " },
	{ "\033\033[A", "M-Up " },
	/* xterm, application and normal mode */
	{ "\033[A\033[B\033[C\033[D\033[H\033[F", "Up Down Right Left Home End " },
	{ "\033OA\033OB\033OC\033OD\033OH\033OF", "Up Down Right Left Home End " },
	{ "\033[1;2A\033[1;5C\033[1;3D\033[1;6H\033[1;10B", "S-Up C-Right M-Left C-S-Home S-W-Down " },
	{ "\033[2~\033[3~\033[5~\033[6~\033[3;5~\033[5;2~", "Insert Delete PageUp PageDown C-Delete S-PageUp " },
	{ "\033OP\033OQ\033OR\033OS\033[15~\033[24~\033[1;2P\033[1;5R\033[15;5~",
	  "F1 F2 F3 F4 F5 F12 S-F1 C-F3 C-F5 " },
	{ "\033[Z\033[1;5I", "S-Tab focus=1 " },
	{ "\033[99~\033[98~", "F13 " },
	/* keypad, rxvt, Linux console */
	{ "\033Ok\033Op\033OM\033OX", "+ 0 Enter = " },
	{ "\033[a\033[d\033Oa\033Od\033[7~\033[8~", "S-Up S-Left C-Up C-Left Home End " },
	{ "\033[3^\033[5@\033[3$x", "C-Delete C-S-PageUp S-Delete x " },
	{ "\033[[A\033[[E\033[[Z", "F1 F5 " },
	/* modifyOtherKeys and kitty */
	{ "\033[27;5;9~\033[27;6;80~\033[27;5;13~", "C-Tab C-S-p C-Enter " },
	{ "\033[105;5u\033[27u\033[13;2u\033[97;4u\033[127;5u", "C-i Esc S-Enter M-A C-Backspace " },
	{ "\033[57414u\033[57399u\033[57376u\033[57358u\033[97;5:3u", "Enter 0 F13 " },
	{ "\033[97:65:97;6;97u", "C-S-a " },
	/* mouse */
	{ "\033[<0;41;6M\033[<32;42;6M\033[<0;42;6m", "press1@5,40 drag1@5,41 release1@5,41 " },
	{ "\033[<64;3;4M\033[<64;3;4M\033[<65;3;4M", "wheel0@3,2*-2 wheel0@3,2*1 " },
	{ "\033[<16;281;300M\033[<3;281;300m", "press1@299,280+4 release1@299,280 " },
	{ "\033[<0;1;1m\033[<35;5;5M\033[<0;0;1M\033[<0;5M\033[<99999;1;1M", "" },
	{ "\033[M !!a", "a " },
	/* focus, answers */
	{ "\033[I\033[O", "focus=1 focus=0 " },
	{ "\033[?2026;2$y\033[?69;0$y\033[?1u\033[?62;22c\033[0n",
	  "answer3:2026=2 answer3:69=0 answer4:0=1 answer2:0=62 answer0:0=0 " },
	{ "\033P1$r48:2:1:2:3m\033\\x", "answer5:0=0 x " },
	{ "\033P0$r\033\\\033]11;rgb:ff/ff/ff\007\033]4;1;x\033\\\033_apc\033\\\033^pm\033\\ok", "o k " },
	/* unknown: swallowed whole */
	{ "\033[1;5X\033[27;5~\033[?9;9h\033[>1;2;3c\033[5 q\033[999999999999Ax", "Up x " },
	{ "\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18Ax", "x " },
	/* cut off by something else */
	{ "\033[1;\033[B\033P1$r\003\033[\030A", "Down C-c A " },
};

static void bytes_become_input(void **state)
{
	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct listener listener;

		listen(&listener, true);
		keys_feed(&listener.keys, cases[i].bytes, strlen(cases[i].bytes));
		assert_string_equal(listener.heard.data, cases[i].heard);
		stop(&listener);
	}
}

static void pieces_mean_the_same_as_the_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct listener listener;

		listen(&listener, true);
		for (const char *at = cases[i].bytes; *at; at++)
			keys_feed(&listener.keys, at, 1);
		if (!strstr(cases[i].heard, "wheel")) /* a burst is one read */
			assert_string_equal(listener.heard.data, cases[i].heard);
		stop(&listener);
	}
}

static void what_waits_is_what_it_is(void **state)
{
	static const struct {
		const char *bytes;
		enum keys_wait wait;
		const char *heard;
	} waits[] = {
		{ "\033", KEYS_WAIT_SHORT, "Esc " },
		{ "\033\033", KEYS_WAIT_SHORT, "Esc Esc " },
		{ "\033[", KEYS_WAIT_LONG, "M-[ " },
		{ "\033O", KEYS_WAIT_LONG, "M-O " },
		{ "\033P", KEYS_WAIT_LONG, "M-P " },
		{ "\033]", KEYS_WAIT_LONG, "M-] " },
		{ "\033[3$", KEYS_WAIT_LONG, "S-Delete " },
		{ "\033[1;5", KEYS_WAIT_NONE, "" },
		{ "\033P1$", KEYS_WAIT_NONE, "" },
		{ "\033[200~a", KEYS_WAIT_NONE, "" },
		{ "a", KEYS_WAIT_NONE, "a " },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(waits); i++) {
		struct listener listener;

		listen(&listener, true);
		keys_feed(&listener.keys, waits[i].bytes, strlen(waits[i].bytes));
		assert_int_equal(keys_waiting(&listener.keys), waits[i].wait);
		keys_timeout(&listener.keys);
		assert_string_equal(listener.heard.data, waits[i].heard);
		stop(&listener);
	}
}

static void a_late_rest_is_not_typed(void **state)
{
	struct listener listener;

	(void)state;
	listen(&listener, true);
	keys_feed(&listener.keys, "\033[1;", 4);
	keys_timeout(&listener.keys);
	keys_feed(&listener.keys, "5A", 2);
	assert_string_equal(listener.heard.data, "C-Up ");
	stop(&listener);
}

static void pastes_are_data(void **state)
{
	static const struct {
		const char *bytes, *heard;
	} pastes[] = {
		{ "\033[200~a\tb\r\nc\rd\n\033[201~x", "[a\tb\nc\nd\n] x " },
		{ "\033[200~\033[201~", "[] " },
		{ "\033[200~\033[A\003\177\b\033]52;c;AA\007\033[20x\033[201~", "[[A]52;c;AA[20x] " },
		{ "\033[200~\033\033[201~", "[] " },
		{ "\033[200~\033[200~é\033[201~\033[201~z", "[[200~é] z " },
		{ "\033[201~q", "q " },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(pastes); i++) {
		struct listener listener;

		listen(&listener, true);
		for (const char *at = pastes[i].bytes; *at; at++)
			keys_feed(&listener.keys, at, 1);
		assert_string_equal(listener.heard.data, pastes[i].heard);
		stop(&listener);
	}
}

static void long_garbage_is_dropped(void **state)
{
	struct listener listener;

	(void)state;
	listen(&listener, true);
	keys_feed(&listener.keys, "\033[", 2);
	for (int i = 0; i < 5000; i++)
		keys_feed(&listener.keys, "1;", 2);
	keys_feed(&listener.keys, "Ax", 2);
	keys_feed(&listener.keys, "\033]", 2);
	for (int i = 0; i < 5000; i++)
		keys_feed(&listener.keys, "title", 5);
	keys_feed(&listener.keys, "\033\\y", 3);
	assert_string_equal(listener.heard.data, "x y ");
	stop(&listener);
}

static void other_locales_and_erase_keys(void **state)
{
	struct listener listener;

	(void)state;
	listen(&listener, false);
	keys_add_string(&listener.keys, "kbs", "\b");
	keys_feed(&listener.keys, "\xe9\x9b\b\x7f", 4);
	assert_string_equal(listener.heard.data, "é Backspace Backspace ");
	stop(&listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_become_input),
		cmocka_unit_test(pieces_mean_the_same_as_the_whole),
		cmocka_unit_test(what_waits_is_what_it_is),
		cmocka_unit_test(a_late_rest_is_not_typed),
		cmocka_unit_test(pastes_are_data),
		cmocka_unit_test(long_garbage_is_dropped),
		cmocka_unit_test(other_locales_and_erase_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
