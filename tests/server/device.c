/* Terminals that ask to be let in: what the terminal is told, and what the page does, without a browser (tests/browser has one). */

#include <signal.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/path.h>
#include <kodelab/store.h>
#include <kodelab/store_accounts.h>

#include "tests/server/harness.h"

#define OPEN    "accounts.registration = open\njudge.enabled = false\n"
#define PENDING "nobody has let this terminal in yet: ask again"
#define SOON    "asked too soon: wait five seconds more each time"
#define OVER    "this code is over or was used: begin anew"
#define FORM    "Content-Type: application/x-www-form-urlencoded\r\n"
#define MINUTE  INT64_C(60000)
#define PLACES  20000

/* --- the terminal ------------------------------------------------------------------------------------------------------- */

struct terminal {
	char *device, *shown;
};

static void begin(struct terminal *terminal, const struct daemon *daemon, const char *name)
{
	char *body = kl_format("{\"device\":\"%s\"}", name);
	struct reply reply;

	ask(&reply, daemon, "POST /api/auth/device", JSON, body);
	check_has(&reply, 200, "\"verification_uri\":\"http://test/device\"");
	check_has(&reply, 200, "\"expires_in\":600,\"interval\":5}");
	terminal->device = member_of(reply.body, "device_code");
	terminal->shown = member_of(reply.body, "user_code");
	reply_release(&reply);
	free(body);
}

static void poll_is(const struct terminal *terminal, const struct daemon *daemon, int status, const char *part)
{
	char *body = kl_format("{\"device_code\":\"%s\"}", terminal->device);

	expect_has(daemon, "POST /api/auth/device/token", NULL, body, status, part);
	free(body);
}

static void terminal_release(struct terminal *terminal)
{
	free(terminal->device);
	free(terminal->shown);
}

/* --- the browser -------------------------------------------------------------------------------------------------------- */

struct browser {
	char *cookie, *form; /* the header; the hidden word */
	char *ticket;
};

static char *between(const char *text, const char *before, const char *after)
{
	const char *at = strstr(text, before);

	CHECK(at, "no %s in %s", before, text);
	at += strlen(before);
	return kl_strndup(at, (size_t)(strstr(at, after) - at));
}

static void open_page(struct browser *browser, const struct daemon *daemon)
{
	struct reply reply;
	char *cookie;

	ask(&reply, daemon, "GET /device", NULL, NULL);
	check_has(&reply, 200, "<html lang=\"en\">");
	cookie = between(reply.head, "Set-Cookie: ", ";");
	CHECK(strstr(reply.head, "HttpOnly; SameSite=Strict"), "%s", reply.head);
	CHECK(strstr(reply.head, "frame-ancestors 'none'") && strstr(reply.head, "default-src 'none'"), "%s",
	      reply.head);
	*browser = (struct browser){ .cookie = kl_format("Cookie: %s\r\n", cookie) };
	browser->form = between(reply.body, "name=\"form\" value=\"", "\"");
	free(cookie);
	reply_release(&reply);
}

static void browser_release(struct browser *browser)
{
	free(browser->cookie);
	free(browser->form);
	free(browser->ticket);
}

/* Sends the first form; headers: further ones. */
static void enter(struct reply *reply, const struct daemon *daemon, const struct browser *browser, const char *headers,
		  const char *code, const char *name, const char *password)
{
	char *all = kl_format("%s%s" FORM, browser->cookie, headers);
	char *body = kl_format("form=%s&code=%s&name=%s&password=%s", browser->form, code, name, password);

	for (char *at = strstr(body, "password="); (at = strchr(at, ' '));)
		*at = '+';
	ask(reply, daemon, "POST /device", all, body);
	free(all);
	free(body);
}

static void enter_well(struct browser *browser, const struct daemon *daemon, const char *code, const char *name,
		       const char *shown)
{
	struct reply reply;

	enter(&reply, daemon, browser, "", code, name, PASSWORD);
	check_has(&reply, 200, shown);
	free(browser->ticket);
	browser->ticket = between(reply.body, "name=\"ticket\" value=\"", "\"");
	reply_release(&reply);
}

static void decide(const struct daemon *daemon, const struct browser *browser, const char *answer, int status,
		   const char *part)
{
	char *all = kl_format("%s" FORM, browser->cookie);
	char *body = kl_format("form=%s&ticket=%s&answer=%s", browser->form, browser->ticket, answer);
	struct reply reply;

	ask(&reply, daemon, "POST /device/answer", all, body);
	check_has(&reply, status, part);
	reply_release(&reply);
	free(all);
	free(body);
}

/* --- A09 ---------------------------------------------------------------------------------------------------------------- */

