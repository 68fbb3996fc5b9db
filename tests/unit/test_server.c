/*
 * The parts of kodelabd that can be looked at alone; the whole is tested by tests/server.
 * links: core/server/base64.c core/server/verdict.c core/server/submission.c core/server/jsonout.c
 * links: core/server/callback_where.c core/server/settings.c core/server/options.c core/server/listen.c
 * links: core/server/peer.c core/server/eventlog.c core/server/toolchain.c core/server/toolchain_rows.c
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#include "core/server/base64.h"
#include "core/server/callback.h"
#include "core/server/jsonout.h"
#include "core/server/peer.h"
#include "core/server/submission.h"
#include "core/server/toolchain.h"
#include "core/server/verdict.h"

/* --- base64 ----------------------------------------------------------------------------------------------------- */

static void takes_lenient_base64(void **state)
{
	static const struct {
		const char *text, *bytes;
	} cases[] = {
		{ "YWJj", "abc" },    { "YWI=", "ab" },     { "YQ==", "a" }, { "YQ", "a" },
		{ "Y Q\n==", "a" },   { "*YW*Jj-", "abc" }, { "", "" },      { "%%%", "" },
		{ "YWI=YWI=", "ab" }, { "Y", "" },          { "=YQ", "" },   { "w6Q=", "\xc3\xa4" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		size_t len;
		char *bytes = base64_take(&len, cases[i].text, strlen(cases[i].text));

		assert_string_equal(bytes, cases[i].bytes);
		assert_int_equal(len, strlen(cases[i].bytes));
		free(bytes);
	}
}

static void gives_lines_of_sixty(void **state)
{
	char bytes[100];
	struct kl_buf out;

	(void)state;
	memset(bytes, 'a', sizeof(bytes));
	kl_buf_init(&out, 1000);
	base64_json(&out, bytes, 45);
	assert_int_equal(out.len, 1 + 60 + 2 + 1);
	kl_buf_clear(&out);
	base64_json(&out, bytes, 46);
	assert_string_equal(out.data + 1 + 60, "\\nYQ==\\n\"");
	kl_buf_clear(&out);
	base64_json(&out, bytes, 0);
	assert_string_equal(out.data, "\"\"");
	kl_buf_release(&out);
}

/* --- comparing -------------------------------------------------------------------------------------------------- */

static void compares_as_judge0_does(void **state)
{
	static const struct {
		const char *expected, *got;
		bool same;
	} cases[] = {
		{ "a", "a", true },          { "a", "a\n", true },
		{ "a\n\n\n", "a", true },    { "a \t\r\nb", "a\nb  \n", true },
		{ "", "\n \n", true },       { "a", " a", false },
		{ "a b", "a  b", false },    { "\na", "a", false },
		{ "a\n\nb", "a\nb", false }, { "a", "A", false },
		{ "a\nb", "a", false },      { "a", "a\nb", false },
		{ "", "a", false },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++)
		assert_int_equal(
			verdict_same(cases[i].expected, strlen(cases[i].expected), cases[i].got, strlen(cases[i].got)),
			cases[i].same);
	assert_true(verdict_same("a\nb", 3, "a\0\nb\0\0", 6)); /* a NUL is white space at an end */
	assert_false(verdict_same("ab", 2, "a\0b", 3));
}

/* --- packing ---------------------------------------------------------------------------------------------------- */

static void packs_what_it_unpacks(void **state)
{
	struct submission submission = { .language_id = 71 }, copy = { .language_id = 71 };
	struct kl_buf packed;

	(void)state;
	submission_set(&submission, ATTRIBUTE_SOURCE_CODE, "a\0b\nstdin 3\n", 12);
	submission_set(&submission, ATTRIBUTE_EXPECTED_OUTPUT, "", 0);
	submission_print(&submission, ATTRIBUTE_NUMBER_OF_RUNS, "%d", 3);
	submission_set(&submission, ATTRIBUTE_STDOUT, "not the client's", 16);
	kl_buf_init(&packed, 1000);
	submission_pack(&packed, &submission, BY_CLIENT);
	assert_true(submission_unpack(&copy, packed.data, packed.len));
	assert_int_equal(copy.values[ATTRIBUTE_SOURCE_CODE].len, 12);
	assert_memory_equal(copy.values[ATTRIBUTE_SOURCE_CODE].bytes, "a\0b\nstdin 3\n", 12);
	assert_string_equal(submission_text(&copy, ATTRIBUTE_EXPECTED_OUTPUT), "");
	assert_null(submission_text(&copy, ATTRIBUTE_STDOUT));
	assert_null(submission_text(&copy, ATTRIBUTE_STDIN));
	assert_true(submission_number(&copy, ATTRIBUTE_NUMBER_OF_RUNS) == 3);
	for (size_t len = 1; len < packed.len; len++) { /* cut anywhere it is damaged, but never read beyond */
		char *part = kl_strndup(packed.data, len);

		(void)!submission_unpack(&copy, part, len);
		free(part);
	}
	assert_false(submission_unpack(&copy, "stdin 99999999999999999999\nx\n", 29));
	assert_false(submission_unpack(&copy, "stdin -1\nx\n", 11));
	assert_false(submission_unpack(&copy, "garbage", 7));
	assert_true(submission_unpack(&copy, "of_the_future 1\nx\n", 18));
	kl_buf_release(&packed);
	submission_release(&submission);
	submission_release(&copy);
}

/* --- callbacks -------------------------------------------------------------------------------------------------- */

static void calls_back_only_where_allowed(void **state)
{
	static const char list[] = "hook.school.edu:8080 *.lab.edu api.example [::1]:9000";
	static const struct {
		const char *url;
		bool allowed;
	} cases[] = {
		{ "http://hook.school.edu:8080/x", true },
		{ "HTTP://HOOK.school.edu:8080", true },
		{ "http://hook.school.edu/x", false },
		{ "https://api.example/x?y", true },
		{ "http://api.example:22/", true }, /* without a port: all of them */
		{ "http://a.lab.edu/", true },
		{ "http://lab.edu/", false },
		{ "http://xlab.edu/", false },
		{ "http://[::1]:9000/", true },
		{ "http://[::1]/", false },
		{ "http://127.0.0.1/", false },
		{ "http://api.example@evil/", false },
		{ "http://evil\\@api.example/", false },
		{ "http://api.example.evil/", false },
		{ "http://api.example\r\nX: y/", false },
		{ "http://api%2eexample/", false },
		{ "ftp://api.example/", false },
		{ "file:///etc/passwd", false },
		{ "http://", false },
		{ "http://[::1", false },
		{ "http://api.example:/", false },
		{ "http://api.example:99999999999/", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		if (callback_allowed(list, cases[i].url) != cases[i].allowed)
			fail_msg("%s", cases[i].url);
		assert_false(callback_allowed("", cases[i].url));
	}
}

/* --- addresses and versions ------------------------------------------------------------------------------------- */

static struct peer address(const char *text)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	if (strchr(text, ':')) {
		assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
		return peer_of((const struct sockaddr *)&in6);
	}
	assert_int_equal(inet_pton(AF_INET, text, &in.sin_addr), 1);
	return peer_of((const struct sockaddr *)&in);
}

static void knows_inner_addresses(void **state)
{
	static const char *const inner[] = {
		"127.0.0.1",
		"127.255.0.3",
		"0.0.0.0",
		"10.1.2.3",
		"172.16.0.1",
		"172.31.255.255",
		"192.168.1.1",
		"100.64.0.1",
		"169.254.169.254",
		"224.0.0.1",
		"255.255.255.255",
		"198.18.0.1",
		"192.0.2.1",
		"::",
		"::1",
		"fe80::1",
		"fc00::1",
		"fd12::1",
		"::ffff:10.0.0.1",
		"::127.0.0.1",
		"ff02::1",
		"64:ff9b::a00:1",
		"2002:a00:1::",
		"2001:db8::1",
		"2001:0:a00:1::",
	};
	static const char *const outer[] = { "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111",
					     "::ffff:1.1.1.1" };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(inner); i++) {
		struct peer peer = address(inner[i]);

		if (!callback_is_inner(&peer))
			fail_msg("%s is taken for an outer address", inner[i]);
	}
	for (size_t i = 0; i < KL_LENGTH(outer); i++) {
		struct peer peer = address(outer[i]);

		if (callback_is_inner(&peer))
			fail_msg("%s is taken for an inner address", outer[i]);
	}
}

