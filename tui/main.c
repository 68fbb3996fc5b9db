/* kodelab: without a subcommand the full screen, else tui/commands/. */
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "app.h"
#include "commands/command.h"

int main(int argc, char **argv)
{
	struct app_start start = { 0 };

	setlocale(LC_ALL, "");
	signal(SIGPIPE, SIG_IGN);
	if (argc > 2 && strcmp(argv[1], "--script") == 0) {
		start.script = argv[2];
		start.challenge = argc > 3 ? argv[3] : NULL;
		start.language = argc > 4 ? argv[4] : NULL;
		return app_run(&start);
	}
	if (argc > 1)
		return command_main(argc, argv);
	return app_run(&start);
}
