#ifndef TUI_EDITOR_HOST_H
#define TUI_EDITOR_HOST_H

/* An editor with the lab as its host: clipboard, news, options. */

struct app;
struct editor;
struct kl_language;
struct kl_syntax;
struct kl_text;

struct editor *host_editor(struct app *app, struct kl_text *text, const struct kl_language *language,
			   struct kl_syntax *syntax);
/* The syntax of a language from share/themes/syntax; NULL (and a line in the log) when it cannot be read. */
struct kl_syntax *host_syntax(struct app *app, const struct kl_language *language);

#endif
