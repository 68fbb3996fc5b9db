/* Opening the client of a class server, and what is known of that server. */

#include "core/sync/class_int.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>

/* --- addresses ---------------------------------------------------------------------------------------------------- */

/* "https://class.example.org:8443/x" → "class.example.org:8443". */
static char *host_of(const char *address)
{
	const char *host = strstr(address, "://");

	host = host ? host + 3 : address;
	return kl_strndup(host, strcspn(host, "/"));
}

/* "127.0.0.1:8080", not "127.example.org": that is a name like any other. */
static bool is_here(const char *host)
{
	static const char *const names[] = { "localhost", "[::1]" };
	size_t len = strncmp(host, "127.", 4) == 0 ? strspn(host, "0123456789.") : 0;

	for (size_t i = 0; !len && i < KL_LENGTH(names); i++)
		if (!strncmp(host, names[i], strlen(names[i])))
			len = strlen(names[i]);
	return len && (!host[len] || host[len] == ':');
}

static void use_address(struct kl_class *class, size_t at)
{
	const char *address = class->addresses[at];

	class->address = at;
	free(class->host);
	class->host = host_of(address);
	class->warning[0] = '\0';
	if (!strncmp(address, "http://", 7) && !is_here(class->host))
		snprintf(
			class->warning, sizeof(class->warning),
			"the way to %.60s is not encrypted: whoever is on it can read your login; ask for an https address",
			class->host);
}

void class_next_address(struct kl_class *class)
{
	use_address(class, (class->address + 1) % class->address_count);
}

static void forget_addresses(struct kl_class *class)
{
	for (size_t i = 0; i < class->address_count; i++)
		free(class->addresses[i]);
	free(class->addresses);
	class->addresses = NULL;
	class->address_count = 0;
	memset(class->known, 0, sizeof(class->known));
}

static enum kl_status take_addresses(struct kl_class *class, struct kl_error *err)
{
	const char *at = class->server.addresses ? class->server.addresses : "";

	forget_addresses(class);
	class->addresses = kl_calloc(CLASS_ADDRESSES_MAX, sizeof(*class->addresses));
	while (*(at += strspn(at, " ")) && class->address_count < CLASS_ADDRESSES_MAX) {
		size_t len = strcspn(at, " "), used = len;

		while (used && at[used - 1] == '/')
			used--;
		if (strncmp(at, "http://", 7) != 0 && strncmp(at, "https://", 8) != 0)
			return kl_fail(err, KL_EINVAL,
				       "'%.*s' is no address of a class server: write it as "
				       "https://host",
				       (int)len, at);
		class->addresses[class->address_count++] = kl_strndup(at, used);
		at += len;
	}
	if (!class->address_count)
		return kl_fail(err, KL_EINVAL, "name the address of the class server: https://host");
	use_address(class, 0);
	return KL_OK;
}

/* --- the server's row --------------------------------------------------------------------------------------------- */

static void set_account(struct kl_class *class)
{
	free(class->account);
	class->account = kl_format("%s/%s", class->server.server_id ? class->server.server_id : "",
				   class->server.user_id ? class->server.user_id : "");
}

enum kl_status class_read(struct kl_class *class, const char *name, struct kl_error *err)
{
	struct kl_class_server server;
	enum kl_status status = kl_store_class_get(&server, class->parts.store, name, err);

	if (status)
		return status;
	kl_class_server_release(&class->server);
	class->server = server;
	set_account(class);
	return take_addresses(class, err);
}

const struct kl_class_server *kl_class_server(const struct kl_class *class)
{
	return &class->server;
}

const char *kl_class_account(const struct kl_class *class)
{
	return class->account;
}

const char *kl_class_address(const struct kl_class *class)
{
	return class->host;
}

const char *kl_class_warning(const struct kl_class *class)
{
	return class->warning;
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static struct kl_class *new_class(const struct kl_class_parts *parts)
{
	struct kl_class *class = kl_calloc(1, sizeof(*class));

	class->parts = *parts;
	TAILQ_INIT(&class->calls);
	return class;
}

static enum kl_status finish_opening(struct kl_class **out, struct kl_class *class, enum kl_status status,
				     struct kl_error *err)
{
	if (!status)
		status = kl_http_open(&class->http, class->parts.loop, err);
	if (status)
		kl_class_close(class);
	else
		*out = class;
	return status;
}

enum kl_status kl_class_open(struct kl_class **out, const struct kl_class_parts *parts, const char *name,
			     struct kl_error *err)
{
	struct kl_class *class = new_class(parts);

	return finish_opening(out, class, class_read(class, name, err), err);
}

enum kl_status kl_class_open_new(struct kl_class **out, const struct kl_class_parts *parts,
				 const struct kl_class_server *server, struct kl_error *err)
{
	struct kl_class *class = new_class(parts);

	class->server.name = kl_strdup(server->name);
	class->server.addresses = kl_strdup(server->addresses);
	class->server.ca_file = kl_strdup(server->ca_file);
	class->server.proxy = kl_strdup(server->proxy);
	set_account(class);
	return finish_opening(out, class, take_addresses(class, err), err);
}

void kl_class_close(struct kl_class *class)
{
	if (!class)
		return;
	class->closing = true;
	session_stop(class);
	kl_http_close(class->http); /* what is on its way ends here */
	class_cancel_all(class);
	session_forget(class);
	forget_addresses(class);
	kl_class_server_release(&class->server);
	free(class->account);
	free(class->host);
	free(class);
}
