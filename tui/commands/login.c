/* kodelab login [ADDRESS…|NAME]: to a class server, by a code that somebody confirms in a browser, or otherwise. */
#include "classroom.h"

#include <string.h>
#include <sys/utsname.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>
#include <kodelab/file.h>

#include "commands.h"
#include "judging.h"

enum { NAME_MAX_LEN = 60, AUTHORITY_MAX = 4 << 20 };

/* --- which server ------------------------------------------------------------------------------------------------- */

static bool is_address(const char *word)
{
	return strstr(word, "://") || strchr(word, '.') || strchr(word, ':') || !strcmp(word, "localhost");
}

/* "class.example.org" → "https://class.example.org" */
static void add_address(struct kl_buf *out, const char *word)
{
	if (out->len)
		kl_buf_add_char(out, ' ');
	if (!strstr(word, "://"))
		kl_buf_add_str(out, "https://");
	kl_buf_add_str(out, word);
}

/* What the server is called when nothing is said: the host of its first address. */
static char *name_of(const char *addresses)
{
	const char *host = strstr(addresses, "://") + 3;
	size_t len = strcspn(host, "/ ");

	return kl_strndup(host, len < NAME_MAX_LEN ? len : NAME_MAX_LEN);
}

/* Trusting nobody more would be taken for a server that is not to be trusted. */
static enum kl_status check_authority(const char *path, struct kl_error *err)
{
	struct kl_buf text;
	enum kl_status status;

	kl_buf_init(&text, AUTHORITY_MAX);
	status = kl_file_read(&text, path, err);
	if (!status && !strstr(text.data, "-----BEGIN "))
		status = kl_fail(err, KL_ENOENT, "there is no certificate (PEM) in '%s': name the authority's file",
				 path);
	kl_buf_release(&text);
	return status;
}

static enum kl_status check_options(const struct command_args *args, struct kl_error *err)
{
	const char *ca = args->options[LOGIN_CA];

	if (!ca || !*ca)
		return KL_OK;
	if (*ca != '/')
		return kl_fail(err, KL_EINVAL, "name the authority's file by its whole path: --ca /…/%s", ca);
	return check_authority(ca, err);
}

/* Named by the host, as servers are that nobody named, it looks like an address: the one that is known is meant. */
static bool is_known(struct kl_class_server *out, struct cli *cli, const struct command_args *args)
{
	return args->word_count == 1 && !strstr(args->words[0], "://") && !args->options[LOGIN_NAME] &&
	       !kl_store_class_get(out, cli->store, args->words[0], NULL);
}

/* By what a server of that name is reached, where it is known: nobody says that at every login. */
static void reach_as_before(struct kl_class_server *out, struct cli *cli)
{
	struct kl_class_server before;

	if (kl_store_class_get(&before, cli->store, out->name, NULL))
		return;
	out->ca_file = before.ca_file;
	out->proxy = before.proxy;
	before.ca_file = before.proxy = NULL;
	kl_class_server_release(&before);
}

/* Found by name; else a new one, or a known one at this address. Its texts are owned: kl_class_server_release. */
static enum kl_status find_server(struct kl_class_server *out, struct cli *cli, const struct command_args *args,
				  struct kl_error *err)
{
	const char *name = args->options[LOGIN_NAME], *const *options = args->options;
	enum kl_status status = check_options(args, err);
	struct kl_buf addresses;

	if (status)
		return status;
	if (is_known(out, cli, args)) {
		status = KL_OK;
	} else if (!args->word_count || !is_address(args->words[0])) {
		status = kl_store_class_get(out, cli->store, args->word_count ? args->words[0] : name, err);
	} else {
		kl_buf_init(&addresses, 4096);
		for (size_t i = 0; i < args->word_count; i++)
			add_address(&addresses, args->words[i]);
		*out = (struct kl_class_server){ .addresses = kl_buf_detach(&addresses) };
		out->name = name ? kl_strdup(name) : name_of(out->addresses);
		reach_as_before(out, cli);
	}
	if (!status && options[LOGIN_CA]) {
		free(out->ca_file);
		out->ca_file = kl_strdup(options[LOGIN_CA]);
	}
	if (!status && options[LOGIN_PROXY]) {
		free(out->proxy);
		out->proxy = kl_strdup(*options[LOGIN_PROXY] ? options[LOGIN_PROXY] : "none");
	}
	return status;
}

