#ifndef TUI_COURSE_H
#define TUI_COURSE_H

/* Between the files of `kodelab course` and `kodelab grade`: which course is meant, asking the server about it, times. */

#include <stdint.h>

#include <kodelab/id.h>

#include "classroom.h"

/* An item of a list with its id: a course, an assignment, a member. */
struct course_thing {
	char id[KL_ID_SIZE];
	cJSON *node; /* owned: as the server has it */
};

void course_thing_release(struct course_thing *thing);

/* One call, path as with kl_format; body is taken, NULL: none. *data as classroom_ask has it. Returns the exit status. */
int course_ask(cJSON **data, struct cli *cli, const char *method, char *path, cJSON *body);
/* All pages of a list, as one array; path (taken) ends in "?" or "&". */
int course_list(cJSON **all, struct cli *cli, char *path);

/*
 * By its title in any case, its id or the end of that; NULL: the only one there is. Says what is wrong and returns the exit
 * status, EXIT_DONE when it was found.
 */
int course_find(struct course_thing *out, struct cli *cli, const char *name);
int course_find_assignment(struct course_thing *out, struct cli *cli, const char *course, const char *name);
int course_find_member(struct course_thing *out, struct cli *cli, const char *course, const char *name);

/* "2026-10-01 22:00" here, or when there is none; room for 20 bytes. */
void course_when(char text[20], const cJSON *node, const char *name, const char *none);
/* The width of a column with all their names, and its bytes for one of them, as %-*s wants it. */
int course_name_cols(const cJSON *all);
int course_name_bytes(const char *name, int cols);
/* The end of an id, as lists show it. */
const char *course_short_id(const cJSON *node);

command_fn course_create, course_change_code, course_archive, course_assign, course_change, course_unassign,
	course_extend, course_roster, course_role, course_keep, course_team, course_reset; /* course_teach.c */
command_fn course_show, course_students, course_leaderboard, course_activity, course_teams; /* course_show.c */
command_fn course_challenges; /* course_fares.c */

#endif
