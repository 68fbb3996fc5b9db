#include <functional>
#include <iostream>
#include <queue>
#include <vector>

int main()
{
	int jobs, rules;
	std::cin >> jobs >> rules;
	std::vector<std::vector<int>> then(jobs + 1); // who waits for this job
	std::vector<int> waits(jobs + 1);             // for how many others it waits
	for (int i = 0; i < rules; i++) {
		int before, after;
		std::cin >> before >> after;
		then[before].push_back(after);
		waits[after]++;
	}

	// std::greater turns the queue round: the smallest job is on top.
	std::priority_queue<int, std::vector<int>, std::greater<int>> free;
	for (int job = 1; job <= jobs; job++)
		if (waits[job] == 0)
			free.push(job);
	std::vector<int> plan;
	while (!free.empty()) {
		int job = free.top();
		free.pop();
		plan.push_back(job);
		for (int after : then[job])
			if (--waits[after] == 0)
				free.push(after);
	}

	if ((int)plan.size() < jobs)
		std::cout << "impossible";
	else
		for (int job : plan)
			std::cout << job << ' ';
	std::cout << '\n';
}
