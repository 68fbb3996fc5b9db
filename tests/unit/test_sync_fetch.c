/*
 * Packs of the class: in pieces, once each, to the end, and no further than there is room.
 *
 * links: tests/unit/http_server.c
 */

#include "tests/unit/sync_scene.h"

#include <limits.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <kodelab/file.h>

#define ARCHIVE "/api/packs/more/archive"
#define HASH_2  "2222222222222222222222222222222222222222222222222222222222222222"

static const char *piece(const char *range, const char *bytes)
{
	char *headers = kl_format("Content-Type: application/gzip\r\nContent-Range: bytes %s\r\n", range);
	const char *text = said(206, headers, bytes);

	free(headers);
	return text;
}

static enum kl_status announce(void *ctx, struct kl_error *err)
{
	const struct kl_class_pack pack = {
		.id = (char *)(uintptr_t) "more", .title = (char *)(uintptr_t) "More", .version = 3, .hash = HASH_1
	};

	(void)ctx;
	return kl_store_taken_pack(scene.store, ACCOUNT, &pack, err);
}

static struct kl_class_pack fetched(const struct act *acts, const char *program)
{
	struct kl_class_pack *packs, found;
	size_t count;

	assert_false(kl_store_sync_change(scene.store, announce, NULL, NULL));
	rewind_cursor();
	lab.program = program;
	open_lab(acts);
	lab.ended = 0;
	kl_sync_once(lab.sync, 1000, ended, NULL);
	wait_for(&lab.ended);
	assert_false(kl_store_class_packs(&packs, &count, scene.store, ACCOUNT, NULL));
	assert_int_equal(count, 1);
	found = packs[0];
	found.id = found.title = found.problem = NULL;
	snprintf(lab.problem, sizeof(lab.problem), "%s", packs[0].problem);
	kl_class_packs_free(packs, count);
	return found;
}

static void N03_a_pack_comes_in_pieces_and_none_of_them_twice(void **state)
{
	const struct act acts[] = {
		NOTHING,
		{ .path = ARCHIVE, .times = 1, .answer = piece("0-4/10", "hello") },
		{ .path = ARCHIVE,
		  .times = 1,
		  .answer = "HTTP/1.1 206 X\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nno",
		  .close = true },
		{ .path = ARCHIVE,
		  .times = 1,
		  .answer = "HTTP/1.1 206 X\r\nContent-Type: application/gzip\r\n"
			    "Content-Length: 5\r\n\r\nwo",
		  .close = true },
		{ .path = ARCHIVE, .answer = piece("7-9/10", "rld") },
		{ 0 }
	};

	(void)state;
	assert_string_equal(fetched(acts, "/bin/true").installed, HASH_1);
	assert_true(heard("GET " ARCHIVE "?version=3 "));
	assert_true(heard("Range: bytes=0-262143\r\n"));
	assert_true(heard("Range: bytes=5-524292\r\n")); /* larger, as the line was good */
	assert_true(heard("Range: bytes=7-524294\r\n")); /* of the archive, and of nothing else, what came is kept */
	assert_string_equal(lab.news, "pack more\n");
}

static void a_lab_that_ended_goes_on_where_it_was(void **state)
{
	const struct act cut[] = { NOTHING,
				   { .path = ARCHIVE, .times = 1, .answer = piece("0-4/10", "hello") },
				   { .path = ARCHIVE, .answer = bad(503, "STORAGE_FULL", "later") },
				   { 0 } };
	const struct act rest[] = { NOTHING, { .path = ARCHIVE, .answer = piece("5-9/10", "world") }, { 0 } };

	(void)state;
	assert_string_equal(fetched(cut, "/bin/true").installed, "");
	assert_int_equal(lab.end.line, KL_LINE_OFFLINE);
	assert_string_equal(fetched(rest, "/bin/true").installed, HASH_1);
	assert_true(heard("Range: bytes=5-"));
	assert_false(heard("Range: bytes=0-"));
}

static void what_cannot_be_installed_is_told_and_not_asked_for_again(void **state)
{
	const struct act acts[] = { NOTHING, { .path = ARCHIVE, .answer = piece("0-9/10", "helloworld") }, { 0 } };
	const struct act nothing[] = { NOTHING, { 0 } };

	(void)state;
	assert_string_equal(fetched(acts, "/bin/false").installed, "");
	assert_string_equal(lab.problem, "it could not be installed");
	rewind_cursor();
	assert_int_equal(round_of(nothing)->error.status, KL_OK);
	assert_false(heard(ARCHIVE));
}

