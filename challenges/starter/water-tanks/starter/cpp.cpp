#include <iostream>
#include <string>
#include <vector>

int main()
{
	std::ios::sync_with_stdio(false);
	std::cin.tie(nullptr);

	long long tanks, commands;
	std::cin >> tanks >> commands;

	std::string what;
	long long left, right, litres;
	while (commands-- > 0 && std::cin >> what >> left >> right) {
		if (what == "add") {
			std::cin >> litres;
			// pour
		} else {
			std::cout << 0 << '\n';
		}
	}
}
