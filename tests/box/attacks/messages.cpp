#include <map>
#include <string>
#define M                                                                                                              \
	std::map<std::string, std::map<std::string, std::map<int, std::map<int, int>>>> x;                             \
	x < x;                                                                                                         \
	x << x;                                                                                                        \
	x *x;
#define N M M M M M M M M
int main()
{
	N N N N N N N N
}
