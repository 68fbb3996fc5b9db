/*
 * Terminfo, by the lower half of ncurses. Nearly every terminal speaks ECMA-48; for those the screen writes its
 * sequences itself, shorter than terminfo's, but only those terminfo says the terminal has. For the others terminfo's own
 * strings are used. Where the database is missing (minimal containers), families known by name get a built-in entry.
 */
#include "caps.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "tui/ui/canvas.h"

#define NCURSES_NOMACROS
#include <curses.h>
#include <term.h>

static const char *const string_names[STR_COUNT] = {
	[STR_CUP] = "cup",
	[STR_CLEAR] = "clear",
	[STR_ENTER] = "smcup",
	[STR_LEAVE] = "rmcup",
	[STR_KEYPAD_ON] = "smkx",
	[STR_KEYPAD_OFF] = "rmkx",
	[STR_CURSOR_HIDE] = "civis",
	[STR_CURSOR_SHOW] = "cnorm",
	[STR_ACS_INIT] = "enacs",
	[STR_ACS_ON] = "smacs",
	[STR_ACS_OFF] = "rmacs",
	[STR_ACS_MAP] = "acsc",
	[STR_SGR0] = "sgr0",
	[STR_BOLD] = "bold",
	[STR_DIM] = "dim",
	[STR_ITALIC] = "sitm",
	[STR_UNDERLINE] = "smul",
	[STR_REVERSE] = "rev",
	[STR_STRIKE] = "smxx",
	[STR_SETAF] = "setaf",
	[STR_SETAB] = "setab",
	[STR_OP] = "op",
	[STR_EL] = "el",
	[STR_BELL] = "bel",
};

/* clang-format off */
static const struct {
	enum caps_string string;
	unsigned attr;
} attr_strings[] = {
	{ STR_BOLD, ATTR_BOLD },           { STR_DIM, ATTR_DIM },         { STR_ITALIC, ATTR_ITALIC },
	{ STR_UNDERLINE, ATTR_UNDERLINE }, { STR_REVERSE, ATTR_REVERSE }, { STR_STRIKE, ATTR_STRIKE },
};
/* clang-format on */

/* clang-format off */
static const struct {
	const char *name, *ecma48;
	unsigned has;
} functions[] = {
	{ "cuu", "\033[%p1%dA", HAS_CUU }, { "cud", "\033[%p1%dB", HAS_CUD },   { "cuf", "\033[%p1%dC", HAS_CUF },
	{ "cub", "\033[%p1%dD", HAS_CUB }, { "hpa", "\033[%i%p1%dG", HAS_HPA }, { "vpa", "\033[%i%p1%dd", HAS_VPA },
	{ "el", "\033[K", HAS_EL },        { "ech", "\033[%p1%dX", HAS_ECH },
};
/* clang-format on */

static const char *const key_names[] = {
	"kcuu1", "kcud1", "kcub1", "kcuf1", "khome", "kend", "kpp", "knp", "kich1", "kdch1", "kcbt", "kbs", "kf1",
	"kf2",   "kf3",   "kf4",   "kf5",   "kf6",   "kf7",  "kf8", "kf9", "kf10",  "kf11",  "kf12", "kUP", "kDN",
	"kLFT",  "kRIT",  "kHOM",  "kEND",  "kPRV",  "kNXT", "kDC", "kri", "kind",  "kb2",   "kent",
};

enum {
	MOVES = HAS_CUU | HAS_CUD | HAS_CUF | HAS_CUB,
	COMMON = MOVES | HAS_HPA | HAS_VPA | HAS_EL,
	VT100_ATTRS = ATTR_BOLD | ATTR_UNDERLINE | ATTR_REVERSE,
};

/* What is known of terminals whose entry is not installed. The first row whose name begins TERM is taken. */
/* clang-format off */
static const struct known {
	const char *name;
	enum color_depth depth; /* DEPTH_256 when the name says 256color */
	unsigned has, attrs;
	bool bce, xterm, sgr_off, plain_font;
	const char *enter, *leave, *acs_on, *acs_off;
} known[] = {
	{ "xterm", DEPTH_8, COMMON | HAS_ECH | HAS_SCROLL, VT100_ATTRS | ATTR_DIM | ATTR_ITALIC, true, true, true, false,
	  "\033[?1049h", "\033[?1049l", "\033(0", "\033(B" },
	{ "tmux", DEPTH_8, COMMON | HAS_SCROLL, VT100_ATTRS | ATTR_DIM | ATTR_ITALIC, false, true, true, false,
	  "\033[?1049h", "\033[?1049l", "\016", "\017" },
	{ "screen", DEPTH_8, COMMON | HAS_SCROLL, VT100_ATTRS | ATTR_DIM, false, true, true, false, "\033[?1049h",
	  "\033[?1049l", "\016", "\017" },
	{ "linux", DEPTH_8, COMMON | HAS_ECH | HAS_INDEX, VT100_ATTRS | ATTR_DIM, true, false, true, true, "", "", "\016",
	  "\017" },
	{ "vt100", DEPTH_MONO, MOVES | HAS_EL | HAS_INDEX, VT100_ATTRS, false, false, false, true, "", "", "\016", "\017" },
	{ "vt220", DEPTH_MONO, MOVES | HAS_EL | HAS_ECH | HAS_INDEX, VT100_ATTRS, false, false, false, true, "", "", "\033(0",
	  "\033(B" },
};
/* clang-format on */

