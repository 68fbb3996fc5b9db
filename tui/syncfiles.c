/* The student's files for syncing: see syncfiles.h. */
#include "syncfiles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <kodelab/alloc.h>
#include <kodelab/authoring.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/pack.h>
#include <kodelab/path.h>

#include "app.h"
#include "languages.h"
#include "screens/screens.h"
#include "work.h"

enum { ARCHIVE_MAX = 64 << 20, BESIDE_MAX = 999 };

/* --- where -------------------------------------------------------------------------------------------------------- */

static char *folder_of(const struct syncfiles *syncfiles, const char *pack, const char *slug)
{
	return kl_format("%s/%s/%s", syncfiles->paths->work, pack, slug);
}

/* NULL: a language that is not known here has no file. */
static char *path_of(const struct syncfiles *syncfiles, const char *pack, const char *slug, const char *language)
{
	const struct kl_language *known = kl_language_find(language);
	char *folder = folder_of(syncfiles, pack, slug);
	char *path = known ? kl_path_join(folder, known->source) : NULL;

	free(folder);
	return path;
}

/* "solution.py" → "solution.other.py", then "solution.other.2.py" */
static char *beside(const char *path, int number)
{
	const char *dot = strrchr(kl_path_name(path), '.');
	int stem = dot ? (int)(dot - path) : (int)strlen(path);
	char count[16] = "";

	if (number > 1)
		snprintf(count, sizeof(count), ".%d", number);
	return kl_format("%.*s.other%s%s", stem, path, count, dot ? dot : "");
}

