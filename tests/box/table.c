/* What must happen to each hostile program. The time limits are short where the limit is the point. */

#include "tests/box/table.h"

#include <signal.h>

#include <kodelab/alloc.h>
#include <kodelab/sandbox.h>

#define FAILS END(EXITED) | END(CPU) | END(WALL) | END(MEMORY) | END(OUTPUT) | END(SIGNALED)

/* Rows: the file, .ends = what is right, then what differs from the defaults. */
#define RUN(...)                                                                                                       \
	{                                                                                                              \
		.kind = ATTACK_RUN, .file = __VA_ARGS__                                                                \
	}
#define KEEP(...)                                                                                                      \
	{                                                                                                              \
		.kind = ATTACK_KEEP, .file = __VA_ARGS__                                                               \
	}
#define COMPILE(...)                                                                                                   \
	{                                                                                                              \
		.kind = ATTACK_COMPILE, .file = __VA_ARGS__                                                            \
	}

/* clang-format off */
const struct attack attacks[] = {
	/* processes */
	RUN("fork_bomb.c", .ends = END(CPU) | END(WALL), .cpu_ms = 300, .wall_ms = 1500),
	RUN("bomb.sh", .ends = END(CPU) | END(WALL), .cpu_ms = 300, .wall_ms = 1500),
	RUN("bomb.py", .ends = END(CPU) | END(WALL) | END(MEMORY), .cpu_ms = 300, .wall_ms = 1500),
	RUN("daemon.c", .ends = END(EXITED)),
	RUN("outlive.sh", .ends = END(EXITED)),
	RUN("orphan_writer.c", .ends = END(EXITED) | END(OUTPUT)),
	RUN("threads.c", .ends = END(EXITED)),
	RUN("zombies.c", .ends = END(EXITED)),
	RUN("kill_all.c", .ends = END(EXITED)),
	RUN("trace_init.c", .ends = END(EXITED)),
	RUN("descriptors.c", .ends = END(EXITED)),
	RUN("in_flight.c", .ends = END(EXITED)),
	/* time */
	RUN("endless.c", .ends = END(CPU), .cpu_ms = 200),
	RUN("endless.py", .ends = END(CPU), .cpu_ms = 200),
	RUN("ignore_signals.c", .ends = END(CPU), .cpu_ms = 200),
	RUN("sleep_forever.sh", .ends = END(WALL), .wall_ms = 200),
	RUN("stop_self.c", .ends = END(WALL), .wall_ms = 200),
	RUN("cpu_children.c", .ends = END(CPU), .cpu_ms = 300),
	RUN("cpu_ignored_children.c", .ends = END(CPU), .cpu_ms = 300),
	RUN("cpu_grandchildren.c", .ends = END(CPU), .cpu_ms = 300),
	RUN("cpu_threads.c", .ends = END(CPU), .cpu_ms = 300),
	RUN("odd_name.c", .ends = END(CPU), .cpu_ms = 300),
	/* memory */
	RUN("memory_touch.c", .ends = END(MEMORY)),
	RUN("memory.py", .ends = END(MEMORY)),
	RUN("memory_children.c", .ends = END(MEMORY)),
	RUN("memory_shared.c", .ends = END(MEMORY)),
	RUN("memory_hidden.c", .ends = END(MEMORY)),
	RUN("socket_buffers.c", .ends = END(MEMORY)),
	RUN("page_tables.c", .ends = END(MEMORY)),
	RUN("memory_copied.c", .ends = END(EXITED)),
	RUN("memfd.c", .ends = END(EXITED)),
	RUN("mlock.c", .ends = END(EXITED)),
	RUN("stack.c", .ends = END(SIGNALED), .code = SIGSEGV),
	/* files */
	RUN("tmpfs_fill.c", .ends = END(EXITED)),
	RUN("inodes.c", .ends = END(EXITED)),
	RUN("sparse.c", .ends = END(EXITED)),
	RUN("deep_dirs.c", .ends = END(EXITED)),
	RUN("chmod000.sh", .ends = END(EXITED)),
	RUN("mknod.c", .ends = END(EXITED)),
	RUN("host_paths.sh", .ends = END(EXITED)),
	RUN("secrets.py", .ends = END(EXITED)),
	RUN("stdin_grow.c", .ends = END(EXITED)),
	/* output */
	RUN("flood_stdout.sh", .ends = END(OUTPUT)),
	RUN("flood_stderr.sh", .ends = END(OUTPUT)),
	RUN("flood_result.c", .ends = END(OUTPUT)),
	RUN("flood_children.sh", .ends = END(OUTPUT)),
	RUN("close_all.c", .ends = END(EXITED), .code = 5),
	/* network */
	RUN("sockets.c", .ends = END(EXITED)),
	RUN("tcp.py", .ends = END(EXITED)),
	RUN("abstract.c", .ends = END(EXITED)),
	/* privileges and the kernel */
	RUN("setuid.sh", .ends = END(EXITED)),
	RUN("mount.c", .ends = END(EXITED)),
	RUN("namespaces.c", .ends = END(EXITED)),
	RUN("proc_write.sh", .ends = END(EXITED)),
	RUN("keys.c", .ends = END(EXITED)),
	RUN("kernel.c", .ends = END(EXITED)),
	RUN("tiocsti.c", .ends = END(EXITED)),
	RUN("personality.c", .ends = END(EXITED)),
	RUN("clock.c", .ends = END(EXITED)),
	RUN("priority.c", .ends = END(EXITED)),
	RUN("limits.c", .ends = END(EXITED)),
	RUN("foreign_abi.c", .ends = END(SIGNALED), .code = -1), /* SIGSYS; SIGSEGV of a kernel without 32-bit calls */
	RUN("x32_abi.c", .ends = END(SIGNALED), .code = SIGSYS),
	/* the verdict */
	RUN("exit_139.sh", .ends = END(EXITED), .code = 139),
	RUN("exit_137.sh", .ends = END(EXITED), .code = 137),
	RUN("segv.c", .ends = END(SIGNALED), .code = SIGSEGV),
	RUN("core.c", .ends = END(SIGNALED), .code = SIGABRT),
	RUN("forge.c", .ends = END(EXITED), .code = 7),
	/* what a compile leaves */
	KEEP("keep_links.sh", .ends = END(EXITED), .left = "./hard ./keep_links.sh ./real "),
	KEEP("keep_special.sh", .ends = END(EXITED), .left = "./keep_special.sh "),
	KEEP("keep_many.sh", .ends = END(OUTPUT)),
	KEEP("keep_huge.sh", .ends = END(OUTPUT)),
	KEEP("keep_deep.sh", .ends = END(EXITED), .cpu_ms = 20000, .wall_ms = 60000),
	KEEP("keep_modes.sh", .ends = END(EXITED), .left = "./keep_modes.sh ./suid "),
	KEEP("keep_names.sh", .ends = END(EXITED)),
	/* the compiler */
	COMPILE("include_zero.c", .ends = FAILS, .code = -1, .cpu_ms = 700),
	COMPILE("include_random.c", .ends = FAILS, .code = -1, .cpu_ms = 700),
	COMPILE("include_stdin.c", .ends = END(EXITED), .code = -1), /* the input is no C */
	COMPILE("include_secret.c", .ends = END(EXITED), .code = -1),
	COMPILE("include_self.c", .ends = FAILS, .code = -1, .cpu_ms = 700),
	COMPILE("incbin.c", .ends = END(EXITED), .code = -1),
	COMPILE("array.c", .ends = FAILS, .code = -1, .cpu_ms = 700),
	COMPILE("macros.c", .ends = FAILS, .code = -1, .cpu_ms = 700),
	COMPILE("template.cpp", .ends = FAILS, .code = -1, .cpu_ms = 700),
	COMPILE("constexpr.cpp", .ends = FAILS, .code = -1, .cpu_ms = 700),
	COMPILE("messages.cpp", .ends = FAILS, .code = -1, .cpu_ms = 700),
};
/* clang-format on */

const size_t attack_count = KL_LENGTH(attacks);
