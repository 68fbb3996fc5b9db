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

/* 36 characters; the two bits of the variant (10) go over the first ones of low. Each request has an id: no printf. */
static void write_id(char id[KL_ID_SIZE], uint64_t high, uint64_t low)
{
	static const char digits[] = "0123456789abcdef";

	low = (low & LOW_MAX) | UINT64_C(1) << 63;
	for (int i = 35; i >= 0; i--) {
		uint64_t *half = i > 18 ? &low : &high;

		if (i == 8 || i == 13 || i == 18 || i == 23) {
			id[i] = '-';
			continue;
		}
		id[i] = digits[*half & 15];
		*half >>= 4;
	}
	id[36] = '\0';
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
	write_id(id, last.ms << 16 | 0x7000 | (last.high & HIGH_MAX), last.low);
}

void kl_id_random(char id[KL_ID_SIZE])
{
	uint64_t random[2];

	fill_random(random, sizeof(random));
	write_id(id, (random[0] & ~UINT64_C(0xf000)) | 0x4000, random[1]);
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
