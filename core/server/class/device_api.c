/*
 * A terminal asks to be let in (RFC 8628 in the envelope of this API): it gets a code to show and a code to ask with, and asks until
 * somebody has let it in on the page (device_page.c).
 */

#include <kodelab/alloc.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/settings.h"

#define BEGUN_PER_MINUTE 600 /* of one address: a room full of terminals may begin at once */

/* Could it be a host and a port? It goes into an address that people are told to open. */
static bool is_host(const char *host)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";

	return *host && strlen(host) < 256 && strspn(host, good) == strlen(host);
}

/* "https://lab.example.org"; owned. */
static char *own_address(const struct request *request)
{
	const struct settings *settings = request->server->settings;
	const char *url = settings_string(settings, "public_url"), *host = request_header(request, "Host");
	size_t len = strlen(url);

	if (len)
		return kl_strndup(url, url[len - 1] == '/' ? len - 1 : len);
	return kl_format("%s://%s", *settings_string(settings, "tls.certificate") ? "https" : "http",
			 host && is_host(host) ? host : "localhost");
}

static void answer_codes(struct request *request, const struct kl_device_codes *codes)
{
	char *address = own_address(request), *page = kl_format("%s/device", address);
	char *whole = kl_format("%s?code=%s", page, codes->user);
	struct kl_buf body;

	request_durable(request);
	api_begin(&body);
	kl_buf_add_char(&body, '{');
	jsonout_text(&body, "device_code", codes->device);
	jsonout_text(&body, "user_code", codes->user);
	jsonout_text(&body, "verification_uri", page);
	jsonout_text(&body, "verification_uri_complete", whole);
	jsonout_int(&body, "expires_in", KL_DEVICE_MS / 1000);
	jsonout_int(&body, "interval", codes->interval_s);
	kl_buf_add_char(&body, '}');
	answer_header(request, "Cache-Control", "no-store");
	api_end(request, 200, &body);
	free(whole);
	free(page);
	free(address);
}

static void begin_device(struct request *request, const char *device)
{
	struct server *server = request->server;
	struct kl_device_codes codes;
	char from[FROM_SIZE];
	struct kl_error err;

	accounts_from(from, request);
	if (kl_device_begin(&codes, server->store, device, from, &server->clock, &err)) {
		api_fail(request, &err);
		return;
	}
	answer_codes(request, &codes);
	kl_wipe(&codes, sizeof(codes));
}

static void device_begin(struct request *request)
{
	const char *name = "";
	const struct api_field fields[] = { { "device", .text = &name } };
	bool good = api_read(request, fields, KL_LENGTH(fields));
	struct server *server = request->server;
	char *device = NULL;
	struct kl_error err;
	int64_t left;

	if (!good || !rates_begin(request, "device", BEGUN_PER_MINUTE))
		return;
	if (kl_line_read(&device, "the device's name", *name ? name : "a terminal", &err) ||
	    server_write(server, &err) || kl_device_places(&left, server->store, &server->clock, &err))
		api_fail(request, &err);
	else if (rates_has_place(request, left))
		begin_device(request, device);
	free(device);
}

/* clang-format off */
static const struct { enum api_code code; const char *message; } refusals[] = {
	[KL_DEVICE_PENDING]   = { API_PENDING,   "nobody has let this terminal in yet: ask again" },
	[KL_DEVICE_SLOW_DOWN] = { API_SLOW_DOWN, "asked too soon: wait five seconds more each time" },
	[KL_DEVICE_EXPIRED]   = { API_EXPIRED,   "this code is over or was used: begin anew" },
	[KL_DEVICE_REFUSED]   = { API_FORBIDDEN, "the terminal was not let in" },
};
/* clang-format on */

static void device_token(struct request *request)
{
	const char *code = "";
	const struct api_field fields[] = { { "device_code", .text = &code } };
	bool good = api_read(request, fields, KL_LENGTH(fields));
	struct server *server = request->server;
	char from[FROM_SIZE], user[KL_ID_SIZE];
	enum kl_device_answer answer;
	struct kl_tokens tokens;
	struct kl_error err;

	if (!good)
		return;
	accounts_from(from, request);
	if (server_write(server, &err) ||
	    kl_device_poll(&answer, &tokens, user, server->store, code, from, &server->clock, &err))
		api_fail(request, &err);
	else if (answer == KL_DEVICE_GRANTED)
		answer_tokens(request, 200, &tokens, user);
	else
		api_error(request, refusals[answer].code, "%s", refusals[answer].message);
	wipe_body(request);
}

/* clang-format off */
static const struct route routes[] = {
	{ "POST", "/api/auth/device",       0, device_begin,       ACCESS_OPEN },
	{ "POST", "/api/auth/device/token", 0, device_token,       ACCESS_OPEN },
	{ "GET",  "/device",                0, device_page_get,    ACCESS_OPEN },
	{ "POST", "/device",                0, device_page_post,   ACCESS_OPEN },
	{ "POST", "/device/answer",         0, device_page_answer, ACCESS_OPEN },
	{ "GET",  "/device/style.css",      0, device_page_style,  ACCESS_OPEN },
};
/* clang-format on */

const struct route_area device_area = { "/", routes, KL_LENGTH(routes) };
