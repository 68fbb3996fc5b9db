/* The table: names, instances, places in real messages, missing tools, and each language run in a box of bubblewrap. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <glob.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/language.h>

enum { ARGS = 128 };

static void names(void **state)
{
	static const struct {
		const char *name, *id;
	} cases[] = {
		{ "python", "python" }, { "PY", "python" }, { "python3", "python" },  { "C++", "cpp" },
		{ "cc", "cpp" },        { "c", "c" },       { "node", "javascript" }, { "Js", "javascript" },
		{ "ts", "typescript" }, { "golang", "go" }, { "rs", "rust" },         { "sh", "bash" },
		{ "Bash", "bash" },     { "rb", "ruby" },   { "sqlite3", "sql" },     { "java", "java" },
		{ "", NULL },           { "pytho", NULL },  { "py python3", NULL },   { "cobol", NULL },
		{ NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		const struct kl_language *found = kl_language_find(cases[i].name);

		if (cases[i].id)
			assert_string_equal(found->id, cases[i].id);
		else
			assert_null(found);
	}
	assert_int_equal(kl_language_count(), 11);
	assert_null(kl_language_at(11));
}

static void files(void **state)
{
	static const struct {
		const char *path, *id;
	} cases[] = {
		{ "a/b.rs", "rust" },  { "Main.java", "java" }, { "x.y/solution.hpp", "cpp" },
		{ "UP.PY", "python" }, { "a.rs/b", NULL },      { "Makefile", NULL },
		{ ".c", NULL },        { "x.", NULL },          { "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		const struct kl_language *found = kl_language_of_file(cases[i].path);

		if (cases[i].id)
			assert_string_equal(found->id, cases[i].id);
		else
			assert_null(found);
	}
}

static void rows_are_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < kl_language_count(); i++) {
		const struct kl_language *row = kl_language_at(i);

		assert_ptr_equal(kl_language_find(row->id), row);
		assert_ptr_equal(kl_language_find(row->suffix), row);
		assert_ptr_equal(kl_language_of_file(row->source), row);
		assert_true(row->run && row->run[0] && row->tools[0] && row->package && row->version_flag);
		assert_true(row->line_comment && row->syntax && row->aliases && !row->block_open == !row->block_close);
		assert_in_range(row->cpu_factor_percent, 100, 400);
		assert_in_range(row->indent.width, 2, 8);
		assert_true(row->run[0][0] == '/' || !strcmp(row->run[0], "./{program}"));
	}
}

static pcre2_code *compiled(const char *pattern)
{
	PCRE2_SIZE where;
	int problem;
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, 0, &problem, &where, NULL);

	if (!code)
		fail_msg("%s: problem %d at %zu", pattern, problem, where);
	return code;
}

/* Names as instances of Judge0 1.13 and 1.14 list them. */
static void instances(void **state)
{
	static const struct {
		const char *name, *id;
	} cases[] = {
		{ "C (GCC 9.2.0)", "c" },
		{ "C (gcc 4.8.5)", "c" },
		{ "C (Clang 19.1.7)", "c" },
		{ "C++ (GCC 14.1.0)", "cpp" },
		{ "C++ (Clang 7.0.1)", "cpp" },
		{ "Java (OpenJDK 13.0.1)", "java" },
		{ "Java (JDK 17.0.6)", "java" },
		{ "JavaScript (Node.js 12.14.0)", "javascript" },
		{ "JavaScript (nodejs 8.5.0)", "javascript" },
		{ "TypeScript (3.7.4)", "typescript" },
		{ "Python (3.8.1)", "python" },
		{ "Go (1.13.5)", "go" },
		{ "Rust (1.40.0)", "rust" },
		{ "Bash (5.0.0)", "bash" },
		{ "Ruby (2.7.0)", "ruby" },
		{ "SQL (SQLite 3.27.2)", "sql" },
		{ "Python (2.7.17)", NULL },
		{ "Objective-C (Clang 7.0.1)", NULL },
		{ "C# (Mono 6.6.0.161)", NULL },
		{ "JavaFX (JDK 17.0.6, OpenJFX 22.0.2)", NULL },
		{ "Python for ML (3.11.2)", NULL },
		{ "Common Lisp (SBCL 2.0.0)", NULL },
		{ "Java Test (OpenJDK 14.0.1)", NULL },
		{ "Cobol (GnuCOBOL 2.2)", NULL },
	};
	pcre2_match_data *match = pcre2_match_data_create(4, NULL);

	(void)state;
	for (size_t l = 0; l < kl_language_count(); l++) {
		const struct kl_language *row = kl_language_at(l);
		pcre2_code *code = compiled(row->judge0);

		for (size_t i = 0; i < KL_LENGTH(cases); i++) {
			bool fits = pcre2_match(code, (PCRE2_SPTR)cases[i].name, PCRE2_ZERO_TERMINATED, 0, 0, match,
						NULL) > 0;

			if (fits != (cases[i].id && !strcmp(cases[i].id, row->id)))
				fail_msg("%s and '%s': %d", row->id, cases[i].name, fits);
		}
		pcre2_code_free(code);
	}
	pcre2_match_data_free(match);
}

