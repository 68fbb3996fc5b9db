/*
 * Challenges over HTTP: the list with its filters, and one of them. Everything comes from the students' views, for whoever
 * asks, and so an answer serves all who ask the same: it is made once and kept until something is published.
 */

#include "core/server/class/packs.h"

#include <errno.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/catalogue.h>
#include <kodelab/challenge.h>
#include <kodelab/json.h>
#include <kodelab/path.h>

#include "core/server/api.h"
#include "core/server/class/kept_packs.h"
#include "core/server/eventlog.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/shared.h"

#define JSON_TYPE     "application/json; charset=utf-8"
#define TAGS_MAX      8
#define SEARCH_MAX    200 /* bytes */
#define WORD_MAX      64
#define FILE_JSON_MAX ((size_t)32 << 20)

/* --- what is asked for -------------------------------------------------------------------------------------------- */

struct wish {
	struct kl_filter filter;
	char tags[TAGS_MAX][WORD_MAX + 1];
	size_t tag_count;
	struct api_page page;
	const char *pack; /* NULL: all */
	const char *raw[7]; /* as they were asked for: the answer is kept by them… */
	struct hidden_packs hidden; /* …and by what is kept from who asks */
};

static bool read_difficulty(struct wish *wish, struct request *request, const char *text)
{
	enum kl_difficulty difficulty;

	wish->filter.difficulty = -1;
	if (!text || !*text)
		return true;
	if (!kl_difficulty_parse(&difficulty, text)) {
		api_error(request, API_INVALID, "'difficulty' must be BEGINNER, INTERMEDIATE, ADVANCED or EXPERT");
		return false;
	}
	wish->filter.difficulty = (int)difficulty;
	return true;
}

/* "number", or with "-" before it: from the last to the first. */
static bool read_sort(struct wish *wish, struct request *request, const char *text)
{
	/* clang-format off */
	static const struct { const char *word; enum kl_sort sort; } sorts[] = {
		{ "number", KL_SORT_NUMBER }, { "title", KL_SORT_TITLE },
		{ "difficulty", KL_SORT_DIFFICULTY }, { "minutes", KL_SORT_MINUTES },
	};
	/* clang-format on */

	wish->filter.sort = KL_SORT_NUMBER;
	if (!text || !*text)
		return true;
	wish->filter.descending = *text == '-';
	text += *text == '-';
	for (size_t i = 0; i < KL_LENGTH(sorts); i++) {
		if (strcmp(sorts[i].word, text) != 0)
			continue;
		wish->filter.sort = sorts[i].sort;
		return true;
	}
	api_error(request, API_INVALID,
		  "'sort' must be number, title, difficulty or minutes, or one of them after a '-'");
	return false;
}

/* Parted by commas; a challenge must have all of them. */
static bool read_tags(struct wish *wish, struct request *request, const char *text)
{
	while (text && *text) {
		size_t len = strcspn(text, ",");

		if (wish->tag_count == TAGS_MAX || len > WORD_MAX) {
			api_error(request, API_INVALID,
				  "'tags' must be at most %d tags of at most %d letters, parted by commas", TAGS_MAX,
				  WORD_MAX);
			return false;
		}
		if (len) {
			memcpy(wish->tags[wish->tag_count], text, len);
			wish->tags[wish->tag_count++][len] = '\0';
		}
		text += len;
		text += *text == ',';
	}
	wish->filter.tag = wish->tag_count ? wish->tags[0] : NULL;
	return true;
}

static const char *or_null(const char *text)
{
	return text && *text ? text : NULL;
}

static bool read_wish(struct wish *wish, struct request *request)
{
	static const char *const names[] = { "difficulty", "category", "tags", "search", "language", "sort", "pack" };

	*wish = (struct wish){ .filter = { .state = -1 } };
	for (size_t i = 0; i < KL_LENGTH(names); i++) {
		wish->raw[i] = request_query(request, names[i]);
		if (wish->raw[i] && strlen(wish->raw[i]) > (i == 2 ? TAGS_MAX * (WORD_MAX + 1) : SEARCH_MAX)) {
			api_error(request, API_INVALID, "'%s' is too long", names[i]);
			return false;
		}
	}
	wish->filter.category = or_null(wish->raw[1]);
	wish->filter.text = or_null(wish->raw[3]);
	wish->filter.language = or_null(wish->raw[4]);
	wish->pack = or_null(wish->raw[6]);
	return api_page(&wish->page, request) && read_difficulty(wish, request, wish->raw[0]) &&
	       read_tags(wish, request, wish->raw[2]) && read_sort(wish, request, wish->raw[5]);
}

