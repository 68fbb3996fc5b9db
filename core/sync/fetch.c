/*
 * Packs of the class: their archives come in pieces, each appended to a file; of one that is cut off, what came. So a bad line costs no
 * byte twice, and a killed lab costs a piece. On a good line the pieces get larger. A whole archive is installed by a process of its own: reading and writing it
 * may take longer than a key may wait.
 */

#include "core/sync/sync_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/log.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/worker.h>

#define PIECE_FIRST ((int64_t)256 << 10)
#define PIECE_MAX   ((int64_t)2 << 20)
#define ARCHIVE_MAX ((int64_t)64 << 20)

#define PAUSE_FIRST_MS ((int64_t)60000) /* after installing that was ended */
#define PAUSE_MAX_MS   ((int64_t)3600000)

static const char too_large[] = "the pack is larger than 64 MiB";

enum { TRIES_MAX = 12, RETRY_MS = 250, PIECE_DEADLINE_MS = 60000, INSTALL_DEADLINE_MS = 120000 };

struct fetch {
	struct kl_sync *sync;
	struct kl_class_pack *packs;
	size_t count, at;
	char *path; /* of the archive that is coming */
	int64_t have, piece; /* bytes */
	int tries; /* in vain, in a row */
	bool begun_anew; /* what was there already was no good */
	struct kl_timer *timer;
	struct kl_worker *worker;
};

static void next_pack(struct fetch *fetch);
static void ask_piece(void *ctx);

static void free_fetch(struct fetch *fetch)
{
	kl_timer_cancel(fetch->timer);
	kl_class_packs_free(fetch->packs, fetch->count);
	free(fetch->path);
	free(fetch);
}

void fetch_stop(struct kl_sync *sync)
{
	struct fetch *fetch = sync->fetch;

	if (!fetch)
		return;
	sync->fetch = NULL;
	if (fetch->worker)
		kl_worker_end(fetch->worker);
	free_fetch(fetch);
}

static void end_fetch(struct fetch *fetch)
{
	struct kl_sync *sync = fetch->sync;

	sync->fetch = NULL;
	free_fetch(fetch);
	sync_next(sync, KL_SYNC_FETCHES);
}

static const struct kl_class_pack *pack_of(const struct fetch *fetch)
{
	return &fetch->packs[fetch->at];
}

/* --- packs whose installing was ended ------------------------------------------------------------------------------- */

struct ended {
	char hash[KL_SHA256_SIZE]; /* the pack's */
	int times;
	int64_t until_ms; /* monotonic; it is left alone */
};

int64_t kl_sync_install_pause_ms(int times)
{
	int64_t pause_ms = PAUSE_FIRST_MS;

	for (int i = 1; i < times && pause_ms < PAUSE_MAX_MS; i++)
		pause_ms *= 2;
	return pause_ms < PAUSE_MAX_MS ? pause_ms : PAUSE_MAX_MS;
}

static struct ended *find_ended(const struct kl_sync *sync, const struct kl_class_pack *pack)
{
	for (size_t i = 0; i < sync->ended_count; i++)
		if (!strcmp(sync->ended[i].hash, pack->hash))
			return &sync->ended[i];
	return NULL;
}

static void note_ended(struct kl_sync *sync, const struct kl_class_pack *pack)
{
	struct ended *ended = find_ended(sync, pack);

	if (!ended) {
		KL_GROW(sync->ended, sync->ended_count, sync->ended_capacity);
		ended = &sync->ended[sync->ended_count++];
		*ended = (struct ended){ .times = 0 };
		memcpy(ended->hash, pack->hash, sizeof(ended->hash));
	}
	ended->until_ms = kl_clock_mono_ms() + kl_sync_install_pause_ms(++ended->times);
}

void fetch_forget(struct kl_sync *sync)
{
	free(sync->ended);
	sync->ended = NULL;
	sync->ended_count = sync->ended_capacity = 0;
}

