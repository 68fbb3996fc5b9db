/* The journal: whatever happens to the process, the disk or the file, what was typed comes back. */

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
	char *name;  /* of the journal */
	struct kl_text *text;
	struct kl_journal *journal;
	struct kl_journal_found found;
	int problems, over;
};

static int set_up(void **state)
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

static void shut(struct scene *scene)
{
	kl_journal_close(scene->journal);
	kl_text_free(scene->text);
	kl_journal_found_release(&scene->found);
	scene->journal = NULL;
	scene->text = NULL;
}

static int tear_down(void **state)
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

static enum kl_status try_start(struct scene *scene, struct kl_error *err)
{
	enum kl_status status = kl_text_load(&scene->text, scene->path, err);

	if (status == KL_ENOENT)
		scene->text = kl_text_new("", 0);
	return kl_journal_open(&scene->journal, &scene->found, scene->text, scene->state, scene->path,
			       NULL, err);
}

static void start(struct scene *scene)
{
	struct kl_error err;

	if (try_start(scene, &err))
		fail_msg("%s", err.message);
}

static void assert_holds(const struct kl_text *text, const char *want)
{
	size_t len;
	char *bytes = kl_text_dup(text, &len);

	assert_string_equal(bytes, want);
	free(bytes);
}

static void append(struct kl_text *text, const char *bytes)
{
	kl_text_insert(text, kl_text_len(text), bytes, strlen(bytes));
}

