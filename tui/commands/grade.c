/* kodelab grade [COURSE]: the gradebook, as a table, as JSON, or as CSV for a spreadsheet. */
#include "course.h"

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/coursework.h>
#include <kodelab/file.h>
#include <kodelab/json.h>

#include "commands.h"

enum { PAGE = 100, PAGES_MAX = 200, CSV_MAX = 64 << 20 };

/* --- as CSV ------------------------------------------------------------------------------------------------------- */

/* Lines end here as they do elsewhere on this machine; what else could drive a terminal is shown. */
static void print_csv(const struct cli *cli, const struct kl_buf *text)
{
	for (const char *at = text->data, *end; *at; at = *end ? end + 2 : end) {
		end = strstr(at, "\r\n");
		end = end ? end : at + strlen(at);
		cli_print_line(stdout, cli, at, (size_t)(end - at));
		fputc('\n', stdout);
	}
}

static int put_csv(const struct cli *cli, const struct kl_buf *text, const char *path)
{
	struct kl_error err;

	if (!path) {
		print_csv(cli, text);
		return EXIT_DONE;
	}
	if (kl_file_write(path, text->data, text->len, 0600, &err))
		return cli_fail(cli, &err);
	cli_say(cli, "'%s' is written.\n", path);
	return EXIT_DONE;
}

static int fetch_csv(struct cli *cli, const char *course, const char *path)
{
	char *where = kl_format("/api/courses/%s/gradebook.csv", course);
	struct kl_class_ask ask = { .method = "GET", .path = where, .raw = "text/csv", .response_max = CSV_MAX };
	struct kl_buf text;
	int status;

	kl_buf_init(&text, CSV_MAX);
	status = classroom_fetch(&text, cli, &ask);
	if (!status)
		status = put_csv(cli, &text, path);
	kl_buf_release(&text);
	free(where);
	return status;
}

/* --- as a table --------------------------------------------------------------------------------------------------- */

/* All pages in one: the students of the later ones behind those of the first. */
static int fetch_book(cJSON **book, struct cli *cli, const char *course)
{
	cJSON *page, *students, *item, *all = NULL;
	int status = EXIT_DONE, got = PAGE;

	*book = NULL;
	for (int number = 1; !status && got == PAGE && number <= PAGES_MAX; number++) {
		status =
			course_ask(&page, cli, "GET",
				   kl_format("/api/courses/%s/gradebook?limit=%d&page=%d", course, PAGE, number), NULL);
		students = cJSON_GetObjectItemCaseSensitive(page, "students");
		got = cJSON_GetArraySize(students);
		if (!*book) {
			*book = page;
			all = students;
			continue;
		}
		while ((item = cJSON_DetachItemFromArray(students, 0)))
			cJSON_AddItemToArray(all, item);
		cJSON_Delete(page);
	}
	return status;
}

static void print_columns(const struct cli *cli, const struct kl_gradebook *book, int cols)
{
	for (size_t i = 0; i < book->column_count; i++)
		cli_say(cli, "%3zu  %s (%lld points)\n", i + 1, book->columns[i].title,
			(long long)book->columns[i].points);
	cli_say(cli, "\n%-*s  %8s", cols, "name", "total");
	for (size_t i = 0; i < book->column_count; i++)
		cli_say(cli, "  %7zu", i + 1);
	cli_say(cli, "\n");
}

static void print_student(const struct cli *cli, const struct kl_gradebook *book, const struct kl_gradebook_row *row,
			  int cols)
{
	cli_say(cli, "%-*s  %8.2f", course_name_bytes(row->name, cols), row->name, row->total);
	for (size_t i = 0; i < book->column_count; i++) {
		if (row->scores[i] < 0)
			cli_say(cli, "  %7s", "-");
		else
			cli_say(cli, "  %7.2f", row->scores[i]);
	}
	cli_say(cli, "\n");
}

static void print_book(const struct cli *cli, const cJSON *pages)
{
	struct kl_gradebook book = { .columns = NULL };
	int cols = course_name_cols(cJSON_GetObjectItemCaseSensitive(pages, "students"));

	kl_gradebook_add(&book, pages);
	if (book.computing)
		cli_say(cli,
			"An assignment was changed: some scores are being computed anew. Ask again in a moment.\n\n");
	print_columns(cli, &book, cols);
	for (size_t i = 0; i < book.row_count; i++)
		print_student(cli, &book, &book.rows[i], cols);
	kl_gradebook_release(&book);
}

int command_grade(struct cli *cli, const struct command_args *args)
{
	struct course_thing course = { .node = NULL };
	bool csv = args->options[GRADE_CSV] || args->options[GRADE_OUTPUT];
	cJSON *book = NULL;
	int status;

	if (csv && cli->json)
		return cli_fail_usage(cli, args->command, "choose --json or --csv");
	status = course_find(&course, cli, args->words[0]);
	if (!status && csv)
		status = fetch_csv(cli, course.id, args->options[GRADE_OUTPUT]);
	else if (!status && !(status = fetch_book(&book, cli, course.id)) && cli->json)
		status = cli_print_json(cJSON_Duplicate(book, true));
	else if (!status)
		print_book(cli, book);
	cJSON_Delete(book);
	course_thing_release(&course);
	return status;
}