static bool is_left_alone(const struct kl_sync *sync, const struct kl_class_pack *pack)
{
	const struct ended *ended = find_ended(sync, pack);

	return ended && ended->until_ms > kl_clock_mono_ms();
}

/* --- installing --------------------------------------------------------------------------------------------------- */

static void settle_pack(struct fetch *fetch, const char *problem)
{
	struct kl_sync *sync = fetch->sync;
	const struct kl_class_pack *pack = pack_of(fetch);
	struct kl_error err;

	unlink(fetch->path);
	if (problem)
		kl_log(KL_LOG_WARN, "sync", "pack %s: %s", pack->id, problem);
	if (kl_store_class_pack_installed(sync->parts.store, kl_class_account(sync->parts.class), pack->id,
					  problem ? pack->installed : pack->hash, problem ? problem : "", &err))
		kl_log(KL_LOG_WARN, "sync", "%s", err.message);
	sync_tell(sync, KL_NEWS_PACK, pack->id, problem);
	fetch->at++;
	next_pack(fetch);
}

/* It is this machine's fault (a full disk), not the pack's: the next round tries again. */
static void give_up(struct fetch *fetch, const struct kl_error *error)
{
	struct kl_sync *sync = fetch->sync;

	sync_tell(sync, KL_NEWS_PACK, pack_of(fetch)->id, error->message);
	sync->fetch = NULL;
	free_fetch(fetch);
	sync_end(sync, error);
}

/* There is no room, another lab installs, or somebody ended it (a session that ends ends all of its processes). */
static bool is_later(const struct kl_worker_result *result)
{
	if (WIFEXITED(result->wait_status))
		return !result->started || WEXITSTATUS(result->wait_status) == KL_SYNC_LATER;
	return !result->timed_out;
}

static void installed(void *ctx, const struct kl_worker_result *result)
{
	struct fetch *fetch = ctx;
	const char *said = result->err->len ? result->err->data : result->error.message;
	struct kl_error err;

	fetch->worker = NULL;
	if (!fetch->sync->fetch) /* stopped */
		return;
	if (result->started && WIFEXITED(result->wait_status) && WEXITSTATUS(result->wait_status) == 0) {
		settle_pack(fetch, NULL);
	} else if (is_later(result)) {
		if (result->started && WIFSIGNALED(result->wait_status))
			note_ended(fetch->sync, pack_of(fetch));
		kl_fail(&err, KL_EIO, "%s", *said ? said : "its installing was ended: the next sync goes on with it");
		give_up(fetch, &err);
	} else {
		settle_pack(fetch, *said ? said : "it could not be installed");
	}
}

static void install(struct fetch *fetch)
{
	const struct kl_sync_parts *parts = &fetch->sync->parts;
	char *folder = kl_path_join(parts->folder, "packs");
	const char *const argv[] = { parts->program,       "install-pack", folder, pack_of(fetch)->id,
				     pack_of(fetch)->hash, fetch->path,    NULL };
	const struct kl_worker_spec spec = {
		.argv = argv, .deadline_ms = INSTALL_DEADLINE_MS, .output_max = 400, .on_done = installed, .ctx = fetch
	};
	struct kl_error err;

	if (kl_worker_start(&fetch->worker, parts->loop, &spec, &err))
		give_up(fetch, &err);
	free(folder);
}

/* --- pieces ------------------------------------------------------------------------------------------------------- */

/* All of it, or why not: after a part of it the next write says so. */
static int put_all(int fd, const char *bytes, size_t len)
{
	ssize_t put;

	while (len) {
		put = write(fd, bytes, len);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return put < 0 ? errno : ENOSPC;
		bytes += put;
		len -= (size_t)put;
	}
	return 0;
}

static bool append(struct fetch *fetch, const char *bytes, size_t len, bool anew, struct kl_error *err)
{
	int fd = open(fetch->path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (anew ? O_TRUNC : O_APPEND), 0600);
	int problem = fd < 0 ? errno : put_all(fd, bytes, len);

	if (fd >= 0)
		close(fd);
	if (!problem) {
		fetch->have = anew ? (int64_t)len : fetch->have + (int64_t)len;
		return true;
	}
	unlink(fetch->path); /* half a piece is in it */
	kl_fail_errno(err, KL_EFULL, problem, "cannot keep '%s'", fetch->path);
	return false;
}

