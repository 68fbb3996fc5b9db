/*
 * Where a key is not: in the memory of the process once its lease is settled, in a core file, before the eyes of another
 * process of the same user, in an environment, a log or a sentence. The key is made at run time: it stands in no binary.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <kodelab/log.h>
#include <kodelab/loop.h>
#include <kodelab/worker.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "keypool_scene.h"

#define NOBODY 65534

/* "proof-" and 40 letters by chance, in secret memory. */
static char *make_key(void)
{
	char *key = kl_secret_alloc(47);
	unsigned char dice[40];

	kl_random(dice, sizeof(dice));
	memcpy(key, "proof-", 6);
	for (size_t i = 0; i < sizeof(dice); i++)
		key[6 + i] = (char)('a' + dice[i] % 26);
	kl_wipe(dice, sizeof(dice));
	return key;
}

static void add_key(char id[KL_ID_SIZE], const char *secret)
{
	struct kl_key_new key = planted("");

	key.secret = secret;
	assert_int_equal(kl_keypool_add(id, scene.pool, &key, NULL), KL_OK);
}

static struct kl_lease *lease_it(void)
{
	struct kl_key_want want = { .instance = "rapid", .user = "", .purpose = KL_PURPOSE_RUN, .requests = 1 };
	struct kl_lease *lease = NULL;

	assert_int_equal(kl_keypool_lease(&lease, scene.pool, &want, NULL), KL_OK);
	assert_non_null(lease);
	return lease;
}

/* --- memory ----------------------------------------------------------------------------------------------------- */

/* How often the key stands in a piece of memory: a chunk is copied to `copy`, which is not searched itself. */
static size_t count_in(const char *bytes, size_t len, const char *key)
{
	size_t count = 0, key_len = strlen(key);
	const char *found;

	while (len >= key_len && (found = memmem(bytes, len, key, key_len))) {
		count++;
		len -= (size_t)(found - bytes) + 1;
		bytes = found + 1;
	}
	return count;
}

/* How often the key stands in our readable memory, the copying buffer left out. Our files in /proc may belong to root. */
static size_t count_in_memory(const char *key)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	size_t count = 0, chunk = 64 << 20;
	/* a mapping of its own, so that it can be told apart */
	char *copy = kl_secret_alloc(chunk), line[512];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		uint64_t from, to;
		char mode[8];
		ssize_t got;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s", &from, &to, mode) != 3 || mode[0] != 'r' ||
		    to - from > chunk || (from <= (uintptr_t)copy && (uintptr_t)copy < to))
			continue;
		got = process_vm_readv(getpid(), &(struct iovec){ copy, (size_t)(to - from) }, 1,
				       &(struct iovec){ (void *)(uintptr_t)from, (size_t)(to - from) }, 1, 0);
		if (got > 0)
			count += count_in(copy, (size_t)got, key);
	}
	fclose(maps);
	kl_secret_free(copy);
	return count;
}

static void memory_forgets(void **state)
{
	char *key = make_key(), id[KL_ID_SIZE];
	struct kl_lease *lease;

	(void)state;
	assert_int_equal(count_in_memory(key), 1); /* ours, to search for: the search works */
	add_key(id, key);
	assert_int_equal(count_in_memory(key), 1);
	lease = lease_it();
	assert_string_equal(kl_lease_key(lease), key);
	assert_int_equal(count_in_memory(key), 2); /* the lease's, nowhere else */
	kl_lease_settle(lease, scene.pool, &(struct kl_key_outcome){ 200, 1, -1, -1, -1 });
	assert_int_equal(count_in_memory(key), 1);
	assert_int_equal(files_with(scene.dir, key), 0);
	assert_int_equal(kl_keypool_remove(scene.pool, id, "", NULL), KL_OK);
	scene_close();
	assert_int_equal(count_in_memory(key), 1);
	kl_secret_free(key);
}

/* --- a core file ------------------------------------------------------------------------------------------------ */

