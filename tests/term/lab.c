/* A session: labs of a few students on one loop, with the engine that the real lab has. */

#include "tests/term/term.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/class.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/store.h>
#include <kodelab/sync.h>
#include <kodelab/vault.h>

#define DAY_MS     2500 /* who does not reach the server in that time gives up */
#define EVENING_MS 120000
#define LOCK_MS    2000
#define SETTLES    6 /* of one session: two machines may meet again */
#define FILE_MAX   ((size_t)1 << 20)
#define HOME(name) term_home_file(lab->is.term, lab->is.student, lab->is.machine, name)

static const struct kl_clock running = { .held = false };

struct session;

struct lab {
	struct term_lab is;
	struct session *session;
	char *data, *cache; /* folders */
	struct kl_store *store;
	struct kl_vault *vault;
	struct kl_class *class; /* NULL: not logged in yet */
	struct kl_class_login *login;
	struct kl_sync *sync;
	struct kl_sync_files files;
	bool busy;
	struct kl_sync_state end; /* of the last round */
};

struct session {
	struct term *term;
	struct kl_loop *loop;
	struct kl_timer *timer;
	struct lab labs[TERM_GROUP];
	size_t count, busy;
};

char *term_home(const struct term *term, size_t student, size_t machine)
{
	return kl_format("%s/labs/%zu.%zu", term->folder, student, machine);
}

char *term_home_file(const struct term *term, size_t student, size_t machine, const char *name)
{
	char *home = term_home(term, student, machine), *path = kl_path_join(home, name);

	free(home);
	return path;
}

/* --- the student's files ------------------------------------------------------------------------------------------ */

static char *work_file(const struct term_lab *lab, const char *slug, const char *name)
{
	char *rest = kl_format("kodelab/" TERM_PACK "/%s/%s", slug, name);
	char *path = term_home_file(lab->term, lab->student, lab->machine, rest);

	free(rest);
	return path;
}

void term_write(const struct term_lab *lab, const char *slug, const char *name, const char *text, size_t len)
{
	char *folder = work_file(lab, slug, ""), *path = work_file(lab, slug, name);
	struct kl_error err;

	CHECK(!kl_path_make(folder, &err) && !kl_file_write(path, text, len, 0644, &err), "%s", err.message);
	free(folder);
	free(path);
}

static void read_file(void *ctx, char **text, size_t *len, bool *untouched, const char *pack, const char *slug,
		      const char *language)
{
	const struct lab *lab = ctx;
	char *path = work_file(&lab->is, slug, "solution.sh");
	struct kl_buf code;

	(void)pack;
	(void)language;
	*text = NULL;
	*len = 0;
	*untouched = false;
	kl_buf_init(&code, FILE_MAX);
	if (!kl_file_read(&code, path, NULL)) {
		*len = code.len;
		*text = kl_buf_detach(&code);
	}
	kl_buf_release(&code);
	free(path);
}

static enum kl_status write_file(void *ctx, const char *pack, const char *slug, const char *language, const char *text,
				 size_t len, struct kl_error *err)
{
	const struct lab *lab = ctx;

	(void)pack;
	(void)language;
	(void)err;
	term_write(&lab->is, slug, "solution.sh", text, len);
	return KL_OK;
}

static enum kl_status put_beside(char **path, void *ctx, const char *pack, const char *slug, const char *language,
				 const char *text, size_t len, struct kl_error *err)
{
	const struct lab *lab = ctx;

	(void)pack;
	(void)language;
	(void)err;
	term_write(&lab->is, slug, "solution.other.sh", text, len);
	*path = work_file(&lab->is, slug, "solution.other.sh");
	return KL_OK;
}

