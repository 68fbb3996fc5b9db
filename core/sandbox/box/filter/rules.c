/*
 * The system calls a program may not make. A deny list with default allow: languages differ too much for the other
 * way round, and the walls do not rest on it. What it adds: kernel interfaces with a bad history, ways around the
 * accounting (memfd, SysV memory), sockets that ignore network namespaces (AF_VSOCK), terminal injection.
 *
 * This program is run by make: libseccomp compiles the rules into BPF, printed as the C source that kodelab-box is
 * linked with. At run time this would be 0.3 ms of each box's start. Foreign ABIs (int 0x80, x32) kill.
 */

#include <asm/ioctls.h>
#include <errno.h>
#include <linux/filter.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

/* The value of an argument; libseccomp's SCMP_CMP leaves a field out, which clang minds. */
#define ARGUMENT(arg, op, value)          ((struct scmp_arg_cmp){ (arg), (op), (value), 0 })
#define ARGUMENT_MASKED(arg, mask, value) ((struct scmp_arg_cmp){ (arg), SCMP_CMP_MASKED_EQ, (mask), (value) })

#define IOCTL_TIOCLINUX 0x541C

/* clang-format off */

/* By name: libseccomp knows more calls than this machine's headers; a name it does not know is skipped. */
static const char *const denied[] = {
	/* other processes, their memory and descriptors */
	"ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "kcmp",
	"pidfd_getfd",
	/* keys, kernel programs, tracing */
	"add_key", "request_key", "keyctl", "bpf", "perf_event_open", "userfaultfd", "lookup_dcookie",
	/* mounts, roots, namespaces */
	"mount", "umount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen", "fsconfig",
	"fsmount", "fspick", "mount_setattr", "open_tree_attr", "statmount", "listmount", "unshare", "setns",
	"name_to_handle_at", "open_by_handle_at", "fanotify_init", "fanotify_mark",
	/* the machine */
	"init_module", "finit_module", "delete_module", "create_module", "query_module", "get_kernel_syms",
	"kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "acct", "quotactl", "quotactl_fd",
	"iopl", "ioperm", "syslog", "vhangup", "sethostname", "setdomainname", "nfsservctl", "uselib", "_sysctl",
	"settimeofday", "stime", "clock_settime", "clock_settime64", "clock_adjtime", "clock_adjtime64",
	"adjtimex", "modify_ldt",
	/* placement of memory */
	"mbind", "set_mempolicy", "set_mempolicy_home_node", "migrate_pages", "move_pages",
	/* memory that belongs to no process: not seen by the watch, not under any limit */
	"shmget", "shmat", "shmctl", "msgget", "semget",
	NULL
};

/* Programs have another way and take it when the call seems not to exist. */
static const char *const absent[] = {
	"clone3", "io_uring_setup", "io_uring_enter", "io_uring_register", "memfd_create", "memfd_secret",
	"map_shadow_stack", "lsm_set_self_attr",
	NULL
};

static const unsigned namespaces[] = {
	CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP,
	CLONE_NEWTIME,
};

static const unsigned ioctls[] = { TIOCSTI, IOCTL_TIOCLINUX, TIOCSCTTY };

/* clang-format on */

static bool deny_names(scmp_filter_ctx ctx, const char *const *names, uint32_t action)
{
	for (; *names; names++) {
		int number = seccomp_syscall_resolve_name(*names);

		if (number == __NR_SCMP_ERROR)
			continue;
		if (seccomp_rule_add(ctx, action, number, 0) < 0 && number >= 0)
			return false;
	}
	return true;
}

static bool deny_mask(scmp_filter_ctx ctx, int number, unsigned arg, uint64_t mask, uint64_t value)
{
	return seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), number, 1, ARGUMENT_MASKED(arg, mask, value)) == 0;
}

static bool deny_arguments(scmp_filter_ctx ctx)
{
	for (size_t i = 0; i < sizeof(namespaces) / sizeof(namespaces[0]); i++)
		if (!deny_mask(ctx, SCMP_SYS(clone), 0, namespaces[i], namespaces[i]))
			return false;
	/* The kernel looks at 32 bits of an ioctl number; so must we (CVE-2019-10063). */
	for (size_t i = 0; i < sizeof(ioctls) / sizeof(ioctls[0]); i++)
		if (!deny_mask(ctx, SCMP_SYS(ioctl), 1, UINT32_MAX, ioctls[i]))
			return false;
	/* personality(0xffffffff) asks, anything else sets */
	return seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(personality), 1,
				ARGUMENT(0, SCMP_CMP_NE, UINT32_MAX)) == 0;
}

