/*
 * What the server's helper process does with an archive that an instructor publishes: it may be large, slow to read or
 * worse, and the server goes on meanwhile. Nothing of it is run. One challenge is made the whole pack first, as it would be with
 * it, and goes through the same door. In the folder it leaves
 *
 *     whole.tar.gz  view.tar.gz  version/full/  version/view/
 *
 * and on its output one line of JSON: {"error":…} when it is no pack at all, else what was found, and when that holds no error
 * also what the pack is.
 */

#include "core/server/class/packs.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/authoring.h>
#include <kodelab/file.h>
#include <kodelab/pack.h>
#include <kodelab/path.h>

#include "core/server/api.h"
#include "core/server/jsonout.h"

#define FINDINGS_MAX 200

struct taking {
	const char *folder, *what, *base, *pack, *wanted; /* the words of packs.h */
	char *slug; /* of the one challenge that is changed; NULL: a whole pack. Owned */
	struct kl_archive archive; /* as it was sent */
	struct kl_archive whole, view;
	struct kl_check *check;
	struct kl_buf out;
};

static enum kl_status read_input(struct kl_buf *bytes, struct kl_error *err)
{
	char chunk[65536];
	ssize_t got;

	kl_buf_init(bytes, kl_pack_archive_limits.packed_max + 1);
	while ((got = read(STDIN_FILENO, chunk, sizeof(chunk))) > 0)
		kl_buf_add(bytes, chunk, (size_t)got);
	return got < 0 ? kl_fail(err, KL_EIO, "the archive did not arrive") : KL_OK;
}

static char *place(const struct taking *taking, const char *name)
{
	return kl_path_join(taking->folder, name);
}

/* --- steps -------------------------------------------------------------------------------------------------------- */

/* The pack as it would be with that challenge, or without. */
static enum kl_status change_base(struct taking *taking, const struct kl_archive *one, struct kl_error *err)
{
	struct kl_archive pack = { .files = NULL };
	char *bytes;
	size_t len;
	enum kl_status status = *taking->base ? kl_pack_collect(&pack, taking->base, NULL, err) : KL_OK;

	if (!status)
		status = one ? kl_pack_put(&pack, &taking->slug, taking->pack, one, err)
			     : kl_pack_take_out(&pack, taking->slug, err);
	if (!status)
		status = kl_archive_write(&bytes, &len, &pack, err);
	kl_archive_release(&pack);
	if (status)
		return status;
	status = kl_archive_read(&taking->archive, bytes, len, &kl_pack_archive_limits, err);
	free(bytes);
	return status;
}

static enum kl_status read_archive(struct taking *taking, struct kl_error *err)
{
	struct kl_archive sent = { .files = NULL };
	struct kl_buf bytes;
	enum kl_status status;

	if (!strcmp(taking->what, "without")) {
		taking->slug = kl_strdup(taking->wanted);
		return change_base(taking, NULL, err);
	}
	status = read_input(&bytes, err);
	if (!status)
		status = kl_archive_read(&sent, bytes.data, bytes.len, &kl_pack_archive_limits, err);
	kl_buf_release(&bytes);
	if (status || !strcmp(taking->what, "pack")) {
		taking->archive = sent;
		return status;
	}
	status = change_base(taking, &sent, err);
	kl_archive_release(&sent);
	return status;
}

static enum kl_status look_through(struct taking *taking, struct kl_error *err)
{
	char *raw = place(taking, "raw");
	enum kl_status status = read_archive(taking, err);

	if (!status) {
		kl_archive_lift(&taking->archive, "pack.json");
		if (!kl_archive_find(&taking->archive, "pack.json"))
			status = kl_fail(err, KL_EINVAL, "the archive holds no pack: there is no pack.json in it");
	}
	if (!status && !(status = kl_archive_unpack(&taking->archive, raw, false, err)))
		status = kl_check_open(&taking->check, raw, err);
	free(raw);
	kl_archive_release(&taking->archive); /* a large one is large */
	return status;
}

static enum kl_status keep(const struct taking *taking, const struct kl_archive *archive, const char *file,
			   const char *folder, struct kl_error *err)
{
	char *path = place(taking, file), *dir = place(taking, folder), *bytes;
	size_t len;
	enum kl_status status = kl_archive_write(&bytes, &len, archive, err);

	if (!status) {
		status = kl_file_write(path, bytes, len, 0600, err);
		free(bytes);
	}
	if (!status)
		status = kl_archive_unpack(archive, dir, false, err);
	free(path);
	free(dir);
	return status;
}

static enum kl_status make_versions(struct taking *taking, struct kl_error *err)
{
	char *raw = place(taking, "raw"), *version = place(taking, "version");
	enum kl_status status = kl_pack_collect(&taking->whole, raw, NULL, err);

