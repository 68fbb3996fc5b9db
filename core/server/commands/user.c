/* kodelabd user: people, from the command line. Here the first administrator comes from. */

#include <getopt.h>
#include <strings.h>
#include <unistd.h>

#include <kodelab/account.h>
#include <kodelab/alloc.h>
#include <kodelab/store.h>

#include "core/server/access.h"
#include "core/server/commands/commands.h"
#include "core/server/settings.h"

struct asked {
	const char *name, *value; /* value: of "role" */
	const char *role, *display, *email;
	enum role rank; /* what "role" or --role says */
	struct kl_user user; /* where there must be one */
	char hash[KL_PASSWORD_HASH_SIZE]; /* where a password is asked for */
};

/* --- the password ---------------------------------------------------------------------------------------------------- */

/* One line of the standard input into line; a terminal does not show it. What is too long for it is for a password, too. */
static enum kl_status read_secret(char *line, size_t size, const char *prompt, struct kl_error *err)
{
	bool terminal = isatty(STDIN_FILENO);
	enum kl_status status;
	size_t len = 0;

	if (terminal)
		fputs(prompt, stderr);
	status = terminal ? kl_input_hidden(line, &len, size - 1) : kl_input_line(line, &len, size - 1);
	if (terminal)
		fputs("\n", stderr);
	line[len] = '\0';
	if (status == KL_ECANCELED)
		return kl_fail(err, status, "nothing was changed");
	if (len)
		return KL_OK;
	return kl_fail(err, KL_EINVAL, "the password is read from the standard input, as one line: there was none");
}

static enum kl_status hash_line(char hash[KL_PASSWORD_HASH_SIZE], const char *line, const char *name,
				const struct settings *settings, struct kl_error *err)
{
	struct kl_password_cost cost = { .passes = (unsigned)settings_int(settings, "accounts.hash_passes"),
					 .kib = (size_t)settings_int(settings, "accounts.hash_kib") };
	char *password;
	enum kl_status status = kl_password_read(&password, line, name, err);

	if (status)
		return status;
	if (!kl_password_hash(hash, password, strlen(password), &cost))
		status = kl_fail(err, KL_EFULL, "hashing a password takes %zu KiB of memory that are not to be had",
				 cost.kib);
	kl_secret_free(password);
	return status;
}

static enum kl_status ask_password(char hash[KL_PASSWORD_HASH_SIZE], const char *name, const struct settings *settings,
				   struct kl_error *err)
{
	const size_t size = 2 * KL_PASSWORD_MAX;
	char *line = kl_secret_alloc(size);
	enum kl_status status;

	status = read_secret(line, size, "Password: ", err);
	if (!status)
		status = hash_line(hash, line, name, settings, err);
	kl_secret_free(line);
	return status;
}

/* --- changing ---------------------------------------------------------------------------------------------------------- */

static enum kl_status note(struct opened *opened, const char *action, const char *subject, const char *detail,
			   struct kl_error *err)
{
	struct kl_audit_row row = {
		.actor = "", .name = "@command", .action = action, .subject = subject, .detail = detail, .from = ""
	};

	return kl_audit_add(opened->store, &row, &opened->clock, err);
}

static bool read_role(enum role *role, const char *word)
{
	for (int i = ROLE_STUDENT; i < ROLE_COUNT; i++)
		if (!strcasecmp(role_word((enum role)i), word)) {
			*role = (enum role)i;
			return true;
		}
	return false;
}

static enum kl_status add(struct opened *opened, struct asked *asked, struct kl_error *err)
{
	struct kl_user user = { .created_ms = kl_clock_wall_ms(&opened->clock), .password = asked->hash };
	enum kl_status status;

	kl_id_new(user.id, &opened->clock);
	user.role = asked->rank;
	if (!(status = kl_name_read(&user.name, &user.key, asked->name, err)) &&
	    !(status = kl_line_read(&user.display, "the display name", asked->display ? asked->display : user.name,
				    err)) &&
	    !(status = kl_line_read(&user.email, "the e-mail address", asked->email ? asked->email : "", err)) &&
	    !(status = kl_store_user_add(opened->store, &user, err)))
		status = note(opened, "user.add", user.id, user.name, err);
	free(user.name);
	free(user.key);
	free(user.display);
	free(user.email);
	return status;
}

static enum kl_status end_sessions(struct opened *opened, const struct asked *asked, struct kl_error *err)
{
	return kl_store_sessions_end(opened->store, asked->user.id, NULL, kl_clock_wall_ms(&opened->clock), err);
}

static enum kl_status set_password(struct opened *opened, struct asked *asked, struct kl_error *err)
{
	enum kl_status status = kl_store_user_password(opened->store, asked->user.id, asked->hash, err);

	if (!status)
		status = end_sessions(opened, asked, err);
	return status ? status : note(opened, "user.password", asked->user.id, asked->user.name, err);
}

static enum kl_status set_role(struct opened *opened, struct asked *asked, struct kl_error *err)
{
	enum kl_status status = kl_store_user_role(opened->store, asked->user.id, asked->rank, err);

	return status ? status : note(opened, "user.role", asked->user.id, role_word(asked->rank), err);
}

