/* The subcommands: one row each. Help, man page (tests hold it to this), completions and parsing read these rows. */
#include "commands.h"

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/suggest.h>

/* clang-format off */
#define END { NULL, 0, NULL, COMPLETE_NONE, NULL }
#define LANGUAGE { "--language", 'l', "LANG", COMPLETE_LANGUAGE, "the programming language" }

static const struct command_option list_options[] = {
	{ "--difficulty", 'd', "LEVEL",  COMPLETE_DIFFICULTY, "beginner, intermediate, advanced or expert" },
	{ "--state",      's', "STATE",  COMPLETE_STATE,      "new, begun or solved" },
	{ "--pack",       'p', "NAME",   COMPLETE_NONE,       "one pack" },
	{ "--category",   'c', "NAME",   COMPLETE_NONE,       "one category" },
	{ "--tag",        't', "NAME",   COMPLETE_NONE,       "one tag" },
	LANGUAGE,
	{ "--sort",       0,   "COLUMN", COMPLETE_SORT,       "number, title, difficulty, minutes or state" },
	END
};
static const struct command_option pick_options[] = {
	{ "--open",       'o', NULL,     COMPLETE_NONE,       "open it in the lab at once" },
	END
};
static const struct command_option edit_options[] = {
	LANGUAGE,
	{ "--external",   'e', NULL,     COMPLETE_NONE,       "use your own editor (EDITOR) instead of the lab" },
	{ "--path",       'p', NULL,     COMPLETE_NONE,       "only print where the file is (it is made if need be)" },
	END
};
static const struct command_option test_options[] = {
	LANGUAGE,
	{ "--test",       't', "ID",     COMPLETE_NONE,       "only this test" },
	{ "--file",       'f', "FILE",   COMPLETE_FILE,       "judge this file, not the one in the work folder" },
	{ "--verbose",    'v', NULL,     COMPLETE_NONE,       "say which judge runs it, and how" },
	{ "--watch",      'w', NULL,     COMPLETE_NONE,       "test again whenever the file changes; C-c ends" },
	END
};
static const struct command_option submit_options[] = {
	LANGUAGE,
	{ "--test",       't', "ID",     COMPLETE_NONE,       "only this test; nothing is recorded" },
	{ "--file",       'f', "FILE",   COMPLETE_FILE,       "judge this file, not the one in the work folder" },
	{ "--verbose",    'v', NULL,     COMPLETE_NONE,       "say which judge runs it, and how" },
	END
};
static const struct command_option run_options[] = {
	LANGUAGE,
	{ "--input",      'i', "FILE",   COMPLETE_FILE,       "its standard input (default: this command's own)" },
	{ "--verbose",    'v', NULL,     COMPLETE_NONE,       "say which judge runs it, and how" },
	END
};
static const struct command_option history_options[] = {
	{ "--code",       'c', "ID",     COMPLETE_NONE,       "print the code of one attempt" },
	{ "--max",        'n', "COUNT",  COMPLETE_NONE,       "at most so many (default 20)" },
	END
};
static const struct command_option hint_options[] = {
	{ "--all",        'a', NULL,     COMPLETE_NONE,       "show the hints revealed so far, reveal none" },
	END
};
static const struct command_option reset_options[] = {
	LANGUAGE,
	{ "--progress",   0,   NULL,     COMPLETE_NONE,       "forget that it was begun or solved, too" },
	END
};
static const struct command_option new_options[] = {
	{ "--kind",       'k', "KIND",   COMPLETE_KIND,       "function (default) or program" },
	{ "--title",      't', "TITLE",  COMPLETE_NONE,       "its title" },
	{ "--pack",       'p', "FOLDER", COMPLETE_FILE,       "the pack's folder (default: the current pack, else your own)" },
	END
};
static const struct command_option check_options[] = {
	{ "--fast",       0,   NULL,     COMPLETE_NONE,       "read only; do not run solutions and starters" },
	LANGUAGE,
	END
};
static const struct command_option import_options[] = {
	{ "--slug",       0,   "SLUG",   COMPLETE_NONE,       "name of the challenge (default: the folder's)" },
	{ "--title",      't', "TITLE",  COMPLETE_NONE,       "its title" },
	{ "--pack",       'p', "FOLDER", COMPLETE_FILE,       "the pack's folder (default: your own pack)" },
	{ "--dry-run",    'n', NULL,     COMPLETE_NONE,       "only say what would be taken" },
	END
};
static const struct command_option export_options[] = {
	{ "--outbox",     0,   "FILE",   COMPLETE_FILE,       "write there what waits for the class server, sealed" },
	END
};
static const struct command_option portfolio_options[] = {
	{ "--remote",     'r', "URL",    COMPLETE_NONE,       "push there (default: setting portfolio.remote, else origin)" },
	{ "--max",        'n', "COUNT",  COMPLETE_NONE,       "at most so many commits (default 20)" },
	END
};

