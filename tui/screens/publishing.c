/*
 * Publishing a pack: it is checked and packed in a process of its own, the server says what would change, and only then, and only
 * when that is wanted, it is sent for good.
 */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/json.h>
#include <kodelab/pack.h>
#include <kodelab/path.h>
#include <kodelab/worker.h>

#include "tui/app_int.h"
#include "tui/asking.h"
#include "tui/courselist.h"
#include "tui/ui/canvas.h"
#include "tui/ui/lines.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

enum {
	CHOICES_MAX = 20,
	BUNDLE_MS = 60000,
	PATIENCE_MS = 20000,
	SEND_MS = 300000,
	TEXT_MAX = 60 << 10,
	ROWS_MAX = 2000
};

#define FOLDER "publish.folder" /* the store's setting: the pack that was published last */

struct publishing {
	char *folder; /* of the pack */
	char *path; /* where its archive is for a moment */
	char *bytes; /* its archive; NULL: not there yet */
	size_t len;
	struct kl_worker *worker; /* checks and packs; NULL: it does not run */
	struct asking asking;
	char title[120]; /* of the pack */
	struct lines said; /* each as one line */
	struct lines lines; /* the same, wrapped to cols */
	int cols;
	struct scroll scroll;
	bool ready; /* Enter publishes */
	bool first; /* it was never published: somebody may be to see it, but who? */
	struct courselist courses; /* that it may be for alone */
	bool closing, to_begin;
};

/* --- what is said ------------------------------------------------------------------------------------------------- */

static void add_text(struct publishing *publishing, enum role role, const char *text)
{
	lines_text(&publishing->said, 0, role, "", text, strlen(text), ROWS_MAX);
	publishing->cols = 0;
}

static void add_findings(struct publishing *publishing, const cJSON *findings)
{
	const cJSON *node;

	cJSON_ArrayForEach(node, findings) {
		char *line = kl_format("%s:%.0f: %s", kl_json_text_of(node, "file"), kl_json_number_of(node, "line"),
				       kl_json_text_of(node, "sentence"));

		add_text(publishing, ROLE_WARNING, line);
		free(line);
	}
}

/* --- sending ------------------------------------------------------------------------------------------------------ */

static void send_pack(struct pane *pane, const char *path, asking_fn *fn)
{
	struct publishing *publishing = pane->state;
	const struct kl_class_ask bytes = { .body = publishing->bytes,
					    .body_len = publishing->len,
					    .type = "application/gzip",
					    .repeatable = true,
					    .patience_ms = PATIENCE_MS,
					    .deadline_ms = SEND_MS };
	const struct asking_wish wish = { .method = "POST", .path = kl_strdup(path), .bytes = &bytes };

	asking_begin(&publishing->asking, pane, &wish, fn);
}

static void compared(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	struct publishing *publishing = pane->state;
	double version = kl_json_number_of(answer->data, "version");
	struct kl_buf text;

	(void)page;
	snprintf(publishing->title, sizeof(publishing->title), "%.70s (%.40s)", kl_json_text_of(answer->data, "title"),
		 kl_json_text_of(answer->data, "pack"));
	kl_buf_init(&text, TEXT_MAX);
	if (version > 0)
		kl_buf_addf(&text, "Version %.0f is published. What would change:\n", version);
	else
		kl_buf_add_str(&text, "It is not published yet. What would be there:\n");
	kl_pack_changes(&text, answer->data);
	add_text(publishing, ROLE_STRONG, "Enter publishes it; Esc leaves all as it is.");
	add_text(publishing, ROLE_TEXT, " ");
	add_text(publishing, ROLE_TEXT, text.data);
	kl_buf_release(&text);
	add_text(publishing, ROLE_TEXT, " ");
	add_text(publishing, ROLE_DIM, "Nothing was run: 'kodelab check' runs the solutions, too.");
	add_findings(publishing, cJSON_GetObjectItemCaseSensitive(answer->data, "findings"));
	publishing->first = version <= 0;
	publishing->ready = true;
}

static void published(struct pane *pane, const struct kl_class_answer *answer, int page)
{
	struct publishing *publishing = pane->state;
	struct kl_buf text;
	struct kl_error err;

	(void)page;
	kl_buf_init(&text, TEXT_MAX);
	kl_pack_published(&text, answer->data);
	lines_clear(&publishing->said);
	add_text(publishing, ROLE_SUCCESS, text.data);
	kl_buf_release(&text);
	if (kl_store_setting_put(pane->app->store, FOLDER, publishing->folder, &err))
		app_say_error(pane->app, &err);
	classwork_wake(pane->app);
}

enum { NOT_YET, EVERYBODY, COURSE }; /* and those after: of which place in the list */

