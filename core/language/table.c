/*
 * The rows. Commands run inside the box: /usr read-only, work folder /box, so every program is named by its path in
 * /usr/bin and never found by the student's PATH (pyenv, cargo, nvm). The flags are ours alone: a student's flag could
 * load a plug-in or read a file.
 */

#include "core/language/table_int.h"

#include <kodelab/alloc.h>

#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* clang-format off */

/*
 * tsc itself would load the browser's types (1.2 s) and knows neither console nor fs without @types/node. The compiler's
 * API with the plain ECMAScript library and these few declarations takes a third of that and still checks every type.
 * Like plain tsc it is not strict: what compiles on another judge compiles here.
 */
static const char tsc_driver[] =
	"const fs = require('fs');\n"
	"const ts = require(fs.realpathSync('/usr/bin/tsc').replace(/bin\\/tsc$/, 'lib/typescript.js'));\n"
	"const own = `type Out = (...a: any[]) => void;\n"
	"declare var console: { log: Out, error: Out, warn: Out, info: Out, debug: Out, table: Out };\n"
	"declare var process: any, require: any, module: any, exports: any, global: any, Buffer: any;\n"
	"declare var performance: { now(): number };\n"
	"declare function setTimeout(f: Out, ms?: number, ...a: any[]): any;\n"
	"declare function setInterval(f: Out, ms?: number, ...a: any[]): any;\n"
	"declare function setImmediate(f: Out, ...a: any[]): any;\n"
	"declare function clearTimeout(t: any): void;\n"
	"declare function clearInterval(t: any): void;\n"
	"declare function queueMicrotask(f: () => void): void;\n"
	"declare function structuredClone<T>(value: T): T;\n"
	"declare module '*';`;\n"
	"const options = { target: ts.ScriptTarget.ES2021, lib: ['lib.es2021.d.ts'], module: ts.ModuleKind.CommonJS, types: [],\n"
	"	skipLibCheck: true, noEmitOnError: true, inlineSourceMap: true, esModuleInterop: true };\n"
	"const host = ts.createCompilerHost(options), read = host.getSourceFile;\n"
	"host.getSourceFile = (name, ...rest) => name === 'node.d.ts' ? ts.createSourceFile(name, own, rest[0]) : read(name, ...rest);\n"
	"const program = ts.createProgram(['node.d.ts', ...process.argv.slice(1)], options, host);\n"
	"const found = ts.sortAndDeduplicateDiagnostics([...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics]);\n"
	"process.stderr.write(ts.formatDiagnostics(found.slice(0, 20), host));\n"
	"process.exitCode = found.length ? 1 : 0;\n";

/* What compilers and interpreters say, with examples of each form in tests/unit/test_language.c. */
#define AT_GCC \
	"(?mJ)^(?<file>[^\\s:][^:\\n]*):(?<line>\\d+):(?:(?<column>\\d+):)? " \
	"(?<severity>fatal error|error|warning|runtime error): (?<message>.*)" \
	"|^\\w+: (?<file>[^\\s:]+):(?<line>\\d+): .*: (?<message>Assertion .*)"
#define AT_PYTHON \
	"(?mJ)^ *File \"(?<file>[^\"\\n]+)\", line (?<line>\\d+).*" \
	"(?:(?=\\n    .*\\n    (?<caret>[ \\t]*)\\^+\\n(?<message>(?:Syntax|Indentation|Tab)Error: .*))" \
	"|(?=(?:\\n[ \\t].*)*\\n(?<message>\\S.*)|))"
#define AT_JAVA \
	"(?mJ)^(?<file>[\\w$/.]+\\.java):(?<line>\\d+): (?<severity>error|warning): (?<message>.*)" \
	"|^Exception in thread \"[^\"\\n]*\" (?<message>.*)(?:\\n\\s+at .*/.*)*\\n\\s+at [^/(\\n]*\\((?<file>[\\w$]+\\.java):(?<line>\\d+)\\)" \
	"|^\\s+at [^/(\\n]*\\((?<file>[\\w$]+\\.java):(?<line>\\d+)\\)"
