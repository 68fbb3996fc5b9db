/* kodelabd audit verify: is the audit log as it was written? */

#include <kodelab/account.h>

#include "core/server/commands/commands.h"

static int verify(struct opened *opened)
{
	struct kl_audit_check check;
	struct kl_error err;

	if (kl_audit_verify(&check, opened->store, &err))
		return command_failed(&err);
	if (check.wrong) {
		printf("row %lld of the audit log is wrong: %s\n", (long long)check.wrong, check.why);
		return EXIT_NOT_SO;
	}
	printf("%lld rows of the audit log are as they were written%s%s\n", (long long)check.rows,
	       check.rows ? "; the last has the chain " : "", check.head);
	return EXIT_DONE;
}

static int run(const struct command *command, int argc, char **argv, const char *config)
{
	struct opened opened;
	int status;

	if (argc != 2 || strcmp(argv[1], "verify") != 0)
		return command_usage(command);
	if (!opened_open(&opened, config))
		return EXIT_CANNOT;
	status = verify(&opened);
	opened_close(&opened);
	return status;
}

const struct command audit_command = { "audit", "verify", run };
