#define A "all work and no play makes a dull compiler "
#define B A A A A A A A A A A
#define C B B B B B B B B B B
#define D C C C C C C C C C C
#define E D D D D D D D D D D
#define F E E E E E E E E E E
#define G F F F F F F F F F F
const char *text = G G G G G G G G G G;
int main(void)
{
	return 0;
}
