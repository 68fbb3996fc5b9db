/* Programs judged: how each end looks through the API (section by section what Judge0 measured shows). */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zip.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/crypto.h>

#include "tests/server/harness.h"

#define FEW "judge.languages = \"43 44 46 50 71 89\"\n"

struct program {
	const char *what, *fields, *body, *expect;
};

/* clang-format off */
#define C(code)  "{\"language_id\":50,\"source_code\":\"#include <stdio.h>\\n#include <stdlib.h>\\n#include <string.h>\\n#include <unistd.h>\\n" code "\""
#define PY(code) "{\"language_id\":71,\"source_code\":\"" code "\""
#define SH(code) "{\"language_id\":46,\"source_code\":\"" code "\""
#define ENDS     "stdout,exit_code,exit_signal,message,status_id"

static const struct program programs[] = {
	{ "right", ENDS, PY("print(input())") ",\"stdin\":\"7\",\"expected_output\":\"7\"}",
	  "{\"stdout\":\"7\\n\",\"status_id\":3,\"exit_code\":0,\"exit_signal\":null,\"message\":null}" },
	{ "wrong", ENDS, PY("print(6)") ",\"expected_output\":\"7\"}",
	  "{\"stdout\":\"6\\n\",\"status_id\":4,\"exit_code\":0,\"exit_signal\":null,\"message\":null}" },
	{ "right with another exit", ENDS, PY("print(7);exit(2)") ",\"expected_output\":\"7\"}",
	  "{\"stdout\":\"7\\n\",\"status_id\":11,\"exit_code\":2,\"exit_signal\":null,\"message\":\"Exited with error status 2\"}" },
	{ "nothing is not empty", ENDS, PY("pass") ",\"expected_output\":\"\"}",
	  "{\"stdout\":null,\"status_id\":4,\"exit_code\":0,\"exit_signal\":null,\"message\":null}" },
	{ "a line is empty", ENDS, PY("print()") ",\"expected_output\":\"\"}",
	  "{\"stdout\":\"\\n\",\"status_id\":3,\"exit_code\":0,\"exit_signal\":null,\"message\":null}" },
	{ "segv", ENDS ",stderr", C("int main(){puts(\\\"a\\\");fflush(stdout);*(volatile int*)0=1;}") "}",
	  "{\"stdout\":\"a\\n\",\"status_id\":11,\"stderr\":\"run: line 1:     3 Segmentation fault      ./a.out\\n\",\"exit_code\":139,\"exit_signal\":null,\"message\":\"Exited with error status 139\"}" },
	{ "abort", ENDS, C("int main(){abort();}") "}",
	  "{\"stdout\":null,\"status_id\":11,\"exit_code\":134,\"exit_signal\":null,\"message\":\"Exited with error status 134\"}" },
	{ "division", ENDS, C("int main(int c,char**v){return 7/(c-1);}") "}",
	  "{\"stdout\":null,\"status_id\":11,\"exit_code\":136,\"exit_signal\":null,\"message\":\"Exited with error status 136\"}" },
	{ "cpu", ENDS, SH("echo 1; while :; do :; done") ",\"cpu_time_limit\":0.3,\"cpu_extra_time\":0}",
	  "{\"stdout\":\"1\\n\",\"status_id\":5,\"exit_code\":0,\"exit_signal\":null,\"message\":\"Time limit exceeded\"}" },
	{ "cpu within the extra time", ENDS, C("#include <time.h>\\nint main(){while(clock()<CLOCKS_PER_SEC/2);puts(\\\"late\\\");}") ",\"cpu_time_limit\":0.2,\"cpu_extra_time\":3}",
	  "{\"stdout\":\"late\\n\",\"status_id\":5,\"exit_code\":0,\"exit_signal\":null,\"message\":\"Time limit exceeded\"}" },
	{ "wall", ENDS, SH("echo 1; sleep 30") ",\"wall_time_limit\":3}",
	  "{\"stdout\":\"1\\n\",\"status_id\":5,\"exit_code\":0,\"exit_signal\":null,\"message\":\"Time limit exceeded (wall clock)\"}" },
	{ "memory", ENDS, C("int main(){size_t n=200<<20;char*p=malloc(n);memset(p,1,n);puts(p+n-2);for(;;)pause();}") ",\"memory_limit\":65536}",
	  "{\"stdout\":null,\"status_id\":11,\"exit_code\":137,\"exit_signal\":null,\"message\":\"Exited with error status 137\"}" },
	{ "output", "exit_code,status_id,message", C("int main(){for(;;)puts(\\\"xxxxxxxxxxxxxxx\\\");}") ",\"max_file_size\":4}",
	  "{\"status_id\":11,\"exit_code\":153,\"message\":\"Exited with error status 153\"}" },
	{ "compiler options", ENDS, C("int main(){puts(X);}") ",\"compiler_options\":\"-DX=\\\\\\\"a\\\\\\\" ; $&|<>`\"}",
	  "{\"stdout\":\"a\\n\",\"status_id\":3,\"exit_code\":0,\"exit_signal\":null,\"message\":null}" },
	{ "arguments of two lines", ENDS, PY("import sys;print(sys.argv[1:])") ",\"command_line_arguments\":\"a\\necho b\"}",
	  "{\"stdout\":\"['aecho', 'b']\\n\",\"status_id\":3,\"exit_code\":0,\"exit_signal\":null,\"message\":null}" },
	{ "arguments", ENDS, PY("import sys;print(sys.argv[1:])") ",\"command_line_arguments\":\"a 'b c' $; x\"}",
	  "{\"stdout\":\"['a', 'b c', 'x']\\n\",\"status_id\":3,\"exit_code\":0,\"exit_signal\":null,\"message\":null}" },
	{ "warnings are kept", "stdout,compile_output,status_id", C("#warning old\\nint main(){puts(\\\"a\\\");}") "}",
	  "{\"stdout\":\"a\\n\",\"status_id\":3,\"compile_output\":\"main.c:5:2: warning: #warning old [-Wcpp]\\n    5 | #warning old\\n      |  ^~~~~~~\\n\"}" },
	{ "a hostile include", "status_id,compile_output", C("#include \\\"/dev/zero\\\"\\n") ",\"compiler_options\":\"-w\"}", "{\"status_id\":6," },
	{ "joined", "stdout,stderr", SH("echo a; echo b >&2; echo c") ",\"redirect_stderr_to_stdout\":true}",
	  "{\"stdout\":\"a\\nb\\nc\\n\",\"stderr\":null}" },
	{ "apart", "stdout,stderr", SH("echo a; echo b >&2; echo c") "}", "{\"stdout\":\"a\\nc\\n\",\"stderr\":\"b\\n\"}" },
	{ "runs", "stdout,status_id,number_of_runs", PY("print(1)") ",\"number_of_runs\":3}",
	  "{\"stdout\":\"1\\n\",\"status_id\":3,\"number_of_runs\":3}" },
	{ "plain text", "stdout", "{\"language_id\":43,\"source_code\":\"x y\"}", "{\"stdout\":\"x y\"}" },
	{ "control characters pass", "stdout", SH("printf 'a\\\\0b\\\\033'") "}", "{\"stdout\":\"a\\u0000b\\u001b\"}" },
	{ "bytes do not", "stdout", SH("printf '\\\\303\\\\244'") "}",
	  "\"error\":\"some attributes for this submission cannot be converted to UTF-8, use base64_encoded=true query parameter\"}" },
	{ "harmless fields do", "status_id", SH("printf '\\\\303\\\\244'") "}", "{\"status_id\":3}" },
	{ "home and folder", "stdout", SH("pwd; echo $HOME; touch /tmp/x && echo ok; ls") "}", "{\"stdout\":\"/box\\n/tmp\\nok\\nrun\\nscript.sh\\n\"}" },
	{ "no network", "stdout", SH("(exec 3<>/dev/tcp/127.0.0.1/22) 2>/dev/null && echo open || echo closed") "}", "{\"stdout\":\"closed\\n\"}" },
};

