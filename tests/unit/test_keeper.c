/* How long kept runs rest after tries in vain. links: tui/keeper_pause.c */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tui/keeper.h"

#define NOON INT64_C(1767268800000) /* 2026-01-01 12:00 UTC */

static void pauses_grow(void **state)
{
	static const struct {
		int tries;
		int64_t ready_ms, pause_ms;
	} cases[] = {
		{ 0, 0, 10000 },
		{ 1, 0, 20000 },
		{ 5, 0, 320000 },
		{ 6, 0, 600000 }, /* not 640 s */
		{ 1000000, 0, 600000 },
		{ 0, NOON - 1, 10000 }, /* the breaker allows it already */
		{ 0, NOON + 9999, 10000 },
		{ 0, NOON + 10001, 10001 },
		{ 3, NOON + 30000, 80000 },
		{ 6, NOON + 3600000, 3600000 }, /* a used up key: when it may be used again */
		{ 2, -1, 40000 }, /* waiting does not help, says the judge: another one may come */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(keeper_pause_ms(cases[i].tries, cases[i].ready_ms, NOON), cases[i].pause_ms);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses_grow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