/* Adds "file:line:column severity message" of the match, what is unset as nothing. */
static void add_place(struct kl_buf *out, const pcre2_code *code, pcre2_match_data *match)
{
	static const char *const groups[] = { "file", "line", "column", "severity", "message" };
	static const char *const before[] = { "", ":", ":", " ", " " };

	for (size_t i = 0; i < KL_LENGTH(groups); i++) {
		PCRE2_UCHAR *text;
		PCRE2_SIZE len;

		if (pcre2_substring_get_byname(match, (PCRE2_SPTR)groups[i], &text, &len))
			continue;
		kl_buf_add_str(out, before[i]);
		kl_buf_add(out, text, len);
		pcre2_substring_free(text);
	}
	kl_buf_add_char(out, '\n');
	(void)code;
}

static char *places(const char *pattern, const char *text)
{
	pcre2_code *code = compiled(pattern);
	pcre2_match_data *match = pcre2_match_data_create_from_pattern(code, NULL);
	const PCRE2_SIZE *found = pcre2_get_ovector_pointer(match);
	size_t at = 0, len = strlen(text);
	struct kl_buf out;

	kl_buf_init(&out, 4096);
	while (at <= len && pcre2_match(code, (PCRE2_SPTR)text, len, at, PCRE2_NOTEMPTY, match, NULL) > 0) {
		add_place(&out, code, match);
		at = found[1];
	}
	pcre2_match_data_free(match);
	pcre2_code_free(code);
	return kl_buf_detach(&out);
}

