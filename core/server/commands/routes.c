/* kodelabd routes: every route there is, and who may. The table in docs/class-server.md is this one. */

#include "core/server/commands/commands.h"
#include "core/server/route.h"

static int run(const struct command *command, int argc, char **argv, const char *config)
{
	const struct route *route;

	(void)argv;
	(void)config;
	if (argc != 1)
		return command_usage(command);
	for (size_t i = 0; (route = route_at(i)); i++)
		printf("%s %s\t%s\n", route->method, route->path, access_word(route->access));
	return EXIT_DONE;
}

const struct command routes_command = { "routes", "", run };