static void test_device(void)
{
	struct terminal terminal;
	struct browser browser, other;
	struct daemon daemon;

	daemon_start(&daemon, OPEN);
	free(signed_in(&daemon, "ada", "student"));
	free(signed_in(&daemon, "bob", "student"));
	begin(&terminal, &daemon, "lab-pc-12 <b>");
	poll_is(&terminal, &daemon, 400, PENDING);
	poll_is(&terminal, &daemon, 400, "\"code\":\"SLOW_DOWN\"");
	open_page(&browser, &daemon);
	open_page(&other, &daemon);
	enter_well(&browser, &daemon, terminal.shown, "ada", "<dd>lab-pc-12 &lt;b&gt;</dd>");
	enter_well(&other, &daemon, terminal.shown, "bob", "<dd>127.0.0.1</dd>");
	decide(&daemon, &browser, "approve", 200, "<h1>The terminal is let in</h1>");
	decide(&daemon, &browser, "approve", 403, "This question was answered already, or it is too old.");
	decide(&daemon, &other, "approve", 409,
	       "The terminal asks no more: it took too long, or somebody has decided.");
	daemon_remove(&daemon);
	browser_release(&browser);
	browser_release(&other);
	terminal_release(&terminal);
}

/* What waits for a password to be hashed is small, whatever was typed as the code. */
static void test_long_code(void)
{
	char *code = kl_format("%0100000d", 0);
	struct browser browser;
	struct daemon daemon;
	struct reply reply;
	char *shown;

	daemon_start(&daemon, OPEN);
	open_page(&browser, &daemon);
	enter(&reply, &daemon, &browser, "", code, "nobody", PASSWORD);
	check_has(&reply, 401, "The name or the password is wrong.");
	shown = between(reply.body, "spellcheck=\"false\" aria-describedby=\"fault\" value=\"", "\"");
	CHECK(strlen(shown) == 64, "%s", shown);
	free(shown);
	reply_release(&reply);
	daemon_remove(&daemon);
	browser_release(&browser);
	free(code);
}

/* By a clock that stands, so that each step of it is known. */
static void test_device_in_time(void)
{
	struct terminal granted, denied, late;
	struct browser browser;
	struct daemon daemon;
	struct kl_clock clock;

	kl_clock_init(&clock);
	daemon_prepare(&daemon, OPEN);
	daemon.clock_ms = kl_clock_wall_ms(&clock);
	daemon_start_again(&daemon);
	free(signed_in(&daemon, "ada", "student"));
	begin(&granted, &daemon, "one");
	begin(&denied, &daemon, "two");
	begin(&late, &daemon, "three");
	open_page(&browser, &daemon);
	enter_well(&browser, &daemon, granted.shown, "ada", "<dd>one</dd>");
	decide(&daemon, &browser, "approve", 200, "The terminal is let in");
	enter_well(&browser, &daemon, denied.shown, "ada", "<dd>two</dd>");
	decide(&daemon, &browser, "deny", 200, "The terminal is not let in");
	poll_is(&late, &daemon, 400, "\"code\":\"AUTHORIZATION_PENDING\"");
	poll_is(&late, &daemon, 400, SOON);
	daemon_stop(&daemon, SIGTERM);
	daemon.clock_ms += 6000; /* enough before it was too soon, not now */
	daemon_start_again(&daemon);
	poll_is(&late, &daemon, 400, SOON);
	poll_is(&denied, &daemon, 403, "the terminal was not let in");
	poll_is(&granted, &daemon, 200, "\"name\":\"ada\"");
	poll_is(&granted, &daemon, 400, OVER); /* once */
	daemon_stop(&daemon, SIGTERM);
	daemon.clock_ms += 10 * MINUTE;
	daemon_start_again(&daemon);
	poll_is(&late, &daemon, 400, "\"code\":\"EXPIRED\"");
	expect_has(&daemon, "POST /api/auth/device/token", NULL, "{\"device_code\":\"kld_guessed\"}", 400, OVER);
	daemon_remove(&daemon);
	browser_release(&browser);
	terminal_release(&granted);
	terminal_release(&denied);
	terminal_release(&late);
}

