/*
 * UUID version 7: 48 bits of milliseconds, then 74 bits that are random for the first id of a millisecond and
 * grow by a random step for the next ones, so that ids of one process sort by birth.
 */

#include <kodelab/id.h>

#include <stdint.h>
#include <sys/random.h>

#include <kodelab/clock.h>
#include <kodelab/error.h>

static struct {
	uint64_t ms;
	uint64_t high; /* 12 bits: rand_a */
	uint64_t low; /* 62 bits: rand_b */
} last; /* of this process: rising needs memory */

#define HIGH_MAX UINT64_C(0xfff)
#define LOW_MAX  UINT64_C(0x3fffffffffffffff)

static void fill_random(void *bytes, size_t len)
{
	if (getrandom(bytes, len, 0) != (ssize_t)len)
		kl_die("kodelab: the system gives no random numbers");
}

static void step(uint64_t random)
{
	last.low += 1 + (random & UINT32_MAX);
	if (last.low <= LOW_MAX)
		return;
	last.low &= LOW_MAX;
	if (++last.high <= HIGH_MAX)
		return;
	last.high = 0;
	last.ms++;
}

void kl_id_new(char id[KL_ID_SIZE], const struct kl_clock *clock)
{
	uint64_t now = (uint64_t)kl_clock_wall_ms(clock) & UINT64_C(0xffffffffffff);
	uint64_t random[2];

	fill_random(random, sizeof(random));
	if (now > last.ms) {
		last.ms = now;
		last.high = random[0] & (HIGH_MAX >> 1); /* top bit clear: room to grow */
		last.low = random[1] & LOW_MAX;
	} else {
		step(random[0]);
	}
	snprintf(id, KL_ID_SIZE, "%08x-%04x-%04x-%04x-%04x%08x", (unsigned)(last.ms >> 16),
		 (unsigned)(last.ms & 0xffff), (unsigned)(0x7000 | (last.high & HIGH_MAX)),
		 (unsigned)(0x8000 | (last.low >> 48 & 0x3fff)), (unsigned)(last.low >> 32 & 0xffff),
		 (unsigned)(last.low & UINT32_MAX));
}

void kl_id_random(char id[KL_ID_SIZE])
{
	uint64_t random[2];

	fill_random(random, sizeof(random));
	snprintf(id, KL_ID_SIZE, "%08x-%04x-%04x-%04x-%04x%08x", (unsigned)(random[0] >> 32),
		 (unsigned)(random[0] >> 16 & 0xffff), (unsigned)(0x4000 | (random[0] & 0xfff)),
		 (unsigned)(0x8000 | (random[1] >> 48 & 0x3fff)), (unsigned)(random[1] >> 32 & 0xffff),
		 (unsigned)(random[1] & UINT32_MAX));
}

bool kl_id_valid(const char *text)
{
	static const char shape[] = "xxxxxxxx-xxxx-7xxx-vxxx-xxxxxxxxxxxx";

	if (!text || strlen(text) != sizeof(shape) - 1)
		return false;
	for (size_t i = 0; shape[i]; i++) {
		const char *allowed = shape[i] == 'x'   ? "0123456789abcdef"
				      : shape[i] == 'v' ? "89ab"
				      : shape[i] == '7' ? "7"
							: "-";

		if (!strchr(allowed, text[i]))
			return false;
	}
	return true;
}