/* clang-format on */

/* What X-Queue-Position says of the tokens; "": nothing. */
static void check_position(const struct daemon *daemon, const char *target, bool asks, const char *expected)
{
	static const char name[] = "X-Queue-Position: ";
	struct reply reply;
	const char *said;

	ask(&reply, daemon, target, asks ? "X-Queue-Position: wanted\r\n" : NULL, NULL);
	CHECK(reply.status == 200, "%d %s", reply.status, reply.body);
	said = strstr(reply.head, name);
	said = said ? said + sizeof(name) - 1 : "\r\n";
	CHECK(strcspn(said, "\r") == strlen(expected) && !strncmp(said, expected, strlen(expected)),
	      "%s: expected '%s', got %s", target, expected, reply.head);
	reply_release(&reply);
}

/* Who asks for it learns how many are ahead; Judge0's own clients see nothing of it. */
static void test_position(void)
{
	struct daemon daemon;
	struct reply reply;
	char tokens[4][40], target[256];

	daemon_start(&daemon, FEW HELD_LIMITS "judge.workers = 1\n");
	for (size_t i = 0; i < KL_LENGTH(tokens); i++) {
		ask(&reply, &daemon, "POST /submissions", JSON, SH("sleep 999") "}");
		CHECK(reply.status == 201, "%d %s", reply.status, reply.body);
		snprintf(tokens[i], sizeof(tokens[i]), "%.36s", strstr(reply.body, "\":\"") + 3);
		reply_release(&reply);
		for (bool runs = i > 0; !runs;) { /* before others come */
			snprintf(target, sizeof(target), "GET /submissions/%s?fields=status_id", tokens[i]);
			ask(&reply, &daemon, target, NULL, NULL);
			runs = strstr(reply.body, "\"status_id\":2") != NULL;
			reply_release(&reply);
		}
	}
	for (size_t i = 0; i < KL_LENGTH(tokens); i++) {
		static const char *const expected[] = { "", "0", "1", "2" };

		snprintf(target, sizeof(target), "GET /submissions/%s", tokens[i]);
		check_position(&daemon, target, true, expected[i]);
		check_position(&daemon, target, false, "");
	}
	snprintf(target, sizeof(target), "GET /submissions/batch?tokens=%s,%s,%s", tokens[0], tokens[3], tokens[2]);
	check_position(&daemon, target, true, "1");
	check_position(&daemon, target, false, "");
	daemon_remove(&daemon);
}

