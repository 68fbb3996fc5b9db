#include <iostream>
#include <queue>
#include <vector>

int main()
{
	int jobs, rules;
	std::cin >> jobs >> rules;
	for (int i = 0; i < rules; i++) {
		int before, after;
		std::cin >> before >> after;
		// remember this rule
	}

	for (int job = 1; job <= jobs; job++)
		std::cout << job << ' ';
	std::cout << '\n';
}
