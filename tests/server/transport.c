/* What lies between our answers and the wire: TLS, compression, the headers that guard browsers. */

#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <kodelab/alloc.h>
#include <kodelab/http.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>

#include "tests/server/harness.h"

#define PLAIN "judge.enabled = false\n"

/* --- TLS ---------------------------------------------------------------------------------------------------------- */

/* Certificates in the daemon's folder, and a configuration that names two of them. */
static void prepare_tls(struct daemon *daemon, const char *certificate, const char *key)
{
	char *script[] = { (char[]){ "tests/judge/certificates" }, daemon->folder, NULL }, *said, *extra;

	daemon_prepare(daemon, PLAIN);
	said = output_of(script);
	free(said);
	extra = kl_format(PLAIN "tls.certificate = %s/%s.pem\ntls.key = %s/%s.key\n", daemon->folder, certificate,
			  daemon->folder, key);
	daemon_configure(daemon, extra);
	free(extra);
}

struct got {
	bool done;
	enum kl_http_end end;
	int status;
};

static void on_done(void *ctx, const struct kl_http_result *result)
{
	*(struct got *)ctx = (struct got){ true, result->end, result->status };
}

/* Asks as the lab does. */
static struct got fetch(const struct daemon *daemon, const char *scheme, const char *ca)
{
	char *url = kl_format("%s://127.0.0.1:%d/version", scheme, daemon->port);
	char *authority = kl_path_join(daemon->folder, ca);
	struct kl_http_spec spec = { .method = "GET", .url = url, .ca_file = authority, .proxy = "" };
	struct got got = { .done = false };
	struct kl_http_request *request;
	struct kl_loop *loop;
	struct kl_http *http;

	CHECK(!kl_loop_open(&loop, NULL) && !kl_http_open(&http, loop, NULL) &&
		      !kl_http_start(&request, http, &spec, on_done, &got, NULL),
	      "no request to %s", url);
	while (!got.done)
		kl_loop_turn(loop, 100);
	kl_http_close(http);
	kl_loop_close(loop);
	free(authority);
	free(url);
	return got;
}

static void test_tls(void)
{
	struct daemon daemon;
	struct got got;

	prepare_tls(&daemon, "good", "good");
	daemon_start_again(&daemon);
	got = fetch(&daemon, "https", "ca.pem");
	CHECK(got.end == KL_HTTP_ANSWERED && got.status == 200, "ended %d with status %d", got.end, got.status);
	got = fetch(&daemon, "https", "other-ca.pem");
	CHECK(got.end == KL_HTTP_UNTRUSTED, "an authority that did not sign it: ended %d", got.end);
	got = fetch(&daemon, "http", "ca.pem");
	CHECK(got.end == KL_HTTP_BROKEN, "without TLS: ended %d with status %d", got.end, got.status);
	daemon_remove(&daemon);
}

/* openssl offers one version alone; what it says of the server's answer. Owned by the caller. */
static char *offer(const struct daemon *daemon, const char *version)
{
	char *script = kl_format("openssl s_client -connect 127.0.0.1:%d %s -cipher DEFAULT@SECLEVEL=0 </dev/null 2>&1",
				 daemon->port, version);
	char *argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, script, NULL }, *said = output_of(argv);

	free(script);
	return said;
}

static void test_tls_versions(void)
{
	static const struct {
		const char *version, *part;
	} offers[] = {
		{ "-tls1_3", "New, TLSv1.3" },
		{ "-tls1_2", "New, TLSv1.2" },
		{ "-tls1_1", "Cipher is (NONE)" },
		{ "-tls1", "Cipher is (NONE)" },
	};
	struct daemon daemon;

	prepare_tls(&daemon, "good", "good");
	daemon_start_again(&daemon);
	for (size_t i = 0; i < KL_LENGTH(offers); i++) {
		char *said = offer(&daemon, offers[i].version);

		CHECK(strstr(said, offers[i].part), "%s: '%s' was expected in %s", offers[i].version, offers[i].part,
		      said);
		free(said);
	}
	daemon_remove(&daemon);
}

static void refuses(struct daemon *daemon, const char *part)
{
	char *log;

	CHECK(!daemon_try(daemon), "it started");
	log = daemon_log(daemon);
	CHECK(strstr(log, part), "'%s' was expected in %s", part, log);
	free(log);
}

/* What would keep the next start from coming up is said beforehand. */
static void check_says(const struct daemon *daemon, const char *part)
{
	char *script = kl_format("'%s/kodelabd' --config '%s/conf' check", build_folder, daemon->folder);
	char *said = output_of((char *[]){ (char[]){ "/bin/sh" }, (char[]){ "-c" }, script, NULL });

	CHECK(strstr(said, part), "'%s' was expected in %s", part, said);
	free(said);
	free(script);
}

static void test_tls_refusals(void)
{
	struct daemon daemon;
	char *key;

	prepare_tls(&daemon, "good", "other");
	refuses(&daemon, "TLS does not start: is '");
	check_says(&daemon, "bad   TLS         TLS does not start: is '");
	daemon_remove(&daemon);
	prepare_tls(&daemon, "good", "good");
	check_says(&daemon, "good  TLS\n");
	daemon_remove(&daemon);
	prepare_tls(&daemon, "good", "good");
	key = kl_path_join(daemon.folder, "good.key");
	CHECK(chmod(key, 0644) == 0, "chmod");
	refuses(&daemon, "others may read or change the key '");
	CHECK(chmod(key, 0600) == 0, "chmod");
	daemon_configure(&daemon, PLAIN "tls.key = /nowhere\n");
	refuses(&daemon, "TLS needs both: tls.certificate and tls.key");
	daemon_remove(&daemon);
	free(key);
}

