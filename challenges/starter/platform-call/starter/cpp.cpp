#include <iostream>
#include <string>

int main()
{
	std::string name;
	int stop, minutes;

	std::getline(std::cin, name);
	std::cin >> stop >> minutes;

	std::cout << "Good morning, " << name << "!\n";
	// Now say when the train leaves.
}
