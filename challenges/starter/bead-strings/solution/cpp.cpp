#include <algorithm>
#include <string>
#include <vector>

std::vector<std::string> bead_strings(std::string beads)
{
	std::vector<std::string> strings;

	// From the first in alphabetical order to the last; equal letters are never swapped.
	std::sort(beads.begin(), beads.end());
	do {
		strings.push_back(beads);
	} while (std::next_permutation(beads.begin(), beads.end()));
	return strings;
}