static enum kl_status disable(struct opened *opened, struct asked *asked, struct kl_error *err)
{
	enum kl_status status = kl_store_user_disable(opened->store, asked->user.id, true, err);

	if (!status)
		status = end_sessions(opened, asked, err);
	return status ? status : note(opened, "user.state", asked->user.id, "disabled", err);
}

static enum kl_status enable(struct opened *opened, struct asked *asked, struct kl_error *err)
{
	enum kl_status status = kl_store_user_disable(opened->store, asked->user.id, false, err);

	return status ? status : note(opened, "user.state", asked->user.id, "active", err);
}

static void show(void *ctx, const struct kl_user *user)
{
	(void)ctx;
	printf("%-24s %-10s %s\n", user->name, role_word((enum role)user->role),
	       user->disabled ? "disabled" : "active");
}

static enum kl_status list(struct opened *opened, struct asked *asked, struct kl_error *err)
{
	const struct kl_user_filter all = { .part = "", .max = INT64_MAX };
	int64_t total;

	(void)asked;
	return kl_store_users(&total, opened->store, &all, show, NULL, err);
}

/* --- words ------------------------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct verb {
	const char *name;
	const char *done; /* behind the name of whom it was done to */
	int words; /* behind it */
	bool there, password; /* wants a user who is there, a new password */
	enum kl_status (*run)(struct opened *opened, struct asked *asked, struct kl_error *err);
} verbs[] = {
	{ "add",      "may sign in now",                      1, false, true,  add },
	{ "list",     NULL,                                   0, false, false, list },
	{ "role",     "has the new role at once",             2, true,  false, set_role },
	{ "password", "has the new password; sessions ended", 1, true,  true,  set_password },
	{ "disable",  "is let in no more; sessions ended",    1, true,  false, disable },
	{ "enable",   "may sign in again",                    1, true,  false, enable },
};
/* clang-format on */

static const struct verb *read_words(struct asked *out, int argc, char **argv)
{
	static const struct option known[] = {
		{ "role", required_argument, NULL, 'r' },
		{ "display", required_argument, NULL, 'd' },
		{ "email", required_argument, NULL, 'e' },
		{ NULL, 0, NULL, 0 },
	};

	*out = (struct asked){ .name = NULL };
	optind = 0; /* begins anew, with other options */
	for (int word; (word = getopt_long(argc, argv, "", known, NULL)) != -1;) {
		out->role = word == 'r' ? optarg : out->role;
		out->display = word == 'd' ? optarg : out->display;
		out->email = word == 'e' ? optarg : out->email;
		if (word == '?')
			return NULL;
	}
	argc -= optind;
	argv += optind;
	for (size_t i = 0; argc && i < KL_LENGTH(verbs); i++) {
		if (strcmp(verbs[i].name, argv[0]) != 0 || argc - 1 != verbs[i].words)
			continue;
		out->name = argc > 1 ? argv[1] : NULL;
		out->value = argc > 2 ? argv[2] : NULL;
		return &verbs[i];
	}
	return NULL;
}

static enum kl_status find(struct kl_user *user, const struct opened *opened, const char *name, struct kl_error *err)
{
	char *good, *key;
	enum kl_status status = kl_name_read(&good, &key, name, err);

	if (status)
		return status;
	status = kl_store_user_named(user, opened->store, key, err);
	if (status == KL_ENOENT)
		kl_fail(err, KL_ENOENT, "there is no user '%s': 'kodelabd user list' shows who there is", good);
	free(good);
	free(key);
	return status;
}

/* What is done and what the audit log says of it are one transaction; the password is asked for before it. */
static enum kl_status perform(const struct verb *verb, struct opened *opened, struct asked *asked, struct kl_error *err)
{
	const char *word = asked->value ? asked->value : asked->role;
	enum kl_status status = KL_OK;

	asked->rank = ROLE_STUDENT;
	if (word && !read_role(&asked->rank, word))
		return kl_fail(err, KL_EINVAL, "a role is student, instructor or admin, not '%s'", word);
	if (verb->there)
		status = find(&asked->user, opened, asked->name, err);
	if (!status && verb->password)
		status = ask_password(asked->hash, asked->name, opened->settings, err);
	if (!status)
		status = kl_store_batch_begin(opened->store, err);
	if (!status)
		status = verb->run(opened, asked, err); /* when it fails, closing the store takes all of it back */
	return status ? status : kl_store_batch_end(opened->store, err);
}

static int run(const struct command *command, int argc, char **argv, const char *config)
{
	struct asked asked;
	struct opened opened;
	const struct verb *verb = read_words(&asked, argc, argv);
	struct kl_error err;
	int status = EXIT_DONE;

	if (!verb)
		return command_usage(command);
	if (!opened_open(&opened, config))
		return EXIT_CANNOT;
	if (perform(verb, &opened, &asked, &err))
		status = command_failed(&err);
	else if (verb->done)
		printf("%s %s\n", asked.name, verb->done);
	kl_user_release(&asked.user);
	opened_close(&opened);
	return status;
}

const struct command user_command = {
	"user",
	"add NAME [--role ROLE] [--display TEXT] [--email TEXT] | list | role NAME ROLE | password NAME |"
	" disable NAME | enable NAME",
	run,
};
