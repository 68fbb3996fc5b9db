#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

// The suffixes of the song in alphabetical order, by doubling: once they are sorted by
// their first k characters, the ranks of two of them tell the order by 2k.
static std::vector<int> sorted_suffixes(const std::string &song)
{
	const int n = song.size();
	std::vector<int> order(n), rank(song.begin(), song.end()), next(n);

	std::iota(order.begin(), order.end(), 0);
	for (int k = 1;; k *= 2) {
		auto key = [&](int i) { return std::make_pair(rank[i], i + k < n ? rank[i + k] : -1); };
		std::sort(order.begin(), order.end(), [&](int i, int j) { return key(i) < key(j); });
		next[order[0]] = 0;
		for (int i = 1; i < n; i++)
			next[order[i]] = next[order[i - 1]] + (key(order[i - 1]) < key(order[i]));
		rank = next;
		if (rank[order[n - 1]] == n - 1)
			return order;
	}
}

std::string longest_echo(const std::string &song)
{
	if (song.empty())
		return "";
	const int n = song.size();
	const std::vector<int> order = sorted_suffixes(song);
	std::vector<int> rank(n);
	for (int i = 0; i < n; i++)
		rank[order[i]] = i;

	// Passages that appear twice begin neighbours in the order. From one suffix to the
	// next one of the song, the common beginning shrinks by one at most (Kasai).
	int best = 0, start = 0, common = 0;
	for (int i = 0; i < n; i++) {
		if (rank[i] == 0) {
			common = 0;
			continue;
		}
		int j = order[rank[i] - 1];
		while (i + common < n && j + common < n && song[i + common] == song[j + common])
			common++;
		int first = std::min(i, j);
		if (common > best || (common == best && first < start)) {
			best = common;
			start = first;
		}
		common = std::max(0, common - 1);
	}
	return song.substr(start, best);
}