/* ---- terminfo -------------------------------------------------------------------------------------------------- */

/* Copies without padding "$<...>"; too long means not there. */
static void copy_string(char *to, size_t size, const char *from)
{
	size_t len = 0;

	to[0] = '\0';
	while (from && *from) {
		const char *end = from[0] == '$' && from[1] == '<' ? strchr(from, '>') : NULL;

		if (end) {
			from = end + 1;
			continue;
		}
		if (len + 1 == size) {
			to[0] = '\0';
			return;
		}
		to[len++] = *from++;
		to[len] = '\0';
	}
}

/* tigetstr wants a char *, but does not write; (char *)-1 says "not a string". */
static const char *get_string(const char *name)
{
	char copy[16];
	const char *text;

	snprintf(copy, sizeof(copy), "%s", name);
	text = tigetstr(copy);
	return text == (const char *)-1 ? NULL : text;
}

static bool get_flag(const char *name)
{
	char copy[16];

	snprintf(copy, sizeof(copy), "%s", name);
	return tigetflag(copy) > 0;
}

static int get_number(const char *name)
{
	char copy[16];

	snprintf(copy, sizeof(copy), "%s", name);
	return tigetnum(copy);
}

static bool is_string(const char *name, const char *wanted)
{
	char text[CAPS_STRING_MAX];

	copy_string(text, sizeof(text), get_string(name));
	return strcmp(text, wanted) == 0;
}

static enum color_depth depth_of(int colors)
{
	return colors >= 256 ? DEPTH_256 : colors >= 16 ? DEPTH_16 : colors >= 8 ? DEPTH_8 : DEPTH_MONO;
}

static void read_keys(struct caps *caps)
{
	for (size_t i = 0; i < KL_LENGTH(key_names); i++) {
		struct caps_key *key = &caps->keys[caps->key_count];

		copy_string(key->bytes, sizeof(key->bytes), get_string(key_names[i]));
		key->name = key_names[i];
		if (key->bytes[0])
			caps->key_count++;
	}
}

static void read_functions(struct caps *caps)
{
	bool region = is_string("csr", "\033[%i%p1%d;%p2%dr");

	for (size_t i = 0; i < KL_LENGTH(functions); i++)
		if (is_string(functions[i].name, functions[i].ecma48))
			caps->has |= functions[i].has;
	if (region && is_string("indn", "\033[%p1%dS") && is_string("rin", "\033[%p1%dT"))
		caps->has |= HAS_SCROLL;
	if (region && is_string("ind", "\n") && is_string("ri", "\033M"))
		caps->has |= HAS_INDEX;
	for (size_t i = 0; i < KL_LENGTH(attr_strings); i++)
		if (caps->strings[attr_strings[i].string][0])
			caps->attrs |= attr_strings[i].attr;
}

static void read_terminfo(struct caps *caps)
{
	char mouse[16];

	for (size_t i = 0; i < STR_COUNT; i++)
		copy_string(caps->strings[i], sizeof(caps->strings[i]), get_string(string_names[i]));
	read_functions(caps);
	read_keys(caps);
	copy_string(mouse, sizeof(mouse), get_string("kmous"));
	caps->ansi = strcmp(caps->strings[STR_CUP], "\033[%i%p1%d;%p2%dH") == 0;
	caps->sgr = caps->ansi && strcmp(caps->strings[STR_REVERSE], "\033[7m") == 0;
	caps->sgr_off = caps->sgr && is_string("rmul", "\033[24m");
	caps->bce = get_flag("bce");
	caps->wraps_late = get_flag("xenl") || !get_flag("am");
	caps->xterm = caps->ansi && mouse[0] != '\0';
	caps->depth = depth_of(get_number("colors"));
	if (caps->depth == DEPTH_256 && (get_flag("RGB") || get_flag("Tc")))
		caps->depth = DEPTH_RGB;
}

/* ---- without terminfo ------------------------------------------------------------------------------------------ */

