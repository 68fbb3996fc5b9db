/* The table of options: names, values, defaults, help. `kodelab config`, the settings screen and the man page read it. */

#include <kodelab/config.h>

#include <ctype.h>
#include <errno.h>
#include <strings.h>

#include <kodelab/alloc.h>

#define STRING_MAX 4096

/* clang-format off */
static const struct kl_option options[] = {
	{ "theme",               KL_OPTION_STRING, "dark",    NULL, false, "Colour theme",
	  "Dark, light, high-contrast, mono, or one of your own" },
	{ "color",               KL_OPTION_CHOICE, "auto",    "auto always never", false, "Use of colours",
	  "Auto: when the terminal has them and NO_COLOR is not set" },
	{ "ascii",               KL_OPTION_BOOL,   "false",   NULL, false, "ASCII only",
	  "Draw frames and marks with ASCII characters only" },
	{ "ambiguous_wide",      KL_OPTION_BOOL,   "false",   NULL, false, "Wide ambiguous characters",
	  "Characters of ambiguous width take two columns (East Asian terminals)" },
	{ "reduced_motion",      KL_OPTION_BOOL,   "false",   NULL, false, "Reduced motion",
	  "No spinners and no animated progress" },
	{ "mouse",               KL_OPTION_BOOL,   "true",    NULL, false, "Mouse",
	  "Clicks, wheel and dragging work; Shift lets the terminal select" },
	{ "clipboard.osc52",     KL_OPTION_BOOL,   "true",    NULL, false, "Terminal's clipboard",
	  "Copy to the terminal's clipboard, over SSH too" },
	{ "level",               KL_OPTION_CHOICE, "any",     "any beginner intermediate advanced expert", false, "Level",
	  "Challenges of this level are proposed and listed first" },
	{ "language",            KL_OPTION_STRING, "python",  NULL, false, "First language",
	  "A challenge is opened in it first: python, c, java and so on" },
	{ "editor.keymap",       KL_OPTION_CHOICE, "default", "default", false, "Editor keys",
	  "Which keys edit the text" },
	{ "editor.tab_width",    KL_OPTION_INT,    "4",       "1 16", false, "Tab width",
	  "Columns of a tab character" },
	{ "editor.line_numbers", KL_OPTION_BOOL,   "true",    NULL, false, "Line numbers",
	  "Show the number of each line beside the code" },
	{ "editor.wrap",         KL_OPTION_BOOL,   "false",   NULL, false, "Long lines wrap",
	  "Wrap long lines instead of scrolling sideways" },
	{ "editor.auto_indent",  KL_OPTION_BOOL,   "true",    NULL, false, "Automatic indentation",
	  "A new line begins where the one before it does" },
	{ "editor.auto_close",   KL_OPTION_BOOL,   "false",   NULL, false, "Closing brackets",
	  "Typing a bracket or quote adds the closing one" },
	{ "editor.program",      KL_OPTION_STRING, "",        NULL, false, "Your own editor",
	  "Program that takes over the file; empty: $VISUAL, then $EDITOR" },
	{ "run.on_save",         KL_OPTION_BOOL,   "false",   NULL, false, "Run on save",
	  "Run the sample tests whenever the file is saved" },
	{ "judge",               KL_OPTION_STRING, "auto",    NULL, false, "Where programs run",
	  "Local, judge0, the name of a judge, or auto: elsewhere what cannot run here" },
	{ "judge.cache",         KL_OPTION_BOOL,   "true",    NULL, false, "Reuse a judge's results",
	  "A judge is not asked twice for the same program on the same input" },
	{ "judge.patience_s",    KL_OPTION_INT,    "60",      "1 600", false, "Patience with judges (s)",
	  "How long a run tries to reach a judge; then it is kept, and sent later" },
	{ "judge.delete",        KL_OPTION_BOOL,   "false",   NULL, false, "Delete what was judged",
	  "Each run, when its result is here; wants a second secret (judge add)" },
	{ "watch.interval_ms",   KL_OPTION_INT,    "500",     "50 60000", false, "Watch interval (ms)",
	  "How often a watched file is looked at where no events are sent" },
	{ "keys.strategy",       KL_OPTION_CHOICE, "owner-first", "owner-first least-used round-robin random", false,
	  "Choice of keys",
	  "Which of a judge's keys serves a run; keys shared as backup come last" },
	{ "portfolio.enabled",   KL_OPTION_BOOL,   "true",    NULL, false, "Portfolio",
	  "Keep each passed submit as a commit in a git repository" },
	{ "portfolio.path",      KL_OPTION_STRING, "",        NULL, false, "Portfolio folder",
	  "Where its repository is; empty: the place that kodelab portfolio path shows" },
	{ "portfolio.name",      KL_OPTION_STRING, "",        NULL, false, "Portfolio author",
	  "Author of the commits; empty: git's user.name" },
	{ "portfolio.email",     KL_OPTION_STRING, "",        NULL, false, "Portfolio e-mail",
	  "Address in the commits; empty: git's user.email" },
	{ "portfolio.remote",    KL_OPTION_STRING, "",        NULL, false, "Portfolio remote",
	  "Where portfolio push goes: an https, ssh or file address" },
	{ "portfolio.token",     KL_OPTION_STRING, "",        NULL, true,  "Portfolio token",
	  "Password or token for an https remote" },
};

