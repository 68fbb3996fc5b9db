/* Secrets at rest: sealed, opened, moved, tampered with; the master key's places; rotation stopped anywhere. */

#include "tests/unit/scratch.h"

#include <dirent.h>
#include <kodelab/vault.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/kill_steps.h"

#define SECRET  "rapid-0123456789abcdef"
#define CONTEXT "judge key 1"

/* 32 bytes of 'a', of 'b', of 'c'. */
#define KEY_A "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="
#define KEY_B "YmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmJiYmI="
#define SHORT "YWFhYWFhYWFhYWFhYWFhYWE="

static char *path;

static int set_up(void **state)
{
	if (scratch_open(state))
		return -1;
	path = kl_path_join(scratch, "in/config/master.key");
	return 0;
}

static int tear_down(void **state)
{
	unsetenv("CREDENTIALS_DIRECTORY");
	free(path);
	return scratch_close(state);
}

static struct kl_vault *opened(const char *taken)
{
	struct kl_vault *vault = NULL;

	assert_int_equal(kl_vault_open(&vault, path, taken, NULL), KL_OK);
	assert_non_null(vault);
	return vault;
}

static char *sealed_by(struct kl_vault *vault)
{
	char *sealed = NULL;

	assert_int_equal(kl_vault_seal(&sealed, vault, SECRET, strlen(SECRET), CONTEXT, NULL), KL_OK);
	assert_non_null(sealed);
	return sealed;
}

static void assert_opens(struct kl_vault *vault, const char *sealed)
{
	char *secret = NULL;
	size_t len = 0;

	assert_int_equal(kl_vault_unseal(&secret, &len, vault, sealed, CONTEXT, NULL), KL_OK);
	assert_non_null(secret);
	assert_int_equal(len, strlen(SECRET));
	assert_string_equal(secret, SECRET);
	kl_secret_free(secret);
}

static void assert_refuses(struct kl_vault *vault, const char *sealed, const char *context, enum kl_status want,
			   const char *sentence)
{
	struct kl_error err = { .message = "" };
	char *secret = NULL;

	assert_int_equal(kl_vault_unseal(&secret, NULL, vault, sealed, context, &err), want);
	assert_string_equal(err.message, sentence);
	assert_null(secret);
}

static char *file_text(void)
{
	struct kl_buf text;

	kl_buf_init(&text, 4096);
	assert_int_equal(kl_file_read(&text, path, NULL), KL_OK);
	return kl_buf_detach(&text);
}

/* Keys in the file: lines that are no comment. */
static size_t keys_in_file(void)
{
	char *text = file_text(), *rest = text, *line;
	size_t count = 0;

	while ((line = strsep(&rest, "\n")))
		count += *line && *line != '#';
	free(text);
	return count;
}

static bool has(const char *bytes, size_t len, const char *part)
{
	return memmem(bytes, len, part, strlen(part)) != NULL;
}

/* --- sealing and opening ---------------------------------------------------------------------------------------- */

static void a_secret_comes_back(void **state)
{
	struct kl_vault *vault = opened(NULL);
	char *one, *two;
	struct stat st;

	(void)state;
	assert_false(kl_path_exists(path)); /* only when something is sealed */
	one = sealed_by(vault);
	two = sealed_by(vault);
	assert_string_not_equal(one, two); /* a nonce of its own */
	assert_null(strstr(one, SECRET));
	assert_opens(vault, one);
	kl_vault_close(vault);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	vault = opened(NULL);
	assert_opens(vault, one);
	assert_opens(vault, two);
	kl_vault_close(vault);
	free(one);
	free(two);
}

static void both_algorithms_are_read(void **state)
{
	static const enum kl_aead algorithms[] = { KL_AEAD_AES256GCM, KL_AEAD_XCHACHA20POLY1305 };
	struct kl_vault *vault = opened(NULL), *other;
	char *bytes, *sealed;
	size_t len;

	(void)state;
	if (!kl_aead_available(KL_AEAD_AES256GCM))
		print_message("no AES instructions here: only XChaCha20-Poly1305 is tried\n");
	for (size_t i = 0; i < KL_LENGTH(algorithms); i++) {
		if (!kl_aead_available(algorithms[i]))
			continue;
		kl_vault_prefer(vault, algorithms[i]);
		sealed = sealed_by(vault);
		assert_true(kl_base64_decode(&bytes, &len, sealed));
		assert_int_equal(bytes[1], algorithms[i]);
		other = opened(NULL); /* which would choose for itself */
		assert_opens(other, sealed);
		kl_vault_close(other);
		free(bytes);
		free(sealed);
	}
	kl_vault_close(vault);
}

