#include <array>

constexpr long long PRIME = 1'000'000'007;
constexpr int SIZE = 5;
using Matrix = std::array<std::array<long long, SIZE>, SIZE>;

// One step from (a(n), a(n-1), a(n-2), b(n), b(n-1)) to the same for n + 1; a counts the
// pavings that do not end with a slab of 3 feet, b those that do.
constexpr Matrix STEP = { {
	{ 1, 1, 0, 1, 1 }, // a(n+1) = a(n) + b(n) + a(n-1) + b(n-1)
	{ 1, 0, 0, 0, 0 },
	{ 0, 1, 0, 0, 0 },
	{ 0, 0, 1, 0, 0 }, // b(n+1) = a(n-2)
	{ 0, 0, 0, 1, 0 },
} };

static Matrix operator*(const Matrix &left, const Matrix &right)
{
	Matrix product{};

	for (int i = 0; i < SIZE; i++)
		for (int j = 0; j < SIZE; j++)
			for (int k = 0; k < SIZE; k++)
				product[i][j] = (product[i][j] + left[i][k] * right[k][j]) % PRIME;
	return product;
}

int count_pavings(long long length)
{
	Matrix all{}, power = STEP; // STEP to the power 1, 2, 4, 8, ...

	for (int i = 0; i < SIZE; i++)
		all[i][i] = 1;
	for (; length > 0; length /= 2) {
		if (length % 2 == 1)
			all = power * all;
		power = power * power;
	}
	// The empty path is (1, 0, 0, 0, 0): the first column says what becomes of it.
	return (all[0][0] + all[3][0]) % PRIME;
}
