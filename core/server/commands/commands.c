/* The table of kodelabd's commands, and what they share. */

#include "core/server/commands/commands.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/path.h>
#include <kodelab/store.h>

#include "core/server/settings.h"

#define CONFIG "/etc/kodelab/kodelabd.conf"

static const struct command *const commands[] = {
	&user_command, &audit_command, &keys_command, &backup_command, &restore_command, &check_command,
};

const struct command *command_at(size_t index)
{
	return index < KL_LENGTH(commands) ? commands[index] : NULL;
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < KL_LENGTH(commands); i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

int command_usage(const struct command *command)
{
	fprintf(stderr, "usage: kodelabd %s%s%s\n", command->name, *command->usage ? " " : "", command->usage);
	return EXIT_USAGE;
}

int command_failed(const struct kl_error *err)
{
	fprintf(stderr, "kodelabd: %s\n", err->message);
	return EXIT_CANNOT;
}

struct settings *config_load(const char *config, const char **path)
{
	*path = config;
	if (!*path && access(CONFIG, F_OK) == 0)
		*path = CONFIG;
	return settings_load(*path);
}

/* What root writes the server could not: who owns the folder writes. The configuration was read before. */
bool command_becomes_owner(const char *folder)
{
	struct stat st;

	if (geteuid() != 0 || stat(folder, &st) < 0 || !st.st_uid)
		return true;
	if (setgroups(0, NULL) == 0 && setgid(st.st_gid) == 0 && setuid(st.st_uid) == 0)
		return true;
	fprintf(stderr, "kodelabd: '%s' belongs to user %u, as whom this cannot run: use that user\n", folder,
		(unsigned)st.st_uid);
	return false;
}

bool opened_open(struct opened *out, const char *config)
{
	struct kl_error err;
	const char *path;
	char *database;
	bool good;

	*out = (struct opened){ .settings = config_load(config, &path) };
	for (size_t i = 0; i < settings_problem_count(out->settings); i++)
		fprintf(stderr, "kodelabd: %s\n", settings_problem(out->settings, i));
	kl_clock_init(&out->clock);
	database = kl_path_join(settings_string(out->settings, "data"), "kodelabd.db");
	good = !settings_problem_count(out->settings) &&
	       command_becomes_owner(settings_string(out->settings, "data")) &&
	       (!kl_store_open_beside(&out->store, database, &out->clock, &err) || (command_failed(&err), false));
	free(database);
	if (!good)
		opened_close(out);
	return good;
}

void opened_close(struct opened *opened)
{
	kl_store_close(opened->store);
	settings_free(opened->settings);
}
