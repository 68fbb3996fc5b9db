/* kodelab-git: reads a job, does it, answers. */

#include "core/portfolio/git/git_int.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>

#define JOB_MAX  ((size_t)16 << 20)
#define SAID_MAX ((size_t)64 << 10)

static const struct job {
	const char *name;
	job_fn *run;
} jobs[] = {
	{ "commit", job_commit },
	{ "push", job_push },
	{ "log", job_log },
};

static enum kl_status read_job(struct kl_buf *text, struct kl_json **job, struct kl_error *err)
{
	char chunk[65536];
	ssize_t got;

	while ((got = read(STDIN_FILENO, chunk, sizeof(chunk))) > 0)
		if (!kl_buf_add(text, chunk, (size_t)got))
			return kl_fail(err, KL_EFULL, "the job is too large");
	kl_wipe(chunk, sizeof(chunk));
	return kl_json_parse(job, text->data, text->len, JOB_MAX, "job", err);
}

/* A school's own certificate authority, named as for other programs. */
static void trust_more(void)
{
	const char *file = getenv("SSL_CERT_FILE"), *folder = getenv("SSL_CERT_DIR");

	if (file || folder)
		git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, file, folder);
}

static enum kl_status run_job(struct answer *answer, const struct kl_json *job, struct kl_error *err)
{
	const char *name = text_of(kl_json_root(job), "job");

	git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
	trust_more();
	for (size_t i = 0; i < KL_LENGTH(jobs); i++)
		if (!strcmp(name, jobs[i].name))
			return jobs[i].run(answer, job, err);
	return kl_fail(err, KL_EINVAL, "there is no job '%s'", name);
}

/* The answer is one line of valid UTF-8, whatever a server or libgit2 said. */
static void add_plain(cJSON *answer, const char *key, const char *text)
{
	struct kl_buf plain;

	kl_buf_init(&plain, SAID_MAX);
	for (; *text; text += strcspn(text, "\n") + (strchr(text, '\n') != NULL)) {
		char *line = kl_strndup(text, strcspn(text, "\n"));

		plain_line(&plain, line, SAID_MAX);
		free(line);
		if (strchr(text, '\n'))
			kl_buf_add_char(&plain, '\n');
	}
	cJSON_AddStringToObject(answer, key, plain.data);
	kl_buf_release(&plain);
}

static void say(const struct answer *answer, const struct kl_error *err)
{
	cJSON *object = cJSON_CreateObject();
	char *line;

	cJSON_AddNumberToObject(object, "status", err->status);
	add_plain(object, "message", err->message);
	cJSON_AddStringToObject(object, "commit", answer->commit);
	add_plain(object, "text", answer->text.data);
	line = cJSON_PrintUnformatted(object);
	puts(line);
	fflush(stdout);
	cJSON_free(line);
	cJSON_Delete(object);
}

#ifdef __SANITIZE_ADDRESS__
const char *__lsan_default_suppressions(void);

/* libgit2 1.5 forgets the match data of the patterns it compares remotes with. */
const char *__lsan_default_suppressions(void)
{
	return "leak:libpcre2\n";
}
#endif

int main(void)
{
	struct kl_error err = { .status = KL_OK };
	struct answer answer = { .commit = "" };
	struct kl_json *job = NULL;
	struct kl_buf text;

	prctl(PR_SET_DUMPABLE, 0); /* the token is not for a core file */
	umask(022);
	tzset();
	git_libgit2_init();
	kl_buf_init(&text, JOB_MAX);
	kl_buf_init(&answer.text, SAID_MAX);
	if (read_job(&text, &job, &err) == KL_OK && run_job(&answer, job, &err) == KL_OK)
		err.status = KL_OK;
	say(&answer, &err);
	kl_wipe(text.data, text.len);
	kl_json_free(job);
	kl_buf_release(&text);
	kl_buf_release(&answer.text);
	git_libgit2_shutdown();
	return 0;
}
