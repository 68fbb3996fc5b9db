#include <optional>
#include <unordered_map>
#include <vector>

std::optional<std::vector<int>> voucher_pair(const std::vector<int> &prices, int voucher)
{
	std::unordered_map<int, int> first_at; // price to leftmost position

	for (int j = 0; j < (int)prices.size(); j++) {
		auto partner = first_at.find(voucher - prices[j]);
		if (partner != first_at.end())
			return std::vector<int>{ partner->second, j };
		first_at.emplace(prices[j], j); // does nothing when the price is there
	}
	return std::nullopt;
}
