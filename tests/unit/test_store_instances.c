/* Judge instances in both kinds of store: what each of the three writes changes, and what it leaves. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/path.h>
#include <kodelab/store.h>
#include <kodelab/store_instances.h>

static struct kl_clock held = { .held = true, .held_wall_ms = 1000000 };

static char *text(const char *value)
{
	return kl_strdup(value);
}

static struct kl_instance_row row_of(const char *name)
{
	return (struct kl_instance_row){
		.name = text(name),
		.kind = text("self-hosted"),
		.url = text("http://judge:2358"),
		.key_header = text(""),
		.user_header = text("X-User"),
		.host = text(""),
		.ca_file = text("/ca.pem"),
		.proxy = text("-"),
		.weight = 7,
		.added_ms = 11,
		.about = text(""),
		.config = text(""),
		.workers = text(""),
		.machine = text(""),
		.languages = text(""),
		.skew_ms = INT64_MIN,
		.failure = text(""),
	};
}

static void replace(char **field, const char *value)
{
	free(*field);
	*field = text(value);
}

static void each_write_changes_its_own(struct kl_store *store)
{
	struct kl_instance_row row = row_of("b"), other = row_of("a"), *rows;
	size_t count;

	assert_int_equal(kl_store_instance_put(store, &row, NULL), KL_OK);
	assert_int_equal(kl_store_instance_put(store, &other, NULL), KL_OK);
	replace(&row.config, "{}");
	replace(&row.languages, "[]");
	row.probed_ms = 12;
	row.skew_ms = -13;
	assert_int_equal(kl_store_instance_said(store, &row, NULL), KL_OK);
	row.latency_us = 14;
	row.failures = 2;
	row.openings = 1;
	row.open_until_ms = 15;
	replace(&row.failure, "it's down");
	assert_int_equal(kl_store_instance_fared(store, &row, NULL), KL_OK);
	replace(&row.url, "https://judge");
	replace(&row.config, "not written by this");
	row.weight = 9;
	assert_int_equal(kl_store_instance_put(store, &row, NULL), KL_OK);
	assert_int_equal(kl_store_instances(&rows, &count, store, NULL), KL_OK);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].name, "a");
	assert_int_equal(rows[0].skew_ms, INT64_MIN);
	assert_int_equal(rows[0].probed_ms, 0);
	assert_string_equal(rows[1].url, "https://judge");
	assert_string_equal(rows[1].user_header, "X-User");
	assert_string_equal(rows[1].ca_file, "/ca.pem");
	assert_string_equal(rows[1].proxy, "-");
	assert_int_equal(rows[1].weight, 9);
	assert_int_equal(rows[1].added_ms, 11);
	assert_string_equal(rows[1].config, "{}");
	assert_string_equal(rows[1].languages, "[]");
	assert_int_equal(rows[1].probed_ms, 12);
	assert_int_equal(rows[1].skew_ms, -13);
	assert_int_equal(rows[1].latency_us, 14);
	assert_int_equal(rows[1].failures, 2);
	assert_int_equal(rows[1].openings, 1);
	assert_int_equal(rows[1].open_until_ms, 15);
	assert_string_equal(rows[1].failure, "it's down");
	kl_instance_rows_free(rows, count);
	assert_int_equal(kl_store_instance_remove(store, "b", NULL), KL_OK);
	assert_int_equal(kl_store_instances(&rows, &count, store, NULL), KL_OK);
	assert_int_equal(count, 1);
	kl_instance_rows_free(rows, count);
	kl_instance_row_release(&row);
	kl_instance_row_release(&other);
}

static void in_the_lab(void **state)
{
	struct kl_store *store;

	(void)state;
	assert_int_equal(kl_store_open(&store, NULL, NULL, &held, NULL), KL_OK);
	each_write_changes_its_own(store);
	kl_store_close(store);
}

static void in_the_server(void **state)
{
	char dir[] = "/tmp/kodelab-instances.XXXXXX";
	struct kl_store *store;
	char *path;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = kl_path_join(dir, "server.db");
	assert_int_equal(kl_store_open_server(&store, path, &held, NULL), KL_OK);
	each_write_changes_its_own(store);
	kl_store_close(store);
	free(path);
	assert_int_equal(kl_file_remove_tree(dir, NULL), KL_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_the_lab),
		cmocka_unit_test(in_the_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
