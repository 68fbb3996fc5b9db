/*
 * All rules of a context become one pattern, so that finding the next token is one search:
 * (?|rule 0(*MARK:0)|rule 1(*MARK:1)|…). The leftmost match wins, among those the first rule; the mark says which it
 * was, and the branch reset lets each rule count its groups from 1.
 */

#include "core/language/syntax_int.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

enum {
	PATTERN_MAX = 64 * 1024,
	INCLUDE_MAX = 8, /* includes within includes */
};

enum kl_status syntax_rule_check(const struct syntax_rule *rule, struct kl_error *err)
{
	unsigned char reason[128];
	PCRE2_SIZE where;
	int code;
	pcre2_code *compiled;

	if (!rule->regex)
		return KL_OK;
	compiled = pcre2_compile((PCRE2_SPTR)rule->regex, PCRE2_ZERO_TERMINATED, 0, &code, &where, NULL);
	pcre2_code_free(compiled);
	if (compiled)
		return KL_OK;
	pcre2_get_error_message(code, reason, sizeof(reason));
	return kl_fail(err, KL_EINVAL, "%s:%d: bad pattern: %s at character %zu", rule->file, rule->line1,
		       (const char *)reason, where + 1);
}

/* Lists the context's rules with those it includes, leaving out patterns that do not compile. */
static void flatten(const struct kl_syntax *syntax, const struct syntax_context *from, struct syntax_context *to,
		    int level)
{
	for (size_t i = 0; i < from->count; i++) {
		const struct syntax_rule *rule = &from->rules[i];

		if (to->flat_count == SYNTAX_RULES)
			return;
		if (!rule->regex && level < INCLUDE_MAX)
			flatten(syntax, &syntax->contexts[rule->target], to, level + 1);
		else if (!syntax_rule_check(rule, NULL))
			to->flat[to->flat_count++] = rule;
	}
}

static pcre2_code *build(const struct syntax_context *context)
{
	struct kl_buf pattern;
	PCRE2_SIZE where;
	pcre2_code *code = NULL;
	int problem;

	kl_buf_init(&pattern, PATTERN_MAX);
	kl_buf_add_str(&pattern, "(?|");
	for (size_t i = 0; i < context->flat_count; i++)
		kl_buf_addf(&pattern, "%s(?:%s)(*MARK:%zu)", i ? "|" : "", context->flat[i]->regex, i);
	kl_buf_add_char(&pattern, ')');
	if (!pattern.truncated)
		code = pcre2_compile((PCRE2_SPTR)pattern.data, pattern.len, 0, &problem, &where, NULL);
	kl_buf_release(&pattern);
	return code;
}

const pcre2_code *syntax_context_code(const struct kl_syntax *syntax, struct syntax_context *context)
{
	if (context->tried)
		return context->code;
	context->tried = true;
	context->flat = kl_calloc(SYNTAX_RULES, sizeof(const struct syntax_rule *));
	flatten(syntax, context, context, 0);
	if (context->flat_count)
		context->code = build(context);
	context->is_jit = context->code && !pcre2_jit_compile(context->code, PCRE2_JIT_COMPLETE);
	return context->code;
}