static void test_programs(void)
{
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, FEW);
	for (size_t i = 0; i < KL_LENGTH(programs); i++) {
		judge(&reply, &daemon, programs[i].fields, programs[i].body);
		if (reply.status != 201 || !strstr(reply.body, programs[i].expect))
			test_failed(__FILE__, (int)i, "%s\n  expected %s\n       got %d %s", programs[i].what,
				    programs[i].expect, reply.status, reply.body);
		reply_release(&reply);
	}
	daemon_remove(&daemon);
}

static void test_compile_error(void)
{
	static const char source[] = "{\"language_id\":50,\"source_code\":\"aW50IG1haW4oe30=\"}"; /* int main({} */
	struct daemon daemon;
	struct reply reply;
	char *at;
	size_t line = 0;

	daemon_start(&daemon, FEW);
	ask(&reply, &daemon,
	    "POST /submissions?wait=true&base64_encoded=true&fields=stdout,stderr,time,memory,exit_code,message,status_id",
	    JSON, source);
	check_is(
		&reply, 201,
		"{\"stdout\":null,\"status_id\":6,\"time\":null,\"memory\":null,\"stderr\":null,\"exit_code\":null,\"message\":null}");
	ask(&reply, &daemon, "POST /submissions?wait=true&base64_encoded=true&fields=compile_output", JSON, source);
	/* gcc's quotes are no ASCII; lines of 60 characters, each with its end */
	check_has(&reply, 201, "{\"compile_output\":\"bWFpbi5j");
	CHECK(!strcmp(reply.body + reply.len - 4, "\\n\"}"), "no line end at the end: %s", reply.body);
	at = strstr(reply.body, "bWFpbi5j");
	line = strcspn(at, "\\");
	CHECK(line == 60, "a line of %zu characters", line);
	ask(&reply, &daemon, "POST /submissions?wait=true&fields=stdout,compile_output", JSON,
	    "{\"language_id\":50,\"compiler_options\":\"-fmax-errors=1\",\"source_code\":\"int main({}\"}");
	CHECK(!strncmp(reply.body, "{\"token\":\"", 10), "no token: %s", reply.body);
	check_has(&reply, 201, "\",\"error\":\"some attributes for this submission cannot be converted to UTF-8");
	daemon_remove(&daemon);
}