/* Runs work in a process that is killed when it has done it. */
static void in_killed_process(struct scene *scene, void (*work)(struct scene *scene))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		start(scene);
		work(scene);
		raise(SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void type_a_little(struct scene *scene)
{
	append(scene->text, "one");
	append(scene->text, "two");
	kl_text_undo(scene->text, NULL);
	append(scene->text, "three");
	kl_text_delete(scene->text, 0, 4);
}

static void killed_and_resumed(void **state)
{
	struct scene *scene = *state;

	in_killed_process(scene, type_a_little);
	start(scene);
	assert_true(scene->found.resumed);
	assert_false(scene->found.damaged);
	assert_string_equal(scene->found.message, "");
	assert_int_equal(scene->found.cursor, 0);
	assert_holds(scene->text, "main(void)\n{\n}\nonethree");
	assert_true(kl_text_modified(scene->text));
	assert_int_equal(kl_text_revisions(scene->text), 5);
	kl_text_undo(scene->text, NULL);
	kl_text_earlier(scene->text, NULL);
	assert_holds(scene->text, FIRST "onetwo");
	kl_text_go_to(scene->text, 1, NULL);
	assert_holds(scene->text, FIRST "one");
	kl_text_redo(scene->text, NULL);
	assert_holds(scene->text, FIRST "onetwo");
	kl_text_go_to(scene->text, 0, NULL);
	assert_holds(scene->text, FIRST);
	assert_false(kl_text_modified(scene->text));
}

static void type_by_keys(struct scene *scene)
{
	for (const char *key = "hello you"; *key; key++) {
		size_t at = kl_text_len(scene->text);

		kl_text_begin(scene->text, KL_EDIT_TYPE, at);
		kl_text_insert(scene->text, at, key, 1);
		kl_text_end(scene->text, at + 1);
	}
}

static void joined_typing_stays_joined(void **state)
{
	struct scene *scene = *state;

	in_killed_process(scene, type_by_keys);
	in_killed_process(scene, type_by_keys);
	start(scene);
	assert_int_equal(scene->found.cursor, strlen(FIRST) + 18);
	assert_int_equal(kl_text_revisions(scene->text), 5);
	assert_true(kl_text_undo(scene->text, NULL));
	assert_holds(scene->text, FIRST "hello youhello ");
	assert_true(kl_text_undo(scene->text, NULL));
	assert_true(kl_text_undo(scene->text, NULL));
	assert_holds(scene->text, FIRST "hello ");
}

static void a_journal_of_nothing_leaves_nothing(void **state)
{
	struct scene *scene = *state;

	start(scene);
	assert_true(kl_path_exists(scene->name));
	shut(scene);
	assert_false(kl_path_exists(scene->name));
}

static void cursor_and_undo_survive_a_save(void **state)
{
	struct scene *scene = *state;

	start(scene);
	append(scene->text, "one");
	append(scene->text, "two");
	assert_int_equal(kl_text_save(scene->text, scene->path, 0644, NULL), KL_OK);
	assert_false(kl_text_modified(scene->text));
	kl_journal_cursor(scene->journal, 7);
	shut(scene);
	start(scene);
	assert_true(scene->found.resumed);
	assert_int_equal(scene->found.cursor, 7);
	assert_false(kl_text_modified(scene->text));
	assert_holds(scene->text, FIRST "onetwo");
	assert_true(kl_text_undo(scene->text, NULL));
	assert_holds(scene->text, FIRST "one");
	assert_true(kl_text_modified(scene->text));
	shut(scene); /* undone, not saved */
	start(scene);
	assert_holds(scene->text, FIRST "one");
	assert_true(kl_text_redo(scene->text, NULL));
	assert_false(kl_text_modified(scene->text));
}

static void a_copy_elsewhere_is_no_save(void **state)
{
	struct scene *scene = *state;
	char *other = kl_path_join(scene->dir, "copy.c");

	start(scene);
	append(scene->text, "one");
	assert_int_equal(kl_text_save(scene->text, other, 0644, NULL), KL_OK);
	assert_true(kl_text_modified(scene->text));
	shut(scene);
	start(scene);
	assert_holds(scene->text, FIRST "one");
	assert_true(kl_text_modified(scene->text));
	free(other);
}

/* Killed after the new file got its name, before the journal was told. */
static void killed_in_the_middle_of_a_save(void **state)
{
	struct scene *scene = *state;
	struct stat st;

	start(scene);
	append(scene->text, "one");
	assert_int_equal(kl_text_save(scene->text, scene->path, 0644, NULL), KL_OK);
	assert_int_equal(stat(scene->name, &st), 0);
	scene->text->sink = NULL;
	shut(scene);
	/* What remains is all but the SAVED record and what close() added. */
	assert_int_equal(truncate(scene->name, st.st_size - (off_t)(RECORD_EXTRA + 8 + 4 + 1)), 0);
	start(scene);
	assert_true(scene->found.resumed);
	assert_false(scene->found.damaged);
	assert_holds(scene->text, FIRST "one");
	assert_false(kl_text_modified(scene->text));
}

static void a_file_that_did_not_exist(void **state)
{
	struct scene *scene = *state;

	unlink(scene->path);
	in_killed_process(scene, type_by_keys);
	start(scene);
	assert_true(scene->found.resumed);
	assert_holds(scene->text, "hello you");
}

static void two_labs_at_once(void **state)
{
	struct scene *scene = *state;
	struct kl_journal_found found;
	struct kl_journal *journal = NULL;
	struct kl_error err;
	struct kl_text *text = kl_text_new(FIRST, strlen(FIRST));
	char *want = kl_format("'%s' is open in another kodelab (process %d)", scene->path,
			       (int)getpid());

	start(scene);
	assert_int_equal(kl_journal_open(&journal, &found, text, scene->state, scene->path, NULL, &err),
			 KL_EBUSY);
	assert_string_equal(err.message, want);
	assert_null(journal);
	kl_journal_found_release(&found);
	kl_text_free(text);
	free(want);
}

static void a_newer_version_is_left_untouched(void **state)
{
	struct scene *scene = *state;
	struct kl_buf before, after;
	struct kl_error err;

	in_killed_process(scene, type_a_little);
	kl_buf_init(&before, 1 << 20);
	kl_buf_init(&after, 1 << 20);
	assert_int_equal(kl_file_read(&before, scene->name, NULL), KL_OK);
	before.data[8] = 2;
	assert_int_equal(kl_file_write(scene->name, before.data, before.len, 0600, NULL), KL_OK);
	assert_int_equal(try_start(scene, &err), KL_EINVAL);
	assert_non_null(strstr(err.message, "was written by a newer kodelab (format 2) and is left untouched"));
	assert_holds(scene->text, FIRST);
	assert_int_equal(kl_file_read(&after, scene->name, NULL), KL_OK);
	assert_int_equal(before.len, after.len);
	assert_memory_equal(before.data, after.data, after.len);
	kl_buf_release(&before);
	kl_buf_release(&after);
}

static void another_program_changed_the_file(void **state)
{
	struct scene *scene = *state;

	in_killed_process(scene, type_a_little);
	assert_int_equal(kl_file_write(scene->path, "theirs\n", 7, 0644, NULL), KL_OK);
	start(scene);
	assert_true(scene->found.base_changed);
	assert_false(scene->found.resumed);
	assert_holds(scene->text, "theirs\n");
	assert_false(kl_text_modified(scene->text));
	assert_string_equal(scene->found.recovered, "main(void)\n{\n}\nonethree");
	assert_true(kl_path_exists(scene->found.set_aside));
	assert_string_equal(scene->found.message,
			    "'main.c' was changed by another program; what you had here is kept aside");
	append(scene->text, "mine");
	shut(scene);
	start(scene);
	assert_true(scene->found.resumed);
	assert_holds(scene->text, "theirs\nmine");
}

static void the_file_is_gone(void **state)
{
	struct scene *scene = *state;

	in_killed_process(scene, type_by_keys);
	unlink(scene->path);
	start(scene);
	assert_true(scene->found.base_changed);
	assert_string_equal(scene->found.recovered, FIRST "hello you");
}

static void a_reload_is_known_to_the_journal(void **state)
{
	struct scene *scene = *state;

	start(scene);
	append(scene->text, "mine");
	assert_int_equal(kl_file_write(scene->path, "theirs\n", 7, 0644, NULL), KL_OK);
	kl_text_assign(scene->text, "theirs\n", 7, 0);
	kl_text_set_saved(scene->text);
	shut(scene);
	start(scene);
	assert_true(scene->found.resumed);
	assert_false(kl_text_modified(scene->text));
	assert_holds(scene->text, "theirs\n");
	kl_text_undo(scene->text, NULL);
	assert_holds(scene->text, FIRST "mine");
}

/* ---- damage ---- */

#define STATES 200

struct history {
	char *states[STATES]; /* the text after each record */
	size_t ends[STATES];  /* of the records */
	size_t count;
	struct kl_buf bytes;
};

static void note_state(struct scene *scene, struct history *history)
{
	struct stat st;

	assert_int_equal(stat(scene->name, &st), 0);
	history->states[history->count] = kl_text_dup(scene->text, NULL);
	history->ends[history->count++] = (size_t)st.st_size;
}

static void make_history(struct scene *scene, struct history *history)
{
	uint32_t seed = 12345;

	kl_buf_init(&history->bytes, 1 << 20);
	history->count = 0;
	start(scene);
	note_state(scene, history);
	for (int i = 0; i < 60; i++) {
		size_t len = kl_text_len(scene->text);

		seed = seed * 1664525 + 1013904223;
		if (seed >> 16 & 1)
			kl_text_insert(scene->text, (seed >> 8) % (len + 1), "word \n", (seed >> 20 & 5) | 1);
		else if (seed >> 17 & 1)
			kl_text_delete(scene->text, (seed >> 8) % (len + 1), seed >> 20 & 7);
		else
			kl_text_undo(scene->text, NULL);
		note_state(scene, history);
	}
	assert_int_equal(kl_file_read(&history->bytes, scene->name, NULL), KL_OK);
	assert_int_equal(history->bytes.len, history->ends[history->count - 1]);
}

static void history_release_all(struct history *history)
{
	for (size_t i = 0; i < history->count; i++)
		free(history->states[i]);
	kl_buf_release(&history->bytes);
}

/* Replays len bytes; the text must be as it was after the last record that ends within the first intact bytes. */
static void assert_replays(const struct history *history, const char *bytes, size_t len, size_t intact)
{
	struct kl_text *text = kl_text_new(FIRST, strlen(FIRST));
	struct journal_header header;
	struct replay replay = { 0 };
	size_t state = 0;

	assert_int_equal(get_header(&header, bytes, len), KL_OK);
	journal_replay(&replay, text, bytes, len, &header);
	while (state + 1 < history->count && history->ends[state + 1] <= intact)
		state++;
	assert_true(replay.resumed);
	assert_true(replay.good <= len);
	assert_holds(text, history->states[state]);
	assert_true(kl_text_go_to(text, 0, NULL));
	assert_holds(text, FIRST);
	kl_text_free(text);
	free(replay.recovered);
}

static void every_truncation(void **state)
{
	struct scene *scene = *state;
	struct history history;

	make_history(scene, &history);
	for (size_t len = history.ends[0]; len <= history.bytes.len; len++)
		assert_replays(&history, history.bytes.data, len, len);
	history_release_all(&history);
}

static void every_byte_flipped(void **state)
{
	struct scene *scene = *state;
	struct history history;
	size_t bit = 0;

	make_history(scene, &history);
	for (size_t i = 0; i < history.bytes.len; i++, bit = (bit + 3) % 8) {
		history.bytes.data[i] = (char)(history.bytes.data[i] ^ 1 << bit);
		if (i < history.ends[0]) {
			struct journal_header header;
			enum kl_status status =
				get_header(&header, history.bytes.data, history.bytes.len);

			/* The process number is nobody's promise; a version may look newer. */
			assert_true(status == KL_ECORRUPT || (status == KL_EINVAL && i >= 8 && i < 12) ||
				    (status == KL_OK && i >= 12 && i < 16));
		} else {
			assert_replays(&history, history.bytes.data, history.bytes.len, i);
		}
		history.bytes.data[i] = (char)(history.bytes.data[i] ^ 1 << bit);
	}
	history_release_all(&history);
}

static void a_damaged_middle_is_reported(void **state)
{
	struct scene *scene = *state;
	struct history history;

	make_history(scene, &history);
	shut(scene);
	history.bytes.data[history.ends[30] + 7] ^= 4;
	assert_int_equal(kl_file_write(scene->name, history.bytes.data, history.bytes.len, 0600, NULL), 0);
	start(scene);
	assert_true(scene->found.resumed);
	assert_true(scene->found.damaged);
	assert_int_equal(scene->found.lost_bytes, history.bytes.len - history.ends[30]);
	assert_non_null(scene->found.set_aside);
	assert_string_equal(scene->found.message,
			    "the end of the journal of 'main.c' was damaged; everything before it is here");
	assert_holds(scene->text, history.states[30]);
	append(scene->text, "more");
	shut(scene);
	start(scene);
	assert_false(scene->found.damaged);
	history_release_all(&history);
}

static void garbage_is_set_aside(void **state)
{
	struct scene *scene = *state;

	assert_int_equal(kl_path_make(scene->state, NULL), KL_OK);
	assert_int_equal(kl_file_write(scene->name, "this is no journal", 18, 0600, NULL), KL_OK);
	start(scene);
	assert_false(scene->found.resumed);
	assert_true(scene->found.damaged);
	assert_non_null(scene->found.set_aside);
	assert_holds(scene->text, FIRST);
	append(scene->text, "x");
	shut(scene);
	start(scene);
	assert_holds(scene->text, FIRST "x");
}

/* ---- a full disk, and a long life ---- */

static void on_problem(void *ctx, const struct kl_error *problem)
{
	struct scene *scene = ctx;

	if (problem)
		scene->problems++;
	else
		scene->over++;
}

static void limit_file_size(rlim_t size)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = size;
	setrlimit(RLIMIT_FSIZE, &limit);
}