/* Real messages of the tools named, and the places in them. */
static const struct {
	const char *id, *text, *want;
} messages[] = {
	{ "c",
	  "solution.c: In function 'main':\nsolution.c:2:40: warning: returning 'char *' [-Wint-conversion]\n"
	  "    2 | int main(void){ return \"a\"; }\n      |                        ^~~\n"
	  "solution.c:3:5: note: declared here\nsolution.c:4:1: fatal error: x.h: No such file or directory\n",
	  "solution.c:2:40 warning returning 'char *' [-Wint-conversion]\n"
	  "solution.c:4:1 fatal error x.h: No such file or directory\n" },
	{ "c", "program: solution.c:2: main: Assertion `0' failed.\n", "solution.c:2 Assertion `0' failed.\n" },
	{ "cpp", "solution.cpp:7:12: error: 'x' was not declared in this scope\n",
	  "solution.cpp:7:12 error 'x' was not declared in this scope\n" },
	{ "java", "Main.java:3: error: ';' expected\n    int x = 1\n             ^\n1 error\n",
	  "Main.java:3 error ';' expected\n" },
	{ "java",
	  "Exception in thread \"main\" java.util.InputMismatchException: For input string\n"
	  "\tat java.base/java.util.Scanner.throwFor(Scanner.java:939)\n"
	  "\tat java.base/java.util.Scanner.nextInt(Scanner.java:2263)\n"
	  "\tat Main.read(Main.java:8)\n\tat Main.main(Main.java:4)\n",
	  "Main.java:8 java.util.InputMismatchException: For input string\nMain.java:4\n" },
	{ "python",
	  "Traceback (most recent call last):\n  File \"/box/solution.py\", line 3, in <module>\n    f()\n"
	  "  File \"/box/solution.py\", line 2, in f\n    return 1/0\n           ~^~\nZeroDivisionError: division by zero\n",
	  "/box/solution.py:3 ZeroDivisionError: division by zero\n"
	  "/box/solution.py:2 ZeroDivisionError: division by zero\n" },
	{ "python", "  File \"/box/solution.py\", line 1\n    def f(:\n          ^\nSyntaxError: invalid syntax\n",
	  "/box/solution.py:1 SyntaxError: invalid syntax\n" },
	{ "javascript",
	  "/box/solution.js:2\n  return a.y.z\n             ^\n\nTypeError: Cannot read properties of undefined\n"
	  "    at f (/box/solution.js:2:14)\n    at Object.<anonymous> (/box/solution.js:4:1)\n"
	  "    at Module._compile (node:internal/modules/cjs/loader:1521:14)\n    at node:internal/main:28:49\n",
	  "/box/solution.js:2 TypeError: Cannot read properties of undefined\n"
	  "/box/solution.js:2:14\n/box/solution.js:4:1\n" },
	{ "javascript", "/box/solution.js:1\nlet x = ;\n        ^\n\nSyntaxError: Unexpected token ';'\n",
	  "/box/solution.js:1 SyntaxError: Unexpected token ';'\n" },
	{ "typescript", "solution.ts(3,15): error TS2339: Property 'foo' does not exist on type 'number'.\n",
	  "solution.ts:3:15 error Property 'foo' does not exist on type 'number'.\n" },
	{ "go", "# command-line-arguments\n./solution.go:4:2: x declared but not used\n",
	  "solution.go:4:2 x declared but not used\n" },
	{ "go",
	  "panic: runtime error: index out of range [3] with length 0\n\ngoroutine 1 [running]:\nmain.f(...)\n"
	  "\t/box/solution.go:3\nmain.main()\n\t/box/solution.go:6 +0x1a\n",
	  "/box/solution.go:3 runtime error: index out of range [3] with length 0\n/box/solution.go:6\n" },
	{ "rust", "error[E0308]: mismatched types\n --> solution.rs:1:25\n  |\n1 | fn main() {}\n",
	  "solution.rs:1:25 error mismatched types\n" },
	{ "rust", "thread 'main' panicked at 'index out of bounds: the len is 1', solution.rs:2:32\nnote: run\n",
	  "solution.rs:2:32 index out of bounds: the len is 1\n" },
	{ "rust", "thread 'main' panicked at solution.rs:2:32:\nindex out of bounds\n",
	  "solution.rs:2:32 index out of bounds\n" },
	{ "bash", "solution.sh: line 4: syntax error: unexpected end of file\n",
	  "solution.sh:4 syntax error: unexpected end of file\n" },
	{ "ruby",
	  "solution.rb:2:in `f': undefined method `foo' for 1:Integer (NoMethodError)\n\tfrom solution.rb:4:in `<main>'\n",
	  "solution.rb:2 undefined method `foo' for 1:Integer (NoMethodError)\nsolution.rb:4 \n" },
	{ "ruby", "solution.rb:2: syntax error, unexpected end\nsolution.rb:1: warning: unused x\n",
	  "solution.rb:2 syntax error, unexpected end\nsolution.rb:1 warning unused x\n" },
	{ "sql", "Parse error near line 3: no such table: nope\n", ":3 no such table: nope\n" },
	{ "sql", "Runtime error near line 2: UNIQUE constraint failed: t.id (19)\n",
	  ":2 UNIQUE constraint failed: t.id (19)\n" },
	{ "sql", "Error: near line 1: near \"SELEC\": syntax error\n", ":1 near \"SELEC\": syntax error\n" },
};

static void places_in_messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < KL_LENGTH(messages); i++) {
		char *found = places(kl_language_find(messages[i].id)->location, messages[i].text);

		if (strcmp(found, messages[i].want) != 0)
			fail_msg("%s:\n%s gives\n%s wanted\n%s", messages[i].id, messages[i].text, found,
				 messages[i].want);
		free(found);
	}
}

static void missing_tools(void **state)
{
	char folder[] = "/tmp/kodelab-tools-XXXXXX", need[128] = "x", *tool, *both;

	(void)state;
	assert_non_null(mkdtemp(folder));
	setenv("KL_TOOLS_PATH", folder, 1);
	assert_false(kl_language_ready(kl_language_find("c"), need, sizeof(need)));
	assert_string_equal(need, "needs gcc: sudo apt install gcc");
	assert_false(kl_language_ready(kl_language_find("java"), need, sizeof(need)));
	assert_string_equal(need, "needs javac: sudo apt install default-jdk-headless");
	assert_false(kl_language_ready(kl_language_find("c"), NULL, 0));

	tool = kl_format("%s/gcc", folder);
	assert_int_equal(kl_file_write(tool, "", 0, 0600, NULL), KL_OK);
	if (getuid() != 0) /* root passes access(X_OK) on any file with an x bit only, and on this one neither */
		assert_false(kl_language_ready(kl_language_find("c"), need, sizeof(need)));
	assert_int_equal(chmod(tool, 0700), 0);
	both = kl_format("/nonexistent::%s", folder);
	setenv("KL_TOOLS_PATH", both, 1);
	assert_true(kl_language_ready(kl_language_find("c"), need, sizeof(need)));
	assert_string_equal(need, "");
	unsetenv("KL_TOOLS_PATH");
	assert_int_equal(kl_file_remove_tree(folder, NULL), KL_OK);
	free(tool);
	free(both);
}

