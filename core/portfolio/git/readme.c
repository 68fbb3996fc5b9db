/* The Markdown of the portfolio. Everything that came from a pack is escaped, but for the statement, which is Markdown. */

#include "core/portfolio/git/git_int.h"

#include <kodelab/alloc.h>
#include <kodelab/clock.h>

#define BEGIN_MARK "<!-- kodelab:begin (made by KodeLab: write outside these two lines) -->"
#define BEGIN_WORD "<!-- kodelab:begin"
#define END_MARK   "<!-- kodelab:end -->"

static void add_day(struct kl_buf *out, double at_ms)
{
	char text[32];

	kl_clock_format((int64_t)at_ms, text, sizeof(text));
	kl_buf_addf(out, "%.10s", text);
}

static const cJSON *first_solution(const cJSON *record)
{
	return first_of(cJSON_GetObjectItemCaseSensitive(record, "solutions"));
}

/* --- one challenge ---------------------------------------------------------------------------------------------- */

static void add_solution(struct kl_buf *out, const cJSON *solution)
{
	char *source = name_safe(text_of(solution, "source"));

	kl_buf_addf(out, "| [%s](%s) | ", source, source);
	plain_markdown(out, text_of(solution, "language"));
	kl_buf_addf(out, " | %.0f | %.0f of %.0f | ", number_of(solution, "score"), number_of(solution, "passed"),
		    number_of(solution, "total"));
	kl_buf_addf(out, "%.1f ms | %.1f MiB | ", number_of(solution, "cpu_us") / 1000,
		    number_of(solution, "peak_kib") / 1024);
	add_day(out, number_of(solution, "at_ms"));
	kl_buf_add_str(out, " |\n");
	free(source);
}

void readme_challenge(struct kl_buf *out, const cJSON *record, const char *statement)
{
	const cJSON *solution;

	kl_buf_add_str(out, "# ");
	plain_markdown(out, text_of(record, "title"));
	kl_buf_add_str(out, "\n\n");
	if (*text_of(record, "summary")) {
		plain_markdown(out, text_of(record, "summary"));
		kl_buf_add_str(out, "\n\n");
	}
	kl_buf_add_str(out, "| Solution | Language | Score | Tests | Slowest | Memory | Solved |\n"
			    "|---|---|--:|--:|--:|--:|---|\n");
	for (solution = first_solution(record); solution; solution = solution->next)
		add_solution(out, solution);
	kl_buf_add_str(out, "\nDifficulty ");
	plain_markdown(out, text_of(record, "difficulty"));
	kl_buf_add_str(out, ", from the pack ");
	plain_markdown(out, text_of(record, "pack"));
	kl_buf_add_str(out, ".\n\n## The problem\n\n");
	kl_buf_add_str(out, statement);
	if (*statement && statement[strlen(statement) - 1] != '\n')
		kl_buf_add_char(out, '\n');
}

/* --- the index -------------------------------------------------------------------------------------------------- */

static double newest_day(const cJSON *record)
{
	double newest = 0;
	const cJSON *solution;

	for (solution = first_solution(record); solution; solution = solution->next)
		if (number_of(solution, "at_ms") > newest)
			newest = number_of(solution, "at_ms");
	return newest;
}

static void add_row(struct kl_buf *out, const cJSON *record)
{
	const cJSON *solution;
	const char *between = "";
	double best = 0;

	kl_buf_add_str(out, "| [");
	plain_markdown(out, text_of(record, "title"));
	kl_buf_addf(out, "](%s/) | ", text_of(record, "dir"));
	plain_markdown(out, text_of(record, "category"));
	kl_buf_add_str(out, " | ");
	plain_markdown(out, text_of(record, "difficulty"));
	kl_buf_add_str(out, " | ");
	for (solution = first_solution(record); solution; solution = solution->next) {
		kl_buf_add_str(out, between);
		plain_markdown(out, text_of(solution, "language"));
		between = ", ";
		if (number_of(solution, "score") > best)
			best = number_of(solution, "score");
	}
	kl_buf_addf(out, " | %.0f | ", best);
	add_day(out, newest_day(record));
	kl_buf_add_str(out, " |\n");
}

struct tally {
	const char *name;
	size_t count;
};

static int by_tally(const void *left, const void *right)
{
	const struct tally *a = left, *b = right;

	return a->count != b->count ? (a->count < b->count ? 1 : -1) : strcmp(a->name, b->name);
}

/* "Category | Solved", the most first. */
static void add_tallies(struct kl_buf *out, const struct record_list *list, const char *key, const char *heading)
{
	struct tally *tallies = kl_calloc(list->count + 1, sizeof(*tallies));
	size_t count = 0, at;

	for (size_t i = 0; i < list->count; i++) {
		const char *name = text_of(list->rows[i], key);

		for (at = 0; at < count && strcmp(tallies[at].name, name) != 0; at++)
			;
		tallies[at].name = name;
		tallies[at].count++;
		count += at == count;
	}
	qsort(tallies, count, sizeof(*tallies), by_tally);
	kl_buf_addf(out, "| %s | Solved |\n|---|--:|\n", heading);
	for (at = 0; at < count; at++) {
		kl_buf_add_str(out, "| ");
		plain_markdown(out, tallies[at].name);
		kl_buf_addf(out, " | %zu |\n", tallies[at].count);
	}
	kl_buf_add_char(out, '\n');
	free(tallies);
}

void readme_index(struct kl_buf *out, const struct record_list *list)
{
	double newest = 0;

	for (size_t i = 0; i < list->count; i++)
		if (newest_day(list->rows[i]) > newest)
			newest = newest_day(list->rows[i]);
	kl_buf_add_str(out, BEGIN_MARK "\n\n");
	kl_buf_addf(out, "**%zu %s solved**, the last on ", list->count, list->count == 1 ? "challenge" : "challenges");
	add_day(out, newest);
	kl_buf_add_str(out, ".\n\n");
	add_tallies(out, list, "difficulty", "Difficulty");
	add_tallies(out, list, "category", "Category");
	kl_buf_add_str(out, "| Challenge | Category | Difficulty | Languages | Score | Solved |\n"
			    "|---|---|---|---|--:|---|\n");
	for (size_t i = 0; i < list->count; i++)
		add_row(out, list->rows[i]);
	kl_buf_add_str(out, "\n" END_MARK "\n");
}

const char *readme_find(const char *text, size_t *len)
{
	const char *begin = strstr(text, BEGIN_WORD);
	const char *end = begin ? strstr(begin, END_MARK) : NULL;

	if (!end)
		return NULL;
	end += strlen(END_MARK);
	*len = (size_t)(end + (*end == '\n') - begin);
	return begin;
}

void readme_section(struct kl_buf *out, const char *before, const char *section)
{
	size_t len = 0;
	const char *old = readme_find(before, &len);

	if (old) {
		kl_buf_add(out, before, (size_t)(old - before));
		kl_buf_add_str(out, section);
		kl_buf_add_str(out, old + len);
		return;
	}
	kl_buf_add_str(out, *before ? before : "# Portfolio\n");
	if (out->data[out->len - 1] != '\n')
		kl_buf_add_char(out, '\n');
	kl_buf_add_char(out, '\n');
	kl_buf_add_str(out, section);
}
