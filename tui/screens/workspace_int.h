#ifndef TUI_WORKSPACE_INT_H
#define TUI_WORKSPACE_INT_H

/*
 * The workspace in parts: workspace.c (life, requests), arrange.c (panes and where they lie), problem.c (the text),
 * output.c (tabs of results), results.c (what the tabs show), run.c (judging and recording), inputs.c (own tests).
 */

#include <kodelab/judge.h>
#include <kodelab/store.h>

#include "document.h"
#include "screens.h"
#include "tui/ui/layout.h"
#include "tui/ui/lines.h"
#include "tui/ui/prose.h"
#include "tui/ui/scroll.h"

struct canvas;
struct mouse;

enum area { AREA_PROBLEM, AREA_CODE, AREA_OUTPUT, AREA_COUNT };

enum tab { TAB_TESTS, TAB_CONSOLE, TAB_COMPILER, TAB_HINTS, TAB_HISTORY, TAB_COUNT };

struct run_state {
	struct kl_job *job; /* NULL: nothing runs */
	enum kl_attempt_kind kind;
	char handed[KL_ID_SIZE]; /* the attempt that the class server is to judge; "": none */
	char *code; /* the bytes that are judged */
	size_t code_len;
	const struct kl_language *language;
	struct kl_report *report; /* the newest one, also while it grows; owned */
	struct kl_test *own; /* the person's own tests of this run */
	size_t own_count;
	bool again; /* the file was saved while it ran: run once more (watch mode) */
};

struct badge { /* what the class server has of the text in the editor */
	bool shown; /* it is work of the class */
	enum kl_delivery delivery; /* of exactly the bytes of this generation of the text */
	uint64_t generation;
	struct kl_timer *timer; /* the keys rest; NULL: nothing was typed */
	struct kl_timer *asking; /* about the version of another machine */
};

struct workspace {
	struct app *app;
	struct pane *pane;
	struct kl_challenge *challenge;
	size_t index; /* in the catalogue */
	char course[KL_ID_SIZE], assignment[KL_ID_SIZE]; /* it was opened from this one; "": from none */
	struct document document;
	struct kl_progress progress;
	int64_t opened_ms; /* monotonic: for the time spent */
	char where[64]; /* "runs on school"; "": here */

	enum area focus;
	unsigned hidden; /* bits of areas that are collapsed */
	bool zoomed, swapped;
	bool leaving; /* Esc once more leads back to where it was opened from */
	bool show_output; /* where problem and output share a place: which */
	int arrangement; /* which table of nodes: arrange.c */
	int shares[3][LAYOUT_NODES_MAX];
	struct layout_places places;
	int dragged; /* divider under the mouse; -1 */

	struct prose problem;
	char *problem_text; /* the statement with its placeholders filled in */
	struct scroll problem_scroll;
	struct kl_syntax *problem_syntax; /* of the code block coloured last; NULL: none */
	const struct kl_language *problem_language;

	enum tab tab;
	struct lines lines[TAB_COUNT];
	struct scroll scrolls[TAB_COUNT];
	bool stale[TAB_COUNT]; /* to be built again before it is drawn */
	int open_test; /* whose details are shown; -1: none */
	int output_width;

	struct kl_place *places_found; /* lines named by messages */
	size_t place_count, place_next;

	struct run_state run;
	struct kl_own_input draft; /* own test that is being made; empty: none */
	struct badge badge;
	struct kl_timer *tell_timer; /* the store is still to learn what is open */
	struct kl_timer *watch_timer;
	bool watching;
};

/* workspace.c */
void workspace_keep_draft(struct workspace *workspace); /* the newest text into the store */

/* badge.c */
void badge_look(struct workspace *workspace); /* is it received? */
void badge_touch(struct workspace *workspace); /* after what may have changed the text */
void badge_ask_soon(struct workspace *workspace); /* when a version of another machine waits */
void badge_close(struct workspace *workspace);
enum role badge_words(struct pane *pane, char *words, size_t size);

/* arrange.c */
void arrange_restore(struct workspace *workspace);
void arrange_store(struct workspace *workspace);
void arrange_draw(struct workspace *workspace, struct canvas *canvas, bool focused);
bool arrange_redraw(struct workspace *workspace, struct canvas *canvas); /* after changes in the editor only */
bool arrange_request(struct workspace *workspace, enum request request);
bool arrange_mouse(struct workspace *workspace, const struct mouse *mouse);
bool arrange_hides_problem(const struct workspace *workspace); /* the output has its place */
void arrange_focus(struct workspace *workspace, enum area area);

/* problem.c */
void problem_open(struct workspace *workspace);
void problem_close(struct workspace *workspace);
void problem_draw(struct workspace *workspace, struct canvas *canvas);
bool problem_request(struct workspace *workspace, enum request request);
void problem_wheel(struct workspace *workspace, int lines);

/* output.c */
void output_close(struct workspace *workspace);
void output_draw(struct workspace *workspace, struct canvas *canvas, bool focused);
bool output_request(struct workspace *workspace, enum request request);
bool output_mouse(struct workspace *workspace, const struct mouse *mouse, struct rect area);
void output_show(struct workspace *workspace, enum tab tab);
void output_stale(struct workspace *workspace);
const char *output_tab_name(enum tab tab);

/* results.c: fills the lines of a tab from the state */
void results_build(struct workspace *workspace, enum tab tab);
enum symbol verdict_symbol(enum kl_verdict verdict);
enum role verdict_role(enum kl_verdict verdict);

/* run.c */
void run_start(struct workspace *workspace, enum kl_attempt_kind kind, bool fresh); /* fresh: nothing kept is used */
void run_cancel(struct workspace *workspace);
void run_forget(struct workspace *workspace); /* results of another language are no results */
void run_close(struct workspace *workspace);
void run_next_place(struct workspace *workspace);
/* Goes to the line that this line of output names; false: it names none. */
bool run_go_to(struct workspace *workspace, const char *text);

/* inputs.c */
void inputs_make(struct workspace *workspace); /* a new one; the marked one again, when it is the person's own */
void inputs_keep(struct workspace *workspace);
bool inputs_remove(struct workspace *workspace); /* false: no own one is marked */
void inputs_close(struct workspace *workspace);

#endif
