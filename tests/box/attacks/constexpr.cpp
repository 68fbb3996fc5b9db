constexpr unsigned long slow(unsigned long n)
{
	unsigned long s = 0;
	while (n--)
		s += slow(n);
	return s;
}
static_assert(slow(40) != 1, "");
int main()
{
	return 0;
}
