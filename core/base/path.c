/* Where things lie. */

#include <kodelab/path.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <kodelab/alloc.h>

#ifndef KL_PREFIX
#define KL_PREFIX "/usr/local"
#endif

/* clang-format off */
static const struct file_system {
	unsigned long magic;
	bool network;
	const char *name;
} file_systems[] = {
	{ EXT4_SUPER_MAGIC,      false, "ext4" },
	{ XFS_SUPER_MAGIC,       false, "XFS" },
	{ BTRFS_SUPER_MAGIC,     false, "Btrfs" },
	{ TMPFS_MAGIC,           false, "tmpfs" },
	{ OVERLAYFS_SUPER_MAGIC, false, "overlay" },
	{ F2FS_SUPER_MAGIC,      false, "F2FS" },
	{ MSDOS_SUPER_MAGIC,     false, "FAT" },
	{ 0x2fc12fc1,            false, "ZFS" },
	{ NFS_SUPER_MAGIC,       true,  "NFS" },
	{ SMB_SUPER_MAGIC,       true,  "SMB" },
	{ 0xff534d42,            true,  "SMB" }, /* CIFS_SUPER_MAGIC */
	{ 0xfe534d42,            true,  "SMB" }, /* SMB2_SUPER_MAGIC */
	{ V9FS_MAGIC,            true,  "9p" },
	{ AFS_SUPER_MAGIC,       true,  "AFS" },
	{ 0x6b414653,            true,  "AFS" }, /* kAFS */
	{ 0x65735546,            true,  "FUSE" }, /* sshfs and its kin */
	{ 0x00c36400,            true,  "Ceph" },
	{ 0x0bd00bd0,            true,  "Lustre" },
	{ 0x47504653,            true,  "GPFS" },
};

static const struct place {
	const char *variable, *fallback;
	size_t field;
} places[] = {
	{ "XDG_CONFIG_HOME", ".config",      offsetof(struct kl_paths, config) },
	{ "XDG_DATA_HOME",   ".local/share", offsetof(struct kl_paths, data) },
	{ "XDG_STATE_HOME",  ".local/state", offsetof(struct kl_paths, state) },
	{ "XDG_CACHE_HOME",  ".cache",       offsetof(struct kl_paths, cache) },
};
/* clang-format on */

char *kl_path_join(const char *base, const char *name)
{
	size_t len = strlen(base);
	bool slashed = len && base[len - 1] == '/';

	return kl_format("%s%s%s", base, slashed ? "" : "/", name);
}

const char *kl_path_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool kl_path_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static enum kl_status make_one(const char *path, struct kl_error *err)
{
	if (mkdir(path, 0700) == 0 || (errno == EEXIST && is_folder(path)))
		return KL_OK;
	if (errno == EEXIST)
		return kl_fail(err, KL_EEXIST, "'%s' is in the way: it is not a folder", path);
	return kl_fail_errno(err, KL_EIO, errno, "cannot make the folder '%s'", path);
}

enum kl_status kl_path_make(const char *path, struct kl_error *err)
{
	enum kl_status status = KL_OK;
	char *copy;

