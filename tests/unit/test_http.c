/*
 * HTTP against a server that misbehaves: what each kind of trouble is called, whether something was sent, what is sent
 * twice and what never, and that a key is in nothing that stays behind.
 *
 * links: tests/unit/http_server.c
 */

#include "tests/unit/http_scene.h"
#include "tests/unit/http_server.h"

#include <kodelab/file.h>
#include <kodelab/log.h>
#include <unistd.h>

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Test: one\r\n\r\nhi"

static bool heard(const struct scene *scene, const char *text)
{
	return strstr(server_heard(scene->server)->data, text) != NULL;
}

static struct kl_http_spec get(const struct scene *scene)
{
	return (struct kl_http_spec){ .method = "GET", .url = server_url(scene->server), .proxy = "" };
}

/* --- answers ---------------------------------------------------------------------------------------------------- */

static void an_answer_comes_whole(void **state)
{
	static const struct act acts[] = { { .answer = OK_ANSWER }, { .answer = OK_ANSWER }, { 0 } };
	struct scene *scene = *state;
	struct kl_http_spec spec;
	struct outcome first, second;

	scene->server = server_open(scene->loop, acts);
	spec = get(scene);
	ask(scene, &first, &spec);
	assert_int_equal(first.end, KL_HTTP_ANSWERED);
	assert_int_equal(first.status, 200);
	assert_string_equal(first.body, "hi");
	assert_string_equal(first.header, "one");
	assert_string_equal(first.error, "");
	assert_true(first.sent && first.connect_us > 0);
	assert_true(first.first_byte_us >= first.connect_us && first.total_us >= first.first_byte_us);
	ask(scene, &second, &spec);
	assert_int_equal(second.connect_us, 0);
	assert_int_equal(server_connections(scene->server), 1);
	assert_true(heard(scene, "GET / HTTP/1.1\r\n"));
	assert_true(heard(scene, "User-Agent: KodeLab/"));
	assert_false(heard(scene, "Expect:"));
	assert_false(heard(scene, "Content-Type:"));
	forget(&first);
	forget(&second);
}

static void bodies_and_headers_are_sent(void **state)
{
	static const struct act acts[] = { { .answer = OK_ANSWER },
					   { .answer = OK_ANSWER },
					   { .answer = OK_ANSWER },
					   { .answer = OK_ANSWER },
					   { 0 } };
	static const struct kl_http_header headers[] = { { "X-Auth-Token", "s3cret", true },
							 { "Content-Type", "application/json", false },
							 { "X-Empty", "", false } };
	struct scene *scene = *state;
	char body[200000];
	struct kl_http_spec spec;
	struct outcome outcome;

	memset(body, 'b', sizeof(body));
	scene->server = server_open(scene->loop, acts);
	spec = (struct kl_http_spec){ .method = "POST",
				      .url = server_url(scene->server),
				      .proxy = "",
				      .headers = headers,
				      .header_count = 3,
				      .body = body,
				      .body_len = sizeof(body) };
	ask(scene, &outcome, &spec);
	assert_int_equal(outcome.status, 200);
	assert_true(heard(scene, "POST / HTTP/1.1\r\n"));
	assert_true(heard(scene, "\r\nX-Auth-Token: s3cret\r\n"));
	assert_true(heard(scene, "\r\nContent-Type: application/json\r\n"));
	assert_true(heard(scene, "\r\nX-Empty:\r\n"));
	assert_true(heard(scene, "\r\nContent-Length: 200000\r\n"));
	assert_false(heard(scene, "Expect:"));
	assert_true(server_heard(scene->server)->len > sizeof(body));
	forget(&outcome);
	spec.body_len = 0;
	ask(scene, &outcome, &spec);
	assert_true(heard(scene, "\r\nContent-Length: 0\r\n"));
	forget(&outcome);
	spec.method = "DELETE";
	ask(scene, &outcome, &spec);
	assert_true(heard(scene, "DELETE / HTTP/1.1\r\n"));
	forget(&outcome);
	spec.method = "PUT";
	spec.body_len = 5;
	ask(scene, &outcome, &spec);
	assert_true(heard(scene, "PUT / HTTP/1.1\r\n"));
	assert_true(heard(scene, "\r\nContent-Length: 5\r\n"));
	forget(&outcome);
}

