/*
 * Reads .syntax files (docs/syntax-format.md): one directive a line. Names of contexts are resolved when everything,
 * the extended files included, has been read, so that a rule may go to a context further down.
 */

#include "core/language/syntax_int.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>

enum {
	FILE_MAX = 256 * 1024,
	EXTENDS_MAX = 4, /* files that extend files */
};

static const char *const token_names[KL_TOKEN_COUNT] = {
	[KL_TOKEN_TEXT] = "text",           [KL_TOKEN_KEYWORD] = "keyword",   [KL_TOKEN_TYPE] = "type",
	[KL_TOKEN_CONSTANT] = "constant",   [KL_TOKEN_NUMBER] = "number",     [KL_TOKEN_STRING] = "string",
	[KL_TOKEN_ESCAPE] = "escape",       [KL_TOKEN_COMMENT] = "comment",   [KL_TOKEN_PREPROC] = "preproc",
	[KL_TOKEN_FUNCTION] = "function",   [KL_TOKEN_OPERATOR] = "operator", [KL_TOKEN_VARIABLE] = "variable",
	[KL_TOKEN_ATTRIBUTE] = "attribute", [KL_TOKEN_ERROR] = "error",
};

static const struct {
	const char *name;
	enum syntax_move move;
	bool has_target;
} moves[] = {
	{ "push", MOVE_PUSH, true }, { "pop", MOVE_POP, false },   { "set", MOVE_SET, true },
	{ "next", MOVE_NEXT, true }, { "keep", MOVE_KEEP, false },
};

struct reader {
	struct kl_syntax *syntax;
	const char *path;
	const char *file; /* its last part, kept by the syntax */
	int line1, level;
	size_t context; /* the one being filled */
	bool has_context;
	size_t insert_at; /* where its next rule goes: before inherited ones */
	struct kl_error *err;
};

/* A piece of the line being read. */
struct piece {
	const char *text;
	size_t len;
};

static enum kl_status fail(const struct reader *reader, const char *what, struct piece piece)
{
	return kl_fail(reader->err, KL_EINVAL, "%s:%d: %s '%.*s'", reader->file, reader->line1, what,
		       (int)(piece.len < 80 ? piece.len : 80), piece.text);
}

/* The next word of the line; empty at its end. */
static struct piece next_piece(const char **at)
{
	struct piece piece;

	*at += strspn(*at, " \t\r");
	piece.text = *at;
	piece.len = strcspn(*at, " \t\r");
	*at += piece.len;
	return piece;
}

static bool is_piece(struct piece piece, const char *text)
{
	return strlen(text) == piece.len && !memcmp(piece.text, text, piece.len);
}

/* KL_TOKEN_COUNT: no such token. */
static enum kl_token token_of(struct piece piece)
{
	enum kl_token token = KL_TOKEN_TEXT;

	while (token < KL_TOKEN_COUNT && !is_piece(piece, token_names[token]))
		token++;
	return token;
}

static bool find_context(const struct kl_syntax *syntax, struct piece name, size_t *index)
{
	for (*index = 0; *index < syntax->count; ++*index)
		if (is_piece(name, syntax->contexts[*index].name))
			return true;
	return false;
}

/* context NAME [TOKEN] [line] */
static enum kl_status read_context(struct reader *reader, const char *rest)
{
	struct kl_syntax *syntax = reader->syntax;
	struct piece name = next_piece(&rest), word;
	enum kl_token token;

	if (!name.len)
		return fail(reader, "expected the name of a context, found", name);
	if (syntax->count == SYNTAX_CONTEXTS)
		return fail(reader, "too many contexts:", name);
	if (!find_context(syntax, name, &reader->context)) {
		KL_GROW(syntax->contexts, syntax->count, syntax->capacity);
		syntax->contexts[syntax->count++] = (struct syntax_context){ .name = kl_strndup(name.text, name.len) };
	}
	reader->has_context = true;
	reader->insert_at = 0;
	while (word = next_piece(&rest), word.len) {
		if (is_piece(word, "line"))
			syntax->contexts[reader->context].ends_with_line = true;
		else if ((token = token_of(word)) != KL_TOKEN_COUNT)
			syntax->contexts[reader->context].token = token;
		else
			return fail(reader, "expected a token or 'line', found", word);
	}
	return KL_OK;
}

/* words TOKEN word… */
static enum kl_status read_words(struct reader *reader, const char *rest)
{
	struct piece piece = next_piece(&rest);
	enum kl_token token = token_of(piece);

	if (token == KL_TOKEN_COUNT)
		return fail(reader, "expected a token, found", piece);
	while (piece = next_piece(&rest), piece.len)
		syntax_words_add(&reader->syntax->words, piece.text, piece.len, token);
	return KL_OK;
}

