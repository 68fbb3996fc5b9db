/*
 * CPU and memory of all processes of a test, by looking at /proc every tick, the way the lab's own sandbox does: two accounts
 * of CPU, because each can be cheated alone (what wait4 told plus what the living show with their waited-for children; the
 * last sight of every process ever seen). The larger one counts.
 */

#include "runner.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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

/* --- who ---------------------------------------------------------------------------------------------------------- */

struct kin {
	pid_t pid, parent;
};

/* One bit for each pid there can be. */
static unsigned char below[(4 << 20) / 8];

static int is_below(pid_t pid)
{
	return pid > 0 && pid < (4 << 20) && (below[pid / 8] >> (pid % 8) & 1);
}

static void mark_below(pid_t pid)
{
	if (pid > 0 && pid < (4 << 20))
		below[pid / 8] |= (unsigned char)(1 << (pid % 8));
}

static size_t list_kin(struct kin *all, size_t max)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t count = 0;

	while (proc && count < max && (entry = readdir(proc))) {
		char text[512], *at;
		int parent;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		all[count].pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (read_proc(all[count].pid, "stat", text, sizeof(text)) <= 0)
			continue;
		at = strrchr(text, ')'); /* the name before it is the program's to choose */
		/* NOLINTNEXTLINE(cert-err34-c): the kernel writes numbers that fit */
		if (at && sscanf(at + 1, " %*c %d", &parent) == 1)
			all[count++].parent = (pid_t)parent;
	}
	if (proc)
		closedir(proc);
	return count;
}

size_t list_below(pid_t *pids, size_t max)
{
	static struct kin all[ALL_MAX];
	size_t count = list_kin(all, ALL_MAX), found = 0, before = 1;

	memset(below, 0, sizeof(below));
	while (found < max && found != before) {
		before = found;
		for (size_t i = 0; i < count && found < max; i++) {
			if (is_below(all[i].pid) || (all[i].parent != getpid() && !is_below(all[i].parent)))
				continue;
			mark_below(all[i].pid);
			pids[found++] = all[i].pid;
		}
	}
	return found;
}

/* --- CPU ---------------------------------------------------------------------------------------------------------- */

static int64_t own_cpu_us(pid_t pid)
{
	struct timespec cpu;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &cpu) < 0)
		return 0;
	return (int64_t)cpu.tv_sec * 1000000 + cpu.tv_nsec / 1000;
}

static int see(pid_t pid, struct seen *sight, int64_t *children_us)
{
	long long utime, stime, cutime, cstime;
	int64_t tick_us = 1000000 / sysconf(_SC_CLK_TCK);
	char text[1024], *at;

	if (read_proc(pid, "stat", text, sizeof(text)) <= 0)
		return 0;
	at = strrchr(text, ')');
	if (!at || /* NOLINTNEXTLINE(cert-err34-c): the kernel writes numbers that fit */
	    sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld %lld %lld %*d %*d %*d %*d %lld",
		   &utime, &stime, &cutime, &cstime, &sight->start) != 5)
		return 0;
	sight->pid = pid;
	sight->alive = 1;
	sight->cpu_us = own_cpu_us(pid);
	if (sight->cpu_us < (utime + stime - 1) * tick_us)
		sight->cpu_us = (utime + stime) * tick_us;
	*children_us = (cutime + cstime) * tick_us;
	return 1;
}

static void remember(struct run *run, const struct seen *sight)
{
	for (size_t i = 0; i < run->seen_count; i++) {
		if (run->seen[i].pid == sight->pid && run->seen[i].start == sight->start) {
			run->seen[i] = *sight;
			return;
		}
	}
	if (run->seen_count < PIDS_MAX)
		run->seen[run->seen_count++] = *sight;
}

/* Those not seen this time are over: their last sight moves into the sum. Returns the sum with the living. */
static int64_t forget_gone(struct run *run)
{
	int64_t living_us = 0;
	size_t kept = 0;

	for (size_t i = 0; i < run->seen_count; i++) {
		if (run->seen[i].alive) {
			living_us += run->seen[i].cpu_us;
			run->seen[i].alive = 0;
			run->seen[kept++] = run->seen[i];
		} else {
			run->gone_us += run->seen[i].cpu_us;
		}
	}
	run->seen_count = kept;
	return run->gone_us + living_us;
}

void account(struct run *run, const struct rusage *usage)
{
	run->reaped_us += (int64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 +
			  usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;
	if (usage->ru_maxrss > run->peak_kib)
		run->peak_kib = usage->ru_maxrss;
	if (run->cpu_us < run->reaped_us)
		run->cpu_us = run->reaped_us;
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

static int64_t number_after(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtoll(at + strlen(name), NULL, 10) : 0;
}

static int64_t resident_kib(pid_t pid)
{
	static const char *const parts[] = { "\nRssAnon:", "\nRssShmem:", "\nVmSwap:", "\nVmPTE:" };
	char text[2048];
	int64_t sum_kib = 0;

	if (read_proc(pid, "status", text, sizeof(text)) <= 0)
		return 0;
	if (!strstr(text, parts[0])) /* Linux before 4.5 */
		return number_after(text, "\nVmRSS:");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		sum_kib += number_after(text, parts[i]);
	return sum_kib;
}

/* Shared pages divided by their users; -1 when the process does not let us look. */
static int64_t share_kib(pid_t pid)
{
	char text[2048];

	if (read_proc(pid, "smaps_rollup", text, sizeof(text)) <= 0)
		return -1;
	return number_after(text, "Pss_Anon:") + number_after(text, "Pss_Shmem:") + number_after(text, "SwapPss:");
}

static void weigh(struct run *run, const pid_t *pids, size_t count)
{
	int64_t sum_kib = 0, honest_kib = 0, limit_kib = run->test->memory_kib;

	for (size_t i = 0; i < count; i++)
		sum_kib += resident_kib(pids[i]);
	if (count > 1 && sum_kib > limit_kib && sum_kib < 8 * limit_kib) {
		/* after fork() parent and child show the same pages: count them once */
		for (size_t i = 0; i < count; i++) {
			int64_t kib = share_kib(pids[i]);

			honest_kib += kib < 0 ? resident_kib(pids[i]) : kib;
		}
		sum_kib = honest_kib;
	}
	run->memory_kib = sum_kib;
	if (sum_kib > run->peak_kib)
		run->peak_kib = sum_kib;
}

void watch_tick(struct run *run)
{
	pid_t pids[PIDS_MAX];
	size_t count = list_below(pids, PIDS_MAX);
	int64_t told_us = run->reaped_us, seen_us;

	for (size_t i = 0; i < count; i++) {
		struct seen sight = { 0, 0, 0, 0 };
		int64_t children_us;

		if (!see(pids[i], &sight, &children_us))
			continue;
		remember(run, &sight);
		told_us += sight.cpu_us + children_us;
	}
	run->processes = count;
	seen_us = forget_gone(run);
	run->cpu_us = told_us > seen_us ? told_us : seen_us;
	weigh(run, pids, count);
}
