/* What people may be called, and what may be a password. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <kodelab/account.h>
#include <kodelab/alloc.h>

#define NO_NAME "a name has 1 to 64 letters (a-z), digits and ._@-, and begins with a letter or digit"
#define ACCENTS ((size_t)4 << 20) /* in the largest body that a server takes as it comes: 16 MiB; here half of that */

static void names(void **state)
{
	/* clang-format off */
	static const struct { const char *text, *name, *key; } good[] = {
		{ "ada", "ada", "ada" },
		{ "Ada.Lovelace@example.org", "Ada.Lovelace@example.org", "ada.lovelace@example.org" },
		{ "b0b", "b0b", "bob" },
		{ "1iI", "1iI", "lll" },
		{ "\xef\xbd\x81\xef\xbd\x84\xef\xbd\x81", "ada", "ada" }, /* full width */
		{ "\xe2\x85\xa3x", "IVx", "lvx" }, /* one character that is a Roman four */
	};
	static const char *const bad[] = {
		"", ".ada", "@ada", "_ada", "-ada", "ada lovelace", "ad\xc3\xa4", "\xd0\xb0" "da", "a\tb", "a\x1b[2Jb", "\xff",
		"a\xe2\x80\x8b" "b", "a/b", "a'b", "0123456789012345678901234567890123456789012345678901234567890123x",
	};
	/* clang-format on */
	struct kl_error err;
	char *name, *key;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(good); i++) {
		assert_int_equal(kl_name_read(&name, &key, good[i].text, &err), KL_OK);
		assert_string_equal(name, good[i].name);
		assert_string_equal(key, good[i].key);
		free(name);
		free(key);
	}
	for (size_t i = 0; i < KL_LENGTH(bad); i++) {
		assert_int_equal(kl_name_read(&name, &key, bad[i], &err), KL_EINVAL);
		assert_string_equal(err.message, NO_NAME);
	}
	assert_true(kl_name_same("Ada", "aDA"));
	assert_false(kl_name_same("b0b", "bob")); /* looks like him, is not him */
}

static void lines(void **state)
{
	/* clang-format off */
	static const struct { const char *text, *line, *fault; } cases[] = {
		{ "Ada Lovelace", "Ada Lovelace", NULL },
		{ "  Ada  L. ", "Ada  L.", NULL },
		{ "", "", NULL },
		{ "Re\xcc\x81n", "R\xc3\xa9n", NULL }, /* composed */
		{ "\xd0\x90\xd0\xb4\xd0\xb0", "\xd0\x90\xd0\xb4\xd0\xb0", NULL }, /* all of it Cyrillic */
		{ "\xe9\x88\xb4\xe6\x9c\xa8 A", "\xe9\x88\xb4\xe6\x9c\xa8 A", NULL },
		{ "\xd8\xb9\xd9\x84\xd9\x8a", "\xd8\xb9\xd9\x84\xd9\x8a", NULL },
		{ "a\nb", NULL, "what has a character that cannot be seen" },
		{ "a\x7f", NULL, "what has a character that cannot be seen" },
		{ "a\xc2\x9b", NULL, "what has a character that cannot be seen" },
		{ "a\xe2\x80\xae" "b", NULL, "what has a character that cannot be seen" },
		{ "a\xe2\x80\x8b" "b", NULL, "what has a character that cannot be seen" },
		{ "a\xc2\xa0" "b", NULL, "what has a character that cannot be seen" }, /* a blank that is none */
		{ "\xee\x80\x80", NULL, "what has a character that cannot be seen" }, /* private use */
		{ "\xcc\x81" "a", NULL, "what has a character that cannot be seen" }, /* an accent on nothing */
		{ "a\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81", NULL, "what has too many accents on one letter" },
		{ "\xd0\x90" "da", NULL, "what mixes letters of alphabets that look alike" },
		{ "\xce\x91" "da", NULL, "what mixes letters of alphabets that look alike" },
		{ "\xff", NULL, "what is no UTF-8" },
		{ "0123456789012345678901234567890123456789012345678901234567890123x", NULL, "what is longer than 64 characters" },
	};
	/* clang-format on */
	struct kl_error err;
	char *line;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		if (cases[i].fault) {
			assert_int_equal(kl_line_read(&line, "what", cases[i].text, &err), KL_EINVAL);
			assert_string_equal(err.message, cases[i].fault);
			continue;
		}
		assert_int_equal(kl_line_read(&line, "what", cases[i].text, &err), KL_OK);
		assert_string_equal(line, cases[i].line);
		free(line);
	}
}

/* What anybody may send as a name: putting so many accents into their order would take minutes. */
static void far_too_long(void **state)
{
	char *text = kl_alloc(2 * ACCENTS + 2), *name, *key, *line;
	struct kl_error err;

	(void)state;
	text[0] = 'a';
	for (size_t i = 0; i < ACCENTS; i++)
		memcpy(text + 1 + 2 * i, i < ACCENTS / 2 ? "\xcc\x81" : "\xcc\x96", 2); /* above, below */
	text[1 + 2 * ACCENTS] = '\0';
	alarm(60);
	assert_int_equal(kl_name_read(&name, &key, text, &err), KL_EINVAL);
	assert_string_equal(err.message, NO_NAME);
	assert_int_equal(kl_line_read(&line, "what", text, &err), KL_EINVAL);
	assert_string_equal(err.message, "what is longer than 64 characters");
	alarm(0);
	free(text);
}

static void passwords(void **state)
{
	static const char *const shorter[] = { "1234567", "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4" }; /* four: 8 bytes */
	char *password, *long_one = kl_alloc(KL_PASSWORD_MAX + 2);
	struct kl_error err;

	(void)state;
	memset(long_one, 'x', KL_PASSWORD_MAX + 1);
	long_one[KL_PASSWORD_MAX + 1] = '\0';
	for (size_t i = 0; i < KL_LENGTH(shorter); i++) {
		assert_int_equal(kl_password_read(&password, shorter[i], "ada", &err), KL_EINVAL);
		assert_string_equal(err.message, "a password has at least 8 characters: take three or four words");
	}
	assert_int_equal(kl_password_read(&password, "AdaLovelace", "adalovelace", &err), KL_EINVAL);
	assert_string_equal(err.message, "the password must not be the name");
	assert_int_equal(kl_password_read(&password, long_one, NULL, &err), KL_EINVAL);
	assert_string_equal(err.message, "a password has at most 256 bytes of UTF-8");
	long_one[KL_PASSWORD_MAX] = '\0';
	assert_int_equal(kl_password_read(&password, long_one, "ada", &err), KL_OK);
	kl_secret_free(password);
	assert_int_equal(kl_password_read(&password, "short", NULL, &err),
			 KL_OK); /* to sign in with: as it was chosen */
	kl_secret_free(password);
	assert_int_equal(kl_password_read(&password, "cafe\xcc\x81 noir", "ada", &err), KL_OK);
	assert_string_equal(password, "caf\xc3\xa9 noir");
	kl_secret_free(password);
	free(long_one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(lines),
		cmocka_unit_test(far_too_long),
		cmocka_unit_test(passwords),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
