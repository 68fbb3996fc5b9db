/*
 * The page on which a person lets a terminal in. Plain HTML that needs no script and runs none. First the code that the
 * terminal shows, with name and password; then the page says which terminal that is, and asks. Who has not signed in learns nothing of
 * codes, and wrong codes are counted for a user: nobody behind the same address is kept out by them.
 *
 * A form counts only with the cookie that was set when it was opened, and not when it comes from another site. There is no session in
 * the browser: what was signed in for is the one question.
 */

#include <strings.h>
#include <sys/queue.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/request.h"
#include "core/server/settings.h"

#define COOKIE         "kodelab-form"
#define CODES_WRONG    5 /* in a minute, of one user */
#define CODE_TYPED_MAX 64 /* bytes, with blanks and dashes */
#define TICKETS_MAX    4096
#define TICKET_MS      (5 * 60000) /* to look at the question */
#define PAGE_MAX       ((size_t)64 << 10)

struct ticket { /* somebody has signed in and looks at a terminal's name */
	TAILQ_ENTRY(ticket) link;
	char word[KL_TOKEN_SIZE], cookie[KL_TOKEN_SIZE];
	char device[KL_SHA256_SIZE]; /* its code's fingerprint */
	struct actor actor;
	char held[KL_SHA256_SIZE]; /* the password he signed in with: signing_holds */
	int64_t until_ms; /* monotonic */
};

struct device_page {
	char key[KL_TOKEN_SIZE]; /* what the forms' words are derived with */
	TAILQ_HEAD(tickets, ticket) tickets; /* the oldest first */
	size_t count;
};

/* --- tickets ------------------------------------------------------------------------------------------------------- */

static void forget(struct device_page *page, struct ticket *ticket)
{
	TAILQ_REMOVE(&page->tickets, ticket, link);
	page->count--;
	kl_wipe(ticket, sizeof(*ticket));
	free(ticket);
}

static void forget_old(struct device_page *page)
{
	struct ticket *oldest;

	while ((oldest = TAILQ_FIRST(&page->tickets))) {
		int64_t until_ms =
			oldest->until_ms; /* NOLINT(clang-analyzer-unix.Malloc): who was freed left the list */

		if (until_ms >= kl_clock_mono_ms() && page->count <= TICKETS_MAX)
			return;
		forget(page, oldest);
	}
}

struct device_page *device_page_new(void)
{
	struct device_page *page = kl_calloc(1, sizeof(*page));

	TAILQ_INIT(&page->tickets);
	kl_token_make(page->key, "kdf_");
	return page;
}

void device_page_free(struct device_page *page)
{
	struct ticket *ticket;

	if (!page)
		return;
	while ((ticket = TAILQ_FIRST(&page->tickets)))
		forget(page, ticket); /* NOLINT(clang-analyzer-unix.Malloc): who was freed left the list */
	free(page);
}

static struct ticket *add_ticket(struct device_page *page, const char *cookie, const struct hashing *hashing,
				 const struct kl_device *device)
{
	struct ticket *ticket = kl_calloc(1, sizeof(*ticket));

	kl_token_make(ticket->word, "kdt_");
	snprintf(ticket->cookie, sizeof(ticket->cookie), "%s", cookie);
	memcpy(ticket->device, device->code, sizeof(ticket->device));
	ticket->actor = hashing->request->actor;
	memcpy(ticket->held, hashing->held, sizeof(ticket->held));
	ticket->until_ms = kl_clock_mono_ms() + TICKET_MS;
	TAILQ_INSERT_TAIL(&page->tickets, ticket, link);
	page->count++;
	forget_old(page);
	return ticket;
}

static bool same_token(const char *a, const char *b)
{
	return strlen(a) == KL_TOKEN_SIZE - 1 && strlen(b) == KL_TOKEN_SIZE - 1 &&
	       kl_same_secret(a, b, KL_TOKEN_SIZE - 1);
}

static struct ticket *find_ticket(struct device_page *page, const char *word, const char *cookie)
{
	struct ticket *ticket;

