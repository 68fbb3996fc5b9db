/*
 * Codes to join a course by. 2^40 of them: who tries ten a minute finds one of a hundred courses after two thousand years on
 * average. The letters are Crockford's: what is easily taken for another is left out, and read as that one.
 */

#include <kodelab/course.h>

#include <ctype.h>
#include <string.h>

#include <kodelab/crypto.h>

static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* 32 */

void kl_course_code_new(char code[KL_COURSE_CODE_SIZE])
{
	unsigned char bytes[KL_COURSE_CODE_SIZE - 1];

	kl_random(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		code[i] = letters[bytes[i] % 32];
	code[sizeof(bytes)] = '\0';
}

static char read_letter(char typed)
{
	char letter = (char)toupper((unsigned char)typed);

	if (letter == 'O')
		return '0';
	return letter == 'I' || letter == 'L' ? '1' : letter;
}

bool kl_course_code_read(char code[KL_COURSE_CODE_SIZE], const char *typed)
{
	size_t len = 0;

	for (; *typed; typed++) {
		if (*typed == '-' || *typed == ' ')
			continue;
		if (len == KL_COURSE_CODE_SIZE - 1 || !strchr(letters, read_letter(*typed)))
			return false;
		code[len++] = read_letter(*typed);
	}
	code[len] = '\0';
	return len == KL_COURSE_CODE_SIZE - 1;
}