static enum kl_status read_ignore_case(struct reader *reader, const char *rest)
{
	if (reader->syntax->words.count)
		return fail(reader, "must stand before the first words:", (struct piece){ "ignore-case", 11 });
	(void)rest;
	reader->syntax->words.ignore_case = true;
	return KL_OK;
}

/* Replaces each @{name} by its definition. False: *unknown is the name that has none. */
static bool expand(const struct kl_syntax *syntax, struct piece regex, struct kl_buf *out, struct piece *unknown)
{
	const char *at = regex.text, *end = regex.text + regex.len;

	while (at < end) {
		const char *open = memmem(at, (size_t)(end - at), "@{", 2);
		const char *close = open ? memchr(open, '}', (size_t)(end - open)) : NULL;
		size_t i = 0;

		if (!close)
			return kl_buf_add(out, at, (size_t)(end - at));
		kl_buf_add(out, at, (size_t)(open - at));
		*unknown = (struct piece){ open + 2, (size_t)(close - open) - 2 };
		while (i < syntax->define_count && !is_piece(*unknown, syntax->defines[i].name))
			i++;
		if (i == syntax->define_count)
			return false;
		kl_buf_add_str(out, syntax->defines[i].regex);
		at = close + 1;
	}
	return !out->truncated;
}

/* The pattern between the first and the last '/' of text; NULL (and a sentence): none. rest gets what follows. Owned. */
static char *read_regex(struct reader *reader, const char *text, const char **rest)
{
	const char *first = strchr(text, '/'), *last = strrchr(text, '/');
	struct piece all = { text, strlen(text) }, unknown = { "", 0 };
	struct kl_buf out;

	if (!first || first == last || last == first + 1) {
		fail(reader, "expected a /pattern/, found", all);
		return NULL;
	}
	kl_buf_init(&out, 16 * 1024);
	if (!expand(reader->syntax, (struct piece){ first + 1, (size_t)(last - first) - 1 }, &out, &unknown)) {
		fail(reader, out.truncated ? "pattern is too long:" : "nothing is defined as",
		     out.truncated ? all : unknown);
		kl_buf_release(&out);
		return NULL;
	}
	*rest = last + 1;
	return kl_buf_detach(&out);
}

/* define NAME /regex/ */
static enum kl_status read_define(struct reader *reader, const char *rest)
{
	struct kl_syntax *syntax = reader->syntax;
	struct piece name = next_piece(&rest);
	struct syntax_define define;

	if (!name.len || *name.text == '/')
		return fail(reader, "expected a name to define, found", name);
	define.regex = read_regex(reader, rest, &rest);
	if (!define.regex)
		return KL_EINVAL;
	define.name = kl_strndup(name.text, name.len);
	KL_GROW(syntax->defines, syntax->define_count, syntax->define_capacity);
	syntax->defines[syntax->define_count++] = define;
	return KL_OK;
}

static void add_rule(struct reader *reader, const struct syntax_rule *rule)
{
	struct syntax_context *context = &reader->syntax->contexts[reader->context];
	size_t at = reader->insert_at++;

	KL_GROW(context->rules, context->count, context->capacity);
	memmove(context->rules + at + 1, context->rules + at, (context->count - at) * sizeof(*rule));
	context->rules[at] = *rule;
	context->count++;
}

/* What stands behind the pattern: one move, "mark", "same". */
static enum kl_status read_moves(struct reader *reader, struct syntax_rule *rule, const char *rest)
{
	struct piece word, target;

	while (word = next_piece(&rest), word.len) {
		size_t i = 0;

		if (is_piece(word, "same") || is_piece(word, "mark")) {
			*(*word.text == 's' ? &rule->is_same : &rule->remembers) = true;
			continue;
		}
		while (i < KL_LENGTH(moves) && !is_piece(word, moves[i].name))
			i++;
		if (i == KL_LENGTH(moves) || rule->move != MOVE_NONE)
			return fail(reader, "expected push, pop, set, next, keep, mark or same, found", word);
		rule->move = moves[i].move;
		if (!moves[i].has_target)
			continue;
		target = next_piece(&rest);
		if (!target.len)
			return fail(reader, "expected a context after", word);
		rule->target_name = kl_strndup(target.text, target.len);
	}
	return KL_OK;
}

/* The tokens before the pattern: of the whole match, then of its groups. */
static enum kl_status read_tokens(struct reader *reader, struct syntax_rule *rule, const char **rest)
{
	bool first = true;

	for (;;) {
		struct piece piece = next_piece(rest);
		enum kl_token token = token_of(piece);

		if (piece.len && *piece.text == '/') {
			*rest = piece.text;
			return KL_OK;
		}
		if (token == KL_TOKEN_COUNT || (!first && rule->group_count == SYNTAX_GROUPS))
			return fail(reader, "expected a token or a /pattern/, found", piece);
		if (first)
			rule->token = token;
		else
			rule->groups[rule->group_count++] = token;
		first = false;
	}
}

