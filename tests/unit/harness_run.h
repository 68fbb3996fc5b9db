#ifndef TESTS_UNIT_HARNESS_RUN_H
#define TESTS_UNIT_HARNESS_RUN_H

/* Compiling and running what the harness builds, without a sandbox: shared by the tests of the harness. */

#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/challenge.h>
#include <kodelab/file.h>
#include <kodelab/harness.h>
#include <kodelab/json.h>
#include <kodelab/language.h>
#include <kodelab/path.h>

struct bench {
	char dir[64];
	struct kl_harness harness;
	struct kl_buf out, err, result;
	int wait_status;
};

struct param {
	const char *name, *type;
};

static inline void make_signature(struct kl_challenge *challenge, const char *name, const struct param *params,
				  size_t count, const char *returns)
{
	struct kl_signature *function = &challenge->function;
	struct kl_error err = { .message = "" };

	challenge->kind = KL_KIND_FUNCTION;
	challenge->summary =
		kl_strdup("Gives back what it gets, whatever that is; nothing else happens here at all. \"*/\"");
	function->name = kl_strdup(name);
	function->params = kl_calloc(count, sizeof(*function->params));
	function->param_count = count;
	for (size_t i = 0; i < count; i++) {
		function->params[i].name = kl_strdup(params[i].name);
		assert_int_equal(kl_type_parse(&function->params[i].type, params[i].type, challenge->records,
					       challenge->record_count, &err),
				 KL_OK);
	}
	assert_int_equal(kl_type_parse(&function->returns, returns, challenge->records, challenge->record_count, &err),
			 KL_OK);
}

static inline void make_record(struct kl_challenge *challenge, const char *name, const struct param *fields,
			       size_t count)
{
	struct kl_record *record = &challenge->records[challenge->record_count];

	record->name = kl_strdup(name);
	record->fields = kl_calloc(count, sizeof(*record->fields));
	record->count = count;
	for (size_t i = 0; i < count; i++) {
		record->fields[i].name = kl_strdup(fields[i].name);
		assert_int_equal(kl_type_parse(&record->fields[i].type, fields[i].type, challenge->records,
					       challenge->record_count, NULL),
				 KL_OK);
	}
	challenge->record_count++;
}

static inline void free_fields(struct kl_field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(fields[i].name);
		kl_type_release(&fields[i].type);
	}
	free(fields);
}

static inline void free_signature(struct kl_challenge *challenge)
{
	free(challenge->summary);
	free(challenge->function.name);
	free_fields(challenge->function.params, challenge->function.param_count);
	kl_type_release(&challenge->function.returns);
	for (size_t i = 0; i < challenge->record_count; i++) {
		free(challenge->records[i].name);
		free_fields(challenge->records[i].fields, challenge->records[i].count);
	}
}

/* --- running ------------------------------------------------------------------------------------------------------ */

static inline void redirect(const struct bench *bench, const char *name, int flags, int fd)
{
	char *path = kl_path_join(bench->dir, name);
	int file = open(path, flags | O_CREAT, 0600);

	free(path);
	if (file < 0 || dup2(file, fd) < 0)
		_exit(126);
	if (file != fd)
		close(file);
}

static inline void become(const struct bench *bench, char **argv)
{
	static char path[] = "PATH=/usr/bin:/bin", lang[] = "LANG=C.UTF-8", home[] = "HOME=/tmp";
	char *env[] = { path, lang, home, NULL };
	char *cache = kl_format("GOCACHE=%s/cache", bench->dir);

	redirect(bench, "stdin", O_RDONLY, 0);
	redirect(bench, "stdout", O_WRONLY | O_TRUNC, 1);
	redirect(bench, "stderr", O_WRONLY | O_TRUNC, 2);
	redirect(bench, "result", O_WRONLY | O_TRUNC, 3);
	if (chdir(bench->dir))
		_exit(126);
	for (char **arg = argv; *arg; arg++) {
		char *memory = strstr(*arg, "{memory_mib}");

		if (!strncmp(*arg, "GOCACHE=", 8))
			*arg = cache;
		else if (memory)
			*arg = kl_format("%.*s256%s", (int)(memory - *arg), *arg, memory + 12);
	}
	execve(argv[0], argv, env);
	_exit(127);
}

static inline void read_back(struct bench *bench, const char *name, struct kl_buf *out)
{
	char *path = kl_path_join(bench->dir, name);

	kl_buf_clear(out);
	assert_int_equal(kl_file_read(out, path, NULL), KL_OK);
	free(path);
}

static inline void run_argv(struct bench *bench, char **argv, const char *input, size_t len)
{
	char *path = kl_path_join(bench->dir, "stdin");
	pid_t pid;

	assert_int_equal(kl_file_write(path, input, len, 0600, NULL), KL_OK);
	free(path);
	pid = fork();
	if (!pid)
		become(bench, argv);
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &bench->wait_status, 0), pid);
	read_back(bench, "stdout", &bench->out);
	read_back(bench, "stderr", &bench->err);
	read_back(bench, "result", &bench->result);
}

/* Builds code for challenge in a new folder and compiles it. */
static inline void bench_open(struct bench *bench, const struct kl_challenge *challenge,
			      const struct kl_language *language, const char *code)
{
	struct kl_error err = { .message = "" };

	snprintf(bench->dir, sizeof(bench->dir), "/tmp/kl-harness-XXXXXX");
	assert_non_null(mkdtemp(bench->dir));
	kl_buf_init(&bench->out, 1 << 20);
	kl_buf_init(&bench->err, 1 << 20);
	kl_buf_init(&bench->result, 1 << 20);
	assert_int_equal(kl_harness_build(&bench->harness, challenge, language, code, strlen(code), &err), KL_OK);
	for (size_t i = 0; i < bench->harness.file_count; i++) {
		const struct kl_file *file = &bench->harness.files[i];
		char *path = kl_path_join(bench->dir, file->name);

		assert_int_equal(kl_file_write(path, file->text, file->len, 0600, NULL), KL_OK);
		free(path);
	}
	if (!bench->harness.compile)
		return;
	run_argv(bench, bench->harness.compile, "", 0);
	if (bench->wait_status)
		print_error("%s does not compile:\n%s%s\n", language->name, bench->out.data, bench->err.data);
	assert_int_equal(bench->wait_status, 0);
}

static inline void bench_close(struct bench *bench)
{
	kl_harness_release(&bench->harness);
	kl_buf_release(&bench->out);
	kl_buf_release(&bench->err);
	kl_buf_release(&bench->result);
	assert_int_equal(kl_file_remove_tree(bench->dir, NULL), KL_OK);
}

/* The language, or a skipped test where its tools are missing. */
static inline const struct kl_language *language_or_skip(const char *id)
{
	const struct kl_language *language = kl_language_find(id);

	assert_non_null(language);
	if (!kl_language_ready(language, NULL, 0))
		skip();
	return language;
}

#endif
