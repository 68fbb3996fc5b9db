#ifndef TUI_KEYS_H
#define TUI_KEYS_H

/* Between the files of `kodelab keys`: keys.c changes, keys_show.c shows, keys_test.c asks the judges. */

#include <kodelab/keypool.h>

#include "commands.h"

#define KEYS_OWNER "" /* in the lab there is one person */

command_fn keys_list, keys_usage, keys_notices; /* keys_show.c */
command_fn keys_test; /* keys_test.c */

/* How a key is called where there is little room. */
const char *keys_short_id(const struct kl_key_info *key);
/* The one key that name means, to be kl_key_info_release'd. KL_ENOENT none · KL_EINVAL several. */
enum kl_status keys_find(struct kl_key_info *out, struct cli *cli, const char *name,
			 struct kl_error *err) KL_MUST_CHECK;

#endif
