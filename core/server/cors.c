/* access.allow_origin and access.disallow_origin. */

#include "core/server/cors.h"

#include <microhttpd.h>
#include <string.h>

#include "core/server/request.h"
#include "core/server/server.h"
#include "core/server/settings.h"

/* What the page is told: "*" or its own origin; NULL: it may not. */
static const char *allowed(const struct request *request)
{
	const struct settings *settings = request->server->settings;
	const char *origin = request_header(request, "Origin");

	if (!origin || settings_has_word(settings, "access.disallow_origin", origin))
		return NULL;
	if (settings_has_word(settings, "access.allow_origin", "*"))
		return "*";
	return settings_has_word(settings, "access.allow_origin", origin) ? origin : NULL;
}

void cors_headers(const struct request *request, struct MHD_Response *response)
{
	const char *origin = allowed(request), *headers = request_header(request, "Access-Control-Request-Headers");

	if (!origin)
		return;
	MHD_add_response_header(response, "Access-Control-Allow-Origin", origin);
	MHD_add_response_header(response, "Access-Control-Allow-Methods",
				"GET, POST, PUT, PATCH, DELETE, OPTIONS, HEAD");
	MHD_add_response_header(response, "Access-Control-Max-Age", "7200");
	if (headers)
		MHD_add_response_header(response, "Access-Control-Allow-Headers", headers);
	if (strcmp(origin, "*") != 0)
		MHD_add_response_header(response, "Vary", "Origin");
}

bool cors_preflight(struct request *request)
{
	if (strcmp(request->method, "OPTIONS") != 0 || !request_header(request, "Access-Control-Request-Method"))
		return false;
	answer_text(request, 200, "");
	return true;
}