/* A text with its length: none can be taken for two. */
static void add_part(struct kl_buf *key, const char *text)
{
	kl_buf_add_char(key, ' ');
	kl_buf_add_int(key, text ? (int64_t)strlen(text) : 0);
	kl_buf_add_char(key, ' ');
	kl_buf_add_str(key, text ? text : "");
}

/* Owned. */
static char *wish_key(const struct wish *wish)
{
	struct kl_buf key;

	kl_buf_init(&key, SIZE_MAX / 2);
	kl_buf_add_str(&key, "list ");
	kl_buf_add_int(&key, wish->page.page);
	kl_buf_add_char(&key, ' ');
	kl_buf_add_int(&key, wish->page.limit);
	for (size_t i = 0; i < KL_LENGTH(wish->raw); i++)
		add_part(&key, wish->raw[i]);
	for (size_t i = 0; i < wish->hidden.count; i++) {
		kl_buf_add_str(&key, " without ");
		kl_buf_add_str(&key, wish->hidden.names[i]);
	}
	return kl_buf_detach(&key);
}

/* --- the list ----------------------------------------------------------------------------------------------------- */

static void show_words(struct kl_buf *body, const char *name, char *const *words)
{
	jsonout_key(body, name);
	kl_buf_add_char(body, '[');
	for (size_t i = 0; words[i]; i++) {
		if (i)
			kl_buf_add_char(body, ',');
		jsonout_string(body, words[i], strlen(words[i]));
	}
	kl_buf_add_char(body, ']');
}

static const char *kind_word(enum kl_challenge_kind kind)
{
	return kind == KL_KIND_FUNCTION ? "function" : "program";
}

/* Without braces. */
static void show_row(struct kl_buf *body, const struct packs *packs, const struct kl_entry *entry)
{
	const struct kl_published *row = packs_find(packs, entry->pack);

	jsonout_key(body, "id");
	kl_buf_addf(body, "\"%s/%s\"", entry->pack, entry->slug);
	jsonout_text(body, "pack", entry->pack);
	jsonout_text(body, "slug", entry->slug);
	jsonout_int(body, "version", row ? row->version : 0);
	jsonout_int(body, "number", entry->number);
	jsonout_text(body, "title", entry->title);
	jsonout_text(body, "summary", entry->summary);
	jsonout_text(body, "difficulty", kl_difficulty_name(entry->difficulty));
	jsonout_text(body, "category", entry->category);
	jsonout_text(body, "kind", kind_word(entry->kind));
	jsonout_int(body, "minutes", entry->minutes);
	show_words(body, "tags", entry->tags);
	show_words(body, "languages", entry->languages);
}

/* What the catalogue does not filter by. */
static bool is_wished(const struct kl_entry *entry, const struct wish *wish)
{
	if (wish->pack && strcmp(wish->pack, entry->pack) != 0)
		return false;
	for (size_t i = 1; i < wish->tag_count; i++) { /* the catalogue looked at the first */
		char **tag = entry->tags;

		while (*tag && strcmp(*tag, wish->tags[i]) != 0)
			tag++;
		if (!*tag)
			return false;
	}
	return true;
}

static struct shared *make_list(struct request *request, const struct packs *packs, const struct wish *wish)
{
	size_t *rows = kl_calloc(kl_catalogue_count(packs->catalogue) + 1, sizeof(*rows));
	size_t count = kl_catalogue_select(packs->catalogue, &wish->filter, rows);
	struct shared *made;
	int64_t total = 0;
	struct kl_buf body;

	api_begin(&body);
	kl_buf_add_char(&body, '[');
	for (size_t i = 0; i < count; i++) {
		const struct kl_entry *entry = kl_catalogue_at(packs->catalogue, rows[i]);

		if (!is_wished(entry, wish) || hidden_packs_has(&wish->hidden, entry->pack))
			continue;
		if (total >= wish->page.skip && total < wish->page.skip + wish->page.limit) {
			kl_buf_add_str(&body, total > wish->page.skip ? ",{" : "{");
			show_row(&body, packs, entry);
			kl_buf_add_char(&body, '}');
		}
		total++;
	}
	kl_buf_add_char(&body, ']');
	free(rows);
	api_end_page(request, &body, &wish->page, total);
	made = shared_new(&request->answer.body, JSON_TYPE, false);
	return made;
}

