#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

/* An optional sign, then digits only, at least one. */
static int is_whole_number(const char *text)
{
	if (*text == '+' || *text == '-')
		text++;
	if (*text == '\0')
		return 0;
	for (; *text; text++)
		if (!isdigit((unsigned char)*text))
			return 0;
	return 1;
}

int main(int argc, char **argv)
{
	int shift, c;

	if (argc != 2 || !is_whole_number(argv[1])) {
		fprintf(stderr, "usage: wheel SHIFT\n");
		return 2;
	}
	shift = (int)(strtoll(argv[1], NULL, 10) % 26); /* -25 to 25 */
	shift = (shift + 26) % 26;                      /* 0 to 25 */

	while ((c = getchar()) != EOF) {
		if (c >= 'a' && c <= 'z')
			c = 'a' + (c - 'a' + shift) % 26;
		else if (c >= 'A' && c <= 'Z')
			c = 'A' + (c - 'A' + shift) % 26;
		putchar(c);
	}
	return 0;
}
