/*
 * Judge0's contract, row by row: what is asked and what must come, to the letter. Rows of one table share a server; a
 * program is run only where the row says so.
 */

#include <signal.h>

#include <kodelab/alloc.h>

#include "tests/server/harness.h"

enum how { IS, HAS };

struct exchange {
	const char *target, *headers, *body;
	int status;
	enum how how;
	const char *expect;
};

static void run_rows(const struct daemon *daemon, const struct exchange *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct exchange *row = &rows[i];
		struct reply reply;

		ask(&reply, daemon, row->target, row->headers, row->body);
		if (reply.status != row->status || (row->how == IS && strcmp(reply.body, row->expect) != 0) ||
		    (row->how == HAS && !strstr(reply.body, row->expect)))
			test_failed(__FILE__, (int)i, "%s %s\n  expected %d %s\n       got %d %s", row->target,
				    row->body ? row->body : "", row->status, row->expect, reply.status, reply.body);
		reply_release(&reply);
	}
}

static void with(const char *config, const struct exchange *rows, size_t count)
{
	struct daemon daemon;

	daemon_start(&daemon, config);
	run_rows(&daemon, rows, count);
	daemon_remove(&daemon);
}

#define FEW       "judge.languages = \"43 44 46 50 71 89\"\n"
#define LARGE     ((size_t)300 << 10)
#define NEW       "POST /submissions", JSON
#define ACCEPT    "Accept: application/json\r\n"
#define OBJECT    JSON ACCEPT
#define SOURCE    "\"source_code\":\"x\","
#define PYTHON    SOURCE "\"language_id\":71"
#define BAD(text) 422, IS, text
#define LONG_512                                                                                                                           \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* clang-format off */

/* --- validation: 422, each sentence ------------------------------------------------------------------------------- */