/* Nor does it fill the disk when each piece of it breaks off. */
static void a_pack_has_an_end(void **state)
{
	const struct act acts[] = { NOTHING,
				    { .path = ARCHIVE,
				      .answer = "HTTP/1.1 206 X\r\nContent-Type: application/gzip\r\n"
						"Content-Range: bytes 0-49999999/60000000\r\n"
						"Content-Length: 50000000\r\n\r\n",
				      .filler = 40 << 20,
				      .close = true },
				    { 0 } };

	(void)state;
	assert_string_equal(fetched(acts, "/bin/true").installed, "");
	assert_string_equal(lab.problem, "the pack is larger than 64 MiB");
	assert_true(times_heard("GET " ARCHIVE) > 1);
}

/* A full disk is no fault of the pack: the next round tries again. */
static void what_cannot_be_kept_is_asked_for_again(void **state)
{
	const struct act acts[] = { NOTHING, { .path = ARCHIVE, .answer = piece("0-9/10", "helloworld") }, { 0 } };
	char *packs = kl_path_join(scratch, "packs");

	(void)state;
	assert_false(kl_file_write(packs, "", 0, 0600, NULL)); /* where a folder is to be */
	assert_string_equal(fetched(acts, "/bin/true").installed, "");
	assert_non_null(strstr(lab.end.error.message, "cannot keep '"));
	assert_string_equal(lab.problem, "");
	assert_string_equal(lab.news, "pack more\n");
	assert_int_equal(unlink(packs), 0);
	lab.ended = 0;
	kl_sync_once(lab.sync, 1000, ended, NULL);
	wait_for(&lab.ended);
	assert_int_equal(lab.end.error.status, KL_OK);
	free(packs);
}

/* The disk took a part of it: what is wrong is why it took no more. */
static void a_disk_that_becomes_full_in_a_piece_says_why(void **state)
{
	const struct act acts[] = { NOTHING,
				    { .path = ARCHIVE,
				      .answer = "HTTP/1.1 206 X\r\nContent-Type: application/gzip\r\n"
						"Content-Range: bytes 0-8388607/8388608\r\n"
						"Content-Length: 8388608\r\n\r\n",
				      .filler = 8 << 20 },
				    { 0 } };
	struct rlimit before, small;
	char *path = kl_format("%s/packs/more-%.16s.part", scratch, HASH_1);
	char *said = kl_format("cannot keep '%s': File too large", path);

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 6 << 20; /* more than the store needs */
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_string_equal(fetched(acts, "/bin/true").installed, "");
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_string_equal(lab.end.error.message, said);
	assert_int_equal(access(path, F_OK), -1);
	free(path);
	free(said);
}

/* A pack that is published anew every hour leaves no pieces of what it was; other packs' pieces stay. */
static void pieces_of_what_a_pack_was_are_removed(void **state)
{
	static const struct {
		const char *name;
		bool stays;
	} parts[] = {
		{ "more-2222222222222222.part", false },
		{ "more-2222222222222222.other", true },
		{ "more-2222-2222222222222222.part", true },
		{ "mor-2222222222222222.part", true },
		{ "more.part", true },
	};
	const struct act acts[] = { NOTHING, { .path = ARCHIVE, .answer = piece("0-9/10", "helloworld") }, { 0 } };
	char *folder = kl_path_join(scratch, "packs"), *paths[KL_LENGTH(parts)];

	(void)state;
	assert_false(kl_path_make(folder, NULL));
	for (size_t i = 0; i < KL_LENGTH(parts); i++) {
		paths[i] = kl_path_join(folder, parts[i].name);
		assert_false(kl_file_write(paths[i], "old", 3, 0600, NULL));
	}
	assert_string_equal(fetched(acts, "/bin/true").installed, HASH_1);
	for (size_t i = 0; i < KL_LENGTH(parts); i++) {
		if (kl_path_exists(paths[i]) != parts[i].stays)
			fail_msg("%s %s", parts[i].name, parts[i].stays ? "is gone" : "is still there");
		free(paths[i]);
	}
	free(folder);
}