static const struct command_option keys_options[] = {
	{ "--label",      'l', "TEXT",   COMPLETE_NONE,       "add: what you call it" },
	{ "--share",      's', "HOW",    COMPLETE_SHARE,      "add: private (default), pool or backup" },
	{ "--limit",      0,   "COUNT",  COMPLETE_NONE,       "add: requests a day (default 50; 0: no limit)" },
	{ "--reserve",    0,   "COUNT",  COMPLETE_NONE,       "add: how many of them only submits may use (default 5)" },
	{ "--zone",       0,   "ZONE",   COMPLETE_NONE,       "add: time zone of its provider's day (default UTC)" },
	{ "--yes",        'y', NULL,     COMPLETE_NONE,       "agree to what is asked for a key" },
	END
};

static const struct command_option judge_options[] = {
	{ "--kind",       'k', "KIND",   COMPLETE_JUDGE_KIND, "add: self-hosted (default), rapidapi or allthingsdev" },
	{ "--key",        0,   NULL,     COMPLETE_NONE,       "add: take its key from standard input, too" },
	{ "--yes",        'y', NULL,     COMPLETE_NONE,       "add: agree to what is asked for a key" },
	{ "--ca",         0,   "FILE",   COMPLETE_FILE,       "add: trust this authority (PEM) beside the system's" },
	{ "--proxy",      0,   "URL",    COMPLETE_NONE,       "add: reach it through this proxy ('': none)" },
	{ "--weight",     'w', "NUMBER", COMPLETE_NONE,       "add: 1 to 100, how gladly it is used (default 10; hosted 2)" },
	{ "--key-header", 0,   "NAME",   COMPLETE_NONE,       "add: header of the key (default X-Auth-Token)" },
	{ "--user-key",   0,   NULL,     COMPLETE_NONE,       "add: take its second secret, too (authorization), after the key" },
	{ "--user-header", 0,  "NAME",   COMPLETE_NONE,       "add: header of the second secret (default X-Auth-User)" },
	{ "--host",       0,   "NAME",   COMPLETE_NONE,       "add: value of the provider's host header" },
	END
};

static const struct command_option login_options[] = {
	{ "--password",   'p', NULL,     COMPLETE_NONE,       "by name and password, asked for here" },
	{ "--github",     'g', NULL,     COMPLETE_NONE,       "with your GitHub account, where the server knows GitHub" },
	{ "--bind-github", 0,  NULL,     COMPLETE_NONE,       "logged in already: let --github be a way into your account" },
	{ "--token-stdin", 0,  NULL,     COMPLETE_NONE,       "by a token on standard input" },
	{ "--register",   0,   NULL,     COMPLETE_NONE,       "make an account, where the server lets you" },
	{ "--reset",      0,   "CODE",   COMPLETE_NONE,       "a new password, by the code of your instructor" },
	{ "--user",       'u', "NAME",   COMPLETE_NONE,       "your name there (default: asked for)" },
	{ "--invitation", 0,   "CODE",   COMPLETE_NONE,       "register, github: the code you were given" },
	{ "--name",       'n', "NAME",   COMPLETE_NONE,       "what you call the server (default: its host)" },
	{ "--ca",         0,   "FILE",   COMPLETE_FILE,       "trust this authority (PEM) beside the system's" },
	{ "--proxy",      0,   "URL",    COMPLETE_NONE,       "reach it through this proxy ('': none)" },
	END
};