/* Codes are guessed by who has signed in, five a minute; nobody else is kept out by it. */
static void test_guessing(void)
{
	struct terminal terminal;
	struct browser browser;
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, OPEN);
	free(signed_in(&daemon, "ada", "student"));
	free(signed_in(&daemon, "eve", "student"));
	begin(&terminal, &daemon, "lab-pc-12");
	open_page(&browser, &daemon);
	enter(&reply, &daemon, &browser, "", terminal.shown, "eve", "not her password");
	check_has(&reply, 401, "The name or the password is wrong."); /* and not a word about the code */
	reply_release(&reply);
	for (int i = 0; i < 5; i++) {
		enter(&reply, &daemon, &browser, "", "ABCD-EFGH", "eve", PASSWORD);
		check_has(&reply, 404, "No terminal asks with this code: see what it shows.");
		reply_release(&reply);
	}
	enter(&reply, &daemon, &browser, "", terminal.shown, "eve", PASSWORD);
	check_has(&reply, 429, "Too many codes that no terminal shows: wait a minute.");
	CHECK(strstr(reply.head, "Retry-After: "), "%s", reply.head);
	reply_release(&reply);
	enter_well(&browser, &daemon, terminal.shown, "ada", "<dd>lab-pc-12</dd>");
	daemon_remove(&daemon);
	browser_release(&browser);
	terminal_release(&terminal);
}

/* Who knew the old password has let a terminal in, or is about to: neither comes in by it once there is a new one. */
static void test_new_password(void)
{
	static const char change[] = "{\"old\":\"" PASSWORD "\",\"new\":\"another one\"}";
	static const char back[] = "{\"old\":\"another one\",\"new\":\"" PASSWORD "\"}";
	struct terminal approved, asking, kept;
	struct browser browser;
	struct daemon daemon;
	char *ada;

	daemon_start(&daemon, OPEN);
	ada = signed_in(&daemon, "ada", "student");
	begin(&approved, &daemon, "one");
	begin(&asking, &daemon, "two");
	begin(&kept, &daemon, "three");
	open_page(&browser, &daemon);
	enter_well(&browser, &daemon, approved.shown, "ada", "<dd>one</dd>");
	decide(&daemon, &browser, "approve", 200, "The terminal is let in");
	enter_well(&browser, &daemon, asking.shown, "ada", "<dd>two</dd>");
	expect_has(&daemon, "POST /api/auth/password", ada, change, 200, "\"changed\":true");
	decide(&daemon, &browser, "approve", 403, "You can no longer sign in as you did: begin again.");
	poll_is(&asking, &daemon, 400, PENDING);
	poll_is(&approved, &daemon, 403, "the terminal was not let in");
	expect_has(&daemon, "POST /api/auth/password", ada, back, 200, "\"changed\":true");
	enter_well(&browser, &daemon, kept.shown, "ada", "<dd>three</dd>");
	decide(&daemon, &browser, "approve", 200, "The terminal is let in");
	poll_is(&kept, &daemon, 200, "\"name\":\"ada\"");
	daemon_remove(&daemon);
	browser_release(&browser);
	terminal_release(&approved);
	terminal_release(&asking);
	terminal_release(&kept);
	free(ada);
}

/* --- A11 ---------------------------------------------------------------------------------------------------------------- */

static void test_forgery(void)
{
	static const char elsewhere[] = "This form was opened long ago, in another browser, or by another site.";
	static const char *const headers[] = { "Origin: http://evil.example\r\n", "Origin: null\r\n",
					       "Origin: http://test.evil.example\r\n", "Sec-Fetch-Site: cross-site\r\n",
					       "Sec-Fetch-Site: same-site\r\n" };
	struct terminal terminal;
	struct browser browser, other, mixed;
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, OPEN);
	free(signed_in(&daemon, "ada", "student"));
	begin(&terminal, &daemon, "lab-pc-12");
	open_page(&browser, &daemon);
	open_page(&other, &daemon);
	for (size_t i = 0; i < KL_LENGTH(headers); i++) {
		enter(&reply, &daemon, &browser, headers[i], terminal.shown, "ada", PASSWORD);
		check_has(&reply, 403, elsewhere);
		reply_release(&reply);
	}
	mixed = (struct browser){ .cookie = other.cookie, .form = browser.form };
	enter(&reply, &daemon, &mixed, "", terminal.shown, "ada", PASSWORD);
	check_has(&reply, 403, elsewhere);
	reply_release(&reply);
	enter(&reply, &daemon, &browser, "Origin: http://test\r\nSec-Fetch-Site: same-origin\r\n", terminal.shown,
	      "ada", PASSWORD);
	check_has(&reply, 200, "<dd>lab-pc-12</dd>");
	browser.ticket = between(reply.body, "name=\"ticket\" value=\"", "\"");
	reply_release(&reply);
	other.ticket = kl_strdup(browser.ticket);
	decide(&daemon, &other, "approve", 403, "This question was answered already"); /* another browser's */
	poll_is(&terminal, &daemon, 400, PENDING);
	decide(&daemon, &browser, "approve", 200, "The terminal is let in");
	daemon_remove(&daemon);
	browser_release(&browser);
	browser_release(&other);
	terminal_release(&terminal);
}