static const struct exchange validation[] = {
	{ NEW, "{}", BAD("{\"language_id\":[\"can't be blank\",\"language with id  doesn't exist\"],\"source_code\":[\"can't be blank\"]}") },
	{ NEW, "{\"source_code\":\" \\n\\t\",\"language_id\":71}", BAD("{\"source_code\":[\"can't be blank\"]}") },
	{ NEW, "{\"source_code\":[1],\"language_id\":71}", BAD("{\"source_code\":[\"can't be blank\"]}") },
	{ NEW, "{" SOURCE "\"language_id\":\"\"}", BAD("{\"language_id\":[\"can't be blank\",\"language with id  doesn't exist\"]}") },
	{ NEW, "{" SOURCE "\"language_id\":999}", BAD("{\"language_id\":[\"language with id 999 doesn't exist\"]}") },
	{ NEW, "{" SOURCE "\"language_id\":\"abc\"}", BAD("{\"language_id\":[\"language with id 0 doesn't exist\"]}") },
	{ NEW, "{" SOURCE "\"language_id\":34}", BAD("{\"language_id\":[\"language with id 34 is archived and cannot be used anymore\"]}") },
	{ NEW, "{" SOURCE "\"language_id\":89,\"additional_files\":\"UEs=\"}", BAD("{\"source_code\":[\"must be blank\"]}") },
	{ NEW, "{\"language_id\":89}", BAD("{\"additional_files\":[\"can't be blank\"]}") },
	{ NEW, "{" PYTHON ",\"compiler_options\":\"-O2\"}", BAD("{\"compiler_options\":[\"setting compiler options is only allowed for compiled languages\"]}") },
	{ NEW, "{\"language_id\":89,\"additional_files\":\"UEs=\",\"compiler_options\":\"-O2\"}", BAD("{\"compiler_options\":[\"setting compiler options is only allowed for compiled languages\"]}") },
	{ NEW, "{" SOURCE "\"language_id\":50,\"compiler_options\":\"a" LONG_512 "\"}", BAD("{\"compiler_options\":[\"is too long (maximum is 512 characters)\"]}") },
	{ NEW, "{" PYTHON ",\"command_line_arguments\":\"a" LONG_512 "\"}", BAD("{\"command_line_arguments\":[\"is too long (maximum is 512 characters)\"]}") },
	{ NEW, "{" PYTHON ",\"number_of_runs\":0}", BAD("{\"number_of_runs\":[\"must be greater than 0\"]}") },
	{ NEW, "{" PYTHON ",\"number_of_runs\":21}", BAD("{\"number_of_runs\":[\"must be less than or equal to 20\"]}") },
	{ NEW, "{" PYTHON ",\"number_of_runs\":\"many\"}", BAD("{\"number_of_runs\":[\"is not a number\"]}") },
	{ NEW, "{" PYTHON ",\"cpu_time_limit\":-1}", BAD("{\"cpu_time_limit\":[\"must be greater than or equal to 0\"]}") },
	{ NEW, "{" PYTHON ",\"cpu_time_limit\":15.1}", BAD("{\"cpu_time_limit\":[\"must be less than or equal to 15.0\"]}") },
	{ NEW, "{" PYTHON ",\"cpu_time_limit\":\"0x1\"}", BAD("{\"cpu_time_limit\":[\"is not a number\"]}") },
	{ NEW, "{" PYTHON ",\"cpu_extra_time\":\"5.5\"}", BAD("{\"cpu_extra_time\":[\"must be less than or equal to 5.0\"]}") },
	{ NEW, "{" PYTHON ",\"wall_time_limit\":0.5}", BAD("{\"wall_time_limit\":[\"must be greater than or equal to 1\"]}") },
	{ NEW, "{" PYTHON ",\"wall_time_limit\":21}", BAD("{\"wall_time_limit\":[\"must be less than or equal to 20.0\"]}") },
	{ NEW, "{" PYTHON ",\"memory_limit\":2047}", BAD("{\"memory_limit\":[\"must be greater than or equal to 2048\"]}") },
	{ NEW, "{" PYTHON ",\"memory_limit\":512001}", BAD("{\"memory_limit\":[\"must be less than or equal to 512000\"]}") },
	{ NEW, "{" PYTHON ",\"stack_limit\":-1}", BAD("{\"stack_limit\":[\"must be greater than or equal to 0\"]}") },
	{ NEW, "{" PYTHON ",\"stack_limit\":128001}", BAD("{\"stack_limit\":[\"must be less than or equal to 128000\"]}") },
	{ NEW, "{" PYTHON ",\"max_processes_and_or_threads\":0}", BAD("{\"max_processes_and_or_threads\":[\"must be greater than 0\"]}") },
	{ NEW, "{" PYTHON ",\"max_processes_and_or_threads\":121}", BAD("{\"max_processes_and_or_threads\":[\"must be less than or equal to 120\"]}") },
	{ NEW, "{" PYTHON ",\"max_file_size\":4097}", BAD("{\"max_file_size\":[\"must be less than or equal to 4096\"]}") },
	{ NEW, "{" PYTHON ",\"enable_network\":true}", BAD("{\"enable_network\":[\"enabling network is not allowed\"]}") },
	{ NEW, "{" PYTHON ",\"enable_network\":\"xyz\"}", BAD("{\"enable_network\":[\"enabling network is not allowed\"]}") },
	{ NEW, "{" PYTHON ",\"callback_url\":\"http://a/\"}", BAD("{\"callback_url\":[\"setting callback is not allowed\"]}") },
	{ NEW, "{" SOURCE "\"language_id\":999,\"cpu_time_limit\":99,\"memory_limit\":1}",
	  BAD("{\"language_id\":[\"language with id 999 doesn't exist\"],\"memory_limit\":[\"must be greater than or equal to 2048\"],\"cpu_time_limit\":[\"must be less than or equal to 15.0\"]}") },
	{ "POST /submissions?base64_encoded=true", JSON, "{\"source_code\":\"%%%\",\"language_id\":71}", BAD("{\"source_code\":[\"can't be blank\"]}") },
	/* taken */
	{ NEW, "{" PYTHON ",\"enable_network\":\"off\",\"number_of_runs\":1.5,\"cpu_time_limit\":\"2\"}", 201, HAS, "{\"token\":\"" },
	{ NEW, "{" PYTHON ",\"command_line_arguments\":\"" LONG_512 "\",\"nonsense\":{}}", 201, HAS, "{\"token\":\"" },
	{ NEW, "{" SOURCE "\"language_id\":\"46.9\"}", 201, HAS, "{\"token\":\"" },
	{ NEW, "{" SOURCE "\"language_id\":46.9}", 201, HAS, "{\"token\":\"" },
};