static bool deny_if(scmp_filter_ctx ctx, int number, struct scmp_arg_cmp argument)
{
	return seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO(EPERM), number, 1, &argument) == 0;
}

/*
 * pid 1 has the program's uid: with no descriptors left it would watch nothing, and behind all others in the queue
 * it would come too late.
 */
static bool protect_keeper(scmp_filter_ctx ctx)
{
	static const int scheduling[] = { SCMP_SYS(sched_setscheduler), SCMP_SYS(sched_setparam),
					  SCMP_SYS(sched_setattr), SCMP_SYS(sched_setaffinity) };

	for (size_t i = 0; i < sizeof(scheduling) / sizeof(scheduling[0]); i++)
		if (!deny_if(ctx, scheduling[i], ARGUMENT(0, SCMP_CMP_EQ, 1)))
			return false;
	return deny_if(ctx, SCMP_SYS(prlimit64), ARGUMENT(0, SCMP_CMP_NE, 0)) &&
	       deny_if(ctx, SCMP_SYS(setpriority), ARGUMENT(0, SCMP_CMP_NE, 0)) &&
	       deny_if(ctx, SCMP_SYS(setpriority), ARGUMENT(1, SCMP_CMP_EQ, 1)) &&
	       deny_if(ctx, SCMP_SYS(ioprio_set), ARGUMENT(0, SCMP_CMP_NE, 1)) &&
	       deny_if(ctx, SCMP_SYS(ioprio_set), ARGUMENT(1, SCMP_CMP_EQ, 1));
}

static bool deny_sockets(scmp_filter_ctx ctx, bool local_sockets)
{
	if (!local_sockets)
		return seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 0) == 0;
	return seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1, ARGUMENT(0, SCMP_CMP_NE, AF_UNIX)) ==
	       0;
}

static bool add_rules(scmp_filter_ctx ctx, bool local_sockets)
{
	return seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0 &&
	       seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0 &&
	       deny_names(ctx, denied, SCMP_ACT_ERRNO(EPERM)) && deny_names(ctx, absent, SCMP_ACT_ERRNO(ENOSYS)) &&
	       deny_arguments(ctx) && protect_keeper(ctx) && deny_sockets(ctx, local_sockets);
}

/* --- as C ------------------------------------------------------------------------------------------------------- */

static void print_program(const char *name, const struct sock_filter *steps, size_t count)
{
	printf("static struct sock_filter %s_steps[] = {\n", name);
	for (size_t i = 0; i < count; i++)
		printf("\t{ %#xu, %u, %u, %#xu },\n", (unsigned)steps[i].code, (unsigned)steps[i].jt,
		       (unsigned)steps[i].jf, (unsigned)steps[i].k);
	printf("};\n\nconst struct sock_fprog %s = { %zu, %s_steps };\n\n", name, count, name);
}

static bool print_exported(scmp_filter_ctx ctx, const char *name)
{
	static struct sock_filter steps[BPF_MAXINSNS];
	int fd = memfd_create("filter", MFD_CLOEXEC);
	ssize_t size = -1;

	if (fd >= 0 && seccomp_export_bpf(ctx, fd) == 0)
		size = pread(fd, steps, sizeof(steps), 0);
	if (fd >= 0)
		close(fd);
	if (size > 0)
		print_program(name, steps, (size_t)size / sizeof(steps[0]));
	return size > 0;
}

static bool compile(const char *name, bool local_sockets)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	bool done = ctx && add_rules(ctx, local_sockets) && print_exported(ctx, name);

	if (ctx)
		seccomp_release(ctx);
	return done;
}

int main(void)
{
	printf("/* Made by core/sandbox/box/filter/rules.c. */\n\n#include \"core/sandbox/box/box_int.h\"\n\n");
	if (compile("filter_local_sockets", true) && compile("filter_no_sockets", false) && fflush(stdout) == 0)
		return 0;
	fprintf(stderr, "libseccomp cannot compile the rules\n");
	return 1;
}
