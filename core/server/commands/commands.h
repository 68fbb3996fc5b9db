#ifndef CORE_SERVER_COMMANDS_COMMANDS_H
#define CORE_SERVER_COMMANDS_COMMANDS_H

/*
 * What kodelabd does beside serving: `kodelabd user add ada`. Commands print, as main.c does; they may run beside a server
 * that has the database open.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/clock.h>
#include <kodelab/error.h>

struct kl_store;
struct settings;

enum { EXIT_DONE = 0, EXIT_NOT_SO = 1, EXIT_USAGE = 2, EXIT_CANNOT = 3 }; /* as kodelab's own */

struct command {
	const char *name;
	const char *usage; /* what stands behind the name */
	int (*run)(const struct command *command, int argc, char **argv, const char *config); /* argv[0]: the name */
};

extern const struct command user_command, audit_command, keys_command, backup_command, restore_command, check_command;

/* NULL: there is no such command. */
const struct command *command_find(const char *name);
const struct command *command_at(size_t index);
int command_usage(const struct command *command);
int command_failed(const struct kl_error *err);

/* The configuration, and the server's database, whoever has it open. false: it was said why not. */
struct opened {
	struct settings *settings;
	struct kl_store *store;
	struct kl_clock clock;
};
bool opened_open(struct opened *out, const char *config);
/* Root goes on as the account that the folder belongs to: what it writes there that account must read. false: it was said why not. */
bool command_becomes_owner(const char *folder);
void opened_close(struct opened *opened);
/* The file of that name or the one that is there by default; NULL: none. For main.c, too. */
struct settings *config_load(const char *config, const char **path);

#endif
