#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

std::optional<int> fewest_moves(const std::vector<std::string> &chart)
{
	const int height = chart.size(), width = chart[0].size();
	std::vector<std::vector<int>> moves(height, std::vector<int>(width, -1)); // -1: not seen yet
	std::queue<std::pair<int, int>> queue;

	for (int y = 0; y < height; y++) {
		size_t x = chart[y].find('S');
		if (x != std::string::npos) {
			moves[y][x] = 0;
			queue.push({ y, x });
		}
	}
	while (!queue.empty()) {
		auto [y, x] = queue.front();
		queue.pop();
		if (chart[y][x] == 'H')
			return moves[y][x];
		const std::pair<int, int> next[] = { { y - 1, x }, { y + 1, x }, { y, x - 1 }, { y, x + 1 } };
		for (auto [v, u] : next) {
			if (v < 0 || v >= height || u < 0 || u >= width)
				continue;
			if (chart[v][u] == '#' || moves[v][u] >= 0)
				continue;
			moves[v][u] = moves[y][x] + 1;
			queue.push({ v, u });
		}
	}
	return std::nullopt;
}
