/*
 * CPU and memory of all processes of a run, by looking at /proc every tick. Two accounts of CPU, because each can
 * be cheated alone: what wait4 told about the reaped plus what the living show with their waited-for children; and
 * the last sight of every process ever seen, for children of a parent that ignores SIGCHLD. The larger one counts.
 */

#include "core/sandbox/box/box_int.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#define PIDS_MAX     256
#define SOCKETS_FREE 64
#define SOCKET_KIB   416 /* twice net.core.wmem_max, as the kernel counts */

static ssize_t read_proc(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	got = read(fd, text, size - 1);
	close(fd);
	if (got >= 0)
		text[got] = '\0';
	return got;
}

/* --- who -------------------------------------------------------------------------------------------------------- */

static size_t list_all(pid_t *pids, size_t max)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t count = 0;

	while (proc && count < max && (entry = readdir(proc)))
		if (isdigit((unsigned char)entry->d_name[0])) {
			pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

			if (pid != getpid())
				pids[count++] = pid;
		}
	if (proc)
		closedir(proc);
	return count;
}

static size_t add_children(pid_t pid, pid_t *pids, size_t count, size_t max)
{
	char name[40], text[4096], *at = text;

	snprintf(name, sizeof(name), "task/%d/children", (int)pid);
	if (read_proc(pid, name, text, sizeof(text)) <= 0)
		return count;
	while (count < max) {
		char *end;
		long child = strtol(at, &end, 10);

		if (end == at)
			break;
		pids[count++] = (pid_t)child;
		at = end;
	}
	return count;
}

size_t watch_list(const struct watch *watch, pid_t *pids, size_t max)
{
	size_t count;

	if (watch->whole_proc)
		return list_all(pids, max);
	count = add_children(getpid(), pids, 0, max);
	for (size_t i = 0; i < count; i++)
		count = add_children(pids[i], pids, count, max);
	return count;
}

/* --- CPU -------------------------------------------------------------------------------------------------------- */

struct sight {
	int64_t start, own_us, children_us;
};

/* The process's own CPU clock: nanoseconds where /proc/PID/stat has ticks of 10 ms. */
static int64_t own_cpu_us(pid_t pid)
{
	struct timespec cpu;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &cpu) < 0)
		return 0;
	return (int64_t)cpu.tv_sec * 1000000 + cpu.tv_nsec / 1000;
}

static bool see(pid_t pid, struct sight *sight)
{
	long long utime, stime, cutime, cstime, start;
	int64_t tick_us = 1000000 / sysconf(_SC_CLK_TCK);
	char text[1024], *at;

	if (read_proc(pid, "stat", text, sizeof(text)) <= 0)
		return false;
	at = strrchr(text, ')'); /* the name before it is the program's to choose */
	/* NOLINTNEXTLINE(cert-err34-c): the kernel writes numbers */
	if (!at || sscanf(at + 1,
			  " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld %lld %lld %*d %*d %*d %*d "
			  "%lld",
			  &utime, &stime, &cutime, &cstime, &start) != 5)
		return false;
	sight->start = start;
	sight->own_us = own_cpu_us(pid);
	if (sight->own_us < (utime + stime - 1) * tick_us)
		sight->own_us = (utime + stime) * tick_us;
	sight->children_us = (cutime + cstime) * tick_us;
	return true;
}

static void remember(struct watch *watch, pid_t pid, const struct sight *sight)
{
	struct watch_seen *seen;

	for (size_t i = 0; i < watch->seen_count; i++) {
		seen = &watch->seen[i];
		if (seen->pid == pid && seen->start == sight->start) {
			seen->cpu_us = sight->own_us;
			seen->alive = true;
			return;
		}
	}
	if (watch->seen_count == WATCH_SEEN)
		return;
	watch->seen[watch->seen_count++] = (struct watch_seen){ pid, sight->start, sight->own_us, true };
}

