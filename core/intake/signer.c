/*
 * The key that signs receipts. It lies in a file of its own, beside the database and not in it, so that a copy of the
 * database signs nothing; the database remembers all public keys there ever were.
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/path.h>
#include <kodelab/store_intake.h>

#include "core/intake/intake_int.h"

#define FILE_MAX 256

/* --- the file ----------------------------------------------------------------------------------------------------- */

static enum kl_status check_mode(const char *path, struct kl_error *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return KL_OK;
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return kl_fail(err, KL_EDENIED, "others may read '%s', which signs receipts: chmod 600 it", path);
	return KL_OK;
}

/* text: secret memory. */
static enum kl_status take_text(struct kl_intake *intake, const char *text, const char *path, struct kl_error *err)
{
	char *bytes = NULL, *line = kl_secret_copy(text, strcspn(text, "\n"));
	size_t len = 0;
	enum kl_status status = KL_OK;

	if (!kl_base64_decode(&bytes, &len, line) || len != KL_SIGN_SECRET_SIZE)
		status = kl_fail(err, KL_ECORRUPT, "'%s' holds no key for receipts: restore it from a copy", path);
	else
		memcpy(intake->secret, bytes, len);
	if (bytes)
		kl_wipe(bytes, len);
	free(bytes);
	kl_secret_free(line);
	return status;
}

static enum kl_status read_file(struct kl_intake *intake, const char *path, struct kl_error *err)
{
	char *text = kl_secret_alloc(FILE_MAX);
	enum kl_status status = check_mode(path, err);
	int fd = status ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t got;

	if (!status && fd < 0)
		status = kl_fail_errno(err, KL_EIO, errno, "cannot read '%s'", path);
	if (!status) {
		got = read(fd, text, FILE_MAX - 1);
		text[got > 0 ? got : 0] = '\0';
		status = take_text(intake, text, path, err);
	}
	if (fd >= 0)
		close(fd);
	kl_secret_free(text);
	return status;
}

static enum kl_status make_file(struct kl_intake *intake, const char *path, struct kl_error *err)
{
	char *folder = kl_format("%.*s.", (int)(kl_path_name(path) - path), path), *text;
	enum kl_status status = kl_path_make(folder, err);

	if (!status) {
		kl_sign_make(intake->secret);
		text = kl_base64(intake->secret, KL_SIGN_SECRET_SIZE);
		status = kl_file_write(path, text, strlen(text), 0600, err);
		kl_wipe(text, strlen(text));
		free(text);
		kl_path_sync_name(folder); /* what is signed with it outlives the next power cut, and so must it */
	}
	free(folder);
	return status;
}

/* --- the database ------------------------------------------------------------------------------------------------- */

struct newest {
	char server_id[KL_ID_SIZE], public_key[KL_RECEIPT_KEY_SIZE];
};

static void take_key(void *ctx, const struct kl_server_key *key)
{
	struct newest *newest = ctx;

	snprintf(newest->server_id, sizeof(newest->server_id), "%s", key->server_id);
	snprintf(newest->public_key, sizeof(newest->public_key), "%s", key->public_key);
}

/* The file's key is the newest one; the server stays who it is. */
static enum kl_status settle(struct kl_intake *intake, bool *renewed, struct kl_error *err)
{
	struct newest newest = { .server_id = "" };
	enum kl_status status = kl_store_server_keys(intake->use.store, take_key, &newest, err);

	if (status)
		return status;
	*renewed = newest.public_key[0] && strcmp(newest.public_key, intake->public_key) != 0;
	if (newest.server_id[0])
		memcpy(intake->server_id, newest.server_id, KL_ID_SIZE);
	else
		kl_id_new(intake->server_id, intake->use.clock);
	if (newest.public_key[0] && !*renewed)
		return KL_OK;
	return kl_store_server_key_add(intake->use.store,
				       &(struct kl_server_key){ .server_id = intake->server_id,
								.public_key = intake->public_key,
								.since_ms = kl_clock_wall_ms(intake->use.clock) },
				       err);
}

enum kl_status signer_open(struct kl_intake *intake, bool *renewed, struct kl_error *err)
{
	const char *path = intake->use.key_path;
	enum kl_status status;
	char *public_key;

	intake->secret = kl_secret_alloc(KL_SIGN_SECRET_SIZE);
	status = kl_path_exists(path) ? read_file(intake, path, err) : make_file(intake, path, err);
	if (status)
		return status;
	public_key = kl_base64(intake->secret + KL_SIGN_SECRET_SIZE - KL_SIGN_PUBLIC_SIZE, KL_SIGN_PUBLIC_SIZE);
	snprintf(intake->public_key, sizeof(intake->public_key), "%s", public_key);
	free(public_key);
	return settle(intake, renewed, err);
}
