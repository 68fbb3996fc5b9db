#ifndef TUI_SETTING_H
#define TUI_SETTING_H

/* What the table of options cannot know of a value: whether there is such a theme or language, and whether keys can be bound so. */

#include <kodelab/buf.h>
#include <kodelab/config.h>
#include <kodelab/error.h>
#include <kodelab/path.h>

/* Before value is kept for option. KL_EINVAL: it would name nothing. */
enum kl_status setting_check(const struct kl_paths *paths, const struct kl_option *option, const char *value,
			     struct kl_error *err) KL_MUST_CHECK;
/* Whatever is wrong in the settings, one sentence a line: unreadable lines, keys, and values as above. */
void setting_problems(struct kl_buf *out, const struct kl_paths *paths, const struct kl_config *config);

#endif