/* --- several files ---------------------------------------------------------------------------------------------- */

#define LAID_OVER 1U

struct entry {
	const char *name, *text;
	unsigned mode; /* 0: does not say; LAID_OVER: its bytes are said to be the first entry's */
};

/* What the directory of a zip says of the second and later entries that lie over the first. */
static void lay_over(char *bytes, size_t len, const struct entry *entries)
{
	const char *first = NULL;
	size_t index = 0;

	for (char *at = bytes; (at = memmem(at, len - (size_t)(at - bytes), "PK\1\2", 4)) != NULL; at += 46) {
		if (!first)
			first = at;
		if (entries[index++].mode == LAID_OVER) {
			memcpy(at + 10, first + 10, 18); /* method, time, checksum, sizes */
			memcpy(at + 42, first + 42, 4); /* where it is */
		}
	}
}

/* base64 of a zip of them; owned. */
static char *make_zip(const struct entry *entries, size_t count)
{
	zip_error_t error;
	zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &error);
	zip_t *zip;
	zip_stat_t st;
	char *bytes, *text;

	zip_source_keep(target);
	zip = zip_open_from_source(target, ZIP_TRUNCATE, &error);
	CHECK(zip, "no zip");
	for (size_t i = 0; i < count; i++) {
		zip_source_t *from = zip_source_buffer(zip, entries[i].text, strlen(entries[i].text), 0);
		zip_int64_t index = zip_file_add(zip, entries[i].name, from, ZIP_FL_ENC_UTF_8);

		CHECK(index >= 0, "%s", zip_strerror(zip));
		if (entries[i].mode)
			zip_file_set_external_attributes(zip, (zip_uint64_t)index, 0, ZIP_OPSYS_UNIX,
							 entries[i].mode << 16);
	}
	CHECK(zip_close(zip) == 0, "%s", zip_strerror(zip));
	zip_source_open(target);
	zip_source_stat(target, &st);
	bytes = kl_alloc((size_t)st.size);
	zip_source_read(target, bytes, st.size);
	zip_source_close(target);
	zip_source_free(target);
	lay_over(bytes, (size_t)st.size, entries);
	text = kl_base64(bytes, (size_t)st.size);
	free(bytes);
	return text;
}

static void judge_zip(struct reply *out, const struct daemon *daemon, const struct entry *entries, size_t count,
		      const char *more, const char *fields)
{
	char *zip = make_zip(entries, count);
	char *body = kl_format("{\"additional_files\":\"%s\",%s}", zip, more);

	judge(out, daemon, fields, body);
	free(zip);
	free(body);
}

static void test_compile_limits(void)
{
	static const char multi[] = "\"language_id\":89", fields[] = "stdout,compile_output,status_id";
	const struct entry slow[] = { { "compile", "echo before; sleep 30", 0 }, { "run", "echo hi", 0 } };
	const struct entry hungry[] = { { "compile",
					  "python3 -c 'x=bytearray(400<<20);print(1);import time;time.sleep(999)'", 0 },
					{ "run", "echo hi", 0 } };
	const struct entry prolific[] = { { "compile", "for i in {1..300}; do : >f$i; done", 0 },
					  { "run", "echo hi", 0 } };
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, FEW "judge0.wall_time_limit_ms = 2000\njudge0.max_wall_time_limit_ms = 2000\n");
	judge_zip(&reply, &daemon, slow, 2, multi, fields);
	check_is(&reply, 201,
		 "{\"stdout\":null,\"status_id\":6,\"compile_output\":\"Compilation time limit exceeded.\"}");
	daemon_stop(&daemon, SIGTERM);
	daemon_configure(&daemon, FEW HELD_LIMITS "judge0.max_memory_limit_kib = 200000\n");
	daemon_start_again(&daemon);
	judge_zip(&reply, &daemon, hungry, 2, multi, fields);
	check_is(&reply, 201,
		 "{\"stdout\":null,\"status_id\":6,\"compile_output\":\"Compilation memory limit exceeded.\"}");
	judge_zip(&reply, &daemon, prolific, 2, multi, fields);
	check_has(&reply, 201, "{\"stdout\":null,\"status_id\":6,\"compile_output\":\"");
	CHECK(strstr(reply.body, "200"), "it says how many may be left: %s", reply.body);
	daemon_remove(&daemon);
}