/* "bytes 0-99/1000" or, when nothing is behind that, "bytes * /1000" → 1000; -1: it does not say. */
static int64_t total_of(const struct kl_class_answer *answer)
{
	const char *range = answer->http ? kl_http_header(answer->http, "Content-Range") : NULL;
	const char *slash = range ? strrchr(range, '/') : NULL;

	return slash && slash[1] >= '0' && slash[1] <= '9' ? strtoll(slash + 1, NULL, 10) : -1;
}

/* The line broke off: what came of the piece is kept, and the rest asked for. */
static void take_part(struct fetch *fetch, const struct kl_class_answer *answer)
{
	struct kl_error err;

	if (answer->body_len) {
		if (!append(fetch, answer->body, answer->body_len, false, &err)) {
			give_up(fetch, &err);
			return;
		}
		fetch->tries = 0;
		fetch->sync->state.bytes = fetch->have;
		sync_tell_state(fetch->sync);
	}
	if (fetch->have > ARCHIVE_MAX) {
		settle_pack(fetch, too_large);
		return;
	}
	fetch->timer = kl_loop_add_timer(fetch->sync->parts.loop, RETRY_MS * (fetch->tries + 1), ask_piece, fetch);
}

static void take_piece(struct fetch *fetch, const struct kl_class_answer *answer)
{
	bool whole = answer->status == 200; /* the server, or a proxy, knows no ranges */
	int64_t total = whole ? (int64_t)answer->body_len : total_of(answer);
	struct kl_error err;

	if (!append(fetch, answer->body, answer->body_len, whole, &err)) {
		give_up(fetch, &err);
		return;
	}
	fetch->tries = 0;
	fetch->piece = fetch->piece < PIECE_MAX ? 2 * fetch->piece : PIECE_MAX;
	fetch->sync->state.bytes = fetch->have;
	fetch->sync->state.bytes_all = total >= fetch->have ? total : 0;
	sync_tell_state(fetch->sync);
	if (total > ARCHIVE_MAX || fetch->have > ARCHIVE_MAX)
		settle_pack(fetch, too_large);
	else if (total >= 0 && fetch->have >= total)
		install(fetch);
	else if (!answer->body_len)
		settle_pack(fetch, "the class server sends nothing of it");
	else
		ask_piece(fetch);
}

/* There is nothing behind what is here: it is whole, or of something else. */
static void take_no_range(struct fetch *fetch, const struct kl_class_answer *answer)
{
	if (total_of(answer) == fetch->have) {
		install(fetch);
	} else if (!fetch->begun_anew) {
		fetch->begun_anew = true;
		unlink(fetch->path);
		fetch->have = 0;
		ask_piece(fetch);
	} else {
		settle_pack(fetch, answer->error.message);
	}
}

static void on_piece(void *ctx, const struct kl_class_answer *answer)
{
	struct kl_sync *sync = ctx;
	struct fetch *fetch = sync->fetch;

	sync->call = NULL;
	if (answer->end == KL_CLASS_DONE) {
		take_piece(fetch, answer);
	} else if (answer->status == 416) {
		take_no_range(fetch, answer);
	} else if (answer->end == KL_CLASS_OFFLINE && ++fetch->tries < TRIES_MAX && !sync->stopped) {
		take_part(fetch, answer);
	} else if (answer->end == KL_CLASS_REFUSED) {
		settle_pack(fetch, answer->error.message); /* withdrawn meanwhile, or not for us */
	} else {
		sync->fetch = NULL;
		free_fetch(fetch);
		sync_end_answer(sync, answer);
	}
}

