/* Work that travels as a file: see kodelab/parcel.h. */

#include <kodelab/parcel.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>
#include <kodelab/file.h>
#include <kodelab/json.h>
#include <kodelab/log.h>
#include <kodelab/path.h>
#include <kodelab/receipt.h>

#include "core/sync/sync_int.h"

enum {
	ITEMS_MAX = 20000,
	BYTES_MAX = 24 << 20, /* of all items: what they become in base64 fits into a file */
	BATCH_ITEMS = 100,
	BATCH_BYTES = 1 << 20,
	ANSWER_MAX = 1 << 20, /* of one batch */
};

static const char *const kind_words[] = { [KL_PARCEL_OUTBOX] = "outbox", [KL_PARCEL_RECEIPTS] = "receipts" };

/* --- the form of a file ------------------------------------------------------------------------------------------- */

static void begin_file(struct kl_buf *out, enum kl_parcel_kind kind, const char *server_id)
{
	kl_buf_addf(out, "kodelab %s 1 %s\n", kind_words[kind], server_id);
}

static void end_file(struct kl_buf *out)
{
	char hash[KL_SHA256_SIZE];

	kl_sha256(hash, out->data, out->len);
	kl_buf_addf(out, "end %s\n", hash);
}

void kl_parcel_write(struct kl_buf *out, const char *server_id, const char *const *lines, size_t count)
{
	begin_file(out, KL_PARCEL_RECEIPTS, server_id);
	for (size_t i = 0; i < count; i++)
		kl_buf_addf(out, "%s\n", lines[i]);
	end_file(out);
}

bool kl_parcel_is(const char *path)
{
	static const char word[] = "kodelab ";
	char start[sizeof(word) - 1];
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	bool is = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		  read(fd, start, sizeof(start)) == (ssize_t)sizeof(start) && !memcmp(start, word, sizeof(start));

	if (fd >= 0)
		close(fd);
	return is;
}

static bool read_head(struct kl_parcel *parcel, const char *line)
{
	for (size_t i = 0; i < KL_LENGTH(kind_words); i++) {
		char *head = kl_format("kodelab %s 1 ", kind_words[i]);
		size_t len = strlen(head);
		bool fits = !strncmp(line, head, len) && kl_id_valid(line + len);

		free(head);
		if (!fits)
			continue;
		parcel->kind = (enum kl_parcel_kind)i;
		memcpy(parcel->server_id, line + len, KL_ID_SIZE);
		return true;
	}
	return false;
}

/* The text without its last line, which must tell the hash of the rest. */
static bool check_end(char *text, size_t len)
{
	char hash[KL_SHA256_SIZE], *last;

	if (strlen(text) != len || !len || text[len - 1] != '\n')
		return false;
	text[len - 1] = '\0';
	last = strrchr(text, '\n');
	if (!last || strncmp(last + 1, "end ", 4) != 0)
		return false;
	kl_sha256(hash, text, (size_t)(last + 1 - text));
	if (strcmp(hash, last + 5) != 0)
		return false;
	*last = '\0';
	return true;
}

static void split(struct kl_parcel *parcel)
{
	size_t capacity = 0;

	for (char *line = strchr(parcel->text, '\n'); line; line = strchr(line, '\n')) {
		*line++ = '\0';
		KL_GROW(parcel->lines, parcel->count, capacity);
		parcel->lines[parcel->count++] = line;
	}
}

enum kl_status kl_parcel_read(struct kl_parcel *out, const char *path, struct kl_error *err)
{
	struct kl_parcel parcel = { .text = NULL };
	struct kl_buf text;
	struct kl_error why;
	enum kl_status status;
	size_t len;

	kl_buf_init(&text, KL_PARCEL_MAX);
	status = kl_file_read(&text, path, &why);
	len = text.len;
	parcel.text = kl_buf_detach(&text);
	if (status == KL_EFULL)
		kl_fail(err, KL_EFULL, "'%s' is larger than 64 MiB, which no such file is", path);
	else if (status)
		kl_fail(err, status, "%s", why.message);
	else if (!check_end(parcel.text, len))
		status = kl_fail(err, KL_ECORRUPT,
				 "'%s' is cut off or was changed: copy it again, or export it once more", path);
	if (!status) {
		split(&parcel);
		if (!read_head(&parcel, parcel.text))
			status = kl_fail(err, KL_ECORRUPT, "'%s' is of another version of kodelab, or no such file",
					 path);
	}
	if (status)
		kl_parcel_release(&parcel);
	else
		*out = parcel;
	return status;
}

