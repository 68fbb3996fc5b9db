/* kodelabd backup FILE, kodelabd restore FILE. */

#include <string.h>

#include <kodelab/path.h>
#include <kodelab/store_backup.h>

#include "core/server/commands/commands.h"
#include "core/server/settings.h"

/* --- backup ------------------------------------------------------------------------------------------------------- */

static int back_up(const struct command *command, int argc, char **argv, const char *config)
{
	struct opened opened;
	struct kl_error err;
	int64_t bytes;
	int status = EXIT_DONE;

	if (argc != 2)
		return command_usage(command);
	if (!opened_open(&opened, config))
		return EXIT_CANNOT;
	if (kl_store_backup(&bytes, opened.store, argv[1], &err))
		status = command_failed(&err);
	else
		printf("%s: %lld bytes, looked through\n", argv[1], (long long)bytes);
	opened_close(&opened);
	return status;
}

const struct command backup_command = { "backup", "FILE", back_up };

/* --- restore ------------------------------------------------------------------------------------------------------ */

static int restore(const char *database, const char *from)
{
	char kept[4096];
	struct kl_clock clock;
	struct kl_error err;

	kl_clock_init(&clock);
	if (kl_store_restore(kept, sizeof(kept), database, from, &clock, &err))
		return command_failed(&err);
	printf("%s is what %s says\n", database, from);
	if (*kept)
		printf("what was there before is kept: %s\n", kept);
	return EXIT_DONE;
}

static int put_back(const struct command *command, int argc, char **argv, const char *config)
{
	struct settings *settings;
	const char *path;
	char *database;
	bool good;
	int status;

	if (argc != 2)
		return command_usage(command);
	settings = config_load(config, &path);
	for (size_t i = 0; i < settings_problem_count(settings); i++)
		fprintf(stderr, "kodelabd: %s\n", settings_problem(settings, i));
	database = kl_path_join(settings_string(settings, "data"), "kodelabd.db");
	good = !settings_problem_count(settings) && command_becomes_owner(settings_string(settings, "data"));
	status = good ? restore(database, argv[1]) : EXIT_CANNOT;
	free(database);
	settings_free(settings);
	return status;
}

const struct command restore_command = { "restore", "FILE", put_back };
