/*
 * HTTP over TLS against openssl's own server: whom the client trusts, what it says of whom it does not, how long it
 * keeps the loop, and that nothing of a key is left in the memory of the process.
 *
 * links: tests/unit/http_server.c
 */

#include "tests/unit/http_scene.h"
#include "tests/unit/http_server.h"

#include <fcntl.h>
#include <kodelab/file.h>
#include <kodelab/path.h>
#include <kodelab/worker.h>
#include <netdb.h>
#include <unistd.h>

#define ANSWER      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
#define LOOP_MAX_US 50000
#define KEY_LEN     17
static const char mixed_key[] = "qm`oude,6Py50,jdx"; /* each byte of the key with its last bit turned */

static char folder[] = "/tmp/kodelab-tls.XXXXXX";
static int hang_pipe[2];

/* In the place of the C library's: libcurl's thread calls it. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **out)
{
	char byte;

	(void)service;
	(void)hints;
	(void)out;
	if (!strcmp(name, "hang.test") && read(hang_pipe[0], &byte, 1) < 0)
		return EAI_SYSTEM;
	return EAI_NONAME;
}

/* --- openssl as a server ---------------------------------------------------------------------------------------- */

struct openssl {
	struct kl_worker *worker;
	int port; /* 0: not yet */
	bool ended;
};

static void on_line(void *ctx, const char *line, size_t len)
{
	const char *colon = strrchr(line, ':');

	(void)len;
	if (!strncmp(line, "ACCEPT", 6) && colon)
		((struct openssl *)ctx)->port = (int)strtol(colon + 1, NULL, 10);
}

static void on_end(void *ctx, const struct kl_worker_result *result)
{
	(void)result;
	((struct openssl *)ctx)->ended = true;
}

static void serve(struct scene *scene, struct openssl *openssl, const char *certificate)
{
	char pem[64], key[64];
	const char *const argv[] = { "openssl", "s_server", "-accept", "127.0.0.1:0", "-HTTP",
				     "-cert",   pem,        "-key",    key,           NULL };
	const struct kl_worker_spec spec = {
		.argv = argv, .dir = folder, .on_line = on_line, .on_done = on_end, .ctx = openssl
	};

	snprintf(pem, sizeof(pem), "%s.pem", certificate);
	snprintf(key, sizeof(key), "%s.key", certificate);
	*openssl = (struct openssl){ .port = 0 };
	assert_int_equal(kl_worker_start(&openssl->worker, scene->loop, &spec, NULL), KL_OK);
	while (!openssl->port && !openssl->ended)
		kl_loop_turn(scene->loop, 100);
	assert_false(openssl->ended);
}

static void stop(struct scene *scene, struct openssl *openssl)
{
	kl_worker_cancel(openssl->worker);
	while (!openssl->ended)
		kl_loop_turn(scene->loop, 100);
}

static void ended(void *ctx, const struct kl_worker_result *result)
{
	*(bool *)ctx = true;
	assert_true(result->started && result->wait_status == 0);
}

static int make_certificates(void **state)
{
	const char *const argv[] = { "tests/judge/certificates", folder, NULL };
	bool done = false;
	const struct kl_worker_spec spec = { .argv = argv, .on_done = ended, .ctx = &done };
	struct kl_worker *worker;
	struct kl_loop *loop;
	char *path;

	(void)state;
	if (!mkdtemp(folder) || pipe(hang_pipe) < 0 || kl_loop_open(&loop, NULL) ||
	    kl_worker_start(&worker, loop, &spec, NULL))
		return -1;
	while (!done)
		kl_loop_turn(loop, 100);
	kl_loop_close(loop);
	path = kl_path_join(folder, "answer");
	done = kl_file_write(path, ANSWER, strlen(ANSWER), 0600, NULL) == KL_OK;
	free(path);
	return done ? 0 : -1;
}

static int remove_certificates(void **state)
{
	(void)state;
	return kl_file_remove_tree(folder, NULL) ? -1 : 0;
}

/* --- whom it trusts --------------------------------------------------------------------------------------------- */