void kl_parcel_release(struct kl_parcel *parcel)
{
	free(parcel->text);
	free(parcel->lines);
	*parcel = (struct kl_parcel){ .text = NULL };
}

/* --- packing ------------------------------------------------------------------------------------------------------ */

struct packing {
	struct kl_buf *out;
	struct kl_class *class;
	const char *device, *secret;
	unsigned char key[KL_SIGN_PUBLIC_SIZE];
};

static enum kl_status read_key(struct packing *packing, struct kl_error *err)
{
	char *bytes;
	size_t len = 0;
	bool good = kl_base64_decode(&bytes, &len, kl_class_server(packing->class)->public_key);

	if (good && len == sizeof(packing->key))
		memcpy(packing->key, bytes, len);
	if (good)
		free(bytes);
	return len == sizeof(packing->key)
		       ? KL_OK
		       : kl_fail(err, KL_EINVAL, "the class server has no key to seal for: log in once more");
}

static cJSON *batch_of(const struct packing *packing, const struct kl_outbox_item *items, size_t count)
{
	const struct kl_class_server *server = kl_class_server(packing->class);
	cJSON *root = cJSON_CreateObject(), *list;

	cJSON_AddStringToObject(root, "server", server->server_id);
	cJSON_AddStringToObject(root, "user", server->user_id);
	cJSON_AddStringToObject(root, "token", packing->secret);
	list = cJSON_AddArrayToObject(root, "items");
	for (size_t i = 0; i < count; i++) {
		cJSON *node = push_item(&items[i], packing->device);

		if (node)
			cJSON_AddItemToArray(list, node);
	}
	return root;
}

static enum kl_status add_batch(struct packing *packing, const struct kl_outbox_item *items, size_t count,
				struct kl_error *err)
{
	cJSON *root = batch_of(packing, items, count);
	char *text = cJSON_PrintUnformatted(root), *line;
	size_t len = text ? strlen(text) : 0;
	unsigned char *sealed = kl_alloc(len + KL_ENVELOPE_EXTRA);
	enum kl_status status = KL_OK;

	kl_wipe(cJSON_GetObjectItemCaseSensitive(root, "token")->valuestring, strlen(packing->secret));
	cJSON_Delete(root);
	if (!text)
		kl_die("kodelab: out of memory");
	if (kl_envelope_seal(sealed, packing->key, text, len)) {
		line = kl_base64(sealed, len + KL_ENVELOPE_EXTRA);
		kl_buf_addf(packing->out, "%s\n", line);
		free(line);
	} else {
		status = kl_fail(err, KL_EINVAL, "the class server's key is none: log in once more");
	}
	kl_wipe(text, len);
	cJSON_free(text);
	free(sealed);
	return status;
}

static size_t batch_size(const struct kl_outbox_item *items, size_t count)
{
	size_t bytes = 0, at = 0;

	while (at < count && at < BATCH_ITEMS && (!at || bytes < BATCH_BYTES)) {
		bytes += strlen(items[at].body) + items[at].code_len;
		at++;
	}
	return at;
}

static enum kl_status add_all(struct packing *packing, const struct kl_outbox_item *items, size_t count,
			      struct kl_error *err)
{
	enum kl_status status = KL_OK;

	begin_file(packing->out, KL_PARCEL_OUTBOX, kl_class_server(packing->class)->server_id);
	for (size_t at = 0, some; !status && at < count; at += some) {
		some = batch_size(items + at, count - at);
		status = add_batch(packing, items + at, some, err);
	}
	end_file(packing->out);
	if (!status && packing->out->truncated)
		status = kl_fail(err, KL_EFULL, "what waits does not fit into one file of 64 MiB");
	return status;
}

struct given {
	struct kl_store *store;
	const struct kl_outbox_item *items;
	size_t count;
};

static enum kl_status note_given(void *ctx, struct kl_error *err)
{
	const struct given *given = ctx;
	enum kl_status status = KL_OK;

	for (size_t i = 0; !status && i < given->count; i++)
		status = kl_store_outbox_given(given->store, &given->items[i], err);
	return status;
}

static enum kl_status pack_items(struct packing *packing, const struct kl_outbox_item *items, size_t count,
				 struct kl_error *err)
{
	struct given given = { packing->class->parts.store, items, count };
	enum kl_status status = read_key(packing, err);

	if (!status)
		status = add_all(packing, items, count, err);
	return status ? status : kl_store_sync_change(given.store, note_given, &given, err);
}