	forget_old(page);
	TAILQ_FOREACH(ticket, &page->tickets, link)
		if (same_token(ticket->word, word) && same_token(ticket->cookie, cookie))
			return ticket;
	return NULL;
}

/* --- HTML ---------------------------------------------------------------------------------------------------------- */

static void add_text(struct kl_buf *out, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '&':
			kl_buf_add_str(out, "&amp;");
			break;
		case '<':
			kl_buf_add_str(out, "&lt;");
			break;
		case '>':
			kl_buf_add_str(out, "&gt;");
			break;
		case '"':
			kl_buf_add_str(out, "&quot;");
			break;
		case '\'':
			kl_buf_add_str(out, "&#39;");
			break;
		default:
			kl_buf_add_char(out, *text);
		}
}

/* The text is made harmless; what is before and after it is ours. */
static void add_with(struct kl_buf *out, const char *before, const char *text, const char *after)
{
	kl_buf_add_str(out, before);
	add_text(out, text);
	kl_buf_add_str(out, after);
}

static void begin_page(struct kl_buf *out, const char *title)
{
	kl_buf_init(out, PAGE_MAX);
	add_with(out,
		 "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
		 title,
		 " - KodeLab</title>\n<link rel=\"stylesheet\" href=\"/device/style.css\">\n</head>\n<body>\n<main>\n");
	add_with(out, "<h1>", title, "</h1>\n");
}