static void copy_text(struct caps *caps, enum caps_string string, const char *text)
{
	snprintf(caps->strings[string], sizeof(caps->strings[string]), "%s", text);
}

static void use_known(struct caps *caps, const struct known *row)
{
	caps->fallback = caps->ansi = caps->sgr = caps->wraps_late = true;
	caps->has = row->has;
	caps->attrs = row->attrs;
	caps->bce = row->bce;
	caps->xterm = row->xterm;
	caps->sgr_off = row->sgr_off;
	caps->depth = row->depth != DEPTH_MONO && strstr(caps->name, "256color") ? DEPTH_256 : row->depth;
	copy_text(caps, STR_CLEAR, "\033[H\033[J");
	copy_text(caps, STR_ENTER, row->enter);
	copy_text(caps, STR_LEAVE, row->leave);
	copy_text(caps, STR_ACS_INIT, row->acs_on[0] == '\016' ? "\033(B\033)0" : "");
	copy_text(caps, STR_ACS_ON, row->acs_on);
	copy_text(caps, STR_ACS_OFF, row->acs_off);
	copy_text(caps, STR_ACS_MAP, "``aaffggjjkkllmmnnooppqqrrssttuuvvwwxxyyzz{{||}}~~");
	copy_text(caps, STR_BELL, "\a");
	if (row->depth != DEPTH_MONO) {
		copy_text(caps, STR_CURSOR_HIDE, "\033[?25l");
		copy_text(caps, STR_CURSOR_SHOW, "\033[?25h");
	}
}

static bool find_known(struct caps *caps)
{
	for (size_t i = 0; i < KL_LENGTH(known); i++) {
		if (strncmp(caps->name, known[i].name, strlen(known[i].name)) == 0) {
			use_known(caps, &known[i]);
			return true;
		}
	}
	return false;
}

/* ---- all together ---------------------------------------------------------------------------------------------- */

#define SUBCOMMANDS "the subcommands work everywhere: kodelab help"

static bool begins(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static void read_environment(struct caps *caps)
{
	const char *colorterm = getenv("COLORTERM"), *program = getenv("TERM_PROGRAM");
	bool apple = program && strcmp(program, "Apple_Terminal") == 0;
	bool multiplexer = begins(caps->name, "screen") || begins(caps->name, "tmux");

	caps->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	caps->plain_font = begins(caps->name, "linux") || begins(caps->name, "vt");
	if (colorterm && caps->depth >= DEPTH_16 && caps->sgr &&
	    (strcmp(colorterm, "truecolor") == 0 || strcmp(colorterm, "24bit") == 0))
		caps->depth = DEPTH_RGB;
	/* GNU screen hands a DCS through to the terminal outside without its wrapping, which then shows it. */
	caps->asks_modes = caps->xterm && !apple;
	caps->asks_rgb = caps->depth == DEPTH_256 && caps->xterm && !multiplexer && !apple;
}

enum kl_status caps_load(struct caps *caps, const char *term, struct kl_error *err)
{
	bool found;
	int result = 0;

	memset(caps, 0, sizeof(*caps));
	if (!term || !*term)
		return kl_fail(err, KL_EINVAL, "TERM is not set, so the full screen cannot be shown; " SUBCOMMANDS);
	snprintf(caps->name, sizeof(caps->name), "%s", term);
	if (strcmp(term, "dumb") == 0 || strcmp(term, "unknown") == 0)
		return kl_fail(err, KL_EINVAL, "this terminal (TERM=%s) cannot show a full screen; " SUBCOMMANDS,
			       caps->name);
	found = setupterm(caps->name, 1, &result) == 0 && result == 1;
	if (found) {
		read_terminfo(caps);
		del_curterm(cur_term); /* all is copied */
	} else if (!find_known(caps)) {
		return kl_fail(
			err, KL_EINVAL,
			"there is no terminal '%s' in the terminfo database; set TERM, or use a subcommand: kodelab help",
			caps->name);
	}
	if (!caps->ansi && !caps->strings[STR_CUP][0])
		return kl_fail(err, KL_EINVAL, "this terminal (TERM=%s) cannot show a full screen; " SUBCOMMANDS,
			       caps->name);
	read_environment(caps);
	return KL_OK;
}

void caps_set_color(struct caps *caps, bool color, bool force)
{
	const char *no_color = getenv("NO_COLOR");

	if (color && (!no_color || !*no_color || force))
		return;
	caps->depth = DEPTH_MONO;
	caps->asks_rgb = false;
}

void caps_add(const struct caps *caps, struct kl_buf *out, enum caps_string string, int first, int second)
{
	const char *text = caps->strings[string];

	if (strchr(text, '%'))
		text = tiparm(text, first, second);
	if (text)
		kl_buf_add_str(out, text);
}