static void list(struct request *request)
{
	const struct packs *packs = packs_of(request->server);
	struct shared *found, *fresh = NULL;
	struct wish wish;
	char *key;

	if (!read_wish(&wish, request) || !hidden_packs_ask(&wish.hidden, request))
		return;
	key = wish_key(&wish);
	found = shelf_find(packs->answers, key);
	if (!found) {
		found = fresh = make_list(request, packs, &wish);
		shelf_put(packs->answers, key, fresh);
	}
	answer_shared(request, found);
	shared_drop(fresh);
	hidden_packs_release(&wish.hidden);
	free(key);
}

/* How many of a category are there for who asks. */
static int64_t count_category(const struct packs *packs, const char *category, const struct hidden_packs *hidden)
{
	size_t count = kl_catalogue_count(packs->catalogue);
	int64_t members = 0;

	for (size_t row = 0; row < count; row++) {
		const struct kl_entry *entry = kl_catalogue_at(packs->catalogue, row);

		members += !strcmp(entry->category, category) && !hidden_packs_has(hidden, entry->pack);
	}
	return members;
}

static void categories(struct request *request)
{
	const struct packs *packs = packs_of(request->server);
	const char *const *words = kl_catalogue_categories(packs->catalogue);
	struct hidden_packs hidden;
	const char *before = "";
	struct kl_buf body;

	if (!hidden_packs_ask(&hidden, request))
		return;
	api_begin(&body);
	kl_buf_add_char(&body, '[');
	for (size_t i = 0; words[i]; i++) {
		int64_t members = count_category(packs, words[i], &hidden);

		if (!members)
			continue;
		kl_buf_addf(&body, "%s{", before);
		jsonout_text(&body, "category", words[i]);
		jsonout_int(&body, "challenges", members);
		kl_buf_add_char(&body, '}');
		before = ",";
	}
	kl_buf_add_char(&body, ']');
	hidden_packs_release(&hidden);
	api_end(request, 200, &body);
}

/* --- one of them -------------------------------------------------------------------------------------------------- */

static void show_meta(struct kl_buf *body, const struct kl_challenge *challenge, int64_t version)
{
	jsonout_key(body, "id");
	kl_buf_addf(body, "\"%s/%s\"", challenge->pack, challenge->slug);
	jsonout_text(body, "pack", challenge->pack);
	jsonout_text(body, "slug", challenge->slug);
	jsonout_int(body, "version", version);
	jsonout_text(body, "title", challenge->title);
	jsonout_text(body, "summary", challenge->summary);
	jsonout_text(body, "difficulty", kl_difficulty_name(challenge->difficulty));
	jsonout_text(body, "category", challenge->category);
	jsonout_text(body, "kind", kind_word(challenge->kind));
	jsonout_int(body, "minutes", challenge->minutes);
	show_words(body, "tags", challenge->tags);
	show_words(body, "languages", challenge->languages);
	show_words(body, "prerequisites", challenge->prerequisites);
	show_words(body, "outcomes", challenge->outcomes);
	show_words(body, "hints", challenge->hints);
	jsonout_text(body, "author", or_null(challenge->author));
	jsonout_text(body, "licence", or_null(challenge->licence));
	jsonout_text(body, "statement", challenge->statement);
	jsonout_text(body, "checker", kl_checker_name(challenge->checker.kind));
}

static void show_skills(struct kl_buf *body, const struct kl_challenge *challenge)
{
	jsonout_key(body, "skills");
	kl_buf_add_char(body, '{');
	for (size_t i = 0; i < challenge->skill_count; i++) {
		jsonout_key(body, challenge->skills[i].skill);
		jsonout_float(body, challenge->skills[i].weight);
	}
	kl_buf_add_char(body, '}');
}

static void show_limits(struct kl_buf *body, const struct kl_challenge *challenge)
{
	jsonout_key(body, "limits");
	kl_buf_add_char(body, '{');
	jsonout_int(body, "cpu_ms", challenge->limits.cpu_ms);
	jsonout_int(body, "memory_kib", challenge->limits.memory_kib);
	jsonout_int(body, "output_bytes", challenge->limits.output_bytes);
	kl_buf_add_char(body, '}');
}

static void show_starters(struct kl_buf *body, const struct kl_challenge *challenge)
{
	jsonout_key(body, "starters");
	kl_buf_add_char(body, '{');
	for (size_t i = 0; i < challenge->starter_count; i++) {
		const struct kl_source *source = &challenge->starters[i];

		jsonout_key(body, source->language);
		jsonout_string(body, source->text, source->len);
	}
	kl_buf_add_char(body, '}');
}

