/* Programs that run until they are let go. */

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>

#include "tests/server/harness.h"

/* What sleep is called with: no other process of the machine is. */
static char *held_mark(int number)
{
	return kl_format("9%d.%d", number, (int)getpid());
}

char *held_code(int number, const char *then)
{
	char *mark = held_mark(number), *code = kl_format("sleep %s; %s", mark, then);

	free(mark);
	return code;
}

char *held_program(int number, const char *text)
{
	char *then = kl_format("echo %s", text), *code = held_code(number, then);
	char *body = kl_format("{\"language_id\":46,\"source_code\":\"%s\"}", code);

	free(then);
	free(code);
	return body;
}

static bool has_words(const char *pid, const char *words, size_t len)
{
	char *path = kl_format("/proc/%s/cmdline", pid);
	struct kl_buf text;
	bool same;

	kl_buf_init(&text, 1 << 16);
	same = !kl_file_read(&text, path, NULL) && text.len == len && !memcmp(text.data, words, len);
	kl_buf_release(&text);
	free(path);
	return same;
}

/* The process that sleeps; 0: none does. */
pid_t held_find(int number)
{
	char *mark = held_mark(number), *words = kl_format("sleep %s", mark);
	size_t len = strlen(words) + 1;
	DIR *dir = opendir("/proc");
	pid_t found = 0;

	words[5] = '\0';
	for (struct dirent *entry; !found && (entry = readdir(dir));)
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && has_words(entry->d_name, words, len))
			found = (pid_t)strtol(entry->d_name, NULL, 10);
	closedir(dir);
	free(words);
	free(mark);
	return found;
}

void held_await(int number, bool runs)
{
	while ((held_find(number) != 0) != runs) /* alarm() ends the test */
		poll(NULL, 0, 2);
}

bool held_let_go(int number)
{
	pid_t pid = held_find(number);

	return pid && kill(pid, SIGTERM) == 0;
}

void held_release(int number)
{
	held_await(number, true);
	CHECK(held_let_go(number), "what is held cannot be released: %s", strerror(errno));
	held_await(number, false);
}
