#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	/* argv[0] is the program itself; the arguments follow it. */
	int shift = argc > 1 ? atoi(argv[1]) : 0; /* what if the argument is bad? */
	int c;

	(void)shift;
	while ((c = getchar()) != EOF)
		putchar(c); /* turn the letters */
	return 0;
}
