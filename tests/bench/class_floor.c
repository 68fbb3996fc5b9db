/*
 * The least that takes something over HTTP and has it on the disk before it answers: libmicrohttpd and SQLite alone, one
 * row for each request, one transaction for all that came in a turn. No JSON, no user, no receipt, no queue. A GET is answered at once.
 * usage: class_floor <database> ; prints its port.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <microhttpd.h>
#include <sqlite3.h>

#define BODY_MAX 4096

struct taken {
	struct taken *next;
	struct MHD_Connection *handle;
	char body[BODY_MAX];
	size_t len;
	bool written;
};

struct floor {
	sqlite3 *db;
	sqlite3_stmt *insert;
	struct taken *turn; /* written in this turn, suspended */
};

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "class_floor: %s\n", what);
	exit(1);
}

static void run(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		give_up(sqlite3_errmsg(db));
}

static void write_row(struct floor *floor, struct taken *taken)
{
	if (!floor->turn)
		run(floor->db, "BEGIN IMMEDIATE");
	sqlite3_bind_text(floor->insert, 1, taken->body, (int)taken->len, SQLITE_STATIC);
	if (sqlite3_step(floor->insert) != SQLITE_DONE)
		give_up(sqlite3_errmsg(floor->db));
	sqlite3_reset(floor->insert);
	taken->written = true;
	taken->next = floor->turn;
	floor->turn = taken;
	MHD_suspend_connection(taken->handle);
}

static enum MHD_Result answer(struct MHD_Connection *handle, unsigned status)
{
	static char text[] = "{\"success\":true}";
	struct MHD_Response *response = MHD_create_response_from_buffer(sizeof(text) - 1, text, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result = MHD_queue_response(handle, status, response);

	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *handle, const char *path, const char *method,
				  const char *version, const char *upload, size_t *upload_len, void **context)
{
	struct taken *taken = *context;

	(void)path;
	(void)version;
	if (!taken) {
		*context = taken = calloc(1, sizeof(*taken));
		taken->handle = handle;
		return MHD_YES;
	}
	if (*upload_len) {
		size_t len = *upload_len < BODY_MAX - taken->len ? *upload_len : BODY_MAX - taken->len;

		memcpy(taken->body + taken->len, upload, len);
		taken->len += len;
		*upload_len = 0;
		return MHD_YES;
	}
	if (!strcmp(method, "GET"))
		return answer(handle, 200);
	if (taken->written)
		return answer(handle, 201);
	write_row(ctx, taken);
	return MHD_YES;
}

static void on_completed(void *ctx, struct MHD_Connection *handle, void **context, enum MHD_RequestTerminationCode code)
{
	(void)ctx;
	(void)handle;
	(void)code;
	free(*context);
}

static void commit(struct floor *floor)
{
	if (!floor->turn)
		return;
	run(floor->db, "COMMIT");
	for (struct taken *at = floor->turn, *next; at; at = next) {
		next = at->next;
		MHD_resume_connection(at->handle);
	}
	floor->turn = NULL;
}

static void open_database(struct floor *floor, const char *path)
{
	if (sqlite3_open(path, &floor->db) != SQLITE_OK)
		give_up("the database cannot be opened");
	run(floor->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		       "CREATE TABLE taken (number INTEGER PRIMARY KEY, body TEXT NOT NULL)");
	if (sqlite3_prepare_v2(floor->db, "INSERT INTO taken (body) VALUES (?)", -1, &floor->insert, NULL) != SQLITE_OK)
		give_up(sqlite3_errmsg(floor->db));
}

int main(int argc, char **argv)
{
	struct floor floor = { .db = NULL };
	struct MHD_Daemon *daemon;
	struct pollfd polled = { .events = POLLIN };

	if (argc != 2)
		give_up("usage: class_floor <database>");
	open_database(&floor, argv[1]);
	daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request, &floor,
				  MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_CONNECTION_LIMIT, 4096u,
				  MHD_OPTION_LISTEN_BACKLOG_SIZE, 4096u, MHD_OPTION_END);
	if (!daemon)
		give_up("libmicrohttpd does not start");
	printf("%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
	fflush(stdout);
	polled.fd = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	for (;;) {
		MHD_UNSIGNED_LONG_LONG wait_ms;
		bool ready = MHD_get_timeout(daemon, &wait_ms) == MHD_YES && !wait_ms;

		poll(&polled, 1, ready ? 0 : 1000);
		MHD_run(daemon);
		commit(&floor);
	}
}
