/*
 * Bundles: files and arguments in one sealed memfd (wire.h). Packing walks the folder a hostile program has
 * arranged, with descriptors only: nothing is followed, nothing but regular files is opened for reading.
 */

#include "core/sandbox/box/box_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* --- reading ---------------------------------------------------------------------------------------------------- */

static bool take(const struct bundle *bundle, size_t *at, void *out, size_t len)
{
	if (bundle->len - *at < len)
		return false;
	memcpy(out, bundle->bytes + *at, len);
	*at += len;
	return true;
}

static bool name_ok(const char *name)
{
	if (!*name || *name == '/')
		return false;
	for (const char *part = name; part; part = strchr(part, '/')) {
		size_t len;

		part += *part == '/';
		len = strcspn(part, "/");
		if (!len || (len == 1 && *part == '.') || (len == 2 && !memcmp(part, "..", 2)))
			return false;
	}
	return true;
}

static bool file_at(const struct bundle *bundle, size_t *at, struct bundle_file *file)
{
	struct wire_file head;

	if (!take(bundle, at, &head, sizeof(head)) || head.name_len >= sizeof(file->name) ||
	    !take(bundle, at, file->name, head.name_len) || head.len > bundle->len - *at)
		return false;
	file->name[head.name_len] = '\0';
	file->mode = (mode_t)(head.mode & 0777);
	file->bytes = bundle->bytes + *at;
	file->len = head.len;
	*at += (size_t)head.len;
	return strlen(file->name) == head.name_len && name_ok(file->name);
}

static bool skip_strings(const struct bundle *bundle, size_t *at, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t len;

		if (!take(bundle, at, &len, sizeof(len)) || len > bundle->len - *at)
			return false;
		*at += len;
	}
	return true;
}

static bool check(struct bundle *bundle)
{
	struct wire_bundle head;
	struct bundle_file file;
	size_t at = 0;

	if (!take(bundle, &at, &head, sizeof(head)))
		return false;
	bundle->argc = head.argc;
	bundle->envc = head.envc;
	bundle->file_count = head.file_count;
	bundle->argv_at = at;
	if (!skip_strings(bundle, &at, head.argc))
		return false;
	bundle->env_at = at;
	if (!skip_strings(bundle, &at, head.envc))
		return false;
	bundle->files_at = at;
	for (uint32_t i = 0; i < head.file_count; i++)
		if (!file_at(bundle, &at, &file))
			return false;
	return true;
}

struct bundle *bundle_open(int fd)
{
	struct bundle *bundle = calloc(1, sizeof(*bundle));
	struct stat st;
	void *bytes = MAP_FAILED;

	if (fstat(fd, &st) == 0 && st.st_size > 0)
		bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (!bundle || bytes == MAP_FAILED) {
		free(bundle);
		return NULL;
	}
	bundle->bytes = bytes;
	bundle->len = (size_t)st.st_size;
	if (!check(bundle)) {
		bundle_close(bundle);
		return NULL;
	}
	return bundle;
}

void bundle_close(struct bundle *bundle)
{
	if (!bundle)
		return;
	munmap(bundle->bytes, bundle->len);
	free(bundle);
}

static char **strings_at(const struct bundle *bundle, size_t at, size_t end, uint32_t count)
{
	size_t table = ((size_t)count + 1) * sizeof(char *);
	char **strings = calloc(1, table + (end - at) + count);
	char *text = strings ? (char *)strings + table : NULL;

	for (uint32_t i = 0; strings && i < count; i++) {
		uint32_t len = 0;

		if (!take(bundle, &at, &len, sizeof(len)) || !take(bundle, &at, text, len))
			break;
		strings[i] = text;
		text += (size_t)len + 1; /* calloc made the NUL */
	}
	return strings;
}

char **bundle_argv(const struct bundle *bundle)
{
	return strings_at(bundle, bundle->argv_at, bundle->env_at, bundle->argc);
}

char **bundle_env(const struct bundle *bundle)
{
	return strings_at(bundle, bundle->env_at, bundle->files_at, bundle->envc);
}

bool bundle_next(const struct bundle *bundle, size_t *at, struct bundle_file *file)
{
	if (!*at)
		*at = bundle->files_at;
	return *at < bundle->len && file_at(bundle, at, file);
}

/* --- unpacking -------------------------------------------------------------------------------------------------- */

/* The folder name lies in, made when missing; *last becomes the name in it. */
static int open_parent(int dir, char *name, const char **last)
{
	int at = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char *slash;

	while (at >= 0 && (slash = strchr(name, '/'))) {
		int next;

		*slash = '\0';
		if (mkdirat(at, name, 0755) < 0 && errno != EEXIST) {
			close(at);
			return -1;
		}
		next = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(at);
		at = next;
		name = slash + 1;
	}
	*last = name;
	return at;
}