static void pauses_longer_and_longer(void **state)
{
	(void)state;
	assert_int_equal(callback_pause_ms(1000, 1, 0), 500);
	assert_int_equal(callback_pause_ms(1000, 1, 255), 1000);
	assert_int_equal(callback_pause_ms(1000, 3, 255), 4000);
	assert_int_equal(callback_pause_ms(1000, 100, 255), 600000);
	assert_int_equal(callback_pause_ms(3600000, 1, 0), 300000);
	assert_int_equal(callback_pause_ms(1, 1, 0), 0);
}

static void knows_addresses_in_lists(void **state)
{
	const struct peer v4 = { .family = PEER_IPV4, .address = { 10, 1, 2, 3 } };
	const struct peer v6 = { .family = PEER_IPV6, .address = { 0x20, 1, 0xd, 0xb8, [15] = 1 } };
	struct peer sibling = v6, site;
	char word[80];

	(void)state;
	assert_true(peer_in(&v4, "unix 10.1.0.0/16"));
	assert_true(peer_in(&v4, "10.1.2.3"));
	assert_true(peer_in(&v4, "10.1.2.2/31"));
	assert_false(peer_in(&v4, "10.1.2.4/31 10.2.0.0/16 ::/0 unix"));
	assert_true(peer_in(&v4, "0.0.0.0/0"));
	assert_true(peer_in(&v6, "2001:db8::/32"));
	assert_false(peer_in(&v6, "2001:db9::/32"));
	assert_false(peer_in(&v4, ""));
	assert_true(peer_list_fault("10.0.0.0/8 10.0.0.0/33", word, sizeof(word)));
	assert_string_equal(word, "10.0.0.0/33");
	assert_false(peer_list_fault("10.0.0.0/8 ::1 unix", word, sizeof(word)));
	sibling.address[15] = 9; /* one host has a whole /64 */
	assert_true(peer_same_site(&v6, &sibling));
	site = peer_site(&sibling);
	peer_text(&site, word, sizeof(word));
	assert_string_equal(word, "2001:db8::");
	site = peer_site(&v4);
	peer_text(&site, word, sizeof(word));
	assert_string_equal(word, "10.1.2.3");
	sibling.address[7] = 9;
	assert_false(peer_same_site(&v6, &sibling));
}

