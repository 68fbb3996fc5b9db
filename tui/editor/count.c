/*
 * How many matches there are, and which one is shown: "3 of 17". Counting goes through the text in bites, in the time the
 * screen leaves (editor_work), and ends at COUNT_MAX: "3 of 1000+". A text of 100 MB is typed in as before.
 */
#include "editor_int.h"

#include <stdio.h>
#include <stdlib.h>

#include <kodelab/alloc.h>

enum { COUNT_MAX = 1000, BITE_MATCHES = 64, BITE_BYTES = 256 * 1024 };

void count_begin(struct editor *editor)
{
	struct editor_count *count = &editor->find.count;

	if (!count->starts)
		count->starts = kl_calloc(COUNT_MAX + BITE_MATCHES, sizeof(*count->starts));
	count->found = count->from = 0;
	count->done = false;
	count->generation = kl_text_generation(editor->text);
}

static bool is_current(const struct editor *editor)
{
	const struct editor_find *find = &editor->find;

	return find->search && find->count.starts && find->count.generation == kl_text_generation(editor->text) &&
	       !kl_search_gave_up(find->search);
}

static void bite(struct editor *editor)
{
	struct editor_count *count = &editor->find.count;
	struct kl_match matches[BITE_MATCHES];
	size_t to = count->from + BITE_BYTES, behind = 0;
	size_t got = kl_search_all(matches, BITE_MATCHES, editor->find.search, editor->text, count->from, to);

	for (size_t i = 0; i < got; i++) {
		count->starts[count->found++] = matches[i].start;
		behind =
			matches[i].end > matches[i].start ? matches[i].end : kl_text_next(editor->text, matches[i].end);
	}
	count->from = got < BITE_MATCHES && to > behind ? to : behind;
	count->done = count->found > COUNT_MAX || count->from >= kl_text_len(editor->text);
}

bool count_work(struct editor *editor)
{
	struct editor_find *find = &editor->find;

	if (find->bar == BAR_NONE || find->bar == BAR_LINE || !find->search || kl_search_gave_up(find->search))
		return false;
	if (!is_current(editor))
		count_begin(editor);
	if (find->count.done)
		return false;
	bite(editor);
	return true;
}

/* How many of those counted begin at offset or before. */
static size_t rank(const struct editor_count *count, size_t offset)
{
	size_t low = 0, high = count->found;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (count->starts[middle] <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const char *count_text(const struct editor *editor, char *text, size_t size)
{
	const struct editor_find *find = &editor->find;
	const struct editor_count *count = &find->count;
	bool more = !count->done || count->found > COUNT_MAX;
	size_t all = count->found < COUNT_MAX ? count->found : COUNT_MAX, at;

	text[0] = '\0';
	if (!is_current(editor) || all == 0) /* that there is none is said */
		return text;
	at = find->has_match ? rank(count, find->match.start) : 0;
	if (at == 0 || (more && (at > all || find->match.start >= count->from)))
		snprintf(text, size, "%zu%s found", all, more ? "+" : "");
	else
		snprintf(text, size, "%zu of %zu%s", at, all, more ? "+" : "");
	return text;
}
