/* An author's pack on its way to the class server: its folder, its archive, and what the server says would change. */

#include <kodelab/pack.h>

#include <stdlib.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/json.h>
#include <kodelab/path.h>

/* The folder's own name, however it was named. */
static char *name_of(const char *folder)
{
	char *real = realpath(folder, NULL), *name = kl_strdup(kl_path_name(real ? real : folder));

	free(real);
	return name;
}

char *kl_pack_around(const char *folder, char **slug)
{
	char *file = kl_path_join(folder, "pack.json"), *above = kl_path_join(folder, "..");
	char *there = kl_path_join(above, "pack.json");
	bool inside = !kl_path_exists(file) && kl_path_exists(there);
	char *pack = inside ? above : kl_strdup(folder);

	if (!inside)
		free(above);
	if (slug)
		*slug = inside ? name_of(folder) : NULL;
	free(file);
	free(there);
	return pack;
}

enum kl_status kl_pack_bundle(char **bytes, size_t *len, const char *dir, const char *only, struct kl_error *err)
{
	struct kl_archive archive = { .files = NULL };
	size_t max = kl_pack_archive_limits.packed_max;
	char *packed = NULL;
	size_t packed_len = 0;
	enum kl_status status = kl_pack_collect(&archive, dir, only, err);

	if (!status)
		status = kl_archive_write(&packed, &packed_len, &archive, err);
	if (!status && packed_len > max)
		status = kl_fail(err, KL_EFULL, "the pack is larger than %zu MiB: make two of it", max >> 20);
	kl_archive_release(&archive);
	if (status) {
		free(packed);
		return status;
	}
	*bytes = packed;
	*len = packed_len;
	return KL_OK;
}

/* --- what would change -------------------------------------------------------------------------------------------- */

/* A line of its own: no text of the server makes another one. */
static const char *name_in(const cJSON *slug)
{
	return cJSON_IsString(slug) && kl_slug_valid(slug->valuestring) ? slug->valuestring
									: "(no name of a challenge)";
}

static size_t add_slugs(struct kl_buf *out, const cJSON *changes, const char *name, const char *sign)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(changes, name), *slug;
	size_t count = 0;

	cJSON_ArrayForEach(slug, list) {
		kl_buf_addf(out, "  %s %s\n", sign, name_in(slug));
		count++;
	}
	return count;
}

static size_t add_changed(struct kl_buf *out, const cJSON *changes)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(changes, "changed"), *change;
	size_t count = 0;

	cJSON_ArrayForEach(change, list) {
		bool task = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(change, "task"));

		kl_buf_addf(out, "  ~ %s (%s)\n", name_in(cJSON_GetObjectItemCaseSensitive(change, "slug")),
			    task ? "students see the change" : "only tests, solutions or checker");
		count++;
	}
	return count;
}

void kl_pack_changes(struct kl_buf *out, const cJSON *answer)
{
	const cJSON *changes = cJSON_GetObjectItemCaseSensitive(answer, "changes");
	size_t count = add_slugs(out, changes, "added", "+");

	count += add_changed(out, changes);
	count += add_slugs(out, changes, "removed", "-");
	if (!count)
		kl_buf_add_str(out, "  no challenge changes\n");
}

void kl_pack_published(struct kl_buf *out, const cJSON *answer)
{
	double shown = kl_json_number_of(answer, "shown"), all = kl_json_number_of(answer, "challenges");
	double version = kl_json_number_of(answer, "version");

	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "published")))
		kl_buf_addf(out, "Published version %.0f: %.0f challenge%s, %.0f of them for students.", version, all,
			    all == 1 ? "" : "s", shown);
	else
		kl_buf_addf(out, "Nothing to publish: version %.0f is the same.", version);
}
