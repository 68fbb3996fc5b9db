#ifndef TESTS_JOURNAL_SCENE_H
#define TESTS_JOURNAL_SCENE_H

/* A file, a folder of journals, and a text between them: what the journal's tests start from. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/journal.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/text.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/text/journal_int.h"

#define FIRST "int main(void)\n{\n}\n"

struct scene {
	char dir[64];
	char *state; /* the folder of journals */
	char *path;
	char *name; /* of the journal */
	struct kl_text *text;
	struct kl_journal *journal;
	struct kl_journal_found found;
	int problems, over;
};

static inline int set_up(void **state)
{
	struct scene *scene = kl_calloc(1, sizeof(*scene));

	snprintf(scene->dir, sizeof(scene->dir), "/tmp/kodelab-test-XXXXXX");
	if (!mkdtemp(scene->dir))
		return -1;
	scene->state = kl_path_join(scene->dir, "state/journals");
	scene->path = kl_path_join(scene->dir, "main.c");
	scene->name = kl_journal_path(scene->state, scene->path);
	*state = scene;
	return kl_file_write(scene->path, FIRST, strlen(FIRST), 0644, NULL) ? -1 : 0;
}

static inline void shut(struct scene *scene)
{
	kl_journal_close(scene->journal);
	kl_text_free(scene->text);
	kl_journal_found_release(&scene->found);
	scene->journal = NULL;
	scene->text = NULL;
}

static inline int tear_down(void **state)
{
	struct scene *scene = *state;
	enum kl_status status;

	shut(scene);
	status = kl_file_remove_tree(scene->dir, NULL);
	free(scene->state);
	free(scene->path);
	free(scene->name);
	free(scene);
	return status ? -1 : 0;
}

static inline enum kl_status try_start(struct scene *scene, struct kl_error *err)
{
	enum kl_status status = kl_text_load(&scene->text, scene->path, err);

	if (status == KL_ENOENT)
		scene->text = kl_text_new("", 0);
	return kl_journal_open(&scene->journal, &scene->found, scene->text, scene->state, scene->path, NULL, err);
}

static inline void start(struct scene *scene)
{
	struct kl_error err;

	if (try_start(scene, &err))
		fail_msg("%s", err.message);
}

static inline void assert_holds(const struct kl_text *text, const char *want)
{
	size_t len;
	char *bytes = kl_text_dup(text, &len);

	assert_string_equal(bytes, want);
	free(bytes);
}

static inline void append(struct kl_text *text, const char *bytes)
{
	kl_text_insert(text, kl_text_len(text), bytes, strlen(bytes));
}

#endif
