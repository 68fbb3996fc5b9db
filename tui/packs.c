/* Where packs are looked for: see packs.h. */
#include "packs.h"

#include <stdlib.h>

#include <kodelab/catalogue.h>
#include <kodelab/path.h>

struct kl_catalogue *packs_open(const struct kl_paths *paths)
{
	char *own = kl_path_join(paths->data, "packs");
	char *shipped = kl_path_join(paths->share, "challenges");
	char *cache = kl_path_join(paths->cache, "catalogue");
	const char *dirs[] = { shipped, own };
	struct kl_catalogue *catalogue = kl_catalogue_open(dirs, 2, cache);

	free(cache);
	free(shipped);
	free(own);
	return catalogue;
}