static void test_validation(void)
{
	with(FEW, validation, KL_LENGTH(validation));
}

/* --- transport and errors ----------------------------------------------------------------------------------------- */

static const struct exchange transport[] = {
	{ "GET /docs", NULL, NULL, 200, HAS, "" },
	{ "GET /isolate", NULL, NULL, 200, HAS, "kodelab-box " },
	{ "GET /license", NULL, NULL, 200, HAS, "MIT License" },
	{ "GET /about", NULL, NULL, 200, IS, "{\"version\":\"1.13.1\",\"maintainer\":\"KodeLab\",\"server\":\"kodelabd " KL_VERSION "\"}" },
	{ "GET /about/", NULL, NULL, 200, HAS, "\"version\":\"1.13.1\"" },
	{ "GET /about.json", NULL, NULL, 200, HAS, "\"version\":\"1.13.1\"" },
	{ "GET /version", NULL, NULL, 200, IS, "1.13.1" },
	{ "GET /", NULL, NULL, 200, IS, "" },
	{ "HEAD /about", NULL, NULL, 200, IS, "" },
	{ "GET /nowhere", ACCEPT, NULL, 404, IS, "{\"status\":404,\"error\":\"Not Found\"}" },
	{ "GET /nowhere", "Accept: */*\r\n", NULL, 404, IS, "" },
	{ "GET /nowhere", NULL, NULL, 404, IS, "" },
	{ "DELETE /about", ACCEPT, NULL, 404, IS, "{\"status\":404,\"error\":\"Not Found\"}" },
	{ "GET /submissions/6f0f0d3c-0000-4000-8000-000000000000", ACCEPT, NULL, 404, IS, "{\"status\":404,\"error\":\"Not Found\"}" },
	{ "GET /submissions/x%00y", NULL, NULL, 400, IS, "" },
	{ "GET /languages/999", ACCEPT, NULL, 404, IS, "{\"status\":404,\"error\":\"Not Found\"}" },
	{ "POST /submissions", OBJECT, "{\"source", 400, IS, "{\"status\":400,\"error\":\"Bad Request\"}" },
	{ "POST /submissions", OBJECT, "{\"source_code\":\"\xff\"}", 400, IS, "{\"status\":400,\"error\":\"Bad Request\"}" },
	{ "POST /submissions", JSON, "{\"source", 400, IS, "" },
	{ "GET /submissions/any?fields=foo,bar", NULL, NULL, 400, IS, "{\"error\":\"invalid fields: [foo, bar]\"}" },
	{ "GET /submissions/any?fields=token,%20time", NULL, NULL, 400, IS, "{\"error\":\"invalid fields: [ time]\"}" },
	{ "POST /submissions?fields=id", JSON, "{}", 400, IS, "{\"error\":\"invalid fields: [id]\"}" },
	{ "GET /submissions", NULL, NULL, 403, IS, "" },
	{ "DELETE /submissions/any", NULL, NULL, 403, IS, "" },
	{ "POST /authenticate", NULL, NULL, 200, IS, "" },
	{ "POST /authorize", NULL, NULL, 403, IS, "" },
	{ "OPTIONS /submissions", "Origin: http://a\r\nAccess-Control-Request-Method: POST\r\n", NULL, 200, IS, "" },
	/* one space of parameters */
	{ "POST /submissions?language_id=999&source_code=x", NULL, NULL, 422, IS, "{\"language_id\":[\"language with id 999 doesn't exist\"]}" },
	{ "POST /submissions", "Content-Type: application/x-www-form-urlencoded\r\n", "source_code=a+b%21&language_id=999", 422, IS, "{\"language_id\":[\"language with id 999 doesn't exist\"]}" },
	{ "POST /submissions", JSON, "{\"wait\":\"true\",\"fields\":\"stdout\",\"source_code\":\"x y\",\"language_id\":43}", 201, IS, "{\"stdout\":\"x y\"}" },
	{ "POST /submissions", JSON, "{\"wait\":true,\"source_code\":\"x y\",\"language_id\":43}", 201, HAS, "{\"token\":\"" },
	{ "POST /submissions?wait=1&fields=stdout", JSON, "{\"source_code\":\"x\",\"language_id\":43}", 201, HAS, "{\"token\":\"" },
	{ "GET /statuses", NULL, NULL, 200, IS, "[{\"id\":1,\"description\":\"In Queue\"},{\"id\":2,\"description\":\"Processing\"},{\"id\":3,\"description\":\"Accepted\"},{\"id\":4,\"description\":\"Wrong Answer\"},{\"id\":5,\"description\":\"Time Limit Exceeded\"},{\"id\":6,\"description\":\"Compilation Error\"},{\"id\":7,\"description\":\"Runtime Error (SIGSEGV)\"},{\"id\":8,\"description\":\"Runtime Error (SIGXFSZ)\"},{\"id\":9,\"description\":\"Runtime Error (SIGFPE)\"},{\"id\":10,\"description\":\"Runtime Error (SIGABRT)\"},{\"id\":11,\"description\":\"Runtime Error (NZEC)\"},{\"id\":12,\"description\":\"Runtime Error (Other)\"},{\"id\":13,\"description\":\"Internal Error\"},{\"id\":14,\"description\":\"Exec Format Error\"}]" },
	{ "GET /languages", NULL, NULL, 200, HAS, "{\"id\":71,\"name\":\"Python (3." },
	{ "GET /languages/all", NULL, NULL, 200, HAS, "{\"id\":34,\"name\":\"Python (3.6.0)\",\"is_archived\":true}" },
	{ "GET /languages/43", NULL, NULL, 200, IS, "{\"id\":43,\"name\":\"Plain Text\",\"is_archived\":false,\"source_file\":\"text.txt\",\"compile_cmd\":null,\"run_cmd\":\"/usr/bin/cat text.txt\"}" },
	{ "GET /languages/50", NULL, NULL, 200, HAS, "\"source_file\":\"main.c\",\"compile_cmd\":\"/usr/bin/gcc %s main.c -lm\",\"run_cmd\":\"./a.out\"}" },
	{ "GET /languages/89", NULL, NULL, 200, IS, "{\"id\":89,\"name\":\"Multi-file program\",\"is_archived\":false,\"source_file\":null,\"compile_cmd\":null,\"run_cmd\":null}" },
	{ "GET /config_info", NULL, NULL, 200, HAS, "\"max_queue_size\":10000,\"cpu_time_limit\":5.0,\"max_cpu_time_limit\":15.0," },
	{ "GET /workers", NULL, NULL, 200, HAS, "[{\"queue\":\"1.13.1\",\"size\":" },
	{ "GET /system_info", NULL, NULL, 200, HAS, "\"CPU(s)\":\"" },
	{ "GET /statistics", NULL, NULL, 200, HAS, "\"cached_until\":\"" },
	{ "GET /health", NULL, NULL, 200, HAS, "{\"status\":\"ok\",\"queue_length\":" },
	{ "GET /metrics", NULL, NULL, 200, HAS, "# TYPE kodelabd_requests_total counter\nkodelabd_requests_total{code=\"2xx\"} " },
};

