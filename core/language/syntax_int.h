#ifndef CORE_LANGUAGE_SYNTAX_INT_H
#define CORE_LANGUAGE_SYNTAX_INT_H

/*
 * Inside the lexer. The words: a context is a list of rules and the token of what no rule matches; a rule is a pattern
 * with a token and a move between contexts; a node is one stack of contexts. Nodes form a tree whose root is the empty
 * stack in the first context: pushing goes to a child, popping to the parent, and a line's state is its node's number.
 */

#include <stdbool.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <kodelab/syntax.h>

enum {
	SYNTAX_GROUPS = 4, /* capture groups of one rule that may have tokens of their own */
	SYNTAX_DEPTH = 64, /* contexts on top of each other; further pushes are not done */
	SYNTAX_NODES = 20000, /* different stacks one syntax remembers; further pushes are not done */
	SYNTAX_CONTEXTS = 200,
	SYNTAX_RULES = 99, /* of one context, included ones counted */
	SYNTAX_MARK_MAX = 64, /* bytes of a remembered end mark (heredoc, raw string) */
};

enum syntax_move {
	MOVE_NONE,
	MOVE_PUSH,
	MOVE_POP,
	MOVE_SET, /* pop, then push */
	MOVE_NEXT, /* push when the line ends (heredocs) */
	MOVE_KEEP, /* this line's end pops nothing (a backslash at the end) */
};

struct syntax_rule {
	char *regex; /* owned; NULL: this row includes the rules of target */
	char *target_name; /* owned; NULL: none */
	const char *file; /* name of the file it is from, for messages */
	int line1; /* there */
	enum kl_token token; /* of the whole match; of a word in no list */
	enum kl_token groups[SYNTAX_GROUPS]; /* of groups 1… */
	size_t group_count;
	bool is_word; /* the word lists decide the token */
	bool remembers; /* the move keeps group 1 as the new context's mark */
	bool is_same; /* counts only when group 1 is the mark remembered by the push */
	enum syntax_move move;
	size_t target; /* index of a context */
};

struct syntax_context {
	char *name;
	enum kl_token token;
	bool ends_with_line; /* popped at the end of its line */
	struct syntax_rule *rules;
	size_t count, capacity;
	bool tried; /* code was built, or could not be */
	pcre2_code *code; /* all rules in one pattern; a MARK tells which matched */
	bool is_jit;
	const struct syntax_rule **flat; /* the rules in the order of the pattern, includes resolved */
	size_t flat_count;
};

struct syntax_node {
	uint32_t parent, next; /* next: in its hash chain, 0: none */
	uint16_t depth;
	uint16_t context;
	char *mark; /* owned, may hold NULs; NULL: nothing remembered */
	size_t mark_len;
};

struct syntax_word {
	char *text; /* owned; NULL: free slot */
	size_t len;
	enum kl_token token;
};

struct syntax_words {
	struct syntax_word *slots; /* hashed, a power of two, at most half full */
	size_t count, size;
	bool ignore_case;
};

struct syntax_define {
	char *name, *regex;
};

#define SYNTAX_CHAINS 256

struct kl_syntax {
	struct syntax_context *contexts; /* [0] is where a file starts */
	size_t count, capacity;
	struct syntax_words words;
	struct syntax_define *defines;
	size_t define_count, define_capacity;
	char **files; /* names of the files read, for messages */
	size_t file_count, file_capacity;
	struct syntax_node *nodes; /* [0] is KL_SYNTAX_START */
	size_t node_count, node_capacity;
	uint32_t chains[SYNTAX_CHAINS]; /* nodes by hash of parent, context, mark */
	pcre2_match_data *match;
	pcre2_match_context *limits;
	const char **completion; /* for kl_syntax_words; made on first use */
};

/* syntax_read.c: reads path and the files it extends into syntax. */
enum kl_status syntax_read(struct kl_syntax *syntax, const char *path, int level, struct kl_error *err) KL_MUST_CHECK;

/* syntax_words.c */
void syntax_words_add(struct syntax_words *words, const char *text, size_t len, enum kl_token token);
/* The token of a word, otherwise when it is in no list. */
enum kl_token syntax_words_find(const struct syntax_words *words, const char *text, size_t len,
				enum kl_token otherwise);
void syntax_words_release(struct syntax_words *words);

/* syntax_compile.c: the context's pattern, built on first use; NULL: it has no rules that compile (all of it is text). */
const pcre2_code *syntax_context_code(const struct kl_syntax *syntax, struct syntax_context *context);
enum kl_status syntax_rule_check(const struct syntax_rule *rule, struct kl_error *err) KL_MUST_CHECK;

/* syntax_node.c */
uint32_t syntax_node_push(struct kl_syntax *syntax, uint32_t node, size_t context, const char *mark, size_t mark_len);

#endif