/* --- compression -------------------------------------------------------------------------------------------------- */

static char *unzip(const struct reply *reply)
{
	char *text = kl_alloc((size_t)1 << 20);
	z_stream stream = { .next_in = (Bytef *)reply->body,
			    .avail_in = (uInt)reply->len,
			    .next_out = (Bytef *)text,
			    .avail_out = (1U << 20) - 1 };

	CHECK(inflateInit2(&stream, 15 + 16) == Z_OK && inflate(&stream, Z_FINISH) == Z_STREAM_END, "it is no gzip");
	text[stream.total_out] = '\0';
	inflateEnd(&stream);
	return text;
}

static void ask_raw(struct reply *reply, const struct daemon *daemon, const char *path, const char *headers)
{
	int fd = client_connect(daemon);
	char *head = kl_format("GET %s HTTP/1.1\r\nHost: t\r\nConnection: close\r\n%s\r\n", path, headers);

	client_text(fd, head);
	client_read(reply, fd);
	close(fd);
	free(head);
}

static void test_compression(void)
{
	/* clang-format off */
	static const struct { const char *path, *accept; bool compressed; } rows[] = {
		{ "/config_info", "Accept-Encoding: gzip\r\n",              true },
		{ "/config_info", "Accept-Encoding: br, GZip;q=0.5, *\r\n", true },
		{ "/config_info", "Accept-Encoding: gzip;q=0\r\n",          false },
		{ "/config_info", "Accept-Encoding: br\r\n",                false },
		{ "/config_info", "",                                       false },
		{ "/version",     "Accept-Encoding: gzip\r\n",              false }, /* short */
	};
	/* clang-format on */
	struct daemon daemon;
	struct reply plain, reply;

	daemon_start(&daemon, PLAIN);
	ask_raw(&plain, &daemon, "/config_info", "");
	for (size_t i = 0; i < KL_LENGTH(rows); i++) {
		ask_raw(&reply, &daemon, rows[i].path, rows[i].accept);
		CHECK(reply.status == 200, "status %d", reply.status);
		CHECK(!strstr(reply.head, "Content-Encoding: gzip") != rows[i].compressed, "%s%s was answered with %s",
		      rows[i].accept, rows[i].path, reply.head);
		if (rows[i].compressed) {
			char *text = unzip(&reply);

			CHECK(strstr(reply.head, "Vary: Accept-Encoding") && reply.len < plain.len, "%s", reply.head);
			CHECK(!strcmp(text, plain.body), "it is another text");
			free(text);
		}
		reply_release(&reply);
	}
	reply_release(&plain);
	daemon_remove(&daemon);
}

/* H06: what could be a bomb is not unpacked. */
static void test_h06_coded_bodies(void)
{
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, PLAIN "authz.tokens = admin\n");
	ask(&reply, &daemon, "POST /submissions", JSON "Content-Encoding: gzip\r\n", "x");
	CHECK(reply.status == 415, "status %d", reply.status);
	reply_release(&reply);
	ask(&reply, &daemon, "POST /api/holds", JSON "X-Auth-User: admin\r\nContent-Encoding: deflate\r\n", "x");
	check_is(
		&reply, 415,
		"{\"success\":false,\"error\":{\"message\":\"send the body as it is, without Content-Encoding\",\"code\":"
		"\"UNSUPPORTED_MEDIA_TYPE\",\"details\":{}}}");
	reply_release(&reply);
	ask(&reply, &daemon, "POST /authenticate", JSON "Content-Encoding: identity\r\n", "{}");
	CHECK(reply.status == 200, "status %d", reply.status);
	reply_release(&reply);
	daemon_remove(&daemon);
}

static void test_guards(void)
{
	static const char *const guards[] = { "X-Content-Type-Options: nosniff\r\n", "X-Frame-Options: DENY\r\n",
					      "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
					      "Referrer-Policy: no-referrer\r\n",
					      "Cache-Control: no-cache, private\r\n" };
	static const char *const paths[] = { "GET /version", "GET /nowhere", "GET /api/keys", "GET /languages/999" };
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, PLAIN);
	for (size_t i = 0; i < KL_LENGTH(paths); i++) {
		ask(&reply, &daemon, paths[i], NULL, NULL);
		for (size_t j = 0; j < KL_LENGTH(guards); j++)
			CHECK(strstr(reply.head, guards[j]), "%s: no %s in %s", paths[i], guards[j], reply.head);
		reply_release(&reply);
	}
	daemon_remove(&daemon);
}

const struct test transport_tests[] = {
	{ "tls", test_tls },
	{ "tls_versions", test_tls_versions },
	{ "tls_refusals", test_tls_refusals },
	{ "compression", test_compression },
	{ "H06_coded_bodies", test_h06_coded_bodies },
	{ "guards", test_guards },
	{ NULL, NULL },
};
