#ifndef TESTS_EDITOR_SCENE_H
#define TESTS_EDITOR_SCENE_H

/* The real editor with a host that records, drawn after every request as the lab does it. */

#include <kodelab/buf.h>
#include <kodelab/language.h>

#include "tui/editor/editor_int.h"
#include "tui/ui/grid.h"

enum { TEXT_MAX = 1 << 20 };

struct scene {
	const char *share; /* the folder with themes/ */
	const char *file; /* for messages: "move.case: words" */
	struct kl_text *text;
	struct editor *editor;
	struct kl_syntax *syntax;
	const struct kl_language *language;
	struct editor_options options;
	struct glyphs *glyphs;
	struct grid grid;
	int rows, cols;
	bool drawn; /* grid holds a picture */
	char said[512];
	char *clipboard;
	size_t clipboard_len;
	enum request answer; /* to the last request */
};

/* Appends the bytes that [from, end) stands for: \n, \xHH and so on are bytes. */
void scene_text(const char *from, const char *end, struct kl_buf *out);
/* Words of an options line; before scene_begin. */
void scene_options(struct scene *scene, char *words);
/* Opens the editor on a text with the marks of cursor and selection in it. */
void scene_begin(struct scene *scene, struct kl_buf *text);
/* Steps of a "do:" line. */
void scene_steps(struct scene *scene, const char *steps);
/* A line that compares; the test fails with both texts. */
void scene_check(const struct scene *scene, const char *name, const char *want);
void scene_end(struct scene *scene);

#endif
