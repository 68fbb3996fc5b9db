#include <cmath>
#include <cstdio>
#include <iostream>
#include <vector>

int main()
{
	int count;
	std::cin >> count;
	std::vector<double> x(count + 1), y(count + 1); // the depot is number 0
	for (int i = 1; i <= count; i++)
		std::cin >> x[i] >> y[i];

	// This is the round in the order of the input. Which order is the shortest?
	double metres = std::hypot(x[count], y[count]);
	for (int i = 1; i <= count; i++)
		metres += std::hypot(x[i] - x[i - 1], y[i] - y[i - 1]);
	std::printf("%.9f\n", metres);
}