/* What the lab's own client sends: a runner that forks the tests, compiled there. */
static const char runner[] = "#include <stdio.h>\n#include <unistd.h>\n#include <sys/wait.h>\n"
			     "int main(void){int s,i;for(i=0;i<3;i++){fflush(stdout);if(!fork()){"
			     "FILE*f=fopen(\"/tmp/x\",\"w\");fprintf(f,\"%d\",i);fclose(f);"
			     "execl(\"./program\",\"program\",(char*)0);_exit(9);}wait(&s);"
			     "printf(\"test %d: %d\\n\",i,WEXITSTATUS(s));}return 0;}\n";

static void test_multi_file(void)
{
	static const char multi[] = "\"language_id\":89";
	const struct entry whole[] = {
		{ "compile", "gcc -o runner sub/runner.c && gcc -o program program.c", 0 },
		{ "run", "./runner", 0 },
		{ "sub/runner.c", runner, 0 },
		{ "program.c",
		  "#include <stdio.h>\nint main(void){int n;FILE*f=fopen(\"/tmp/x\",\"r\");"
		  "if(fscanf(f,\"%d\",&n)!=1)return 8;return n+1;}",
		  0 },
	};
	const struct entry bare[] = { { "run", "echo hi; cat", 0 } }, none[] = { { "other", "x", 0 } };
	const struct entry signaled[] = { { "run", "exec python3 -c 'import os;os.kill(os.getpid(),11)'", 0 } };
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, FEW);
	judge_zip(&reply, &daemon, whole, KL_LENGTH(whole), multi, "stdout,stderr,compile_output,status_id");
	check_is(
		&reply, 201,
		"{\"stdout\":\"test 0: 1\\ntest 1: 2\\ntest 2: 3\\n\",\"status_id\":3,\"stderr\":null,\"compile_output\":null}");
	judge_zip(&reply, &daemon, bare, 1, "\"language_id\":89,\"stdin\":\"in\",\"command_line_arguments\":\"x\"",
		  "stdout,status_id");
	check_is(&reply, 201, "{\"stdout\":\"hi\\nin\",\"status_id\":3}");
	judge_zip(&reply, &daemon, none, 1, multi, "stdout,status_id,exit_code");
	check_is(&reply, 201, "{\"stdout\":null,\"status_id\":11,\"exit_code\":127}");
	judge_zip(&reply, &daemon, signaled, 1, multi, "status_id,exit_code,exit_signal,message");
	check_is(&reply, 201,
		 "{\"status_id\":7,\"exit_code\":0,\"exit_signal\":11,\"message\":\"Caught fatal signal 11\"}");
	judge(&reply, &daemon, "status_id,exit_code", "{\"language_id\":89,\"additional_files\":\"bm8gemlw\"}");
	check_is(&reply, 201, "{\"status_id\":11,\"exit_code\":127}");
	daemon_remove(&daemon);
}