/* The disk takes nothing more: the page says so, and when to come again; then the terminal is let in. */
static void test_full_disk(void)
{
	struct terminal terminal;
	struct browser browser;
	struct daemon daemon;
	struct reply reply;
	char *all, *body;

	daemon_start(&daemon, OPEN);
	daemon.errors = "storage_full";
	free(signed_in(&daemon, "ada", "student"));
	begin(&terminal, &daemon, "lab-pc-12");
	open_page(&browser, &daemon);
	enter_well(&browser, &daemon, terminal.shown, "ada", "lab-pc-12");
	all = kl_format("%s" FORM, browser.cookie);
	body = kl_format("form=%s&ticket=%s&answer=approve", browser.form, browser.ticket);
	daemon_set_room(&daemon, 4096);
	ask(&reply, &daemon, "POST /device/answer", all, body);
	CHECK(reply.status == 503 && strstr(reply.head, "\r\nRetry-After: 30\r\n"), "%s%s", reply.head, reply.body);
	CHECK(!strstr(reply.body, daemon.folder), "it tells where its files lie: %s", reply.body);
	reply_release(&reply);
	daemon_set_room(&daemon, 0);
	ask_until(&daemon, "GET /health", NULL, "\"status\":\"no judge\""); /* no more: degraded */
	poll_is(&terminal, &daemon, 400, PENDING);
	browser_release(&browser);
	terminal_release(&terminal);
	daemon_remove(&daemon);
	free(body);
	free(all);
}

/* Others hold all of the places but left. */
static void fill_places(struct daemon *daemon, int left)
{
	char *path = kl_path_join(daemon->folder, "kodelabd.db");
	const struct kl_clock clock = { .held_wall_ms = 0 };
	struct kl_store *store;
	struct kl_error err;

	CHECK(!kl_store_open_server(&store, path, &clock, &err), "%s", err.message);
	CHECK(!kl_store_batch_begin(store, &err), "%s", err.message);
	for (int i = left; i < PLACES; i++) {
		char name[] = "lab-pc", from[] = "192.0.2.1";
		struct kl_device device = { .device = name, .from = from, .interval_s = 5 };

		snprintf(device.code, sizeof(device.code), "device %d", i);
		snprintf(device.user_code, sizeof(device.user_code), "shown %d", i);
		device.created_ms = kl_clock_wall_ms(&clock);
		device.until_ms = device.created_ms + 10 * MINUTE;
		CHECK(!kl_store_device_add(store, &device, &err), "%s", err.message);
	}
	CHECK(!kl_store_batch_end(store, &err), "%s", err.message);
	kl_store_close(store);
	free(path);
}

static void begins_from(const struct daemon *daemon, const char *address, int status, const char *part)
{
	char *headers = kl_format("X-Forwarded-For: %s\r\n" JSON, address);

	expect_has(daemon, "POST /api/auth/device", headers, "{}", status, part);
	free(headers);
}

/* No address has more of the places than are then still free; those of one network of IPv6 are one. */
static void test_shares(void)
{
	static const char full[] = "too many terminals ask to be let in: wait for Retry-After seconds";
	struct daemon daemon;

	daemon_start(&daemon, OPEN "access.proxies = 127.0.0.1\n");
	daemon_stop(&daemon, SIGTERM);
	fill_places(&daemon, 8);
	daemon_start_again(&daemon);
	for (int i = 1; i <= 4; i++) {
		char *address = kl_format("2001:db8:0:1:%x::1", i);

		begins_from(&daemon, address, 200, "\"device_code\"");
		free(address);
	}
	begins_from(&daemon, "2001:db8:0:1:5::1", 429, full);
	begins_from(&daemon, "192.0.2.7", 200, "\"device_code\"");
	begins_from(&daemon, "192.0.2.7", 200, "\"device_code\"");
	begins_from(&daemon, "192.0.2.7", 429, full);
	begins_from(&daemon, "192.0.2.8", 200, "\"device_code\"");
	begins_from(&daemon, "192.0.2.9", 200, "\"device_code\"");
	begins_from(&daemon, "192.0.2.10", 429, full); /* there are no more */
	daemon_stop(&daemon, SIGTERM);
	daemon_remove(&daemon);
}

const struct test device_tests[] = {
	{ "A09_device_two_approvals", test_device },
	{ "A09_device_keeps_little_of_what_is_typed", test_long_code },
	{ "A09_device_in_time", test_device_in_time },
	{ "A09_device_guessing", test_guessing },
	{ "A09_device_new_password", test_new_password },
	{ "A11_forgery", test_forgery },
	{ "device_full_disk", test_full_disk },
	{ "device_shares_of_addresses", test_shares },
	{ NULL, NULL },
};
