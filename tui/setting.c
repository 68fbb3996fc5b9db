/* Values that name something: see setting.h. */
#include "setting.h"

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/language.h>

#include "tui/ui/keymap.h"
#include "tui/ui/theme.h"

static enum kl_status check_theme(const struct kl_paths *paths, const char *value, struct kl_error *err)
{
	struct kl_error why = { .status = KL_OK };

	theme_free(theme_load(paths, value, &why));
	return why.status ? kl_fail(err, KL_EINVAL, "%s", why.message) : KL_OK;
}

static enum kl_status check_language(const struct kl_paths *paths, const char *value, struct kl_error *err)
{
	(void)paths;
	return kl_language_find(value)
		       ? KL_OK
		       : kl_fail(err, KL_EINVAL, "there is no language '%s'; 'kodelab doctor' lists them", value);
}

static const struct {
	const char *option;
	enum kl_status (*check)(const struct kl_paths *paths, const char *value, struct kl_error *err);
} checks[] = {
	{ "theme", check_theme },
	{ "language", check_language },
};

enum kl_status setting_check(const struct kl_paths *paths, const struct kl_option *option, const char *value,
			     struct kl_error *err)
{
	for (size_t i = 0; i < KL_LENGTH(checks); i++)
		if (strcmp(checks[i].option, option->name) == 0)
			return checks[i].check(paths, value, err);
	return KL_OK;
}

void setting_problems(struct kl_buf *out, const struct kl_paths *paths, const struct kl_config *config)
{
	struct kl_error err;

	for (size_t i = 0; i < kl_config_problem_count(config); i++)
		kl_buf_addf(out, "%s\n", kl_config_problem(config, i));
	keymap_free(keymap_new(config, out));
	for (size_t i = 0; i < kl_option_count(); i++) {
		const struct kl_option *option = kl_option_at(i);

		if (setting_check(paths, option, kl_config_string(config, option->name), &err))
			kl_buf_addf(out, "%s: %s\n", option->name, err.message);
	}
}
