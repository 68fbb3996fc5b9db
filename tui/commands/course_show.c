/* kodelab course show, students, leaderboard, teams, activity: for people, and as the server says it. */
#include "course.h"

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/coursework.h>
#include <kodelab/json.h>

#include "commands.h"

/* --- a course and what is set ------------------------------------------------------------------------------------- */

static void print_item(const struct cli *cli, const struct kl_assignment_item *item, bool staff)
{
	const char *offered = item->offered ? "" : " (not published)";

	if (staff) {
		cli_say(cli, "%26s  %6lld    %s/%s%s\n", "", (long long)item->points, item->pack, item->slug, offered);
		return;
	}
	cli_say(cli, "%26s  %6.2f of %-4lld    %s/%s%s\n", "", (double)item->points * item->counted / 100,
		(long long)item->points, item->pack, item->slug, offered);
}

/* staff: how it stands for the class; his own points mean nothing there. */
static void print_assignment(const struct cli *cli, const cJSON *node, bool staff)
{
	int64_t now_ms = kl_clock_wall_ms(&cli->clock);
	struct kl_assignment assignment;
	char due[20] = "";

	if (kl_assignment_read(&assignment, node, NULL))
		return;
	if (assignment.terms.due_ms)
		kl_clock_format(assignment.terms.due_ms, due, sizeof(due));
	if (staff)
		cli_say(cli, "%-8s  %-16s  %6lld  %s\n", kl_assignment_stage(&assignment, now_ms), due,
			(long long)kl_assignment_points(&assignment), assignment.title);
	else
		cli_say(cli, "%-8s  %-16s  %6.2f of %-4lld  %s%s\n", kl_assignment_state(&assignment, now_ms), due,
			assignment.score, (long long)kl_assignment_points(&assignment), assignment.title,
			assignment.extended_ms ? " (your own due date)" : "");
	for (size_t i = 0; i < assignment.item_count; i++)
		print_item(cli, &assignment.items[i], staff);
	kl_assignment_release(&assignment);
}

static void print_course(const struct cli *cli, const cJSON *course, const cJSON *assignments)
{
	const char *code = kl_json_text_of(course, "code");
	bool staff = strcmp(kl_json_text_of(course, "role"), "STUDENT") != 0;
	const cJSON *node;
	double students = kl_json_number_of(course, "students");

	cli_say(cli, "%s (%s, %.0f student%s)%s%s\n\n", kl_json_text_of(course, "title"),
		kl_json_text_of(course, "role"), students, students == 1 ? "" : "s",
		*code ? ", joined with the code " : "", code);
	if (!cJSON_GetArraySize(assignments))
		cli_say(cli, "Nothing is set yet.\n");
	else
		cli_say(cli, staff ? "state     due               points  assignment\n"
				   : "state     due               score           assignment\n");
	cJSON_ArrayForEach(node, assignments) {
		print_assignment(cli, node, staff);
	}
}

int course_show(struct cli *cli, const struct command_args *args)
{
	struct course_thing course = { .node = NULL };
	cJSON *assignments = NULL;
	int status = course_find(&course, cli, args->words[1]);

	if (!status)
		status =
			course_ask(&assignments, cli, "GET", kl_format("/api/courses/%s/assignments", course.id), NULL);
	if (!status && cli->json) {
		cJSON_AddItemToObject(course.node, "assignments", assignments);
		assignments = NULL;
		status = cli_print_json(cJSON_Duplicate(course.node, true));
	} else if (!status) {
		print_course(cli, course.node, assignments);
	}
	cJSON_Delete(assignments);
	course_thing_release(&course);
	return status;
}

/* --- lists of people ---------------------------------------------------------------------------------------------- */

/* cols: of the column of names. */
typedef void print_fn(const struct cli *cli, const cJSON *node, int cols);

struct listing {
	const char *what; /* below the course's path */
	bool paged;
	const char *none;
	const char *before, *name,
		*after; /* headings of the columns: what stands before that of the names, and after it */
	const char *foot; /* NULL: there is nothing to explain */
	print_fn *print;
};

static void print_heading(const struct cli *cli, const struct listing *listing, int cols)
{
	cli_say(cli, "%s%-*s%s\n", listing->before, *listing->after ? cols : 0, listing->name, listing->after);
}

static void print_all(const struct cli *cli, const struct listing *listing, const cJSON *all)
{
	int cols = course_name_cols(all);
	const cJSON *node;

	if (cJSON_GetArraySize(all))
		print_heading(cli, listing, cols);
	else
		cli_say(cli, "%s\n", listing->none);
	cJSON_ArrayForEach(node, all) {
		listing->print(cli, node, cols);
	}
	if (listing->foot)
		cli_say(cli, "\n%s\n", listing->foot);
}

