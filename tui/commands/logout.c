/* kodelab logout [NAME]: the session ends, here in any case, and at the server when it can be reached. */
#include "classroom.h"

#include <kodelab/loop.h>

#include "commands.h"
#include "judging.h"

static void done(void *ctx, const struct kl_class_answer *answer)
{
	struct cli *cli = ctx;

	if (answer->end == KL_CLASS_OFFLINE || answer->end == KL_CLASS_BUSY || answer->end == KL_CLASS_UNTRUSTED)
		cli_warn(cli, "the server has not heard of it (%s): there the login ends by itself",
			 answer->error.message);
	kl_loop_stop(cli->loop);
}

static int log_out(struct cli *cli)
{
	struct kl_error err;

	if (kl_class_logout(cli->class, done, cli, &err))
		return classroom_fail_error(cli, &err);
	judging_catch(cli, NULL, NULL);
	kl_loop_run(cli->loop);
	return EXIT_DONE;
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
		status = log_out(cli);
	if (status)
		return status;
	if (args->options[LOGOUT_FORGET])
		return forget(cli, server->name);
	if (!cli->json)
		cli_say(cli, "You are logged out of '%s'. Your work stays here%s\n", server->name,
			server->session ? "." : ", as before.");
	return EXIT_DONE;
}
