#include <stdio.h>

enum { MAX = 1000001 };

/*
 * Two Fenwick trees: sums from the start, and changes at one place, in about 20 steps.
 * The first i tanks hold  i * first(factor, i) - first(constant, i)  litres.
 */
static long long factor[MAX + 1], constant[MAX + 1];
static int tanks;

static void change(long long *tree, int at, long long value)
{
	for (; at <= tanks; at += at & -at)
		tree[at] += value;
}

static long long first(const long long *tree, int at)
{
	long long sum = 0;

	for (; at > 0; at -= at & -at)
		sum += tree[at];
	return sum;
}

/* From tank at on, each tank gets litres more. */
static void pour_from(int at, long long litres)
{
	change(factor, at, litres);
	change(constant, at, litres * (at - 1));
}

static long long litres_upto(int at)
{
	return at * first(factor, at) - first(constant, at);
}

int main(void)
{
	char what[8];
	int commands, left, right;
	long long litres;

	if (scanf("%d %d", &tanks, &commands) != 2)
		return 1;
	while (commands-- > 0 && scanf("%7s %d %d", what, &left, &right) == 3) {
		if (what[0] == 's') {
			printf("%lld\n", litres_upto(right) - litres_upto(left - 1));
		} else if (scanf("%lld", &litres) == 1) {
			pour_from(left, litres);
			pour_from(right + 1, -litres);
		}
	}
	return 0;
}
