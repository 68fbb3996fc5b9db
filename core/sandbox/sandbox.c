/*
 * Which walls this machine can have: found by running /bin/true inside them, strongest first, never by reading
 * settings. That namespaces work is kept for this boot in the cache folder; a weak answer is tried anew each time,
 * because the admin may have cured it, and so is a cgroup, because it depends on how this process was started.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "core/sandbox/sandbox_int.h"

#define PROBE_MS 5000

/* clang-format off */

/* What bubblewrap says when it may not, and the one line that cures it. */
static const struct cure {
	const char *said, *cure;
} cures[] = {
	{ "bubblewrap is missing", "sudo apt install bubblewrap" },
	{ "setting up uid map: Permission denied",
	  "allow bwrap user namespaces with an AppArmor profile (docs/sandbox.md): sudo apt install apparmor-profiles"
	  " && sudo ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict /etc/apparmor.d/ && sudo"
	  " apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict" },
	{ "No permissions to create", "sudo sysctl -w kernel.unprivileged_userns_clone=1" },
	{ "Creating new namespace failed", "sudo sysctl -w user.max_user_namespaces=15000" },
	{ "Can't mount proc", "start the container with --security-opt systempaths=unconfined, or run outside of one" },
	{ "", "see docs/sandbox.md" },
};

static const struct walls {
	enum kl_walls walls;
	enum kl_sandbox_level level;
} ladder[] = {
	{ KL_WALLS_NESTED, KL_SANDBOX_CGROUP },
	{ KL_WALLS_NESTED, KL_SANDBOX_NAMESPACES },
	{ KL_WALLS_FLAT,   KL_SANDBOX_NAMESPACES },
	{ KL_WALLS_BARE,   KL_SANDBOX_LANDLOCK },
};

/* clang-format on */

/* --- the trial -------------------------------------------------------------------------------------------------- */

struct trial {
	struct kl_launched launched;
	int32_t landlock_abi;
	bool ended;
	struct wire_end end;
	char said[256]; /* why it did not work */
};

static bool send_cgroup(struct trial *trial)
{
	const struct wire_run packet = { .kind = WIRE_CGROUP };
	int folder;

	if (trial->launched.cgroup.dir < 0)
		return true;
	folder = kl_cgroup_run_make(&trial->launched.cgroup, 65536, 8);
	return folder >= 0 && kl_wire_send(trial->launched.control, &packet, sizeof(packet), &folder, 1);
}