static void every_byte_counts(void **state)
{
	struct kl_vault *vault = opened(KEY_A);
	char *sealed = sealed_by(vault), *bytes, *changed, *secret = NULL;
	enum kl_status status;
	size_t len;

	(void)state;
	assert_true(kl_base64_decode(&bytes, &len, sealed));
	for (size_t i = 0; i < len; i++) {
		bytes[i] ^= 1;
		changed = kl_base64(bytes, len);
		status = kl_vault_unseal(&secret, NULL, vault, changed, CONTEXT, NULL);
		/* the version, the algorithm, the master key's id, and then what is authenticated */
		assert_int_equal(status, i == 0 ? KL_ECONFLICT : i >= 2 && i < 10 ? KL_ENOENT : KL_ECORRUPT);
		assert_null(secret);
		free(changed);
		bytes[i] ^= 1;
	}
	for (size_t i = 0; i < len; i++) {
		changed = kl_base64(bytes, i);
		assert_int_not_equal(kl_vault_unseal(&secret, NULL, vault, changed, CONTEXT, NULL), KL_OK);
		assert_null(secret);
		free(changed);
	}
	assert_opens(vault, sealed);
	kl_vault_close(vault);
	free(sealed);
	free(bytes);
}

static void refusals_say_what_to_do(void **state)
{
	struct kl_vault *vault = opened(KEY_A), *other = opened(KEY_B);
	char *sealed = sealed_by(vault), big[KL_VAULT_SECRET_MAX + 1] = "", *none = NULL;
	struct kl_error err;

	(void)state;
	assert_refuses(vault, sealed, "judge key 2", KL_ECORRUPT,
		       "this secret was changed or moved since it was sealed: remove it and add it again");
	assert_refuses(other, sealed, CONTEXT, KL_ENOENT,
		       "the master key this secret was sealed with is not in the environment variable "
		       "KODELAB_MASTER_KEY: put it back there, or remove the secret and add it again");
	assert_refuses(vault, "", CONTEXT, KL_ECORRUPT, "this secret is damaged: remove it and add it again");
	assert_refuses(vault, "AQID", CONTEXT, KL_ECORRUPT, "this secret is damaged: remove it and add it again");
	assert_refuses(vault, SECRET, CONTEXT, KL_ECORRUPT, "this secret is damaged: remove it and add it again");
	assert_int_equal(kl_vault_seal(&none, vault, big, sizeof(big), CONTEXT, &err), KL_EINVAL);
	assert_string_equal(err.message, "a secret of 4097 bytes is too long: 4096 at most");
	kl_vault_close(vault);
	kl_vault_close(other);
	free(sealed);
}

/* --- where the master key comes from ---------------------------------------------------------------------------- */

static void assert_not_opened(const char *taken, enum kl_status want, const char *format)
{
	char *sentence = kl_format("%s", format), *named = NULL;
	const char *mark = strstr(sentence, "PATH");
	struct kl_vault *vault = NULL;
	struct kl_error err = { .message = "" };

	named = mark ? kl_format("%.*s%s%s", (int)(mark - sentence), sentence, path, mark + 4) : kl_strdup(sentence);
	assert_int_equal(kl_vault_open(&vault, path, taken, &err), want);
	assert_string_equal(err.message, named);
	assert_null(vault);
	free(named);
	free(sentence);
}

static void the_file_is_ours_alone(void **state)
{
	char *sealed;
	struct kl_vault *vault = opened(NULL);
	uid_t other = 12345;

	(void)state;
	sealed = sealed_by(vault);
	kl_vault_close(vault);
	assert_int_equal(chmod(path, 0640), 0);
	assert_not_opened(NULL, KL_EDENIED,
			  "'PATH' can be read by others: run 'chmod 600' on it, then 'kodelab keys rotate'");
	assert_int_equal(chmod(path, 0602), 0);
	assert_not_opened(NULL, KL_EDENIED,
			  "'PATH' can be read by others: run 'chmod 600' on it, then 'kodelab keys rotate'");
	assert_int_equal(chmod(path, 0400), 0);
	vault = opened(NULL);
	assert_opens(vault, sealed);
	kl_vault_close(vault);
	assert_int_equal(chmod(path, 0600), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, other, (gid_t)-1), 0);
		assert_not_opened(NULL, KL_EDENIED,
				  "'PATH' belongs to another user: move it away, then a new one is made");
	}
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_not_opened(NULL, KL_EINVAL, "'PATH' is not a regular file: move it away");
	free(sealed);
}

