#include "kodelab.h"

#include <ctype.h>

/* One function per line of the grammar; all of them move at forward. */
static const char *at;

static int64_t sum(void);

static char peek(void)
{
	while (*at == ' ')
		at++;
	return *at;
}

static bool take(char sign)
{
	if (peek() != sign)
		return false;
	at++;
	return true;
}

static int64_t number(void)
{
	int64_t value = 0;

	if (!isdigit((unsigned char)peek()))
		kl_error("syntax error: a value is missing");
	for (; isdigit((unsigned char)*at); at++)
		value = 10 * value + (*at - '0');
	return value;
}

static int64_t value(void)
{
	int64_t inner;

	if (take('-'))
		return -value();
	if (!take('('))
		return number();
	inner = sum();
	if (!take(')'))
		kl_error("syntax error: a bracket is missing");
	return inner;
}

static int64_t product(void)
{
	int64_t left = value();

	for (;;) {
		if (take('*')) {
			left *= value();
		} else if (take('/')) {
			int64_t right = value();

			if (right == 0)
				kl_error("division by zero");
			left /= right; /* cuts towards zero */
		} else {
			return left;
		}
	}
}

static int64_t sum(void)
{
	int64_t left = product();

	for (;;) {
		if (take('+'))
			left += product();
		else if (take('-'))
			left -= product();
		else
			return left;
	}
}

int64_t calculate(const char *text)
{
	int64_t result;

	at = text;
	result = sum();
	if (peek() != '\0')
		kl_error("syntax error: something is left over");
	return result;
}