static void typing_goes_on_when_the_disk_is_full(void **state)
{
	struct scene *scene = *state;
	struct rlimit limit;
	struct kl_error err;

	getrlimit(RLIMIT_FSIZE, &limit);
	start(scene);
	kl_journal_on_problem(scene->journal, on_problem, scene);
	limit_file_size(200);
	for (int i = 0; i < 50; i++)
		append(scene->text, "word");
	assert_int_equal(scene->problems, 1);
	assert_int_equal(kl_journal_sync(scene->journal, &err), KL_EFULL);
	limit_file_size(limit.rlim_cur);
	assert_int_equal(scene->over, 0);
	append(scene->text, "end");
	assert_int_equal(scene->over, 1);
	assert_int_equal(scene->problems, 1);
	assert_int_equal(kl_journal_sync(scene->journal, &err), KL_OK);
	shut(scene);
	start(scene);
	assert_false(scene->found.damaged);
	assert_int_equal(kl_text_len(scene->text), strlen(FIRST) + 50 * 4 + 3);
	assert_int_equal(kl_text_revisions(scene->text), 52);
}

static void a_long_life_does_not_grow_the_journal(void **state)
{
	struct scene *scene = *state;
	char *big = kl_alloc(100000), *last;
	struct stat st;
	off_t largest = 0;

	memset(big, 'x', 100000);
	start(scene);
	for (int i = 0; i < 1000; i++) {
		big[i] = '\n';
		kl_text_replace(scene->text, 0, kl_text_len(scene->text), big, 100000);
		if (i == 500)
			assert_int_equal(kl_text_save(scene->text, scene->path, 0644, NULL), KL_OK);
		assert_int_equal(stat(scene->name, &st), 0);
		if (st.st_size > largest)
			largest = st.st_size;
	}
	assert_true(largest < 24 << 20);
	last = kl_text_dup(scene->text, NULL);
	shut(scene);
	start(scene);
	assert_true(scene->found.resumed);
	assert_holds(scene->text, last);
	assert_true(kl_text_revisions(scene->text) > 20);
	assert_true(kl_text_undo(scene->text, NULL));
	assert_true(kl_text_modified(scene->text));
	free(last);
	free(big);
}

