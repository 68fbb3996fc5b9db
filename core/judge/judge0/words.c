/* Failures of a judge in words that say what to do. */

#include "core/judge/judge0/judge0_int.h"

#include <string.h>

#include <kodelab/alloc.h>

/* clang-format off */
static const struct {
	const char *said, *words;
} internal[] = {
	{ "rb_sysopen", "the judge's sandbox is broken (control groups v1 are missing there): tell its administrator" },
	{ "control group", "the judge's sandbox is broken (control groups v1 are missing there): tell its administrator" },
	{ "cgroup", "the judge's sandbox is broken (control groups v1 are missing there): tell its administrator" },
	{ "No space left", "the judge's disk is full: tell its administrator" },
	{ "", "the judge failed, not your program: try again" },
};
/* clang-format on */

const char *judge0_words_internal(const char *message)
{
	size_t i = 0;

	while (!strstr(message, internal[i].said))
		i++;
	return internal[i].words;
}

bool judge0_lacks_groups(const char *message)
{
	return strstr(judge0_words_internal(message), "control groups") != NULL;
}