static void test_transport(void)
{
	with(FEW, transport, KL_LENGTH(transport));
}

/* --- a form that is not taken ------------------------------------------------------------------------------------- */

#define MULTIPART      "Content-Type: multipart/form-data; boundary=b\r\n"
#define PARTS          "--b\r\nContent-Disposition: form-data; name=\"source_code\"\r\n\r\nx\r\n--b--\r\n"
#define NO_PARTS       "multipart bodies are not taken: send JSON (Content-Type: application/json)"
#define NOT_TAKEN      415, IS, "{\"error\":\"" NO_PARTS "\"}"
#define NOT_TAKEN_KEYS 415, IS, "{\"success\":false,\"error\":{\"message\":\"" NO_PARTS "\",\"code\":\"UNSUPPORTED_MEDIA_TYPE\",\"details\":{}}}"

static const struct exchange multipart[] = {
	{ "POST /submissions", MULTIPART "X-Auth-Token: one\r\n", PARTS, NOT_TAKEN },
	{ "POST /submissions?wait=true&language_id=43&source_code=x", MULTIPART "X-Auth-Token: one\r\n", PARTS, NOT_TAKEN },
	{ "POST /submissions/batch", MULTIPART "X-Auth-Token: one\r\n", PARTS, NOT_TAKEN },
	{ "POST /submissions", "Content-Type: MultiPart/Mixed\r\nX-Auth-Token: one\r\n", PARTS, NOT_TAKEN },
	{ "POST /authenticate", MULTIPART "X-Auth-Token: one\r\n", PARTS, NOT_TAKEN },
	{ "GET /about", MULTIPART "X-Auth-Token: one\r\n", NULL, NOT_TAKEN },
	{ "POST /api/keys", MULTIPART "X-Auth-User: chief\r\n", PARTS, NOT_TAKEN_KEYS },
	{ "POST /api/holds", MULTIPART "X-Auth-User: chief\r\n", PARTS, NOT_TAKEN_KEYS },
	/* who may not ask at all is told that */
	{ "POST /submissions", MULTIPART, PARTS, 401, IS, "" },
	{ "POST /nowhere", MULTIPART, PARTS, 404, IS, "" },
};

