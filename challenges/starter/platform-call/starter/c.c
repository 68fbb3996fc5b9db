#include <stdio.h>
#include <string.h>

int main(void)
{
	char name[512];
	int stop, minutes;

	if (!fgets(name, sizeof name, stdin) || scanf("%d %d", &stop, &minutes) != 2)
		return 1;
	name[strcspn(name, "\n")] = '\0'; /* fgets keeps the line end */

	printf("Good morning, %s!\n", name);
	/* Now say when the train leaves. */
	return 0;
}
