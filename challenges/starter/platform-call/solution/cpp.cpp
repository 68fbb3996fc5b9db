#include <iostream>
#include <string>

int main()
{
	std::string name;
	int stop, minutes;

	std::getline(std::cin, name);
	std::cin >> stop >> minutes;

	std::string when = "in " + std::to_string(minutes) + " minutes";
	if (minutes == 0)
		when = "now";
	else if (minutes == 1)
		when = "in 1 minute";

	std::cout << "Good morning, " << name << "!\n"
		  << "Your train leaves " << when << " from coach stop " << stop << ".\n";
}