static void test_multipart(void)
{
	with(FEW "authn.tokens = one\nauthz.tokens = chief\n", multipart, KL_LENGTH(multipart));
}

/* --- batches ------------------------------------------------------------------------------------------------------ */

#define BATCH "POST /submissions/batch", JSON
#define NONE  400, IS, "{\"error\":\"there should be at least one submission in a batch\"}"

static const struct exchange batches[] = {
	{ BATCH, "{}", NONE },
	{ BATCH, "{\"submissions\":[]}", NONE },
	{ BATCH, "{\"submissions\":{}}", NONE },
	{ BATCH, "[{\"source_code\":\"x\",\"language_id\":43}]", NONE },
	{ BATCH, "{\"submissions\":[1]}", 500, IS, "" },
	{ BATCH, "{\"submissions\":\"x\"}", 500, IS, "" },
	{ BATCH, "{\"submissions\":[{},{},{},{}]}", 400, IS, "{\"error\":\"number of submissions in a batch should be less than or equal to 3\"}" },
	{ BATCH, "{\"submissions\":[{" SOURCE "\"language_id\":999},{\"language_id\":43}]}", 422, IS, "[{\"language_id\":[\"language with id 999 doesn't exist\"]},{\"source_code\":[\"can't be blank\"]}]" },
	{ BATCH, "{\"submissions\":[{" SOURCE "\"language_id\":999},{" SOURCE "\"language_id\":43}]}", 201, HAS, "[{\"language_id\":[\"language with id 999 doesn't exist\"]},{\"token\":\"" },
	{ "POST /submissions/batch?wait=true&fields=nonsense", JSON, "{\"submissions\":[null,{" SOURCE "\"language_id\":43}]}", 201, HAS, "[{\"token\":\"" },
	{ "GET /submissions/batch", NULL, NULL, NONE },
	{ "GET /submissions/batch?tokens=", NULL, NULL, NONE },
	{ "GET /submissions/batch?tokens=a,b,c,d", NULL, NULL, 400, IS, "{\"error\":\"number of submissions in a batch should be less than or equal to 3\"}" },
	{ "GET /submissions/batch?tokens=a,b", NULL, NULL, 200, IS, "{\"submissions\":[null,null]}" },
	{ "GET /submissions/batch", "tokens: a\r\n", NULL, 200, IS, "{\"submissions\":[null]}" },
	{ "GET /submissions/batch?tokens=a&fields=x", NULL, NULL, 400, IS, "{\"error\":\"invalid fields: [x]\"}" },
};

