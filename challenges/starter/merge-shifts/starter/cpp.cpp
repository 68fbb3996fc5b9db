#include <stdexcept>
#include <vector>

std::vector<std::vector<int>> merge_shifts(const std::vector<std::vector<int>> &shifts)
{
	for (const auto &shift : shifts)
		if (shift[1] <= shift[0])
			throw std::invalid_argument("bad shift");
	return shifts;
}