static void agreed(struct app *app, void *ctx, intptr_t choice)
{
	struct pane *pane = ctx;
	struct publishing *publishing = pane->state;
	const char *course = choice >= COURSE ? publishing->courses.rows[choice - COURSE].course.id : NULL;
	char *path = course ? kl_format("/api/courses/%s/packs", course) : kl_strdup("/api/packs");

	(void)app;
	if (choice != NOT_YET) {
		publishing->ready = false;
		send_pack(pane, path, published);
	}
	free(path);
}

/* Who sees a pack that is published already sees its next version; of a new one that is asked, the narrower choice first. */
static void ask_agreement(struct pane *pane)
{
	struct publishing *publishing = pane->state;
	struct menu_item items[CHOICES_MAX + 2] = { { .label = "No, not yet", .value = NOT_YET } };
	char *labels[CHOICES_MAX];
	size_t count = 1;

	courselist_release(&publishing->courses);
	if (publishing->first)
		courselist_read(&publishing->courses, pane->app);
	for (size_t i = 0; i < publishing->courses.count && count <= CHOICES_MAX; i++) {
		const struct kl_course *course = &publishing->courses.rows[i].course;

		if (course->role != KL_COURSE_INSTRUCTOR)
			continue;
		labels[count - 1] = kl_format("Yes: for %s alone", course->title);
		items[count] = (struct menu_item){ .label = labels[count - 1], .value = COURSE + (intptr_t)i };
		count++;
	}
	items[count] = (struct menu_item){ .label = publishing->first ? "Yes: for everybody on the class server"
								      : "Yes: from now on students see this version",
					   .value = EVERYBODY };
	menu_open(pane->app, " Publish it? ", items, count + 1, NOT_YET, agreed, pane);
	while (--count > 0)
		free(labels[count - 1]);
}

/* --- packing, in a process of its own ----------------------------------------------------------------------------- */

static void take_bundle(struct pane *pane)
{
	struct publishing *publishing = pane->state;
	struct kl_error err;
	struct kl_buf bytes;

	kl_buf_init(&bytes, kl_pack_archive_limits.packed_max + 1);
	if (kl_file_read(&bytes, publishing->path, &err)) {
		app_say_error(pane->app, &err);
	} else {
		publishing->len = bytes.len;
		publishing->bytes = kl_buf_detach(&bytes);
		send_pack(pane, "/api/packs?check_only=true", compared);
	}
	kl_buf_release(&bytes);
}

static void bundled(void *ctx, const struct kl_worker_result *result)
{
	struct pane *pane = ctx;
	struct publishing *publishing = pane->state;
	bool good = result->started && WIFEXITED(result->wait_status) && !WEXITSTATUS(result->wait_status);

	publishing->worker = NULL;
	if (publishing->closing)
		return;
	app_say(pane->app, ROLE_INFO, "%s", "");
	if (good) {
		take_bundle(pane);
	} else if (result->canceled) {
		app_say(pane->app, ROLE_INFO, "Stopped.");
	} else {
		add_text(publishing, ROLE_STRONG, "It was not sent. What is wrong (R looks again):");
		add_text(publishing, ROLE_WARNING, result->err->len ? result->err->data : result->error.message);
	}
	unlink(publishing->path);
	app_dirty(pane->app);
}

static void begin(struct pane *pane)
{
	struct publishing *publishing = pane->state;
	struct app *app = pane->app;
	const char *const argv[] = { "/proc/self/exe", "bundle-pack", publishing->folder, publishing->path, NULL };
	const struct kl_worker_spec spec = {
		.argv = argv, .deadline_ms = BUNDLE_MS, .output_max = TEXT_MAX, .on_done = bundled, .ctx = pane
	};
	struct kl_error err;

	if (publishing->worker)
		return;
	asking_close(&publishing->asking);
	lines_clear(&publishing->said);
	publishing->cols = 0;
	free(publishing->bytes);
	publishing->bytes = NULL;
	publishing->ready = false;
	if (kl_path_make(app->paths.cache, &err) || kl_worker_start(&publishing->worker, app->loop, &spec, &err))
		app_say_error(app, &err);
	else
		app_say(app, ROLE_RUNNING, "Checking %s... Esc stops it.", publishing->folder);
}

/* --- opening and closing ------------------------------------------------------------------------------------------ */

static enum kl_status open_publishing(struct pane *pane, const void *arg, struct kl_error *err)
{
	struct publishing *publishing = pane->state;

	(void)err;
	publishing->folder = kl_pack_around(arg, NULL);
	publishing->path = kl_format("%s/publish-%d.tar.gz", pane->app->paths.cache, (int)getpid());
	publishing->to_begin = true;
	return KL_OK;
}

