/* The authoring check: a pack or one challenge, all findings in one list. */

#include <kodelab/authoring.h>

#include <dirent.h>
#include <sys/stat.h>

#include <kodelab/alloc.h>
#include <kodelab/path.h>

#include "core/challenge/authoring_int.h"
#include "core/challenge/challenge_int.h"

const char *kl_severity_name(enum kl_severity severity)
{
	return severity == KL_FINDING_ERROR ? "error" : "warning";
}

/* --- findings ----------------------------------------------------------------------------------------------------- */

/* Takes file and sentence over. */
static void add_finding(struct kl_check *check, enum kl_severity severity, char *file, int line, char *sentence)
{
	check->findings = kl_realloc_array(check->findings, check->finding_count + 1, sizeof(*check->findings));
	check->findings[check->finding_count++] = (struct kl_finding){ severity, file, line, sentence };
	check->error_count += severity == KL_FINDING_ERROR;
}

void kl_finding_add(const struct kl_subject *subject, enum kl_severity severity, const char *file, int line,
		    const char *fmt, ...)
{
	char sentence[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, args);
	va_end(args);
	add_finding(subject->check, severity, kl_format("%s%s", subject->prefix, file), line, kl_strdup(sentence));
}

/* The reader's "tests.json:14: expected …" taken apart again; a sentence without a place is about the folder. */
static void add_reader_error(struct kl_check *check, const char *prefix, const char *otherwise, const char *message)
{
	size_t len = strcspn(message, ": '");
	const char *sentence = message;
	char *after;
	long line = 0;

	if (message[len] == ':') {
		line = strtol(message + len + 1, &after, 10);
		sentence = after > message + len + 1 && *after == ':' ? after + 1 : message + len + 1;
		sentence += strspn(sentence, " ");
	} else {
		len = 0;
	}
	add_finding(check, KL_FINDING_ERROR, kl_format("%s%.*s%s", prefix, (int)len, message, len ? "" : otherwise),
		    (int)line, kl_strdup(sentence));
}

/* --- one challenge ------------------------------------------------------------------------------------------------ */

static bool belongs(const struct kl_challenge *challenge, const char *name)
{
	static const char *const known[] = { "challenge.json", "statement.md", "tests.json", "starter", "solution" };

	for (size_t i = 0; i < KL_LENGTH(known); i++)
		if (!strcmp(known[i], name))
			return true;
	return challenge->checker.file && !strcmp(challenge->checker.file, name);
}

static void find_strays(const struct kl_subject *subject)
{
	struct dirent **entries = NULL;
	int count = scandir(subject->challenge->dir, &entries, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;

		if (name[0] != '.' && !belongs(subject->challenge, name))
			kl_finding_add(subject, KL_FINDING_WARNING, name, 0, "nothing reads this");
		free(entries[i]);
	}
	free(entries);
}

static void run_rules(struct kl_subject *subject)
{
	char *meta = kl_path_join(subject->challenge->dir, "challenge.json");
	char *tests = kl_path_join(subject->challenge->dir, "tests.json");
	struct kl_json *meta_doc = NULL, *tests_doc = NULL;
	struct kl_error err;

	/* Read a second time, for the lines. */
	if (kl_json_read(&meta_doc, meta, KL_CHALLENGE_JSON_MAX, &err) ||
	    kl_json_read(&tests_doc, tests, KL_TESTS_JSON_MAX, &err)) {
		add_reader_error(subject->check, subject->prefix, "", err.message);
	} else {
		subject->meta = meta_doc;
		subject->tests = tests_doc;
		kl_rules_run(subject);
		kl_source_rules_run(subject);
		find_strays(subject);
	}
	kl_json_free(meta_doc);
	kl_json_free(tests_doc);
	free(meta);
	free(tests);
}

/* place: "two-sum/", or "" when the challenge alone is checked. */
static void check_challenge(struct kl_check *check, const struct kl_check_pack *pack, const char *dir, int number,
			    const char *place)
{
	struct kl_subject subject = { .check = check, .pack = pack, .prefix = place };
	struct kl_challenge *challenge = NULL;
	struct kl_error err;

	if (kl_challenge_read(&challenge, "pack", dir, number, &err)) {
		add_reader_error(check, place, *place ? "" : ".", err.message);
		return;
	}
	check->challenges =
		kl_realloc_array(check->challenges, check->challenge_count + 1, sizeof(struct kl_challenge *));
	check->challenges[check->challenge_count++] = challenge;
	subject.challenge = challenge;
	run_rules(&subject);
}

/* --- cycles of prerequisites -------------------------------------------------------------------------------------- */

struct cycle_search {
	struct kl_check *check;
	char *colour; /* per challenge: 0 not seen, 1 on the way, 2 done */
	size_t *way; /* indexes of those on the way */
	size_t depth;
};

static size_t index_of(const struct kl_check *check, const char *slug)
{
	size_t at = 0;

	while (at < check->challenge_count && strcmp(check->challenges[at]->slug, slug) != 0)
		at++;
	return at;
}