/* [word] [TOKEN…] /regex/ [move] [mark] [same] */
static enum kl_status read_rule(struct reader *reader, const char *line, bool is_word)
{
	struct syntax_rule rule = { .file = reader->file, .line1 = reader->line1, .is_word = is_word };
	enum kl_status status;

	if (!reader->has_context)
		return fail(reader, "a rule must stand in a context:", (struct piece){ line, strlen(line) });
	status = read_tokens(reader, &rule, &line);
	if (!status && !(rule.regex = read_regex(reader, line, &line)))
		status = KL_EINVAL;
	if (!status)
		status = read_moves(reader, &rule, line);
	if (status) {
		free(rule.regex);
		free(rule.target_name);
		return status;
	}
	add_rule(reader, &rule);
	return KL_OK;
}

static enum kl_status read_word_rule(struct reader *reader, const char *rest)
{
	return read_rule(reader, rest, true);
}

/* include CONTEXT */
static enum kl_status read_include(struct reader *reader, const char *rest)
{
	struct syntax_rule rule = { .file = reader->file, .line1 = reader->line1 };
	struct piece name = next_piece(&rest);

	if (!reader->has_context || !name.len)
		return fail(reader, "expected a context to include, in a context, found", name);
	rule.target_name = kl_strndup(name.text, name.len);
	add_rule(reader, &rule);
	return KL_OK;
}

/* extends NAME: the file of that name beside this one is read first */
static enum kl_status read_extends(struct reader *reader, const char *rest)
{
	struct piece name = next_piece(&rest);
	const char *slash = strrchr(reader->path, '/');
	enum kl_status status;
	char *path;

	if (!name.len || memchr(name.text, '/', name.len))
		return fail(reader, "expected the name of a syntax, found", name);
	if (reader->level == EXTENDS_MAX || reader->has_context)
		return fail(reader, "cannot be extended here:", name);
	path = kl_format("%.*s%.*s.syntax", slash ? (int)(slash - reader->path) + 1 : 0, reader->path, (int)name.len,
			 name.text);
	status = syntax_read(reader->syntax, path, reader->level + 1, reader->err);
	free(path);
	return status;
}

static const struct {
	const char *name;
	enum kl_status (*read)(struct reader *reader, const char *rest);
} directives[] = {
	{ "context", read_context },         { "words", read_words },   { "word", read_word_rule },
	{ "ignore-case", read_ignore_case }, { "define", read_define }, { "include", read_include },
	{ "extends", read_extends },
};

static enum kl_status read_line(struct reader *reader, const char *line)
{
	const char *rest = line;
	struct piece first = next_piece(&rest);

	if (!first.len || *first.text == '#')
		return KL_OK;
	for (size_t i = 0; i < KL_LENGTH(directives); i++)
		if (is_piece(first, directives[i].name))
			return directives[i].read(reader, rest);
	if (token_of(first) == KL_TOKEN_COUNT)
		return fail(reader, "expected a directive or a token, found", first);
	return read_rule(reader, line, false);
}

static enum kl_status read_lines(struct reader *reader, char *text)
{
	enum kl_status status = KL_OK;

	while (text && !status) {
		char *end = strchr(text, '\n');

		if (end)
			*end++ = '\0';
		reader->line1++;
		status = read_line(reader, text);
		text = end;
	}
	return status;
}

static enum kl_status resolve(struct kl_syntax *syntax, struct syntax_rule *rule, struct kl_error *err)
{
	const char *name = rule->target_name;

	if (!name || find_context(syntax, (struct piece){ name, strlen(name) }, &rule->target))
		return KL_OK;
	return kl_fail(err, KL_EINVAL, "%s:%d: no context '%s'", rule->file, rule->line1, name);
}

static enum kl_status resolve_all(struct kl_syntax *syntax, struct kl_error *err)
{
	for (size_t i = 0; i < syntax->count; i++)
		for (size_t k = 0; k < syntax->contexts[i].count; k++) {
			enum kl_status status = resolve(syntax, &syntax->contexts[i].rules[k], err);

			if (status)
				return status;
		}
	return KL_OK;
}

enum kl_status syntax_read(struct kl_syntax *syntax, const char *path, int level, struct kl_error *err)
{
	const char *slash = strrchr(path, '/');
	struct reader reader = { .syntax = syntax, .path = path, .level = level, .err = err };
	enum kl_status status;
	struct kl_buf text;

	KL_GROW(syntax->files, syntax->file_count, syntax->file_capacity);
	reader.file = syntax->files[syntax->file_count++] = kl_strdup(slash ? slash + 1 : path);
	kl_buf_init(&text, FILE_MAX);
	status = kl_file_read(&text, path, err);
	if (!status)
		status = read_lines(&reader, text.data);
	kl_buf_release(&text);
	if (status || level > 0)
		return status;
	if (!syntax->count)
		return kl_fail(err, KL_EINVAL, "%s: has no context", reader.file);
	return resolve_all(syntax, err);
}
