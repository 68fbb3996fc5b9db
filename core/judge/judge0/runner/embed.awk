# The runner's files as one text of C, line by line in an array: #include "runner.h" goes, for it comes first.
BEGIN {
	print "extern const char *const judge0_runner_lines[];"
	print "const char *const judge0_runner_lines[] = {"
}
/^#include "runner.h"$/ { next }
{
	gsub(/[\\"]/, "\\\\&")
	print "\"" $0 "\","
}
END { print "0 };" }