	if (!status && !(status = kl_path_make(version, err)) &&
	    !(status = keep(taking, &taking->whole, "whole.tar.gz", "version/full", err))) {
		status = kl_pack_student_view(&taking->view, &taking->whole, err);
		if (!status)
			status = keep(taking, &taking->view, "view.tar.gz", "version/view", err);
		else if (status == KL_ENOENT) /* all of it is private */
			status = KL_OK;
	}
	free(raw);
	free(version);
	return status;
}

/* --- what was found ----------------------------------------------------------------------------------------------- */

/* What is weak in the rest of the pack is not told to who sends one challenge. */
static bool is_told(const struct taking *taking, const struct kl_finding *finding)
{
	size_t len;

	if (finding->severity == KL_FINDING_ERROR || !taking->slug || strcmp(taking->what, "challenge") != 0)
		return true;
	len = strlen(taking->slug);
	return !strncmp(finding->file, taking->slug, len) && finding->file[len] == '/';
}

static void tell_findings(struct taking *taking)
{
	struct kl_buf *out = &taking->out;
	size_t told = 0;

	jsonout_int(out, "errors", (int64_t)taking->check->error_count);
	jsonout_key(out, "findings");
	kl_buf_add_char(out, '[');
	for (size_t i = 0; i < taking->check->finding_count && told < FINDINGS_MAX; i++) {
		const struct kl_finding *finding = &taking->check->findings[i];

		if (!is_told(taking, finding))
			continue;
		kl_buf_add_str(out, told++ ? ",{" : "{");
		jsonout_text(out, "severity", kl_severity_name(finding->severity));
		jsonout_text(out, "file", finding->file);
		jsonout_int(out, "line", finding->line);
		jsonout_text(out, "sentence", finding->sentence);
		kl_buf_add_char(out, '}');
	}
	kl_buf_add_char(out, ']');
}

static void tell_part(struct taking *taking, const char *slug)
{
	char hash[KL_SHA256_SIZE], task[KL_SHA256_SIZE];
	bool shown = kl_pack_challenge_hash(task, &taking->view, slug);
	struct kl_buf *out = &taking->out;

	if (!kl_pack_challenge_hash(hash, &taking->whole, slug))
		return;
	jsonout_text(out, "slug", slug);
	jsonout_text(out, "hash", hash);
	jsonout_text(out, "task", shown ? task : hash);
	api_bool(out, "shown", shown);
}

static enum kl_status tell_pack(struct taking *taking, struct kl_error *err)
{
	char hash[KL_SHA256_SIZE], *raw = place(taking, "raw");
	struct kl_buf *out = &taking->out;
	struct kl_pack *pack = NULL;
	enum kl_status status = kl_pack_read(&pack, raw, err);

	free(raw);
	if (status)
		return status;
	if (taking->slug)
		jsonout_text(out, "slug", taking->slug);
	jsonout_text(out, "id", pack->id);
	jsonout_text(out, "title", pack->title);
	jsonout_text(out, "description", pack->description);
	kl_archive_hash(hash, &taking->whole);
	jsonout_text(out, "hash", hash);
	kl_archive_hash(hash, &taking->view);
	jsonout_text(out, "view_hash", taking->view.count ? hash : "");
	jsonout_key(out, "parts");
	kl_buf_add_char(out, '[');
	for (size_t i = 0; i < pack->challenge_count; i++) {
		kl_buf_add_str(out, i ? ",{" : "{");
		tell_part(taking, pack->challenges[i]);
		kl_buf_add_char(out, '}');
	}
	kl_buf_add_char(out, ']');
	kl_pack_free(pack);
	return KL_OK;
}

static void write_out(const struct kl_buf *out)
{
	for (size_t at = 0; at < out->len;) {
		ssize_t put = write(STDOUT_FILENO, out->data + at, out->len - at);

		if (put <= 0)
			return;
		at += (size_t)put;
	}
}

void take_pack(char *const words[])
{
	struct taking taking = {
		.folder = words[0], .what = words[1], .base = words[2], .pack = words[3], .wanted = words[4]
	};
	struct kl_error err = { .message = "" };
	enum kl_status status;

	signal(SIGXFSZ, SIG_IGN); /* a file that becomes too large is told like a full disk */
	kl_buf_init(&taking.out, SIZE_MAX / 2);
	kl_buf_add_char(&taking.out, '{');
	status = look_through(&taking, &err);
	if (!status) {
		tell_findings(&taking);
		if (!taking.check->error_count && !(status = make_versions(&taking, &err)))
			status = tell_pack(&taking, &err);
	}
	if (status) {
		kl_buf_clear(&taking.out);
		kl_buf_add_char(&taking.out, '{');
		jsonout_int(&taking.out, "status", status);
		jsonout_text(&taking.out, "error", err.message);
	}
	kl_buf_add_str(&taking.out, "}\n");
	write_out(&taking.out);
	kl_buf_release(&taking.out);
	kl_check_close(taking.check);
	free(taking.slug);
	kl_archive_release(&taking.archive);
	kl_archive_release(&taking.whole);
	kl_archive_release(&taking.view);
}
