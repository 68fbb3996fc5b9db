/*
 * The tree of context stacks. The same stack is always the same node, so that two states are equal exactly when
 * their numbers are, and going back one context is one look-up.
 */

#include "core/language/syntax_int.h"

#include <string.h>

#include <kodelab/alloc.h>

static uint32_t *chain_of(struct kl_syntax *syntax, uint32_t parent, size_t context, const char *mark, size_t len)
{
	uint32_t hash = parent * 2654435761u + (uint32_t)context * 40503u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)mark[i]) * 16777619u;
	return &syntax->chains[(hash >> 16) % SYNTAX_CHAINS];
}

static bool is_node(const struct syntax_node *node, uint32_t parent, size_t context, const char *mark, size_t len)
{
	if (node->parent != parent || node->context != context || !node->mark != !mark)
		return false;
	return !mark || (node->mark_len == len && !memcmp(node->mark, mark, len));
}

uint32_t syntax_node_push(struct kl_syntax *syntax, uint32_t parent, size_t context, const char *mark, size_t len)
{
	uint32_t *chain = chain_of(syntax, parent, context, mark, len);
	uint32_t at = *chain;

	while (at && !is_node(&syntax->nodes[at], parent, context, mark, len))
		at = syntax->nodes[at].next;
	if (at)
		return at;
	if (syntax->nodes[parent].depth == SYNTAX_DEPTH || syntax->node_count >= SYNTAX_NODES)
		return parent;
	at = (uint32_t)syntax->node_count;
	KL_GROW(syntax->nodes, syntax->node_count, syntax->node_capacity);
	syntax->nodes[syntax->node_count++] = (struct syntax_node){
		.parent = parent,
		.next = *chain,
		.depth = (uint16_t)(syntax->nodes[parent].depth + 1),
		.context = (uint16_t)context,
		.mark = mark ? kl_strndup(mark, len) : NULL,
		.mark_len = len,
	};
	*chain = at;
	return at;
}
