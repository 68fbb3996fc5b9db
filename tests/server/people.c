/* People for tests: made by the command line, signed in by HTTP. */

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/path.h>

#include "tests/server/harness.h"

#define WORDS_MAX 16

static KL_NORETURN void become(const struct daemon *daemon, const char *words, int in, int out)
{
	char *program = kl_path_join(build_folder, "kodelabd"), *config = kl_path_join(daemon->folder, "conf");
	char *argv[WORDS_MAX + 4] = { program, (char[]){ "--config" }, config }, *rest = kl_strdup(words);
	size_t count = 3;

	while (rest && count < WORDS_MAX + 3)
		argv[count++] = strsep(&rest, " ");
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execv(program, argv);
	_exit(127);
}

int daemon_command(const struct daemon *daemon, const char *words, const char *input, char **text)
{
	struct kl_buf printed;
	char chunk[4096];
	int in[2], out[2], status;
	ssize_t got;
	pid_t pid;

	signal(SIGPIPE, SIG_IGN); /* it may end without having read */
	CHECK(pipe(in) == 0 && pipe(out) == 0, "pipe: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		close(in[1]);
		become(daemon, words, in[0], out[1]);
	}
	close(in[0]);
	close(out[1]);
	if (input)
		(void)!write(in[1], input, strlen(input));
	close(in[1]);
	kl_buf_init(&printed, 1 << 20);
	while ((got = read(out[0], chunk, sizeof(chunk))) > 0)
		kl_buf_add(&printed, chunk, (size_t)got);
	close(out[0]);
	waitpid(pid, &status, 0);
	if (text)
		*text = kl_buf_detach(&printed);
	kl_buf_release(&printed);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void expect_has(const struct daemon *daemon, const char *target, const char *headers, const char *body, int status,
		const char *part)
{
	char *all = kl_format("%s%s", headers ? headers : "", body ? JSON : "");
	struct reply reply;

	ask(&reply, daemon, target, all, body);
	CHECK(reply.status == status && strstr(reply.body, part), "%s %s\n  expected %d %s\n       got %d %s", target,
	      body ? body : "", status, part, reply.status, reply.body);
	reply_release(&reply);
	free(all);
}

void expect_refused(const struct daemon *daemon, const char *target, const char *headers, const char *body, int status,
		    const char *code, const char *message)
{
	char *whole = kl_format("{\"success\":false,\"error\":{\"message\":\"%s\",\"code\":\"%s\",\"details\":{}}}",
				message, code);
	char *all = kl_format("%s%s", headers ? headers : "", body ? JSON : "");
	struct reply reply;

	ask(&reply, daemon, target, all, body);
	CHECK(reply.status == status && !strcmp(reply.body, whole), "%s %s\n  expected %d %s\n       got %d %s", target,
	      body ? body : "", status, whole, reply.status, reply.body);
	reply_release(&reply);
	free(whole);
	free(all);
}

char *member_of(const char *body, const char *name)
{
	char *mark = kl_format("\"%s\":\"", name);
	const char *at = strstr(body, mark);

	CHECK(at, "no %s in %s", mark, body);
	at += strlen(mark);
	free(mark);
	return kl_strndup(at, strcspn(at, "\""));
}

char *signed_in(const struct daemon *daemon, const char *name, const char *role)
{
	char *words = kl_format("user add %s --role %s", name, role);
	char *body = kl_format("{\"name\":\"%s\",\"password\":\"" PASSWORD "\"}", name), *token, *header;
	struct reply reply;

	daemon_command(daemon, words, PASSWORD "\n",
		       NULL); /* refused when he is there already: then he signs in all the same */
	ask(&reply, daemon, "POST /api/auth/login", JSON, body);
	check_has(&reply, 200, "\"token\":\"");
	token = member_of(reply.body, "token");
	header = kl_format("Authorization: Bearer %s\r\n", token);
	reply_release(&reply);
	free(token);
	free(body);
	free(words);
	return header;
}

/* --- the lab ------------------------------------------------------------------------------------------------------ */

/* What it printed; owned by the caller. */
static char *lab(const struct daemon *daemon, const char *words, const char *input)
{
	char *script = kl_format(
		"cd %s && mkdir -p home && printf '%%s\\n' '%s' >input && env -i PATH=/usr/bin:/bin HOME=%s/home LANG=C.UTF-8 "
		"KODELAB_SHARE=$PWD KODELAB_LIBEXEC=%s no_proxy='*' ASAN_OPTIONS=\"$ASAN_OPTIONS\" %s/kodelab %s <input 2>&1",
		daemon->folder, input, daemon->folder, build_folder, build_folder, words);
	char shell[] = "/bin/sh", option[] = "-c", *argv[] = { shell, option, script, NULL };
	char *text = output_of(argv);

	free(script);
	return text;
}

void lab_says(const struct daemon *daemon, const char *words, const char *input, const char *part)
{
	char *text = lab(daemon, words, input);

	CHECK(strstr(text, part), "kodelab %s\n  expected %s\n       got %s", words, part, text);
	free(text);
}