#define AT_NODE \
	"^(?:file://)?(?<file>[^:\\s]+\\.[cm]?[jt]s):(?<line>\\d+)\\n" \
	"(?:.*\\n(?<caret>[ \\t]*)\\^+\\n(?:.*\\n){0,4}?|(?:.*\\n){2,6}?)(?<message>(?:Uncaught )?\\w*(?:Error|Exception)\\b.*)" \
	"|^\\s+at (?:[^(\\n]*\\()?(?<file>[^():\\s]+):(?<line>\\d+):(?<column>\\d+)\\)?$"
#define AT_GO \
	"(?mJ)^(?:\\./)?(?<file>[^\\s:]+\\.go):(?<line>\\d+):(?<column>\\d+): (?<message>.*)" \
	"|^panic: (?<message>.*)(?:\\n(?!\\t(?:/box/)?[^/\\s:]+:).*)*\\n\\t(?<file>(?:/box/)?[^/\\s:]+):(?<line>\\d+)" \
	"|^\\t(?<file>(?:/box/)?[^/\\s:]+):(?<line>\\d+)"
#define AT_RUST \
	"(?mJ)^(?<severity>error|warning)(?:\\[\\w+\\])?: (?<message>.*)\\n *--> (?<file>[^:\\n]+):(?<line>\\d+):(?<column>\\d+)" \
	"|^thread .* panicked at '(?<message>(?:.|\\n)*?)', (?<file>[^:\\n]+):(?<line>\\d+):(?<column>\\d+)$" \
	"|^thread .* panicked at (?<file>[^:'\\n]+):(?<line>\\d+):(?<column>\\d+):\\n(?<message>.*)"
#define AT_BASH \
	"(?mJ)^(?<file>[^\\s:]+): line (?<line>\\d+): (?<message>(?!`.*'$).*)"
#define AT_RUBY \
	"(?mJ)^(?:\\s+from )?(?<file>[^\\s:]+\\.rb):(?<line>\\d+):(?:in [`'][^'\\n]*':?)? ?(?:(?<severity>warning): )?(?<message>.*)" \
	"(?=\\n(?!\\.\\.\\.).*\\n(?<caret>[ \\t]*)[\\^~]+$|)"
#define AT_SQLITE \
	"(?mJ)^(?:Parse error|Runtime error|Error): ?near line (?<line>\\d+): (?<message>.*)" \
	"|^(?:Parse|Runtime) error near line (?<line>\\d+): (?<message>.*)"

/*
 * What those that read their source at each run say when they cannot: examples in tests/unit/test_refused.c. An error of
 * the same name that the program raised while it ran comes with frames of the program, or from "<string>" or "eval".
 */
#define REFUSED_PYTHON \
	"\\A(?:.*Warning: .*\\n(?:  .*\\n)?)*" \
	"(?:  File \"(?<file>[^\"\\n]+)\", line (?<line>\\d+)\\n(?:    (?<quote>.*)\\n(?:    [ \\t]*\\^+\\n)?)?" \
	"(?:Syntax|Indentation|Tab)Error: .*|SyntaxError: (?:Non-UTF-8 code|encoding problem).*)\\n?\\z"
#define REFUSED_NODE \
	"\\A(?:file://)?(?<file>[^:\\s]+\\.[cm]?js):(?<line>\\d+)\\n(?<quote>.*)\\n.*\\n\\n?SyntaxError: .*" \
	"(?=\\n    at [^(\\n]*\\((?:node:)?(?:internal/|vm[.:]))"
#define REFUSED_BASH \
	"(?m)^(?<file>[^\\s:]+): line (?<line>\\d+): " \
	"(?:syntax error near|syntax error: unexpected end|unexpected EOF while looking|.*\\bconditional (?:un|bin)ary operator).*" \
	"(?:\\n[^\\s:]+: line \\d+: (?:`|syntax error).*)*"
#define REFUSED_RUBY \
	"\\A(?:.*\\n){0,40}?(?<file>[^\\s:]+\\.rb):(?<line>\\d+): (?!warning)" \
	"(?:syntax error|.*meets end of file|can't find string|embedded document meets|invalid multibyte|.*\\n.*\\n *[\\^~]+\\n)" \
	"(?:.|\\n)*"

