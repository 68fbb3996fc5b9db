/* The pool that hashes: right, wrong, nobody; a queue with a bound and shares; a process that dies. This program is its own helper. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/hasher.h>
#include <kodelab/loop.h>
#include <string.h>
#include <unistd.h>

static const char *helper[] = { NULL, "work", NULL };
static const char *const dying[] = { "/bin/sh", "-c", "read line", NULL };
static const char *environment[2]; /* of the helpers: what the sanitizers need */

struct scene {
	struct kl_loop *loop;
	struct kl_hasher *hasher;
};

struct told {
	int times;
	enum kl_status status;
	char hash[KL_PASSWORD_HASH_SIZE];
	int *clock, at; /* in which order */
};

static void tell(void *ctx, enum kl_status status, const char *hash)
{
	struct told *told = ctx;

	told->times++;
	told->status = status;
	snprintf(told->hash, sizeof(told->hash), "%s", hash);
	if (told->clock)
		told->at = ++*told->clock;
}

static void open_pool(struct scene *scene, const char *const *argv, size_t queue_max, int64_t patience_ms)
{
	const struct kl_hasher_spec spec = { .argv = argv,
					     .env = environment,
					     .workers = 1,
					     .queue_max = queue_max,
					     .patience_ms = patience_ms,
					     .cost = { .passes = 1, .kib = 64 } };

	assert_int_equal(kl_loop_open(&scene->loop, NULL), KL_OK);
	assert_int_equal(kl_hasher_open(&scene->hasher, scene->loop, &spec, NULL), KL_OK);
}

static void close_pool(struct scene *scene)
{
	kl_hasher_close(scene->hasher);
	kl_loop_close(scene->loop);
}

static void await(struct scene *scene, const struct told *told)
{
	while (!told->times)
		kl_loop_turn(scene->loop, -1);
	assert_int_equal(told->times, 1);
}

static void check(struct scene *scene, struct told *told, const char *password, const char *hash, const char *from)
{
	const struct kl_hasher_job job = { password, strlen(password), hash, from };

	assert_int_equal(kl_hasher_check(scene->hasher, &job, tell, told, NULL), KL_OK);
}

static void make(struct scene *scene, struct told *told, const char *password)
{
	const struct kl_hasher_job job = { password, strlen(password), NULL, "here" };

	assert_int_equal(kl_hasher_make(scene->hasher, &job, tell, told, NULL), KL_OK);
	await(scene, told);
	assert_int_equal(told->status, KL_OK);
}

static void right_and_wrong(void **state)
{
	struct told made = { 0 }, right = { 0 }, wrong = { 0 }, nobody = { 0 };
	struct kl_hasher_figures figures;
	struct scene scene;

	(void)state;
	open_pool(&scene, helper, 10, 60000);
	make(&scene, &made, "four words \xe2\x82\xac are good");
	assert_int_equal(strncmp(made.hash, "$argon2id$v=19$m=64,t=1,p=1$", 28), 0);
	check(&scene, &right, "four words \xe2\x82\xac are good", made.hash, "here");
	check(&scene, &wrong, "four words \xe2\x82\xac are gone", made.hash, "here");
	check(&scene, &nobody, "four words \xe2\x82\xac are good", NULL, "here");
	await(&scene, &nobody);
	assert_int_equal(right.status, KL_OK);
	assert_string_equal(right.hash, "");
	assert_int_equal(wrong.status, KL_EDENIED);
	assert_int_equal(nobody.status, KL_EDENIED);
	kl_hasher_figures(&figures, scene.hasher);
	assert_int_equal(figures.done, 4); /* A05: nobody costs a hash, too */
	assert_int_equal(figures.waiting + figures.running, 0);
	close_pool(&scene);
}

/* A05: who is not there costs the memory and the passes that who is there does. */
static void same_work(void **state)
{
	struct told made = { 0 }, nobody = { 0 };
	struct kl_password_cost dear = { .passes = 3, .kib = 1024 };
	struct scene scene;

	(void)state;
	open_pool(&scene, helper, 10, 60000);
	kl_hasher_cost(scene.hasher, &dear);
	make(&scene, &made, "a password");
	assert_int_equal(strncmp(made.hash, "$argon2id$v=19$m=1024,t=3,p=1$", 30), 0);
	dear.kib = (size_t)1 << 50; /* nobody has so much: the work is tried all the same, and fails */
	kl_hasher_cost(scene.hasher, &dear);
	check(&scene, &nobody, "a password", NULL, "here");
	await(&scene, &nobody);
	assert_int_equal(nobody.status, KL_EIO);
	close_pool(&scene);
}

static void another_cost(void **state)
{
	struct told made = { 0 }, again = { 0 }, then = { 0 };
	struct kl_password_cost cost = { .passes = 2, .kib = 128 };
	struct scene scene;

	(void)state;
	open_pool(&scene, helper, 10, 60000);
	make(&scene, &made, "a password");
	kl_hasher_cost(scene.hasher, &cost);
	check(&scene, &again, "a password", made.hash, "here");
	await(&scene, &again);
	assert_int_equal(again.status, KL_OK);
	assert_int_equal(strncmp(again.hash, "$argon2id$v=19$m=128,t=2,p=1$", 29), 0);
	check(&scene, &then, "a password", again.hash, "here");
	await(&scene, &then);
	assert_int_equal(then.status, KL_OK);
	assert_string_equal(then.hash, "");
	close_pool(&scene);
}

