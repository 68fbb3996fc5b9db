#ifndef TESTS_KEYPOOL_SCENE_H
#define TESTS_KEYPOOL_SCENE_H

/* A pool on a store in a folder of its own, with a clock that stands still; what tests of keys share. Before it: cmocka.h. */

#include <dirent.h>
#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/keypool.h>
#include <kodelab/path.h>
#include <kodelab/store.h>
#include <kodelab/vault.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define NOON    INT64_C(1767268800000) /* 2026-01-01 12:00 UTC */
#define HOUR_MS INT64_C(3600000)
#define DAY_MS  (24 * HOUR_MS)

#define MASTER "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="

static struct scene {
	char dir[64];
	char *db, *master;
	struct kl_clock clock;
	struct kl_store *store;
	struct kl_vault *vault;
	struct kl_keypool *pool;
} scene;

static inline void scene_close(void)
{
	kl_keypool_close(scene.pool);
	kl_vault_close(scene.vault);
	kl_store_close(scene.store);
	scene.pool = NULL;
	scene.vault = NULL;
	scene.store = NULL;
}

static inline void scene_open(enum kl_key_strategy strategy)
{
	struct kl_error err = { .message = "" };

	scene_close();
	if (kl_store_open(&scene.store, NULL, scene.db, &scene.clock, &err) ||
	    kl_vault_open(&scene.vault, scene.master, NULL, &err) ||
	    kl_keypool_open(&scene.pool, scene.store, scene.vault, &scene.clock, strategy, &err))
		fail_msg("%s", err.message);
}

/* The pool of another strategy, or at another time, on the same store. */
static inline void scene_pool(enum kl_key_strategy strategy, int64_t now_ms)
{
	scene.clock.held_wall_ms = now_ms;
	kl_keypool_close(scene.pool);
	assert_int_equal(kl_keypool_open(&scene.pool, scene.store, scene.vault, &scene.clock, strategy, NULL), KL_OK);
}

static inline int scene_set_up(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset(); /* what was read before stays otherwise */
	scene = (struct scene){ .clock = { .held = true, .held_wall_ms = NOON } };
	snprintf(scene.dir, sizeof(scene.dir), "/tmp/kodelab-test-XXXXXX");
	if (!mkdtemp(scene.dir))
		return -1;
	scene.db = kl_path_join(scene.dir, "data/lab.db");
	scene.master = kl_path_join(scene.dir, "config/master.key");
	scene_open(KL_KEYS_OWNER_FIRST);
	return 0;
}

static inline int scene_tear_down(void **state)
{
	(void)state;
	scene_close();
	free(scene.db);
	free(scene.master);
	return kl_file_remove_tree(scene.dir, NULL) ? -1 : 0;
}

struct scene_key {
	char id[KL_ID_SIZE];
};

/* A key "secret-<owner>-<label>" for the instance "rapid". */
static inline struct scene_key scene_add(const char *owner, const char *label, enum kl_key_share share, int64_t limit)
{
	char *secret = kl_format("secret-%s-%s", owner, label);
	struct kl_key_new key = { .instance = "rapid",
				  .owner = owner,
				  .label = label,
				  .secret = secret,
				  .share = share,
				  .daily_limit = limit,
				  .reserve = -1,
				  .consented = true };
	struct scene_key added;
	struct kl_error err = { .message = "" };

	if (kl_keypool_add(added.id, scene.pool, &key, &err))
		fail_msg("%s", err.message);
	free(secret);
	return added;
}

/* Takes and settles one request; the label of the key that served it into label. */
static inline enum kl_status scene_use(char label[32], const char *user, enum kl_key_purpose purpose, int http_status,
				       struct kl_error *err)
{
	struct kl_key_want want = { .instance = "rapid", .user = user, .purpose = purpose, .requests = 1 };
	struct kl_key_outcome outcome = { http_status, 1, -1, -1, -1 };
	struct kl_lease *lease;
	enum kl_status status = kl_keypool_lease(&lease, scene.pool, &want, err);

	if (status)
		return status;
	snprintf(label, 32, "%s", strrchr(kl_lease_key(lease), '-') + 1);
	kl_lease_settle(lease, scene.pool, &outcome);
	return KL_OK;
}

/* The row of a key, to be released. */
static inline struct kl_key_info scene_key(const char *id)
{
	struct kl_key_info *keys, found = { .instance = NULL };
	size_t count;

	assert_int_equal(kl_keypool_list(&keys, &count, scene.pool, NULL, NULL), KL_OK);
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(keys[i].id, id))
			found = keys[i];
		else
			kl_key_info_release(&keys[i]);
	}
	free(keys);
	assert_non_null(found.instance);
	return found;
}

static inline enum kl_key_state scene_state(const char *id)
{
	struct kl_key_info key = scene_key(id);
	enum kl_key_state state = key.state;

	kl_key_info_release(&key);
	return state;
}

static inline int64_t scene_used(const char *id)
{
	struct kl_key_info key = scene_key(id);
	int64_t used = key.used_today;

	kl_key_info_release(&key);
	return used;
}

/* ---- an unmistakable key ---- */

#define PLANTED "rapidapi-3fQ9xLm2Zr7Wc1Vt-PLANTED-k8Yd5Hn0Bp4Js6Gu"

static inline struct kl_key_new planted(const char *owner)
{
	return (struct kl_key_new){ .instance = "rapid",
				    .owner = owner,
				    .label = "mine",
				    .secret = PLANTED,
				    .daily_limit = -1,
				    .reserve = -1,
				    .consented = true };
}

static inline void add_planted(char id[KL_ID_SIZE], const char *owner)
{
	struct kl_key_new key = planted(owner);

	assert_int_equal(kl_keypool_add(id, scene.pool, &key, NULL), KL_OK);
}

/* How many files below folder hold the bytes. */
static inline size_t files_with(const char *folder, const char *bytes)
{
	DIR *entries = opendir(folder);
	struct dirent *entry;
	struct kl_buf text;
	size_t count = 0;

	assert_non_null(entries);
	kl_buf_init(&text, 64 << 20);
	while ((entry = readdir(entries))) {
		char *path = kl_path_join(folder, entry->d_name);

		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			count += files_with(path, bytes);
		kl_buf_clear(&text);
		if (entry->d_type == DT_REG) {
			assert_int_equal(kl_file_read(&text, path, NULL), KL_OK);
			count += memmem(text.data, text.len, bytes, strlen(bytes)) != NULL;
		}
		free(path);
	}
	kl_buf_release(&text);
	closedir(entries);
	return count;
}

static inline char *sealed_of(const char *id)
{
	char *sealed = NULL;

	assert_int_equal(kl_store_key_sealed(&sealed, scene.store, id, NULL), KL_OK);
	return sealed;
}

static inline void assert_leases(const char *user, const char *secret)
{
	struct kl_key_want want = { .instance = "rapid", .user = user, .purpose = KL_PURPOSE_SUBMIT, .requests = 1 };
	struct kl_error err = { .message = "" };
	struct kl_lease *lease;

	if (kl_keypool_lease(&lease, scene.pool, &want, &err))
		fail_msg("%s", err.message);
	assert_string_equal(kl_lease_key(lease), secret);
	kl_lease_settle(lease, scene.pool, &(struct kl_key_outcome){ .http_status = 0 });
}

#endif
