template <int N> struct twice {
	typedef typename twice<N - 1>::a a;
	typedef twice<N + 1> b;
	a x;
	b y;
};
template <class T> struct grow {
	typedef typename grow<grow<T>>::type type;
};
grow<int>::type value;
int main()
{
	return sizeof(twice<1000000>);
}
