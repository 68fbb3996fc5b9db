/*
 * The lab's side of the portfolio: jobs queue here, one at a time goes to kodelab-git as JSON on its stdin, its answer
 * comes back as a JSON line. Secrets travel on that pipe alone.
 */

#include <kodelab/portfolio.h>

#include <sys/queue.h>
#include <sys/wait.h>

#include <cjson/cJSON.h>

#include <kodelab/alloc.h>
#include <kodelab/config.h>
#include <kodelab/crypto.h>
#include <kodelab/json.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/worker.h>

#define JOBS_MAX   256 /* waiting */
#define ANSWER_MAX ((size_t)256 << 10)
#define ENV_MAX    24

/* What kodelab-git gets of our environment: where the student's git and ssh things are, and nothing else. */
static const char *const passed_on[] = {
	"PATH",          "HOME",        "LANG",        "LC_ALL",   "TZ",       "XDG_CONFIG_HOME",
	"SSH_AUTH_SOCK", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "SSL_CERT_FILE",
	"SSL_CERT_DIR",  "KL_CLOCK",
#ifdef __SANITIZE_ADDRESS__
	"ASAN_OPTIONS",
#endif
};

/* clang-format off */
enum job_kind { JOB_COMMIT, JOB_LOG, JOB_PUSH };
static const struct kind {
	const char *name;
	int64_t deadline_ms;
	const char *too_late;
} kinds[] = {
	[JOB_COMMIT] = { "commit", 30000,  "the commit took longer than 30 seconds and was stopped: it is tried again later" },
	[JOB_LOG]    = { "log",    15000,  "reading the portfolio took longer than 15 seconds and was stopped" },
	[JOB_PUSH]   = { "push",   120000, "the push took longer than 2 minutes and was stopped: your commits are safe here, push again later" },
};
/* clang-format on */

struct job {
	STAILQ_ENTRY(job) link;
	enum job_kind kind;
	char *text; /* JSON, wiped when freed */
	kl_portfolio_done_fn *done;
	void *ctx;
};

struct kl_portfolio {
	struct kl_loop *loop;
	const struct kl_config *config;
	char *path, *program;
	STAILQ_HEAD(job_list, job) jobs; /* the first one runs when worker is set */
	size_t waiting;
	struct kl_worker *worker;
	struct kl_json *answer; /* of the running job; NULL: none yet */
	bool closing; /* free when the worker has ended, or done has returned */
	bool telling; /* inside a done */
};

/* --- opening ---------------------------------------------------------------------------------------------------- */

/* Empty: beside the work folder. "~/x" and "x" are in the home folder. */
static char *choose_path(const struct kl_paths *paths, const char *option)
{
	const char *home = getenv("HOME");

	if (!*option)
		return kl_format("%s-portfolio", paths->work);
	if (*option == '/' || !home || *home != '/')
		return kl_strdup(option);
	return kl_path_join(home, !strncmp(option, "~/", 2) ? option + 2 : option);
}

struct kl_portfolio *kl_portfolio_open(struct kl_loop *loop, const struct kl_paths *paths,
				       const struct kl_config *config)
{
	struct kl_portfolio *portfolio = kl_calloc(1, sizeof(*portfolio));

	portfolio->loop = loop;
	portfolio->config = config;
	portfolio->path = choose_path(paths, kl_config_string(config, "portfolio.path"));
	portfolio->program = kl_path_join(paths->libexec, "kodelab-git");
	STAILQ_INIT(&portfolio->jobs);
	return portfolio;
}

static void job_free(struct job *job)
{
	kl_wipe(job->text, strlen(job->text));
	free(job->text);
	free(job);
}

static void portfolio_free(struct kl_portfolio *portfolio)
{
	struct job *job;

	while ((job = STAILQ_FIRST(&portfolio->jobs))) {
		STAILQ_REMOVE_HEAD(&portfolio->jobs, link);
		job_free(job);
	}
	kl_json_free(portfolio->answer);
	free(portfolio->path);
	free(portfolio->program);
	free(portfolio);
}

void kl_portfolio_close(struct kl_portfolio *portfolio)
{
	if (!portfolio)
		return;
	portfolio->closing = true;
	if (portfolio->telling) /* who tells frees */
		return;
	if (portfolio->worker)
		kl_worker_cancel(portfolio->worker); /* finish() frees */
	else
		portfolio_free(portfolio);
}

void kl_portfolio_cancel(struct kl_portfolio *portfolio)
{
	if (portfolio->worker)
		kl_worker_cancel(portfolio->worker);
}

const char *kl_portfolio_path(const struct kl_portfolio *portfolio)
{
	return portfolio->path;
}

/* --- one job ---------------------------------------------------------------------------------------------------- */

static void take_answer(void *ctx, const char *line, size_t len)
{
	struct kl_portfolio *portfolio = ctx;

	kl_json_free(portfolio->answer);
	portfolio->answer = NULL;
	if (kl_json_parse(&portfolio->answer, line, len, ANSWER_MAX, "kodelab-git", NULL))
		portfolio->answer = NULL; /* said in finish() */
}