static const struct trust {
	const char *certificate, *usual, *ca; /* usual: instead of the machine's authorities; NULL: those */
	enum kl_http_end end;
	const char *error;
} trusts[] = {
	{ "good", NULL, "ca.pem", KL_HTTP_ANSWERED, "" },
	{ "good", NULL, NULL, KL_HTTP_UNTRUSTED, "unable to get local issuer certificate" },
	{ "other", NULL, "ca.pem", KL_HTTP_UNTRUSTED, "unable to get local issuer certificate" },
	{ "self", NULL, "ca.pem", KL_HTTP_UNTRUSTED, "self-signed certificate" },
	{ "expired", NULL, "ca.pem", KL_HTTP_UNTRUSTED, "certificate has expired" },
	{ "wrong-name", NULL, "ca.pem", KL_HTTP_UNTRUSTED, "subject name matches target host name 'localhost'" },
	{ "good", NULL, "nowhere.pem", KL_HTTP_UNTRUSTED, "nowhere.pem" },
	/* a further authority is beside the system's, it does not replace them */
	{ "good", "ca.pem", NULL, KL_HTTP_ANSWERED, "" },
	{ "good", "other-ca.pem", NULL, KL_HTTP_UNTRUSTED, "unable to get local issuer certificate" },
	{ "good", "other-ca.pem", "ca.pem", KL_HTTP_ANSWERED, "" },
	{ "other", "other-ca.pem", "ca.pem", KL_HTTP_ANSWERED, "" },
	{ "self", "other-ca.pem", "ca.pem", KL_HTTP_UNTRUSTED, "self-signed certificate" },
};

static void trust_one(const struct trust *trust)
{
	char *usual = trust->usual ? kl_path_join(folder, trust->usual) : NULL;
	char *ca = trust->ca ? kl_path_join(folder, trust->ca) : NULL;
	struct kl_http_spec spec = { .method = "POST", .body = "x", .body_len = 1, .proxy = "", .ca_file = ca };
	struct openssl openssl;
	struct outcome outcome;
	struct scene *scene;
	void *state;
	char url[64];

	assert_int_equal(open_scene(&state), 0);
	scene = state;
	if (usual) {
		kl_http_close(scene->http);
		setenv("SSL_CERT_FILE", usual, 1);
		assert_int_equal(kl_http_open(&scene->http, scene->loop, NULL), KL_OK);
	}
	serve(scene, &openssl, trust->certificate);
	snprintf(url, sizeof(url), "https://localhost:%d/answer", openssl.port);
	spec.url = url;
	if (trust->end == KL_HTTP_ANSWERED) {
		spec.method = "GET"; /* s_server knows nothing else */
		spec.body_len = 0;
	}
	ask(scene, &outcome, &spec);
	assert_int_equal(outcome.end, trust->end);
	assert_int_equal(outcome.sent, trust->end == KL_HTTP_ANSWERED);
	assert_string_equal(outcome.body, trust->end == KL_HTTP_ANSWERED ? "hi" : "");
	assert_non_null(strstr(outcome.error, trust->error));
	if (trust->end != KL_HTTP_ANSWERED && strcmp(trust->certificate, "good") != 0)
		assert_memory_equal(outcome.error, "no secure connection to localhost:", 34);
	forget(&outcome);
	stop(scene, &openssl);
	close_scene(&state);
	free(usual);
	free(ca);
}

static void only_known_authorities_are_trusted(void **state)
{
	(void)state;
	for (size_t i = 0; i < KL_LENGTH(trusts); i++) {
		print_message("%s, usual %s, further %s\n", trusts[i].certificate,
			      trusts[i].usual ? trusts[i].usual : "-", trusts[i].ca ? trusts[i].ca : "-");
		trust_one(&trusts[i]);
	}
}

static enum kl_http_end knock(struct scene *scene, const struct openssl *openssl, const char *ca)
{
	struct kl_http_spec spec = { .method = "GET", .proxy = "", .ca_file = ca };
	struct outcome outcome;
	enum kl_http_end end;
	char url[64];

	snprintf(url, sizeof(url), "https://localhost:%d/answer", openssl->port);
	spec.url = url;
	ask(scene, &outcome, &spec);
	end = outcome.end;
	forget(&outcome);
	return end;
}

static void replace(const char *path, const char *by)
{
	char *from = kl_path_join(folder, by);
	struct kl_buf text;

	kl_buf_init(&text, 100000);
	assert_int_equal(kl_file_read(&text, from, NULL), KL_OK);
	assert_int_equal(kl_file_write(path, text.data, text.len, 0600, NULL), KL_OK);
	kl_buf_release(&text);
	free(from);
}