/* Programs that read two numbers and print their sum; SQL gets its table on standard input. */
static const struct {
	const char *id, *code, *input, *output;
} programs[] = {
	{ "python", "print(sum(map(int, input().split())))\n", "2 40\n", "42\n" },
	{ "c",
	  "#include <stdio.h>\n#include <math.h>\nint main(void)\n{\n\tdouble a, b;\n"
	  "\tif (scanf(\"%lf %lf\", &a, &b) != 2)\n\t\treturn 1;\n\tprintf(\"%.0f\\n\", sqrt((a + b) * (a + b)));\n}\n",
	  "2 40\n", "42\n" },
	{ "cpp",
	  "#include <iostream>\nint main()\n{\n\tint a, b;\n\tstd::cin >> a >> b;\n\tstd::cout << a + b << '\\n';\n}\n",
	  "2 40\n", "42\n" },
	{ "java",
	  "import java.util.*;\npublic class Main {\n\tpublic static void main(String[] args) {\n"
	  "\t\tScanner in = new Scanner(System.in);\n\t\tSystem.out.println(in.nextInt() + in.nextInt());\n\t}\n}\n",
	  "2 40\n", "42\n" },
	{ "javascript",
	  "const [a, b] = require('fs').readFileSync(0, 'utf8').split(' ').map(Number);\nconsole.log(a + b);\n",
	  "2 40\n", "42\n" },
	{ "typescript",
	  "import { readFileSync } from 'fs';\nimport * as readline from 'node:readline';\n"
	  "const [a, b]: number[] = readFileSync(0, 'utf8').split(' ').map(Number);\n"
	  "console.log(a + b, typeof readline.createInterface);\nprocess.exit(0);\n",
	  "2 40\n", "42 function\n" },
	{ "go",
	  "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tvar a, b int\n\tfmt.Scan(&a, &b)\n\tfmt.Println(a + b)\n}\n",
	  "2 40\n", "42\n" },
	{ "rust",
	  "use std::io::Read;\nfn main() {\n    let mut s = String::new();\n    std::io::stdin().read_to_string(&mut s).unwrap();\n"
	  "    println!(\"{}\", s.split_whitespace().map(|x| x.parse::<i64>().unwrap()).sum::<i64>());\n}\n",
	  "2 40\n", "42\n" },
	{ "bash", "read -r a b\ncat <(echo $((a + b)))\n", "2 40\n", "42\n" },
	{ "ruby", "puts gets.split.sum(&:to_i)\n", "2 40\n", "42\n" },
	{ "sql", "SELECT name, points * 2 FROM marks ORDER BY points;\n",
	  "CREATE TABLE marks(name TEXT, points INTEGER);\nINSERT INTO marks VALUES ('a', 21), ('b', NULL);\n",
	  "b|\na|42\n" },
};

static const char *const box[] = {
	"bwrap",
	"--unshare-all",
	"--clearenv",
	"--setenv",
	"PATH",
	"/usr/bin:/bin",
	"--setenv",
	"LANG",
	"C.UTF-8",
	"--setenv",
	"HOME",
	"/box",
	"--ro-bind",
	"/usr",
	"/usr",
	"--symlink",
	"usr/bin",
	"/bin",
	"--symlink",
	"usr/lib",
	"/lib",
	"--symlink",
	"usr/lib64",
	"/lib64",
	"--ro-bind-try",
	"/etc/alternatives",
	"/etc/alternatives",
	"--ro-bind-try",
	"/etc/ld.so.cache",
	"/etc/ld.so.cache",
	"--proc",
	"/proc",
	"--dev",
	"/dev",
	"--tmpfs",
	"/tmp",
	"--die-with-parent",
	"--chdir",
	"/box",
};

