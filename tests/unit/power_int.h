#ifndef TESTS_UNIT_POWER_INT_H
#define TESTS_UNIT_POWER_INT_H

/* Between recording (power_disk.c) and cutting (power_cut.c). */

#include <sys/types.h>

#include "tests/unit/power_disk.h"

#define NOTHING SIZE_MAX
#define TASKS   16 /* traced at the same time */

enum kind { WRITE, CUT, SYNC, NAME, SYNC_FOLDER, MARK };

struct step {
	enum kind kind;
	size_t file; /* WRITE, CUT, SYNC; NAME: what has it now, NOTHING: nobody */
	size_t from, len; /* WRITE; CUT: len is what is left */
	char *bytes; /* WRITE; MARK: its text */
	char *name,
		*former; /* below the folder. NAME: what is named now, and the name it had, NULL: none; SYNC_FOLDER: name */
};

struct file {
	ino_t ino;
	bool folder;
};

struct task { /* traced; what its system call was asked */
	pid_t pid;
	uint64_t nr, args[6];
};

struct power_disk {
	char *root;
	dev_t dev;
	struct step *steps;
	size_t step_count, step_cap;
	struct file *files;
	size_t file_count, file_cap;
	struct task tasks[TASKS];
};

#endif
