#include "kodelab.h"

#include <stdlib.h>
#include <string.h>

const char *tidy_title(const char *title)
{
	char *tidy = malloc(strlen(title) + 1); /* it never gets longer */
	size_t len = 0;

	/* A space is copied late: only when a character comes after it. */
	for (const char *at = title; *at; at++) {
		if (*at == ' ')
			continue;
		if (len > 0 && at[-1] == ' ')
			tidy[len++] = ' ';
		tidy[len++] = *at;
	}
	tidy[len] = '\0';
	return tidy;
}
