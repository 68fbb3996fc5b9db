/* Output as words: what is between blanks. */

#include "core/challenge/challenge_int.h"
#include "core/challenge/checker_int.h"

struct words {
	struct kl_text left;
	size_t line; /* of the last word taken, from 1 */
};

static bool is_space(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static bool take_word(struct kl_text *word, struct words *words)
{
	struct kl_text *left = &words->left;
	size_t len = 0;

	while (left->len && is_space(*left->at)) {
		words->line += *left->at == '\n';
		left->at++;
		left->len--;
	}
	while (len < left->len && !is_space(left->at[len]))
		len++;
	*word = (struct kl_text){ left->at, len };
	left->at += len;
	left->len -= len;
	return len > 0;
}

static bool same_text(const struct kl_checker *checker, struct kl_text want, struct kl_text got)
{
	if (want.len != got.len)
		return false;
	if (!checker->ignore_case)
		return !memcmp(want.at, got.at, want.len);
	for (size_t i = 0; i < want.len; i++) /* letters beyond ASCII count as written */
		if (want.at[i] != got.at[i] && ((want.at[i] ^ got.at[i]) != 0x20 || (want.at[i] & 0x80) ||
						((want.at[i] | 0x20) < 'a') || ((want.at[i] | 0x20) > 'z')))
			return false;
	return true;
}

static bool same_number(const struct kl_checker *checker, struct kl_text want, struct kl_text got)
{
	double wanted, number;

	if (!kl_double_parse(&wanted, want.at, want.len))
		return same_text(checker, want, got);
	return kl_double_parse(&number, got.at, got.len) &&
	       kl_double_near(wanted, number, checker->abs_tol, checker->rel_tol);
}

typedef bool same_fn(const struct kl_checker *checker, struct kl_text want, struct kl_text got);

static bool check(const struct kl_checker *checker, same_fn *same, struct kl_text want, struct kl_text actual,
		  struct kl_buf *why)
{
	struct words left = { want, 1 }, right = { actual, 1 };
	struct kl_text wanted, got;

	for (size_t index = 1;; index++) {
		bool more = take_word(&wanted, &left), some = take_word(&got, &right);

		if (!more && !some)
			return true;
		if (more && some && same(checker, wanted, got))
			continue;
		kl_buf_addf(why, "word %zu (line %zu): expected ", index, some ? right.line : left.line);
		if (more)
			kl_show(wanted, why);
		else
			kl_buf_add_str(why, "the end of the output");
		kl_buf_add_str(why, some ? ", got " : ", but the output ends");
		if (some)
			kl_show(got, why);
		return false;
	}
}

bool kl_check_tokens(const struct kl_checker *checker, struct kl_text want, struct kl_text actual, struct kl_buf *why)
{
	return check(checker, same_text, want, actual, why);
}

bool kl_check_float(const struct kl_checker *checker, struct kl_text want, struct kl_text actual, struct kl_buf *why)
{
	return check(checker, same_number, want, actual, why);
}
