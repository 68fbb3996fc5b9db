/* kodelabd: what the command line says. */

#include <getopt.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <kodelab/crypto.h>
#include <kodelab/hasher.h>
#include <kodelab/vault.h>

#include "core/server/class/packs.h"
#include "core/server/commands/commands.h"
#include "core/server/eventlog.h"
#include "core/server/listen.h"
#include "core/server/peer.h"
#include "core/server/route.h"
#include "core/server/server.h"
#include "core/server/settings.h"

static const char usage[] =
	"usage: kodelabd [--config FILE] [--check-config] [--foreground] [--options] [--routes] [--version]"
	" [COMMAND]\n";

struct arguments {
	const char *config;
	const struct command *command; /* NULL: serve */
	int words; /* where it begins in argv */
	bool check, foreground, options, routes, version;
};

static void show_usage(FILE *to)
{
	const struct command *command;

	fputs(usage, to);
	for (size_t i = 0; (command = command_at(i)); i++)
		fprintf(to, "       kodelabd %s%s%s\n", command->name, *command->usage ? " " : "", command->usage);
}

/* A command's own words are its own to read. */
static bool read_command(struct arguments *out, int argc, char **argv)
{
	out->words = optind;
	if (optind == argc)
		return true;
	out->command = command_find(argv[optind]);
	if (!out->command)
		fprintf(stderr, "kodelabd: there is no command '%s'; it is:\n", argv[optind]);
	return out->command != NULL;
}

static bool read_arguments(struct arguments *out, int argc, char **argv)
{
	static const struct option known[] = {
		{ "config", required_argument, NULL, 'c' }, { "check-config", no_argument, NULL, 'k' },
		{ "foreground", no_argument, NULL, 'f' },   { "options", no_argument, NULL, 'o' },
		{ "routes", no_argument, NULL, 'r' },       { "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },         { NULL, 0, NULL, 0 },
	};

	*out = (struct arguments){ .config = NULL };
	for (int word; (word = getopt_long(argc, argv, "+c:h", known, NULL)) != -1;) {
		out->config = word == 'c' ? optarg : out->config;
		out->check |= word == 'k';
		out->foreground |= word == 'f';
		out->options |= word == 'o';
		out->routes |= word == 'r';
		out->version |= word == 'v';
		if (word == '?')
			return false;
		if (word == 'h') {
			show_usage(stdout);
			exit(0);
		}
	}
	return read_command(out, argc, argv);
}

/* What an option takes: " One of error, warn, info." or " From 1 to 4096." */
static void show_values(const struct kl_option *option)
{
	bool number = option->type == KL_OPTION_INT;
	const char *word = option->choices;

	for (size_t len; word; word = word[len] ? word + len + 1 : NULL) {
		const char *before = number ? " to " : ", ";

		len = strcspn(word, " ");
		if (word == option->choices)
			before = number ? " From " : " One of ";
		printf("%s%.*s%s", before, (int)len, word, word[len] ? "" : ".");
	}
}

static int show_options(void)
{
	for (size_t i = 0; i < setting_count(); i++) {
		const struct kl_option *option = &setting_at(i)->option;

		printf("# %s.", option->help);
		show_values(option);
		printf("%s\n%s = %s%s%s\n", setting_at(i)->restart ? " Read at the start alone." : "", option->name,
		       *option->initial ? "" : "\"", option->initial, *option->initial ? "" : "\"");
	}
	return 0;
}

static int show_routes(void)
{
	const struct route *route;

	for (size_t i = 0; (route = route_at(i)); i++)
		printf("%s\t%s\t%s\n", route->method, route->path, access_word(route->access));
	return 0;
}

static int check(const struct settings *settings)
{
	for (size_t i = 0; i < settings_problem_count(settings); i++)
		fprintf(stderr, "kodelabd: %s\n", settings_problem(settings, i));
	return settings_problem_count(settings) ? EXIT_USAGE : 0;
}

/* Tokens and submissions are in memory: no core file, no tracer but root's. */
static void keep_secrets(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

/* Every connection is a descriptor, and so are the sandbox's pipes. */
static void raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max > 65536 ? 65536 : files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static void ignore(int signo)
{
	(void)signo;
}

/* A file that may grow no further is a write that fails. A handler, unlike SIG_IGN, is not what children begin with. */
static void take_full_files(void)
{
	sigaction(SIGXFSZ, &(struct sigaction){ .sa_handler = ignore, .sa_flags = SA_RESTART }, NULL);
}

static int serve(struct server *server, const char *master, bool foreground)
{
	struct kl_error err;
	int status = 0;

	keep_secrets();
	raise_limits();
	take_full_files();
	eventlog_open(settings_string(server->settings, "log.level"), foreground);
	if (server_open(server, master, &err)) {
		eventlog_flush();
		fprintf(stderr, "kodelabd: %s\n", err.message);
		status = EXIT_CANNOT;
	} else {
		server_run(server);
	}
	server_close(server);
#ifdef __SANITIZE_ADDRESS__
	prctl(PR_SET_DUMPABLE, 1); /* nothing secret is left, and the search for leaks traces the process */
#endif
	return status;
}

static int run(const struct arguments *arguments, const char *master)
{
	struct server server = { .loop = NULL };
	int status;

	if (arguments->version) {
		puts("kodelabd " KL_VERSION);
		return 0;
	}
	if (arguments->options)
		return show_options();
	if (arguments->routes)
		return show_routes();
	server.settings = config_load(arguments->config, &server.config_path);
	status = check(server.settings);
	if (status || arguments->check) {
		if (!status)
			puts("the configuration is good");
		settings_free(server.settings);
		return status;
	}
	return serve(&server, master, arguments->foreground);
}

int main(int argc, char **argv)
{
	char *master = kl_vault_take_environment(); /* before anything that has children */
	struct arguments arguments;
	int status = EXIT_USAGE;

	if (argc == 2 && !strcmp(argv[1], "hash-passwords")) { /* started by the server itself */
		kl_hasher_work();
		status = EXIT_DONE;
	} else if (argc == 2 + TAKE_PACK_WORDS && !strcmp(argv[1], TAKE_PACK)) { /* the same */
		take_pack(argv + 2);
		status = EXIT_DONE;
	} else if (!read_arguments(&arguments, argc, argv)) {
		show_usage(stderr);
	} else if (arguments.command) {
		keep_secrets();
		status = arguments.command->run(arguments.command, argc - arguments.words, argv + arguments.words,
						arguments.config);
	} else {
		status = run(&arguments, master);
	}
	kl_secret_free(master);
	return status;
}