/* A further authority is read once, and anew when its file is another one. */
static void a_renewed_authority_is_read(void **state)
{
	char *usual = kl_path_join(folder, "other-ca.pem"), *ca = kl_path_join(folder, "further.pem");
	struct openssl openssl;
	struct scene *scene;
	void *made;

	(void)state;
	assert_int_equal(open_scene(&made), 0);
	scene = made;
	kl_http_close(scene->http);
	setenv("SSL_CERT_FILE", usual, 1);
	assert_int_equal(kl_http_open(&scene->http, scene->loop, NULL), KL_OK);
	serve(scene, &openssl, "good");
	replace(ca, "other-ca.pem");
	for (int i = 0; i < 2; i++)
		assert_int_equal(knock(scene, &openssl, ca), KL_HTTP_UNTRUSTED);
	replace(ca, "ca.pem");
	for (int i = 0; i < 2; i++)
		assert_int_equal(knock(scene, &openssl, ca), KL_HTTP_ANSWERED);
	stop(scene, &openssl);
	close_scene(&made);
	unsetenv("SSL_CERT_FILE");
	free(usual);
	free(ca);
}

static void a_broken_handshake_sends_nothing(void **state)
{
	static const struct {
		struct act act;
		enum kl_http_end end;
	} cases[] = {
		{ { .answer = "HTTP/1.1 400 Bad Request\r\n\r\n", .close = true, .raw = true }, KL_HTTP_UNREACHABLE },
		{ { .close = true, .raw = true }, KL_HTTP_UNREACHABLE },
		{ { .raw = true }, KL_HTTP_UNREACHABLE }, /* connect_ms passes */
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct act acts[] = { cases[i].act, { 0 } };
		struct kl_http_spec spec = { .method = "GET", .proxy = "", .connect_ms = 1000 };
		struct outcome outcome;
		char url[64];

		scene->server = server_open(scene->loop, acts);
		snprintf(url, sizeof(url), "https://127.0.0.1:%d/", server_port(scene->server));
		spec.url = url;
		if (cases[i].act.close)
			spec.connect_ms = WAIT_MS;
		ask(scene, &outcome, &spec);
		assert_int_equal(outcome.end, cases[i].end);
		assert_false(outcome.sent);
		assert_int_equal(server_requests(scene->server), 1);
		forget(&outcome);
		server_close(scene->server);
	}
	scene->server = NULL;
}

/* --- the loop is not held up ------------------------------------------------------------------------------------ */

static void the_loop_is_never_held_up(void **state)
{
	struct scene scene = { .server = NULL };
	char *ca = kl_path_join(folder, "ca.pem"), url[64];
	struct kl_http_spec spec = { .method = "GET", .url = url, .proxy = "", .ca_file = ca };
	struct openssl openssl;
	struct outcome outcome;
	int64_t open_us;

	(void)state;
	unsetenv("SSL_CERT_FILE");
	assert_int_equal(kl_loop_open(&scene.loop, NULL), KL_OK);
	serve(&scene, &openssl, "good");
	snprintf(url, sizeof(url), "https://localhost:%d/answer", openssl.port);
	open_us = thread_us();
	assert_int_equal(kl_http_open(&scene.http, scene.loop, NULL), KL_OK);
	open_us = thread_us() - open_us;
	ask(&scene, &outcome, &spec);
	assert_int_equal(outcome.end, KL_HTTP_ANSWERED);
	print_message("first open %.1f ms, longest turn with a handshake %.1f ms\n", (double)open_us / 1000,
		      (double)scene.longest_turn_us / 1000);
	assert_true(open_us < LOOP_MAX_US);
	assert_true(scene.longest_turn_us < LOOP_MAX_US);
	forget(&outcome);
	kl_http_close(scene.http);
	stop(&scene, &openssl);
	kl_loop_close(scene.loop);
	free(ca);
}

static void a_hanging_name_holds_up_nothing(void **state)
{
	struct scene *scene = *state;
	struct kl_http_spec spec = { .method = "GET", .url = "http://hang.test/", .proxy = "", .deadline_ms = 40 };
	struct outcome late, canceled, closed;
	int64_t begin_ms;

	begin_ms = kl_clock_mono_ms();
	ask(scene, &late, &spec);
	assert_int_equal(late.end, KL_HTTP_LATE);
	assert_false(late.sent);
	spec.deadline_ms = WAIT_MS;
	spec.connect_ms = WAIT_MS;
	start(scene, &canceled, &spec);
	start(scene, &closed, &spec);
	turn(scene);
	kl_http_cancel(canceled.request);
	wait_for(scene, &canceled);
	assert_int_equal(canceled.end, KL_HTTP_CANCELED);
	kl_http_close(scene->http);
	scene->http = NULL;
	assert_int_equal(closed.end, KL_HTTP_CANCELED);
	assert_true(kl_clock_mono_ms() - begin_ms < WAIT_MS / 2); /* and the name still hangs */
	assert_int_equal(write(hang_pipe[1], "abc", 3), 3); /* the threads may go */
	forget(&late);
	forget(&canceled);
	forget(&closed);
}

