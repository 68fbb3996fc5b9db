/*
 * Columns of the line asked about last, with a remembered place every 4 KiB: (offset, column) pairs, in order. An edit
 * behind a place leaves it good; what comes after is measured again when it is asked for.
 */

#include <kodelab/alloc.h>
#include <kodelab/grapheme.h>
#include <kodelab/text.h>

#define STRIDE ((size_t)4096)

struct place {
	size_t offset, column;
};

struct kl_columns {
	struct kl_text *text;
	unsigned tab, flags;
	size_t line_start, line_end; /* of the line measured; end: its content's */
	struct place *places; /* [0] is the line's start; none: no line is measured */
	size_t count, capacity;
};

static void on_change(void *ctx, struct kl_text *text, const struct kl_text_change *change)
{
	struct kl_columns *columns = ctx;

	if (change->offset < columns->line_start || change->lines_removed || change->lines_added) {
		columns->count = 0;
		return;
	}
	if (change->offset > columns->line_end + 1) /* behind its "\r\n" */
		return;
	columns->line_end = kl_text_line_end(text, kl_text_line_of(text, columns->line_start));
	/* A cluster before the change may now end later: a place in front of it must not be too near. */
	while (columns->count > 1 && columns->places[columns->count - 1].offset + KL_GRAPHEME_MAX > change->offset)
		columns->count--;
}

struct kl_columns *kl_columns_new(struct kl_text *text, unsigned tab, unsigned visible_flags)
{
	struct kl_columns *columns = kl_calloc(1, sizeof(*columns));

	columns->text = text;
	columns->tab = tab ? tab : 8;
	columns->flags = visible_flags;
	kl_text_listen(text, on_change, columns);
	return columns;
}

void kl_columns_free(struct kl_columns *columns)
{
	if (!columns)
		return;
	kl_text_unlisten(columns->text, on_change, columns);
	free(columns->places);
	free(columns);
}

void kl_columns_set_tab(struct kl_columns *columns, unsigned tab)
{
	columns->tab = tab ? tab : 8;
	columns->count = 0;
}

static void add_place(struct kl_columns *columns, struct place place)
{
	KL_GROW(columns->places, columns->count, columns->capacity);
	columns->places[columns->count++] = place;
}

static void choose_line(struct kl_columns *columns, size_t line0)
{
	size_t start = kl_text_line_start(columns->text, line0);

	if (columns->count && columns->line_start == start)
		return;
	columns->count = 0;
	columns->line_start = start;
	columns->line_end = kl_text_line_end(columns->text, line0);
	add_place(columns, (struct place){ start, 0 });
}

static size_t width_of(const struct kl_columns *columns, const char *cluster, size_t len, size_t column)
{
	if (len == 1 && cluster[0] >= 0x20 && cluster[0] < 0x7f)
		return 1;
	if (len == 1 && cluster[0] == '\t')
		return columns->tab - column % columns->tab;
	return (size_t)kl_grapheme_width(cluster, len, columns->flags);
}

/* Where a walk along the line stops: at the cluster that covers offset or column, whichever comes first. */
struct goal {
	size_t offset, column;
};

/* One window of the walk. False: the goal is reached. */
static bool walk_window(struct kl_columns *columns, struct place *at, const struct goal *goal)
{
	char bytes[STRIDE + KL_GRAPHEME_MAX];
	size_t left = columns->line_end - at->offset;
	size_t want = left < sizeof(bytes) ? left : sizeof(bytes);
	size_t len = kl_text_copy(columns->text, at->offset, bytes, want);
	size_t done = 0;

	/* Clusters that begin in the last bytes are left to the next window, which sees them whole. */
	while (done < len && (done < STRIDE || len == left)) {
		size_t size = kl_grapheme_next(bytes + done, len - done);
		size_t width = width_of(columns, bytes + done, size, at->column);

		if (at->offset + size > goal->offset || at->column + width > goal->column)
			return false;
		at->offset += size;
		at->column += width;
		done += size;
	}
	return done > 0;
}

static struct place walk(struct kl_columns *columns, const struct goal *goal)
{
	struct place at, last = columns->places[columns->count - 1];
	size_t low = 0, high = columns->count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (columns->places[middle].offset <= goal->offset && columns->places[middle].column <= goal->column)
			low = middle;
		else
			high = middle;
	}
	at = columns->places[low];
	while (walk_window(columns, &at, goal)) {
		if (at.offset >= last.offset + STRIDE) {
			last = at;
			add_place(columns, at);
		}
	}
	return at;
}

size_t kl_columns_of(struct kl_columns *columns, size_t offset)
{
	struct goal goal = { .offset = offset, .column = (size_t)-1 };

	choose_line(columns, kl_text_line_of(columns->text, offset));
	return walk(columns, &goal).column;
}

size_t kl_columns_find(struct kl_columns *columns, size_t line0, size_t column, size_t *begins)
{
	struct goal goal = { .offset = (size_t)-1, .column = column };
	struct place place;

	choose_line(columns, line0);
	place = walk(columns, &goal);
	if (begins)
		*begins = place.column;
	return place.offset;
}
