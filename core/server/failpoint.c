/* Dying on demand. */

#include "core/server/failpoint.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void failpoint_init(struct failpoint *failpoint)
{
	const char *said = getenv("KL_KILL"), *number = said ? strchr(said, ':') : NULL;

	*failpoint = (struct failpoint){ .left = 0 };
	if (!number)
		return;
	snprintf(failpoint->place, sizeof(failpoint->place), "%.*s", (int)(number - said), said);
	failpoint->left = strtol(number + 1, NULL, 10);
}

void failpoint_arm(struct failpoint *failpoint)
{
	failpoint->armed = true;
}

void failpoint_pass(struct failpoint *failpoint, const char *place)
{
	if (!failpoint->armed || !failpoint->left ||
	    (strcmp(failpoint->place, place) != 0 && strcmp(failpoint->place, "any") != 0))
		return;
	if (!--failpoint->left)
		raise(SIGKILL);
}