static void end_page(struct request *request, int status, struct kl_buf *out)
{
	kl_buf_add_str(out, "</main>\n</body>\n</html>\n");
	answer_json(request, status, out);
	request->answer.type = "text/html; charset=utf-8";
	answer_header(
		request, "Content-Security-Policy",
		"default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
	answer_header(request, "Referrer-Policy", "same-origin"); /* with none, browsers send "Origin: null" */
	answer_header(request, "Cache-Control", "no-store");
}

void device_page_refuse(struct request *request, int status, const char *message)
{
	struct kl_buf out;

	begin_page(&out, "This did not work");
	add_with(&out, "<p role=\"alert\">", message, "</p>\n<p><a href=\"/device\">Begin again</a></p>\n");
	end_page(request, status, &out);
}

static void refuse_failed(struct request *request, const struct kl_error *err)
{
	if (err->status != KL_EFULL) {
		device_page_refuse(request, 500, err->message);
		return;
	}
	server_is_full(request->server, err->message);
	device_page_refuse(request, 503, API_FULL);
	api_retry_when_full(request);
}

void device_page_style(struct request *request)
{
	static const char style[] =
		":root{color-scheme:light dark}"
		"*{box-sizing:border-box}"
		"body{margin:0;font:1.125rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
		"main{max-width:32rem;margin:0 auto;padding:1rem}"
		"h1{font-size:1.5rem;line-height:1.25}"
		"label{display:block;margin-top:1rem;font-weight:600}"
		"input{display:block;width:100%;min-height:2.75rem;padding:.25rem .5rem;font:inherit;"
		"border:2px solid currentColor;border-radius:.25rem;background:Field;color:FieldText}"
		"#code{font-family:ui-monospace,monospace;text-transform:uppercase;letter-spacing:.1em}"
		"button{min-height:2.75rem;margin:1.5rem .75rem 0 0;padding:.25rem 1.25rem;font:inherit;font-weight:600;"
		"border:2px solid currentColor;border-radius:.25rem;background:ButtonFace;color:ButtonText}"
		":focus-visible{outline:4px solid Highlight;outline-offset:2px}"
		"[role=alert]{border:2px solid currentColor;border-left-width:.75rem;padding:.5rem .75rem}"
		"dt{font-weight:600}dd{margin:0 0 .75rem}"
		"@media (forced-colors:active){input,button,[role=alert]{border-color:CanvasText}}";

	answer_text(request, 200, style);
	request->answer.type = "text/css; charset=utf-8";
	answer_header(request, "Cache-Control", "public, max-age=3600");
}

/* --- the cookie, and where a form comes from ------------------------------------------------------------------------- */

/* The cookie's value; false: there is none of ours. */
static bool read_cookie(char cookie[KL_TOKEN_SIZE], const struct request *request)
{
	const char *all = request_header(request, "Cookie"), *at = all ? strstr(all, COOKIE "=") : NULL;
	size_t len = at ? strcspn(at + sizeof(COOKIE), "; ") : 0;

	if (!at || len != KL_TOKEN_SIZE - 1)
		return false;
	memcpy(cookie, at + sizeof(COOKIE), len);
	cookie[len] = '\0';
	return true;
}

static void set_cookie(struct request *request, const char *cookie)
{
	bool secure = *settings_string(request->server->settings, "tls.certificate") ||
		      !strncmp(settings_string(request->server->settings, "public_url"), "https:", 6);

	answer_header(request, "Set-Cookie", COOKIE "=%s; Path=/device; HttpOnly; SameSite=Strict%s", cookie,
		      secure ? "; Secure" : "");
}

static void form_word(char word[KL_TOKEN_SIZE], const struct request *request, const char *cookie)
{
	kl_token_derive(word, "kdf_", request->server->accounts->page->key, cookie, "form");
}

/* "http://host:port" of the header is the Host that was asked; absent: an old browser, or none. */
static bool from_here(const struct request *request)
{
	const char *origin = request_header(request, "Origin"), *host = request_header(request, "Host");
	const char *site = request_header(request, "Sec-Fetch-Site"), *after;

	if (site && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
		return false;
	if (!origin)
		return true;
	after = strstr(origin, "://");
	return after && host && !strcasecmp(after + 3, host);
}

static const char *field(const struct request *request, const char *name)
{
	const cJSON *node = request->fields ? cJSON_GetObjectItemCaseSensitive(request->fields, name) : NULL;
	const char *text = cJSON_GetStringValue(node);

	return text ? text : "";
}

/* Is it a form of ours, opened in this browser? false: a page says no. */
static bool is_ours(char cookie[KL_TOKEN_SIZE], struct request *request)
{
	char word[KL_TOKEN_SIZE];

	if (from_here(request) && read_cookie(cookie, request)) {
		form_word(word, request, cookie);
		if (same_token(word, field(request, "form")))
			return true;
	}
	device_page_refuse(
		request, 403,
		"This form was opened long ago, in another browser, or by another site. Cookies of this page "
		"must be allowed.");
	return false;
}

/* --- the first page --------------------------------------------------------------------------------------------------- */

static void add_input(struct kl_buf *out, const char *id, const char *label, const char *kind, const char *value)
{
	kl_buf_addf(out, "<label for=\"%s\">%s</label>\n<input id=\"%s\" name=\"%s\" required %s value=\"", id, label,
		    id, id, kind);
	add_text(out, value);
	kl_buf_add_str(out, "\">\n");
}

/* fault: what was wrong with the form as it was sent; NULL: it is new. */
static void show_form(struct request *request, int status, const char *cookie, const char *fault, const char *code,
		      const char *name)
{
	char word[KL_TOKEN_SIZE];
	struct kl_buf out;

	form_word(word, request, cookie);
	begin_page(&out, fault ? "Error: let a terminal in" : "Let a terminal in");
	if (fault)
		add_with(&out, "<p role=\"alert\" id=\"fault\">", fault, "</p>\n");
	kl_buf_add_str(&out,
		       "<p>A terminal shows a code. Enter it here and sign in; then you see which terminal it is, and "
		       "decide.</p>\n<form method=\"post\" action=\"/device\">\n");
	kl_buf_addf(&out, "<input type=\"hidden\" name=\"form\" value=\"%s\">\n", word);
	add_input(
		&out, "code", "Code on the terminal, as ABCD-EFGH",
		fault ? "autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\" aria-describedby=\"fault\""
		      : "autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\"",
		code);
	add_input(&out, "name", "Your name here",
		  "autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\"", name);
	add_input(&out, "password", "Password", "type=\"password\" autocomplete=\"current-password\"", "");
	kl_buf_add_str(&out, "<button type=\"submit\">Show the terminal</button>\n</form>\n");
	end_page(request, status, &out);
	set_cookie(request, cookie);
}

void device_page_get(struct request *request)
{
	const char *code = request_query(request, "code");
	char cookie[KL_TOKEN_SIZE], shown[KL_CODE_SIZE] = "";

	if (!read_cookie(cookie, request))
		kl_token_make(cookie, "kdc_");
	if (code)
		(void)kl_code_read(shown, code, 2);
	show_form(request, 200, cookie, NULL, shown, "");
}

/* --- the question ------------------------------------------------------------------------------------------------------ */

static void add_fact(struct kl_buf *out, const char *name, const char *text)
{
	add_with(out, "<dt>", name, "</dt>\n");
	add_with(out, "<dd>", text, "</dd>\n");
}

static void ask_person(struct request *request, const struct ticket *ticket, const struct kl_device *device)
{
	int64_t ago_s = (kl_clock_wall_ms(&request->server->clock) - device->created_ms) / 1000;
	char word[KL_TOKEN_SIZE], when[64];
	struct kl_buf out;

	form_word(word, request, ticket->cookie);
	snprintf(when, sizeof(when), ago_s < 60 ? "less than a minute ago" : "%lld minutes ago", (long long)ago_s / 60);
	begin_page(&out, "Let this terminal in?");
	kl_buf_add_str(&out, "<dl>\n");
	add_fact(&out, "Terminal", device->device);
	add_fact(&out, "It asks from", device->from);
	add_fact(&out, "Since", when);
	add_fact(&out, "It will be signed in as", ticket->actor.name);
	kl_buf_add_str(
		&out, "</dl>\n<p>Let it in only if it is in front of you: whoever sits there can do what you can.</p>\n"
		      "<form method=\"post\" action=\"/device/answer\">\n");
	kl_buf_addf(&out,
		    "<input type=\"hidden\" name=\"form\" value=\"%s\">\n"
		    "<input type=\"hidden\" name=\"ticket\" value=\"%s\">\n",
		    word, ticket->word);
	kl_buf_add_str(&out, "<button type=\"submit\" name=\"answer\" value=\"approve\">Let it in</button>\n"
			     "<button type=\"submit\" name=\"answer\" value=\"deny\">No</button>\n</form>\n");
	end_page(request, 200, &out);
}

static bool may_guess(struct request *request, const char *user, struct kl_limit *limit)
{
	char *key = kl_format("code %s", user);

	kl_limiter_take(limit, request->server->accounts->codes, key, CODES_WRONG, 1, kl_clock_mono_ms());
	free(key);
	return !limit->refused;
}

static void may_forget(struct request *request, const char *user)
{
	char *key = kl_format("code %s", user);

	kl_limiter_clear(request->server->accounts->codes, key);
	free(key);
}

/* He has signed in: is there a terminal of this code? */
static void look_for_terminal(struct hashing *hashing, const char *cookie)
{
	struct request *request = hashing->request;
	struct server *server = request->server;
	struct kl_device device;
	struct kl_limit limit;
	struct kl_error err;

	if (!may_guess(request, hashing->user, &limit)) {
		rates_refuse(request, limit.reset_ms, "Too many codes that no terminal shows: wait a minute.");
		return;
	}
	if (kl_device_find(&device, server->store, hashing->code, &server->clock, &err)) {
		show_form(request, 404, cookie, "No terminal asks with this code: see what it shows.", hashing->code,
			  hashing->name);
		return;
	}
	may_forget(request, hashing->user);
	ask_person(request, add_ticket(server->accounts->page, cookie, hashing, &device), &device);
	kl_device_release(&device);
}

static bool take_actor(struct request *request, const char *id)
{
	struct kl_user user;

	if (kl_store_user_get(&user, request->server->store, id, NULL))
		return false;
	request->actor.role = (enum role)user.role;
	memcpy(request->actor.id, user.id, sizeof(user.id));
	snprintf(request->actor.name, sizeof(request->actor.name), "%s", user.name);
	kl_user_release(&user);
	return true;
}

static void on_signed_in(struct hashing *hashing, bool right, const char *hash)
{
	struct request *request = hashing->request;
	char cookie[KL_TOKEN_SIZE];

	(void)hash; /* at another cost it is kept when he signs in by the API */
	if (!read_cookie(cookie, request)) {
		device_page_refuse(request, 403, "Cookies of this page must be allowed.");
	} else if (!right || !signing_holds(request->server, hashing->user, hashing->held) ||
		   !take_actor(request, hashing->user)) {
		show_form(request, 401, cookie, "The name or the password is wrong.", hashing->code, hashing->name);
	} else {
		attempt_succeeds(hashing);
		look_for_terminal(hashing, cookie);
	}
}

static void sign_in(struct hashing *hashing, const char *cookie)
{
	struct request *request = hashing->request;
	struct kl_error err;
	char *hash;

	if (kl_name_read(&hashing->name, &hashing->key, field(request, "name"), &err) ||
	    kl_password_read(&hashing->password, field(request, "password"), NULL, &err)) {
		show_form(request, 401, cookie, "The name or the password is wrong.", hashing->code,
			  field(request, "name"));
		hashing_free(hashing);
	} else if (!attempt_begins(hashing)) {
		hashing_free(hashing);
	} else if (signing_find(&hash, hashing, &err)) {
		refuse_failed(request, &err);
		hashing_free(hashing);
	} else {
		hashing_check(hashing, hashing->password, hash, on_signed_in);
		free(hash);
	}
}

void device_page_post(struct request *request)
{
	const char *code = field(request, "code");
	char cookie[KL_TOKEN_SIZE];
	struct hashing *hashing;

	if (is_ours(cookie, request)) {
		hashing = hashing_new(request);
		hashing->code = kl_strndup(code, strnlen(code, CODE_TYPED_MAX)); /* it waits: a long one is none */
		sign_in(hashing, cookie);
	}
	wipe_body(request);
}

/* --- the answer -------------------------------------------------------------------------------------------------------- */

static void conclude(struct request *request, const struct kl_device *device, bool approved)
{
	struct kl_buf out;

	request_durable(request);
	begin_page(&out, approved ? "The terminal is let in" : "The terminal is not let in");
	add_with(&out, "<p>", device->device,
		 approved ? " goes on by itself in a few seconds. You can close this page.</p>\n"
			  : " was told no. If you did not begin this, somebody showed you a code of theirs.</p>\n");
	end_page(request, 200, &out);
}

static void decide(struct request *request, struct ticket *ticket, bool approved)
{
	struct server *server = request->server;
	struct kl_device device;
	struct kl_error err;
	enum kl_status status = server_write(server, &err);

	if (!signing_holds(server, ticket->actor.id, ticket->held)) {
		device_page_refuse(request, 403, "You can no longer sign in as you did: begin again.");
		return;
	}
	request->actor = ticket->actor;
	if (!status)
		status = kl_device_decide(&device, server->store, ticket->device, ticket->actor.id, approved,
					  &server->clock, &err);
	if (status == KL_ENOENT) {
		device_page_refuse(request, 409,
				   "The terminal asks no more: it took too long, or somebody has decided.");
		return;
	}
	if (status) {
		refuse_failed(request, &err);
		return;
	}
	if (audit_note(request, approved ? "device.approve" : "device.deny", ticket->actor.id, &err, "%s at %s",
		       device.device, device.from))
		refuse_failed(request, &err);
	else
		conclude(request, &device, approved);
	kl_device_release(&device);
}

void device_page_answer(struct request *request)
{
	const char *answer = field(request, "answer");
	bool approved = !strcmp(answer, "approve");
	char cookie[KL_TOKEN_SIZE];
	struct ticket *ticket;

	if (!is_ours(cookie, request))
		return;
	ticket = find_ticket(request->server->accounts->page, field(request, "ticket"), cookie);
	if (!ticket || (!approved && strcmp(answer, "deny") != 0)) {
		device_page_refuse(request, 403, "This question was answered already, or it is too old.");
		return;
	}
	decide(request, ticket, approved);
	forget(request->server->accounts->page, ticket);
}