static void test_batches(void)
{
	with(FEW "judge0.max_submission_batch_size = 3\n", batches, KL_LENGTH(batches));
}

/* --- gates, in their order ---------------------------------------------------------------------------------------- */

static const struct exchange closed[] = {
	{ "POST /submissions?wait=true", "X-Auth-Token: two\r\n", NULL, 400, IS, "{\"error\":\"wait not allowed\"}" },
	{ "POST /submissions", NULL, NULL, 401, IS, "" },
	{ "POST /submissions", "X-Auth-Token: wrong\r\n", NULL, 401, IS, "" },
	{ "POST /authenticate", "X-Auth-Token: one\r\n", NULL, 200, IS, "" },
	{ "POST /authenticate?X-Auth-Token=one", NULL, NULL, 200, IS, "" },
	{ "POST /authenticate", NULL, NULL, 401, IS, "" },
	{ "POST /authorize", "X-Auth-Token: one\r\n", NULL, 403, IS, "" },
	{ "POST /authorize", "X-Auth-Token: one\r\nX-Boss: chief\r\n", NULL, 200, IS, "" },
	{ "POST /authorize", "X-Boss: chief\r\n", NULL, 401, IS, "" },
	{ "GET /", NULL, NULL, 200, IS, "" },
	{ "GET /health", NULL, NULL, 200, HAS, "\"status\":\"ok\"" },
	{ "GET /submissions/batch?tokens=a", "X-Auth-Token: one\r\n", NULL, 400, IS, "{\"error\":\"batched submissions are not allowed\"}" },
	{ "POST /submissions/batch", "X-Auth-Token: one\r\n", NULL, 400, IS, "{\"error\":\"batched submissions are not allowed\"}" },
	{ "DELETE /submissions/any", "X-Auth-Token: one\r\nX-Boss: chief\r\n", NULL, 400, IS, "{\"error\":\"delete not allowed\"}" },
	{ "POST /submissions", JSON "X-Auth-Token: one\r\n", "{" PYTHON ",\"command_line_arguments\":\"a\"}", BAD("{\"command_line_arguments\":[\"setting command line arguments is not allowed\"]}") },
	{ "POST /submissions", JSON "X-Auth-Token: one\r\n", "{" PYTHON ",\"additional_files\":\"UEs=\"}", BAD("{\"additional_files\":[\"setting additional files is not allowed\"]}") },
	{ "POST /submissions", JSON "X-Auth-Token: one\r\n", "{" SOURCE "\"language_id\":50,\"compiler_options\":\"-O2\"}", BAD("{\"compiler_options\":[\"setting compiler options is not allowed\"]}") },
	{ "POST /submissions", JSON "X-Auth-Token: one\r\n", "{" PYTHON ",\"enable_per_process_and_thread_time_limit\":true,\"enable_per_process_and_thread_memory_limit\":true}",
	  BAD("{\"enable_per_process_and_thread_time_limit\":[\"this option cannot be enabled\"],\"enable_per_process_and_thread_memory_limit\":[\"this option cannot be enabled\"]}") },
	{ "GET /config_info", "X-Auth-Token: one\r\n", NULL, 200, HAS, "\"enable_wait_result\":false,\"enable_compiler_options\":false," },
};

