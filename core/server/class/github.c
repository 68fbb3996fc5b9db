/* Asking GitHub. An answer counts when it is JSON of the form that is documented; everything else is a failure and is not believed. */

#include "core/server/class/github.h"

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/crypto.h>
#include <kodelab/http.h>
#include <kodelab/json.h>

#include "core/server/server.h"
#include "core/server/settings.h"

#define ANSWER_MAX    ((size_t)64 << 10)
#define DEADLINE_MS   10000
#define TEXT_MAX      256 /* bytes of a code or a token */
#define LIFE_MAX_S    3600
#define INTERVAL_MAX  60
#define GRANT         "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"
#define NOT_OF_GITHUB "the answer is not one of GitHub's"

struct asking {
	struct server *server;
	void (*read)(struct github_answer *answer, const struct asking *asking, const struct kl_json *doc);
	github_fn *fn;
	void *ctx;
};

/* --- what comes back ---------------------------------------------------------------------------------------------- */

static void fail(struct github_answer *answer, const char *why)
{
	answer->end = GITHUB_FAILED;
	answer->why = why;
}

static const char *member(const struct kl_json *doc, const char *name)
{
	return kl_json_text_of(kl_json_root(doc), name);
}

/* A code or a token: it goes into a form or a header again. */
static bool is_code(const char *text)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
	size_t len = strlen(text);

	return len && len <= TEXT_MAX && strspn(text, good) == len;
}

static int64_t seconds(const struct kl_json *doc, const char *name, int64_t otherwise, int64_t max)
{
	int64_t value = otherwise;

	if (kl_json_get_int(&value, doc, kl_json_root(doc), name, 1, max, KL_JSON_OPTIONAL, NULL))
		return otherwise;
	return value;
}

/* People are told to open it: it must be a page of the place that the administrator named. */
static bool is_page_there(const struct asking *asking, const char *uri)
{
	const char *url = settings_string(asking->server->settings, "github.url");
	size_t len = strlen(url);

	len -= len && url[len - 1] == '/';
	return !strncmp(uri, url, len) && uri[len] == '/' && strlen(uri) <= TEXT_MAX;
}

static void read_codes(struct github_answer *answer, const struct asking *asking, const struct kl_json *doc)
{
	answer->device_code = member(doc, "device_code");
	answer->user_code = member(doc, "user_code");
	answer->verification_uri = member(doc, "verification_uri");
	answer->expires_s = seconds(doc, "expires_in", 900, LIFE_MAX_S);
	answer->interval_s = seconds(doc, "interval", 5, INTERVAL_MAX);
	if (*member(doc, "error")) {
		answer->end = GITHUB_REFUSED;
		answer->why = member(doc, "error");
	} else if (!is_code(answer->device_code) || !is_code(answer->user_code) ||
		   !is_page_there(asking, answer->verification_uri)) {
		fail(answer, NOT_OF_GITHUB);
	}
}

static void read_token(struct github_answer *answer, const struct asking *asking, const struct kl_json *doc)
{
	/* clang-format off */
	static const struct { const char *word; enum github_end end; } errors[] = {
		{ "authorization_pending", GITHUB_PENDING }, { "slow_down", GITHUB_SLOW_DOWN },
		{ "expired_token", GITHUB_EXPIRED },         { "access_denied", GITHUB_DENIED },
	};
	/* clang-format on */
	const char *error = member(doc, "error");

	(void)asking;
	answer->token = member(doc, "access_token");
	answer->interval_s = seconds(doc, "interval", 0, INTERVAL_MAX);
	if (!*error) {
		if (!is_code(answer->token))
			fail(answer, NOT_OF_GITHUB);
		return;
	}
	answer->end = GITHUB_REFUSED;
	answer->why = error;
	for (size_t i = 0; i < KL_LENGTH(errors); i++)
		if (!strcmp(errors[i].word, error))
			answer->end = errors[i].end;
}

static void read_user(struct github_answer *answer, const struct asking *asking, const struct kl_json *doc)
{
	(void)asking;
	answer->login = member(doc, "login");
	if (kl_json_get_int(&answer->id, doc, kl_json_root(doc), "id", 1, INT64_MAX, KL_JSON_REQUIRED, NULL) ||
	    !*answer->login)
		fail(answer, NOT_OF_GITHUB);
}