enum kl_status kl_parcel_pack(struct kl_buf *out, size_t *items, size_t *left, struct kl_class *class,
			      const char *device, struct kl_error *err)
{
	struct packing packing = { .out = out, .class = class, .device = device };
	struct kl_store *store = class->parts.store;
	struct kl_outbox_item *rows = NULL;
	size_t count = 0, waiting = 0;
	int64_t since_ms;
	char *secret = NULL;
	enum kl_status status = session_proof(&secret, class, err);

	packing.secret = secret;
	if (!status)
		status = kl_store_outbox_waiting(&waiting, &since_ms, store, kl_class_account(class), err);
	if (!status)
		status =
			kl_store_outbox_ready(&rows, &count, store, kl_class_account(class), ITEMS_MAX, BYTES_MAX, err);
	if (!status)
		status = pack_items(&packing, rows, count, err);
	if (!status) {
		*items = count;
		*left = waiting > count ? waiting - count : 0;
	}
	kl_outbox_free(rows, count);
	kl_secret_free(secret);
	return status;
}

/* --- receipts that come back -------------------------------------------------------------------------------------- */

struct taking {
	struct kl_class *class;
	const struct kl_parcel *parcel;
	struct kl_outbox_item *items; /* what waits, by id */
	bool *taken_up; /* of each of them: its receipt was taken */
	size_t count;
	struct kl_parcel_taken taken;
};

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct kl_outbox_item *)a)->id, ((const struct kl_outbox_item *)b)->id);
}

static int id_to_item(const void *id, const void *item)
{
	return strcmp(id, ((const struct kl_outbox_item *)item)->id);
}

/* NULL: none of that id waits (any more). A file may hold millions of answers: they are looked up while nobody else can write. */
static struct kl_outbox_item *item_of(const struct taking *taking, const char *id)
{
	struct kl_outbox_item *found = NULL;

	if (taking->count)
		found = bsearch(id, taking->items, taking->count, sizeof(*taking->items), id_to_item);
	return found && !taking->taken_up[found - taking->items] ? found : NULL;
}

static enum kl_status take_receipt(struct taking *taking, const cJSON *answer, struct kl_error *err)
{
	struct kl_outbox_item *item = item_of(taking, wire_text(answer, "id", ""));
	const cJSON *receipt = wire_member(answer, "receipt");
	int64_t newest = wire_int(answer, "newest", 0);
	struct kl_error why;
	enum kl_status status;
	char *text;

	if (!receipt) {
		taking->taken.refused++;
		return KL_OK;
	}
	if (!item || push_check_receipt(taking->class, item, receipt, &why)) {
		taking->taken.strange++;
		return KL_OK;
	}
	item->seq--; /* the number that it had in the file, or in an earlier one */
	if (newest > 0 && newest < item->seq)
		item->seq = newest;
	text = cJSON_PrintUnformatted(receipt);
	status = kl_store_outbox_sent(taking->class->parts.store, item, kl_class_account(taking->class), text,
				      !strcmp(wire_text(answer, "end", ""), "stale"), err);
	cJSON_free(text);
	taking->taken.received += !status;
	taking->taken_up[item - taking->items] = true;
	return status;
}

static enum kl_status take_line(struct taking *taking, const char *line, struct kl_error *err)
{
	struct kl_json *doc;
	const cJSON *node;
	enum kl_status status = kl_json_parse(&doc, line, strlen(line), ANSWER_MAX, "the receipts", err);

	if (status)
		return status;
	cJSON_ArrayForEach(node, wire_member(kl_json_root(doc), "items")) {
		if (!status)
			status = take_receipt(taking, node, err);
	}
	kl_json_free(doc);
	return status;
}

static enum kl_status take_lines(void *ctx, struct kl_error *err)
{
	struct taking *taking = ctx;
	enum kl_status status = KL_OK;

	for (size_t i = 0; !status && i < taking->parcel->count; i++)
		status = take_line(taking, taking->parcel->lines[i], err);
	return status;
}

enum kl_status kl_parcel_take(struct kl_parcel_taken *taken, struct kl_class *class, const struct kl_parcel *parcel,
			      struct kl_error *err)
{
	struct taking taking = { .class = class, .parcel = parcel };
	struct kl_store *store = class->parts.store;
	enum kl_status status = kl_store_outbox_ready(&taking.items, &taking.count, store, kl_class_account(class),
						      ITEMS_MAX, BYTES_MAX, err);

	if (!status && taking.count)
		qsort(taking.items, taking.count, sizeof(*taking.items), by_id);
	taking.taken_up = kl_calloc(taking.count + 1, sizeof(*taking.taken_up));
	if (!status)
		status = kl_store_sync_change(store, take_lines, &taking, err);
	kl_outbox_free(taking.items, taking.count);
	free(taking.taken_up);
	if (!status)
		*taken = taking.taken;
	return status;
}
