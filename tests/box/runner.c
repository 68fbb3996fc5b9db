/*
 * Runs the hostile programs of attacks/ in real boxes and holds their ends against the table; after each it looks
 * whether the host is as before: no process of theirs, no file, no connection, no secret in what they printed.
 *
 * KL_SANDBOX_LEVEL=1-flat or 2 tries weaker walls.
 *
 * usage: box-attacks FOLDER [PART-OF-A-NAME]. The last line is "N passed, N failed".
 */

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/sandbox.h>

#include "tests/box/table.h"

#define SECRET      "KODELAB_CANARY-4711-of-the-host"
#define SOURCE_MAX  ((size_t)64 << 10)
#define CLOSED_NAME "kodelab-canary-socket"

struct host { /* what must stay as it is */
	char *dir, *canary;
	int tcp, local;
	char port[8], socket_name[64];
};

struct bench {
	struct kl_loop *loop;
	struct kl_sandbox *sandbox;
	const char *folder; /* of the attacks */
	struct host host;
	bool over;
	struct kl_box_result last; /* without the texts */
	struct kl_buf text; /* all that the last run printed */
	int passed, failed;
};

static const char *const end_names[] = {
	[KL_END_EXITED] = "EXITED",     [KL_END_SIGNALED] = "SIGNALED", [KL_END_CPU] = "CPU",
	[KL_END_WALL] = "WALL",         [KL_END_MEMORY] = "MEMORY",     [KL_END_OUTPUT] = "OUTPUT",
	[KL_END_CANCELED] = "CANCELED", [KL_END_FAILED] = "FAILED",
};

/* --- the host --------------------------------------------------------------------------------------------------- */

static int listen_tcp(char *port, size_t size)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, len) < 0 || listen(fd, 8) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return -1;
	snprintf(port, size, "%u", (unsigned)ntohs(address.sin_port));
	return fd;
}

static int listen_local(const char *name)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(address.sun_path + 1, name, strlen(name));
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, len) < 0 || listen(fd, 8) < 0)
		return -1;
	return fd;
}

static bool host_open(struct host *host)
{
	char template[] = "/tmp/kodelab-canary-XXXXXX";

	if (!mkdtemp(template) || chmod(template, 0777) < 0)
		return false;
	host->dir = kl_strdup(template);
	host->canary = kl_path_join(template, "canary");
	if (kl_file_write(host->canary, SECRET, strlen(SECRET), 0666, NULL))
		return false;
	snprintf(host->socket_name, sizeof(host->socket_name), CLOSED_NAME "-%d", (int)getpid());
	host->tcp = listen_tcp(host->port, sizeof(host->port));
	host->local = listen_local(host->socket_name);
	setenv("KODELAB_CANARY", SECRET, 1);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* what escapes a box comes to us and is seen */
	return host->tcp >= 0 && host->local >= 0;
}

static void host_close(struct host *host)
{
	(void)!kl_file_remove_tree(host->dir, NULL);
	close(host->tcp);
	close(host->local);
	free(host->dir);
	free(host->canary);
}

static bool has_children(void)
{
	char path[64], byte;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	got = read(fd, &byte, 1);
	close(fd);
	return got > 0;
}

static int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	int count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

/* NULL: nothing has changed. */
static const char *host_changed(const struct host *host)
{
	static const char *const places[] = { "/tmp",  "/dev/shm", "/var/tmp", "/",    "/usr",  "/etc",
					      "/home", "/root",    "/run",     "/dev", "/base", "/usr/bin" };
	struct kl_buf text;
	bool same;

	for (size_t i = 0; i < KL_LENGTH(places); i++) {
		char *path = kl_path_join(places[i], "kodelab-escaped");
		bool there = kl_path_exists(path);

		free(path);
		if (there)
			return "a file was left on the host";
	}
	kl_buf_init(&text, 4096);
	same = kl_file_read(&text, host->canary, NULL) == KL_OK && !strcmp(text.data, SECRET);
	kl_buf_release(&text);
	if (!same || count_entries(host->dir) != 3)
		return "a file of the host was changed";
	if (accept(host->tcp, NULL, NULL) >= 0 || accept(host->local, NULL, NULL) >= 0)
		return "a connection came out of the box";
	if (has_children())
		return "a process was left on the host";
	return NULL;
}

/* --- runs ------------------------------------------------------------------------------------------------------- */