static void what_is_no_key_is_refused(void **state)
{
	static const char *const bad[] = { "", "# only words\n", "passw0rd", SHORT, KEY_A " " SHORT, KEY_A KEY_B };
	char *folder = kl_path_join(scratch, "in/config");

	(void)state;
	assert_int_equal(kl_path_make(folder, NULL), KL_OK);
	for (size_t i = 0; i < KL_LENGTH(bad); i++) {
		assert_int_equal(kl_file_write(path, bad[i], strlen(bad[i]), 0600, NULL), KL_OK);
		assert_not_opened(NULL, KL_EINVAL,
				  "the file 'PATH' holds no master key: it must be 32 bytes in base64, as "
				  "'head -c 32 /dev/urandom | base64' makes them");
		assert_not_opened(bad[i], KL_EINVAL,
				  "the environment variable KODELAB_MASTER_KEY holds no master key: it must be 32 "
				  "bytes in base64, as 'head -c 32 /dev/urandom | base64' makes them");
	}
	free(folder);
}

static void a_file_that_goes_is_missed(void **state)
{
	struct kl_vault *vault = opened(NULL);
	char *sealed = sealed_by(vault), *none = NULL, *want = kl_format("the file '%s' is gone: put it back", path);
	struct kl_error err;

	(void)state;
	assert_int_equal(unlink(path), 0);
	assert_opens(vault, sealed);
	assert_int_equal(kl_vault_seal(&none, vault, "x", 1, CONTEXT, &err), KL_ENOENT);
	assert_string_equal(err.message, want);
	assert_false(kl_path_exists(path));
	kl_vault_close(vault);
	free(want);
	free(sealed);
}

/* In a child that is started with the variable, as a shell would: its /proc/self/environ is the true one. */
static void the_environment_forgets(void **state)
{
	char *taken = kl_vault_take_environment();
	struct kl_buf environment;

	(void)state;
	assert_non_null(taken);
	assert_string_equal(taken, KEY_A);
	assert_null(getenv("KODELAB_MASTER_KEY"));
	assert_null(kl_vault_take_environment());
	kl_buf_init(&environment, 1 << 20);
	assert_int_equal(kl_file_read(&environment, "/proc/self/environ", NULL), KL_OK);
	assert_true(has(environment.data, environment.len, "PLANTED=beside it"));
	assert_false(has(environment.data, environment.len, KEY_A));
	kl_buf_release(&environment);
	kl_secret_free(taken);
}

