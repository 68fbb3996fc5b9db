#include "kodelab.h"

#include <functional>
#include <optional>
#include <queue>
#include <tuple>
#include <vector>

std::optional<long long> cheapest_trip(int towns, const std::vector<Road> &roads, int coupons)
{
	struct Exit {
		int there, toll;
	};
	std::vector<std::vector<Exit>> exits(towns);
	for (const Road &road : roads) {
		exits[road.a].push_back({ road.b, road.toll });
		exits[road.b].push_back({ road.a, road.toll });
	}

	// Dijkstra; a place is a town together with the coupons used so far.
	using Trip = std::tuple<long long, int, int>; // paid, used, town
	std::priority_queue<Trip, std::vector<Trip>, std::greater<Trip>> trips;
	std::vector<std::vector<bool>> done(coupons + 1, std::vector<bool>(towns));
	trips.push({ 0, 0, 0 });
	while (!trips.empty()) {
		auto [paid, used, town] = trips.top();
		trips.pop();
		if (town == towns - 1)
			return paid;
		if (done[used][town])
			continue;
		done[used][town] = true;
		for (auto [there, toll] : exits[town]) {
			trips.push({ paid + toll, used, there });
			if (used < coupons)
				trips.push({ paid, used + 1, there });
		}
	}
	return std::nullopt;
}