/* --- how ---------------------------------------------------------------------------------------------------------- */

struct secrets {
	char *user, *password, *token; /* password, token: secret memory */
};

static void release_secrets(struct secrets *secrets)
{
	free(secrets->user);
	kl_secret_free(secrets->password);
	kl_secret_free(secrets->token);
}

static enum kl_status ask_user(struct secrets *secrets, const struct command_args *args, struct kl_error *err)
{
	if (!args->options[LOGIN_USER])
		return cli_line(&secrets->user, "Name", err);
	secrets->user = kl_strdup(args->options[LOGIN_USER]);
	return KL_OK;
}

static enum kl_status ask_new_password(struct secrets *secrets, struct kl_error *err)
{
	enum kl_status status = cli_secret(&secrets->password, "A password for it", err);
	char *again;

	if (status || !cli_on_terminal())
		return status;
	status = cli_secret(&again, "The same once more", err);
	if (status)
		return status;
	if (strcmp(again, secrets->password) != 0)
		status = kl_fail(err, KL_EINVAL, "these are two passwords: try again");
	kl_secret_free(again);
	return status;
}

static bool makes_password(const struct kl_class_login_spec *spec)
{
	return spec->way == KL_CLASS_REGISTER || spec->way == KL_CLASS_RESET;
}

static enum kl_status ask_secrets(struct kl_class_login_spec *spec, struct secrets *secrets,
				  const struct command_args *args, struct kl_error *err)
{
	enum kl_status status = KL_OK;

	spec->way = args->options[LOGIN_REGISTER]   ? KL_CLASS_REGISTER
		    : args->options[LOGIN_RESET]    ? KL_CLASS_RESET
		    : args->options[LOGIN_TOKEN]    ? KL_CLASS_TOKEN
		    : args->options[LOGIN_PASSWORD] ? KL_CLASS_PASSWORD
		    : args->options[LOGIN_GITHUB]   ? KL_CLASS_GITHUB
						    : KL_CLASS_DEVICE;
	if (spec->way == KL_CLASS_TOKEN)
		status = cli_secret(&secrets->token, "Token", err);
	if (spec->way == KL_CLASS_PASSWORD || makes_password(spec))
		status = ask_user(secrets, args, err);
	if (!status && spec->way == KL_CLASS_PASSWORD)
		status = cli_secret(&secrets->password, "Password", err);
	if (!status && makes_password(spec))
		status = ask_new_password(secrets, err);
	spec->user = secrets->user;
	spec->password = secrets->password;
	spec->token = secrets->token;
	spec->invitation = args->options[LOGIN_INVITATION];
	spec->code = args->options[LOGIN_RESET];
	return status;
}

/* --- until it is done --------------------------------------------------------------------------------------------- */

struct waiting {
	struct cli *cli;
	struct kl_class_login *login;
	struct kl_error error;
};

static void show_code(void *ctx, const struct kl_class_code *code)
{
	struct waiting *waiting = ctx;

	fputs("Open ", stderr);
	cli_print_line(stderr, waiting->cli, code->address, strlen(code->address));
	fputs(" in a browser, sign in there, and enter the code\n\n    ", stderr);
	cli_print_line(stderr, waiting->cli, code->code, strlen(code->code));
	fputs("\n\nThis waits until you have (C-c gives up).\n", stderr);
}

static void done(void *ctx, const struct kl_error *error)
{
	struct waiting *waiting = ctx;

	waiting->login = NULL;
	waiting->error = *error;
	kl_loop_stop(waiting->cli->loop);
}

static void interrupted(void *ctx, int signo)
{
	struct waiting *waiting = ctx;

	(void)signo;
	if (waiting->login)
		kl_class_login_cancel(waiting->login);
}

static int say_who(struct cli *cli)
{
	const struct kl_class_server *server = kl_class_server(cli->class);
	cJSON *root;

	if (!cli->json) {
		cli_say(cli, "You are %s at '%s'. What you do in the lab is sent there; 'kodelab sync' does it now.\n",
			server->user_name, server->name);
		return EXIT_DONE;
	}
	root = cJSON_CreateObject();
	cJSON_AddStringToObject(root, "server", server->name);
	cJSON_AddStringToObject(root, "user", server->user_name);
	cJSON_AddStringToObject(root, "role", server->role);
	return cli_print_json(root);
}