static void a_rewritten_journal_that_is_cut_still_gives_the_text(void **state)
{
	struct scene *scene = *state;
	struct kl_text *text = kl_text_new(FIRST, strlen(FIRST));
	struct identity none = { strlen(FIRST), 1234, NO_REVISION };
	struct journal_header header;
	struct kl_buf bytes;

	kl_buf_init(&bytes, 1 << 20);
	append(text, "one");
	append(text, "two");
	put_header(&bytes, scene->path, &none, 1);
	put_everything(&bytes, text, &none, 0, true);
	patch_header(&bytes);
	assert_int_equal(get_header(&header, bytes.data, bytes.len), KL_OK);
	for (size_t len = header.size; len < bytes.len; len++) {
		struct kl_text *file = kl_text_new("other", 5);
		struct replay replay;

		journal_replay(&replay, file, bytes.data, len, &header);
		assert_false(replay.resumed);
		assert_true(replay.broken);
		if (replay.recovered)
			assert_string_equal(replay.recovered, FIRST "onetwo");
		assert_int_equal(replay.recovered != NULL, len > header.size + strlen(FIRST) + 6 + RECORD_EXTRA);
		assert_holds(file, "other");
		kl_text_free(file);
		free(replay.recovered);
	}
	kl_buf_release(&bytes);
	kl_text_free(text);
}

