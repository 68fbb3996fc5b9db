/* Requests that are none. */

#include "core/server/ambiguous.h"

#include <microhttpd.h>
#include <string.h>
#include <strings.h>

struct seen {
	int lengths, codings, hosts;
};

static enum MHD_Result look(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct seen *seen = ctx;

	(void)kind;
	(void)value;
	seen->lengths += !strcasecmp(name, "Content-Length");
	seen->codings += !strcasecmp(name, "Transfer-Encoding");
	seen->hosts += !strcasecmp(name, "Host");
	return MHD_YES;
}

bool ambiguous_headers(struct MHD_Connection *handle)
{
	struct seen seen = { 0, 0, 0 };

	MHD_get_connection_values(handle, MHD_HEADER_KIND, look, &seen);
	return seen.lengths + seen.codings > 1 || seen.hosts > 1;
}

bool ambiguous_uri(const char *uri)
{
	const char *nul = strstr(uri, "%00");

	return nul && (size_t)(nul - uri) < strcspn(uri, "?");
}
