/*
 * The second wall: what landlock can take away is taken, as far as this kernel's version of it goes. The kernel's
 * header here may be older than the kernel, so the three structs and the calls are spelled out (linux/landlock.h).
 */

#include "core/sandbox/box/box_int.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif

#define CREATE_VERSION    1u
#define RULE_PATH_BENEATH 1

enum access {
	ACCESS_EXECUTE = 1 << 0,
	ACCESS_WRITE_FILE = 1 << 1,
	ACCESS_READ_FILE = 1 << 2,
	ACCESS_READ_DIR = 1 << 3,
	ACCESS_TRUNCATE = 1 << 14,
	ACCESS_IOCTL_DEV = 1 << 15,
};

#define ACCESS_READ   (ACCESS_EXECUTE | ACCESS_READ_FILE | ACCESS_READ_DIR)
#define ACCESS_DEVICE (ACCESS_READ_FILE | ACCESS_WRITE_FILE | ACCESS_TRUNCATE | ACCESS_IOCTL_DEV)
#define ACCESS_FILE   (ACCESS_EXECUTE | ACCESS_DEVICE) /* what a rule on a file may hold */
#define ACCESS_ALL    UINT64_MAX

struct ruleset_attr {
	uint64_t handled_fs, handled_net, scoped;
};

struct path_attr {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

struct rule {
	const char *path;
	uint64_t allowed;
};

/* In the box everything that matters is read-only by its mount already; this repeats it in another mechanism. */
static const struct rule box_rules[] = {
	{ "/", ACCESS_READ },       { "/box", ACCESS_ALL },    { "/tmp", ACCESS_ALL },
	{ "/dev/shm", ACCESS_ALL }, { "/dev", ACCESS_DEVICE },
};

/* Without namespaces landlock is the only wall: name what may be seen. /proc shows the host's processes: closed. */
static const struct rule bare_rules[] = {
	{ "/usr", ACCESS_READ },
	{ "/bin", ACCESS_READ },
	{ "/sbin", ACCESS_READ },
	{ "/lib", ACCESS_READ },
	{ "/lib64", ACCESS_READ },
	{ "/lib32", ACCESS_READ },
	{ "/etc/ld.so.cache", ACCESS_READ },
	{ "/etc/alternatives", ACCESS_READ },
	{ "/etc/localtime", ACCESS_READ },
	{ "/etc/passwd", ACCESS_READ },
	{ "/dev/null", ACCESS_DEVICE },
	{ "/dev/zero", ACCESS_DEVICE },
	{ "/dev/full", ACCESS_DEVICE },
	{ "/dev/random", ACCESS_READ_FILE },
	{ "/dev/urandom", ACCESS_READ_FILE },
	{ "/proc/cpuinfo", ACCESS_READ_FILE },
	{ "/proc/meminfo", ACCESS_READ_FILE },
	{ "/proc/self", ACCESS_READ_FILE | ACCESS_READ_DIR },
};

/* Rights known to each version of landlock: one bit more in versions 2, 3 and 5. */
static uint64_t fs_rights(int abi)
{
	int bits = abi >= 5 ? 16 : abi >= 3 ? 15 : abi >= 2 ? 14 : 13;

	return ((uint64_t)1 << bits) - 1;
}

int landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);

	return abi > 0 ? (int)abi : 0;
}

static bool add_rule(int ruleset, const struct rule *rule, uint64_t handled)
{
	struct path_attr attr = { .allowed = rule->allowed & handled };
	struct stat st;
	bool done;

	attr.parent = open(rule->path, O_PATH | O_CLOEXEC);
	if (attr.parent < 0)
		return true; /* not there: nothing to allow */
	if (fstat(attr.parent, &st) == 0 && !S_ISDIR(st.st_mode))
		attr.allowed &= ACCESS_FILE;
	done = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &attr, 0) == 0;
	close(attr.parent);
	return done;
}

static int make_ruleset(int abi)
{
	struct ruleset_attr attr = { .handled_fs = fs_rights(abi),
				     .handled_net = abi >= 4 ? 3 : 0, /* TCP bind, connect */
				     .scoped = abi >= 6 ? 3 : 0 }; /* abstract sockets, signals */
	size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;

	return (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
}

bool landlock_enter(const struct box *box)
{
	const struct rule *rules = box->mode == BOX_BARE ? bare_rules : box_rules;
	size_t count = box->mode == BOX_BARE ? sizeof(bare_rules) / sizeof(bare_rules[0])
					     : sizeof(box_rules) / sizeof(box_rules[0]);
	struct rule own = { box->dir, ACCESS_ALL };
	int ruleset;
	bool done;

	if (!box->landlock_abi)
		return true; /* the level says so */
	ruleset = make_ruleset(box->landlock_abi);
	done = ruleset >= 0 && add_rule(ruleset, &own, fs_rights(box->landlock_abi));
	for (size_t i = 0; done && i < count; i++)
		done = add_rule(ruleset, &rules[i], fs_rights(box->landlock_abi));
	done = done && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	if (ruleset >= 0)
		close(ruleset);
	return done;
}
