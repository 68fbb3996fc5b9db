/* kodelab logout [NAME]: the session ends, here in any case, and at the server when it can be reached. */
#include "classroom.h"

#include <kodelab/loop.h>

#include "commands.h"
#include "judging.h"

struct ending {
	struct cli *cli;
	struct kl_error error; /* what came of it */
};

static void done(void *ctx, const struct kl_class_answer *answer)
{
	struct ending *ending = ctx;

	ending->error = answer->error;
	if (answer->end == KL_CLASS_OFFLINE || answer->end == KL_CLASS_BUSY || answer->end == KL_CLASS_UNTRUSTED)
		cli_warn(ending->cli, "the server has not heard of it (%s): there the login ends by itself",
			 answer->error.message);
	kl_loop_stop(ending->cli->loop);
}

/* Whatever the server says, the login must be gone here: else whoever sits here next has it. */
static int check_gone(const struct ending *ending, const char *name)
{
	struct kl_class_session session;
	struct kl_error err;
	enum kl_status status = kl_store_class_session(&session, ending->cli->store, name, &err);

	if (status == KL_ENOENT)
		return EXIT_DONE;
	if (status)
		return cli_fail(ending->cli, &err);
	kl_class_session_release(&session);
	return cli_fail(ending->cli, &ending->error);
}

static int log_out(struct cli *cli, const char *name)
{
	struct ending ending = { .cli = cli };

	if (kl_class_logout(cli->class, done, &ending, &ending.error))
		return classroom_fail_error(cli, &ending.error);
	judging_catch(cli, NULL, NULL);
	kl_loop_run(cli->loop);
	return check_gone(&ending, name);
}

static int forget(struct cli *cli, const char *name)
{
	struct kl_error err;

	if (kl_store_class_remove(cli->store, name, &err))
		return cli_fail(cli, &err);
	if (!cli->json)
		cli_say(cli, "'%s' is forgotten, with its key.\n", name);
	return EXIT_DONE;
}

int command_logout(struct cli *cli, const struct command_args *args)
{
	int status = classroom_open(cli, args->word_count ? args->words[0] : NULL);
	const struct kl_class_server *server;

	if (status)
		return status;
	server = kl_class_server(cli->class);
	if (server->session)
		status = log_out(cli, server->name);
	if (status)
		return status;
	if (args->options[LOGOUT_FORGET])
		return forget(cli, server->name);
	if (!cli->json)
		cli_say(cli, "You are logged out of '%s'. Your work stays here%s\n", server->name,
			server->session ? "." : ", as before.");
	return EXIT_DONE;
}
