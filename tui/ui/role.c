/* The roles' names and parents: see role.h. */
#include "role.h"

#include <string.h>

#include <kodelab/alloc.h>

static const struct {
	const char *name;
	enum role parent;
} roles[] = {
#define X(id, name, parent) [id] = { name, parent },
	ROLE_MAP(X)
#undef X
};

const char *role_name(enum role role)
{
	return roles[role].name;
}

enum role role_parent(enum role role)
{
	return roles[role].parent;
}

bool role_find(enum role *out, const char *name)
{
	for (size_t i = 0; i < KL_LENGTH(roles); i++) {
		if (strcmp(roles[i].name, name) == 0) {
			*out = (enum role)i;
			return true;
		}
	}
	return false;
}