static bool holds(const char *path, const char *text, size_t len)
{
	struct kl_buf bytes;
	bool same;

	kl_buf_init(&bytes, len + 1); /* what is longer is another text */
	same = !kl_file_read(&bytes, path, NULL) && bytes.len == len && !memcmp(bytes.data, text, len);
	kl_buf_release(&bytes);
	return same;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static struct kl_catalogue *catalogue_of(const struct syncfiles *syncfiles)
{
	return syncfiles->catalogue ? syncfiles->catalogue : syncfiles->app ? app_catalogue(syncfiles->app) : NULL;
}

static bool is_starter(const struct syncfiles *syncfiles, const char *pack, const char *slug, const char *language,
		       const char *text, size_t len)
{
	const struct kl_catalogue *catalogue = catalogue_of(syncfiles);
	const struct kl_language *known = kl_language_find(language);
	char *name = kl_format("%s/%s", pack, slug), *starter;
	struct kl_challenge *challenge = NULL;
	bool same = false;
	size_t index;

	if (catalogue && known && !kl_catalogue_find(&index, catalogue, name, syncfiles->paths->work, NULL) &&
	    !kl_catalogue_load(&challenge, catalogue, index, NULL)) {
		starter = work_starter(challenge, known);
		same = strlen(starter) == len && !memcmp(starter, text, len);
		free(starter);
	}
	kl_challenge_free(challenge);
	free(name);
	return same;
}

static char *read_work(const struct syncfiles *syncfiles, size_t *len, const char *pack, const char *slug,
		       const char *language)
{
	char *path = path_of(syncfiles, pack, slug, language), *text = NULL;
	struct kl_buf code;
	bool typed;

	kl_buf_init(&code, WORK_CODE_MAX);
	if (path && kl_path_exists(path) && !work_read(&code, &typed, syncfiles->paths, path, NULL)) {
		*len = code.len;
		text = kl_buf_detach(&code);
	}
	kl_buf_release(&code);
	free(path);
	return text;
}

static void read_file(void *ctx, char **text, size_t *len, bool *untouched, const char *pack, const char *slug,
		      const char *language)
{
	const struct syncfiles *syncfiles = ctx;
	struct pane *open = syncfiles->app ? workspace_find(syncfiles->app, pack, slug, language) : NULL;

	*len = 0;
	*text = open ? workspace_code(open, len) : read_work(syncfiles, len, pack, slug, language);
	*untouched = *text && is_starter(syncfiles, pack, slug, language, *text, *len);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static enum kl_status write_to(const struct syncfiles *syncfiles, const char *path, const char *pack, const char *slug,
			       const char *text, size_t len, struct kl_error *err)
{
	char *folder = folder_of(syncfiles, pack, slug);
	enum kl_status status = kl_path_make(folder, err);

	free(folder);
	return status ? status : kl_file_write(path, text, len, 0644, err);
}

/* What cannot be read is not written over: it is nowhere else. */
static enum kl_status check_readable(const struct syncfiles *syncfiles, const char *path, struct kl_error *err)
{
	enum kl_status status = KL_OK;
	struct kl_buf code;
	bool typed;

	kl_buf_init(&code, WORK_CODE_MAX);
	if (kl_path_exists(path))
		status = work_read(&code, &typed, syncfiles->paths, path, err);
	kl_buf_release(&code);
	return status;
}

static enum kl_status write_file(void *ctx, const char *pack, const char *slug, const char *language, const char *text,
				 size_t len, struct kl_error *err)
{
	const struct syncfiles *syncfiles = ctx;
	struct pane *open = syncfiles->app ? workspace_find(syncfiles->app, pack, slug, language) : NULL;
	char *path = open ? NULL : path_of(syncfiles, pack, slug, language);
	enum kl_status status = KL_OK;

	if (open)
		workspace_take(open, text, len);
	else if (path && !(status = check_readable(syncfiles, path, err))) /* else there is no file for it here */
		status = write_to(syncfiles, path, pack, slug, text, len, err);
	free(path);
	return status;
}

/* The first name that is free, or has this text already: the other version of an earlier conflict is nowhere else. */
static enum kl_status put_beside(char **out, void *ctx, const char *pack, const char *slug, const char *language,
				 const char *text, size_t len, struct kl_error *err)
{
	const struct syncfiles *syncfiles = ctx;
	char *path = path_of(syncfiles, pack, slug, language), *other = path ? beside(path, 1) : NULL;
	enum kl_status status = KL_OK;
	int number = 1;

	while (other && kl_path_exists(other) && !holds(other, text, len) && number++ < BESIDE_MAX) {
		free(other);
		other = beside(path, number);
	}
	free(path);
	*out = NULL;
	if (number > BESIDE_MAX)
		status = kl_fail(err, KL_EMANY, "there are %d other versions beside '%s' already: remove some",
				 BESIDE_MAX, other);
	else if (other && !kl_path_exists(other))
		status = write_to(syncfiles, other, pack, slug, text, len, err);
	if (status)
		free(other);
	else
		*out = other;
	return status;
}

void syncfiles_init(struct syncfiles *syncfiles)
{
	syncfiles->files = (struct kl_sync_files){
		.ctx = syncfiles, .read = read_file, .write = write_file, .put_beside = put_beside
	};
}

char *syncfiles_device(void)
{
	struct utsname name;

	return kl_format("kodelab on %.40s", uname(&name) == 0 ? name.nodename : "a terminal");
}

/* --- a process of its own ----------------------------------------------------------------------------------------- */

int syncfiles_install(int argc, char **argv)
{
	struct kl_pack_wanted wanted = { .id = argc > 1 ? argv[1] : "", .hash = argc > 2 ? argv[2] : NULL };
	struct kl_error err = { .status = KL_EINVAL, .message = "kodelab install-pack PACKS ID HASH FILE" };
	struct kl_buf bytes;
	bool good;

	kl_buf_init(&bytes, ARCHIVE_MAX);
	good = argc == 4 && !kl_file_read(&bytes, argv[3], &err) &&
	       !kl_pack_install(argv[0], &wanted, bytes.data, bytes.len, &err);
	kl_buf_release(&bytes);
	if (good)
		return 0;
	fputs(err.message, stderr);
	return err.status == KL_EFULL || err.status == KL_EBUSY ? KL_SYNC_LATER : 1;
}

static void tell_findings(const struct kl_check *check)
{
	for (size_t i = 0; i < check->finding_count; i++) {
		const struct kl_finding *finding = &check->findings[i];

		if (finding->severity != KL_FINDING_ERROR)
			continue;
		if (finding->line > 0)
			fprintf(stderr, "%s:%d: %s\n", finding->file, finding->line, finding->sentence);
		else
			fprintf(stderr, "%s: %s\n", finding->file, finding->sentence);
	}
}

int syncfiles_bundle(int argc, char **argv)
{
	struct kl_error err = { .message = "kodelab bundle-pack FOLDER FILE" };
	struct kl_check *check = NULL;
	char *bytes = NULL;
	size_t len;
	bool good = argc == 2 && !kl_check_open(&check, argv[0], &err);

	if (good && check->error_count) {
		tell_findings(check);
		good = false;
	} else {
		good = good && !kl_pack_bundle(&bytes, &len, argv[0], NULL, &err) &&
		       !kl_file_write(argv[1], bytes, len, 0600, &err);
		if (!good)
			fputs(err.message, stderr);
	}
	kl_check_close(check);
	free(bytes);
	return good ? 0 : 1;
}
