/* kodelabd check: is everything in order that a server of a class needs? One line for each thing, the bad ones with what to do. */

#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <kodelab/account.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/sandbox.h>
#include <kodelab/store.h>
#include <kodelab/store_backup.h>

#include "core/server/commands/commands.h"
#include "core/server/judge0.h"
#include "core/server/settings.h"
#include "core/server/tls.h"

#define ROOM_LEAST ((unsigned long long)1 << 30)

struct checking {
	const struct settings *settings;
	struct kl_store *store; /* NULL: it does not open */
	struct kl_clock clock;
	struct kl_error opening; /* why it does not */
};

static enum kl_status check_data(const struct checking *checking, struct kl_error *err)
{
	const char *data = settings_string(checking->settings, "data");
	struct statvfs disk;

	if (access(data, F_OK) < 0)
		return kl_fail(err, KL_ENOENT, "the folder '%s' is not there yet: the first start makes it", data);
	if (access(data, R_OK | W_OK | X_OK) < 0)
		return kl_fail(err, KL_EDENIED,
			       "the folder '%s' is not this account's to write: run this as kodelabd's account", data);
	if (kl_path_is_network(data))
		return kl_fail(err, KL_EINVAL, "'%s' lies on a network file system: move it to a disk of this machine",
			       data);
	if (statvfs(data, &disk) == 0 && (unsigned long long)disk.f_bavail * disk.f_frsize < ROOM_LEAST)
		return kl_fail(err, KL_EFULL, "less than 1 GiB is free where '%s' lies: make room", data);
	return KL_OK;
}

static enum kl_status check_database(const struct checking *checking, struct kl_error *err)
{
	if (checking->store)
		return kl_store_check_all(checking->store, err);
	*err = checking->opening;
	return err->status;
}

static enum kl_status check_audit(const struct checking *checking, struct kl_error *err)
{
	struct kl_audit_check found;
	enum kl_status status;

	if (!checking->store)
		return kl_fail(err, KL_ENOENT, "not looked at: the database does not open");
	status = kl_audit_verify(&found, checking->store, err);
	if (!status && found.wrong)
		status = kl_fail(err, KL_ECORRUPT, "row %lld of the audit log is wrong: %s", (long long)found.wrong,
				 found.why);
	return status;
}

static enum kl_status check_tls(const struct checking *checking, struct kl_error *err)
{
	return tls_try(checking->settings, err);
}

static enum kl_status check_judge(const struct checking *checking, struct kl_error *err)
{
	struct kl_sandbox *sandbox = NULL;
	struct kl_loop *loop = NULL;
	enum kl_status status = KL_OK;

	if (!settings_bool(checking->settings, "judge.enabled") ||
	    !strcmp(settings_string(checking->settings, "judge.executor"), "remote"))
		return KL_OK;
	status = kl_loop_open(&loop, err);
	if (!status)
		status = judge0_open_sandbox(&sandbox, loop, checking->settings, err);
	kl_sandbox_close(sandbox);
	kl_loop_close(loop);
	return status;
}

/* clang-format off */
static const struct {
	const char *name;
	enum kl_status (*run)(const struct checking *checking, struct kl_error *err);
} checks[] = {
	{ "folder",      check_data },
	{ "database",    check_database },
	{ "audit log",   check_audit },
	{ "TLS",         check_tls },
	{ "sandbox",     check_judge },
};
/* clang-format on */

static int look(const struct checking *checking)
{
	int status = EXIT_DONE;

	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct kl_error err = { .status = KL_OK };

		if (checks[i].run(checking, &err))
			status = EXIT_NOT_SO;
		if (err.status)
			printf("bad   %-10s  %s\n", checks[i].name, err.message);
		else
			printf("good  %s\n", checks[i].name);
	}
	return status;
}

static int run(const struct command *command, int argc, char **argv, const char *config)
{
	struct checking checking = { .store = NULL };
	struct settings *settings;
	const char *path;
	char *database;
	int status;

	(void)argv;
	if (argc != 1)
		return command_usage(command);
	settings = config_load(config, &path);
	if (!command_becomes_owner(settings_string(settings, "data"))) {
		settings_free(settings);
		return EXIT_CANNOT;
	}
	checking.settings = settings;
	kl_clock_init(&checking.clock);
	printf("%-4s  %-10s  %s\n", settings_problem_count(settings) ? "bad" : "good", "settings",
	       settings_problem_count(settings) ? settings_problem(settings, 0)
	       : path                           ? path
						: "all defaults");
	database = kl_path_join(settings_string(settings, "data"), "kodelabd.db");
	if (!kl_path_exists(database))
		kl_fail(&checking.opening, KL_ENOENT, "'%s' is not there yet: the first start makes it", database);
	else
		(void)!kl_store_open_beside(&checking.store, database, &checking.clock, &checking.opening);
	status = look(&checking);
	if (settings_problem_count(settings))
		status = EXIT_NOT_SO;
	kl_store_close(checking.store);
	settings_free(settings);
	free(database);
	return status;
}

const struct command check_command = { "check", "", run };