/* Those not seen this time are over: their last sight moves into the sum. Returns the sum with the living. */
static int64_t forget_gone(struct watch *watch)
{
	int64_t living_us = 0;
	size_t kept = 0;

	for (size_t i = 0; i < watch->seen_count; i++) {
		struct watch_seen *seen = &watch->seen[i];

		if (seen->alive) {
			living_us += seen->cpu_us;
			seen->alive = false;
			watch->seen[kept++] = *seen;
		} else {
			watch->gone_us += seen->cpu_us;
		}
	}
	watch->seen_count = kept;
	return watch->gone_us + living_us;
}

/* --- memory ----------------------------------------------------------------------------------------------------- */

static int64_t number_after(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoll(at + strlen(name), NULL, 10) : 0;
}

/* Page tables too: reading untouched memory costs nothing else. */
static int64_t resident_kib(pid_t pid)
{
	static const char *const parts[] = { "\nRssAnon:", "\nRssShmem:", "\nVmSwap:", "\nVmPTE:" };
	char text[2048];
	int64_t sum_kib = 0;

	if (read_proc(pid, "status", text, sizeof(text)) <= 0)
		return 0;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		sum_kib += number_after(text, parts[i]);
	return sum_kib;
}

/*
 * What lies in the buffers of sockets is in no process's figures. The box has a network namespace of its own, so
 * the kernel's count of sockets is the box's; beyond a few, each is taken for full.
 */
static int64_t sockets_kib(const struct watch *watch)
{
	char text[512];
	int64_t count;

	if (!watch->whole_proc || read_proc(getpid(), "net/sockstat", text, sizeof(text)) <= 0)
		return 0;
	count = number_after(text, "used") - SOCKETS_FREE;
	return count > 0 ? count * SOCKET_KIB : 0;
}

size_t watch_account_tasks(void)
{
	static pid_t pids[16384];
	size_t count = list_all(pids, sizeof(pids) / sizeof(pids[0])), tasks = 1;

	for (size_t i = 0; i < count; i++) {
		char text[2048];

		if (read_proc(pids[i], "status", text, sizeof(text)) > 0 &&
		    number_after(text, "\nUid:") == (int64_t)getuid())
			tasks += (size_t)number_after(text, "\nThreads:");
	}
	return tasks;
}

/* Shared pages divided by their users; -1 when the process does not let us look. */
static int64_t share_kib(pid_t pid)
{
	char text[2048];

	if (read_proc(pid, "smaps_rollup", text, sizeof(text)) <= 0)
		return -1;
	return number_after(text, "Pss_Anon:") + number_after(text, "Pss_Shmem:") + number_after(text, "SwapPss:");
}

/* After fork() parent and child show the same pages: when the sum is over the limit, count them once. */
static int64_t honest_kib(const pid_t *pids, size_t count)
{
	int64_t sum_kib = 0;

	for (size_t i = 0; i < count; i++) {
		int64_t kib = share_kib(pids[i]);

		sum_kib += kib < 0 ? resident_kib(pids[i]) : kib;
	}
	return sum_kib;
}

static void weigh(struct watch *watch, const pid_t *pids, size_t count, int64_t limit_kib)
{
	int64_t sum_kib = 0;

	for (size_t i = 0; i < count; i++)
		sum_kib += resident_kib(pids[i]);
	if (count > 1 && sum_kib > limit_kib && sum_kib < 8 * limit_kib)
		sum_kib = honest_kib(pids, count);
	sum_kib += sockets_kib(watch);
	watch->memory_kib = sum_kib;
	if (sum_kib > watch->peak_kib)
		watch->peak_kib = sum_kib;
}

void watch_tick(struct watch *watch, int64_t memory_kib)
{
	pid_t pids[PIDS_MAX];
	size_t count = watch_list(watch, pids, PIDS_MAX);
	int64_t told_us = watch->reaped_us, seen_us;

	for (size_t i = 0; i < count; i++) {
		struct sight sight;

		if (!see(pids[i], &sight))
			continue;
		remember(watch, pids[i], &sight);
		told_us += sight.own_us + sight.children_us;
	}
	seen_us = forget_gone(watch);
	watch->cpu_us = told_us > seen_us ? told_us : seen_us;
	weigh(watch, pids, count, memory_kib);
}
