/* Calls to the class server from the command line: see classroom.h. */
#include "classroom.h"

#include <signal.h>

#include <kodelab/loop.h>

#include "judging.h"

enum kl_status classroom_parts(struct kl_class_parts *parts, struct cli *cli, struct kl_error *err)
{
	enum kl_status status = cli_loop(cli, err);

	if (!status)
		status = cli_keypool(cli, err);
	if (!status && cli->forgets)
		status = kl_fail(err, KL_EIO, "a login cannot be kept here: nothing can be written");
	*parts = (struct kl_class_parts){ .loop = cli->loop,
					  .store = cli->store,
					  .vault = cli->keyring.vault,
					  .clock = &cli->clock,
					  .folder = cli->paths.data };
	return status;
}

int classroom_open(struct cli *cli, const char *name)
{
	struct kl_class_parts parts;
	struct kl_error err;

	if (cli->class)
		return EXIT_DONE;
	if (classroom_parts(&parts, cli, &err))
		return cli_fail(cli, &err);
	if (!kl_class_open(&cli->class, &parts, name, &err))
		return EXIT_DONE;
	if (err.status == KL_ENOENT)
		err.status = KL_EDENIED; /* nobody is logged in */
	return classroom_fail_error(cli, &err);
}

int classroom_fail_error(const struct cli *cli, const struct kl_error *err)
{
	int status = cli_fail(cli, err);

	return err->status == KL_EDENIED ? EXIT_REFUSED : status;
}

int classroom_fail(const struct cli *cli, const struct kl_class_answer *answer)
{
	return classroom_fail_error(cli, &answer->error);
}

/* --- one call ----------------------------------------------------------------------------------------------------- */

struct waiting {
	struct cli *cli;
	struct kl_class_call *call;
	cJSON **data; /* NULL: not wanted */
	struct kl_buf *body; /* NULL: not wanted */
	int status;
};

static void done(void *ctx, const struct kl_class_answer *answer)
{
	struct waiting *waiting = ctx;

	waiting->call = NULL;
	if (answer->end != KL_CLASS_DONE)
		waiting->status = classroom_fail(waiting->cli, answer);
	else if (waiting->data)
		*waiting->data = answer->data ? cJSON_Duplicate(answer->data, true) : cJSON_CreateNull();
	else if (waiting->body)
		kl_buf_add(waiting->body, answer->body, answer->body_len);
	kl_loop_stop(waiting->cli->loop);
}

static void interrupted(void *ctx, int signo)
{
	struct waiting *waiting = ctx;

	(void)signo;
	if (waiting->call)
		kl_class_cancel(waiting->call);
}

static int run(struct waiting *waiting, const struct kl_class_ask *ask)
{
	struct cli *cli = waiting->cli;
	struct kl_error err;

	waiting->status = classroom_open(cli, NULL);
	if (waiting->status)
		return waiting->status;
	if (kl_class_call(&waiting->call, cli->class, ask, done, waiting, &err))
		return classroom_fail_error(cli, &err);
	judging_catch(cli, interrupted, waiting);
	kl_loop_run(cli->loop);
	judging_catch(cli, NULL, NULL);
	return waiting->status;
}

int classroom_ask(cJSON **data, struct cli *cli, const struct kl_class_ask *ask)
{
	struct waiting waiting = { .cli = cli, .data = data };

	if (data)
		*data = NULL;
	return run(&waiting, ask);
}

int classroom_fetch(struct kl_buf *body, struct cli *cli, const struct kl_class_ask *ask)
{
	struct waiting waiting = { .cli = cli, .body = body };

	return run(&waiting, ask);
}