	if (is_folder(path))
		return KL_OK;
	copy = kl_strdup(path);
	for (char *slash = copy + 1; !status && (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (!is_folder(copy)) /* a parent may exist on a read-only system: do not even try */
			status = make_one(copy, err);
		*slash = '/';
	}
	if (!status)
		status = make_one(copy, err);
	free(copy);
	return status;
}

void kl_path_sync_name(const char *folder)
{
	char *parent = kl_format("%s/..", folder);
	int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(parent);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

/* --- the file system under a path ------------------------------------------------------------------------------ */

static bool magic_of(const char *path, unsigned long *magic)
{
	char *copy = kl_strdup(path);
	struct statfs fs;
	bool found;

	while (!(found = statfs(copy, &fs) == 0)) {
		char *slash = strrchr(copy, '/');

		if (!slash || (slash == copy && !copy[1]))
			break;
		slash[slash == copy] = '\0'; /* keeps the "/" of the root */
	}
	if (!found)
		found = path[0] != '/' && statfs(".", &fs) == 0;
	free(copy);
	if (found)
		*magic = (unsigned long)fs.f_type & 0xffffffffUL;
	return found;
}

static const struct file_system *file_system_of(unsigned long magic)
{
	for (size_t i = 0; i < KL_LENGTH(file_systems); i++)
		if (file_systems[i].magic == magic)
			return &file_systems[i];
	return NULL;
}

bool kl_path_is_network(const char *path)
{
	unsigned long magic = 0;
	const struct file_system *fs = magic_of(path, &magic) ? file_system_of(magic) : NULL;

	return fs && fs->network;
}

void kl_path_fs_name(const char *path, char *name, size_t size)
{
	unsigned long magic = 0;
	const struct file_system *fs = magic_of(path, &magic) ? file_system_of(magic) : NULL;

	if (fs)
		snprintf(name, size, "%s", fs->name);
	else
		snprintf(name, size, "unknown (0x%lx)", magic);
}

/* --- the places ------------------------------------------------------------------------------------------------- */

static char *home_folder(void)
{
	const char *home = getenv("HOME");
	struct passwd entry, *found = NULL;
	char text[4096];

	if (home && home[0] == '/')
		return kl_strdup(home);
	if (getpwuid_r(getuid(), &entry, text, sizeof(text), &found) == 0 && found && found->pw_dir &&
	    found->pw_dir[0] == '/')
		return kl_strdup(found->pw_dir);
	return NULL;
}

static char *absolute(const char *path)
{
	char *here, *joined;

	if (path[0] == '/')
		return kl_strdup(path);
	here = getcwd(NULL, 0);
	if (!here)
		return kl_strdup(path);
	joined = kl_path_join(here, path);
	free(here);
	return joined;
}

static char *xdg_folder(const struct place *place, const char *home)
{
	const char *base = getenv(place->variable);

	if (base && base[0] == '/')
		return kl_path_join(base, "kodelab");
	return kl_format("%s/%s/kodelab", home, place->fallback);
}

/* The folder of the running program, "" when the kernel does not say. */
static void program_folder(char *folder, size_t size)
{
	ssize_t len = readlink("/proc/self/exe", folder, size - 1);
	char *slash;

	folder[len > 0 ? len : 0] = '\0';
	slash = strrchr(folder, '/');
	if (slash)
		*slash = '\0';
}

/*
 * Is folder inside <top>/build/<kind>/, with <top> our sources? Then top is cut out of it, and kind_len is the
 * length of "<top>/build/<kind>".
 */
static bool in_build_tree(const char *folder, char **top, size_t *kind_len)
{
	const char *build = NULL, *end;

	for (const char *at = folder; (at = strstr(at, "/build/")); at++)
		build = at;
	if (!build)
		return false;
	*top = kl_strndup(folder, (size_t)(build - folder));
	end = strchr(build + strlen("/build/"), '/');
	*kind_len = end ? (size_t)(end - folder) : strlen(folder);
	for (size_t i = 0; i < 2; i++) {
		char *inside = kl_path_join(*top, i ? "themes" : "challenges");
		bool found = is_folder(inside);

		free(inside);
		if (!found) {
			free(*top);
			return false;
		}
	}
	return true;
}

/* PREFIX may have been moved as a whole: <folder>/../share/kodelab comes before the one compiled in. */
static char *installed(const char *folder, const char *kind)
{
	char *moved = kl_format("%s/../%s/kodelab", folder, kind);
	char *clean = folder[0] ? realpath(moved, NULL) : NULL;

	free(moved);
	return clean ? clean : kl_format("%s/%s/kodelab", KL_PREFIX, kind);
}

static void find_own(struct kl_paths *paths)
{
	const char *share = getenv("KODELAB_SHARE");
	const char *libexec = getenv("KODELAB_LIBEXEC");
	char folder[PATH_MAX];
	size_t kind_len = 0;
	char *top = NULL;
	bool building;

	program_folder(folder, sizeof(folder));
	building = in_build_tree(folder, &top, &kind_len);
	if (share && *share)
		paths->share = absolute(share);
	else
		paths->share = building ? kl_strdup(top) : installed(folder, "share");
	if (libexec && *libexec)
		paths->libexec = absolute(libexec);
	else
		paths->libexec = building ? kl_strndup(folder, kind_len) : installed(folder, "libexec");
	if (building)
		free(top);
}

enum kl_status kl_paths_init(struct kl_paths *paths, struct kl_error *err)
{
	const char *work = getenv("KODELAB_WORK");
	char *home = home_folder();

	if (!home)
		return kl_fail(err, KL_EINVAL, "there is no home folder: set HOME to a folder you may write to");
	*paths = (struct kl_paths){ 0 };
	for (size_t i = 0; i < KL_LENGTH(places); i++) {
		void *field = (char *)paths + places[i].field;

		*(char **)field = xdg_folder(&places[i], home);
	}
	paths->work = work && *work ? absolute(work) : kl_path_join(home, "kodelab");
	find_own(paths);
	free(home);
	return KL_OK;
}

void kl_paths_release(struct kl_paths *paths)
{
	free(paths->config);
	free(paths->data);
	free(paths->state);
	free(paths->cache);
	free(paths->work);
	free(paths->share);
	free(paths->libexec);
	*paths = (struct kl_paths){ 0 };
}
