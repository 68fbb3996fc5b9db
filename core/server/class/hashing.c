/* A request that waits for a password to be hashed. Whatever becomes of it, it gets one answer, from here. */

#include <kodelab/alloc.h>
#include <kodelab/hasher.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/request.h"

struct hashing *hashing_new(struct request *request)
{
	struct hashing *hashing = kl_calloc(1, sizeof(*hashing));

	hashing->request = request;
	accounts_from(hashing->from, request);
	accounts_site(hashing->site, request);
	return hashing;
}

void hashing_free(struct hashing *hashing)
{
	free(hashing->name);
	free(hashing->key);
	free(hashing->display);
	free(hashing->email);
	free(hashing->device);
	free(hashing->code);
	kl_secret_free(hashing->password);
	free(hashing);
}

static void finish(struct hashing *hashing)
{
	request_durable(hashing->request);
	request_answered(hashing->request);
	hashing_free(hashing);
}

static void refuse(struct hashing *hashing, enum kl_status status)
{
	struct kl_hasher_figures figures;

	attempt_is_none(hashing);
	kl_hasher_figures(&figures, hashing->request->server->accounts->hasher);
	if (status == KL_ETIME || status == KL_EMANY)
		rates_refuse(hashing->request, (figures.wait_s + 1) * 1000,
			     "too many sign in at this moment: wait for Retry-After seconds");
	else if (status == KL_ECANCELED)
		answer_framework(hashing->request, 503);
	else if (api_is_path(hashing->request))
		api_error(hashing->request, API_INTERNAL, "the password could not be looked at: try again");
	else
		device_page_refuse(hashing->request, 500, "the password could not be looked at: try again");
}

static void on_hashed(void *ctx, enum kl_status status, const char *hash)
{
	struct hashing *hashing = ctx;
	void (*then)(struct hashing *, bool, const char *) = hashing->then;

	hashing->then = NULL;
	if (status == KL_OK || status == KL_EDENIED)
		then(hashing, status == KL_OK, hash);
	else
		refuse(hashing, status);
	if (!hashing->then) /* it did not ask for another */
		finish(hashing);
}

/* The client has hung up: its place in the queue is for those who still wait. */
static void on_gone(void *ctx, struct request *request)
{
	if (request->state == REQUEST_WAITING) /* else it was answered just now, and ctx is gone */
		kl_hasher_drop(request->server->accounts->hasher, ctx);
}

typedef enum kl_status ask_fn(struct kl_hasher *hasher, const struct kl_hasher_job *job, kl_hasher_fn *fn, void *ctx,
			      struct kl_error *err);

static void start(struct hashing *hashing, ask_fn *ask, const struct kl_hasher_job *job,
		  void (*then)(struct hashing *, bool, const char *))
{
	struct request *request = hashing->request;
	bool waits = request->state == REQUEST_WAITING; /* for a former hash */
	enum kl_status status = ask(request->server->accounts->hasher, job, on_hashed, hashing, NULL);

	if (!status) {
		hashing->then = then;
		if (!waits)
			request_wait(request, on_gone, hashing);
		return;
	}
	refuse(hashing, status);
	if (!waits)
		hashing_free(hashing);
}

void hashing_check(struct hashing *hashing, const char *password, const char *hash,
		   void (*then)(struct hashing *hashing, bool right, const char *hash))
{
	const struct kl_hasher_job job = { password, strlen(password), hash, hashing->site };

	start(hashing, kl_hasher_check, &job, then);
}

void hashing_make(struct hashing *hashing, const char *password,
		  void (*then)(struct hashing *hashing, bool right, const char *hash))
{
	const struct kl_hasher_job job = { password, strlen(password), NULL, hashing->site };

	start(hashing, kl_hasher_make, &job, then);
}
