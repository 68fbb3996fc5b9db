/* Damage: cut or changed at any byte, a journal gives all that came before, and never a wrong text. */

#include "tests/unit/journal_scene.h"

#define STATES 200

struct history {
	char *states[STATES]; /* the text after each record */
	size_t ends[STATES]; /* of the records */
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
			enum kl_status status = get_header(&header, history.bytes.data, history.bytes.len);

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_truncation, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_byte_flipped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_damaged_middle_is_reported, set_up, tear_down),
		cmocka_unit_test_setup_teardown(garbage_is_set_aside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_rewritten_journal_that_is_cut_still_gives_the_text, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
