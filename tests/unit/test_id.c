/* Ids: well formed, rising, never twice. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/id.h>

static void ids_rise(void **state)
{
	struct kl_clock held = { .held = true, .held_wall_ms = INT64_C(1772370300000) };
	struct kl_clock earlier = { .held = true, .held_wall_ms = 1000 };
	char before[KL_ID_SIZE], id[KL_ID_SIZE];

	(void)state;
	kl_id_new(before, &held);
	assert_memory_equal(before, "019ca980-8c60-7", 15);
	for (int i = 0; i < 20000; i++) {
		kl_id_new(id, i % 100 ? &held : &earlier);
		assert_true(kl_id_valid(id));
		assert_true(strcmp(id, before) > 0);
		memcpy(before, id, sizeof(id));
	}
}

static void shapes(void **state)
{
	static const struct {
		const char *text;
		bool valid;
	} cases[] = {
		{ "019cab40-6560-7abc-8abc-0123456789ab", true },
		{ "019cab40-6560-4abc-8abc-0123456789ab", false },
		{ "019cab40-6560-7abc-cabc-0123456789ab", false },
		{ "019CAB40-6560-7abc-8abc-0123456789ab", false },
		{ "019cab40-6560-7abc-8abc-0123456789a", false },
		{ "019cab40-6560-7abc-8abc-0123456789abc", false },
		{ "../../../../../../../../../../../etc", false },
		{ "", false },
		{ NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++)
		assert_int_equal(kl_id_valid(cases[i].text), cases[i].valid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_rise),
		cmocka_unit_test(shapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
