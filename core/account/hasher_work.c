/*
 * What a process of the pool does. Not JSON: a line of few words leaves no copies of a password behind in a parser's memory.
 *
 *     make  KIB PASSES PASSWORD -            →  ok HASH
 *     check KIB PASSES PASSWORD HASH|-       →  ok, ok NEWHASH (it was made at another cost), no
 *                                               failed (so much memory is not to be had)
 *
 * PASSWORD is in base64. Without a hash to check against, one is made at the cost that checks have: whether there is such a user
 * is not told by how long it takes.
 */

#include <kodelab/hasher.h>

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <kodelab/alloc.h>

#define NICE      10
#define LINE_SIZE 4096
#define WORDS     5

struct task {
	const char *what, *hash;
	struct kl_password_cost cost;
	char *password; /* decoded; owned */
	size_t len;
};

static bool read_task(struct task *task, char *line)
{
	char *words[WORDS], *rest = line;

	for (size_t i = 0; i < WORDS; i++)
		if (!(words[i] = strsep(&rest, " ")))
			return false;
	task->what = words[0];
	task->cost.kib = strtoul(words[1], NULL, 10);
	task->cost.passes = (unsigned)strtoul(words[2], NULL, 10);
	task->hash = strcmp(words[4], "-") != 0 ? words[4] : NULL;
	return kl_base64_decode(&task->password, &task->len, words[3]);
}

static void answer(const char *word, const char *hash)
{
	char line[KL_PASSWORD_HASH_SIZE + 16];
	int len = snprintf(line, sizeof(line), "%s%s%s\n", word, *hash ? " " : "", hash);

	if (write(STDOUT_FILENO, line, (size_t)len) < 0)
		_exit(1); /* nobody reads any more */
}

static void make(const struct task *task, const char *good)
{
	char hash[KL_PASSWORD_HASH_SIZE];

	if (kl_password_hash(hash, task->password, task->len, &task->cost))
		answer(good, strcmp(good, "no") != 0 ? hash : "");
	else
		answer("failed", "");
}

static void perform(const struct task *task)
{
	if (!strcmp(task->what, "make"))
		make(task, "ok");
	else if (!task->hash)
		make(task, "no");
	else if (!kl_password_is(task->hash, task->password, task->len))
		answer("no", "");
	else if (kl_password_differs(task->hash, &task->cost))
		make(task, "ok");
	else
		answer("ok", "");
}

/* The next line without its end; false: there is none. */
static bool read_line(char *line)
{
	size_t len = 0;
	ssize_t got;

	while (len < LINE_SIZE - 1 && (got = read(STDIN_FILENO, line + len, LINE_SIZE - 1 - len)) > 0) {
		len += (size_t)got;
		if (line[len - 1] != '\n') /* one job at a time: nothing comes behind a line's end */
			continue;
		line[len - 1] = '\0';
		return true;
	}
	return false;
}

void kl_hasher_work(void)
{
	char *line = kl_secret_alloc(LINE_SIZE);
	struct task task = { .password = NULL };

	setpriority(PRIO_PROCESS, 0, NICE);
	while (read_line(line)) {
		if (read_task(&task, line)) {
			perform(&task);
			kl_wipe(task.password, task.len);
			free(task.password);
			task.password = NULL;
		} else {
			answer("failed", "");
		}
		kl_wipe(line, LINE_SIZE);
	}
	kl_secret_free(line);
}
