/*
 * The lexer: one search per token with the current context's pattern, then the rule's tokens and its move. What no
 * rule matches has the context's own token.
 */

#include "core/language/syntax_int.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

enum {
	MATCH_LIMIT = 20000, /* PCRE2's own steps for one token; over it the rest of the line is plain */
	PAIRS = 16, /* groups of one rule, and the whole match */
	NEXT_MAX = 4, /* heredocs begun on one line */
	STUCK_MAX = 8, /* empty matches at one place */
};

struct mark {
	const char *text; /* in the line; NULL: none */
	size_t len;
};

struct pending {
	size_t context;
	struct mark mark;
};

struct lexer {
	struct kl_syntax *syntax;
	const char *line;
	size_t len, at; /* bytes lexed, and where we are */
	uint32_t node;
	struct kl_span *spans;
	size_t count, max;
	struct pending next[NEXT_MAX];
	size_t next_count;
	bool keep;
	int stuck;
};

static struct syntax_context *context_of(const struct kl_syntax *syntax, uint32_t node)
{
	return &syntax->contexts[syntax->nodes[node].context];
}

static void emit(struct lexer *lexer, size_t start, size_t end, enum kl_token token)
{
	struct kl_span *last = lexer->count ? &lexer->spans[lexer->count - 1] : NULL;

	if (start >= end || token == KL_TOKEN_TEXT)
		return;
	if (last && last->token == token && last->start + last->len == start)
		last->len = end - last->start;
	else if (lexer->count < lexer->max)
		lexer->spans[lexer->count++] = (struct kl_span){ start, end - start, token };
}

/* A rule that took the first byte of a character takes all of it: spans are never cut inside one. */
static size_t whole_character(const struct lexer *lexer, size_t end)
{
	while (end < lexer->len && ((unsigned char)lexer->line[end] & 0xc0) == 0x80)
		end++;
	return end;
}

static int search(struct lexer *lexer, const struct syntax_context *context)
{
	const struct kl_syntax *syntax = lexer->syntax;
	PCRE2_SPTR line = (PCRE2_SPTR)lexer->line;

	if (context->is_jit)
		return pcre2_jit_match(context->code, line, lexer->len, lexer->at, 0, syntax->match, syntax->limits);
	return pcre2_match(context->code, line, lexer->len, lexer->at, PCRE2_NO_UTF_CHECK, syntax->match,
			   syntax->limits);
}

static const struct syntax_rule *matched_rule(const struct lexer *lexer, const struct syntax_context *context)
{
	PCRE2_SPTR mark = pcre2_get_mark(lexer->syntax->match);
	size_t index = 0;

	for (; mark && *mark >= '0' && *mark <= '9'; mark++)
		index = 10 * index + (*mark - '0');
	return index < context->flat_count ? context->flat[index] : NULL;
}

/* Group n of the match; false: not set. */
static bool group(const struct lexer *lexer, int found, size_t n, size_t *start, size_t *end)
{
	const PCRE2_SIZE *at = pcre2_get_ovector_pointer(lexer->syntax->match);

	if ((size_t)found <= n || at[2 * n] == PCRE2_UNSET)
		return false;
	*start = at[2 * n];
	*end = at[2 * n + 1];
	return true;
}

/* Is group 1 the mark that the push into this context remembered? */
static bool is_mark(const struct lexer *lexer, int found)
{
	const struct syntax_node *node = &lexer->syntax->nodes[lexer->node];
	size_t start, end;

	return node->mark && group(lexer, found, 1, &start, &end) && node->mark_len == end - start &&
	       !memcmp(node->mark, lexer->line + start, end - start);
}

static void emit_groups(struct lexer *lexer, const struct syntax_rule *rule, int found, size_t from, size_t to)
{
	for (size_t n = 0; n < rule->group_count; n++) {
		size_t start, end;

		if (!group(lexer, found, n + 1, &start, &end) || start < from || end > to)
			continue;
		emit(lexer, from, start, rule->token);
		emit(lexer, start, end, rule->groups[n]);
		from = end;
	}
	emit(lexer, from, to, rule->token);
}