static const struct { const char *word; bool value; } bool_words[] = {
	{ "true", true }, { "yes", true }, { "on", true }, { "1", true },
	{ "false", false }, { "no", false }, { "off", false }, { "0", false },
};
/* clang-format on */

size_t kl_option_count(void)
{
	return KL_LENGTH(options);
}

const struct kl_option *kl_option_at(size_t index)
{
	return index < KL_LENGTH(options) ? &options[index] : NULL;
}

const struct kl_option *kl_option_find(const char *name)
{
	for (size_t i = 0; i < KL_LENGTH(options); i++)
		if (!strcmp(options[i].name, name))
			return &options[i];
	return NULL;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static enum kl_status check_bool(char **canonical, const struct kl_option *option, const char *value,
				 struct kl_error *err)
{
	for (size_t i = 0; i < KL_LENGTH(bool_words); i++) {
		if (strcasecmp(bool_words[i].word, value) != 0)
			continue;
		*canonical = kl_strdup(bool_words[i].value ? "true" : "false");
		return KL_OK;
	}
	return kl_fail(err, KL_EINVAL, "'%s' must be true or false, not '%s'", option->name, value);
}

static enum kl_status check_int(char **canonical, const struct kl_option *option, const char *value,
				struct kl_error *err)
{
	char *end;
	long long min = strtoll(option->choices, &end, 10), max = strtoll(end, NULL, 10), number;

	errno = 0;
	number = strtoll(value, &end, 10);
	if (errno || end == value || *end || isspace((unsigned char)*value) || number < min || number > max)
		return kl_fail(err, KL_EINVAL, "'%s' must be a number from %lld to %lld, not '%s'", option->name, min,
			       max, value);
	*canonical = kl_format("%lld", number);
	return KL_OK;
}

static enum kl_status check_choice(char **canonical, const struct kl_option *option, const char *value,
				   struct kl_error *err)
{
	size_t len = strlen(value);

	for (const char *at = option->choices; *at; at += strspn(at, " ")) {
		size_t word = strcspn(at, " ");

		if (word == len && !strncasecmp(at, value, len)) {
			*canonical = kl_strndup(at, len);
			return KL_OK;
		}
		at += word;
	}
	return kl_fail(err, KL_EINVAL, "'%s' must be one of: %s; not '%s'", option->name, option->choices, value);
}

static enum kl_status check_string(char **canonical, const struct kl_option *option, const char *value,
				   struct kl_error *err)
{
	if (strlen(value) > STRING_MAX)
		return kl_fail(err, KL_EINVAL, "'%s' is too long (at most %d bytes)", option->name, STRING_MAX);
	*canonical = kl_strdup(value);
	return KL_OK;
}

enum kl_status kl_option_check(char **canonical, const struct kl_option *option, const char *value,
			       struct kl_error *err)
{
	static enum kl_status (*const checks[])(char **, const struct kl_option *, const char *, struct kl_error *) = {
		[KL_OPTION_BOOL] = check_bool,
		[KL_OPTION_INT] = check_int,
		[KL_OPTION_STRING] = check_string,
		[KL_OPTION_CHOICE] = check_choice,
	};
	char *kept = NULL;
	enum kl_status status;

	for (const char *at = value; *at; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return kl_fail(err, KL_EINVAL, "'%s' must be one line without control characters",
				       option->name);
	status = checks[option->type](&kept, option, value, err);
	if (!status && canonical)
		*canonical = kept;
	else
		free(kept);
	return status;
}
