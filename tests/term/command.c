/* A lab that is used by the program kodelab, one process for each thing that is done. */

#include "tests/term/term.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/path.h>

#define DAY_S         6 /* after so long one gives up */
#define EVENING_S     300
#define WORDS_MAX     12
#define EXIT_CONFLICT 6 /* of kodelab sync: drafts wait for a decision */

static _Noreturn void become(const struct term_lab *lab, const char *words, int patience_s, int in)
{
	char *program = kl_path_join(lab->term->build, "kodelab"), *rest = kl_strdup(words);
	char *home = term_home(lab->term, lab->student, lab->machine), *argv[WORDS_MAX + 4] = { program };
	int null = open("/dev/null", O_RDWR);
	size_t count = 1;

	while (rest && count < WORDS_MAX)
		argv[count++] = strsep(&rest, " ");
	setenv("HOME", home, 1);
	dup2(in, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	alarm((unsigned)patience_s); /* its end, then */
	execv(program, argv);
	_exit(127);
}

/* Its exit status; a signal's: 128 and more. input: one line, NULL: none. */
static int run(const struct term_lab *lab, const char *words, int patience_s, const char *input)
{
	int status, ends[2];
	pid_t pid;

	CHECK(pipe2(ends, O_CLOEXEC) == 0, "pipe: %s", strerror(errno));
	pid = fork();
	CHECK(pid >= 0, "fork: %s", strerror(errno));
	if (!pid)
		become(lab, words, patience_s, ends[0]);
	close(ends[0]);
	signal(SIGPIPE, SIG_IGN);
	if (input)
		(void)!write(ends[1], input, strlen(input));
	close(ends[1]);
	CHECK(waitpid(pid, &status, 0) == pid, "waitpid: %s", strerror(errno));
	lab->term->counts.commands++;
	CHECK(!WIFSIGNALED(status) || WTERMSIG(status) == SIGALRM, "kodelab %s: %s", words,
	      strsignal(WTERMSIG(status)));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void term_command_work(const struct term_lab *lab)
{
	char *pack = term_home_file(lab->term, lab->student, lab->machine, ".local/share/kodelab/packs/" TERM_PACK);
	bool here = kl_path_exists(pack);

	free(pack);
	if (!here)
		return; /* has never synced: knows of no challenge */
	for (size_t i = 0; i < lab->term->challenges; i++) {
		char *text, *words, slug[8];

		if (!term_takes(lab->term, i, lab->round) || !term_submits(lab, i))
			continue;
		term_slug(slug, i);
		text = term_text(lab->term, lab->student, lab->machine, lab->round, i);
		words = kl_format("submit " TERM_PACK "/%s", slug);
		term_write(lab, slug, "solution.sh", text, strlen(text));
		run(lab, words, EVENING_S, NULL);
		lab->term->counts.submits++;
		free(words);
		free(text);
	}
}

/* A line off which one is, or a server that does not answer, is a day like any other. */
static bool log_in(const struct term_lab *lab, int patience_s)
{
	char *kept = term_home_file(lab->term, lab->student, lab->machine, "in"), *words, name[16];
	bool in = kl_path_exists(kept);
	int fd;

	term_name(name, lab->student);
	words = kl_format("login --password --user %s --name school %s", name, lab->term->address[lab->machine]);
	if (!in && run(lab, words, patience_s, PASSWORD "\n") == 0) {
		in = true;
		fd = open(kept, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		close(fd);
	}
	free(words);
	free(kept);
	return in;
}

bool term_command_sync(const struct term_lab *lab, bool calm)
{
	int patience_s = calm ? EVENING_S : DAY_S, status;
	char *home = term_home(lab->term, lab->student, lab->machine);

	CHECK(!kl_path_make(home, NULL), "%s cannot be made", home);
	free(home);
	if (!log_in(lab, patience_s))
		return false;
	status = run(lab, "sync", patience_s, NULL);
	lab->term->counts.rounds++;
	lab->term->counts.broken += status != 0 && status != EXIT_CONFLICT;
	if (status == EXIT_CONFLICT) {
		lab->term->counts.settled++;
		run(lab, lab->machine ? "sync --theirs" : "sync --both", patience_s, NULL);
	}
	return status == 0;
}
