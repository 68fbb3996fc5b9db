#ifndef TUI_COMMANDS_H
#define TUI_COMMANDS_H

/* Every subcommand's function; the rows that name them are in table.c. */

#include "command.h"

command_fn command_list, command_search; /* list.c */
command_fn command_show; /* show.c */
command_fn command_next, command_random, command_daily; /* pick.c */
command_fn command_edit; /* edit.c */
command_fn command_test, command_submit; /* test.c */
command_fn command_run; /* run.c */
command_fn command_history; /* history.c */
command_fn command_hint; /* hint.c */
command_fn command_reset; /* reset.c */
command_fn command_stats; /* stats.c */
command_fn command_new; /* new.c */
command_fn command_check; /* check.c */
command_fn command_import; /* import.c */
command_fn command_export; /* parcel.c */
command_fn command_portfolio; /* portfolio.c */
command_fn command_keys; /* keys.c */
command_fn command_judge; /* judge.c */
command_fn command_login; /* login.c */
command_fn command_logout; /* logout.c */
command_fn command_whoami; /* whoami.c */
command_fn command_course; /* course.c */
command_fn command_grade; /* grade.c */
command_fn command_sync; /* sync.c */
command_fn command_publish; /* publish.c */
command_fn command_config; /* config.c */
command_fn command_doctor; /* doctor.c */
command_fn command_completion; /* completion.c */
command_fn command_help; /* help.c */

extern const struct command_action course_actions[]; /* course.c */

/* A row of the option tables below, by its place in them. */
enum { LIST_DIFFICULTY, LIST_STATE, LIST_PACK, LIST_CATEGORY, LIST_TAG, LIST_LANGUAGE, LIST_SORT };
enum { PICK_OPEN };
enum { EDIT_LANGUAGE, EDIT_EXTERNAL, EDIT_PATH };
enum { TEST_LANGUAGE, TEST_ONLY, TEST_FILE, TEST_VERBOSE, TEST_WATCH };
enum { RUN_LANGUAGE, RUN_INPUT, RUN_VERBOSE };
enum { HISTORY_CODE, HISTORY_MAX };
enum { HINT_ALL };
enum { RESET_LANGUAGE, RESET_PROGRESS };
enum { NEW_KIND, NEW_TITLE, NEW_PACK };
enum { CHECK_FAST, CHECK_LANGUAGE };
enum { IMPORT_SLUG, IMPORT_TITLE, IMPORT_PACK, IMPORT_DRY };
enum { EXPORT_OUTBOX };
enum { PORTFOLIO_REMOTE, PORTFOLIO_MAX };
enum {
	JUDGE_KIND,
	JUDGE_KEY,
	JUDGE_YES,
	JUDGE_CA,
	JUDGE_PROXY,
	JUDGE_WEIGHT,
	JUDGE_KEY_HEADER,
	JUDGE_USER_KEY,
	JUDGE_USER_HEADER,
	JUDGE_HOST,
};
enum {
	LOGIN_PASSWORD,
	LOGIN_GITHUB,
	LOGIN_BIND_GITHUB,
	LOGIN_TOKEN,
	LOGIN_REGISTER,
	LOGIN_RESET,
	LOGIN_USER,
	LOGIN_INVITATION,
	LOGIN_NAME,
	LOGIN_CA,
	LOGIN_PROXY,
};
enum { LOGOUT_FORGET };
enum { WHOAMI_ALL };
enum {
	COURSE_ARCHIVED,
	COURSE_DUE,
	COURSE_OPENS,
	COURSE_LATE,
	COURSE_PERCENT,
	COURSE_FLOOR,
	COURSE_UNTIL,
	COURSE_GRACE,
	COURSE_INSTRUCTIONS,
	COURSE_REASON,
	COURSE_TITLE,
};
enum { GRADE_CSV, GRADE_OUTPUT };
enum { SYNC_MINE, SYNC_THEIRS, SYNC_BOTH };
enum {
	PUBLISH_CHECK_ONLY,
	PUBLISH_COURSE,
	PUBLISH_EVERYBODY,
	PUBLISH_FAST,
	PUBLISH_REMOVE,
	PUBLISH_SERVER,
	PUBLISH_YES,
};
enum { KEYS_LABEL, KEYS_SHARE, KEYS_LIMIT, KEYS_RESERVE, KEYS_ZONE, KEYS_YES };

#endif
