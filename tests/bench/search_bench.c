/* One keystroke in the catalogue's search and filter at 10,000 challenges, and opening it from its cache. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/catalogue.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "samples.h"

enum { MANY = 10000, OPENS = 5, ROUNDS = 5 };

static const char *const words[] = { "sum",  "maze", "train", "letter", "river", "grid",   "stack", "queue", "word",
				     "coin", "step", "graph", "string", "clock", "garden", "prime", "knot",  "light" };

/* Quick: without fsync, ten thousand times. */
static void put(const char *dir, const char *name, const struct kl_buf *text)
{
	char *path = kl_path_join(dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text->data, text->len) != (ssize_t)text->len)
		kl_die("%s cannot be written", path);
	close(fd);
	free(path);
}

static const char *word(uint32_t *random)
{
	*random = *random * 1103515245 + 12345;
	return words[(*random >> 16) % KL_LENGTH(words)];
}

static void make_challenge(const char *pack, size_t n, uint32_t *random)
{
	static const char *const levels[] = { "BEGINNER", "INTERMEDIATE", "ADVANCED", "EXPERT" };
	char *dir = kl_format("%s/c%05zu", pack, n);
	struct kl_buf text;

	kl_buf_init(&text, 4096);
	kl_buf_addf(&text,
		    "{\"format\": 1, \"title\": \"The %s of the %s %zu\", \"summary\": \"About a %s and a %s.\",",
		    word(random), word(random), n, word(random), word(random));
	kl_buf_addf(&text, "\"difficulty\": \"%s\", \"category\": \"%s\", \"minutes\": %zu, \"kind\": \"program\",",
		    levels[n % 4], word(random), 5 + n % 50);
	kl_buf_addf(&text, "\"tags\": [\"%s\", \"about-%s\"]}", word(random), word(random));
	if (mkdir(dir, 0755))
		kl_die("%s cannot be made", dir);
	put(dir, "challenge.json", &text);
	kl_buf_release(&text);
	free(dir);
}

static void make_pack(const char *pack)
{
	struct kl_buf list;
	uint32_t random = 1;

	kl_buf_init(&list, 1 << 20);
	if (mkdir(pack, 0755))
		kl_die("%s cannot be made", pack);
	kl_buf_add_str(&list, "{\"format\": 1, \"id\": \"many\", \"title\": \"Many\", \"challenges\": [");
	for (size_t n = 0; n < MANY; n++) {
		make_challenge(pack, n, &random);
		kl_buf_addf(&list, "%s\"c%05zu\"", n ? "," : "", n);
	}
	kl_buf_add_str(&list, "]}");
	put(pack, "pack.json", &list);
	kl_buf_release(&list);
}

static double ms_since(int64_t start_us)
{
	return (double)(kl_clock_mono_us() - start_us) / 1000;
}

static struct kl_catalogue *measure_open(struct samples *samples, const char *dir, const char *cache)
{
	struct kl_catalogue *catalogue = kl_catalogue_open(&dir, 1, cache);

	if (kl_catalogue_count(catalogue) != MANY)
		kl_die("%zu challenges instead of %d", kl_catalogue_count(catalogue), MANY);
	for (int i = 0; i < OPENS; i++) {
		int64_t start_us = kl_clock_mono_us();

		kl_catalogue_close(catalogue);
		catalogue = kl_catalogue_open(&dir, 1, cache);
		samples_add(samples, "catalogue", "lab", ms_since(start_us));
	}
	return catalogue;
}

/* Each key of "garden coin" narrows the list; so does each filter. */
static void measure_keys(struct samples *samples, const struct kl_catalogue *catalogue)
{
	static const char typed[] = "garden coin";
	size_t *rows = kl_calloc(MANY, sizeof(*rows));

	for (size_t len = 0; len < sizeof(typed); len++) {
		char *text = kl_strndup(typed, len);

		for (int sort = KL_SORT_NUMBER; sort <= KL_SORT_STATE; sort++) {
			struct kl_filter filter = {
				.text = text, .difficulty = len % 2 ? 2 : -1, .state = -1, .sort = (enum kl_sort)sort
			};
			int64_t start_us = kl_clock_mono_us();

			kl_catalogue_select(catalogue, &filter, rows);
			samples_add(samples, "search", "lab", ms_since(start_us));
		}
		free(text);
	}
	free(rows);
}

int main(void)
{
	char dir[] = "/tmp/kl-bench-XXXXXX";
	struct samples *samples = samples_new();
	struct kl_catalogue *catalogue;
	char *pack, *cache;

	if (!mkdtemp(dir))
		return 1;
	pack = kl_path_join(dir, "many");
	cache = kl_path_join(dir, "cache");
	make_pack(pack);
	catalogue = measure_open(samples, pack, cache);
	for (int i = 0; i < ROUNDS; i++)
		measure_keys(samples, catalogue);
	kl_catalogue_close(catalogue);
	samples_print(samples);
	samples_free(samples);
	free(pack);
	free(cache);
	return kl_file_remove_tree(dir, NULL) ? 1 : 0;
}