static void on_news(void *ctx, const struct kl_sync_news *news)
{
	(void)ctx;
	CHECK(news->kind != KL_NEWS_REFUSED, "%s is refused for good: %s", news->subject, news->words);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static void open_lab(struct lab *lab)
{
	char *db, *config = HOME(".config/kodelab"), *master = HOME(".config/kodelab/master.key");
	struct kl_store_opened opened = { .rebuilt = false };
	struct kl_error err;

	lab->data = HOME(".local/share/kodelab");
	lab->cache = HOME(".cache/kodelab");
	db = kl_path_join(lab->data, "lab.db");
	CHECK(!kl_path_make(config, &err) && !kl_path_make(lab->data, &err) && !kl_path_make(lab->cache, &err), "%s",
	      err.message);
	CHECK(!kl_store_open(&lab->store, &opened, db, &running, &err), "%s: %s", db, err.message);
	CHECK(!opened.rebuilt, "%s was damaged by a kill", db);
	CHECK(!kl_vault_open(&lab->vault, master, NULL, &err), "%s", err.message);
	lab->files =
		(struct kl_sync_files){ .ctx = lab, .read = read_file, .write = write_file, .put_beside = put_beside };
	free(db);
	free(config);
	free(master);
}

static void close_lab(struct lab *lab)
{
	kl_sync_close(lab->sync);
	kl_class_close(lab->class);
	kl_vault_close(lab->vault);
	kl_store_close(lab->store);
	free(lab->data);
	free(lab->cache);
}

/* --- work --------------------------------------------------------------------------------------------------------- */

/* What the student was told is written down outside of the lab: it must be found in the end. */
static void write_down(const struct lab *lab, const struct kl_attempt *attempt)
{
	char hash[KL_SHA256_SIZE], *path = HOME("told"), *line;
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	kl_sha256(hash, attempt->code, attempt->code_len);
	line = kl_format("%s %s %s\n", attempt->id, hash, attempt->slug);
	CHECK(fd >= 0 && write(fd, line, strlen(line)) == (ssize_t)strlen(line), "%s cannot be written", path);
	close(fd);
	free(line);
	free(path);
}

static void submit(const struct lab *lab, char *slug, char *text)
{
	char pack[] = TERM_PACK, language[] = "bash", verdict[] = "passed";
	struct kl_attempt attempt = { .pack = pack,
				      .slug = slug,
				      .language = language,
				      .kind = KL_ATTEMPT_SUBMIT,
				      .verdict = verdict,
				      .score = 100,
				      .passed = 1,
				      .total = 1,
				      .code = text,
				      .code_len = strlen(text) };
	struct kl_error err;

	CHECK(!kl_store_attempt_add(lab->store, &attempt, NULL, &err), "%s", err.message);
	write_down(lab, &attempt);
	lab->is.term->counts.submits++;
}

bool term_submits(const struct term_lab *lab, size_t challenge)
{
	const size_t at[] = { lab->student, lab->machine, lab->round * TERM_CHALLENGES_MAX + challenge };

	return term_draw(lab->term, TERM_SUBMITS, at, 10) < 6;
}

static void work_at(const struct lab *lab, size_t challenge)
{
	const size_t at[] = { lab->is.student, lab->is.machine, lab->is.round * TERM_CHALLENGES_MAX + challenge };
	char *text = term_text(lab->is.term, lab->is.student, lab->is.machine, lab->is.round, challenge), slug[8];
	struct kl_error err;

	term_slug(slug, challenge);
	CHECK(!kl_store_opened(lab->store, TERM_PACK, slug, "bash", &err), "%s", err.message);
	term_write(&lab->is, slug, "solution.sh", text, strlen(text));
	CHECK(!kl_store_draft_put(lab->store, TERM_PACK, slug, "bash", text, strlen(text), 0, &err), "%s", err.message);
	lab->is.term->counts.drafts++;
	if (term_draw(lab->is.term, TERM_HINTS, at, 4) == 0) {
		CHECK(!kl_store_hint_add(lab->store, TERM_PACK, slug, 1, &err), "%s", err.message);
		lab->is.term->counts.hints++;
	}
	if (term_submits(&lab->is, challenge))
		submit(lab, slug, text);
	free(text);
}

static void work(const struct lab *lab)
{
	for (size_t i = 0; i < lab->is.term->challenges; i++)
		if (term_takes(lab->is.term, i, lab->is.round))
			work_at(lab, i);
}

/* --- syncing ------------------------------------------------------------------------------------------------------ */

static void rest(struct lab *lab, const struct kl_error *error)
{
	lab->busy = false;
	lab->is.term->counts.rounds++;
	lab->is.term->counts.broken += error->status != KL_OK;
	if (--lab->session->busy == 0)
		kl_loop_stop(lab->session->loop);
}

static void on_synced(void *ctx, const struct kl_sync_state *state)
{
	struct lab *lab = ctx;

	lab->end = *state;
	rest(lab, &state->error);
}

static void start_round(struct lab *lab)
{
	static char program[300];
	struct kl_sync_parts parts = { .loop = lab->session->loop,
				       .store = lab->store,
				       .clock = &running,
				       .class = lab->class,
				       .folder = lab->data,
				       .cache = lab->cache,
				       .device = lab->is.machine ? "at home" : "in the room",
				       .program = program,
				       .files = &lab->files,
				       .news = on_news,
				       .ctx = lab };
	static struct kl_sync_parts kept[TERM_GROUP]; /* borrowed as long as the engine lives */

	snprintf(program, sizeof(program), "%s/kodelab", lab->is.term->build);
	if (!lab->sync) {
		kept[lab - lab->session->labs] = parts;
		lab->sync = kl_sync_open(&kept[lab - lab->session->labs]);
	}
	kl_sync_once(lab->sync, LOCK_MS, on_synced, lab);
}

static void on_login(void *ctx, const struct kl_error *error)
{
	struct lab *lab = ctx;

	lab->login = NULL;
	if (error->status) {
		rest(lab, error); /* another day */
		kl_class_close(lab->class);
		lab->class = NULL;
	} else {
		start_round(lab);
	}
}

static void log_in(struct lab *lab, const struct kl_class_parts *parts)
{
	char who[16], password[] = PASSWORD, name[] = "school", none[] = "none";
	const struct kl_class_server server = { .name = name,
						.addresses = lab->is.term->address[lab->is.machine],
						.proxy = none };
	struct kl_class_login_spec spec = {
		.way = KL_CLASS_PASSWORD, .device = "a lab of the term", .user = who, .password = password
	};
	struct kl_error err;

	term_name(who, lab->is.student);
	CHECK(!kl_class_open_new(&lab->class, parts, &server, &err), "%s", err.message);
	CHECK(!kl_class_login(&lab->login, lab->class, &spec, NULL, on_login, lab, &err), "%s", err.message);
}

static void begin_sync(struct lab *lab)
{
	/* borrowed as long as the client lives */
	static struct kl_class_parts kept[TERM_GROUP];
	struct kl_class_parts *parts = &kept[lab - lab->session->labs];
	struct kl_error err = { .status = KL_OK };

	*parts = (struct kl_class_parts){ .loop = lab->session->loop,
					  .store = lab->store,
					  .vault = lab->vault,
					  .clock = &running,
					  .folder = lab->data };
	lab->end = (struct kl_sync_state){ .error.status = KL_ENET };
	lab->busy = true;
	lab->session->busy++;
	if (!lab->class && kl_class_open(&lab->class, parts, NULL, &err)) {
		CHECK(err.status == KL_ENOENT, "%s", err.message);
		log_in(lab, parts);
	} else {
		start_round(lab);
	}
}

/* Enough: whoever still waits gives up. */
static void on_late(void *ctx)
{
	struct session *session = ctx;

	session->timer = NULL;
	for (size_t i = 0; i < session->count; i++) {
		struct lab *lab = &session->labs[i];

		if (lab->login)
			kl_class_login_cancel(lab->login);
		else if (lab->busy)
			kl_sync_stop(lab->sync);
	}
}

static void run_syncs(struct session *session, bool calm)
{
	if (!session->busy)
		return;
	session->timer = kl_loop_add_timer(session->loop, calm ? EVENING_MS : DAY_MS, on_late, session);
	kl_loop_run(session->loop);
	kl_timer_cancel(session->timer);
	session->timer = NULL;
}

/* Decides about every draft that waits. How many did. */
static size_t settle(const struct lab *lab, size_t turn)
{
	const size_t at[] = { lab->is.student, lab->is.machine, lab->is.round * SETTLES + turn };
	struct kl_other_draft *rows;
	struct kl_error err;
	size_t count;

	CHECK(!kl_store_other_drafts(&rows, &count, lab->store, &err), "%s", err.message);
	for (size_t i = 0; i < count; i++) {
		char *path = NULL;

		CHECK(!kl_sync_settle(&path, lab->store, &lab->files, &rows[i],
				      (enum kl_sync_choice)term_draw(lab->is.term, TERM_CHOICE, at, 3), &err),
		      "%s", err.message);
		free(path);
	}
	lab->is.term->counts.settled += (long)count;
	kl_other_drafts_free(rows, count);
	return count;
}

/* --- a day, an evening -------------------------------------------------------------------------------------------- */

static bool by_command(const struct lab *lab)
{
	return lab->is.student % TERM_COMMANDS == TERM_COMMANDS - 1;
}

static enum term_mode mode_of(const struct lab *lab)
{
	const size_t at[] = { lab->is.student, lab->is.machine, lab->is.round };

	return (enum term_mode)term_draw(lab->is.term, TERM_MODE, at, TERM_MODES);
}

static void live_day(struct session *session)
{
	for (size_t i = 0; i < session->count; i++)
		if (!by_command(&session->labs[i]) && mode_of(&session->labs[i]) != TERM_ON_LINE)
			work(&session->labs[i]);
	for (size_t i = 0; i < session->count; i++)
		if (!by_command(&session->labs[i]) && mode_of(&session->labs[i]) != TERM_AWAY)
			begin_sync(&session->labs[i]);
	run_syncs(session, false);
	for (size_t i = 0; i < session->count; i++) {
		struct lab *lab = &session->labs[i];

		if (by_command(lab) || mode_of(lab) < TERM_ON_LINE)
			continue;
		settle(lab, 0);
		work(lab);
		if (mode_of(lab) == TERM_ON_LINE)
			begin_sync(lab);
	}
	run_syncs(session, false);
}

static void live_evening(struct session *session)
{
	bool restless[TERM_GROUP] = { false };

	for (size_t turn = 0; turn < SETTLES; turn++) {
		for (size_t i = 0; i < session->count; i++)
			if (!by_command(&session->labs[i]) && (!turn || settle(&session->labs[i], turn)))
				begin_sync(&session->labs[i]);
		run_syncs(session, true);
		for (size_t i = 0; i < session->count; i++) {
			const struct kl_sync_state *end = &session->labs[i].end;

			restless[i] |= !by_command(&session->labs[i]) &&
				       (end->error.status || end->sent || end->taken || end->waiting || end->conflicts);
		}
	}
	for (size_t i = 0; i < session->count; i++)
		session->term->counts.restless += restless[i];
}

static void live_by_command(const struct lab *lab, bool calm)
{
	enum term_mode mode = mode_of(lab);

	if (calm) {
		lab->is.term->counts.restless += !term_command_sync(&lab->is, true);
		return;
	}
	if (mode != TERM_ON_LINE)
		term_command_work(&lab->is);
	if (mode != TERM_AWAY)
		term_command_sync(&lab->is, false);
	if (mode >= TERM_ON_LINE)
		term_command_work(&lab->is);
}

_Noreturn void term_session(struct term *term, size_t machine, size_t round, size_t first, bool calm)
{
	struct session session = { .term = term };
	struct kl_error err;

	CHECK(!kl_loop_open(&session.loop, &err), "%s", err.message);
	for (size_t i = first; i < term->students && session.count < TERM_GROUP; i++) {
		struct lab *lab = &session.labs[session.count++];

		*lab = (struct lab){ .session = &session };
		lab->is = (struct term_lab){ .term = term, .student = i, .machine = machine, .round = round };
		if (by_command(lab))
			live_by_command(lab, calm);
		else
			open_lab(lab);
	}
	if (calm)
		live_evening(&session);
	else
		live_day(&session);
	for (size_t i = 0; i < session.count; i++)
		if (!by_command(&session.labs[i]))
			close_lab(&session.labs[i]);
	kl_loop_close(session.loop);
	_exit(0);
}
