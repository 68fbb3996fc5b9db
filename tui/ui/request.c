/* The request table: see request.h. */
#include "request.h"

#include <string.h>

#include <kodelab/alloc.h>

static const struct request_info requests[] = {
#define X(id, name, group, help) [id] = { name, group, help },
	REQUEST_MAP(X)
#undef X
};

static const char *const group_names[GROUP_COUNT] = {
	[GROUP_APP] = "The lab",
	[GROUP_GO] = "Going somewhere",
	[GROUP_MOVE] = "Moving",
	[GROUP_CLASS] = "The class",
	[GROUP_TEACH] = "Teaching",
	[GROUP_LIST] = "Lists",
	[GROUP_WORK] = "Working on a challenge",
	[GROUP_PANE] = "Panes",
	[GROUP_EDIT] = "Editor",
};

const struct request_info *request_info(enum request request)
{
	return &requests[request];
}

const char *request_group_name(enum request_group group)
{
	return group_names[group];
}

bool request_find(enum request *out, const char *name)
{
	for (size_t i = 0; i < KL_LENGTH(requests); i++) {
		if (strcmp(requests[i].name, name) == 0) {
			*out = (enum request)i;
			return true;
		}
	}
	return false;
}
