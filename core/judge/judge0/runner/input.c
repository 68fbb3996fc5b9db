/* What the lab sent: limits, arguments, files and inputs of the tests. */

#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void __attribute__((noreturn)) bad_input(void)
{
	_exit(5);
}

static void read_all(struct runner *runner)
{
	size_t capacity = 1 << 16, len = 0;
	char *data = need(malloc(capacity));
	ssize_t got;

	while ((got = read(0, data + len, capacity - len - 1)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			bad_input();
		len += (size_t)got;
		if (len == capacity - 1)
			data = need(realloc(data, capacity *= 2));
	}
	data[len] = '\0';
	runner->at = data;
	runner->input_end = data + len;
}

static char *take_line(struct runner *runner)
{
	char *line = runner->at, *end = memchr(line, '\n', (size_t)(runner->input_end - line));

	if (!end)
		bad_input();
	*end = '\0';
	runner->at = end + 1;
	return line;
}

static struct blob take_blob(struct runner *runner)
{
	long long len = strtoll(take_line(runner), NULL, 10);
	struct blob blob = { runner->at, (size_t)len };

	if (len < 0 || len >= runner->input_end - runner->at || runner->at[len] != '\n')
		bad_input();
	runner->at[len] = '\0';
	runner->at += len + 1;
	return blob;
}

static char *take_text(struct runner *runner)
{
	char *text;
	struct blob blob = take_blob(runner);

	text = need(malloc(blob.len + 1));
	memcpy(text, blob.data, blob.len + 1);
	return text;
}

static void take_test(struct runner *runner, struct test *test)
{
	long long argc, files;

	/* NOLINTNEXTLINE(cert-err34-c): the lab wrote them */
	if (sscanf(take_line(runner), "test %lld %lld %lld %lld %lld %lld %d %lld %lld", &test->told_cpu_ms,
		   &test->cpu_ms, &test->wall_ms, &test->memory_kib, &test->output_max, &test->result_max,
		   &test->address_limit, &argc, &files) != 9 ||
	    argc < 1 || argc > 4096 || files < 0 || files > 4096)
		bad_input();
	test->argv = need(calloc((size_t)argc + 1, sizeof(*test->argv)));
	for (long long i = 0; i < argc; i++)
		test->argv[i] = take_text(runner);
	test->file_count = (size_t)files;
	test->files = need(calloc(test->file_count + 1, sizeof(*test->files)));
	for (size_t i = 0; i < test->file_count; i++) {
		test->files[i].name = take_text(runner);
		test->files[i].content = take_blob(runner);
	}
	test->input = take_blob(runner);
}

void take_input(struct runner *runner)
{
	read_all(runner);
	/* NOLINTNEXTLINE(cert-err34-c): the lab wrote them */
	if (sscanf(take_line(runner), "KLR1 %64s %lld %lld %lld %lld", runner->nonce, &runner->wall_ms, &runner->cpu_ms,
		   &runner->out_bytes, &runner->test_count) != 5 ||
	    runner->test_count < 0 || runner->test_count > 100000)
		bad_input();
	runner->tests = need(calloc((size_t)runner->test_count + 1, sizeof(*runner->tests)));
	for (long long i = 0; i < runner->test_count; i++)
		take_test(runner, &runner->tests[i]);
	close(0);
	open("/dev/null", O_RDONLY); /* 0 stays taken */
}
