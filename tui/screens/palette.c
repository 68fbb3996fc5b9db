/* The palette: every request that has a sentence, by name, with its key. */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "tui/app_int.h"
#include "tui/courselist.h"

static void chosen(struct app *app, void *ctx, intptr_t value)
{
	(void)ctx;
	app_request(app, (enum request)value);
}

void palette_open(struct app *app)
{
	struct menu_item items[REQ_COUNT];
	char(*keys)[KEYS_NAME_MAX] = kl_calloc(REQ_COUNT, sizeof(*keys));
	char *labels[REQ_COUNT];
	bool teaches = courselist_teaches(app);
	size_t count = 0;

	for (int i = 0; i < REQ_COUNT; i++) {
		const struct request_info *info = request_info((enum request)i);

		if (!info->help[0] || i == REQ_PALETTE || (info->group == GROUP_TEACH && !teaches))
			continue;
		labels[count] = kl_format("%s  %s", info->name, info->help);
		keymap_name(keys[count], app->keymap, app_scope(app_top(app)), (enum request)i);
		items[count] = (struct menu_item){ .label = labels[count], .note = keys[count], .value = i };
		count++;
	}
	menu_open(app, " Commands ", items, count, -1, chosen, NULL);
	for (size_t i = 0; i < count; i++)
		free(labels[i]);
	free(keys);
}