static void test_closed(void)
{
	with(FEW "authn.tokens = one two\nauthz.tokens = chief\nauthz.header = X-Boss\njudge0.enable_wait_result = no\n"
		 "judge0.enable_batched_submissions = no\njudge0.enable_command_line_arguments = no\n"
		 "judge0.enable_additional_files = no\njudge0.enable_compiler_options = no\n"
		 "judge0.allow_enable_per_process_and_thread_time_limit = no\n"
		 "judge0.allow_enable_per_process_and_thread_memory_limit = no\n",
	     closed, KL_LENGTH(closed));
}

static const struct exchange maintained[] = {
	{ "POST /submissions?wait=true&fields=foo", JSON, "{}", 503, IS, "{\"error\":\"Back at noon.\"}" },
	{ "DELETE /submissions/any", "X-Auth-User: chief\r\n", NULL, 503, IS, "{\"error\":\"Back at noon.\"}" },
	{ "DELETE /submissions/any", NULL, NULL, 403, IS, "" },
	{ "GET /submissions/any", NULL, NULL, 404, IS, "" },
	{ "GET /submissions", "X-Auth-User: chief\r\n", NULL, 200, IS, "{\"submissions\":[],\"meta\":{\"current_page\":1,\"next_page\":null,\"prev_page\":null,\"total_pages\":0,\"total_count\":0}}" },
	{ "GET /submissions?page=0", "X-Auth-User: chief\r\n", NULL, 400, IS, "{\"error\":\"invalid page: 0\"}" },
	{ "GET /submissions?page=abc", "X-Auth-User: chief\r\n", NULL, 400, IS, "{\"error\":\"invalid page: 0\"}" },
	{ "GET /submissions?per_page=-2", "X-Auth-User: chief\r\n", NULL, 400, IS, "{\"error\":\"invalid per_page: -2\"}" },
	{ "GET /submissions?per_page=abc", "X-Auth-User: chief\r\n", NULL, 500, IS, "" },
	{ "POST /submissions/batch", JSON, "{\"submissions\":[{" SOURCE "\"language_id\":43}]}", 201, HAS, "[{\"token\":\"" },
	{ "GET /config_info", NULL, NULL, 200, HAS, "{\"maintenance_mode\":true," },
};

static void test_maintenance(void)
{
	with(FEW "maintenance = yes\nmaintenance_message = Back at noon.\nauthz.tokens = chief\n", maintained,
	     KL_LENGTH(maintained));
}

static const struct exchange options[] = {
	{ NEW, "{" SOURCE "\"language_id\":75,\"compiler_options\":\"-O2\"}", BAD("{\"language_id\":[\"language with id 75 doesn't exist\"]}") },
	{ NEW, "{" SOURCE "\"language_id\":50,\"compiler_options\":\"-O2\"}", BAD("{\"compiler_options\":[\"setting compiler options is only allowed for C++, Go and Java\"]}") },
	/* an administrator's default above the maximum fails whoever does not give a value */
	{ NEW, "{" PYTHON "}", BAD("{\"memory_limit\":[\"must be less than or equal to 4096\"]}") },
};

static void test_options(void)
{
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, FEW "judge0.allowed_languages_for_compile_options = C++ Go Java\n");
	run_rows(&daemon, options, 2);
	daemon_configure(&daemon, FEW "judge0.max_memory_limit_kib = 4096\n");
	kill(daemon.pid, SIGHUP);
	daemon_expect(&daemon, "READY=1");
	ask(&reply, &daemon, options[2].target, options[2].headers, options[2].body);
	check_is(&reply, options[2].status, options[2].expect);
	daemon_remove(&daemon);
}

/* clang-format on */

/* --- a full queue ----------------------------------------------------------------------------------------------- */

