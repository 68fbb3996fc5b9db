#include <stdio.h>

int main(void)
{
	char what[8];
	int tanks, commands, left, right;
	long long litres;

	if (scanf("%d %d", &tanks, &commands) != 2)
		return 1;
	while (commands-- > 0 && scanf("%7s %d %d", what, &left, &right) == 3) {
		if (what[0] == 's')
			printf("0\n");
		else if (scanf("%lld", &litres) == 1) {
			/* pour */
		}
	}
	return 0;
}