static void an_unknown_name_sends_nothing(void **state)
{
	struct scene *scene = *state;
	struct kl_http_spec spec = { .method = "POST", .url = "https://nothing.test/", .proxy = "" };
	struct outcome outcome;

	ask(scene, &outcome, &spec);
	assert_int_equal(outcome.end, KL_HTTP_UNREACHABLE);
	assert_false(outcome.sent);
	assert_string_equal(outcome.error, "cannot reach nothing.test:443: Could not resolve host: nothing.test");
	forget(&outcome);
}

/* --- keys ------------------------------------------------------------------------------------------------------- */

static bool is_key(const char *bytes)
{
	for (size_t i = 0; i < KEY_LEN; i++)
		if ((bytes[i] ^ 1) != mixed_key[i])
			return false;
	return true;
}

/* How often the key lies in the writable memory of this process, without making a copy of it. */
static int count_keys(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512], permissions[5];
	unsigned long from, to;
	int count = 0;

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		/* NOLINTNEXTLINE(cert-err34-c): the kernel writes it */
		if (sscanf(line, "%lx-%lx %4s", &from, &to, permissions) != 3 || strncmp(permissions, "rw", 2) != 0 ||
		    strstr(line, "[vvar]"))
			continue;
		for (const char *at = (const char *)from; at + KEY_LEN <= (const char *)to; at++)
			count += *at == 'p' && is_key(at);
	}
	fclose(maps);
	return count;
}

#if defined(__SANITIZE_ADDRESS__)
#define UNSEARCHABLE "the sanitizer keeps terabytes of shadow"
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNSEARCHABLE "the sanitizer keeps terabytes of shadow"
#endif
#endif

static void send_key(struct scene *scene, struct kl_http_spec *spec, enum kl_http_end end)
{
	char key[KEY_LEN + 1];
	struct kl_http_header header = { "X-Auth-Token", key, true };
	struct outcome outcome;

	for (size_t i = 0; i < KEY_LEN; i++)
		key[i] = (char)(mixed_key[i] ^ 1);
	key[KEY_LEN] = '\0';
	spec->headers = &header;
	spec->header_count = 1;
	start(scene, &outcome, spec);
	assert_true(count_keys() > 1); /* the search finds what is there: ours, and the request's */
	explicit_bzero(key, sizeof(key));
	wait_for(scene, &outcome);
	assert_int_equal(outcome.end, end);
	forget(&outcome);
}

static void nothing_of_a_key_is_left(void **state)
{
	struct scene *scene = *state;
	char *ca = kl_path_join(folder, "ca.pem"), url[64];
	struct kl_http_spec spec = { .method = "GET", .url = url, .proxy = "", .ca_file = ca };
	struct openssl openssl;

#ifdef UNSEARCHABLE
	print_message("skipped: %s\n", UNSEARCHABLE);
	free(ca);
	skip();
#else
	serve(scene, &openssl, "good");
	snprintf(url, sizeof(url), "https://localhost:%d/answer", openssl.port);
	send_key(scene, &spec, KL_HTTP_ANSWERED);
	assert_int_equal(count_keys(), 0);
	stop(scene, &openssl); /* it serves one connection at a time, and that one is kept */
	serve(scene, &openssl, "self");
	snprintf(url, sizeof(url), "https://localhost:%d/answer", openssl.port);
	send_key(scene, &spec, KL_HTTP_UNTRUSTED);
	assert_int_equal(count_keys(), 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", unused_port());
	send_key(scene, &spec, KL_HTTP_UNREACHABLE);
	assert_int_equal(count_keys(), 0);
	stop(scene, &openssl);
	free(ca);
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_loop_is_never_held_up), /* first: libcurl is not yet loaded */
		cmocka_unit_test(only_known_authorities_are_trusted),
		cmocka_unit_test(a_renewed_authority_is_read),
		cmocka_unit_test_setup_teardown(a_broken_handshake_sends_nothing, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(nothing_of_a_key_is_left, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(an_unknown_name_sends_nothing, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(a_hanging_name_holds_up_nothing, open_scene, close_scene),
	};

	return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