static void on_answer(void *ctx, const struct kl_http_result *result)
{
	struct asking *asking = ctx;
	struct github_answer answer = {
		.end = GITHUB_GAVE, .device_code = "", .user_code = "", .token = "", .login = ""
	};
	struct kl_json *doc = NULL;
	char why[64];

	if (result->end == KL_HTTP_CANCELED) {
		answer.end = GITHUB_CANCELED;
	} else if (result->end != KL_HTTP_ANSWERED) {
		fail(&answer, result->error.message);
	} else if (result->status != 200 &&
		   result->status != 400) { /* an error may be 400; redirects are not followed */
		snprintf(why, sizeof(why), "status %d", result->status);
		fail(&answer, why);
	} else if (kl_json_parse(&doc, result->body, result->body_len, ANSWER_MAX, "GitHub", NULL) ||
		   !cJSON_IsObject(kl_json_root(doc))) {
		fail(&answer, NOT_OF_GITHUB);
	} else {
		asking->read(&answer, asking, doc);
	}
	asking->fn(asking->ctx, &answer);
	if (*answer.token) /* the document's */
		kl_wipe((char *)(uintptr_t)answer.token, strlen(answer.token));
	kl_json_free(doc);
	free(asking);
}

/* --- what is asked ------------------------------------------------------------------------------------------------ */

/* option: the address; token and form may be NULL. */
static enum kl_status start(struct kl_http **http, const struct asking *like, const char *option, const char *path,
			    const struct kl_http_spec *with, struct kl_error *err)
{
	struct kl_http_spec spec = *with;
	const char *base = settings_string(like->server->settings, option);
	size_t len = strlen(base);
	char *url = kl_format("%.*s%s", (int)(len - (len && base[len - 1] == '/')), base, path);
	struct kl_http_request *request;
	struct asking *asking = kl_alloc(sizeof(*asking));
	enum kl_status status = *http ? KL_OK : kl_http_open(http, like->server->loop, err);

	*asking = *like;
	spec.url = url;
	spec.deadline_ms = DEADLINE_MS;
	spec.response_max = ANSWER_MAX;
	if (!status)
		status = kl_http_start(&request, *http, &spec, on_answer, asking, err);
	if (status)
		free(asking);
	free(url);
	return status;
}

/* form is wiped and freed: it may hold a code. */
static enum kl_status post(struct kl_http **http, const struct asking *like, const char *path, char *form,
			   struct kl_error *err)
{
	static const struct kl_http_header headers[] = { { "Accept", "application/json", false },
							 { "Content-Type", "application/x-www-form-urlencoded", false },
							 { "User-Agent", "kodelabd", false } };
	const struct kl_http_spec with = { .method = "POST",
					   .headers = headers,
					   .header_count = KL_LENGTH(headers),
					   .body = form,
					   .body_len = strlen(form) };
	enum kl_status status = start(http, like, "github.url", path, &with, err);

	kl_wipe(form, strlen(form));
	free(form);
	return status;
}

static const char *client_id(const struct server *server)
{
	return settings_string(server->settings, "github.client_id");
}

enum kl_status github_ask_codes(struct kl_http **http, struct server *server, github_fn *fn, void *ctx,
				struct kl_error *err)
{
	const struct asking like = { server, read_codes, fn, ctx };

	if (!is_code(client_id(server)))
		return kl_fail(err, KL_EINVAL, "github.client_id is no client id: see kodelabd(8)");
	return post(http, &like, "/login/device/code", kl_format("client_id=%s", client_id(server)), err);
}

enum kl_status github_ask_token(struct kl_http **http, struct server *server, const char *device_code, github_fn *fn,
				void *ctx, struct kl_error *err)
{
	const struct asking like = { server, read_token, fn, ctx };

	return post(http, &like, "/login/oauth/access_token",
		    kl_format("client_id=%s&device_code=%s&grant_type=%s", client_id(server), device_code, GRANT), err);
}

enum kl_status github_ask_user(struct kl_http **http, struct server *server, const char *token, github_fn *fn,
			       void *ctx, struct kl_error *err)
{
	const struct asking like = { server, read_user, fn, ctx };
	char *bearer = kl_format("Bearer %s", token);
	const struct kl_http_header headers[] = { { "Accept", "application/vnd.github+json", false },
						  { "User-Agent", "kodelabd", false },
						  { "Authorization", bearer, true } };
	const struct kl_http_spec with = { .method = "GET", .headers = headers, .header_count = KL_LENGTH(headers) };
	enum kl_status status = start(http, &like, "github.api", "/user", &with, err);

	kl_wipe(bearer, strlen(bearer));
	free(bearer);
	return status;
}
