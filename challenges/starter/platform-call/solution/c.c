#include <stdio.h>
#include <string.h>

int main(void)
{
	char name[512];
	int stop, minutes;

	if (!fgets(name, sizeof name, stdin) || scanf("%d %d", &stop, &minutes) != 2)
		return 1;
	name[strcspn(name, "\n")] = '\0'; /* the line end is no part of the name */

	printf("Good morning, %s!\n", name);
	if (minutes == 0)
		printf("Your train leaves now from coach stop %d.\n", stop);
	else
		printf("Your train leaves in %d minute%s from coach stop %d.\n", minutes,
		       minutes == 1 ? "" : "s", stop);
	return 0;
}