static bool send_true(const struct trial *trial)
{
	const struct kl_box_run run = { .argv = (const char *[]){ "/bin/true", NULL } };
	const struct wire_run packet = { .kind = WIRE_RUN,
					 .inodes = 100,
					 .processes = 4096,
					 .stack_kib = 8192,
					 .file_max = 4096,
					 .tmpfs_max = 65536,
					 .cpu_us = PROBE_MS * 1000,
					 .wall_us = PROBE_MS * 1000,
					 .memory_kib = 65536 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int fds[] = { kl_bundle_make(&run), null, null, null };
	bool sent = kl_wire_send(trial->launched.control, &packet, sizeof(packet), fds, KL_LENGTH(fds));

	if (fds[0] >= 0)
		close(fds[0]);
	if (null >= 0)
		close(null);
	return sent;
}

/* True: go on listening. */
static bool hear(struct trial *trial)
{
	union {
		uint32_t kind;
		struct wire_ready ready;
		struct wire_end end;
	} packet;
	int fd;
	ssize_t got = kl_wire_receive(trial->launched.control, &packet, sizeof(packet), &fd);

	if (fd >= 0)
		close(fd);
	if (got == 0)
		return false;
	if (got > 0 && packet.kind == WIRE_READY)
		trial->landlock_abi = packet.ready.landlock_abi;
	if (got > 0 && packet.kind == WIRE_END) {
		trial->ended = true;
		trial->end = packet.end;
	}
	return !trial->ended;
}

static void listen_until_end(struct trial *trial)
{
	int64_t due_ms = kl_clock_mono_ms() + PROBE_MS;
	struct pollfd polled = { .fd = trial->launched.control, .events = POLLIN };

	for (;;) {
		int64_t left_ms = due_ms - kl_clock_mono_ms();

		if (left_ms <= 0)
			return;
		if (poll(&polled, 1, (int)left_ms) > 0 && !hear(trial))
			return;
	}
}

static bool works(const struct trial *trial)
{
	return trial->ended && trial->end.end == WIRE_END_STATUS && trial->end.wait_status == 0;
}

static bool try_walls(struct kl_sandbox *sandbox, struct trial *trial)
{
	struct kl_error err = { .message = "" };
	bool done;

	*trial = (struct trial){ .landlock_abi = 0 };
	if (kl_launch_start(&trial->launched, sandbox, NULL, &err)) {
		snprintf(trial->said, sizeof(trial->said), "%.*s", (int)sizeof(trial->said) - 1, err.message);
		return false;
	}
	if (send_cgroup(trial) && send_true(trial))
		listen_until_end(trial);
	done = works(trial);
	if (!done && trial->ended)
		snprintf(trial->said, sizeof(trial->said), "%s", trial->end.error);
	else if (!done) /* it ends, and its pipe is complete, when its socket is closed */
		kl_launch_errors(&trial->launched, trial->said, sizeof(trial->said));
	kl_launch_end(&trial->launched);
	return done;
}

/* --- what it means ---------------------------------------------------------------------------------------------- */

static const char *cure_of(const char *said)
{
	for (size_t i = 0; i < KL_LENGTH(cures); i++)
		if (strstr(said, cures[i].said))
			return cures[i].cure;
	return "";
}

static void advise(struct kl_sandbox *sandbox, const char *said)
{
	static const char watched[] = "memory is watched every 10 ms instead of being limited by the kernel: "
				      "start with systemd-run --user --scope -p Delegate=yes kodelab";
	static const char *const weaker[] = {
		[KL_SANDBOX_CGROUP] = "",
		[KL_SANDBOX_NAMESPACES] = watched,
		[KL_SANDBOX_LANDLOCK] = "programs run without namespaces: they may fill /tmp, and limits are weaker",
		[KL_SANDBOX_RLIMITS] = "unprotected: programs can read your files; run only your own code",
	};

	if (sandbox->level <= KL_SANDBOX_NAMESPACES)
		snprintf(sandbox->advice, sizeof(sandbox->advice), "%s", weaker[sandbox->level]);
	else
		snprintf(sandbox->advice, sizeof(sandbox->advice), "%s (%s): %s", weaker[sandbox->level], said,
			 cure_of(said));
}

/* KL_SANDBOX_LEVEL: the strongest level to try; "1-flat" skips the nested namespaces. For tests. */
static bool skipped(const struct kl_sandbox *sandbox, const struct walls *walls)
{
	const char *forced = getenv("KL_SANDBOX_LEVEL");

	if (walls->level == KL_SANDBOX_CGROUP)
		return sandbox->cgroup < 0;
	if (!forced || walls->walls == KL_WALLS_BARE)
		return false;
	return forced[0] >= '2' || (!strcmp(forced, "1-flat") && walls->walls == KL_WALLS_NESTED);
}

static bool may_have_cgroup(void)
{
	const char *forced = getenv("KL_SANDBOX_LEVEL");

	return !forced || forced[0] == '0';
}

static void give_up_cgroup(struct kl_sandbox *sandbox)
{
	if (sandbox->cgroup >= 0)
		close(sandbox->cgroup);
	sandbox->cgroup = -1;
}

static bool forced_to_rlimits(void)
{
	const char *forced = getenv("KL_SANDBOX_LEVEL");

	return forced && forced[0] == '3';
}

static void find_level(struct kl_sandbox *sandbox)
{
	char said[256] = "KL_SANDBOX_LEVEL";
	struct trial trial = { .landlock_abi = 0 };

	sandbox->level = KL_SANDBOX_RLIMITS;
	sandbox->weak = forced_to_rlimits();
	for (size_t i = 0; i < KL_LENGTH(ladder); i++) {
		if (skipped(sandbox, &ladder[i]))
			continue;
		sandbox->walls = ladder[i].walls;
		if (try_walls(sandbox, &trial)) {
			sandbox->level = ladder[i].level;
			break;
		}
		if (ladder[i].level == KL_SANDBOX_CGROUP)
			give_up_cgroup(sandbox);
		else if (ladder[i].walls == KL_WALLS_NESTED || !strcmp(said, "KL_SANDBOX_LEVEL"))
			snprintf(said, sizeof(said), "%s", trial.said);
	}
	if (sandbox->walls == KL_WALLS_BARE && !trial.landlock_abi)
		sandbox->level = KL_SANDBOX_RLIMITS;
	advise(sandbox, said);
}

/* --- the cache: "boot id, account" when the strongest walls stood ----------------------------------------------- */

static bool cache_line(struct kl_buf *line, const struct kl_sandbox *sandbox)
{
	struct stat st;
	struct kl_buf boot;
	bool known;

	kl_buf_init(&boot, 64);
	known = kl_file_read(&boot, "/proc/sys/kernel/random/boot_id", NULL) == KL_OK &&
		fstat(sandbox->exe_fd, &st) == 0;
	if (known)
		kl_buf_addf(line, "%.36s %u %lld nested\n", boot.data, (unsigned)geteuid(), (long long)st.st_mtime);
	kl_buf_release(&boot);
	return known;
}

static bool cached(const struct kl_sandbox *sandbox)
{
	struct kl_buf want, have;
	bool same;

	kl_buf_init(&want, 256);
	kl_buf_init(&have, 256);
	same = cache_line(&want, sandbox) && kl_file_read(&have, sandbox->cache_file, NULL) == KL_OK &&
	       want.len == have.len && !memcmp(want.data, have.data, want.len);
	kl_buf_release(&want);
	kl_buf_release(&have);
	return same;
}

static void remember(const struct kl_sandbox *sandbox, const struct kl_paths *paths)
{
	struct kl_buf line;

	kl_buf_init(&line, 256);
	if (cache_line(&line, sandbox) && kl_path_make(paths->cache, NULL) == KL_OK)
		(void)!kl_file_write(sandbox->cache_file, line.data, line.len, 0600, NULL);
	kl_buf_release(&line);
}

/* --- opening ---------------------------------------------------------------------------------------------------- */

/* The account of the box must be able to execute it: where the file's mode says no, a copy in memory can. */
static int executable_copy(int fd, const struct stat *st)
{
	int copy = memfd_create("kodelab-box", MFD_CLOEXEC);
	off_t left = st->st_size;

	while (copy >= 0 && left > 0) {
		ssize_t put = sendfile(copy, fd, NULL, (size_t)left);

		if (put <= 0) {
			close(copy);
			return -1;
		}
		left -= put;
	}
	if (copy >= 0 && fchmod(copy, 0555) < 0) {
		close(copy);
		copy = -1;
	}
	return copy;
}

static int open_executable(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), copy;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || geteuid() != 0 || (st.st_mode & S_IXOTH))
		return fd;
	copy = executable_copy(fd, &st);
	close(fd);
	return copy;
}