static void emit_rule(struct lexer *lexer, const struct syntax_rule *rule, int found, size_t start, size_t end)
{
	if (rule->is_word)
		emit(lexer, start, end,
		     syntax_words_find(&lexer->syntax->words, lexer->line + start, end - start, rule->token));
	else if (rule->group_count)
		emit_groups(lexer, rule, found, start, end);
	else
		emit(lexer, start, end, rule->token);
}

/* A mark too long to remember would never be found again: then the context is not entered. */
static bool mark_of(const struct lexer *lexer, const struct syntax_rule *rule, int found, struct mark *mark)
{
	size_t start, end;

	*mark = (struct mark){ NULL, 0 };
	if (!rule->remembers)
		return true;
	if (!group(lexer, found, 1, &start, &end) || end - start > SYNTAX_MARK_MAX)
		return false;
	*mark = (struct mark){ lexer->line + start, end - start };
	return true;
}

static void push(struct lexer *lexer, const struct syntax_rule *rule, int found)
{
	struct mark mark;

	if (mark_of(lexer, rule, found, &mark))
		lexer->node = syntax_node_push(lexer->syntax, lexer->node, rule->target, mark.text, mark.len);
}

static void push_at_end(struct lexer *lexer, const struct syntax_rule *rule, int found)
{
	struct mark mark;

	if (lexer->next_count < NEXT_MAX && mark_of(lexer, rule, found, &mark))
		lexer->next[lexer->next_count++] = (struct pending){ rule->target, mark };
}

static void move(struct lexer *lexer, const struct syntax_rule *rule, int found)
{
	switch (rule->move) {
	case MOVE_NONE:
		break;
	case MOVE_SET:
		lexer->node = lexer->syntax->nodes[lexer->node].parent;
		push(lexer, rule, found);
		break;
	case MOVE_PUSH:
		push(lexer, rule, found);
		break;
	case MOVE_POP:
		lexer->node = lexer->syntax->nodes[lexer->node].parent;
		break;
	case MOVE_NEXT:
		push_at_end(lexer, rule, found);
		break;
	case MOVE_KEEP:
		lexer->keep = true;
		break;
	}
}

/* Lexes up to and with the next match; false: the rest of the line is of this context. */
static bool step(struct lexer *lexer)
{
	struct syntax_context *context = context_of(lexer->syntax, lexer->node);
	const struct syntax_rule *rule;
	size_t start, end;
	int found;

	if (!syntax_context_code(lexer->syntax, context))
		return false;
	found = search(lexer, context);
	rule = found > 0 ? matched_rule(lexer, context) : NULL;
	if (!rule || !group(lexer, found, 0, &start, &end) || end < start || start < lexer->at)
		return false;
	emit(lexer, lexer->at, start, context->token);
	if (rule->is_same && !is_mark(lexer, found)) {
		lexer->at = whole_character(lexer, start + 1);
		emit(lexer, start, lexer->at, context->token);
		return true;
	}
	end = end > start ? whole_character(lexer, end) : end;
	emit_rule(lexer, rule, found, start, end);
	move(lexer, rule, found);
	lexer->stuck = end > lexer->at ? 0 : lexer->stuck + 1;
	lexer->at = end;
	if (lexer->stuck > STUCK_MAX || (end == start && rule->move == MOVE_NONE)) {
		lexer->at = whole_character(lexer, end + 1);
		emit(lexer, end, lexer->at, context_of(lexer->syntax, lexer->node)->token);
	}
	return true;
}

/* What the end of the line does to the stack: contexts of one line go, heredocs begin (the first one on top). */
static void end_line(struct lexer *lexer)
{
	struct kl_syntax *syntax = lexer->syntax;

	while (!lexer->keep && lexer->node != KL_SYNTAX_START && context_of(syntax, lexer->node)->ends_with_line)
		lexer->node = syntax->nodes[lexer->node].parent;
	while (lexer->next_count) {
		const struct pending *next = &lexer->next[--lexer->next_count];

		lexer->node = syntax_node_push(syntax, lexer->node, next->context, next->mark.text, next->mark.len);
	}
}

