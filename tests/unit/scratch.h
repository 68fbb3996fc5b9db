#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

/* A folder of the test's own, scratch, that is there from scratch_open to scratch_close, and files in it. */

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
#include <kodelab/file.h>
#include <kodelab/path.h>

static char scratch[64];

static inline int scratch_make(const char *where)
{
	snprintf(scratch, sizeof(scratch), "%s/kodelab-test-XXXXXX", where);
	return mkdtemp(scratch) ? 0 : -1;
}

static inline int scratch_open(void **state)
{
	(void)state;
	return scratch_make("/tmp");
}

/* In memory where that can be: git and we sync each file, and a busy disk would make seconds of it. */
static inline int scratch_open_fast(void **state)
{
	(void)state;
	return scratch_make(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
}

static inline int scratch_close(void **state)
{
	(void)state;
	return kl_file_remove_tree(scratch, NULL) ? -1 : 0;
}

/* Writes a file, its folders made if need be. */
static inline void scratch_put(const char *name, const char *text)
{
	char *path = kl_path_join(scratch, name), *folder = kl_strndup(path, (size_t)(kl_path_name(path) - path));

	assert_int_equal(kl_path_make(folder, NULL), KL_OK);
	assert_int_equal(kl_file_write(path, text, strlen(text), 0644, NULL), KL_OK);
	free(folder);
	free(path);
}

#endif
