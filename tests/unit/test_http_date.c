/* Times in headers: every form of an HTTP date, and Retry-After in seconds and as a date. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/http.h>

#define NOVEMBER_MS INT64_C(784111777000) /* Sun, 06 Nov 1994 08:49:37 GMT: the example of the RFC */
#define DAY_MS      INT64_C(86400000)

static void dates_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", NOVEMBER_MS },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", NOVEMBER_MS },
		{ "Sun Nov  6 08:49:37 1994", NOVEMBER_MS },
		{ "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
		{ "Tue, 29 Feb 2028 23:59:59 GMT", INT64_C(1835481599000) },
		{ "Wednesday, 01-Jan-69 00:00:00 GMT", INT64_C(3124224000000) },
		{ "Sun, 06 Nov 1994 08:49:37 CET", -1 },
		{ "Sun, 06 Nov 1994 08:49:37 GMT+1", -1 },
		{ "Sun, 06 Nov 1994 08:49:37", -1 },
		{ "Sun, 06 Nuv 1994 08:49:37 GMT", -1 },
		{ "Sun, 36 Nov 1994 08:49:37 GMT", -1 },
		{ "Sun, 06 Nov 1994 28:49:37 GMT", -1 },
		{ "Sun, 06 Nov 1954 08:49:37 GMT", -1 },
		{ "1994-11-06T08:49:37Z", -1 },
		{ "", -1 },
		{ "soon", -1 },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++)
		assert_int_equal(kl_http_date_ms(cases[i].text), cases[i].ms);
}

static void retry_after_is_read(void **state)
{
	static const struct {
		const char *text; /* NULL: no such header */
		int64_t ms;
	} cases[] = {
		{ NULL, -1 },
		{ "", -1 },
		{ "0", 0 },
		{ "120", 120000 },
		{ "86400", DAY_MS },
		{ "86401", DAY_MS },
		{ "99999999999999999999999999", DAY_MS },
		{ "-5", -1 },
		{ "1.5", -1 },
		{ "12 s", -1 },
		{ "soon", -1 },
		{ "Sun, 06 Nov 1994 08:49:47 GMT", 10000 },
		{ "Sun, 06 Nov 1994 08:49:27 GMT", 0 },
		{ "Sun, 06 Nov 2094 08:49:37 GMT", DAY_MS },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_http_result result = { .status = 503 };
		struct kl_buf headers; /* as http_curl.c keeps them */

		kl_buf_init(&headers, 1000);
		kl_buf_add(&headers, "date\0x", 7);
		if (cases[i].text) {
			kl_buf_add(&headers, "retry-after", 12);
			kl_buf_add(&headers, cases[i].text, strlen(cases[i].text) + 1);
		}
		result.headers = &headers;
		assert_int_equal(kl_http_retry_after_ms(&result, NOVEMBER_MS), cases[i].ms);
		kl_buf_release(&headers);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_read),
		cmocka_unit_test(retry_after_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