static void the_environment_in_a_child(void **state)
{
	char self[4096];
	char *const argv[] = { self, (char[]){ "--environment" }, NULL };
	char *const env[] = { (char[]){ "KODELAB_MASTER_KEY=" KEY_A }, (char[]){ "PLANTED=beside it" }, NULL };
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int status;
	pid_t pid;

	(void)state;
	assert_true(len > 0);
	self[len] = '\0';
	pid = fork();
	if (!pid) {
		execve(self, argv, env);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void sources_have_an_order(void **state)
{
	char *credential = kl_path_join(scratch, "kodelab-master-key");
	struct kl_vault *by_file = opened(NULL), *by_credential, *by_variable;
	char *of_file = sealed_by(by_file), *of_credential, *of_variable;

	(void)state;
	assert_int_equal(kl_file_write(credential, KEY_B "\n", strlen(KEY_B) + 1, 0440, NULL), KL_OK);
	setenv("CREDENTIALS_DIRECTORY", scratch, 1);
	by_credential = opened(NULL);
	of_credential = sealed_by(by_credential);
	by_variable = opened(KEY_A);
	of_variable = sealed_by(by_variable);
	assert_non_null(strstr(kl_vault_source(by_credential), credential));
	assert_opens(by_file, of_file);
	assert_opens(by_credential, of_credential);
	assert_opens(by_variable, of_variable);
	assert_int_equal(kl_vault_unseal(&(char *){ NULL }, NULL, by_credential, of_file, CONTEXT, NULL), KL_ENOENT);
	assert_int_equal(kl_vault_unseal(&(char *){ NULL }, NULL, by_variable, of_credential, CONTEXT, NULL),
			 KL_ENOENT);
	kl_vault_close(by_file);
	kl_vault_close(by_credential);
	kl_vault_close(by_variable);
	assert_int_equal(chmod(credential, 0444), 0);
	assert_int_equal(kl_vault_open(&by_credential, path, NULL, NULL), KL_EDENIED);
	free(of_file);
	free(of_credential);
	free(of_variable);
	free(credential);
}

/* --- rotation --------------------------------------------------------------------------------------------------- */

static void rotation(void **state)
{
	struct kl_vault *vault = opened(NULL), *other = opened(NULL);
	char *old = sealed_by(vault), *anew = NULL, *same = NULL, *before = file_text(), *after;

	(void)state;
	assert_false(kl_vault_rotating(vault));
	assert_int_equal(kl_vault_rotate_begin(vault, NULL), KL_OK);
	assert_true(kl_vault_rotating(vault));
	assert_int_equal(keys_in_file(), 2);
	assert_int_equal(kl_vault_reseal(&anew, vault, old, CONTEXT, NULL), KL_OK);
	assert_non_null(anew);
	assert_int_equal(kl_vault_reseal(&same, vault, anew, CONTEXT, NULL), KL_OK);
	assert_null(same);
	assert_opens(other, anew); /* it reads the list again */
	assert_int_equal(kl_vault_rotate_end(vault, NULL), KL_OK);
	assert_false(kl_vault_rotating(vault));
	assert_int_equal(keys_in_file(), 1);
	assert_opens(vault, anew);
	after = file_text();
	assert_string_not_equal(before, after);
	kl_vault_close(vault);
	vault = opened(NULL);
	assert_opens(vault, anew);
	assert_int_equal(kl_vault_unseal(&same, NULL, vault, old, CONTEXT, NULL), KL_ENOENT);
	kl_vault_close(vault);
	kl_vault_close(other);
	free(old);
	free(anew);
	free(before);
	free(after);
}

/* A second lab begins its own between the first one's begin and end: neither may drop what the other sealed with. */
static void two_rotate_at_once(void **state)
{
	struct kl_vault *one = opened(NULL), *two = opened(NULL);
	char *old = sealed_by(one), *of_one = NULL, *of_two = NULL;

	(void)state;
	assert_int_equal(kl_vault_rotate_begin(one, NULL), KL_OK);
	assert_int_equal(kl_vault_reseal(&of_one, one, old, CONTEXT, NULL), KL_OK);
	assert_int_equal(kl_vault_rotate_begin(two, NULL), KL_OK);
	assert_int_equal(keys_in_file(), 3);
	assert_int_equal(kl_vault_rotate_end(one, NULL), KL_OK);
	assert_int_equal(keys_in_file(), 2);
	assert_int_equal(kl_vault_reseal(&of_two, two, of_one, CONTEXT, NULL), KL_OK);
	assert_non_null(of_two);
	assert_int_equal(kl_vault_rotate_end(two, NULL), KL_OK);
	assert_int_equal(keys_in_file(), 1);
	assert_opens(one, of_two);
	kl_vault_close(one);
	kl_vault_close(two);
	free(old);
	free(of_one);
	free(of_two);
}

static void a_given_key_is_rotated_by_its_giver(void **state)
{
	struct kl_vault *vault = opened(KEY_A);
	char *old = sealed_by(vault), *anew = NULL;
	struct kl_error err;

	(void)state;
	assert_int_equal(kl_vault_rotate_begin(vault, &err), KL_EDENIED);
	assert_string_equal(err.message, "the environment variable KODELAB_MASTER_KEY holds one key: give the new "
					 "and the old one there, as 'NEW OLD', and rotate again");
	kl_vault_close(vault);
	vault = opened(KEY_B " " KEY_A);
	assert_int_equal(kl_vault_rotate_begin(vault, NULL), KL_OK);
	assert_int_equal(kl_vault_reseal(&anew, vault, old, CONTEXT, NULL), KL_OK);
	assert_int_equal(kl_vault_rotate_end(vault, NULL), KL_OK);
	kl_vault_close(vault);
	vault = opened(KEY_B);
	assert_opens(vault, anew);
	kl_vault_close(vault);
	free(old);
	free(anew);
}

#define RECORD_MAX 300

/* The record is a file, replaced as a transaction replaces rows. */
static bool rotate_once(void *record)
{
	struct kl_vault *vault;
	struct kl_buf sealed;
	char *anew = NULL;
	bool good;

	kl_buf_init(&sealed, RECORD_MAX);
	if (kl_vault_open(&vault, path, NULL, NULL))
		return false;
	good = !kl_vault_rotate_begin(vault, NULL) && !kl_file_read(&sealed, record, NULL) &&
	       !kl_vault_reseal(&anew, vault, sealed.data, CONTEXT, NULL) && anew &&
	       !kl_file_write(record, anew, strlen(anew), 0600, NULL) && !kl_vault_rotate_end(vault, NULL);
	kl_buf_release(&sealed);
	free(anew);
	kl_vault_close(vault);
	return good;
}

static char *put_record(void)
{
	char *record = kl_path_join(scratch, "record"), *sealed;
	struct kl_vault *vault = opened(NULL);

	sealed = sealed_by(vault);
	assert_int_equal(kl_file_write(record, sealed, strlen(sealed), 0600, NULL), KL_OK);
	kl_vault_close(vault);
	free(sealed);
	return record;
}

/* Whatever was done last: the record opens. True: a rotation was begun and not ended. */
static bool record_opens(const char *record)
{
	struct kl_vault *vault = opened(NULL);
	bool unended = kl_vault_rotating(vault);
	struct kl_buf text;

	kl_buf_init(&text, RECORD_MAX);
	assert_int_equal(kl_file_read(&text, record, NULL), KL_OK);
	assert_opens(vault, text.data);
	kl_buf_release(&text);
	kl_vault_close(vault);
	return unended;
}

/* Files beside the master key that are neither it nor its lock: what a killed writer left. */
static size_t left_over(void)
{
	char *folder = kl_path_join(scratch, "in/config");
	DIR *entries = opendir(folder);
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(entries);
	while ((entry = readdir(entries)))
		count += strncmp(entry->d_name, "master.key", 10) != 0 && entry->d_name[1] != '\0' &&
			 entry->d_name[1] != '.';
	closedir(entries);
	free(folder);
	return count;
}

/* An old key may not lie about. */
static void assert_nothing_left_over(void)
{
	struct kl_vault *vault = opened(NULL);

	assert_int_equal(kl_vault_rotate_begin(vault, NULL), KL_OK);
	assert_int_equal(left_over(), 0);
	kl_vault_close(vault);
}

static void rotation_killed_in_any_step(void **state)
{
	char *record = put_record();
	bool unended = false;
	int changes = 0, calls = 0;
	pid_t pid;

	(void)state;
	for (; (pid = steps_start(rotate_once, record)) && steps_kill(pid, calls); calls++) {
		changes += record_opens(record) != unended;
		unended = changes % 2;
		assert_true(rotate_once(record)); /* each begins with a list of one key */
	}
	if (pid) {
		assert_int_equal(changes, 2); /* from some call on it is begun, from some later one on it is ended */
		assert_false(unended || record_opens(record));
		assert_nothing_left_over();
		print_message("%d points\n", calls);
	}
	free(record);
	if (!pid)
		skip();
}

static void rotation_killed_at_any_moment(void **state)
{
	char *record = put_record();

	(void)state;
	for (int round = 0; round < 60; round++) {
		kill_at_any_moment(rotate_once, record, round * 37);
		record_opens(record);
	}
	assert_nothing_left_over();
	free(record);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest inside[] = { cmocka_unit_test(the_environment_forgets) };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_secret_comes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(both_algorithms_are_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_byte_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refusals_say_what_to_do, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_file_is_ours_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_key_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_goes_is_missed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_environment_in_a_child, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sources_have_an_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(rotation, set_up, tear_down),
		cmocka_unit_test_setup_teardown(two_rotate_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_given_key_is_rotated_by_its_giver, set_up, tear_down),
		cmocka_unit_test_setup_teardown(rotation_killed_in_any_step, set_up, tear_down),
		cmocka_unit_test_setup_teardown(rotation_killed_at_any_moment, set_up, tear_down),
	};

	if (argc > 1 && !strcmp(argv[1], "--environment"))
		return cmocka_run_group_tests(inside, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