static int say_bound(struct cli *cli)
{
	const struct kl_class_server *server = kl_class_server(cli->class);

	if (cli->json)
		return say_who(cli);
	cli_say(cli, "Your account %s at '%s' is bound to your GitHub account: 'kodelab login --github' takes it.\n",
		server->user_name, server->name);
	return EXIT_DONE;
}

static int log_in(struct cli *cli, const struct kl_class_login_spec *spec)
{
	struct waiting waiting = { .cli = cli };

	if (kl_class_login(&waiting.login, cli->class, spec, show_code, done, &waiting, &waiting.error))
		return classroom_fail_error(cli, &waiting.error);
	judging_catch(cli, interrupted, &waiting);
	kl_loop_run(cli->loop);
	judging_catch(cli, NULL, NULL);
	if (waiting.error.status)
		return classroom_fail_error(cli, &waiting.error);
	return spec->way == KL_CLASS_BIND_GITHUB ? say_bound(cli) : say_who(cli);
}

static char *device_name(void)
{
	struct utsname name;

	return kl_format("kodelab on %.60s", uname(&name) == 0 ? name.nodename : "a terminal");
}

/* `kodelab login NAME` of a server whose session goes on: it is the active one from now on, reached as was said, and no more. */
static bool only_switches(const struct command_args *args, const struct kl_class_server *server)
{
	return args->word_count == 1 && server->session && !args->options[LOGIN_PASSWORD] &&
	       !args->options[LOGIN_GITHUB] && !args->options[LOGIN_TOKEN] && !args->options[LOGIN_REGISTER] &&
	       !args->options[LOGIN_RESET];
}

static int switch_to(struct cli *cli, const struct command_args *args, const struct kl_class_server *server)
{
	bool changed = args->options[LOGIN_CA] || args->options[LOGIN_PROXY];
	struct kl_error err;
	int status;

	if (changed ? kl_store_class_put(cli->store, server, &err)
		    : kl_store_class_activate(cli->store, server->name, &err))
		return cli_fail(cli, &err);
	status = classroom_open(cli, server->name);
	return status ? status : say_who(cli);
}

static int begin(struct cli *cli, const struct command_args *args, const struct kl_class_parts *parts,
		 const struct kl_class_server *server)
{
	char *device = device_name();
	struct kl_class_login_spec spec = { .device = device };
	struct secrets secrets = { .user = NULL };
	struct kl_error err;
	int status;

	if (only_switches(args, server)) {
		status = switch_to(cli, args, server);
	} else if (kl_class_open_new(&cli->class, parts, server, &err)) {
		status = cli_fail(cli, &err);
	} else {
		if (*kl_class_warning(cli->class))
			cli_warn(cli, "%s", kl_class_warning(cli->class));
		status = ask_secrets(&spec, &secrets, args, &err) ? cli_fail(cli, &err) : log_in(cli, &spec);
	}
	release_secrets(&secrets);
	free(device);
	return status;
}

/* For whoever is logged in there: nothing here changes, so the server is one that is known. */
static int bind_github(struct cli *cli, const struct command_args *args)
{
	const char *name = args->word_count ? args->words[0] : args->options[LOGIN_NAME];
	char *device = device_name();
	const struct kl_class_login_spec spec = { .way = KL_CLASS_BIND_GITHUB, .device = device };
	int status = classroom_open(cli, name);

	if (!status)
		status = log_in(cli, &spec);
	free(device);
	return status;
}

int command_login(struct cli *cli, const struct command_args *args)
{
	struct kl_class_server server = { .name = NULL };
	struct kl_class_parts parts;
	struct kl_error err;
	int status;

	if (args->options[LOGIN_BIND_GITHUB])
		return bind_github(cli, args);
	if (classroom_parts(&parts, cli, &err))
		return cli_fail(cli, &err);
	if (find_server(&server, cli, args, &err)) {
		kl_class_server_release(&server);
		if (err.status == KL_ENOENT && !args->word_count)
			return cli_fail_usage(cli, args->command, "name the address of your class server");
		return cli_fail(cli, &err);
	}
	status = begin(cli, args, &parts, &server);
	kl_class_server_release(&server);
	return status;
}