static void tell_cycle(const struct cycle_search *search, size_t back)
{
	const struct kl_check *check = search->check;
	struct kl_buf text;
	size_t from = 0;

	while (search->way[from] != back)
		from++;
	kl_buf_init(&text, 500);
	kl_buf_add_str(&text, "the prerequisites go round: ");
	for (size_t i = from; i < search->depth; i++)
		kl_buf_addf(&text, "%s needs ", check->challenges[search->way[i]]->slug);
	kl_buf_add_str(&text, check->challenges[back]->slug);
	add_finding(search->check, KL_FINDING_ERROR, kl_format("%s/challenge.json", check->challenges[back]->slug), 0,
		    kl_buf_detach(&text));
}

static void visit(struct cycle_search *search, size_t index)
{
	const struct kl_check *check = search->check;

	search->colour[index] = 1;
	search->way[search->depth++] = index;
	for (char **slug = check->challenges[index]->prerequisites; *slug; slug++) {
		size_t next = index_of(check, *slug);

		if (next == check->challenge_count || next == index)
			continue;
		if (search->colour[next] == 1)
			tell_cycle(search, next);
		else if (!search->colour[next])
			visit(search, next);
	}
	search->depth--;
	search->colour[index] = 2;
}

static void find_cycles(struct kl_check *check)
{
	struct cycle_search search = { .check = check };

	search.colour = kl_calloc(check->challenge_count + 1, 1);
	search.way = kl_calloc(check->challenge_count + 1, sizeof(*search.way));
	for (size_t i = 0; i < check->challenge_count; i++)
		if (!search.colour[i])
			visit(&search, i);
	free(search.colour);
	free(search.way);
}

/* --- a pack ------------------------------------------------------------------------------------------------------- */

static bool is_named(const struct kl_pack *pack, const char *name)
{
	for (size_t i = 0; i < pack->challenge_count; i++)
		if (!strcmp(pack->challenges[i], name))
			return true;
	return false;
}

static void find_unnamed(struct kl_check *check, const struct kl_pack *pack)
{
	struct dirent **entries = NULL;
	int count = scandir(pack->dir, &entries, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		char *path = kl_path_join(pack->dir, name);
		struct stat st;

		if (name[0] != '.' && !lstat(path, &st) && S_ISDIR(st.st_mode) && !is_named(pack, name))
			add_finding(check, KL_FINDING_ERROR, kl_strdup("pack.json"), 0,
				    kl_format("the folder '%s' is not among the challenges", name));
		free(path);
		free(entries[i]);
	}
	free(entries);
}

static void check_pack(struct kl_check *check, const char *dir)
{
	struct kl_check_pack known = { .slugs = NULL };
	struct kl_pack *pack;
	struct kl_error err;

	if (kl_pack_read(&pack, dir, &err)) {
		add_reader_error(check, "", "pack.json", err.message);
		return;
	}
	known.slugs = pack->challenges;
	for (size_t i = 0; i < pack->challenge_count; i++) {
		char *inner = kl_path_join(dir, pack->challenges[i]);
		char *place = kl_format("%s/", pack->challenges[i]);

		check_challenge(check, &known, inner, (int)i + 1, place);
		free(inner);
		free(place);
	}
	find_cycles(check);
	find_unnamed(check, pack);
	kl_pack_free(pack);
}

/* --- either ------------------------------------------------------------------------------------------------------- */

static bool holds(const char *dir, const char *name)
{
	char *path = kl_path_join(dir, name);
	bool there = kl_path_exists(path);

	free(path);
	return there;
}

static void check_alone(struct kl_check *check, const char *dir)
{
	char *above = kl_path_join(dir, "..");
	struct kl_check_pack known = { .slugs = NULL };
	struct kl_pack *pack = NULL;

	if (!kl_pack_read(&pack, above, NULL))
		known.slugs = pack->challenges;
	check_challenge(check, &known, dir, 1, "");
	kl_pack_free(pack);
	free(above);
}

enum kl_status kl_check_open(struct kl_check **out, const char *dir, struct kl_error *err)
{
	bool pack = holds(dir, "pack.json"), alone = holds(dir, "challenge.json");
	struct kl_check *check;

	if (!pack && !alone)
		return kl_fail(err, KL_ENOENT, "'%s' is neither a pack (pack.json) nor a challenge (challenge.json)",
			       dir);
	check = kl_calloc(1, sizeof(*check));
	if (pack)
		check_pack(check, dir);
	else
		check_alone(check, dir);
	*out = check;
	return KL_OK;
}

void kl_check_close(struct kl_check *check)
{
	if (!check)
		return;
	for (size_t i = 0; i < check->finding_count; i++) {
		free(check->findings[i].file);
		free(check->findings[i].sentence);
	}
	for (size_t i = 0; i < check->challenge_count; i++)
		kl_challenge_free(check->challenges[i]);
	free(check->findings);
	free(check->proofs);
	free(check->challenges);
	free(check);
}
