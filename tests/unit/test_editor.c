/*
 * Runs tests/unit/editor/NAME.case: the real editor, drawn after every request as the lab does it, with a host that records.
 * A case is text:
 *
 *     === what it shows
 *     options: language=python wrap size=10x40
 *     text:
 *     |the start: ¦ is the cursor, § the other end of the selection
 *     do: down*3 type("x") select-right
 *     becomes:
 *     |the text, with ¦ and §, after it
 *
 * Lines of a text begin with '|'; the newline behind the last one is no part of it. In texts \r \n \t \\ \" \xHH stand for
 * bytes. The tables of editor_scene.c say which other options, steps and checks there are.
 *
 * links: tui/editor/editor.c tui/editor/change.c tui/editor/code.c tui/editor/complete.c tui/editor/count.c tui/editor/find.c
 * links: tui/editor/lines.c tui/editor/mouse.c tui/editor/move.c tui/editor/view.c tui/ui/canvas.c tui/ui/grid.c tui/ui/role.c
 * links: tui/editor/window.c tests/unit/editor_scene.c tui/ui/field.c tui/ui/request.c tui/term/picture.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "tests/unit/editor_scene.h"

enum { CASES_MAX = 1000 };

static struct kl_paths paths;

struct example {
	char *name; /* "move.case: words" */
	char *lines; /* those after its title, owned */
};

static char *take_line(char **rest)
{
	return *rest && **rest ? strsep(rest, "\n") : NULL;
}

static void read_block(char **rest, struct kl_buf *out)
{
	bool first = true;

	for (kl_buf_init(out, TEXT_MAX); *rest && **rest == '|'; first = false) {
		const char *line = take_line(rest);

		if (!first)
			kl_buf_add_char(out, '\n');
		scene_text(line + 1, line + strlen(line), out);
	}
}

static void run_line(struct scene *scene, char *line, char **rest)
{
	char *value = strstr(line, ":");
	struct kl_buf text;

	if (!*line || *line == '#')
		return;
	if (!value)
		fail_msg("%s: '%s' is no line of a case", scene->file, line);
	*value++ = '\0';
	value += *value == ' ';
	if (strcmp(line, "options") == 0) {
		scene_options(scene, value);
	} else if (strcmp(line, "text") == 0) {
		read_block(rest, &text);
		scene_begin(scene, &text);
		kl_buf_release(&text);
	} else if (strcmp(line, "do") == 0) {
		scene_steps(scene, value);
	} else if (*value) {
		kl_buf_init(&text, TEXT_MAX);
		scene_text(value, value + strlen(value), &text);
		scene_check(scene, line, text.data);
		kl_buf_release(&text);
	} else { /* lines with '|' follow */
		read_block(rest, &text);
		scene_check(scene, line, text.data);
		kl_buf_release(&text);
	}
}

static void run_example(void **state)
{
	const struct example *example = *state;
	char *copy = kl_strdup(example->lines), *rest = copy, *line;
	struct scene scene = { .share = paths.share, .file = example->name, .rows = 10, .cols = 40 };

	scene.options = (struct editor_options){ .tab_width = 4, .indent_width = 4, .auto_indent = true };
	while ((line = take_line(&rest)))
		run_line(&scene, line, &rest);
	scene_end(&scene);
	free(copy);
}

static void read_file(const char *path, struct CMUnitTest *tests, size_t *count)
{
	struct kl_buf file;
	char *at, *next;

	kl_buf_init(&file, TEXT_MAX);
	if (kl_file_read(&file, path, NULL))
		kl_die("%s cannot be read", path);
	for (at = strstr(file.data, "=== "); at && *count < CASES_MAX; at = next) {
		size_t title = strcspn(at, "\n");
		struct example *example = kl_calloc(1, sizeof(*example));

		next = strstr(at + title, "\n=== ");
		example->name = kl_format("%s: %.*s", kl_path_name(path), (int)title - 4, at + 4);
		example->lines = next ? kl_strndup(at + title, (size_t)(next - at) - title + 1) : kl_strdup(at + title);
		next = next ? next + 1 : NULL;
		tests[(*count)++] = (struct CMUnitTest){ .name = example->name,
							 .test_func = run_example,
							 .initial_state = example };
	}
	kl_buf_release(&file);
}

int main(void)
{
	struct CMUnitTest *tests = kl_calloc(CASES_MAX, sizeof(*tests));
	size_t count = 0;
	char *pattern;
	int failed;
	glob_t found;

	if (kl_paths_init(&paths, NULL))
		return 1;
	pattern = kl_format("%s/tests/unit/editor/*.case", paths.share);
	if (glob(pattern, 0, NULL, &found))
		kl_die("there are no cases: %s", pattern);
	/* KL_TEST_SLOW: under valgrind, where what is large takes longer than the editor gives it. */
	for (size_t i = 0; i < found.gl_pathc; i++)
		if (!getenv("KL_TEST_SLOW") || strcmp(kl_path_name(found.gl_pathv[i]), "large.case") != 0)
			read_file(found.gl_pathv[i], tests, &count);
	failed = _cmocka_run_group_tests("editor", tests, count, NULL, NULL);
	for (size_t i = 0; i < count; i++) {
		struct example *example = tests[i].initial_state;

		free(example->name);
		free(example->lines);
		free(example);
	}
	globfree(&found);
	free(pattern);
	free(tests);
	kl_paths_release(&paths);
	return failed;
}
