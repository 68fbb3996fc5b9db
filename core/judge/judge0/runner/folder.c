/* The folder of a test: the program's files and the test's own, fresh each time. */

#include "runner.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_MAX (256 << 10) /* larger files are linked: max_file_size forbids to write them */

static int is_ours(const char *name)
{
	return !strcmp(name, "run") || !strcmp(name, "compile") || !strncmp(name, "kodelab_run", 11);
}

/* Every regular file below home/under, by its path from there. */
static void list_files(struct runner *runner, const char *under, int depth)
{
	char path[2 * PATH_SIZE], name[PATH_SIZE];
	struct dirent *entry;
	struct stat info;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s", runner->home, under);
	dir = opendir(path);
	while (dir && (entry = readdir(dir)) && runner->name_count < FILES_MAX) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") || (!*under && is_ours(entry->d_name)))
			continue;
		if ((size_t)snprintf(name, sizeof(name), "%s%s%s", under, *under ? "/" : "", entry->d_name) >=
			    sizeof(name) ||
		    (size_t)snprintf(path, sizeof(path), "%s/%s", runner->home, name) >= sizeof(path) ||
		    lstat(path, &info) < 0)
			continue;
		if (S_ISREG(info.st_mode))
			runner->names[runner->name_count++] = need(strdup(name));
		else if (S_ISDIR(info.st_mode) && depth < 8)
			list_files(runner, name, depth + 1);
	}
	if (dir)
		closedir(dir);
}

static void remove_tree(const char *path, int depth)
{
	char below[2 * PATH_SIZE];
	struct dirent *entry;
	struct stat info;
	DIR *dir;

	if (lstat(path, &info) < 0)
		return;
	if (!S_ISDIR(info.st_mode)) {
		unlink(path);
		return;
	}
	chmod(path, 0700);
	dir = depth < 64 ? opendir(path) : NULL;
	while (dir && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    (size_t)snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) < sizeof(below))
			remove_tree(below, depth + 1);
	if (dir)
		closedir(dir);
	rmdir(path);
}

static void make_parents(char *path, size_t from)
{
	for (char *at = path + from; (at = strchr(at, '/')); at++) {
		*at = '\0';
		mkdir(path, 0700);
		*at = '/';
	}
}

static int write_file(const char *path, const char *data, size_t len, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);

	while (fd >= 0 && len) {
		ssize_t done = write(fd, data, len);

		if (done <= 0)
			break;
		data += done;
		len -= (size_t)done;
	}
	if (fd >= 0)
		close(fd);
	return fd >= 0 && !len;
}

static int copy_file(const char *from, const char *to, const struct stat *info)
{
	static char data[COPY_MAX];
	int fd = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t got = fd < 0 ? -1 : read(fd, data, sizeof(data));

	if (fd >= 0)
		close(fd);
	return got >= 0 && write_file(to, data, (size_t)got, info->st_mode & 0777);
}

static void place_program(const struct runner *runner)
{
	char from[2 * PATH_SIZE], to[2 * PATH_SIZE];
	struct stat info;

	for (size_t i = 0; i < runner->name_count; i++) {
		snprintf(from, sizeof(from), "%s/%s", runner->home, runner->names[i]);
		snprintf(to, sizeof(to), "%s/%s", runner->folder, runner->names[i]);
		make_parents(to, strlen(runner->folder) + 1);
		if (lstat(from, &info) == 0 && (info.st_size >= COPY_MAX || !copy_file(from, to, &info)) &&
		    link(from, to) < 0)
			symlink(from, to);
	}
}

/* Names were checked by the lab; once more here costs nothing. */
static int stays_inside(const char *name)
{
	return *name && *name != '/' && strncmp(name, "../", 3) != 0 && !strstr(name, "/../");
}

void list_program(struct runner *runner)
{
	list_files(runner, "", 0);
}

/* The folder's name is the same each time, unless the last one could not be removed. */
int enter_folder(struct runner *runner, const struct test *test)
{
	char path[2 * PATH_SIZE];

	for (int tries = 0; tries < 100; tries++) {
		snprintf(runner->folder, sizeof(runner->folder), tries ? "%s/kodelab_run%d" : "%s/kodelab_run",
			 runner->home, tries);
		remove_tree(runner->folder, 0);
		if (mkdir(runner->folder, 0700) == 0)
			break;
	}
	place_program(runner);
	for (size_t i = 0; i < test->file_count; i++) {
		snprintf(path, sizeof(path), "%s/%s", runner->folder, test->files[i].name);
		if (!stays_inside(test->files[i].name))
			continue;
		make_parents(path, strlen(runner->folder) + 1);
		unlink(path); /* it may be a link to the program's */
		write_file(path, test->files[i].content.data, test->files[i].content.len, 0600);
	}
	return chdir(runner->folder);
}

void leave_folder(const struct runner *runner)
{
	if (chdir(runner->home) == 0)
		remove_tree(runner->folder, 0);
}