static void test_additional_files(void)
{
	static const char list[] = "\"language_id\":46,\"source_code\":\"find . -type f | LC_ALL=C sort; cat run\"";
	static const char python[] = "\"language_id\":71,\"source_code\":\"import helper;print(helper.x)\"";
	const struct entry helper[] = { { "helper.py", "x = 5\n", 0 }, { "script.py", "print('no')", 0 } };
	const struct entry hostile[] = {
		{ "../out", "x", 0 },      { "/abs", "x", 0 },
		{ "a/../../b", "x", 0 },   { "link", "/etc/passwd", 0120777 },
		{ "back\\slash", "x", 0 }, { "dir/good", "x", 0100644 },
		{ "dir", "clash", 0 },     { "./dotted", "x", 0 },
		{ "run", "echo mine", 0 },
	};
	char *large = kl_alloc((3 << 20) + 1), *noise = kl_alloc(100001);
	const struct entry heap[] = { { "first", noise, 0 },
				      { "second", "x", LAID_OVER },
				      { "third", "x", LAID_OVER } };
	const struct entry bomb[] = { { "first", "x", 0 }, { "large", large, 0 }, { "after", "x", 0 } };
	struct daemon daemon;
	struct reply reply;

	memset(large, 'x', 3 << 20);
	large[3 << 20] = '\0';
	daemon_start(&daemon, FEW "judge0.max_extract_size_kib = 1024\n");
	judge_zip(&reply, &daemon, helper, KL_LENGTH(helper), python, "stdout,status_id");
	check_is(&reply, 201, "{\"stdout\":\"5\\n\",\"status_id\":3}");
	judge_zip(&reply, &daemon, hostile, KL_LENGTH(hostile), list, "stdout");
	check_is(&reply, 201,
		 "{\"stdout\":\"./dir/good\\n./dotted\\n./run\\n./script.sh\\n/usr/bin/bash script.sh \"}");
	judge_zip(&reply, &daemon, bomb, KL_LENGTH(bomb),
		  "\"language_id\":46,\"source_code\":\"wc -c first large; ls after\"", "stdout");
	check_has(&reply, 201, "1048576 large");
	CHECK(!strstr(reply.body, "after"), "what comes after a large file is missing: %s", reply.body);
	for (uint32_t i = 0, dice = 1; i < 100000; i++, dice = dice * 1664525 + 1013904223)
		noise[i] = (char)('0' + (dice >> 26));
	noise[100000] = '\0';
	judge_zip(&reply, &daemon, heap, KL_LENGTH(heap),
		  "\"language_id\":46,\"source_code\":\"wc -c <first; ls second third\"", "stdout");
	check_is(&reply, 201, "{\"stdout\":\"100000\\n\"}");
	free(noise);
	free(large);
	daemon_remove(&daemon);
}

/* --- nothing of a stranger's run stays -------------------------------------------------------------------------- */

static void test_no_traces(void)
{
	struct daemon daemon;
	struct reply reply;

	daemon_start(&daemon, FEW "judge.workers = 1\n");
	judge(&reply, &daemon, "status_id",
	      "{\"language_id\":50,\"source_code\":\"int main(){return 0;}\",\"compiler_options\":\"-save-temps\"}");
	check_is(&reply, 201, "{\"status_id\":3}");
	judge(&reply, &daemon, "status_id", "{\"language_id\":46,\"source_code\":\"touch /tmp/a /box/b /dev/shm/c\"}");
	check_is(&reply, 201, "{\"status_id\":3}");
	judge(&reply, &daemon, "stdout", "{\"language_id\":46,\"source_code\":\"ls /box /tmp /dev/shm\"}");
	check_is(&reply, 201, "{\"stdout\":\"/box:\\nrun\\nscript.sh\\n\\n/dev/shm:\\n\\n/tmp:\\n\"}");
	daemon_remove(&daemon);
}

/* --- polling, batches, lists, deletion -------------------------------------------------------------------------- */

static void token_of(const struct reply *reply, char token[40])
{
	const char *at = strstr(reply->body, "\"token\":\"");

	CHECK(at, "no token: %s", reply->body);
	snprintf(token, 37, "%s", at + 9);
}

/* Asks until the submission is finished. */
static void poll_until_done(struct reply *out, const struct daemon *daemon, const char *token)
{
	char *target = kl_format("GET /submissions/%s?fields=stdout,status_id,token", token);

	for (;;) {
		ask(out, daemon, target, NULL, NULL);
		CHECK(out->status == 200, "%d %s", out->status, out->body);
		if (!strstr(out->body, "\"status_id\":1,") && !strstr(out->body, "\"status_id\":2,"))
			break;
		usleep(2000); /* it is polling that is tested */
	}
	free(target);
}