/* A member of a file of the view, as it is written there, numbers with all their digits; null: it has none. */
static enum kl_status show_member(struct kl_buf *body, const char *dir, const char *file, const char *member,
				  struct kl_error *err)
{
	char *path = kl_path_join(dir, file);
	struct kl_json *doc = NULL;
	const cJSON *node;
	enum kl_status status = kl_json_read(&doc, path, FILE_JSON_MAX, err);

	free(path);
	if (status)
		return status;
	node = cJSON_GetObjectItemCaseSensitive(kl_json_root(doc), member);
	jsonout_key(body, member);
	if (node)
		kl_json_print(doc, node, body);
	else
		kl_buf_add_str(body, "null");
	kl_json_free(doc);
	return KL_OK;
}

static enum kl_status make_challenge(struct kl_buf *body, const char *pack, const char *dir, int64_t version,
				     struct kl_error *err)
{
	struct kl_challenge *challenge = NULL;
	enum kl_status status = kl_challenge_read(&challenge, pack, dir, 1, err);

	if (status)
		return status;
	api_begin(body);
	kl_buf_add_char(body, '{');
	show_meta(body, challenge, version);
	show_skills(body, challenge);
	show_limits(body, challenge);
	show_starters(body, challenge);
	if (!(status = show_member(body, dir, "challenge.json", "function", err)) &&
	    !(status = show_member(body, dir, "challenge.json", "records", err)))
		status = show_member(body, dir, "tests.json", "tests", err);
	kl_buf_add_str(body, "}}");
	kl_challenge_free(challenge);
	return status;
}

/* NULL: it was answered why not. */
static struct shared *read_challenge(struct request *request, struct packs *packs, const char *pack, const char *slug,
				     int64_t version)
{
	struct shared *made = NULL;
	char *folder, *dir = NULL;
	struct kl_error err;
	struct kl_buf body;
	enum kl_status status = packs_folder(&folder, packs, pack, version, &err);

	kl_buf_init(&body, 0);
	if (!status) {
		dir = kl_format("%s/view/%s", folder, slug);
		free(folder);
		status = kl_path_exists(dir) ? make_challenge(&body, pack, dir, version, &err) : KL_ENOENT;
	}
	if (!status)
		made = shared_new(&body, JSON_TYPE, false);
	else if (status == KL_ENOENT)
		api_error(request, API_NOT_FOUND, API_NOT_THERE);
	else
		api_fail(request, &err);
	kl_buf_release(&body);
	free(dir);
	return made;
}

static void get(struct request *request)
{
	const char *pack = request_argument(request, "pack"), *slug = request_argument(request, "slug");
	struct packs *packs = packs_of(request->server);
	const struct kl_published *row = packs_find(packs, pack);
	struct shared *found, *fresh = NULL;
	int64_t version;
	char *key;

	if (!row || !kl_slug_valid(slug)) {
		api_error(request, API_NOT_FOUND, API_NOT_THERE);
		return;
	}
	if (!packs_version(&version, request, row))
		return;
	key = kl_format("one %s %s %lld", pack, slug, (long long)version);
	found = shelf_find(packs->answers, key);
	if (!found && (found = fresh = read_challenge(request, packs, pack, slug, version)))
		shelf_put(packs->answers, key, fresh);
	if (found)
		answer_shared(request, found);
	shared_drop(fresh);
	free(key);
}

/* clang-format off */
static const struct route rows[] = {
	{ "GET",    "/api/challenges",             0, list,                     ACCESS_SIGNED_IN },
	{ "POST",   "/api/challenges",             0, packs_put_challenge,      ACCESS_INSTRUCTOR },
	{ "GET",    "/api/challenges/categories",  0, categories,               ACCESS_SIGNED_IN },
	{ "GET",    "/api/challenges/:pack/:slug", 0, get,                      ACCESS_PACK_READER },
	{ "PUT",    "/api/challenges/:pack/:slug", 0, packs_replace_challenge,  ACCESS_PACK_AUTHOR },
	{ "DELETE", "/api/challenges/:pack/:slug", 0, packs_take_out_challenge, ACCESS_PACK_AUTHOR },
};
/* clang-format on */

const struct route_area challenges_area = { "/api/challenges", rows, KL_LENGTH(rows) };
