#ifndef KODELAB_SYNTAX_H
#define KODELAB_SYNTAX_H

/*
 * Highlighting: themes/syntax/<name>.syntax read once (format: docs/syntax-format.md), then lines are lexed
 * one by one. The state after a line is a small number; a line is lexed anew only when its text or the state before it changed.
 */

#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>

enum kl_token {
	KL_TOKEN_TEXT,
	KL_TOKEN_KEYWORD,
	KL_TOKEN_TYPE,
	KL_TOKEN_CONSTANT,
	KL_TOKEN_NUMBER,
	KL_TOKEN_STRING,
	KL_TOKEN_ESCAPE,
	KL_TOKEN_COMMENT,
	KL_TOKEN_PREPROC,
	KL_TOKEN_FUNCTION,
	KL_TOKEN_OPERATOR,
	KL_TOKEN_VARIABLE,
	KL_TOKEN_ATTRIBUTE,
	KL_TOKEN_ERROR,
	KL_TOKEN_COUNT,
};

struct kl_span {
	size_t start, len; /* bytes of the line */
	enum kl_token token;
};

struct kl_syntax;

#define KL_SYNTAX_START    0u
#define KL_SYNTAX_LINE_MAX 4096 /* bytes of one line that are lexed; the rest is KL_TOKEN_TEXT */

/*
 * Reads a syntax file and those it extends. KL_EINVAL: "python.syntax:12: …"; KL_ENOENT. Patterns are compiled (with JIT
 * where there is one) when their context is first met; one that is wrong is left out then.
 */
enum kl_status kl_syntax_open(struct kl_syntax **out, const char *path, struct kl_error *err) KL_MUST_CHECK;
void kl_syntax_close(struct kl_syntax *syntax);

/* Compiles every pattern, to say what is wrong with one: KL_EINVAL "python.syntax:12: bad pattern: …". For authors and tests. */
enum kl_status kl_syntax_check(struct kl_syntax *syntax, struct kl_error *err) KL_MUST_CHECK;

/*
 * Lexes one line (no newline) from state, writes at most max spans in order (gaps are KL_TOKEN_TEXT), returns
 * their number; *next is the state for the following line, also when the spans did not fit. A state belongs to this
 * kl_syntax, stays good until it is closed, and equal numbers mean equal states. Time is bounded by match limits.
 * Spans neither overlap nor cut a UTF-8 character.
 */
size_t kl_syntax_line(struct kl_syntax *syntax, uint32_t state, const char *line, size_t len, struct kl_span *spans,
		      size_t max, uint32_t *next);

/* Keywords, types and constants of the language for completion, sorted, NULL-terminated, of the syntax's life. */
const char *const *kl_syntax_words(struct kl_syntax *syntax);

#endif