static void test_full_queue(void)
{
	static const char full[] = "{\"error\":\"queue is full\"}";
	struct daemon daemon;
	struct reply reply;

	/* No judge: what comes stays. */
	daemon_start(&daemon, "judge.enabled = no\nqueue.max = 2\n");
	ask(&reply, &daemon, "POST /submissions/batch", JSON, "{\"submissions\":[{},{},{}]}");
	check_is(&reply, 503, full);
	ask(&reply, &daemon, NEW, "{}");
	CHECK(reply.status == 422, "with room: %d %s", reply.status, reply.body);
	daemon_remove(&daemon);

	/* Four slow ones fill one worker and the two places. */
	daemon_start(&daemon, FEW HELD_LIMITS "queue.max = 2\nqueue.fair = no\njudge.workers = 1\n");
	for (int i = 0; i < 3; i++) {
		ask(&reply, &daemon, NEW, "{\"source_code\":\"sleep 999\",\"language_id\":46}");
		CHECK(reply.status == 201, "%d: %d %s", i, reply.status, reply.body);
		ask_until(&daemon, "GET /health", NULL, "\"processing\":1");
	}
	ask(&reply, &daemon, "POST /submissions?wait=true&fields=foo", JSON, "");
	check_is(&reply, 503, full);
	ask(&reply, &daemon, "GET /health", NULL, NULL);
	check_has(&reply, 200, "\"queue_length\":2,\"processing\":1,\"max_concurrent\":1,");
	daemon_remove(&daemon);
}

/* Whoever sends too much is told that it is full; the others are served, and in turn. */
static void test_full_for_one(void)
{
	static const char full[] = "{\"error\":\"queue is full\"}",
			  slow[] = "{\"source_code\":\"sleep 999\",\"language_id\":46}";
	static const char *const users[] = { JSON "X-Auth-Token: ada\r\n", JSON "X-Auth-Token: bob\r\n",
					     JSON
					     "X-Auth-Token: ada\r\nX-Auth-User: chief\r\nX-KodeLab-User: cleo\r\n" };
	static const int waiting[] = { 4, 2, 1 };
	char *large = kl_alloc(LARGE + 1), *body;
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, FEW HELD_LIMITS
		     "authn.tokens = ada bob\nauthz.tokens = chief\nqueue.max = 8\njudge.workers = 1\n");
	ask(&reply, &daemon, "POST /submissions", users[0], slow);
	check_has(&reply, 201, "{\"token\":\"");
	ask_until(&daemon, "GET /health", users[0], "\"processing\":1");
	for (size_t i = 0; i < KL_LENGTH(users); i++) {
		for (int n = 0; n < waiting[i]; n++) {
			ask(&reply, &daemon, "POST /submissions", users[i], slow);
			CHECK(reply.status == 201, "%zu, %d: %d %s", i, n, reply.status, reply.body);
		}
		ask(&reply, &daemon, "POST /submissions?wait=true", users[i], slow);
		check_is(&reply, 503, full);
	}
	daemon_remove(&daemon);

	memset(large, '#', LARGE);
	large[LARGE] = '\0';
	body = kl_format("{\"source_code\":\"sleep 999\\n%s\",\"language_id\":46}", large);
	daemon_start(&daemon, FEW HELD_LIMITS "authn.tokens = ada bob\nqueue.max_mib = 1\njudge.workers = 1\n");
	for (int n = 0; n < 3; n++) { /* one begins, two wait */
		ask(&reply, &daemon, "POST /submissions", users[0], body);
		CHECK(reply.status == 201, "%d: %d %s", n, reply.status, reply.body);
		ask_until(&daemon, "GET /health", users[0], "\"processing\":1");
	}
	ask(&reply, &daemon, "POST /submissions", users[0], body);
	check_is(&reply, 503, full);
	ask(&reply, &daemon, "POST /submissions", users[1], body);
	check_has(&reply, 201, "{\"token\":\"");
	ask(&reply, &daemon, "POST /submissions", users[1], body);
	check_is(&reply, 503, full);
	daemon_remove(&daemon);
	free(body);
	free(large);
}

const struct test contract_tests[] = {
	{ "validation", test_validation },
	{ "transport", test_transport },
	{ "multipart", test_multipart },
	{ "batches", test_batches },
	{ "closed", test_closed },
	{ "maintenance", test_maintenance },
	{ "options", test_options },
	{ "full_queue", test_full_queue },
	{ "full_for_one", test_full_for_one },
	{ NULL, NULL },
};
