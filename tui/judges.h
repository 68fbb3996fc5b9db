#ifndef TUI_JUDGES_H
#define TUI_JUDGES_H

/* Judges elsewhere, for the full screen and for subcommands: how one is taken up with its key, and how one stands, in words. */

#include <stddef.h>

#include <kodelab/instance.h>
#include <kodelab/keypool.h>

/* The key of its owner, for one judge; he has consented. A machine of one's own counts no requests; a provider does. */
enum kl_status judges_add_key(struct kl_keypool *pool, const struct kl_instance *judge, const char *secret,
			      struct kl_error *err) KL_MUST_CHECK;
struct judge_secrets {
	const char *key; /* NULL: none is wanted */
	const char *user; /* the second one, for what wants authorization; NULL: none */
};
/* The judge and its secrets, or nothing of it. pool may be NULL when there are none. */
enum kl_status judges_add(struct kl_instances *judges, struct kl_keypool *pool, const struct kl_instance_spec *spec,
			  const struct judge_secrets *secrets, struct kl_error *err) KL_MUST_CHECK;

/* The walls of this machine's sandbox: "level 1: namespaces and seccomp". level: enum kl_sandbox_level. */
const char *judges_sandbox(int level);
/* "127.0.0.1:2358": what of an address is worth a column. */
void judges_host(char *text, size_t size, const struct kl_instance *judge);
/* "good", "rests until 10:42", "not asked yet". */
void judges_state(char *text, size_t size, const struct kl_instance *judge);
/* "12 ms", of a small request; "less than 1 ms". Returns text. */
const char *judges_latency(char *text, size_t size, const struct kl_instance_health *health);
/* What a test of it has found, as a sentence. */
void judges_answer(char *text, size_t size, const struct kl_instance *judge);
/* What the lab calls the language that is this one of judge; "": it uses another one, or none. */
const char *judges_name_of(const struct kl_instances *judges, const struct kl_instance *judge,
			   const struct kl_instance_language *language);

#endif
