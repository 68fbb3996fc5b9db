#ifndef CORE_BASE_CONFIG_INT_H
#define CORE_BASE_CONFIG_INT_H

/* Lines of a configuration file, apart from what they set. */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/buf.h>
#include <kodelab/error.h>

enum kl_line_kind { KL_LINE_EMPTY, KL_LINE_OPTION, KL_LINE_BIND, KL_LINE_BAD };

struct kl_config_line { /* texts are owned */
	enum kl_line_kind kind;
	char *name; /* OPTION; BIND: the keys */
	char *value; /* OPTION; BIND: the request */
	size_t comment; /* where the comment begins (blanks before it included); the line's length when there is none */
	const char *fault; /* BAD: a sentence */
};

/* Reads one line of len bytes (without its newline). */
void kl_config_line_read(struct kl_config_line *out, const char *line, size_t len);
void kl_config_line_release(struct kl_config_line *line);
/* name = value, in quotes where it must be; without a newline. */
void kl_config_line_print(const char *name, const char *value, struct kl_buf *out);
/* Writes text to out with name set to value; value NULL: without name. Everything else stays as it is. */
void kl_config_edit(const char *text, size_t len, const char *name, const char *value, struct kl_buf *out);

#endif
