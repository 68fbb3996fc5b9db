/* What a program that failed says on its standard error, per language: the line a person would look for. */

#define PCRE2_CODE_UNIT_WIDTH 8

#include "core/judge/judge_int.h"

#include <pcre2.h>
#include <signal.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/visible.h>

#define SAID_MAX    200 /* bytes of the sentence */
#define LOOK_AT     65536 /* bytes of standard error that are searched, at its end */
#define MATCH_LIMIT 100000

/* clang-format off */

/* The last match counts; "said" is the sentence. */
static const struct pattern {
	const char *language, *regex;
} patterns[] = {
	{ "python",     "(?m)^(?<said>(?!Traceback)[A-Za-z_][\\w.]*(?:: .*)?)$" },
	{ "java",       "(?m)^(?:Exception in thread \"[^\"\\n]*\" )(?<said>.+)$" },
	{ "javascript", "(?m)^(?:Uncaught )?(?<said>(?:\\w*Error(?: \\[\\w+\\])?|FATAL ERROR): .*)$" },
	{ "typescript", "(?m)^(?:Uncaught )?(?<said>(?:\\w*Error(?: \\[\\w+\\])?|FATAL ERROR): .*)$" },
	{ "ruby",       "(?m)^[^\\s:]+\\.rb:(?:\\d+:)?(?:in [`'].*?':)? ?(?<said>.*\\((?:\\w|::)+\\))$" },
	{ "ruby",       "(?m)^(?<said>\\w+Error: .*)$" },
	{ "go",         "(?m)^(?<said>(?:panic|fatal error): .*)$" },
	{ "rust",       "(?m)^thread '[^'\\n]*' (?<said>panicked at '(?:.|\\n)*?'), " },
	{ "rust",       "(?m)^thread '[^'\\n]*' panicked at [^'\\n]*:\\n(?<said>.*)$" },
	{ "rust",       "(?m)^thread '[^'\\n]*' (?<said>has overflowed its stack)$" },
	{ "cpp",        "(?m)^  what\\(\\):  (?<said>.*)$" },
	{ "cpp",        "(?m)^(?<said>terminate called after throwing an instance of .*)$" },
	{ "cpp",        "(?m)(?<said>Assertion .* failed\\.)$" },
	{ "c",          "(?m)(?<said>Assertion .* failed\\.)$" },
	{ "c",          "(?m)^(?<said>\\*\\*\\* .* \\*\\*\\*).*$" },
	{ "bash",       "(?m)^(?<said>\\S.*)$" },
	{ "sql",        "(?m)^(?<said>(?:Parse|Runtime)? ?[Ee]rror.*)$" },
};

static const struct {
	int signo;
	const char *text;
} signals[] = {
	{ SIGSEGV, "SIGSEGV: bad memory access" },
	{ SIGABRT, "SIGABRT: the program aborted" },
	{ SIGFPE,  "SIGFPE: division by zero, or a number out of range" },
	{ SIGBUS,  "SIGBUS: bad memory access" },
	{ SIGILL,  "SIGILL: an instruction that is not allowed" },
	{ SIGSYS,  "SIGSYS: a system call that is not allowed here" },
	{ SIGKILL, "SIGKILL: the program was killed" },
	{ SIGPIPE, "SIGPIPE: it wrote to something that was closed" },
	{ SIGXFSZ, "SIGXFSZ: a file became too large" },
	{ SIGTERM, "SIGTERM: the program was ended" },
	{ SIGTRAP, "SIGTRAP: the program stopped itself" },
};

static const char *const no_memory[] = {
	"MemoryError", "OutOfMemoryError", "NoMemoryError", "std::bad_alloc", "JavaScript heap out of memory",
	"runtime: out of memory", "memory allocation of", "cannot allocate memory", "Cannot allocate memory",
};

/* clang-format on */

void judge_signal_text(int signo, struct kl_buf *out)
{
	for (size_t i = 0; i < KL_LENGTH(signals); i++) {
		if (signals[i].signo == signo) {
			kl_buf_add_str(out, signals[i].text);
			return;
		}
	}
	kl_buf_addf(out, "signal %d", signo);
}

bool judge_is_no_memory(const char *said)
{
	for (size_t i = 0; i < KL_LENGTH(no_memory); i++)
		if (strstr(said, no_memory[i]))
			return true;
	return false;
}

static void add_said(struct kl_buf *out, const char *text, size_t len)
{
	size_t fit = kl_utf8_fit(text, len, SAID_MAX);

	kl_buf_clear(out);
	kl_buf_add(out, text, fit);
	if (fit < len)
		kl_buf_add_str(out, "…");
}

/* The last match of regex in text; false: none. */
static bool find_last(const char *regex, const char *text, size_t len, struct kl_buf *out)
{
	int code;
	size_t where, at = 0;
	bool found = false;
	pcre2_code *re = pcre2_compile((PCRE2_SPTR)regex, PCRE2_ZERO_TERMINATED, PCRE2_NEVER_UTF, &code, &where, NULL);
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	pcre2_match_data *match = re ? pcre2_match_data_create_from_pattern(re, NULL) : NULL;

	if (limits)
		pcre2_set_match_limit(limits, MATCH_LIMIT);
	while (match && at < len && pcre2_match(re, (PCRE2_SPTR)text, len, at, 0, match, limits) > 0) {
		int group = pcre2_substring_number_from_name(re, (PCRE2_SPTR) "said");
		const size_t *pair = pcre2_get_ovector_pointer(match);

		if (group > 0 && pair[2 * group] != PCRE2_UNSET) {
			add_said(out, text + pair[2 * group], pair[2 * group + 1] - pair[2 * group]);
			found = true;
		}
		at = pair[1] > at ? pair[1] : at + 1;
	}
	pcre2_match_data_free(match);
	pcre2_match_context_free(limits);
	pcre2_code_free(re);
	return found;
}

bool judge_failure_said(const struct kl_language *language, const char *err, size_t len, struct kl_buf *out)
{
	size_t skip = len > LOOK_AT ? len - LOOK_AT : 0;

	for (size_t i = 0; i < KL_LENGTH(patterns); i++)
		if (!strcmp(patterns[i].language, language->id) &&
		    find_last(patterns[i].regex, err + skip, len - skip, out))
			return true;
	return false;
}