/* A child that dies by SIGABRT in a folder of its own, with no limit on core files; true: it left a core. */
static bool dies_with_core(const char *folder, bool with_secret)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	int status;
	bool there;
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* as a program is at its start */
		if (chdir(folder) < 0 || setrlimit(RLIMIT_CORE, &all) < 0)
			_exit(1);
		if (with_secret && !kl_secret_copy("x", 1))
			_exit(2);
		signal(SIGABRT, SIG_DFL);
		raise(SIGABRT);
		_exit(3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	there = WCOREDUMP(status);
	assert_true(there || rmdir(folder) == 0); /* no file of another name either */
	assert_int_equal(kl_file_remove_tree(folder, NULL), KL_OK);
	assert_int_equal(mkdir(folder, 0700), 0);
	return there;
}

/* Before any test that holds a secret: who is not root can only lower RLIMIT_CORE. */
static void no_core_file(void **state)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	char folder[] = "/tmp/kodelab-test-XXXXXX";
	bool possible;

	(void)state;
	assert_non_null(mkdtemp(folder));
	possible = setrlimit(RLIMIT_CORE, &all) == 0 && dies_with_core(folder, false);
	if (possible)
		assert_false(dies_with_core(folder, true));
	assert_int_equal(kl_file_remove_tree(folder, NULL), KL_OK);
	if (!possible) {
		print_message("no core files are written here: nothing to compare with\n");
		skip();
	}
}

/* --- another process of the same user --------------------------------------------------------------------------- */

