/* kodelab whoami: who is logged in where, as far as this lab knows. */
#include "classroom.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "commands.h"

/* They are kept as one text, apart by blanks. */
static cJSON *addresses_json(const char *addresses)
{
	cJSON *all = cJSON_CreateArray();
	char *address;

	for (size_t len; *addresses; addresses += len) {
		addresses += strspn(addresses, " ");
		len = strcspn(addresses, " ");
		if (!len)
			break;
		address = kl_strndup(addresses, len);
		cJSON_AddItemToArray(all, cJSON_CreateString(address));
		free(address);
	}
	return all;
}

static cJSON *server_json(const struct kl_class_server *server)
{
	cJSON *node = cJSON_CreateObject();

	cJSON_AddStringToObject(node, "server", server->name);
	cJSON_AddStringToObject(node, "title", server->title);
	cJSON_AddItemToObject(node, "addresses", addresses_json(server->addresses));
	cJSON_AddStringToObject(node, "user", server->user_name);
	cJSON_AddStringToObject(node, "display", server->display);
	cJSON_AddStringToObject(node, "role", server->role);
	cJSON_AddStringToObject(node, "public_key", server->public_key);
	cJSON_AddBoolToObject(node, "active", server->active);
	cJSON_AddBoolToObject(node, "logged_in", server->session);
	cJSON_AddNumberToObject(node, "synced_ms", (double)server->synced_ms);
	return node;
}

static void print_server(const struct cli *cli, const struct kl_class_server *server)
{
	char synced[20] = "never";

	if (server->synced_ms)
		kl_clock_format(server->synced_ms, synced, sizeof(synced));
	cli_say(cli, "%s", server->user_name);
	if (strcmp(server->display, server->user_name) != 0)
		cli_say(cli, " (%s)", server->display);
	cli_say(cli, " at %s%s%s%s, %s\n", server->title && *server->title ? server->title : server->name,
		server->title && *server->title ? ", " : "", server->title && *server->title ? server->addresses : "",
		server->session ? "" : " (logged out)", server->role);
	cli_say(cli, "  known here as '%s', last synced: %s\n", server->name, synced);
}

static int show_all(struct cli *cli, const struct kl_class_server *servers, size_t count)
{
	cJSON *root = cli->json ? cJSON_CreateArray() : NULL;

	for (size_t i = 0; i < count; i++) {
		if (root)
			cJSON_AddItemToArray(root, server_json(&servers[i]));
		else
			print_server(cli, &servers[i]);
	}
	if (root)
		return cli_print_json(root);
	if (!count)
		cli_say(cli, "No class server is known: kodelab login ADDRESS\n");
	return EXIT_DONE;
}

static int show_active(struct cli *cli)
{
	struct kl_class_server server;
	struct kl_error err;
	int status = EXIT_DONE;

	if (kl_store_class_get(&server, cli->store, NULL, &err)) {
		err.status = err.status == KL_ENOENT ? KL_EDENIED : err.status;
		return classroom_fail_error(cli, &err);
	}
	if (!server.session) {
		kl_fail(&err, KL_EDENIED, "you are logged out of '%s': kodelab login", server.name);
		status = classroom_fail_error(cli, &err);
	} else if (cli->json) {
		status = cli_print_json(server_json(&server));
	} else {
		print_server(cli, &server);
	}
	kl_class_server_release(&server);
	return status;
}

int command_whoami(struct cli *cli, const struct command_args *args)
{
	struct kl_class_server *servers;
	struct kl_error err;
	size_t count;
	int status;

	if (cli_store(cli, &err))
		return cli_fail(cli, &err);
	if (cli->forgets) { /* nobody, it would say, and to log in, which would be in vain */
		kl_fail(&err, KL_EIO, "who is logged in is not known: the lab's database does not open");
		return cli_fail(cli, &err);
	}
	if (!args->options[WHOAMI_ALL])
		return show_active(cli);
	if (kl_store_class_servers(&servers, &count, cli->store, &err))
		return cli_fail(cli, &err);
	status = show_all(cli, servers, count);
	kl_class_servers_free(servers, count);
	return status;
}