static void done(void *ctx, const struct kl_box_result *result)
{
	struct bench *bench = ctx;

	bench->over = true;
	bench->last = *result;
	kl_buf_clear(&bench->text);
	kl_buf_add(&bench->text, result->out, result->out_len);
	kl_buf_add(&bench->text, result->err, result->err_len);
	kl_buf_add(&bench->text, result->result, result->result_len);
}

static bool run(struct bench *bench, struct kl_box *box, const struct kl_box_run *spec)
{
	struct kl_error err;

	bench->over = false;
	if (kl_box_run(box, spec, done, bench, &err)) {
		printf("cannot run: %s\n", err.message);
		return false;
	}
	while (!bench->over)
		kl_loop_turn(bench->loop, 1000);
	return true;
}

static char *read_text(const struct bench *bench, const char *name, size_t *len)
{
	char *path = kl_path_join(bench->folder, name);
	struct kl_buf text;
	struct kl_error err;

	kl_buf_init(&text, SOURCE_MAX);
	if (kl_file_read(&text, path, &err))
		kl_die("box-attacks: %s", err.message);
	free(path);
	*len = text.len;
	return kl_buf_detach(&text);
}

static bool suffix(const char *name, const char *end)
{
	size_t len = strlen(name), part = strlen(end);

	return len > part && !strcmp(name + len - part, end);
}

static bool compiled(const char *name)
{
	return suffix(name, ".c") || suffix(name, ".cpp");
}

static void limits(struct kl_box_run *spec, const struct attack *attack)
{
	spec->cpu_ms = attack->cpu_ms ? attack->cpu_ms : 2000;
	spec->wall_ms = attack->wall_ms ? attack->wall_ms : 20000;
	spec->memory_kib = 1024 * (attack->memory_mib ? attack->memory_mib : 128);
	spec->input = "4711";
	spec->input_len = 4;
	spec->want_result = true;
}

static bool compile(struct bench *bench, struct kl_box *box, const struct attack *attack)
{
	bool cpp = suffix(attack->file, ".cpp");
	const char *argv[] = { cpp ? "/usr/bin/g++" : "/usr/bin/gcc",
			       "-O1",
			       "-w",
			       "-fmax-errors=20",
			       "-pthread",
			       "-o",
			       "main",
			       attack->file,
			       NULL };
	struct kl_file files[2] = { { .name = kl_strdup(attack->file) }, { .name = kl_strdup("attack.h") } };
	struct kl_box_run spec = { .argv = argv, .files = files, .file_count = 2, .keep = true };
	bool ran;

	limits(&spec, attack);
	if (attack->kind == ATTACK_RUN) /* the compiler does its work; a busy machine may take its time */
		spec.cpu_ms = 30000;
	spec.wall_ms = attack->kind == ATTACK_RUN ? 60000 : 10000;
	spec.memory_kib = 1 << 20;
	spec.output_max = (size_t)64 << 10;
	files[0].text = read_text(bench, attack->file, &files[0].len);
	files[1].text = read_text(bench, "attack.h", &files[1].len);
	ran = run(bench, box, &spec);
	for (size_t i = 0; i < 2; i++) {
		free(files[i].name);
		free(files[i].text);
	}
	return ran;
}

static bool start(struct bench *bench, struct kl_box *box, const struct attack *attack)
{
	const struct host *host = &bench->host;
	const char *interpreter = suffix(attack->file, ".py") ? "/usr/bin/python3" : "/bin/bash";
	const char *script[] = { interpreter, attack->file, host->canary, host->port, host->socket_name, NULL };
	const char *program[] = { "./main", host->canary, host->port, host->socket_name, NULL };
	struct kl_file file = { .name = kl_strdup(attack->file) };
	struct kl_box_run spec = { .argv = compiled(attack->file) ? program : script };
	bool ran;

	limits(&spec, attack);
	spec.keep = attack->kind == ATTACK_KEEP;
	file.text = read_text(bench, attack->file, &file.len);
	if (!compiled(attack->file)) {
		spec.files = &file;
		spec.file_count = 1;
	}
	ran = run(bench, box, &spec);
	free(file.name);
	free(file.text);
	return ran;
}

/* --- judging ---------------------------------------------------------------------------------------------------- */

static bool ended_right(const struct bench *bench, const struct attack *attack)
{
	const struct kl_box_result *last = &bench->last;

	if (!(attack->ends & (1u << last->end)))
		return false;
	if (last->end == KL_END_EXITED)
		return attack->code < 0 ? last->exit_code != 0 : last->exit_code == attack->code;
	return last->end != KL_END_SIGNALED || attack->code < 0 || last->signo == attack->code;
}