static const struct command_option logout_options[] = {
	{ "--forget",     0,   NULL,     COMPLETE_NONE,       "forget the server and its key, too" },
	END
};

static const struct command_option publish_options[] = {
	{ "--check-only", 'n', NULL,     COMPLETE_NONE,       "only say what is wrong, and what would change at the server" },
	{ "--course",     0,   "COURSE", COMPLETE_NONE,       "for this course alone: nobody else sees it" },
	{ "--everybody",  0,   NULL,     COMPLETE_NONE,       "for everybody: a pack that is new wants this or --course with --yes" },
	{ "--fast",       0,   NULL,     COMPLETE_NONE,       "do not run solutions and starters first" },
	{ "--remove",     0,   "SLUG",   COMPLETE_NONE,       "take this challenge out of the published pack" },
	{ "--server",     0,   "SERVER", COMPLETE_NONE,       "this class server (default: the active one)" },
	{ "--yes",        'y', NULL,     COMPLETE_NONE,       "do not ask" },
	END
};
static const struct command_option whoami_options[] = {
	{ "--all",        'a', NULL,     COMPLETE_NONE,       "every class server that is known here" },
	END
};

static const struct command_option course_options[] = {
	{ "--archived",   'a', NULL,     COMPLETE_NONE,       "list: the archived ones, too" },
	{ "--due",        'd', "TIME",   COMPLETE_NONE,       "assign, change, extend: such as \"2026-10-01 22:00\"" },
	{ "--opens",      0,   "TIME",   COMPLETE_NONE,       "assign, change: hidden until then; a day: its begin" },
	{ "--late",       0,   "POLICY", COMPLETE_NONE,       "assign, change: none (counts in full), percent, cut" },
	{ "--percent",    0,   "NUMBER", COMPLETE_NONE,       "assign, change: percent less for each day begun" },
	{ "--floor",      0,   "NUMBER", COMPLETE_NONE,       "assign, change: never less than so many percent" },
	{ "--until",      0,   "TIME",   COMPLETE_NONE,       "assign, change: late work counts nothing after" },
	{ "--grace",      0,   "MINUTES", COMPLETE_NONE,      "assign, change: so long a lab's clock is believed" },
	{ "--instructions", 'i', "FILE", COMPLETE_FILE,       "assign, change: what is to be done, in Markdown" },
	{ "--reason",     'r', "TEXT",   COMPLETE_NONE,       "extend: why, for the staff" },
	{ "--title",      0,   "TITLE",  COMPLETE_NONE,       "change: what it is called from now on" },
	END
};

static const struct command_option grade_options[] = {
	{ "--csv",        'c', NULL,     COMPLETE_NONE,       "as comma-separated values" },
	{ "--output",     'o', "FILE",   COMPLETE_FILE,       "write them to this file" },
	END
};

static const struct command_option sync_options[] = {
	{ "--mine",       0,   NULL,     COMPLETE_NONE,       "of a draft changed on two machines, go on with the one here" },
	{ "--theirs",     0,   NULL,     COMPLETE_NONE,       "take the other one; yours goes beside it" },
	{ "--both",       0,   NULL,     COMPLETE_NONE,       "go on with yours, and keep the other one beside it" },
	END
};