static bool write_all(int fd, const unsigned char *bytes, uint64_t len)
{
	while (len) {
		ssize_t put = write(fd, bytes, (size_t)len);

		if (put < 0)
			return false;
		bytes += put;
		len -= (uint64_t)put;
	}
	return true;
}

bool bundle_write(int dir, const struct bundle_file *file, bool empty)
{
	char name[sizeof(file->name)];
	const char *last;
	int parent, fd;
	bool done;

	memcpy(name, file->name, sizeof(name));
	parent = open_parent(dir, name, &last);
	if (parent < 0)
		return false;
	fd = openat(parent, last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	close(parent);
	if (fd < 0)
		return errno == EEXIST;
	done = (empty || write_all(fd, file->bytes, file->len)) && fchmod(fd, file->mode) == 0;
	close(fd);
	return done;
}

/* --- packing ---------------------------------------------------------------------------------------------------- */

struct packing {
	int out;
	uint64_t bytes;
	uint32_t files;
	bool too_much;
};

static bool pack_bytes(struct packing *packing, int fd, uint64_t len)
{
	while (len) {
		ssize_t put = sendfile(packing->out, fd, NULL, (size_t)len);

		if (put <= 0)
			return false;
		len -= (uint64_t)put;
	}
	return true;
}

static bool pack_file(struct packing *packing, int fd, const char *name, const struct stat *st)
{
	struct wire_file head = { .mode = st->st_mode & 0777,
				  .name_len = (uint32_t)strlen(name),
				  .len = (uint64_t)st->st_size };

	packing->bytes += head.len;
	if (++packing->files > WIRE_KEEP_FILES || packing->bytes > WIRE_BUNDLE_MAX) {
		packing->too_much = true;
		return false;
	}
	return write_all(packing->out, (const unsigned char *)&head, sizeof(head)) &&
	       write_all(packing->out, (const unsigned char *)name, head.name_len) && pack_bytes(packing, fd, head.len);
}

static bool pack_dir(struct packing *packing, int dir, char *path, int depth);

/* A name the program chose: opened without following, without waiting (a FIFO), and only then looked at. */
static bool pack_entry(struct packing *packing, int dir, const char *name, char *path, int depth)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	bool done = true;

	if (fd < 0)
		return true; /* a link, a socket, no permission: stays behind */
	if (fstat(fd, &st) < 0) {
		close(fd);
		return true;
	}
	if (S_ISDIR(st.st_mode) && depth < WIRE_KEEP_DEPTH)
		return pack_dir(packing, fd, path, depth + 1); /* takes fd */
	if (S_ISREG(st.st_mode))
		done = pack_file(packing, fd, path, &st);
	close(fd);
	return done;
}

static bool dots(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

/* dir is closed. path holds the name of the folder and has room for 512 bytes. */
static bool pack_dir(struct packing *packing, int dir, char *path, int depth)
{
	size_t len = strlen(path);
	DIR *stream = fdopendir(dir);
	struct dirent *entry;
	bool done = true;
	int seen = 0;

	if (!stream) {
		close(dir);
		return true;
	}
	while (done && (entry = readdir(stream))) {
		if (dots(entry->d_name))
			continue;
		if (++seen > 20 * WIRE_KEEP_FILES)
			packing->too_much = true;
		if (packing->too_much)
			break;
		if (snprintf(path + len, 512 - len, "%s%s", len ? "/" : "", entry->d_name) >= (int)(512 - len))
			continue;
		done = pack_entry(packing, dir, entry->d_name, path, depth);
	}
	path[len] = '\0';
	closedir(stream);
	return done && !packing->too_much;
}

int bundle_pack(int dir, bool *too_much)
{
	struct packing packing = { .out = memfd_create("kept", MFD_CLOEXEC | MFD_ALLOW_SEALING) };
	struct wire_bundle head = { 0 };
	char path[512] = "";

	if (packing.out < 0 || !write_all(packing.out, (const unsigned char *)&head, sizeof(head)) ||
	    !pack_dir(&packing, openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), path, 0))
		goto failed;
	head.file_count = packing.files;
	if (pwrite(packing.out, &head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
	    fcntl(packing.out, F_ADD_SEALS, SEALS) < 0)
		goto failed;
	return packing.out;
failed:
	*too_much = packing.too_much;
	if (packing.out >= 0)
		close(packing.out);
	return -1;
}
