/* The lexer: the first byte picks the syntax file, the rest is the text. Spans must be in order and inside their line. */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/path.h>
#include <kodelab/syntax.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
	"bash", "c",     "cpp",    "diff", "go",   "java", "javascript",
	"json", "plain", "python", "ruby", "rust", "sql",  "typescript",
};
static char *share;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct kl_paths paths;

	(void)argc;
	(void)argv;
	if (kl_paths_init(&paths, NULL))
		abort();
	share = kl_strdup(paths.share);
	kl_paths_release(&paths);
	return 0;
}

static struct kl_syntax *syntax_of(uint8_t choice)
{
	static struct kl_syntax *open[KL_LENGTH(names)];
	size_t index = choice % KL_LENGTH(names);
	struct kl_error err;
	char *path;

	if (open[index])
		return open[index];
	path = kl_format("%s/themes/syntax/%s.syntax", share, names[index]);
	if (kl_syntax_open(&open[index], path, &err))
		kl_die("%s", err.message);
	free(path);
	return open[index];
}

static uint32_t check_line(struct kl_syntax *syntax, uint32_t state, const char *line, size_t len)
{
	struct kl_span spans[64];
	uint32_t next, without;
	size_t count = kl_syntax_line(syntax, state, line, len, spans, KL_LENGTH(spans), &next), at = 0;

	assert(count <= KL_LENGTH(spans));
	for (size_t i = 0; i < count; i++) {
		assert(spans[i].len > 0 && spans[i].start >= at && spans[i].start + spans[i].len <= len);
		assert(spans[i].token > KL_TOKEN_TEXT && spans[i].token < KL_TOKEN_COUNT);
		at = spans[i].start + spans[i].len;
	}
	kl_syntax_line(syntax, state, line, len, NULL, 0, &without);
	assert(next == without);
	return next;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t state = KL_SYNTAX_START;
	struct kl_syntax *syntax;

	if (size == 0)
		return 0;
	syntax = syntax_of(*data++);
	size--;
	while (size) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t len = end ? (size_t)(end - data) : size;
		char *line = kl_strndup((const char *)data, len); /* a block of its own: reading past its end is seen */

		state = check_line(syntax, state, line, len);
		free(line);
		data += len + (end != NULL);
		size -= len + (end != NULL);
	}
	return 0;
}
