#ifndef TESTS_PTY_TOOLS_H
#define TESTS_PTY_TOOLS_H

/* What the tests of the lab under bad weather share: files of the home, processes that stayed, commands, chance. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "pty.h"

#define WELCOME_FILE "kodelab/starter/welcome/solution.py"

enum { TOOLS_WORK_MS = 60000, TOOLS_EXIT_MS = 60000 }; /* a busy machine may take its time */

/* Orphans of the lab become ours: whoever stays behind is then our child. */
void tools_adopt(void);
/* Reaps until nobody is left; false: somebody still runs after ms. */
bool tools_alone(int ms);
/* A descendant of pid whose name is name; 0: none. */
pid_t tools_descendant(pid_t pid, const char *name);
bool tools_wait_descendant(struct pty *pty, const char *name, int ms);

/* A file of the home, whole; never NULL, owned by the caller. */
char *tools_file(const char *home, const char *name);
void tools_put(const char *home, const char *name, const char *text);
bool tools_wait_file(struct pty *pty, const char *name, const char *text, int ms);

/* Runs a shell command in the home, its words as $1 ..; its exit status. */
int tools_shell(const char *home, const char *command, const char *word);
/* A program of the lab's, without a terminal: its exit status. */
int tools_command(struct pty *pty, const char *home, const char *arguments);

/* The next number of a sequence that is the same for the same seed, below limit. */
unsigned tools_chance(unsigned *seed, unsigned limit);
/* Pastes text as a terminal does. */
void tools_paste(struct pty *pty, const char *text, size_t len);
/* Runs a request by its name through the palette. */
void tools_request(struct pty *pty, const char *name);
/* The row that has text; -1: none. col: where, in cells; may be NULL. */
int tools_row_of(struct pty *pty, const char *text, int *col);

#endif