static enum kl_status fail_silent(struct kl_error *err, const struct kl_worker_result *result)
{
	if (WIFSIGNALED(result->wait_status))
		return kl_fail(err, KL_EIO,
			       "kodelab-git was ended by signal %d: nothing is lost, it is tried again later",
			       WTERMSIG(result->wait_status));
	return kl_fail(err, KL_EIO, "kodelab-git ended without an answer: see kodelab doctor");
}

/* What the answer says, into result. */
static enum kl_status read_answer(struct kl_portfolio_result *result, const struct kl_json *answer,
				  struct kl_error *err)
{
	const cJSON *root = kl_json_root(answer);
	const char *message = "", *commit = "", *text = "";
	int64_t code = KL_OK;
	enum kl_status status;

	if ((status = kl_json_get_int(&code, answer, root, "status", KL_OK, KL_ECANCELED, KL_JSON_REQUIRED, err)) ||
	    (status = kl_json_get_string(&message, answer, root, "message", KL_JSON_REQUIRED, err)) ||
	    (status = kl_json_get_string(&commit, answer, root, "commit", KL_JSON_REQUIRED, err)) ||
	    (status = kl_json_get_string(&text, answer, root, "text", KL_JSON_REQUIRED, err)))
		return status;
	snprintf(result->commit, sizeof(result->commit), "%s", commit);
	result->text = *text ? text : NULL;
	return code ? kl_fail(err, (enum kl_status)code, "%s", message) : KL_OK;
}

static void conclude(struct kl_portfolio_result *result, const struct kl_portfolio *portfolio, const struct job *job,
		     const struct kl_worker_result *worker)
{
	*result = (struct kl_portfolio_result){ .error = { .status = KL_OK } };
	if (worker->canceled)
		kl_fail(&result->error, KL_ECANCELED, "the %s was stopped", kinds[job->kind].name);
	else if (worker->timed_out)
		kl_fail(&result->error, KL_ETIME, "%s", kinds[job->kind].too_late);
	else if (portfolio->answer)
		read_answer(result, portfolio->answer, &result->error);
	else if (worker->error.status)
		result->error = worker->error;
	else
		fail_silent(&result->error, worker);
}

static enum kl_status start(struct kl_portfolio *portfolio, struct kl_error *err);

/* The first job is over. False: done closed the portfolio, which is gone. */
static bool tell(struct kl_portfolio *portfolio, const struct kl_portfolio_result *result)
{
	struct job *job = STAILQ_FIRST(&portfolio->jobs);

	STAILQ_REMOVE_HEAD(&portfolio->jobs, link);
	portfolio->waiting--;
	portfolio->telling = true;
	job->done(job->ctx, result);
	portfolio->telling = false;
	job_free(job);
	if (!portfolio->closing)
		return true;
	portfolio_free(portfolio);
	return false;
}

/* Starts the first job that can be started; the others are told why not. Only from the loop. */
static void go_on(struct kl_portfolio *portfolio)
{
	struct kl_portfolio_result result;

	while (!portfolio->worker && !STAILQ_EMPTY(&portfolio->jobs)) {
		result = (struct kl_portfolio_result){ .error = { .status = KL_OK } };
		if (start(portfolio, &result.error) == KL_OK || !tell(portfolio, &result))
			return;
	}
}

static void finish(void *ctx, const struct kl_worker_result *worker)
{
	struct kl_portfolio *portfolio = ctx;
	struct kl_portfolio_result result;

	if (portfolio->closing) {
		portfolio_free(portfolio);
		return;
	}
	conclude(&result, portfolio, STAILQ_FIRST(&portfolio->jobs), worker);
	if (!tell(portfolio, &result)) /* still busy meanwhile: a job queued by done waits */
		return;
	kl_json_free(portfolio->answer);
	portfolio->answer = NULL;
	portfolio->worker = NULL;
	go_on(portfolio);
}

static void fill_environment(char **env)
{
	size_t count = 0;

	for (size_t i = 0; i < KL_LENGTH(passed_on) && count < ENV_MAX - 1; i++) {
		const char *value = getenv(passed_on[i]);

		if (value)
			env[count++] = kl_format("%s=%s", passed_on[i], value);
	}
	env[count] = NULL;
}

static enum kl_status start(struct kl_portfolio *portfolio, struct kl_error *err)
{
	const struct job *job = STAILQ_FIRST(&portfolio->jobs);
	const char *argv[] = { portfolio->program, NULL };
	char *env[ENV_MAX];
	struct kl_worker_spec spec = {
		.argv = argv,
		.env = (const char *const *)env,
		.dir = "/",
		.input = job->text,
		.input_len = strlen(job->text),
		.deadline_ms = kinds[job->kind].deadline_ms,
		.output_max = ANSWER_MAX,
		.on_line = take_answer,
		.on_done = finish,
		.ctx = portfolio,
	};
	enum kl_status status;

