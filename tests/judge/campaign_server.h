#ifndef TESTS_JUDGE_CAMPAIGN_SERVER_H
#define TESTS_JUDGE_CAMPAIGN_SERVER_H

/* A real kodelabd on the loop: started, killed, started again on the same port and the same data. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <kodelab/buf.h>

struct kl_loop;

struct campaign_server {
	struct kl_loop *loop;
	const char *build;
	char *folder;
	const char *languages; /* Judge0's ids */
	const char *extra; /* further lines of configuration, borrowed; NULL: none */
	int port; /* 0: not yet known */
	pid_t pid; /* 0: it does not run */
	bool ready;
	int log_fd;
	struct kl_watch *watch;
	struct kl_buf log; /* of this start, until it is ready; then its last line, as far as it has come */
	char error[512]; /* the first line of level error that it said; "": none */
	size_t deaths;
};

/* folder: is made; build, languages: borrowed. */
void campaign_server_init(struct campaign_server *server, struct kl_loop *loop, const char *build, const char *folder,
			  const char *languages);
void campaign_server_start(struct campaign_server *server); /* ready is set from the loop */
void campaign_server_kill(struct campaign_server *server); /* kill -9, and it is gone */
void campaign_server_release(struct campaign_server *server);

/* What it says of its latest submission, and how many it has: asked over HTTP, without the loop. */
void campaign_server_list(const struct campaign_server *server, struct kl_buf *out);
/* How many submissions it has taken in its life. */
int64_t campaign_server_count(const struct campaign_server *server);

/* An execv of argv with descriptors for 0 and 1, and 2 when err is not -1; it dies with us. The process id. */
pid_t campaign_spawn(char *const *argv, int in, int out, int err);
_Noreturn void campaign_give_up(const char *what, const char *why);

#endif