static int show_list(struct cli *cli, const char *course_name, const struct listing *listing)
{
	struct course_thing course = { .node = NULL };
	int status = course_find(&course, cli, course_name);
	cJSON *all = NULL;
	char *path;

	if (status)
		return status;
	path = kl_format("/api/courses/%s/%s%s", course.id, listing->what, listing->paged ? "?" : "");
	status = listing->paged ? course_list(&all, cli, path) : course_ask(&all, cli, "GET", path, NULL);
	course_thing_release(&course);
	if (status)
		return status;
	if (cli->json)
		return cli_print_json(all);
	print_all(cli, listing, all);
	cJSON_Delete(all);
	return EXIT_DONE;
}

static void print_member(const struct cli *cli, const cJSON *node, int cols)
{
	const char *name = kl_json_text_of(node, "name");
	char joined[20];

	course_when(joined, node, "joined_at", "");
	cli_say(cli, "%-*s  %-18s  %8.2f  %s  %s\n", course_name_bytes(name, cols), name, kl_json_text_of(node, "role"),
		kl_json_number_of(node, "total"), joined, kl_json_text_of(node, "display"));
}

int course_students(struct cli *cli, const struct command_args *args)
{
	static const struct listing listing = {
		.what = "students",
		.paged = true,
		.none = "Nobody is in this course.",
		.before = "",
		.name = "name",
		.after = "  role                   total  joined            shown as",
		.print = print_member,
	};

	return show_list(cli, args->words[1], &listing);
}

static void print_leader(const struct cli *cli, const cJSON *node, int cols)
{
	struct kl_leader leader;

	(void)cols;
	kl_leader_read(&leader, node);
	cli_say(cli, "%4lld  %8.2f  %s%s\n", (long long)leader.rank, leader.total, leader.display,
		leader.me ? " (you)" : "");
}

static int stand_there(struct cli *cli, const char *course_name, bool shown)
{
	struct course_thing course = { .node = NULL };
	cJSON *body, *data = NULL;
	int status = course_find(&course, cli, course_name);

	if (status)
		return status;
	body = cJSON_CreateObject();
	cJSON_AddBoolToObject(body, "shown", shown);
	status = course_ask(&data, cli, "PUT", kl_format("/api/courses/%s/leaderboard", course.id), body);
	course_thing_release(&course);
	if (!status && cli->json)
		return cli_print_json(data);
	cJSON_Delete(data);
	if (!status)
		cli_say(cli, shown ? "You are on the leaderboard.\n" : "You are not on the leaderboard any more.\n");
	return status;
}

int course_leaderboard(struct cli *cli, const struct command_args *args)
{
	static const struct listing listing = {
		.what = "leaderboard",
		.paged = true,
		.none = "Nobody is on this leaderboard.",
		.before = "rank     total  ",
		.name = "name",
		.after = "",
		.foot = "Who hides ('leaderboard COURSE hide') is in no rank; the work counts as before.",
		.print = print_leader,
	};
	const char *how = args->words[1] ? args->words[2] : NULL;

	if (how && strcmp(how, "show") != 0 && strcmp(how, "hide") != 0)
		return cli_fail_usage(cli, args->command, "it is: kodelab course leaderboard [COURSE [show|hide]]");
	if (how)
		return stand_there(cli, args->words[1], !strcmp(how, "show"));
	return show_list(cli, args->words[1], &listing);
}

static void print_team(const struct cli *cli, const cJSON *node, int cols)
{
	double members = kl_json_number_of(node, "members");

	(void)cols;
	cli_say(cli, "%4.0f  %8.2f  %s (%.0f member%s)\n", kl_json_number_of(node, "rank"),
		kl_json_number_of(node, "score"), kl_json_text_of(node, "name"), members, members == 1 ? "" : "s");
}

int course_teams(struct cli *cli, const struct command_args *args)
{
	static const struct listing listing = {
		.what = "teams",
		.none = "This course has no teams.",
		.before = "rank     score  ",
		.name = "team",
		.after = "",
		.foot = "A team's score is the mean of its members' totals; the staff says who is in which.",
		.print = print_team,
	};

	return show_list(cli, args->words[1], &listing);
}

static void print_seen(const struct cli *cli, const cJSON *node, int cols)
{
	struct kl_seen seen;
	char at[20] = "never", best[16] = "";

	kl_seen_read(&seen, node);
	if (seen.at_ms)
		kl_clock_format(seen.at_ms, at, sizeof(at));
	if (seen.best >= 0)
		snprintf(best, sizeof(best), "%.0f%%", seen.best);
	if (seen.at_ms)
		cli_say(cli, "%-16s  %-*s  %-10s  %4s  %s/%s\n", at, course_name_bytes(seen.name, cols), seen.name,
			seen.what, best, seen.pack, seen.slug);
	else
		cli_say(cli, "%-16s  %s\n", at, seen.name);
}

int course_activity(struct cli *cli, const struct command_args *args)
{
	static const struct listing listing = {
		.what = "activity",
		.paged = true,
		.none = "This course has no students yet.",
		.before = "when              ",
		.name = "student",
		.after = "  did         best  challenge",
		.print = print_seen,
	};

	return show_list(cli, args->words[1], &listing);
}