enum kl_status kl_sandbox_open(struct kl_sandbox **out, struct kl_loop *loop, const struct kl_paths *paths,
			       struct kl_error *err)
{
	char *program = kl_path_join(paths->libexec, "kodelab-box");
	struct kl_sandbox *sandbox = kl_calloc(1, sizeof(*sandbox));
	enum kl_status status = KL_OK;

	sandbox->loop = loop;
	sandbox->next_slot = (unsigned)getpid();
	sandbox->cache_file = kl_path_join(paths->cache, "sandbox");
	sandbox->cgroup = may_have_cgroup() ? kl_cgroup_open() : -1;
	sandbox->exe_fd = open_executable(program);
	if (sandbox->exe_fd < 0) {
		status = kl_fail(err, KL_ENOTOOL, "cannot open '%s' (%s): reinstall kodelab", program, strerror(errno));
	} else if (sandbox->cgroup < 0 && !getenv("KL_SANDBOX_LEVEL") && cached(sandbox)) {
		sandbox->walls = KL_WALLS_NESTED;
		sandbox->level = KL_SANDBOX_NAMESPACES;
		advise(sandbox, "");
	} else {
		find_level(sandbox);
		if (sandbox->walls == KL_WALLS_NESTED)
			remember(sandbox, paths);
	}
	free(program);
	if (status)
		kl_sandbox_close(sandbox);
	else
		*out = sandbox;
	return status;
}

void kl_sandbox_close(struct kl_sandbox *sandbox)
{
	if (!sandbox)
		return;
	if (sandbox->exe_fd >= 0)
		close(sandbox->exe_fd);
	give_up_cgroup(sandbox);
	free(sandbox->cache_file);
	free(sandbox);
}

enum kl_sandbox_level kl_sandbox_level(const struct kl_sandbox *sandbox)
{
	return sandbox->level;
}

const char *kl_sandbox_advice(const struct kl_sandbox *sandbox)
{
	return sandbox->advice;
}
