/*
 * Languages as rows: the newest active id that Judge0 CE 1.13 has for each family, so that a client that knows Judge0's
 * numbers finds them here. A further language is a row.
 */

#include "core/server/toolchain.h"

#include <kodelab/alloc.h>

#define BINDS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define JAVA_ETC   BINDS("/etc/java-*-openjdk")

/* clang-format off */
const struct toolchain_row toolchain_rows[] = {
	{ .id = TOOLCHAIN_PLAIN_TEXT, .format = "Plain Text", .source = "text.txt", .run = "/usr/bin/cat text.txt" },
	{ .id = TOOLCHAIN_EXECUTABLE, .format = "Executable", .source = "a.out",
	  .run = "/usr/bin/chmod +x a.out && ./a.out" },
	{ .id = 45, .format = "Assembly (NASM %s)", .source = "main.asm", .version = "nasm -v", .tool = "ld",
	  .compile = "/usr/bin/nasm -f elf64 -o main.o %s main.asm && /usr/bin/ld -o a.out main.o", .run = "./a.out" },
	{ .id = 46, .format = "Bash (%s)", .source = "script.sh", .version = "bash --version", .run = "/usr/bin/bash script.sh" },
	{ .id = 47, .format = "Basic (FBC %s)", .source = "main.bas", .version = "fbc --version",
	  .compile = "/usr/bin/fbc %s main.bas", .run = "./main" },
	{ .id = 50, .format = "C (GCC %s)", .source = "main.c", .version = "gcc --version",
	  .compile = "/usr/bin/gcc %s main.c -lm", .run = "./a.out" },
	{ .id = 51, .format = "C# (Mono %s)", .source = "Main.cs", .version = "mono --version", .tool = "mcs",
	  .compile = "/usr/bin/mcs %s Main.cs", .run = "/usr/bin/mono Main.exe", .no_address_limit = true },
	{ .id = 54, .format = "C++ (GCC %s)", .source = "main.cpp", .version = "g++ --version",
	  .compile = "/usr/bin/g++ %s main.cpp", .run = "./a.out" },
	{ .id = 55, .format = "Common Lisp (SBCL %s)", .source = "script.lisp", .version = "sbcl --version",
	  .run = "/usr/bin/sbcl --script script.lisp", .no_address_limit = true },
	{ .id = 57, .format = "Elixir (%s)", .source = "script.exs", .version = "elixir --short-version",
	  .run = "/usr/bin/elixir script.exs", .no_address_limit = true },
	{ .id = 58, .format = "Erlang (OTP %s)", .source = "main.erl",
	  .version = "erl -noshell -eval 'io:format(\"~s.0~n\", [erlang:system_info(otp_release)]), halt().'",
	  .run = "/usr/bin/sed -i '1s/^/\\n/' main.erl && /usr/bin/escript main.erl", .no_address_limit = true },
	{ .id = 59, .format = "Fortran (GFortran %s)", .source = "main.f90", .version = "gfortran --version",
	  .compile = "/usr/bin/gfortran %s main.f90", .run = "./a.out" },
	{ .id = 60, .format = "Go (%s)", .source = "main.go", .version = "go version",
	  .compile = "GOCACHE=/tmp/.cache/go-build GO111MODULE=off CGO_ENABLED=0 /usr/bin/go build %s main.go",
	  .run = "./main", .no_address_limit = true },
	{ .id = 61, .format = "Haskell (GHC %s)", .source = "main.hs", .version = "ghc --version",
	  .compile = "/usr/bin/ghc %s main.hs", .run = "./main", .no_address_limit = true },
	{ .id = 62, .format = "Java (OpenJDK %s)", .source = "Main.java", .version = "javac -version", .tool = "java",
	  .compile = "/usr/bin/javac -J-XX:+UseSerialGC -J-XX:TieredStopAtLevel=1 %s Main.java",
	  .run = "/usr/bin/java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 Main", .no_address_limit = true, .binds = JAVA_ETC },
	{ .id = 63, .format = "JavaScript (Node.js %s)", .source = "script.js", .version = "node --version",
	  .run = "/usr/bin/node script.js", .no_address_limit = true },
	{ .id = 64, .format = "Lua (%s)", .source = "script.lua", .version = "lua -v", .run = "/usr/bin/lua script.lua" },
	{ .id = 65, .format = "OCaml (%s)", .source = "main.ml", .version = "ocamlc -version",
	  .compile = "/usr/bin/ocamlc %s main.ml", .run = "./a.out" },
	{ .id = 66, .format = "Octave (%s)", .source = "script.m", .version = "octave-cli --version",
	  .run = "/usr/bin/octave-cli -q --no-gui --no-history script.m", .no_address_limit = true },
	{ .id = 67, .format = "Pascal (FPC %s)", .source = "main.pas", .version = "fpc -iV",
	  .compile = "/usr/bin/fpc %s main.pas", .run = "./main", .binds = BINDS("/etc/fpc*.cfg") },
	{ .id = 68, .format = "PHP (%s)", .source = "script.php", .version = "php --version", .run = "/usr/bin/php script.php" },
	{ .id = 69, .format = "Prolog (GNU Prolog %s)", .source = "main.pro", .version = "gplc --version",
	  .compile = "/usr/bin/gplc --no-top-level %s main.pro", .run = "./main" },
	{ .id = 70, .format = "Python (%s)", .source = "script.py", .version = "python2 --version", .run = "/usr/bin/python2 script.py" },
	{ .id = 71, .format = "Python (%s)", .source = "script.py", .version = "python3 --version", .run = "/usr/bin/python3 script.py" },
	{ .id = 72, .format = "Ruby (%s)", .source = "script.rb", .version = "ruby --version", .run = "/usr/bin/ruby script.rb" },
	{ .id = 73, .format = "Rust (%s)", .source = "main.rs", .version = "rustc --version", .tool = "cc",
	  .compile = "/usr/bin/rustc %s main.rs", .run = "./main" },
	{ .id = 74, .format = "TypeScript (%s)", .source = "script.ts", .version = "tsc --version", .tool = "node",
	  .compile = "/usr/bin/tsc %s script.ts", .run = "/usr/bin/node script.js", .no_address_limit = true },
	{ .id = 75, .format = "C (Clang %s)", .source = "main.c", .version = "clang --version",
	  .compile = "/usr/bin/clang %s main.c -lm", .run = "./a.out" },
	{ .id = 76, .format = "C++ (Clang %s)", .source = "main.cpp", .version = "clang++ --version",
	  .compile = "/usr/bin/clang++ %s main.cpp", .run = "./a.out" },
	{ .id = 77, .format = "COBOL (GnuCOBOL %s)", .source = "main.cob", .version = "cobc --version",
	  .compile = "/usr/bin/cobc -free -x %s main.cob", .run = "./main", .binds = BINDS("/etc/gnucobol*") },
	{ .id = 78, .format = "Kotlin (%s)", .source = "Main.kt", .version = "kotlinc -version", .tool = "java",
	  .compile = "/usr/bin/kotlinc %s Main.kt", .run = "/usr/bin/kotlin MainKt", .no_address_limit = true, .binds = JAVA_ETC },
	{ .id = 80, .format = "R (%s)", .source = "script.r", .version = "Rscript --version", .run = "/usr/bin/Rscript script.r",
	  .no_address_limit = true, .binds = BINDS("/etc/R") },
	{ .id = 81, .format = "Scala (%s)", .source = "Main.scala", .version = "scalac -version", .tool = "scala",
	  .compile = "/usr/bin/scalac %s Main.scala", .run = "/usr/bin/scala Main", .no_address_limit = true, .binds = JAVA_ETC },
	{ .id = 82, .format = "SQL (SQLite %s)", .source = "script.sql", .version = "sqlite3 --version",
	  .run = "/usr/bin/cat script.sql | /usr/bin/sqlite3 db.sqlite" },
	{ .id = 85, .format = "Perl (%s)", .source = "script.pl", .version = "perl --version", .run = "/usr/bin/perl script.pl" },
	{ .id = 86, .format = "Clojure (%s)", .source = "main.clj", .version = "clojure -e '(clojure-version)'", .tool = "java",
	  .run = "/usr/bin/clojure main.clj", .no_address_limit = true, .binds = JAVA_ETC },
	{ .id = 88, .format = "Groovy (%s)", .source = "script.groovy", .version = "groovy --version", .tool = "java",
	  .run = "/usr/bin/groovy script.groovy", .no_address_limit = true, .binds = JAVA_ETC },
	{ .id = TOOLCHAIN_MULTI_FILE, .format = "Multi-file program" },
};
/* clang-format on */

const size_t toolchain_row_count = KL_LENGTH(toolchain_rows);
