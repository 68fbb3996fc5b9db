/* Shared by the tests under bad weather: see tools.h. */
#include "tools.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

enum { FILE_MAX = 16 << 20, STEP_MS = 10, DEPTH_MAX = 12 };

/* ---- processes ------------------------------------------------------------------------------------------------- */

void tools_adopt(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

/* The parent and the name of a process; 0: it is gone. */
static pid_t parent_of(pid_t pid, char name[64])
{
	char path[64];
	struct kl_buf stat;
	const char *open, *close;
	pid_t parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	kl_buf_init(&stat, 4096);
	if (!kl_file_read(&stat, path, NULL) && (open = strchr(stat.data, '(')) && (close = strrchr(open, ')'))) {
		snprintf(name, 64, "%.*s", (int)(close - open - 1), open + 1);
		parent = (pid_t)strtol(close + 4, NULL, 10);
	}
	kl_buf_release(&stat);
	return parent;
}

bool tools_alone(int ms)
{
	int64_t end_ms = kl_clock_mono_ms() + ms;

	for (;;) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0 && errno == ECHILD)
			return true;
		if (pid == 0 && kl_clock_mono_ms() > end_ms)
			return false;
		if (pid == 0)
			poll(NULL, 0, STEP_MS);
	}
}

static bool descends(pid_t pid, pid_t from)
{
	char name[64];

	for (int i = 0; i < DEPTH_MAX && pid > 1; i++) {
		if (pid == from)
			return true;
		pid = parent_of(pid, name);
	}
	return false;
}

pid_t tools_descendant(pid_t pid, const char *name)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	pid_t found = 0;

	while (dir && !found && (entry = readdir(dir))) {
		pid_t one = (pid_t)strtol(entry->d_name, NULL, 10);
		char its[64] = "";

		if (one > 0 && parent_of(one, its) && strcmp(its, name) == 0 && descends(one, pid))
			found = one;
	}
	if (dir)
		closedir(dir);
	return found;
}

bool tools_wait_descendant(struct pty *pty, const char *name, int ms)
{
	int64_t end_ms = kl_clock_mono_ms() + ms;

	while (!tools_descendant(pty->child.pid, name)) {
		if (kl_clock_mono_ms() > end_ms)
			return false;
		child_pump(&pty->child, STEP_MS);
	}
	return true;
}

/* ---- files ----------------------------------------------------------------------------------------------------- */

char *tools_file(const char *home, const char *name)
{
	char *path = kl_path_join(home, name);
	struct kl_buf text;

	kl_buf_init(&text, FILE_MAX);
	if (kl_file_read(&text, path, NULL))
		kl_buf_clear(&text);
	free(path);
	return kl_buf_detach(&text);
}

void tools_put(const char *home, const char *name, const char *text)
{
	char *path = kl_path_join(home, name), *dir = kl_strndup(path, (size_t)(kl_path_name(path) - path - 1));
	struct kl_error err;

	if (kl_path_make(dir, &err) || kl_file_write(path, text, strlen(text), 0644, &err))
		kl_die("%s", err.message);
	free(dir);
	free(path);
}

bool tools_wait_file(struct pty *pty, const char *name, const char *text, int ms)
{
	int64_t end_ms = kl_clock_mono_ms() + ms;
	bool found = false;

	while (!found && kl_clock_mono_ms() < end_ms) {
		char *now = tools_file(pty->child.home, name);

		found = strstr(now, text) != NULL;
		free(now);
		if (!found)
			child_pump(&pty->child, STEP_MS);
	}
	return found;
}

/* ---- commands -------------------------------------------------------------------------------------------------- */

int tools_shell(const char *home, const char *command, const char *word)
{
	pid_t pid = fork();
	int status = 1;

	if (pid == 0) {
		setenv("HOME", home, 1);
		if (chdir(home) == 0)
			execl("/bin/sh", "sh", "-c", command, "sh", word, (char *)NULL);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) != pid)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

int tools_command(struct pty *pty, const char *home, const char *arguments)
{
	char *command = kl_format("KODELAB_SHARE='%s' exec \"$1\" %s >out 2>&1", pty->places->share, arguments);
	int status = tools_shell(home, command, pty->places->lab);

	free(command);
	return status;
}

/* ---- small ones ------------------------------------------------------------------------------------------------ */

unsigned tools_chance(unsigned *seed, unsigned limit)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) % limit;
}

void tools_paste(struct pty *pty, const char *text, size_t len)
{
	child_send(&pty->child, "\033[200~");
	child_send_bytes(&pty->child, text, len);
	child_send(&pty->child, "\033[201~");
}

void tools_request(struct pty *pty, const char *name)
{
	child_send(&pty->child, "\033x");
	child_wait_text(&pty->child, "Commands", TOOLS_WORK_MS);
	child_send(&pty->child, name);
	child_wait_text(&pty->child, name, TOOLS_WORK_MS);
	child_wait_quiet(&pty->child, 60);
	child_send(&pty->child, "\r");
}

int tools_row_of(struct pty *pty, const char *text, int *col)
{
	struct emulator *emulator = &pty->child.emulator;

	for (int y = 0; y < emulator->rows; y++) {
		struct kl_buf row;
		const char *at;
		int cells = 0;

		kl_buf_init(&row, FILE_MAX);
		emulator_row(emulator, y, &row);
		at = strstr(row.data, text);
		for (const char *c = row.data; at && c < at; c++)
			cells += ((unsigned char)*c & 0xc0) != 0x80;
		kl_buf_release(&row);
		if (!at)
			continue;
		if (col)
			*col = cells;
		return y;
	}
	return -1;
}
