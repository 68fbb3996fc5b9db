#ifndef TESTS_SANDBOX_SCENE_H
#define TESTS_SANDBOX_SCENE_H

/* A sandbox, boxes of it, and the last result of a run: what the tests of the sandbox start from. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/sandbox.h>

#define SH(script) ((const char *const[]){ "/bin/sh", "-c", script, NULL })

struct bench {
	struct kl_loop *loop;
	struct kl_sandbox *sandbox;
	struct kl_paths paths;
	char dir[40];
};

struct seen { /* a result kept after the callback */
	struct bench *bench;
	int calls;
	struct kl_box_result result;
	char *out, *err, *value;
	struct kl_box *again; /* start once more from inside done */
};

static inline void release(struct seen *seen)
{
	free(seen->out);
	free(seen->err);
	free(seen->value);
	*seen = (struct seen){ .bench = seen->bench };
}

static inline struct kl_box_run plain(const char *const *argv)
{
	return (struct kl_box_run){ .argv = argv, .cpu_ms = 2000, .memory_kib = 128 << 10 };
}

static inline void done(void *ctx, const struct kl_box_result *result)
{
	struct seen *seen = ctx;
	struct kl_box *again = seen->again;
	int calls = seen->calls + 1;

	release(seen);
	seen->calls = calls;
	seen->result = *result;
	seen->out = kl_strndup(result->out, result->out_len);
	seen->err = kl_strndup(result->err, result->err_len);
	seen->value = kl_strndup(result->result, result->result_len);
	if (again) {
		struct kl_box_run run = plain(SH("echo second"));

		assert_int_equal(kl_box_run(again, &run, done, seen, NULL), KL_OK);
	}
}

static inline void wait_for(struct seen *seen, int calls)
{
	for (int turns = 0; seen->calls < calls && turns < 100000; turns++)
		kl_loop_turn(seen->bench->loop, 8000);
	assert_int_equal(seen->calls, calls);
}

static inline void run_in(struct kl_box *box, struct seen *seen, const struct kl_box_run *run)
{
	struct kl_error err;

	release(seen);
	if (kl_box_run(box, run, done, seen, &err))
		fail_msg("%s", err.message);
	wait_for(seen, 1);
	if (seen->result.end == KL_END_FAILED)
		print_message("%s\n", seen->result.error.message);
}

static inline struct kl_box *open_box(struct bench *bench)
{
	struct kl_box *box;
	struct kl_error err;

	if (kl_box_open(&box, bench->sandbox, NULL, &err))
		fail_msg("%s", err.message);
	return box;
}

static inline void open_sandbox(struct bench *bench)
{
	struct kl_error err;

	if (kl_sandbox_open(&bench->sandbox, bench->loop, &bench->paths, &err))
		fail_msg("%s", err.message);
}

static inline int set_up(void **state)
{
	struct bench *bench = kl_calloc(1, sizeof(*bench));

	snprintf(bench->dir, sizeof(bench->dir), "/tmp/kodelab-test-XXXXXX");
	assert_non_null(mkdtemp(bench->dir));
	setenv("XDG_CACHE_HOME", bench->dir, 1);
	assert_int_equal(kl_loop_open(&bench->loop, NULL), KL_OK);
	assert_int_equal(kl_paths_init(&bench->paths, NULL), KL_OK);
	open_sandbox(bench);
	*state = bench;
	return 0;
}

static inline int tear_down(void **state)
{
	struct bench *bench = *state;

	kl_sandbox_close(bench->sandbox);
	kl_loop_close(bench->loop);
	kl_paths_release(&bench->paths);
	assert_int_equal(kl_file_remove_tree(bench->dir, NULL), KL_OK);
	free(bench);
	return 0;
}

static inline void need_walls(const struct bench *bench)
{
	if (kl_sandbox_level(bench->sandbox) <= KL_SANDBOX_NAMESPACES)
		return;
	print_message("skipped: no namespaces here: %s\n", kl_sandbox_advice(bench->sandbox));
	skip();
}

#endif
