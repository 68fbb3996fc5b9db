#ifndef TESTS_UNIT_SESSION_SCENE_H
#define TESTS_UNIT_SESSION_SCENE_H

/* Ada in the class server's store, with a clock that is held, and sessions that she begins. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kodelab/account.h>
#include <kodelab/holders.h>
#include <kodelab/id.h>
#include <kodelab/store.h>
#include <kodelab/store_turn.h>

#define START INT64_C(1767268800000)

static struct kl_clock clock_ = { .held = true, .held_wall_ms = START };
static struct kl_store *store;
static struct kl_holders *holders;
static char ada[KL_ID_SIZE];

/* The server's, with her in it; path NULL: in memory. */
static inline enum kl_status open_store(const char *path)
{
	struct kl_user user = { .name = (char[]){ "ada" },
				.key = (char[]){ "ada" },
				.display = (char[]){ "" },
				.email = (char[]){ "" },
				.password = (char[]){ "-" },
				.role = 1 };
	enum kl_status status;

	clock_.held_wall_ms = START;
	kl_id_new(user.id, &clock_);
	memcpy(ada, user.id, sizeof(ada));
	holders = kl_holders_new();
	status = kl_store_open_server(&store, path, &clock_, NULL);
	if (status)
		return status;
	kl_store_read_in_turns(store);
	return kl_store_user_add(store, &user, NULL);
}

static inline void close_store(void)
{
	kl_store_close(store);
	kl_holders_free(holders);
}

static inline void begin(struct kl_tokens *tokens)
{
	assert_int_equal(kl_session_begin(tokens, store, ada, "a terminal", "10.0.0.1", &clock_, NULL), KL_OK);
}

#endif