static void test_polling(void)
{
	char *held = held_program(0, "1");
	struct daemon daemon;
	struct reply reply;
	char token[40], *target;

	daemon_start(&daemon, FEW HELD_LIMITS
		     "authz.tokens = chief\njudge0.enable_submission_delete = yes\njudge.workers = 1\n");
	ask(&reply, &daemon, "POST /submissions?fields=stdout", JSON, held);
	token_of(&reply, token);
	CHECK(strlen(reply.body) == 48 && reply.status == 201, "only the token: %s", reply.body);
	target = kl_format("DELETE /submissions/%s", token);
	held_await(0, true);
	ask(&reply, &daemon, target, "X-Auth-User: chief\r\n", NULL);
	check_is(&reply, 400, "{\"error\":\"submission cannot be deleted because its status is 2 (Processing)\"}");
	held_release(0);
	poll_until_done(&reply, &daemon, token);
	check_has(&reply, 200, "{\"stdout\":\"1\\n\",\"status_id\":3,\"token\":\"");
	/* 2^60 pages of 16 end where the first begins, if one counts carelessly. */
	ask(&reply, &daemon, "GET /submissions?fields=stdout&per_page=16&page=1152921504606846977",
	    "X-Auth-User: chief\r\n", NULL);
	check_has(&reply, 200, "{\"submissions\":[],\"meta\":{\"current_page\":1000000000,\"next_page\":null,");
	ask(&reply, &daemon, "GET /submissions?fields=stdout&per_page=1", "X-Auth-User: chief\r\n", NULL);
	check_is(
		&reply, 200,
		"{\"submissions\":[{\"stdout\":\"1\\n\"}],\"meta\":{\"current_page\":1,\"next_page\":null,\"prev_page\":null,"
		"\"total_pages\":1,\"total_count\":1}}");
	free(target);
	target = kl_format("DELETE /submissions/%s?fields=stdout", token);
	ask(&reply, &daemon, target, "X-Auth-User: chief\r\n", NULL);
	check_is(&reply, 200, "{\"stdout\":\"MQo=\\n\"}");
	ask(&reply, &daemon, target,
	    "X-Auth-User: chief\r\n"
	    "Accept: application/json\r\n",
	    NULL);
	check_is(&reply, 404, "{\"status\":404,\"error\":\"Not Found\"}");
	free(target);
	free(held);
	daemon_remove(&daemon);
}

static void test_batch(void)
{
	struct daemon daemon;
	struct reply reply;
	char first[40], second[40], *target;
	const char *at;

	daemon_start(&daemon, FEW);
	ask(&reply, &daemon, "POST /submissions/batch?base64_encoded=true", JSON,
	    "{\"submissions\":[{\"language_id\":43,\"source_code\":\"YQ==\"},{\"language_id\":43,\"source_code\":\"w6Q=\"}]}");
	token_of(&reply, first);
	at = strchr(strstr(reply.body, first), ',');
	snprintf(second, 37, "%s", strstr(at, "\"token\":\"") + 9);
	poll_until_done(&reply, &daemon, first);
	target = kl_format("GET /submissions/%s?base64_encoded=true&fields=status_id", second);
	do
		ask(&reply, &daemon, target, NULL, NULL);
	while (strstr(reply.body, ":1}") || strstr(reply.body, ":2}"));
	free(target);
	target = kl_format("GET /submissions/batch?tokens=%s,x,%s,%s&fields=stdout", first, first, first);
	ask(&reply, &daemon, target, NULL, NULL);
	check_is(&reply, 200, "{\"submissions\":[{\"stdout\":\"a\"},null,{\"stdout\":\"a\"},{\"stdout\":\"a\"}]}");
	free(target);
	target = kl_format("GET /submissions/batch?tokens=%s,%s&fields=stdout", first, second);
	ask(&reply, &daemon, target, NULL, NULL);
	check_is(&reply, 400,
		 "{\"error\":\"some attributes for one or more submissions cannot be converted to UTF-8, use "
		 "base64_encoded=true query parameter\"}");
	free(target);
	target = kl_format("GET /submissions/batch?base64_encoded=true&tokens=%s,%s&fields=stdout", first, second);
	ask(&reply, &daemon, target, NULL, NULL);
	check_is(&reply, 200, "{\"submissions\":[{\"stdout\":\"YQ==\\n\"},{\"stdout\":\"w6Q=\\n\"}]}");
	free(target);
	daemon_remove(&daemon);
}

const struct test judging_tests[] = {
	{ "position", test_position },
	{ "programs", test_programs },
	{ "compile_error", test_compile_error },
	{ "multi_file", test_multi_file },
	{ "compile_limits", test_compile_limits },
	{ "additional_files", test_additional_files },
	{ "no_traces", test_no_traces },
	{ "polling", test_polling },
	{ "batch", test_batch },
	{ NULL, NULL },
};