/* The errno of opening the memory of a process, asked by another of the same ordinary user; 0: it may. */
static int may_read_memory(bool with_secret)
{
	int ends[2], back[2], errnum;
	char byte, path[64];
	pid_t holder, reader;
	int status;

	assert_int_equal(pipe(ends) | pipe(back), 0);
	holder = fork();
	if (!holder) {
		if (geteuid() == 0 && (setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
			_exit(1);
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
		if (with_secret && !kl_secret_copy("x", 1))
			_exit(2);
		if (write(ends[1], "x", 1) != 1 || read(back[0], &byte, 1) != 1)
			_exit(3);
		_exit(0);
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	snprintf(path, sizeof(path), "/proc/%d/mem", (int)holder);
	reader = fork();
	if (!reader) {
		if (geteuid() == 0 && (setgid(NOBODY) < 0 || setuid(NOBODY) < 0))
			_exit(255);
		_exit(open(path, O_RDONLY) >= 0 ? 0 : errno);
	}
	assert_int_equal(waitpid(reader, &status, 0), reader);
	errnum = WEXITSTATUS(status);
	assert_int_equal(write(back[1], "x", 1), 1);
	assert_int_equal(waitpid(holder, &status, 0), holder);
	assert_int_equal(status, 0);
	for (size_t i = 0; i < 2; i++) {
		close(ends[i]);
		close(back[i]);
	}
	return errnum;
}

static void no_eyes_of_others(void **state)
{
	int without = may_read_memory(false), with = may_read_memory(true);

	(void)state;
	assert_true(with == EACCES || with == EPERM);
	if (without) {
		print_message("no process may look at another here (%s): nothing to compare with\n", strerror(without));
		skip();
	}
}

/* --- a child ---------------------------------------------------------------------------------------------------- */

struct seen {
	struct kl_loop *loop;
	struct kl_buf text;
	bool ended;
};

static void take_line(void *ctx, const char *line, size_t len)
{
	struct seen *seen = ctx;

	kl_buf_add(&seen->text, line, len);
	kl_buf_add_char(&seen->text, '\n');
}

static void take_end(void *ctx, const struct kl_worker_result *result)
{
	struct seen *seen = ctx;

	(void)result;
	seen->ended = true;
	kl_loop_stop(seen->loop);
}

/* A worker is started while a lease is out: it prints its own argv and environ, and what it inherited. */
static void children_know_nothing(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c",
					    "tr '\\0' '\\n' </proc/self/environ; tr '\\0' '\\n' </proc/self/cmdline;"
					    "ls -l /proc/self/fd; echo the end",
					    NULL };
	struct kl_worker_spec spec = { .argv = argv, .deadline_ms = 10000, .on_line = take_line, .on_done = take_end };
	char *key = make_key(), id[KL_ID_SIZE];
	struct seen seen = { .loop = NULL };
	struct kl_worker *worker;
	struct kl_lease *lease;

	(void)state;
	kl_buf_init(&seen.text, 1 << 20);
	spec.ctx = &seen;
	add_key(id, key);
	lease = lease_it();
	assert_int_equal(kl_loop_open(&seen.loop, NULL), KL_OK);
	assert_int_equal(kl_worker_start(&worker, seen.loop, &spec, NULL), KL_OK);
	kl_loop_run(seen.loop);
	assert_true(seen.ended);
	assert_non_null(strstr(seen.text.data, "PATH="));
	assert_non_null(strstr(seen.text.data, "the end"));
	assert_null(strstr(seen.text.data, key));
	assert_null(strstr(seen.text.data, "lab.db"));
	assert_null(strstr(seen.text.data, "master.key"));
	kl_loop_close(seen.loop);
	kl_lease_settle(lease, scene.pool, &(struct kl_key_outcome){ 200, 1, -1, -1, -1 });
	kl_buf_release(&seen.text);
	kl_secret_free(key);
}

/* --- logs and sentences ----------------------------------------------------------------------------------------- */

static void assert_clean(enum kl_status status, const struct kl_error *err, const char *key)
{
	if (status)
		assert_null(strstr(err->message, key));
}

/* Every step of the store fails once, with a log open: no sentence and no file has the key. */
static void failures_do_not_tell(void **state)
{
	char *key = make_key(), *log = kl_path_join(scene.dir, "log"), id[KL_ID_SIZE], number[16];
	struct kl_key_new new = planted("");
	struct kl_key_want want = { .instance = "rapid", .user = "", .purpose = KL_PURPOSE_RUN, .requests = 1 };
	bool logged = false;

	(void)state;
	new.secret = key;
	assert_int_equal(kl_log_open(log, KL_LOG_DEBUG, NULL), KL_OK);
	for (int n = 1; n < 40; n++) {
		struct kl_error err = { .message = "" };
		struct kl_lease *lease = NULL;
		enum kl_status status;

		scene_open(KL_KEYS_OWNER_FIRST);
		assert_clean(kl_keypool_add(id, scene.pool, &new, &err), &err, key);
		snprintf(number, sizeof(number), "%d", n);
		setenv("KL_FAULT", number, 1);
		kl_keypool_close(scene.pool);
		kl_store_close(scene.store);
		scene.store = NULL;
		scene.pool = NULL;
		status = kl_store_open(&scene.store, NULL, scene.db, &scene.clock, &err);
		unsetenv("KL_FAULT");
		assert_clean(status, &err, key);
		if (status)
			continue;
		assert_int_equal(
			kl_keypool_open(&scene.pool, scene.store, scene.vault, &scene.clock, KL_KEYS_OWNER_FIRST, NULL),
			KL_OK);
		assert_clean(kl_keypool_add(id, scene.pool, &new, &err), &err, key);
		status = kl_keypool_lease(&lease, scene.pool, &want, &err);
		assert_clean(status, &err, key);
		if (!status)
			kl_lease_settle(lease, scene.pool, &(struct kl_key_outcome){ 500, 1, -1, -1, -1 });
		assert_int_equal(files_with(scene.dir, key), 0);
		logged = logged || files_with(scene.dir, "could not be put right") > 0;
	}
	kl_log_close();
	assert_true(logged); /* the one sentence that the pool logs was met */
	free(log);
	kl_secret_free(key);
}

int main(void)
{
#define IN_SCENE(test) cmocka_unit_test_setup_teardown(test, scene_set_up, scene_tear_down)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_core_file),  IN_SCENE(no_eyes_of_others),    IN_SCENE(memory_forgets),
		IN_SCENE(children_know_nothing), IN_SCENE(failures_do_not_tell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