static const struct command commands[] = {
	{ "list",       "[WORDS...]",        0, 32, COMPLETE_NONE,        COMMAND_JSON, list_options,      command_list,
	  "List challenges", "Words narrow the list as in the lab's search. In front: * solved, ~ begun." },
	{ "show",       "[CHALLENGE]",       0, 1,  COMPLETE_CHALLENGE,   COMMAND_JSON, NULL,              command_show,
	  "Show a challenge's text", "The statement as its author wrote it, in Markdown." },
	{ "search",     "WORDS...",          1, 32, COMPLETE_NONE,        COMMAND_JSON, list_options,      command_search,
	  "Find challenges by words", "Every word must occur in the title, slug, tags, category or summary." },
	{ "next",       "",                  0, 0,  COMPLETE_NONE,        COMMAND_JSON, pick_options,      command_next,
	  "Name the next challenge that is not solved", "Of your level (setting level), as long as there is one." },
	{ "random",     "",                  0, 0,  COMPLETE_NONE,        COMMAND_JSON, pick_options,      command_random,
	  "Name a challenge picked by chance", NULL },
	{ "daily",      "",                  0, 0,  COMPLETE_NONE,        COMMAND_JSON, pick_options,      command_daily,
	  "Name today's challenge", "It is the same for everybody with the same packs." },
	{ "edit",       "[CHALLENGE]",       0, 1,  COMPLETE_CHALLENGE,   0,            edit_options,      command_edit,
	  "Open a challenge in the lab", "The file is made from the starter when it is not there yet." },
	{ "test",       "[CHALLENGE]",       0, 1,  COMPLETE_CHALLENGE,   COMMAND_JSON, test_options,      command_test,
	  "Run the sample tests and your own inputs",
	  "Beside an open lab what is on its screen is judged, saved or not. Exit status: 0 all passed, 1 some\nfailed, 3 they could not be run." },
	{ "run",        "[CHALLENGE|FILE] [ARGUMENTS...]", 0, 32, COMPLETE_FILE, COMMAND_JSON, run_options,  command_run,
	  "Run a program once in the sandbox", "A file is run in the language of its suffix, or of --language. What the program prints goes to\n"
	  "standard output and standard error; exit status 1 says that it failed. The program gets the\n"
	  "arguments; those that begin with - come after --." },
	{ "submit",     "[CHALLENGE]",       0, 1,  COMPLETE_CHALLENGE,   COMMAND_JSON, submit_options,    command_submit,
	  "Run all tests and record the result",
	  "A pass becomes a commit in your portfolio. Beside an open lab what is on its screen is judged.\nExit status: 0 all passed, 1 some failed, 3 they could not be run." },
	{ "history",    "[CHALLENGE]",       0, 1,  COMPLETE_CHALLENGE,   COMMAND_JSON | COMMAND_OR_ALL, history_options, command_history,
	  "List earlier attempts", NULL },
	{ "hint",       "[CHALLENGE]",       0, 1,  COMPLETE_CHALLENGE,   COMMAND_JSON, hint_options,      command_hint,
	  "Reveal the next hint", "Hints come one by one, and the lab remembers which ones you have seen." },
	{ "reset",      "[CHALLENGE]",       0, 1,  COMPLETE_CHALLENGE,   0,            reset_options,     command_reset,
	  "Begin a challenge again from its starter", "Your text is set aside beside the file, with .old at its end; attempts stay in the history." },
	{ "stats",      "",                  0, 0,  COMPLETE_NONE,        COMMAND_JSON, NULL,              command_stats,
	  "Show progress and streak", NULL },
	{ "new",        "SLUG",              1, 1,  COMPLETE_NONE,        0,            new_options,       command_new,
	  "Make the skeleton of a new challenge",
	  "It is a small complete challenge in a pack's folder: it can be checked, opened and solved at once.\n"
	  "kodelab-challenge(5) describes the files." },
	{ "check",      "[FOLDER]",          0, 1,  COMPLETE_FILE,        COMMAND_JSON, check_options,     command_check,
	  "Check a challenge or a pack, for its author", "Reads everything, then runs each solution (it must pass all tests) and each starter (it must fail\n"
	  "one). Exit status: 0 nothing is wrong, 1 something is." },
	{ "publish",    "[FOLDER]",          0, 1,  COMPLETE_FILE,        COMMAND_JSON, publish_options,   command_publish,
	  "Publish a pack on the class server, for instructors",
	  "Checks it as kodelab check does, shows what changes against the version that is published, asks, and\n"
	  "sends it. A challenge's folder is published alone: the rest of the pack stays as it is published.\n"
	  "A pack that is new wants to be told with --yes who sees it: --course COURSE or --everybody.\n"
	  "Students get statements, starters and sample tests; hidden tests, solutions and checker\n"
	  "programs stay on the server. Exit status: 1 something is wrong with the pack, 4 the server is not\n"
	  "reached, 5 you may not, 6 somebody else has a pack of this id." },
	{ "import",     "FOLDER|FILE",       1, 1,  COMPLETE_FILE,        COMMAND_JSON, import_options,    command_import,
	  "Make a challenge from .in and .ans files; or hand in what kodelab export wrote",
	  "In a folder, 1.in with 1.ans (or 1.out) is a test; \"sample\" in the name of the file or its folder\n"
	  "makes it a sample. Nothing in the folder is executed. Importing again keeps progress.\n"
	  "A file of kodelab export --outbox is handed in to the class server, for whoever made it;\n"
	  "FILE.receipts is what came of it, and is imported on the machine that the work is of." },
	{ "export",     "",                  0, 0,  COMPLETE_NONE,        COMMAND_JSON, export_options,    command_export,
	  "Hand in work of a machine without a network",
	  "What waits for the class server goes into a file that only that server can open. Any lab that is\n"
	  "logged in there hands it in with kodelab import; what arrives by both ways, or twice, arrives once." },
	{ "portfolio",  "[log|push|path]",   0, 1,  COMPLETE_PORTFOLIO,   COMMAND_JSON, portfolio_options, command_portfolio,
	  "Show or push the git repository of solved challenges",
	  "log (the default) lists the commits, push sends them to a remote, path prints where the\nrepository is." },
	{ "judge",      "[ACTION [NAME [ADDRESS]]]", 0, 3, COMPLETE_JUDGE, COMMAND_JSON, judge_options,   command_judge,
	  "Use judges elsewhere: add, list, test, doctor",
	  "A judge is a Judge0 server, or kodelabd. list (the default) shows yours; add NAME ADDRESS takes one\n"
	  "up, test NAME asks whether it answers, languages [NAME] what it has, doctor [NAME] what it can do\n"
	  "and what is wrong with it, stats what they did for you; remove NAME forgets it. What no judge could\n"
	  "take is kept: kept lists it, send sends it now, drop KEPT (or all) gives it up.\n"
	  "Exit status of doctor: 3 when something is bad." },
	{ "keys",       "[ACTION [KEY|JUDGE] [HOW]]", 0, 3, COMPLETE_KEYS, COMMAND_JSON, keys_options,     command_keys,
	  "Keep keys of judges: add, list, share, remove",
	  "list (the default) shows your keys, usage what they were used for, notices what is new. add JUDGE\n"
	  "takes one from standard input. share KEY HOW, suspend KEY, resume KEY and remove KEY change one; KEY\n"
	  "is its label, its last four characters or the end of its id. test asks the judge whether a key (or\n"
	  "all of them) is good; that runs nothing. rotate makes a new master key." },
	{ "login",      "[ADDRESS...|SERVER]", 0, 8, COMPLETE_NONE,       COMMAND_JSON, login_options,     command_login,
	  "Log in to a class server",
	  "A code is shown, which you confirm in a browser on any device. Further addresses are of the same\n"
	  "server, for when the first is not reached. SERVER, known already, is used from now on; without\n"
	  "anything the active one is logged in to again. The server's key is kept at the first login; one that\n"
	  "shows another key later is refused. Exit status: 4 not reached, 5 refused, 6 another key." },
	{ "logout",     "[SERVER]",          0, 1,  COMPLETE_NONE,        COMMAND_JSON, logout_options,    command_logout,
	  "Log out of the class server", "Your work stays, and what was not sent yet waits for your next login." },
	{ "whoami",     "",                  0, 0,  COMPLETE_NONE,        COMMAND_JSON, whoami_options,    command_whoami,
	  "Say who is logged in, and where", "Nothing is asked over the network. Exit status: 5 when nobody is logged in." },
	{ "course",     "[ACTION [COURSE] [WORDS...]]", 0, 64, COMPLETE_NONE, COMMAND_JSON, course_options, command_course,
	  "See, join and run courses of the class server",
	  "COURSE is a title, the begin of it that no other one has, or the end of an id;\n"
	  "it can be left out when there is but one. ITEM is a challenge with its points:\n"
	  "PACK/SLUG[=POINTS]." },
	{ "grade",      "[COURSE]",          0, 1,  COMPLETE_NONE,        COMMAND_JSON, grade_options,     command_grade,
	  "Show the gradebook of a course", "For its staff. What a spreadsheet would take for a formula has an apostrophe in front." },
	{ "sync",       "[CHALLENGE]",       0, 1,  COMPLETE_CHALLENGE,   COMMAND_JSON | COMMAND_OR_ALL, sync_options, command_sync,
	  "Send what waits to the class server, take what is new",
	  "The open lab does it by itself. Submits made offline go with the time at which they were made; the\n"
	  "server's verdicts take the place of the provisional ones, and packs of the class are installed.\n"
	  "A draft that was changed on two machines is kept twice (FILE.other.py, FILE.other.2.py), until\n"
	  "you decide: of all of them, or of one CHALLENGE. No such file is ever written over.\n"
	  "Exit status: 4 offline, 5 logged out, 6 a draft waits for a decision." },
	{ "config",     "[NAME [VALUE]]",    0, 2,  COMPLETE_OPTION_NAME, COMMAND_JSON, NULL,              command_config,
	  "Show or change settings", "Without NAME all settings are listed. An empty VALUE ('') takes the default again. A secret is read\n"
	  "from standard input: kodelab config portfolio.token -" },
	{ "doctor",     "",                  0, 0,  COMPLETE_NONE,        COMMAND_JSON, NULL,              command_doctor,
	  "Say what works here and what is missing",
	  "Languages, sandbox, terminal, folders, database, challenges and settings, each good, to note or bad.\n"
	  "Exit status: 3 when something is bad." },
	{ "completion", "SHELL",             1, 1,  COMPLETE_SHELL,       0,            NULL,              command_completion,
	  "Print completions for bash, zsh or fish", "bash, in ~/.bashrc:  eval \"$(kodelab completion bash)\"\n"
	  "zsh, in ~/.zshrc:    source <(kodelab completion zsh)\n"
	  "fish:                kodelab completion fish > ~/.config/fish/completions/kodelab.fish" },
	{ "help",       "[COMMAND]",         0, 1,  COMPLETE_COMMAND,     0,            NULL,              command_help,
	  "Show what a command does", "'kodelab COMMAND --help' is the same." },
};
/* clang-format on */

const struct command_action *command_actions(const struct command *command)
{
	return command->run == command_course ? course_actions : NULL;
}

size_t command_count(void)
{
	return KL_LENGTH(commands);
}

const struct command *command_at(size_t index)
{
	return &commands[index];
}

const char *command_suggest(const char *name)
{
	const char *names[KL_LENGTH(commands) + 1] = { NULL };

	for (size_t i = 0; i < KL_LENGTH(commands); i++)
		names[i] = commands[i].name;
	return kl_suggest(name, names);
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < KL_LENGTH(commands); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}
