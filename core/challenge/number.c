/*
 * Numbers as text. The lab runs in the user's locale (curses wants it), where a decimal point may be a comma; here
 * it is always a point.
 */

#include "core/challenge/challenge_int.h"

#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>

#include <kodelab/alloc.h>

#define DOUBLE_TEXT_LONGEST 1200 /* the longest exact double has 1,076 characters */

/* Subnormals have fewer digits than 15 to tell; all others are shortest at 15, 16 or 17. */
static void print_shortest(double real, char *text, size_t size)
{
	for (int digits = fabs(real) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
		snprintf(text, size, "%.*g", digits, real);
		if (strtod(text, NULL) == real)
			return;
	}
}

void kl_double_print(double real, char text[KL_DOUBLE_TEXT_MAX])
{
	locale_t plain, before;

	if (isnan(real) || isinf(real)) {
		snprintf(text, KL_DOUBLE_TEXT_MAX, "%s", isnan(real) ? "nan" : real < 0 ? "-inf" : "inf");
		return;
	}
	plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	before = uselocale(plain);
	print_shortest(real, text, KL_DOUBLE_TEXT_MAX);
	uselocale(before);
	freelocale(plain);
}

static bool parse_word(double *out, const char *text, size_t len)
{
	/* clang-format off */
	static const struct { const char *word; double real; } words[] = {
		{ "nan", NAN }, { "inf", INFINITY }, { "-inf", -INFINITY },
	};
	/* clang-format on */

	for (size_t i = 0; i < KL_LENGTH(words); i++) {
		if (strlen(words[i].word) == len && !memcmp(words[i].word, text, len)) {
			*out = words[i].real;
			return true;
		}
	}
	return false;
}

bool kl_double_parse(double *out, const char *text, size_t len)
{
	char copy[DOUBLE_TEXT_LONGEST + 1], *end;
	locale_t plain;
	double real;

	if (parse_word(out, text, len))
		return true;
	if (!len || len > DOUBLE_TEXT_LONGEST)
		return false;
	for (size_t i = 0; i < len; i++) /* strtod would take hexadecimal, "infinity" and blanks */
		if (!strchr("0123456789+-.eE", text[i]) || !text[i])
			return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	real = strtod_l(copy, &end, plain);
	freelocale(plain);
	if (end != copy + len)
		return false;
	*out = real;
	return true;
}

bool kl_double_near(double want, double got, double abs_tol, double rel_tol)
{
	double apart;

	if (want == got || (isnan(want) && isnan(got)))
		return true;
	if (!isfinite(want) || !isfinite(got))
		return false;
	apart = fabs(want - got);
	return apart <= abs_tol || apart <= rel_tol * fabs(want);
}

char *kl_digits_canonical(const char *text, size_t len)
{
	bool minus = len && text[0] == '-';
	size_t at = minus;

	if (at == len)
		return NULL;
	for (size_t i = at; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return NULL;
	while (at + 1 < len && text[at] == '0')
		at++;
	if (text[at] == '0')
		minus = false;
	return kl_format("%s%.*s", minus ? "-" : "", (int)(len - at), text + at);
}

bool kl_digits_fit(const char *digits, enum kl_type_kind kind)
{
	long long number;

	if (kind == KL_TYPE_BIGINT)
		return true;
	errno = 0;
	number = strtoll(digits, NULL, 10);
	if (errno)
		return false;
	return kind == KL_TYPE_LONG || (number >= INT32_MIN && number <= INT32_MAX);
}
