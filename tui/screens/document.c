/* A work file that is open: see document.h. */
#include "document.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/journal.h>
#include <kodelab/syntax.h>
#include <kodelab/text.h>

#include "tui/app.h"
#include "tui/editor/editor.h"
#include "tui/editor/host.h"

static void remember_stamp(struct document *document)
{
	struct stat info;

	if (stat(document->path, &info) == 0) {
		document->stamp = info.st_mtim;
		document->size = info.st_size;
	}
}

bool document_changed_outside(const struct document *document)
{
	struct stat info;

	return stat(document->path, &info) == 0 &&
	       (info.st_mtim.tv_sec != document->stamp.tv_sec || info.st_mtim.tv_nsec != document->stamp.tv_nsec ||
		info.st_size != document->size);
}

static void tell_problem(void *ctx, const struct kl_error *problem)
{
	struct document *document = ctx;

	if (problem)
		app_say_error(document->app, problem);
	else
		app_say(document->app, ROLE_SUCCESS, "The journal can be written again.");
}

/* Another program changed the file meanwhile: its content counts, but what was typed here is one undo away. */
static void keep_recovered(struct document *document, const struct kl_journal_found *found)
{
	size_t len;
	char *now = kl_text_dup(document->text, &len);

	kl_text_assign(document->text, found->recovered, found->recovered_len, 0);
	kl_text_assign(document->text, now, len, 0);
	kl_text_set_saved(document->text);
	free(now);
	app_say(document->app, ROLE_WARNING,
		"Another program changed the file; undo brings back what you had typed here.");
}

/*
 * The journal gives back what a crash would have taken. Without one the work goes on (a full disk), but not when another
 * lab has the file: whoever saved last would win.
 */
static enum kl_status open_journal(struct document *document, struct kl_error *refusal)
{
	struct app *app = document->app;
	struct kl_journal_found found = { 0 };
	struct kl_error err;
	char *dir = kl_path_join(app->paths.state, "journals");
	enum kl_status status =
		kl_journal_open(&document->journal, &found, document->text, dir, document->path, app->loop, &err);

	if (status == KL_EBUSY) {
		kl_fail(refusal, KL_EBUSY, "'%s' is open in another kodelab; close it there first.",
			kl_path_name(document->path));
	} else if (status) {
		app_say_error(app, &err);
	} else {
		kl_journal_on_problem(document->journal, tell_problem, document);
		editor_set_cursor(document->editor, found.cursor);
		if (found.recovered)
			keep_recovered(document, &found);
		else if (found.message[0])
			app_say(app, found.damaged ? ROLE_WARNING : ROLE_INFO, "%s", found.message);
		else if (found.resumed && kl_text_modified(document->text))
			app_say(app, ROLE_INFO, "Your text is as you left it.");
	}
	kl_journal_found_release(&found);
	free(dir);
	return status == KL_EBUSY ? status : KL_OK;
}

static void release(struct document *document)
{
	editor_free(document->editor);
	kl_journal_close(document->journal);
	kl_text_free(document->text);
	kl_syntax_close(document->syntax);
	free(document->path);
	memset(document, 0, sizeof(*document));
}

enum kl_status document_open(struct document *document, struct app *app, const char *path,
			     const struct kl_language *language, struct kl_error *err)
{
	enum kl_status status = kl_text_load(&document->text, path, err);

	if (status)
		return status;
	document->app = app;
	document->path = kl_strdup(path);
	document->language = language;
	document->syntax = language ? host_syntax(app, language) : NULL;
	document->editor = host_editor(app, document->text, language, document->syntax);
	status = open_journal(document, err);
	if (status) {
		release(document);
		return status;
	}
	editor_rescan(document->editor);
	remember_stamp(document);
	return KL_OK;
}

void document_close(struct document *document)
{
	struct kl_error err;

	if (!document->text)
		return;
	if (document_keep(document, &err))
		app_say_error(document->app, &err);
	if (document->journal)
		kl_journal_cursor(document->journal, editor_cursor(document->editor));
	release(document);
}

static enum kl_status read_file(struct kl_buf *bytes, const struct document *document, struct kl_error *err)
{
	kl_buf_init(bytes, KL_TEXT_FILE_MAX);
	return kl_file_read(bytes, document->path, err);
}

/* The file's text goes into the history below what was typed here: one undo shows it, nothing of either is lost. */
static enum kl_status take_beneath(struct document *document, struct kl_error *err)
{
	size_t len, cursor = editor_cursor(document->editor);
	struct kl_buf bytes;
	enum kl_status status = read_file(&bytes, document, err);

	if (!status) {
		char *typed = kl_text_dup(document->text, &len);

		kl_text_assign(document->text, bytes.data, bytes.len, cursor);
		kl_text_assign(document->text, typed, len, cursor);
		editor_rescan(document->editor);
		editor_set_cursor(document->editor, cursor);
		remember_stamp(document);
		free(typed);
		status = kl_fail(err, KL_ECONFLICT,
				 "Another program wrote the file: undo shows its text, once more keeps yours.");
	}
	kl_buf_release(&bytes);
	return status;
}

bool document_refresh(struct document *document)
{
	struct kl_error err;

	if (!document->text || kl_text_modified(document->text) || !document_changed_outside(document))
		return false;
	if (document_reload(document, &err)) {
		remember_stamp(document); /* told once */
		app_say_error(document->app, &err);
		return false;
	}
	app_say(document->app, ROLE_INFO, "The file was changed by another program and has been read again.");
	return true;
}

enum kl_status document_keep(struct document *document, struct kl_error *err)
{
	enum kl_status status = document_save(document, err);

	return status == KL_ECONFLICT ? document_save(document, err) : status;
}

enum kl_status document_save(struct document *document, struct kl_error *err)
{
	enum kl_status status = KL_OK;

	if (!document->text)
		return KL_OK;
	document_refresh(document);
	if (kl_text_modified(document->text) && document_changed_outside(document))
		return take_beneath(document, err);
	if (kl_text_modified(document->text) || !kl_path_exists(document->path)) {
		status = kl_text_save(document->text, document->path, 0644, err);
		if (!status)
			remember_stamp(document);
	}
	if (document->journal) {
		kl_journal_cursor(document->journal, editor_cursor(document->editor));
		if (!status)
			status = kl_journal_sync(document->journal, err);
	}
	return status;
}

enum kl_status document_reload(struct document *document, struct kl_error *err)
{
	struct kl_buf bytes;
	enum kl_status status = read_file(&bytes, document, err);

	if (!status) {
		editor_replace_all(document->editor, bytes.data, bytes.len);
		kl_text_set_saved(document->text);
		remember_stamp(document);
	}
	kl_buf_release(&bytes);
	return status;
}
