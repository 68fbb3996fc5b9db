/* An editor with the lab as its host: see host.h. */
#include "host.h"

#include <stdlib.h>

#include <kodelab/alloc.h>
#include <kodelab/log.h>
#include <kodelab/syntax.h>

#include "editor.h"
#include "tui/app.h"

static void host_copy(void *ctx, const char *text, size_t len)
{
	app_copy(ctx, text, len);
}

static const char *host_clipboard(void *ctx, size_t *len)
{
	struct app *app = ctx;

	*len = app->clipboard ? app->clipboard_len : 0;
	return app->clipboard ? app->clipboard : "";
}

static void host_say(void *ctx, bool bad, const char *sentence)
{
	app_say(ctx, bad ? ROLE_WARNING : ROLE_INFO, "%s", sentence);
}

struct editor *host_editor(struct app *app, struct kl_text *text, const struct kl_language *language,
			   struct kl_syntax *syntax)
{
	const struct kl_config *config = app->config;
	struct editor_options options = {
		.tab_width = (int)kl_config_int(config, "editor.tab_width"),
		.indent_width = language ? language->indent.width : 4,
		.indent_tabs = language && language->indent.use_tabs,
		.numbers = kl_config_bool(config, "editor.line_numbers"),
		.wrap = kl_config_bool(config, "editor.wrap"),
		.auto_indent = kl_config_bool(config, "editor.auto_indent"),
		.auto_close = kl_config_bool(config, "editor.auto_close"),
	};
	struct editor_host host = { app, host_copy, host_clipboard, host_say };

	return editor_new(text, language, syntax, &options, &host);
}

struct kl_syntax *host_syntax(struct app *app, const struct kl_language *language)
{
	char *path = kl_format("%s/themes/syntax/%s.syntax", app->paths.share, language->syntax);
	struct kl_syntax *syntax = NULL;
	struct kl_error err;

	if (kl_syntax_open(&syntax, path, &err))
		kl_log(KL_LOG_WARN, "syntax", "%s", err.message);
	free(path);
	return syntax;
}
