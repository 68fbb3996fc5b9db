/* The journal: whatever happens to the process, the disk or the file, what was typed comes back. */

#include "tests/unit/journal_scene.h"

#include <fcntl.h>

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
	char *want = kl_format("'%s' is open in another kodelab (process %d)", scene->path, (int)getpid());

	start(scene);
	assert_int_equal(kl_journal_open(&journal, &found, text, scene->state, scene->path, NULL, &err), KL_EBUSY);
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

static void another_program_changed_a_file_that_was_only_looked_at(void **state)
{
	struct scene *scene = *state;

	start(scene);
	kl_journal_cursor(scene->journal, 3);
	assert_int_equal(kl_journal_sync(scene->journal, NULL), KL_OK);
	shut(scene);
	assert_int_equal(kl_file_write(scene->path, "theirs\n", 7, 0644, NULL), KL_OK);
	start(scene);
	assert_true(scene->found.base_changed);
	assert_null(scene->found.recovered);
	assert_string_equal(scene->found.message, "'main.c' was changed by another program and has been read again");
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

static void a_disk_that_is_full_from_the_start(void **state)
{
	struct scene *scene = *state;
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit_file_size(10);
	start(scene);
	kl_journal_on_problem(scene->journal, on_problem, scene);
	assert_int_equal(scene->problems, 1);
	append(scene->text, "one");
	limit_file_size(limit.rlim_cur);
	shut(scene); /* the last chance is taken */
	assert_int_equal(scene->over, 1);
	start(scene);
	assert_true(scene->found.resumed);
	assert_holds(scene->text, FIRST "one");
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

static off_t journal_size(const struct scene *scene)
{
	struct stat st;

	assert_int_equal(stat(scene->name, &st), 0);
	return st.st_size;
}

static void start_in_loop(struct scene *scene, struct kl_loop **loop)
{
	assert_int_equal(kl_loop_open(loop, NULL), KL_OK);
	assert_int_equal(kl_text_load(&scene->text, scene->path, NULL), KL_OK);
	assert_int_equal(
		kl_journal_open(&scene->journal, &scene->found, scene->text, scene->state, scene->path, *loop, NULL),
		KL_OK);
}

struct drawing {
	const struct scene *scene;
	off_t sizes[2]; /* of the journal, at each picture */
	int count;
};

/* The idle hook is where the lab draws. */
static void draw(void *ctx)
{
	struct drawing *drawing = ctx;

	if (drawing->count < 2)
		drawing->sizes[drawing->count++] = journal_size(drawing->scene);
}

static void type(void *ctx)
{
	struct scene *scene = ctx;

	append(scene->text, "x");
	append(scene->text, "y");
}

static void written_after_the_picture(void **state)
{
	struct scene *scene = *state;
	struct drawing drawing = { .scene = scene };
	struct kl_loop *loop;
	off_t before;

	start_in_loop(scene, &loop);
	before = journal_size(scene);
	kl_loop_on_idle(loop, draw, &drawing);
	kl_loop_add_timer(loop, 0, type, scene);
	kl_loop_turn(loop, 1000); /* types and draws */
	kl_loop_turn(loop, 1000); /* comes at once */
	assert_int_equal(drawing.sizes[0], before);
	assert_true(drawing.sizes[1] > before);
	shut(scene);
	kl_loop_close(loop);
	start(scene);
	assert_holds(scene->text, FIRST "xy");
}

/* A lab that ends in the same turn writes what waits. */
static void written_at_the_end(void **state)
{
	struct scene *scene = *state;
	struct kl_loop *loop;

	start_in_loop(scene, &loop);
	append(scene->text, "x");
	shut(scene);
	kl_loop_close(loop);
	start(scene);
	assert_holds(scene->text, FIRST "x");
}

/* --- looking on --------------------------------------------------------------------------------------------------- */

static void assert_peeks(struct scene *scene, const char *want)
{
	struct kl_error err;
	char *bytes;
	size_t len;

	if (kl_journal_peek(&bytes, &len, scene->state, scene->path, &err))
		fail_msg("%s", err.message);
	if (!want) {
		assert_null(bytes);
		return;
	}
	assert_non_null(bytes);
	assert_string_equal(bytes, want);
	assert_int_equal(len, strlen(want));
	free(bytes);
}

static void looking_on_sees_what_is_typed(void **state)
{
	struct scene *scene = *state;
	struct kl_error err;

	assert_peeks(scene, NULL); /* no journal */
	start(scene);
	assert_peeks(scene, NULL); /* nothing typed */
	append(scene->text, "one");
	assert_peeks(scene, FIRST "one");
	append(scene->text, "two");
	assert_peeks(scene, FIRST "onetwo");
	kl_text_undo(scene->text, NULL);
	kl_text_undo(scene->text, NULL);
	assert_peeks(scene, NULL); /* as the file again */
	kl_text_redo(scene->text, NULL);
	assert_int_equal(kl_text_save(scene->text, scene->path, 0644, &err), KL_OK);
	assert_peeks(scene, NULL);
	append(scene->text, "more");
	assert_peeks(scene, FIRST "onemore");
	shut(scene);
	start(scene); /* the looking on has done it no harm */
	assert_true(scene->found.resumed);
	assert_false(scene->found.damaged);
	assert_holds(scene->text, FIRST "onemore");
}

static void looking_on_after_a_kill(void **state)
{
	struct scene *scene = *state;
	int fd;

	in_killed_process(scene, type_a_little);
	assert_peeks(scene, "main(void)\n{\n}\nonethree");
	fd = open(scene->name, O_WRONLY | O_APPEND); /* half a record */
	assert_true(fd >= 0 && write(fd, "\x20\0\0\0\2x", 6) == 6);
	close(fd);
	assert_peeks(scene, "main(void)\n{\n}\nonethree");
}

static void looking_on_trusts_a_file_changed_by_others(void **state)
{
	struct scene *scene = *state;
	struct kl_error err;
	char *bytes;
	size_t len;

	start(scene);
	append(scene->text, "one");
	assert_int_equal(kl_file_write(scene->path, "other\n", 6, 0644, NULL), KL_OK);
	assert_peeks(scene, NULL);
	assert_int_equal(kl_file_write(scene->name, "no journal", 10, 0600, NULL), KL_OK);
	assert_peeks(scene, NULL);
	assert_int_equal(unlink(scene->path), 0);
	assert_int_equal(kl_journal_peek(&bytes, &len, scene->state, scene->path, &err), KL_ENOENT);
	assert_null(bytes);
}

int main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		SCENE(killed_and_resumed),
		SCENE(looking_on_sees_what_is_typed),
		SCENE(looking_on_after_a_kill),
		SCENE(looking_on_trusts_a_file_changed_by_others),
		SCENE(joined_typing_stays_joined),
		SCENE(a_journal_of_nothing_leaves_nothing),
		SCENE(cursor_and_undo_survive_a_save),
		SCENE(a_copy_elsewhere_is_no_save),
		SCENE(killed_in_the_middle_of_a_save),
		SCENE(a_file_that_did_not_exist),
		SCENE(two_labs_at_once),
		SCENE(a_newer_version_is_left_untouched),
		SCENE(another_program_changed_the_file),
		SCENE(another_program_changed_a_file_that_was_only_looked_at),
		SCENE(the_file_is_gone),
		SCENE(a_reload_is_known_to_the_journal),
		SCENE(typing_goes_on_when_the_disk_is_full),
		SCENE(a_disk_that_is_full_from_the_start),
		SCENE(a_long_life_does_not_grow_the_journal),
		cmocka_unit_test(forgetting_keeps_the_way_to_now),
		SCENE(written_after_the_picture),
		SCENE(written_at_the_end),
	};
#undef SCENE

	return cmocka_run_group_tests(tests, NULL, NULL);
}