static void finds_versions(void **state)
{
	static const struct {
		const char *text, *version;
	} cases[] = {
		{ "Python 3.11.2", "3.11.2" },
		{ "gcc (Debian 12.2.0-14) 12.2.0", "12.2.0" },
		{ "This is perl 5, version 36, subversion 0 (v5.36.0) built", "5.36.0" },
		{ "go version go1.19.8 linux/amd64", "1.19.8" },
		{ "GNU bash, version 5.2.15(1)-release", "5.2.15" },
		{ "3.40.1 2022-12-28", "3.40.1" },
		{ "cobc (GnuCOBOL) 3.1.2.0", "3.1.2.0" },
		{ "1.2.", "1.2" },
	};
	char version[40];

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		assert_true(toolchain_version(version, sizeof(version), cases[i].text, strlen(cases[i].text)));
		assert_string_equal(version, cases[i].version);
	}
	assert_false(toolchain_version(version, sizeof(version), "version 7", 9));
	assert_false(toolchain_version(version, sizeof(version), ". . 1", 5));
}

static void has_one_row_for_each_language(void **state)
{
	(void)state;
	for (size_t i = 1; i < toolchain_row_count; i++)
		assert_true(toolchain_rows[i - 1].id < toolchain_rows[i].id);
}

/* --- JSON ------------------------------------------------------------------------------------------------------- */

static void writes_any_byte(void **state)
{
	struct kl_buf out;

	(void)state;
	kl_buf_init(&out, 1000);
	jsonout_string(&out, "a\"\\\n\0\x1b\xc3\xa4\xff\x7f", 10);
	assert_string_equal(out.data, "\"a\\\"\\\\\\n\\u0000\\u001b\xc3\xa4\xef\xbf\xbd\\u007f\"");
	kl_buf_clear(&out);
	jsonout_float(&out, 5);
	jsonout_float(&out, 2.5);
	assert_string_equal(out.data, "5.02.5");
	kl_buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_lenient_base64),
		cmocka_unit_test(gives_lines_of_sixty),
		cmocka_unit_test(compares_as_judge0_does),
		cmocka_unit_test(packs_what_it_unpacks),
		cmocka_unit_test(calls_back_only_where_allowed),
		cmocka_unit_test(knows_addresses_in_lists),
		cmocka_unit_test(knows_inner_addresses),
		cmocka_unit_test(pauses_longer_and_longer),
		cmocka_unit_test(finds_versions),
		cmocka_unit_test(has_one_row_for_each_language),
		cmocka_unit_test(writes_any_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