static void a_redirect_is_an_answer(void **state)
{
	static const struct act none[] = { { 0 } };
	struct scene *scene = *state;
	struct server *elsewhere = server_open(scene->loop, none);
	static const struct kl_http_header key = { "X-Auth-Token", "s3cret", true };
	struct kl_http_spec spec;
	struct outcome outcome;
	char answer[256];
	struct act acts[] = { { .answer = answer }, { 0 } };

	snprintf(answer, sizeof(answer), "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
		 server_url(elsewhere));
	scene->server = server_open(scene->loop, acts);
	spec = get(scene);
	spec.headers = &key;
	spec.header_count = 1;
	ask(scene, &outcome, &spec);
	assert_int_equal(outcome.end, KL_HTTP_ANSWERED);
	assert_int_equal(outcome.status, 302);
	assert_string_equal(outcome.header, server_url(elsewhere));
	assert_int_equal(server_connections(elsewhere), 0);
	server_close(elsewhere);
	forget(&outcome);
}

/* --- trouble ---------------------------------------------------------------------------------------------------- */

#define CHUNKED "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

static const struct trouble {
	const char *name;
	struct act act;
	struct kl_http_spec spec; /* what differs from a plain GET */
	enum kl_http_end end;
	bool sent;
	const char *error; /* after "127.0.0.1:port" */
} troubles[] = {
	{ "cut body",
	  { .answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", .close = true },
	  { 0 },
	  KL_HTTP_BROKEN,
	  true,
	  " broke off: transfer closed with 5 bytes remaining to read" },
	{ "cut chunks",
	  { .answer = CHUNKED "5\r\nhal", .close = true },
	  { 0 },
	  KL_HTTP_BROKEN,
	  true,
	  " broke off: transfer closed with outstanding read data remaining" },
	{ "cut head",
	  { .answer = "HTTP/1.1 200 OK\r\nX-", .close = true },
	  { 0 },
	  KL_HTTP_BROKEN,
	  true,
	  " broke off: the head of the answer is cut off" },
	{ "no answer", { .close = true }, { 0 }, KL_HTTP_BROKEN, true, " broke off: Empty reply from server" },
	{ "not HTTP",
	  { .answer = "SSH-2.0-OpenSSH_9.2\r\n", .close = true },
	  { 0 },
	  KL_HTTP_BROKEN,
	  true,
	  " broke off: Received HTTP/0.9 when not allowed" },
	{ "bad length",
	  { .answer = "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n", .close = true },
	  { 0 },
	  KL_HTTP_BROKEN,
	  true,
	  " broke off: Invalid Content-Length: value" },
	{ "NUL in a header",
	  { .answer = "HTTP/1.1 200 OK\r\nX-Test: a\0b\r\n\r\n", .answer_len = 33, .close = true },
	  { 0 },
	  KL_HTTP_BROKEN,
	  true,
	  " broke off: Nul byte in header" },
	{ "too large by its length",
	  { .answer = "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n", .filler = 101 },
	  { .response_max = 100 },
	  KL_HTTP_TOO_LARGE,
	  true,
	  " is larger than 100 bytes" },
	{ "too large without a length",
	  { .answer = CHUNKED "65\r\n", .filler = 101 },
	  { .response_max = 100 },
	  KL_HTTP_TOO_LARGE,
	  true,
	  " is larger than 100 bytes" },
	{ "a header without an end",
	  { .answer = "HTTP/1.1 200 OK\r\nX-Test: ", .filler = 200000 },
	  { 0 },
	  KL_HTTP_BROKEN,
	  true,
	  " broke off: " },
	{ "silence", { 0 }, { 0 }, KL_HTTP_LATE, true, " has not answered within 1 s" },
	{ "slow drip",
	  { .answer = OK_ANSWER, .drip_ms = 200 },
	  { 0 },
	  KL_HTTP_LATE,
	  true,
	  " has not answered within 1 s" },
	{ "stall", { 0 }, { .stall_ms = 400, .deadline_ms = WAIT_MS }, KL_HTTP_LATE, true, " for 0.4 s" },
};

static void trouble_has_its_name(void **state)
{
	struct scene *scene = *state;

	for (size_t i = 0; i < KL_LENGTH(troubles); i++) {
		const struct trouble *trouble = &troubles[i];
		struct act acts[] = { trouble->act, { 0 } };
		struct kl_http_spec spec = trouble->spec;
		struct outcome outcome;
		char host[64];

		print_message("%s\n", trouble->name);
		scene->server = server_open(scene->loop, acts);
		spec.method = "GET";
		spec.url = server_url(scene->server);
		spec.proxy = "";
		if (!spec.deadline_ms)
			spec.deadline_ms = trouble->end == KL_HTTP_LATE ? 1000 : WAIT_MS;
		ask(scene, &outcome, &spec);
		assert_int_equal(outcome.end, trouble->end);
		assert_int_equal(outcome.sent, trouble->sent);
		assert_int_equal(server_requests(scene->server), 1);
		snprintf(host, sizeof(host), "127.0.0.1:%d", server_port(scene->server));
		assert_non_null(strstr(outcome.error, host));
		assert_non_null(strstr(outcome.error, trouble->error));
		assert_string_equal(outcome.body, "");
		assert_int_equal(outcome.status, 0);
		assert_null(outcome.header);
		forget(&outcome);
		server_close(scene->server);
	}
	scene->server = NULL;
}

static void a_head_of_many_headers_is_too_large(void **state)
{
	struct scene *scene = *state;
	struct kl_http_spec spec;
	struct outcome outcome;
	struct act acts[] = { { 0 }, { 0 } };
	struct kl_buf head;

	kl_buf_init(&head, 1 << 20);
	kl_buf_add_str(&head, "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 5000; i++)
		kl_buf_addf(&head, "X-%d: 0123456789\r\n", i);
	acts[0].answer = head.data;
	scene->server = server_open(scene->loop, acts);
	spec = get(scene);
	ask(scene, &outcome, &spec);
	assert_int_equal(outcome.end, KL_HTTP_TOO_LARGE);
	forget(&outcome);
	kl_buf_release(&head);
}

static void a_drip_that_goes_on_is_no_stall(void **state)
{
	static const struct act acts[] = { { .answer = OK_ANSWER, .drip_ms = 20 }, { 0 } };
	struct scene *scene = *state;
	struct kl_http_spec spec;
	struct outcome outcome;

	scene->server = server_open(scene->loop, acts);
	spec = get(scene);
	spec.stall_ms = 800; /* in all it takes longer */
	ask(scene, &outcome, &spec);
	assert_int_equal(outcome.end, KL_HTTP_ANSWERED);
	assert_true(outcome.total_us > 800000);
	forget(&outcome);
}

static void a_refused_connection_sends_nothing(void **state)
{
	struct scene *scene = *state;
	struct kl_http_spec spec = { .method = "POST", .body = "x", .body_len = 1, .proxy = "" };
	struct outcome outcome;
	char url[64], want[128];
	int port = unused_port();

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", port);
	spec.url = url;
	ask(scene, &outcome, &spec);
	assert_int_equal(outcome.end, KL_HTTP_UNREACHABLE);
	assert_false(outcome.sent);
	snprintf(want, sizeof(want), "cannot reach 127.0.0.1:%d: Failed to connect to 127.0.0.1 port %d", port, port);
	assert_memory_equal(outcome.error, want, strlen(want));
	forget(&outcome);
}

/* --- sent twice, and never -------------------------------------------------------------------------------------- */

static const struct repeat {
	const char *method;
	size_t body_len;
	bool dies_again;
	enum kl_http_end end;
	int requests; /* that reach the server, the first one, which was answered, not counted */
} repeats[] = {
	{ "GET", 0, false, KL_HTTP_ANSWERED, 2 },    { "PUT", 100000, false, KL_HTTP_ANSWERED, 2 },
	{ "DELETE", 0, false, KL_HTTP_ANSWERED, 2 }, { "GET", 0, true, KL_HTTP_BROKEN, 2 },
	{ "POST", 5, false, KL_HTTP_BROKEN, 1 },     { "POST", 0, false, KL_HTTP_BROKEN, 1 },
};

static void a_dead_kept_connection_is_tried_again_only_when_safe(void **state)
{
	struct scene *scene = *state;

	for (size_t i = 0; i < KL_LENGTH(repeats); i++) {
		const struct repeat *repeat = &repeats[i];
		struct act acts[] = { { .answer = OK_ANSWER },
				      { .close = true },
				      { .answer = repeat->dies_again ? NULL : OK_ANSWER, .close = true },
				      { 0 } };
		struct kl_http_spec spec;
		struct outcome outcome;
		char *body = kl_calloc(1, repeat->body_len + 1);

		scene->server = server_open(scene->loop, acts);
		spec = get(scene);
		ask(scene, &outcome, &spec);
		forget(&outcome);
		spec.method = repeat->method;
		spec.body = body;
		spec.body_len = repeat->body_len;
		ask(scene, &outcome, &spec);
		assert_int_equal(outcome.end, repeat->end);
		assert_true(outcome.sent);
		assert_int_equal(outcome.sends, repeat->requests);
		assert_int_equal(server_requests(scene->server) - 1, repeat->requests);
		if (repeat->end == KL_HTTP_BROKEN && !repeat->dies_again)
			assert_non_null(strstr(outcome.error, ": the connection was closed before the answer"));
		forget(&outcome);
		free(body);
		server_close(scene->server);
	}
	scene->server = NULL;
}

/* --- what is refused -------------------------------------------------------------------------------------------- */

static void bad_requests_are_refused(void **state)
{
	static const struct {
		const char *method, *url, *name, *value, *error;
	} cases[] = {
		{ "HEAD", "http://h/", "A", "b", "the method is none of GET, POST, PUT and DELETE" },
		{ "GET", "ftp://h/", "A", "b", "that is no http or https address: write it as https://host:port" },
		{ "GET", "file:///etc/passwd", "A", "b",
		  "that is no http or https address: write it as https://host:port" },
		{ "GET", "h", "A", "b", "that is no http or https address: write it as https://host:port" },
		{ "GET", "http://h/a b", "A", "b", "an address holds no blanks and no control characters" },
		{ "GET", "http://h/\r\nX: y", "A", "b", "an address holds no blanks and no control characters" },
		{ "GET", "http://me:s3cret@h/", "A", "b",
		  "the address of h holds a user name: keys belong into headers" },
		{ "GET", "http://h/", "A", "s3cret\r\nB: c",
		  "the value of the header A holds a line break or control character" },
		{ "GET", "http://h/", "A\r\nB", "s3cret", "the name of a header holds only letters, digits and -" },
		{ "GET", "http://h/", "", "s3cret", "the name of a header holds only letters, digits and -" },
		{ "GET", "http://h/", "A:", "s3cret", "the name of a header holds only letters, digits and -" },
		{ "GET", "http://h/", "content-length", "3", "the header Content-Length cannot be set" },
		{ "GET", "http://h/", "Host", "other", "the header Host cannot be set" },
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_http_header header = { cases[i].name, cases[i].value, true };
		struct kl_http_spec spec = {
			.method = cases[i].method, .url = cases[i].url, .headers = &header, .header_count = 1
		};
		struct kl_http_request *request;
		struct kl_error err;

		assert_int_equal(kl_http_start(&request, scene->http, &spec, note, NULL, &err), KL_EINVAL);
		assert_string_equal(err.message, cases[i].error);
	}
}

/* --- keys ------------------------------------------------------------------------------------------------------- */

static char *plant(void)
{
	static const char mixed[] = "qm`oude,6Py50,jdx"; /* each byte of the key with its last bit turned */
	char *key = kl_strdup(mixed);

	for (char *c = key; *c; c++)
		*c ^= 1;
	return key;
}

static void no_error_and_no_log_has_the_key(void **state)
{
	struct scene *scene = *state;
	char *key = plant(), path[] = "/tmp/kodelab-http-log.XXXXXX", url[64];
	struct kl_http_header header = { "X-Auth-Token", key, true };
	struct kl_buf log;

	close(mkstemp(path));
	assert_int_equal(kl_log_open(path, KL_LOG_DEBUG, NULL), KL_OK);
	for (size_t i = 0; i <= KL_LENGTH(troubles); i++) {
		struct act acts[] = { i < KL_LENGTH(troubles) ? troubles[i].act : (struct act){ 0 }, { 0 } };
		struct kl_http_spec spec = { .method = "GET",
					     .url = url,
					     .proxy = "",
					     .headers = &header,
					     .header_count = 1,
					     .deadline_ms = 400,
					     .response_max = 100 };
		struct outcome outcome;

		scene->server = server_open(scene->loop, acts);
		snprintf(url, sizeof(url), "http://127.0.0.1:%d/",
			 i < KL_LENGTH(troubles) ? server_port(scene->server) : unused_port());
		ask(scene, &outcome, &spec);
		assert_null(strstr(outcome.error, key));
		assert_true(i == KL_LENGTH(troubles) || heard(scene, key));
		forget(&outcome);
		server_close(scene->server);
	}
	scene->server = NULL;
	kl_log_close();
	kl_buf_init(&log, 1 << 20);
	assert_int_equal(kl_file_read(&log, path, NULL), KL_OK);
	assert_null(strstr(log.data, key));
	kl_buf_release(&log);
	unlink(path);
	free(key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_answer_comes_whole, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(bodies_and_headers_are_sent, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(a_redirect_is_an_answer, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(trouble_has_its_name, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(a_head_of_many_headers_is_too_large, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(a_drip_that_goes_on_is_no_stall, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(a_refused_connection_sends_nothing, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(a_dead_kept_connection_is_tried_again_only_when_safe, open_scene,
						close_scene),
		cmocka_unit_test_setup_teardown(bad_requests_are_refused, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(no_error_and_no_log_has_the_key, open_scene, close_scene),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