static void ask_piece(void *ctx)
{
	struct fetch *fetch = ctx;
	struct kl_sync *sync = fetch->sync;
	char *range = kl_format("bytes=%lld-%lld", (long long)fetch->have, (long long)(fetch->have + fetch->piece - 1));
	char *path =
		kl_format("/api/packs/%s/archive?version=%lld", pack_of(fetch)->id, (long long)pack_of(fetch)->version);
	const struct kl_http_header headers[] = { { "Range", range, false } };
	const struct kl_class_ask ask = { .method = "GET",
					  .path = path,
					  .headers = headers,
					  .header_count = 1,
					  .raw = "application/gzip",
					  .deadline_ms = PIECE_DEADLINE_MS,
					  .response_max = (size_t)ARCHIVE_MAX };
	struct kl_error err;

	fetch->timer = NULL;
	if (kl_class_call(&sync->call, sync->parts.class, &ask, on_piece, sync, &err)) {
		sync->call = NULL;
		sync->fetch = NULL;
		free_fetch(fetch);
		sync_end(sync, &err);
	}
	free(range);
	free(path);
}

/* --- packs -------------------------------------------------------------------------------------------------------- */

static bool is_wanted(const struct kl_sync *sync, const struct kl_class_pack *pack)
{
	return *pack->hash && !*pack->problem && strcmp(pack->hash, pack->installed) != 0 && !is_left_alone(sync, pack);
}

/* Pieces of what the pack was before: nobody asks for the rest of them. */
static void remove_superseded(const struct fetch *fetch)
{
	const char *kept = strrchr(fetch->path, '/') + 1;
	char *folder = kl_path_join(fetch->sync->parts.cache, "packs");
	size_t len = strlen(kept), same = len - strlen("0123456789abcdef.part"); /* up to the hash */
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (strlen(entry->d_name) == len && !strncmp(entry->d_name, kept, same) &&
		    !strcmp(entry->d_name + len - strlen(".part"), ".part") && strcmp(entry->d_name, kept) != 0)
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	free(folder);
}

static void next_pack(struct fetch *fetch)
{
	struct kl_sync *sync = fetch->sync;
	struct stat st;

	while (fetch->at < fetch->count && !is_wanted(sync, pack_of(fetch)))
		fetch->at++;
	if (fetch->at == fetch->count) {
		end_fetch(fetch);
		return;
	}
	sync->state.pack++;
	free(fetch->path);
	fetch->path = kl_format("%s/packs/%s-%.16s.part", sync->parts.cache, pack_of(fetch)->id, pack_of(fetch)->hash);
	remove_superseded(fetch);
	fetch->have = stat(fetch->path, &st) == 0 ? st.st_size : 0;
	fetch->piece = PIECE_FIRST;
	fetch->tries = 0;
	fetch->begun_anew = false;
	sync->state.bytes = fetch->have;
	sync->state.bytes_all = 0;
	ask_piece(fetch);
}

static void begin_packs(struct fetch *fetch)
{
	struct kl_sync *sync = fetch->sync;
	char *folder = kl_path_join(sync->parts.cache, "packs");
	struct kl_error err;

	sync->fetch = fetch;
	sync->state.pack = sync->state.packs = 0;
	for (size_t i = 0; i < fetch->count; i++)
		sync->state.packs += is_wanted(sync, &fetch->packs[i]);
	if (sync->state.packs && kl_path_make(folder, &err))
		kl_log(KL_LOG_WARN, "sync", "%s", err.message);
	free(folder);
	next_pack(fetch);
}

void fetch_begin(struct kl_sync *sync)
{
	struct kl_class_pack *packs;
	struct fetch *fetch;
	struct kl_error err;
	size_t count;

	if (!sync->parts.program) {
		sync_next(sync, KL_SYNC_FETCHES);
		return;
	}
	if (kl_store_class_packs(&packs, &count, sync->parts.store, kl_class_account(sync->parts.class), &err)) {
		sync_end(sync, &err);
		return;
	}
	fetch = kl_calloc(1, sizeof(*fetch));
	*fetch = (struct fetch){ .sync = sync, .packs = packs, .count = count };
	begin_packs(fetch);
}
