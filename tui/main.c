/* kodelab: without a subcommand the full screen, else tui/commands/. */
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/vault.h>

#include "app.h"
#include "commands/command.h"
#include "syncfiles.h"

static int run(int argc, char **argv, const char *master)
{
	struct app_start start = { .master = master };

	if (argc > 2 && strcmp(argv[1], "--script") == 0) {
		start.script = argv[2];
		start.challenge = argc > 3 ? argv[3] : NULL;
		start.language = argc > 4 ? argv[4] : NULL;
		return app_run(&start);
	}
	if (argc > 2 && strcmp(argv[1], "install-pack") == 0) /* by the lab itself */
		return syncfiles_install(argc - 2, argv + 2);
	if (argc > 2 && strcmp(argv[1], "bundle-pack") == 0)
		return syncfiles_bundle(argc - 2, argv + 2);
	return argc > 1 ? command_main(argc, argv, master) : app_run(&start);
}

int main(int argc, char **argv)
{
	char *master = kl_vault_take_environment(); /* before anything that has children */
	int status;

	setlocale(LC_ALL, "");
	signal(SIGPIPE, SIG_IGN);
	status = run(argc, argv, master);
	kl_secret_free(master);
	return status;
}