/* What runs instead of the lab's own installer, in the scratch folder; owned. */
static char *installer(const char *commands)
{
	char *text = kl_format("#!/bin/sh\n%s\n", commands), *path = kl_path_join(scratch, "installer");

	assert_false(kl_file_write(path, text, strlen(text), 0700, NULL));
	free(text);
	return path;
}

/* No room, another lab that installs, a session that ends: nothing is wrong with the pack, and the next round goes on with it. */
static void what_cannot_be_installed_now_is_tried_again(void **state)
{
	static const struct {
		const char *commands, *said;
	} ends[] = {
		{ "printf 'no room here' >&2; exit 75", "no room here" },
		{ "kill -TERM $$", "its installing was ended: the next sync goes on with it" },
	};
	const struct act acts[] = { NOTHING, { .path = ARCHIVE, .answer = piece("0-9/10", "helloworld") }, { 0 } };
	const struct act rest[] = { NOTHING,
				    { .path = ARCHIVE, .answer = said(416, "Content-Range: bytes */10\r\n", "") },
				    { 0 } };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(ends); i++) {
		char *path = installer(ends[i].commands);

		assert_string_equal(fetched(i ? rest : acts, path).installed, "");
		assert_string_equal(lab.end.error.message, ends[i].said);
		assert_string_equal(lab.problem, "");
		free(path);
	}
	assert_string_equal(fetched(rest, "/bin/true").installed, HASH_1);
	assert_true(heard("Range: bytes=10-")); /* all of it is here */
}

static enum kl_status announce_other(void *ctx, struct kl_error *err)
{
	const struct kl_class_pack pack = {
		.id = (char *)(uintptr_t) "other", .title = (char *)(uintptr_t) "Other", .version = 1, .hash = HASH_2
	};

	(void)ctx;
	return kl_store_taken_pack(scene.store, ACCOUNT, &pack, err);
}

/* Nor is what comes behind it kept waiting by it. */
static void what_ends_its_installer_is_left_for_a_while(void **state)
{
	const struct act acts[] = { NOTHING,
				    { .path = ARCHIVE, .answer = piece("0-9/10", "helloworld") },
				    { .path = "/api/packs/other/archive", .answer = piece("0-9/10", "helloworld") },
				    { 0 } };
	char *path = installer("[ \"$3\" = other ] || kill -SEGV $$");
	struct kl_class_pack *packs;
	size_t count;

	(void)state;
	assert_string_equal(fetched(acts, path).installed, "");
	assert_string_equal(lab.end.error.message, "its installing was ended: the next sync goes on with it");
	assert_false(kl_store_sync_change(scene.store, announce_other, NULL, NULL));
	for (int i = 0; i < 2; i++) {
		lab.ended = 0;
		kl_sync_once(lab.sync, 1000, ended, NULL);
		wait_for(&lab.ended);
		assert_int_equal(lab.end.error.status, KL_OK);
	}
	assert_int_equal(times_heard("GET " ARCHIVE), 1);
	assert_false(kl_store_class_packs(&packs, &count, scene.store, ACCOUNT, NULL));
	assert_int_equal(count, 2);
	assert_string_equal(packs[0].installed, "");
	assert_string_equal(packs[0].problem, "");
	assert_string_equal(packs[1].installed, HASH_2);
	kl_class_packs_free(packs, count);
	free(path);
}

static void the_pause_after_an_ended_installer_doubles_up_to_an_hour(void **state)
{
	static const int64_t minutes[] = { 1, 2, 4, 8, 16, 32, 60, 60 };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(minutes); i++)
		assert_int_equal(kl_sync_install_pause_ms((int)i + 1), minutes[i] * 60000);
	assert_int_equal(kl_sync_install_pause_ms(INT_MAX), 3600000);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(N03_a_pack_comes_in_pieces_and_none_of_them_twice),
		CASE(a_lab_that_ended_goes_on_where_it_was),
		CASE(what_cannot_be_installed_is_told_and_not_asked_for_again),
		CASE(what_cannot_be_installed_now_is_tried_again),
		CASE(what_ends_its_installer_is_left_for_a_while),
		CASE(the_pause_after_an_ended_installer_doubles_up_to_an_hour),
		CASE(a_pack_has_an_end),
		CASE(what_cannot_be_kept_is_asked_for_again),
		CASE(a_disk_that_becomes_full_in_a_piece_says_why),
		CASE(pieces_of_what_a_pack_was_are_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