size_t kl_syntax_line(struct kl_syntax *syntax, uint32_t state, const char *line, size_t len, struct kl_span *spans,
		      size_t max, uint32_t *next)
{
	struct lexer lexer = { .syntax = syntax, .line = line, .len = len, .spans = spans, .max = max };

	lexer.node = state < syntax->node_count ? state : KL_SYNTAX_START;
	if (lexer.len > KL_SYNTAX_LINE_MAX) {
		lexer.len = KL_SYNTAX_LINE_MAX;
		while (lexer.len && ((unsigned char)line[lexer.len] & 0xc0) == 0x80)
			lexer.len--;
	}
	while (lexer.at < lexer.len && step(&lexer))
		;
	if (lexer.at < lexer.len)
		emit(&lexer, lexer.at, lexer.len, context_of(syntax, lexer.node)->token);
	end_line(&lexer);
	*next = lexer.node;
	return lexer.count;
}

enum kl_status kl_syntax_open(struct kl_syntax **out, const char *path, struct kl_error *err)
{
	struct kl_syntax *syntax = kl_calloc(1, sizeof(*syntax));
	enum kl_status status = syntax_read(syntax, path, 0, err);

	if (status) {
		kl_syntax_close(syntax);
		return status;
	}
	KL_GROW(syntax->nodes, syntax->node_count, syntax->node_capacity);
	syntax->nodes[syntax->node_count++] = (struct syntax_node){ .context = 0 };
	syntax->match = pcre2_match_data_create(PAIRS, NULL);
	syntax->limits = pcre2_match_context_create(NULL);
	if (!syntax->match || !syntax->limits)
		kl_die("no memory for a pattern");
	pcre2_set_match_limit(syntax->limits, MATCH_LIMIT);
	*out = syntax;
	return KL_OK;
}

enum kl_status kl_syntax_check(struct kl_syntax *syntax, struct kl_error *err)
{
	for (size_t i = 0; i < syntax->count; i++) {
		struct syntax_context *context = &syntax->contexts[i];

		for (size_t k = 0; k < context->count; k++) {
			enum kl_status status = syntax_rule_check(&context->rules[k], err);

			if (status)
				return status;
		}
		if (!syntax_context_code(syntax, context) && context->count)
			return kl_fail(err, KL_EINVAL, "%s:%d: the rules of context '%s' are too much for one pattern",
				       context->rules[0].file, context->rules[0].line1, context->name);
	}
	return KL_OK;
}

static void release_context(struct syntax_context *context)
{
	for (size_t i = 0; i < context->count; i++) {
		free(context->rules[i].regex);
		free(context->rules[i].target_name);
	}
	pcre2_code_free(context->code);
	free(context->flat);
	free(context->rules);
	free(context->name);
}

void kl_syntax_close(struct kl_syntax *syntax)
{
	if (!syntax)
		return;
	for (size_t i = 0; i < syntax->count; i++)
		release_context(&syntax->contexts[i]);
	for (size_t i = 0; i < syntax->define_count; i++) {
		free(syntax->defines[i].name);
		free(syntax->defines[i].regex);
	}
	for (size_t i = 0; i < syntax->file_count; i++)
		free(syntax->files[i]);
	for (size_t i = 0; i < syntax->node_count; i++)
		free(syntax->nodes[i].mark);
	pcre2_match_data_free(syntax->match);
	pcre2_match_context_free(syntax->limits);
	syntax_words_release(&syntax->words);
	free(syntax->completion);
	free(syntax->nodes);
	free(syntax->files);
	free(syntax->defines);
	free(syntax->contexts);
	free(syntax);
}

static int by_text(const void *left, const void *right)
{
	const char *const *a = left, *const *b = right;

	return strcmp(*a, *b);
}

const char *const *kl_syntax_words(struct kl_syntax *syntax)
{
	size_t count = 0;

	if (syntax->completion)
		return syntax->completion;
	syntax->completion = kl_calloc(syntax->words.count + 1, sizeof(*syntax->completion));
	for (size_t i = 0; i < syntax->words.size; i++)
		if (syntax->words.slots[i].text)
			syntax->completion[count++] = syntax->words.slots[i].text;
	qsort(syntax->completion, count, sizeof(*syntax->completion), by_text);
	return syntax->completion;
}