static char *fill_in(const struct kl_language *row, const char *word)
{
	static const char *const names_of[] = { "{source}", "{program}", "{memory_mib}" };
	const char *values[] = { row->source, row->program, "256" };

	for (size_t i = 0; i < KL_LENGTH(values); i++) {
		const char *at = strstr(word, names_of[i]);

		if (at)
			return kl_format("%.*s%s%s", (int)(at - word), word, values[i], at + strlen(names_of[i]));
	}
	return kl_strdup(word);
}

/* Runs the command in the box; its status, or -1 when it did not exit. Output goes to folder/out and folder/err. */
static int run_in_box(const struct kl_language *row, const char *const *argv, const char *folder)
{
	const char *args[ARGS] = { NULL };
	char *filled[ARGS] = { NULL };
	size_t count = 0, own = 0;
	glob_t binds = { 0 };
	int status = -1;
	pid_t pid;

	for (; count < KL_LENGTH(box); count++)
		args[count] = box[count];
	args[count++] = "--bind";
	args[count++] = folder;
	args[count++] = "/box";
	for (size_t i = 0; row->binds && row->binds[i]; i++)
		(void)glob(row->binds[i], i ? GLOB_APPEND : 0, NULL, &binds);
	for (size_t i = 0; i < binds.gl_pathc && count < ARGS / 2; i++) {
		args[count++] = "--ro-bind";
		args[count++] = binds.gl_pathv[i];
		args[count++] = binds.gl_pathv[i];
	}
	for (; *argv; argv++)
		args[count++] = filled[own++] = fill_in(row, *argv);
	pid = fork();
	if (pid == 0) {
		if (chdir(folder) || !freopen("in", "r", stdin) || !freopen("out", "w", stdout) ||
		    !freopen("err", "w", stderr))
			_exit(126);
		execvp(args[0], (char **)(uintptr_t)args);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	while (own)
		free(filled[--own]);
	globfree(&binds);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void put(const char *folder, const char *name, const char *text)
{
	char *path = kl_format("%s/%s", folder, name);

	assert_int_equal(kl_file_write(path, text, strlen(text), 0600, NULL), KL_OK);
	free(path);
}

static char *get(const char *folder, const char *name)
{
	char *path = kl_format("%s/%s", folder, name);
	struct kl_buf out;

	kl_buf_init(&out, 65536);
	assert_int_equal(kl_file_read(&out, path, NULL), KL_OK);
	free(path);
	return kl_buf_detach(&out);
}

static bool has_box(void)
{
	static const char *const argv[] = { "/usr/bin/true", NULL };
	char folder[] = "/tmp/kodelab-box-XXXXXX";
	bool works;

	if (!mkdtemp(folder))
		return false;
	put(folder, "in", "");
	works = run_in_box(kl_language_find("c"), argv, folder) == 0;
	assert_int_equal(kl_file_remove_tree(folder, NULL), KL_OK);
	return works;
}

static void run_program(size_t index)
{
	const struct kl_language *row = kl_language_find(programs[index].id);
	char folder[] = "/tmp/kodelab-lang-XXXXXX", *out, *err;
	int status = 0;

	assert_non_null(mkdtemp(folder));
	put(folder, row->source, programs[index].code);
	put(folder, "in", programs[index].input);
	if (row->compile)
		status = run_in_box(row, row->compile, folder);
	if (!status)
		status = run_in_box(row, row->run, folder);
	out = get(folder, "out");
	err = get(folder, "err");
	if (status || strcmp(out, programs[index].output) != 0)
		fail_msg("%s: exit %d, printed '%s' and '%s'", row->id, status, out, err);
	free(out);
	free(err);
	assert_int_equal(kl_file_remove_tree(folder, NULL), KL_OK);
}

static void every_language_runs(void **state)
{
	char need[128];

	(void)state;
	assert_int_equal(KL_LENGTH(programs), kl_language_count());
	if (!has_box()) {
		print_message("skipped: bubblewrap does not work here\n");
		skip();
	}
	for (size_t i = 0; i < KL_LENGTH(programs); i++) {
		if (kl_language_ready(kl_language_find(programs[i].id), need, sizeof(need)))
			run_program(i);
		else
			print_message("skipped %s: %s\n", programs[i].id, need);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(files),
		cmocka_unit_test(rows_are_whole),
		cmocka_unit_test(instances),
		cmocka_unit_test(places_in_messages),
		cmocka_unit_test(missing_tools),
		cmocka_unit_test(every_language_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
