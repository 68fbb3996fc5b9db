/*
 * The list of master keys. As a file it is replaced as a whole and only under a lock beside it, so that two labs that
 * rotate at once keep each other's keys; readers need no lock.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "core/base/vault_int.h"

#define VARIABLE   "KODELAB_MASTER_KEY"
#define CREDENTIAL "kodelab-master-key"
#define TEXT_MAX   4096 /* bytes of the list as text */
#define LOCK_MS    2000
#define NAP_MS     5
#define GAPS       " ,\t\r\n"

#define HEADING                                                                                                         \
	"# KodeLab's master key: it opens the keys that lie encrypted in the database. Show it to nobody; without it\n" \
	"# they must be added again. The first line seals, all lines open: 'kodelab keys rotate' begins a new one.\n"

/* --- as text ---------------------------------------------------------------------------------------------------- */

static void make_id(struct master_key *key)
{
	static const char purpose[] = "KodeLab master key";
	unsigned char *bytes = kl_secret_alloc(sizeof(purpose) + sizeof(key->bytes));
	char hex[KL_SHA256_SIZE], pair[3] = "";

	memcpy(bytes, purpose, sizeof(purpose));
	memcpy(bytes + sizeof(purpose), key->bytes, sizeof(key->bytes));
	kl_sha256(hex, bytes, sizeof(purpose) + sizeof(key->bytes));
	kl_secret_free(bytes);
	for (size_t i = 0; i < MASTER_ID_SIZE; i++) {
		memcpy(pair, hex + 2 * i, 2);
		key->id[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
}

static bool read_key(struct master_key *key, const char *text, size_t len)
{
	char *word = kl_secret_copy(text, len), *bytes;
	size_t got;
	bool good = kl_base64_decode(&bytes, &got, word);

	kl_secret_free(word);
	if (!good)
		return false;
	good = got == sizeof(key->bytes);
	if (good) {
		memcpy(key->bytes, bytes, got);
		make_id(key);
	}
	kl_wipe(bytes, got);
	free(bytes);
	return good;
}

static bool read_list(struct master_list *list, const char *text)
{
	list->count = 0;
	for (size_t len; *(text += strspn(text, GAPS)); text += len) {
		len = *text == '#' ? strcspn(text, "\n") : strcspn(text, GAPS);
		if (*text == '#')
			continue;
		if (list->count == MASTER_MAX || !read_key(&list->keys[list->count], text, len))
			return false;
		list->count++;
	}
	return list->count > 0;
}

static enum kl_status take_list(struct kl_vault *vault, const char *text, struct kl_error *err)
{
	struct master_list *list = kl_secret_alloc(sizeof(*list));

	if (!read_list(list, text)) {
		kl_secret_free(list);
		return kl_fail(err, KL_EINVAL,
			       "%s holds no master key: it must be 32 bytes in base64, as "
			       "'head -c 32 /dev/urandom | base64' makes them",
			       vault->source);
	}
	kl_secret_free(vault->list);
	vault->list = list;
	return KL_OK;
}

static char *write_list(const struct master_list *list)
{
	char *text = kl_secret_alloc(TEXT_MAX);
	size_t len = sizeof(HEADING) - 1;

	memcpy(text, HEADING, len);
	for (size_t i = 0; i < list->count; i++) {
		char *word = kl_base64(list->keys[i].bytes, sizeof(list->keys[i].bytes));

		len += (size_t)snprintf(text + len, TEXT_MAX - len, "%s\n", word);
		kl_wipe(word, strlen(word));
		free(word);
	}
	return text;
}

/* --- as a file -------------------------------------------------------------------------------------------------- */

/* A systemd credential is root's, lent by an access list that shows as the group's bits. */
static enum kl_status check_file(int fd, const char *path, bool ours, struct kl_error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return kl_fail_errno(err, KL_EIO, errno, "cannot read '%s'", path);
	if (!S_ISREG(st.st_mode))
		return kl_fail(err, KL_EINVAL, "'%s' is not a regular file: move it away", path);
	if (ours && st.st_uid != geteuid())
		return kl_fail(err, KL_EDENIED, "'%s' belongs to another user: move it away, then a new one is made",
			       path);
	if (st.st_mode & (ours ? 077 : 07))
		return kl_fail(err, KL_EDENIED,
			       "'%s' can be read by others: run 'chmod 600' on it, then 'kodelab keys rotate'", path);
	return KL_OK;
}

/* *text: secret memory; NULL: there is no such file. */
static enum kl_status read_file(char **text, const char *path, bool ours, struct kl_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	enum kl_status status;
	size_t len = 0;
	ssize_t got = 1;

	*text = NULL;
	if (fd < 0)
		return errno == ENOENT ? KL_OK : kl_fail_errno(err, KL_EIO, errno, "cannot open '%s'", path);
	status = check_file(fd, path, ours, err);
	if (status) {
		close(fd);
		return status;
	}
	*text = kl_secret_alloc(TEXT_MAX);
	while (len < TEXT_MAX - 1 && got) {
		got = read(fd, *text + len, TEXT_MAX - 1 - len);
		if (got < 0 && errno != EINTR) {
			status = kl_fail_errno(err, KL_EIO, errno, "cannot read '%s'", path);
			kl_secret_free(*text);
			*text = NULL;
			break;
		}
		len += got > 0 ? (size_t)got : 0;
	}
	close(fd);
	return status;
}

enum kl_status master_refresh(struct kl_vault *vault, struct kl_error *err)
{
	enum kl_status status;
	char *text;

	if (!vault->path)
		return KL_OK;
	status = read_file(&text, vault->path, true, err);
	if (status)
		return status;
	if (!text) /* what is sealed now with a key of our memory alone could never be opened again */
		return vault->list->count ? kl_fail(err, KL_ENOENT, "%s is gone: put it back", vault->source) : KL_OK;
	status = take_list(vault, text, err);
	kl_secret_free(text);
	return status;
}

static enum kl_status lock_file(int *lock, const struct kl_vault *vault, struct kl_error *err)
{
	const struct timespec nap = { .tv_nsec = NAP_MS * 1000000L };
	int64_t end_ms = kl_clock_mono_ms() + LOCK_MS;
	char *folder = kl_format("%.*s.", (int)(kl_path_name(vault->path) - vault->path), vault->path);
	char *path = kl_format("%s.lock", vault->path);
	enum kl_status status = kl_path_make(folder, err);
	int fd = status ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (!status && fd < 0)
		status = kl_fail_errno(err, KL_EIO, errno, "cannot write '%s'", path);
	while (!status && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			status = kl_fail_errno(err, KL_EIO, errno, "cannot lock '%s'", path);
		else if (kl_clock_mono_ms() > end_ms)
			status = kl_fail(err, KL_EBUSY, "'%s' is in use by another lab: try again", vault->path);
		else
			nanosleep(&nap, NULL);
	}
	if (status && fd >= 0)
		close(fd);
	else
		*lock = fd;
	free(folder);
	free(path);
	return status;
}

/* What is dropped from the list shall not stay readable on the disk, as far as the file system writes in place. */
static void overwrite(int fd)
{
	static const char zeros[TEXT_MAX];
	struct stat st;

	if (fstat(fd, &st) == 0 && st.st_size > 0 && st.st_size <= TEXT_MAX &&
	    pwrite(fd, zeros, (size_t)st.st_size, 0) == st.st_size)
		fsync(fd);
}

/* A writer that was killed leaves its temporary file (core/base/file.c names it) with keys in it. Under the lock. */
static void remove_left_over(const char *path)
{
	char *folder = kl_format("%.*s.", (int)(kl_path_name(path) - path), path);
	char *start = kl_format(".%s.", kl_path_name(path));
	DIR *entries = opendir(folder);
	struct dirent *entry;

	while (entries && (entry = readdir(entries)))
		if (!strncmp(entry->d_name, start, strlen(start)) && strlen(entry->d_name) == strlen(start) + 6)
			unlinkat(dirfd(entries), entry->d_name, 0);
	if (entries)
		closedir(entries);
	free(start);
	free(folder);
}

/* list is borrowed. Under the lock. */
static enum kl_status write_file(const struct kl_vault *vault, const struct master_list *list, struct kl_error *err)
{
	char *folder = kl_format("%.*s.", (int)(kl_path_name(vault->path) - vault->path), vault->path);
	int old = open(vault->path, O_WRONLY | O_CLOEXEC);
	char *text = write_list(list);
	enum kl_status status;

	remove_left_over(vault->path);
	status = kl_file_write(vault->path, text, strlen(text), 0600, err);
	kl_secret_free(text);
	if (!status && old >= 0)
		overwrite(old);
	if (old >= 0)
		close(old);
	else
		kl_path_sync_name(folder);
	free(folder);
	return status;
}

/* A new key in front. */
static struct master_list *with_new_key(const struct master_list *old)
{
	struct master_list *list = kl_secret_alloc(sizeof(*list));

	kl_random(list->keys[0].bytes, sizeof(list->keys[0].bytes));
	make_id(&list->keys[0]);
	memcpy(&list->keys[1], old->keys, old->count * sizeof(old->keys[0]));
	list->count = old->count + 1;
	return list;
}

static enum kl_status add_key(struct kl_vault *vault, bool only_first, struct kl_error *err)
{
	struct master_list *list;
	enum kl_status status;
	int lock = -1;

	status = lock_file(&lock, vault, err);
	if (status)
		return status;
	status = master_refresh(vault, err);
	if (!status && vault->list->count == MASTER_MAX)
		status = kl_fail(err, KL_EMANY,
				 "%s holds %d keys of rotations that were not ended: remove all but the first",
				 vault->source, MASTER_MAX);
	if (!status && !(only_first && vault->list->count)) {
		list = with_new_key(vault->list);
		status = write_file(vault, list, err);
		if (!status) {
			kl_secret_free(vault->list);
			vault->list = list;
		} else {
			kl_secret_free(list);
		}
	}
	close(lock);
	return status;
}

enum kl_status master_make(struct kl_vault *vault, struct kl_error *err)
{
	return add_key(vault, true, err);
}

/* --- rotation --------------------------------------------------------------------------------------------------- */

bool kl_vault_rotating(const struct kl_vault *vault)
{
	return vault->list->count > 1;
}

enum kl_status kl_vault_rotate_begin(struct kl_vault *vault, struct kl_error *err)
{
	if (vault->path)
		return add_key(vault, false, err);
	if (kl_vault_rotating(vault))
		return KL_OK;
	return kl_fail(err, KL_EDENIED,
		       "%s holds one key: give the new and the old one there, as 'NEW OLD', and rotate again",
		       vault->source);
}

/* Another process may have put a newer one in front meanwhile: that stays, and so does ours. */
enum kl_status kl_vault_rotate_end(struct kl_vault *vault, struct kl_error *err)
{
	unsigned char newest[MASTER_ID_SIZE];
	enum kl_status status;
	int lock = -1;

	if (!vault->path || !kl_vault_rotating(vault))
		return KL_OK;
	memcpy(newest, vault->list->keys[0].id, sizeof(newest));
	status = lock_file(&lock, vault, err);
	if (status)
		return status;
	status = master_refresh(vault, err);
	for (size_t i = 0; !status && i + 1 < vault->list->count; i++)
		if (!memcmp(vault->list->keys[i].id, newest, sizeof(newest))) {
			kl_wipe(&vault->list->keys[i + 1], (vault->list->count - i - 1) * sizeof(vault->list->keys[0]));
			vault->list->count = i + 1;
			status = write_file(vault, vault->list, err);
			break;
		}
	close(lock);
	return status;
}

/* --- opening ---------------------------------------------------------------------------------------------------- */

const struct master_key *master_find(const struct kl_vault *vault, const unsigned char id[MASTER_ID_SIZE])
{
	for (size_t i = 0; i < vault->list->count; i++)
		if (!memcmp(vault->list->keys[i].id, id, MASTER_ID_SIZE))
			return &vault->list->keys[i];
	return NULL;
}

char *kl_vault_take_environment(void)
{
	char *value = getenv(VARIABLE), *taken = NULL;

	if (!value)
		return NULL;
	if (*value)
		taken = kl_secret_copy(value, strlen(value));
	kl_wipe(value, strlen(value));
	unsetenv(VARIABLE);
	return taken;
}

static enum kl_status open_credential(bool *found, struct kl_vault *vault, struct kl_error *err)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	enum kl_status status;
	char *path, *text;

	*found = false;
	if (!folder || folder[0] != '/')
		return KL_OK;
	path = kl_path_join(folder, CREDENTIAL);
	status = read_file(&text, path, false, err);
	if (!status && text) {
		*found = true;
		vault->source = kl_format("the credential '%s'", path);
		status = take_list(vault, text, err);
		kl_secret_free(text);
	}
	free(path);
	return status;
}

enum kl_status master_open(struct kl_vault *vault, const char *path, const char *taken, struct kl_error *err)
{
	enum kl_status status;
	bool found;

	vault->list = kl_secret_alloc(sizeof(*vault->list));
	if (taken) {
		vault->source = kl_strdup("the environment variable " VARIABLE);
		return take_list(vault, taken, err);
	}
	status = open_credential(&found, vault, err);
	if (status || found)
		return status;
	vault->path = kl_strdup(path);
	vault->source = kl_format("the file '%s'", path);
	return master_refresh(vault, err);
}