	fill_environment(env);
	status = kl_worker_start(&portfolio->worker, portfolio->loop, &spec, err);
	for (char **at = env; *at; at++)
		free(*at);
	return status;
}

/* --- queueing --------------------------------------------------------------------------------------------------- */

static cJSON *new_job(const struct kl_portfolio *portfolio, enum job_kind kind)
{
	cJSON *body = cJSON_CreateObject();

	cJSON_AddStringToObject(body, "job", kinds[kind].name);
	cJSON_AddStringToObject(body, "path", portfolio->path);
	return body;
}

/* Takes body. */
static enum kl_status queue(struct kl_portfolio *portfolio, enum job_kind kind, cJSON *body, kl_portfolio_done_fn *done,
			    void *ctx, struct kl_error *err)
{
	enum kl_status status = KL_OK;
	struct job *job;

	if (portfolio->waiting >= JOBS_MAX) {
		cJSON_Delete(body);
		return kl_fail(err, KL_EBUSY, "%d jobs wait for the portfolio already: try again later", JOBS_MAX);
	}
	job = kl_calloc(1, sizeof(*job));
	job->kind = kind;
	job->text = cJSON_PrintUnformatted(body);
	job->done = done;
	job->ctx = ctx;
	cJSON_Delete(body);
	STAILQ_INSERT_TAIL(&portfolio->jobs, job, link);
	portfolio->waiting++;
	if (!portfolio->worker)
		status = start(portfolio, err);
	if (status) {
		STAILQ_REMOVE(&portfolio->jobs, job, job, link);
		portfolio->waiting--;
		job_free(job);
	}
	return status;
}

static void add_bytes(cJSON *object, const char *key, const char *bytes, size_t len)
{
	char *text = kl_base64(bytes ? bytes : "", bytes ? len : 0);

	cJSON_AddStringToObject(object, key, text);
	free(text);
}

static void add_text(cJSON *object, const char *key, const char *text)
{
	cJSON_AddStringToObject(object, key, text ? text : "");
}

static cJSON *item_object(const struct kl_portfolio_item *item)
{
	cJSON *object = cJSON_CreateObject();

	add_text(object, "attempt", item->attempt_id);
	add_text(object, "pack", item->pack);
	add_text(object, "slug", item->slug);
	add_text(object, "title", item->title);
	add_text(object, "summary", item->summary);
	add_text(object, "difficulty", item->difficulty);
	add_text(object, "category", item->category);
	add_text(object, "language", item->language);
	add_text(object, "source", item->source_name);
	add_bytes(object, "statement", item->statement, item->statement ? strlen(item->statement) : 0);
	add_bytes(object, "code", item->code, item->code_len);
	cJSON_AddNumberToObject(object, "score", item->score);
	cJSON_AddNumberToObject(object, "passed", item->passed);
	cJSON_AddNumberToObject(object, "total", item->total);
	cJSON_AddNumberToObject(object, "cpu_us", (double)item->cpu_us);
	cJSON_AddNumberToObject(object, "peak_kib", (double)item->peak_kib);
	cJSON_AddNumberToObject(object, "at_ms", (double)item->at_ms);
	return object;
}

enum kl_status kl_portfolio_commit(struct kl_portfolio *portfolio, const struct kl_portfolio_item *item,
				   kl_portfolio_done_fn *done, void *ctx, struct kl_error *err)
{
	cJSON *body = new_job(portfolio, JOB_COMMIT);

	add_text(body, "name", kl_config_string(portfolio->config, "portfolio.name"));
	add_text(body, "email", kl_config_string(portfolio->config, "portfolio.email"));
	cJSON_AddItemToObject(body, "item", item_object(item));
	return queue(portfolio, JOB_COMMIT, body, done, ctx, err);
}

enum kl_status kl_portfolio_log(struct kl_portfolio *portfolio, size_t max, kl_portfolio_done_fn *done, void *ctx,
				struct kl_error *err)
{
	cJSON *body = new_job(portfolio, JOB_LOG);

	cJSON_AddNumberToObject(body, "max", max > 1000 ? 1000 : max < 1 ? 1 : (double)max);
	return queue(portfolio, JOB_LOG, body, done, ctx, err);
}

enum kl_status kl_portfolio_push(struct kl_portfolio *portfolio, const char *remote, kl_portfolio_done_fn *done,
				 void *ctx, struct kl_error *err)
{
	cJSON *body = new_job(portfolio, JOB_PUSH);
	const char *configured = kl_config_string(portfolio->config, "portfolio.remote");
	/* The token belongs to the student's own remotes: another address given by hand does not get it. */
	bool own = !remote || !strpbrk(remote, ":/") || !strcmp(remote, configured);

	add_text(body, "remote", remote ? remote : configured);
	add_text(body, "token", own ? kl_config_string(portfolio->config, "portfolio.token") : "");
	return queue(portfolio, JOB_PUSH, body, done, ctx, err);
}
