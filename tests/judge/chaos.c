/*
 * chaos: the chaos proxy as a program. See chaos_proxy.h.
 *
 *     chaos [--listen PORT] [--seed N] [--profile NAME] [--raw] PORT   passes on to 127.0.0.1:PORT
 *     chaos --plan COUNT [--seed N] [--profile NAME] [--raw]           prints what would be done to the first COUNT
 *
 * It says "listening PORT seed N" on standard output. Standard input takes lines: "profile NAME", "counts", "quit"; its
 * end ends the program as well. At the end, and at "counts", it prints what was dealt.
 */

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/loop.h>

#include "tests/judge/chaos_proxy.h"

struct program {
	struct kl_loop *loop;
	struct chaos *chaos;
	struct kl_watch *watch;
	struct kl_buf line;
};

static int usage(void)
{
	fputs("usage: chaos [--listen PORT] [--seed N] [--profile NAME] [--raw] PORT | --plan COUNT\nprofiles:",
	      stderr);
	for (size_t i = 0; i < chaos_profile_count(); i++)
		fprintf(stderr, " %s", chaos_profile_name(i));
	fputs("\n", stderr);
	return 2;
}

static void print_counts(const struct chaos *chaos)
{
	const struct chaos_counts *counts = chaos_counts(chaos);

	printf("connections %" PRIu64 " requests %" PRIu64 " forwarded %" PRIu64 " refused %" PRIu64,
	       counts->connections, counts->requests, counts->forwarded, counts->refused);
	for (int i = 0; i < CHAOS_FAULTS; i++)
		if (counts->dealt[i])
			printf(" %s %" PRIu64, chaos_fault_name((enum chaos_fault)i), counts->dealt[i]);
	puts("");
	fflush(stdout);
}

static void print_plan(size_t profile, uint64_t seed, bool raw, uint64_t count)
{
	for (uint64_t n = 0; n < count; n++) {
		struct chaos_plan plan = chaos_plan_of(profile, seed, n, raw);

		printf("%" PRIu64 " request %d %s%s delay %d ms at %d/1000 retry-after %d\n", n, plan.request,
		       chaos_fault_name(plan.fault), plan.forward ? " forwarded" : "", plan.delay_ms, plan.permille,
		       plan.retry_after_s);
	}
}

static void obey(struct program *program, const char *line)
{
	size_t profile;

	if (!strncmp(line, "profile ", 8) && chaos_profile_find(&profile, line + 8))
		chaos_switch(program->chaos, profile);
	else if (!strcmp(line, "counts"))
		print_counts(program->chaos);
	else if (!strcmp(line, "quit"))
		kl_loop_stop(program->loop);
	else
		fprintf(stderr, "chaos: '%s' is none of: profile NAME, counts, quit\n", line);
}

static void on_input(void *ctx, int fd, short revents)
{
	struct program *program = ctx;
	char bytes[256];
	ssize_t got = read(fd, bytes, sizeof(bytes));

	(void)revents;
	if (got < 0 && errno == EINTR)
		return;
	if (got <= 0) {
		kl_loop_stop(program->loop);
		return;
	}
	for (ssize_t i = 0; i < got; i++) {
		if (bytes[i] != '\n') {
			kl_buf_add_char(&program->line, bytes[i]);
			continue;
		}
		obey(program, program->line.data);
		kl_buf_clear(&program->line);
	}
}

static int run(int port, int to_port, size_t profile, uint64_t seed, bool raw)
{
	struct program program = { .loop = NULL };

	if (kl_loop_open(&program.loop, NULL))
		return 1;
	program.chaos = chaos_open(program.loop, port, to_port, profile, seed, raw);
	if (!program.chaos) {
		fprintf(stderr, "chaos: cannot listen on 127.0.0.1:%d\n", port);
		kl_loop_close(program.loop);
		return 1;
	}
	kl_buf_init(&program.line, 200);
	program.watch = kl_loop_add_fd(program.loop, STDIN_FILENO, POLLIN, on_input, &program);
	printf("listening %d seed %" PRIu64 "\n", chaos_port(program.chaos), seed);
	fflush(stdout);
	kl_loop_run(program.loop);
	print_counts(program.chaos);
	chaos_close(program.chaos);
	kl_watch_remove(program.watch);
	kl_loop_close(program.loop);
	kl_buf_release(&program.line);
	return 0;
}

/* A whole number up to max; false: it is none. */
static bool number(uint64_t *out, const char *text, uint64_t max)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	return !errno && *text >= '0' && *text <= '9' && !*end && *out <= max;
}

int main(int argc, char **argv)
{
	uint64_t listen = 0, seed = 1, count = 0, to = 0;
	size_t profile = 0;
	bool raw = false, plans = false;
	int i;

	for (i = 1; i < argc && !strncmp(argv[i], "--", 2); i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (!strcmp(argv[i], "--raw"))
			raw = true;
		else if (!strcmp(argv[i], "--listen") && number(&listen, value, 65535))
			i++;
		else if (!strcmp(argv[i], "--seed") && number(&seed, value, UINT64_MAX))
			i++;
		else if (!strcmp(argv[i], "--profile") && chaos_profile_find(&profile, value))
			i++;
		else if (!strcmp(argv[i], "--plan") && number(&count, value, 1000000))
			i++, plans = true;
		else
			return usage();
	}
	if (plans && i == argc) {
		print_plan(profile, seed, raw, count);
		return 0;
	}
	if (plans || i + 1 != argc || !number(&to, argv[i], 65535) || !to)
		return usage();
	return run((int)listen, (int)to, profile, seed, raw);
}