/* What a later run of the same box and of its clone finds. */
static const char *look_at_kept(struct bench *bench, struct kl_box *box, const struct attack *attack)
{
	const char *argv[] = { "/bin/sh", "-c",
			       "find . ! -type d | LC_ALL=C sort | tr '\\n' ' ';"
			       "find . ! -type d ! -type f -o -perm /7000",
			       NULL };
	struct kl_box_run spec = { .argv = argv };

	limits(&spec, attack);
	if (!run(bench, box, &spec) || bench->last.end != KL_END_EXITED || bench->last.exit_code)
		return "the next run of the box failed";
	if (strchr(bench->text.data, '\n') && !strstr(attack->file, "names"))
		return "something else than plain files was kept";
	if (attack->left && strcmp(bench->text.data, attack->left))
		return "other files than expected were kept";
	return NULL;
}

static const char *judge(struct bench *bench, struct kl_box *box, const struct attack *attack)
{
	if (attack->kind != ATTACK_KEEP && compiled(attack->file)) {
		if (!compile(bench, box, attack))
			return "cannot compile";
		if (attack->kind == ATTACK_RUN && (bench->last.end != KL_END_EXITED || bench->last.exit_code))
			return "does not compile";
	}
	if (attack->kind != ATTACK_COMPILE && !start(bench, box, attack))
		return "cannot run";
	if (!ended_right(bench, attack))
		return "wrong end";
	if (memmem(bench->text.data, bench->text.len, SECRET, strlen(SECRET)))
		return "the secret was printed";
	if (attack->kind == ATTACK_KEEP && bench->last.end == KL_END_EXITED)
		return look_at_kept(bench, box, attack);
	return NULL;
}

static void report(struct bench *bench, const struct attack *attack, const char *why)
{
	const struct kl_box_result *last = &bench->last;

	if (getenv("V") || why)
		printf("%s%s: %s: %s, code %d, signal %d, cpu %lld ms, wall %lld ms, %lld KiB %s\n", why ? "--- " : "",
		       attack->file, why ? why : "ok", end_names[last->end], last->exit_code, last->signo,
		       (long long)last->cpu_ms, (long long)last->wall_ms, (long long)last->peak_kib,
		       last->error.message);
	if (why)
		printf("%.*s\n", (int)(bench->text.len < 2000 ? bench->text.len : 2000), bench->text.data);
	if (why)
		bench->failed++;
	else
		bench->passed++;
}

static void attack_once(struct bench *bench, const struct attack *attack)
{
	struct kl_error err;
	struct kl_box *box;
	const char *why, *changed;

	if (kl_box_open(&box, bench->sandbox, NULL, &err))
		kl_die("box-attacks: %s", err.message);
	why = judge(bench, box, attack);
	kl_box_close(box);
	changed = host_changed(&bench->host);
	report(bench, attack, changed ? changed : why);
}

int main(int argc, char **argv)
{
	struct bench bench = { .folder = argc > 1 ? argv[1] : "tests/box/attacks" };
	const char *part = argc > 2 ? argv[2] : "";
	struct kl_paths paths;
	struct kl_error err;

	kl_buf_init(&bench.text, (size_t)8 << 20);
	if (!host_open(&bench.host))
		kl_die("box-attacks: cannot prepare the host: %s", strerror(errno));
	if (kl_paths_init(&paths, &err) || kl_loop_open(&bench.loop, &err) ||
	    kl_sandbox_open(&bench.sandbox, bench.loop, &paths, &err))
		kl_die("box-attacks: %s", err.message);
	/* What a weaker level lets through is told only to those who ask for it. */
	if (kl_sandbox_level(bench.sandbox) > KL_SANDBOX_NAMESPACES && !getenv("KL_SANDBOX_LEVEL"))
		printf("skipped: no walls here: %s\n", kl_sandbox_advice(bench.sandbox));
	else
		for (size_t i = 0; i < attack_count; i++)
			if (strstr(attacks[i].file, part))
				attack_once(&bench, &attacks[i]);
	kl_sandbox_close(bench.sandbox);
	kl_loop_close(bench.loop);
	kl_paths_release(&paths);
	host_close(&bench.host);
	kl_buf_release(&bench.text);
	printf("%d passed, %d failed\n", bench.passed, bench.failed);
	return bench.failed != 0;
}