static void forgetting_keeps_the_way_to_now(void **state)
{
	struct kl_text *text = kl_text_new("", 0);

	(void)state;
	for (int i = 0; i < 10; i++)
		append(text, "0123456789");
	for (int i = 0; i < 5; i++)
		kl_text_undo(text, NULL);
	append(text, "branch");
	history_prune(text, 3 * (sizeof(struct revision) + 10));
	assert_true(kl_text_revisions(text) <= 4);
	assert_int_equal(kl_text_len(text), 56);
	while (kl_text_undo(text, NULL))
		continue;
	assert_true(kl_text_len(text) >= 20);
	assert_true(kl_text_modified(text));
	while (kl_text_redo(text, NULL))
		continue;
	assert_int_equal(kl_text_len(text), 56);
	kl_text_free(text);
}

/* ---- the disk within a second ---- */

static void synced_by_a_timer(void **state)
{
	struct scene *scene = *state;
	struct kl_loop *loop;

	assert_int_equal(kl_loop_open(&loop, NULL), KL_OK);
	assert_int_equal(kl_text_load(&scene->text, scene->path, NULL), KL_OK);
	assert_int_equal(kl_journal_open(&scene->journal, &scene->found, scene->text, scene->state,
					 scene->path, loop, NULL), KL_OK);
	append(scene->text, "x");
	kl_loop_turn(loop, 1000); /* the write-back, and then the sync: both due within the second */
	kl_loop_turn(loop, 1000);
	shut(scene);
	kl_loop_close(loop);
}

int main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		SCENE(killed_and_resumed),
		SCENE(joined_typing_stays_joined),
		SCENE(a_journal_of_nothing_leaves_nothing),
		SCENE(cursor_and_undo_survive_a_save),
		SCENE(a_copy_elsewhere_is_no_save),
		SCENE(killed_in_the_middle_of_a_save),
		SCENE(a_file_that_did_not_exist),
		SCENE(two_labs_at_once),
		SCENE(a_newer_version_is_left_untouched),
		SCENE(another_program_changed_the_file),
		SCENE(the_file_is_gone),
		SCENE(a_reload_is_known_to_the_journal),
		SCENE(every_truncation),
		SCENE(every_byte_flipped),
		SCENE(a_damaged_middle_is_reported),
		SCENE(garbage_is_set_aside),
		SCENE(typing_goes_on_when_the_disk_is_full),
		SCENE(a_long_life_does_not_grow_the_journal),
		SCENE(a_rewritten_journal_that_is_cut_still_gives_the_text),
		cmocka_unit_test(forgetting_keeps_the_way_to_now),
		SCENE(synced_by_a_timer),
	};
#undef SCENE

	return cmocka_run_group_tests(tests, NULL, NULL);
}
