/*
 * Drawing the editor again, after anything that can be done in it, makes the picture that drawing all of it makes: the scene
 * compares the two after each step (editor_scene.c). What is done here is random, with fixed seeds.
 *
 * links: tui/editor/editor.c tui/editor/change.c tui/editor/code.c tui/editor/complete.c tui/editor/count.c tui/editor/find.c
 * links: tui/editor/lines.c tui/editor/mouse.c tui/editor/move.c tui/editor/view.c tui/editor/window.c tui/ui/canvas.c
 * links: tui/ui/grid.c tui/ui/role.c tests/unit/editor_scene.c tui/ui/field.c tui/ui/request.c tui/term/picture.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/path.h>

#include "tests/unit/editor_scene.h"

enum { SEEDS = 40, STEPS = 300, STEPS_SLOW = 30 };

static struct kl_paths paths;

static const char code[] =
	"/* what a train costs */\nint sum(const int *all)\n{\n\tif (all[0] > 3)\n\t\treturn \"a世\";\n"
	"\t/* a comment\n\t   of lines */\n\treturn all[1]; // end\n}\n\nchar *name = \"two\";\n"
	"/* kodelab:fixed */\nint fixed(void);\n/* kodelab:end */\n\nint last;\n";

/* The more often one stands here, the more often it is done. */
static const char *const steps[] = {
	"type(\"x\")",
	"type(\"ab\")",
	"type(\"(\")",
	"type(\")\")",
	"type(\"{\")",
	"type(\"/*\")",
	"type(\"*/\")",
	"type(\"\\\"\")",
	"type(\" \")",
	"type(\"世\")",
	"type(\"\\t\")",
	"type(\"x\")",
	"type(\"y\")",
	"backspace",
	"backspace",
	"backspace",
	"delete",
	"newline",
	"up",
	"down",
	"left",
	"right",
	"up*3",
	"down*3",
	"left*4",
	"right*4",
	"line-end",
	"line-start",
	"page-down",
	"page-up",
	"undo",
	"undo*3",
	"redo",
	"select-right",
	"select-down",
	"back",
	"find",
	"back",
	"complete",
	"delete-line",
	"comment",
	"duplicate-line",
	"move-line-up",
	"line-numbers",
	"wrap",
	"wrap",
	"wheel(1)",
	"wheel(-1)",
	"press(3,9)",
	"indent",
	"scroll-down",
	"scroll-up",
	"word-right",
	"goto-line",
	"pasted(\"p\")",
	"place(4,\"wrong\")",
	"top",
	"bottom",
	"select-all",
	"resize(9,30)",
	"resize(12,60)",
	"release",
	"type(\"z\")",
};

static const char *const options[] = { "language=c numbers", "language=python numbers auto-close size=8x24",
				       "size=14x50", "language=c wrap size=9x20", "language=c size=5x40" };

static void redrawn_is_as_drawn(void **state)
{
	int count = getenv("KL_TEST_SLOW") ? STEPS_SLOW : STEPS;

	(void)state;
	for (unsigned seed = 1; seed <= SEEDS; seed++) {
		struct scene scene = { .share = paths.share, .rows = 10, .cols = 40 };
		char name[128], *words = kl_strdup(options[seed % KL_LENGTH(options)]);
		unsigned random = seed;
		struct kl_buf text;

		scene.file = name;
		scene.options = (struct editor_options){
			.tab_width = 4, .indent_width = 4, .auto_indent = true, .cursor_line = seed % 3 == 0
		};
		scene_options(&scene, words);
		kl_buf_init(&text, TEXT_MAX);
		for (int i = 0; i < 3; i++)
			kl_buf_add_str(&text, code);
		scene_begin(&scene, &text);
		for (int i = 0; i < count; i++) {
			const char *step;

			random = random * 1103515245u + 12345u;
			step = steps[(random >> 16) % KL_LENGTH(steps)];
			snprintf(name, sizeof(name), "seed %u, step %d, %s", seed, i, step);
			scene_steps(&scene, step);
		}
		scene_end(&scene);
		kl_buf_release(&text);
		free(words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(redrawn_is_as_drawn) };

	if (kl_paths_init(&paths, NULL))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