static bool work_publishing(struct pane *pane)
{
	struct publishing *publishing = pane->state;
	bool to_begin = publishing->to_begin;

	publishing->to_begin = false;
	if (to_begin)
		begin(pane);
	return to_begin;
}

static void close_publishing(struct pane *pane)
{
	struct publishing *publishing = pane->state;

	publishing->closing = true;
	if (publishing->worker)
		kl_worker_end(publishing->worker);
	asking_close(&publishing->asking);
	courselist_release(&publishing->courses);
	unlink(publishing->path);
	lines_clear(&publishing->said);
	lines_clear(&publishing->lines);
	free(publishing->bytes);
	free(publishing->folder);
	free(publishing->path);
}

static void wrap(struct publishing *publishing, int cols)
{
	lines_clear(&publishing->lines);
	for (size_t i = 0; i < publishing->said.count; i++) {
		const struct line *line = &publishing->said.items[i];

		lines_wrapped(&publishing->lines, 0, line->spans[0].role, "", line->text, cols);
	}
	publishing->cols = cols;
}

static void draw_publishing(struct pane *pane, struct canvas *canvas)
{
	struct publishing *publishing = pane->state;
	struct canvas inner = canvas_sub(canvas, (struct rect){ 1, 1, canvas->rows - 1, canvas->cols - 2 });

	canvas_str_cut(canvas, 0, 1, ROLE_HEADING, *publishing->title ? publishing->title : publishing->folder,
		       canvas->cols - 2);
	if (publishing->cols != inner.cols)
		wrap(publishing, inner.cols);
	if (!publishing->lines.count && *publishing->asking.problem)
		canvas_wrapped(&inner, (struct rect){ 0, 0, inner.rows, inner.cols }, ROLE_WARNING,
			       publishing->asking.problem);
	publishing->scroll.rows = inner.rows;
	scroll_text_by(&publishing->scroll, publishing->lines.count, 0);
	lines_draw(&publishing->lines, &inner, publishing->scroll.top, publishing->scroll.left, (size_t)-1);
	if (publishing->scroll.top + (size_t)inner.rows < publishing->lines.count)
		canvas_symbol(canvas, canvas->rows - 1, canvas->cols - 1, ROLE_SCROLLBAR, SYMBOL_ARROW_DOWN);
}

/* --- what is asked of it ------------------------------------------------------------------------------------------ */

static enum request publishing_request(struct pane *pane, enum request request)
{
	struct publishing *publishing = pane->state;

	if (request == REQ_BACK && publishing->worker) {
		kl_worker_cancel(publishing->worker);
		return REQ_NONE;
	}
	if (request == REQ_BACK && asking_stop(&publishing->asking))
		return REQ_NONE;
	if (request == REQ_SELECT && publishing->ready)
		ask_agreement(pane);
	else if (request == REQ_REFRESH)
		begin(pane);
	else if (!scroll_text(&publishing->scroll, publishing->lines.count, request))
		return request;
	return REQ_NONE;
}

static bool publishing_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct publishing *publishing = pane->state;

	if (mouse->kind != MOUSE_WHEEL)
		return false;
	scroll_text_by(&publishing->scroll, publishing->lines.count, mouse->wheel * 3L);
	return true;
}

static const enum request publishing_hints[] = { REQ_SELECT, REQ_REFRESH, REQ_BACK, REQ_HELP, REQ_NONE };

static const char *publishing_hint(const struct pane *pane, enum request request)
{
	if (request != REQ_SELECT)
		return NULL;
	return ((const struct publishing *)pane->state)->ready ? "publish" : "";
}

static const struct pane_ops publishing_ops = {
	.name = "Publish a pack",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct publishing),
	.open = open_publishing,
	.draw = draw_publishing,
	.request = publishing_request,
	.mouse = publishing_mouse,
	.hints = publishing_hints,
	.hint = publishing_hint,
	.work = work_publishing,
	.close = close_publishing,
};

static void folder_typed(struct app *app, void *ctx, const char *text)
{
	const char *home = getenv("HOME");
	char *folder = text[0] == '~' && text[1] == '/' && home ? kl_path_join(home, text + 2) : kl_strdup(text);

	(void)ctx;
	if (*folder)
		app_go(app, &publishing_ops, folder);
	free(folder);
}

void publishing_open(struct app *app)
{
	char *folder = NULL, *here = NULL;

	if (!courselist_teaches(app)) {
		app_say(app, ROLE_INFO, "Packs are published by instructors: ask yours for that role.");
		return;
	}
	if (app->store && kl_store_setting_get(&folder, app->store, FOLDER, NULL))
		folder = here = getcwd(NULL, 0);
	prompt_open(app, "Folder of the pack:", folder ? folder : "", folder_typed, NULL);
	free(here ? here : folder);
}