/* One address gets no more of the queue than it leaves. */
static void shares(void **state)
{
	const struct kl_hasher_job many = { "x", 1, NULL, "10.0.0.1" }, other = { "x", 1, NULL, "10.0.0.2" };
	struct told told[16] = { { 0 } };
	struct kl_error err;
	struct scene scene;
	size_t taken = 0;
	int clock = 0;

	(void)state;
	open_pool(&scene, helper, 8, 60000);
	for (size_t i = 0; i < KL_LENGTH(told); i++)
		told[i].clock = &clock;
	while (!kl_hasher_check(scene.hasher, &many, tell, &told[taken], &err))
		taken++;
	assert_int_equal(taken, 5); /* one runs, four of eight wait */
	assert_int_equal(err.status, KL_EMANY);
	assert_string_equal(err.message, "too many sign in at this moment: try again later");
	assert_int_equal(kl_hasher_check(scene.hasher, &other, tell, &told[taken++], &err), KL_OK);
	await(&scene, &told[taken - 1]);
	for (size_t i = 0; i < taken; i++)
		assert_int_equal(told[i].at, (int)i + 1); /* who came first is first */
	close_pool(&scene);
}

static void impatience_and_the_end(void **state)
{
	struct told told[3] = { { 0 } };
	struct kl_hasher_figures figures;
	struct scene scene;

	(void)state;
	open_pool(&scene, helper, 10, -1); /* whoever waits has waited too long */
	for (size_t i = 0; i < 2; i++)
		check(&scene, &told[i], "x", NULL, "here");
	while (!told[0].times || !told[1].times)
		kl_loop_turn(scene.loop, -1);
	kl_hasher_figures(&figures, scene.hasher);
	assert_int_equal(figures.refused, 2);
	assert_int_equal(told[1].status, KL_ETIME);
	close_pool(&scene);
	open_pool(&scene, helper, 10, 60000);
	for (size_t i = 0; i < KL_LENGTH(told); i++) {
		told[i] = (struct told){ 0 };
		check(&scene, &told[i], "x", NULL, "here");
	}
	close_pool(&scene);
	for (size_t i = 0; i < KL_LENGTH(told); i++) {
		assert_int_equal(told[i].times, 1);
		assert_int_equal(told[i].status, KL_ECANCELED);
	}
}

/* Who has gone makes room, and is told once; what was begun for him counts for nobody. */
static void dropped(void **state)
{
	struct told told[6] = { { 0 } }, more = { 0 };
	struct scene scene;

	(void)state;
	open_pool(&scene, helper, 8, 60000);
	for (size_t i = 0; i < 5; i++)
		check(&scene, &told[i], "x", NULL, "here");
	kl_hasher_drop(scene.hasher, &told[2]); /* it waits */
	kl_hasher_drop(scene.hasher, &told[0]); /* it runs */
	kl_hasher_drop(scene.hasher, &told[0]);
	kl_hasher_drop(scene.hasher, &told[5]); /* never was */
	assert_int_equal(told[0].times + told[2].times, 2);
	assert_int_equal(told[0].status, KL_ECANCELED);
	assert_int_equal(told[2].status, KL_ECANCELED);
	check(&scene, &more, "x", NULL, "here"); /* there is room */
	await(&scene, &more);
	assert_int_equal(told[0].times + told[2].times + told[5].times, 2);
	assert_int_equal(told[1].status, KL_EDENIED);
	assert_int_equal(told[3].status, KL_EDENIED);
	assert_int_equal(told[4].status, KL_EDENIED);
	close_pool(&scene);
}

/* The job of a process that dies fails, and another process does the next one. */
static void death(void **state)
{
	struct told first = { 0 }, second = { 0 };
	struct kl_hasher_figures figures;
	struct scene scene;

	(void)state;
	open_pool(&scene, dying, 10, 60000);
	check(&scene, &first, "x", NULL, "here");
	check(&scene, &second, "x", NULL, "here");
	await(&scene, &first);
	assert_int_equal(first.status, KL_EIO);
	await(&scene, &second);
	assert_int_equal(second.status, KL_EIO);
	kl_hasher_figures(&figures, scene.hasher);
	assert_int_equal(figures.failed, 2);
	close_pool(&scene);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_and_wrong),
		cmocka_unit_test(same_work),
		cmocka_unit_test(another_cost),
		cmocka_unit_test(shares),
		cmocka_unit_test(impatience_and_the_end),
		cmocka_unit_test(dropped),
		cmocka_unit_test(death),
	};

	if (argc == 2 && !strcmp(argv[1], "work")) {
		kl_hasher_work();
		return 0;
	}
	helper[0] = realpath("/proc/self/exe", NULL); /* the link itself would start valgrind where that runs us */
	environment[0] = getenv("ASAN_OPTIONS") ? kl_format("ASAN_OPTIONS=%s", getenv("ASAN_OPTIONS")) : NULL;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