const struct kl_language language_table[] = {
	{
		.id = "python", .name = "Python", .suffix = "py", .aliases = "py python3 pyw",
		.source = "solution.py",
		.run = ARGV("/usr/bin/python3", "-B", "{source}"),
		.tools = ARGV("python3"), .package = "python3", .version_flag = "--version",
		.judge0 = "(?i)^python \\(3", .location = AT_PYTHON, .refused = REFUSED_PYTHON,
		.line_comment = "#", .syntax = "python", .indent = { 4, false },
		.harness = true, .cpu_factor_percent = 100,
	},
	{
		.id = "c", .name = "C", .suffix = "c", .aliases = "c17 c11 h",
		.source = "solution.c", .program = "program",
		.compile = ARGV("/usr/bin/gcc", "-std=c17", "-O2", "-Wall", "-Wextra", "-Wno-unused-parameter",
				"-fmax-errors=20",
				"-fdiagnostics-color=never", "-o", "{program}", "{source}", "-lm"),
		.run = ARGV("./{program}"),
		.tools = ARGV("gcc"), .package = "gcc", .version_flag = "--version",
		.judge0 = "(?i)^c \\((gcc|clang)", .location = AT_GCC,
		.line_comment = "//", .block_open = "/*", .block_close = "*/", .syntax = "c", .indent = { 4, false },
		.harness = true, .cpu_factor_percent = 100,
	},
	{
		.id = "cpp", .name = "C++", .suffix = "cpp", .aliases = "c++ cc cxx c++17 hpp hh hxx",
		.source = "solution.cpp", .program = "program",
		.compile = ARGV("/usr/bin/g++", "-std=c++17", "-O2", "-Wall", "-Wextra", "-Wno-unused-parameter",
				"-fmax-errors=20",
				"-fdiagnostics-color=never", "-o", "{program}", "{source}"),
		.run = ARGV("./{program}"),
		.tools = ARGV("g++"), .package = "g++", .version_flag = "--version",
		.judge0 = "(?i)^c\\+\\+ \\((gcc|g\\+\\+|clang)", .location = AT_GCC,
		.line_comment = "//", .block_open = "/*", .block_close = "*/", .syntax = "cpp", .indent = { 4, false },
		.harness = true, .compile_cpu_ms = 15000, .cpu_factor_percent = 100,
	},
	{
		.id = "java", .name = "Java", .suffix = "java", .aliases = "jdk openjdk",
		.source = "Main.java", .program = "Main",
		.compile = ARGV("/usr/bin/javac", "-J-XX:+UseSerialGC", "-J-XX:TieredStopAtLevel=1", "-J-Xmx512m",
				"-encoding", "UTF-8", "-proc:none", "-Xmaxerrs", "20", "-d", ".", "{source}"),
		.run = ARGV("/usr/bin/java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss8m",
			    "-Xmx{memory_mib}m", "-cp", ".", "{program}"),
		.tools = ARGV("javac", "java"), .package = "default-jdk-headless", .version_flag = "--version",
		.judge0 = "(?i)^java \\((open)?jdk", .location = AT_JAVA,
		.binds = ARGV("/etc/java-*-openjdk"),
		.line_comment = "//", .block_open = "/*", .block_close = "*/", .syntax = "java", .indent = { 4, false },
		.harness = true, .no_address_limit = true, .compile_cpu_ms = 15000, .cpu_factor_percent = 200,
	},
	{
		.id = "javascript", .name = "JavaScript", .suffix = "js", .aliases = "node nodejs mjs cjs",
		.source = "solution.js",
		.run = ARGV("/usr/bin/node", "--max-old-space-size={memory_mib}", "--stack-size=6000", "{source}"),
		.tools = ARGV("node"), .package = "nodejs", .version_flag = "--version",
		.judge0 = "(?i)^javascript \\(node", .location = "(?mJ)" AT_NODE, .refused = REFUSED_NODE,
		.line_comment = "//", .block_open = "/*", .block_close = "*/", .syntax = "javascript", .indent = { 2, false },
		.harness = true, .no_address_limit = true, .cpu_factor_percent = 100,
	},
	{
		.id = "typescript", .name = "TypeScript", .suffix = "ts", .aliases = "tsc mts cts",
		.source = "solution.ts", .program = "solution.js",
		.compile = ARGV("/usr/bin/node", "-e", tsc_driver, "{source}"),
		.run = ARGV("/usr/bin/node", "--enable-source-maps", "--max-old-space-size={memory_mib}", "--stack-size=6000",
			    "{program}"),
		.tools = ARGV("tsc", "node"), .package = "node-typescript", .version_flag = "--version",
		.judge0 = "(?i)^typescript \\(",
		.location = "(?mJ)^(?<file>[^\\s(]+)\\((?<line>\\d+),(?<column>\\d+)\\): (?<severity>error|warning) "
			    "(?:TS\\d+: )?(?<message>.*)|" AT_NODE,
		.line_comment = "//", .block_open = "/*", .block_close = "*/", .syntax = "typescript", .indent = { 2, false },
		.harness = true, .no_address_limit = true, .compile_cpu_ms = 15000, .cpu_factor_percent = 100,
	},
	{
		.id = "go", .name = "Go", .suffix = "go", .aliases = "golang",
		.source = "solution.go", .program = "program",
		.compile = ARGV("/usr/bin/env", "HOME=/tmp", "GOCACHE=/tmp/go-build", "GO111MODULE=off", "CGO_ENABLED=0",
				"GOFLAGS=", "/usr/bin/go", "build", "-o", "{program}", "{source}"),
		.run = ARGV("./{program}"),
		.tools = ARGV("go"), .package = "golang-go", .version_flag = "version",
		.judge0 = "(?i)^go \\(", .location = AT_GO,
		.line_comment = "//", .block_open = "/*", .block_close = "*/", .syntax = "go", .indent = { 8, true },
		.harness = true, .no_address_limit = true, .compile_cpu_ms = 30000, .cpu_factor_percent = 100,
	},
	{
		.id = "rust", .name = "Rust", .suffix = "rs", .aliases = "rustc",
		.source = "solution.rs", .program = "program",
		.compile = ARGV("/usr/bin/rustc", "--edition=2021", "-O", "--color=never", "-o", "{program}", "{source}"),
		.run = ARGV("./{program}"),
		.tools = ARGV("rustc", "cc"), .package = "rustc", .version_flag = "--version",
		.judge0 = "(?i)^rust \\(", .location = AT_RUST,
		.line_comment = "//", .block_open = "/*", .block_close = "*/", .syntax = "rust", .indent = { 4, false },
		.harness = true, .compile_cpu_ms = 20000, .cpu_factor_percent = 100,
	},
	{
		.id = "bash", .name = "Bash", .suffix = "sh", .aliases = "shell",
		.source = "solution.sh",
		.run = ARGV("/usr/bin/bash", "{source}"),
		.tools = ARGV("bash"), .package = "bash", .version_flag = "--version",
		.judge0 = "(?i)^bash \\(", .location = AT_BASH, .refused = REFUSED_BASH,
		.line_comment = "#", .syntax = "bash", .indent = { 4, false },
		.harness = true, .cpu_factor_percent = 200,
	},
	{
		.id = "ruby", .name = "Ruby", .suffix = "rb", .aliases = "",
		.source = "solution.rb",
		.run = ARGV("/usr/bin/ruby", "{source}"),
		.tools = ARGV("ruby"), .package = "ruby", .version_flag = "--version",
		.judge0 = "(?i)^ruby \\(", .location = AT_RUBY, .refused = REFUSED_RUBY,
		.line_comment = "#", .block_open = "=begin", .block_close = "=end", .syntax = "ruby", .indent = { 2, false },
		.harness = true, .cpu_factor_percent = 100,
	},
	{
		.id = "sql", .name = "SQL", .suffix = "sql", .aliases = "sqlite sqlite3",
		.source = "solution.sql",
		.run = ARGV("/usr/bin/sqlite3", "-batch", "-bail", "-list", "-noheader", ":memory:", ".read /dev/stdin",
			    ".read {source}"),
		.tools = ARGV("sqlite3"), .package = "sqlite3", .version_flag = "--version",
		.judge0 = "(?i)^sql \\(sqlite", .location = AT_SQLITE,
		.line_comment = "--", .block_open = "/*", .block_close = "*/", .syntax = "sql", .indent = { 4, false },
		.cpu_factor_percent = 100,
	},
};

/* clang-format on */

const size_t language_table_count = KL_LENGTH(language_table);
