/* Two machines, two texts: the person has said which. Files first, then the store; nothing is lost when it ends in between. */

#include <kodelab/sync.h>

#include <stdlib.h>
#include <string.h>

static enum kl_status take_theirs(char **path, const struct kl_sync_files *files, const struct kl_other_draft *draft,
				  const char *mine, size_t len, struct kl_error *err)
{
	enum kl_status status = KL_OK;

	if (mine && (len != draft->code_len || memcmp(mine, draft->code, len) != 0))
		status = files->put_beside(path, files->ctx, draft->pack, draft->slug, draft->language, mine, len, err);
	if (!status)
		status = files->write(files->ctx, draft->pack, draft->slug, draft->language, draft->code,
				      draft->code_len, err);
	return status;
}

enum kl_status kl_sync_settle(char **path, struct kl_store *store, const struct kl_sync_files *files,
			      const struct kl_other_draft *draft, enum kl_sync_choice choice, struct kl_error *err)
{
	char *mine = NULL, *beside = NULL;
	const char *chosen = draft->code;
	size_t len = 0, chosen_len = draft->code_len;
	bool untouched = false;
	enum kl_status status = KL_OK;

	files->read(files->ctx, &mine, &len, &untouched, draft->pack, draft->slug, draft->language);
	if (choice == KL_SYNC_THEIRS) {
		status = take_theirs(&beside, files, draft, mine, len, err);
	} else if (mine) {
		chosen = mine;
		chosen_len = len;
	}
	if (!status && choice == KL_SYNC_BOTH)
		status = files->put_beside(&beside, files->ctx, draft->pack, draft->slug, draft->language, draft->code,
					   draft->code_len, err);
	if (!status)
		status = kl_store_other_settle(store, draft->pack, draft->slug, draft->language, chosen, chosen_len,
					       err);
	free(mine);
	if (!status && path)
		*path = beside;
	else
		free(beside);
	return status;
}
