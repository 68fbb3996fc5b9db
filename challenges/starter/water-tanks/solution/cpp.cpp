#include <iostream>
#include <string>
#include <vector>

// Sums from the start, and changes at one place, in about log2(size) steps.
class Fenwick {
	std::vector<long long> tree;

public:
	explicit Fenwick(size_t size) : tree(size + 1) {}

	void add(size_t at, long long value)
	{
		for (; at < tree.size(); at += at & -at)
			tree[at] += value;
	}

	long long first(size_t at) const
	{
		long long sum = 0;
		for (; at > 0; at -= at & -at)
			sum += tree[at];
		return sum;
	}
};

int main()
{
	std::ios::sync_with_stdio(false);
	std::cin.tie(nullptr);

	long long tanks, commands;
	std::cin >> tanks >> commands;

	// The first i tanks hold  i * factor.first(i) - constant.first(i)  litres.
	Fenwick factor(tanks + 1), constant(tanks + 1);
	auto pour_from = [&](long long at, long long litres) {
		factor.add(at, litres);
		constant.add(at, litres * (at - 1));
	};
	auto litres_upto = [&](long long at) { return at * factor.first(at) - constant.first(at); };

	std::string what;
	long long left, right, litres;
	while (commands-- > 0 && std::cin >> what >> left >> right) {
		if (what == "add") {
			std::cin >> litres;
			pour_from(left, litres);
			pour_from(right + 1, -litres);
		} else {
			std::cout << litres_upto(right) - litres_upto(left - 1) << '\n';
		}
	}
}
