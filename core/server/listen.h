#ifndef CORE_SERVER_LISTEN_H
#define CORE_SERVER_LISTEN_H

/* The sockets of the option `listen`. */

#include <stdbool.h>

#include <kodelab/error.h>

struct kl_loop;
struct listeners;

typedef void listen_ready_fn(void *ctx, int fd);

/* ready is called when a connection can be accepted. A unix socket of a server that is gone is replaced. */
enum kl_status listen_open(struct listeners **out, struct kl_loop *loop, const char *addresses, listen_ready_fn *ready,
			   void *ctx, struct kl_error *err) KL_MUST_CHECK;
void listen_close(struct listeners *listeners); /* NULL is fine */
/* Whoever connects meanwhile waits in the kernel's queue. */
void listen_pause(struct listeners *listeners, bool pause);
/* Is word of the form that listen_open takes? */
bool listen_word_good(const char *word);

#endif
