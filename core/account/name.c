/*
 * What people and their terminals may be called. A name to sign in with is plain ASCII, and two names that a reader takes
 * for each other are one: nobody can register as "adm1n" beside "admin". Names that are only shown may be of any
 * language, but of one at a time, and hold nothing that cannot be seen.
 */

#include <kodelab/account.h>

#include <string.h>
#include <strings.h>

#include <utf8proc.h>

#include <kodelab/alloc.h>

#define MARKS_MAX 3 /* accents on one letter */
#define TYPED_MAX (16 * KL_NAME_MAX) /* bytes of a text of KL_NAME_MAX characters, however it is written */

/* --- names to sign in with ---------------------------------------------------------------------------------------- */

/* Accents are put into their order by a sort that takes the square of how many there are: of what strangers send no more is looked at. */
static bool is_long(const char *text)
{
	return strnlen(text, TYPED_MAX + 1) > TYPED_MAX;
}

/* NULL: no UTF-8. */
static char *mapped(const char *text, utf8proc_option_t options)
{
	utf8proc_uint8_t *out = NULL;

	if (utf8proc_map((const utf8proc_uint8_t *)text, 0, &out, UTF8PROC_NULLTERM | UTF8PROC_STABLE | options) < 0)
		return NULL;
	return (char *)out;
}

static bool is_name(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-";
	size_t len = strlen(name);

	return len && len <= KL_NAME_MAX && strspn(name, letters) == len && !strchr("._@-", name[0]);
}

/* The letter that stands for all that look like it. */
static char plain(char letter)
{
	if (letter >= 'A' && letter <= 'Z')
		letter = (char)(letter - 'A' + 'a');
	switch (letter) {
	case '0':
		return 'o';
	case '1':
	case 'i':
		return 'l';
	default:
		return letter;
	}
}

enum kl_status kl_name_read(char **name, char **key, const char *text, struct kl_error *err)
{
	char *found = is_long(text) ? NULL : mapped(text, UTF8PROC_COMPOSE | UTF8PROC_COMPAT);

	if (!found || !is_name(found)) {
		free(found);
		return kl_fail(err, KL_EINVAL,
			       "a name has 1 to %d letters (a-z), digits and ._@-, and begins with a letter or digit",
			       KL_NAME_MAX);
	}
	*name = found;
	*key = kl_strdup(found);
	for (char *at = *key; *at; at++)
		*at = plain(*at);
	return KL_OK;
}

bool kl_name_same(const char *a, const char *b)
{
	return !strcasecmp(a, b);
}

/* --- names to be shown -------------------------------------------------------------------------------------------- */

enum script { SCRIPT_NONE, SCRIPT_LATIN, SCRIPT_GREEK, SCRIPT_CYRILLIC, SCRIPT_ARMENIAN, SCRIPT_CHEROKEE };

/* Scripts whose letters are taken for each other; what is of none of them may stand beside any. */
static enum script script_of(utf8proc_int32_t code)
{
	/* clang-format off */
	static const struct { utf8proc_int32_t from, to; enum script script; } ranges[] = {
		{ 'A', 'Z', SCRIPT_LATIN }, { 'a', 'z', SCRIPT_LATIN },
		{ 0x00c0, 0x024f, SCRIPT_LATIN }, { 0x1e00, 0x1eff, SCRIPT_LATIN },
		{ 0x0370, 0x03ff, SCRIPT_GREEK }, { 0x1f00, 0x1fff, SCRIPT_GREEK },
		{ 0x0400, 0x052f, SCRIPT_CYRILLIC }, { 0x2de0, 0x2dff, SCRIPT_CYRILLIC },
		{ 0x0531, 0x058f, SCRIPT_ARMENIAN }, { 0x13a0, 0x13ff, SCRIPT_CHEROKEE },
	};
	/* clang-format on */

	for (size_t i = 0; i < KL_LENGTH(ranges); i++)
		if (code >= ranges[i].from && code <= ranges[i].to)
			return ranges[i].script;
	return SCRIPT_NONE;
}

#define BIT(name) (1U << UTF8PROC_CATEGORY_##name)
#define UNSEEN    (BIT(CC) | BIT(CF) | BIT(CS) | BIT(CO) | BIT(CN) | BIT(ZL) | BIT(ZP))
#define MARKS     (BIT(MN) | BIT(ME))

static bool is_mark(utf8proc_int32_t code)
{
	return MARKS & 1U << utf8proc_category(code);
}

static bool is_shown(utf8proc_int32_t code)
{
	unsigned category = 1U << utf8proc_category(code);

	if (category & BIT(ZS))
		return code == ' ';
	return !(category & UNSEEN) && (is_mark(code) || utf8proc_charwidth(code) > 0);
}

#define TOO_LONG "is longer than 64 characters"

/* What is wrong with it; NULL: nothing. */
static const char *fault_of(const char *line)
{
	const utf8proc_uint8_t *at = (const utf8proc_uint8_t *)line;
	enum script script = SCRIPT_NONE;
	int count = 0, marks = 0;
	utf8proc_int32_t code;

	for (; *at; at += utf8proc_iterate(at, -1, &code), count++) {
		utf8proc_iterate(at, -1, &code);
		marks = is_mark(code) ? marks + 1 : 0;
		if (!is_shown(code) || (is_mark(code) && !count))
			return "has a character that cannot be seen";
		if (marks > MARKS_MAX)
			return "has too many accents on one letter";
		if (script && script_of(code) && script_of(code) != script)
			return "mixes letters of alphabets that look alike";
		script = script_of(code) ? script_of(code) : script;
	}
	return count > KL_NAME_MAX ? TOO_LONG : NULL;
}

static void trim(char *line)
{
	size_t len = strlen(line), skip = strspn(line, " ");

	while (len > skip && line[len - 1] == ' ')
		len--;
	memmove(line, line + skip, len - skip);
	line[len - skip] = '\0';
}

enum kl_status kl_line_read(char **line, const char *what, const char *text, struct kl_error *err)
{
	bool is_far_too_long = is_long(text);
	char *found = is_far_too_long ? NULL : mapped(text, UTF8PROC_COMPOSE);
	const char *fault = found ? NULL : is_far_too_long ? TOO_LONG : "is no UTF-8";

	if (found) {
		trim(found);
		fault = fault_of(found);
	}
	if (fault) {
		free(found);
		return kl_fail(err, KL_EINVAL, "%s %s", what, fault);
	}
	*line = found;
	return KL_OK;
}

/* --- passwords ---------------------------------------------------------------------------------------------------- */

static size_t characters(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

enum kl_status kl_password_read(char **password, const char *text, const char *name, struct kl_error *err)
{
	char *composed = strlen(text) <= 4 * KL_PASSWORD_MAX ? mapped(text, UTF8PROC_COMPOSE) : NULL;
	size_t len = composed ? strlen(composed) : 0;
	enum kl_status status = KL_OK;

	if (!composed || len > KL_PASSWORD_MAX)
		status = kl_fail(err, KL_EINVAL, "a password has at most %d bytes of UTF-8", KL_PASSWORD_MAX);
	else if (name && characters(composed) < KL_PASSWORD_MIN)
		status = kl_fail(err, KL_EINVAL, "a password has at least %d characters: take three or four words",
				 KL_PASSWORD_MIN);
	else if (name && kl_name_same(composed, name))
		status = kl_fail(err, KL_EINVAL, "the password must not be the name");
	else
		*password = kl_secret_copy(composed, len);
	if (composed)
		kl_wipe(composed, len);
	free(composed);
	return status;
}
