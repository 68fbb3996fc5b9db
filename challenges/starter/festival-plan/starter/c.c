#include <stdio.h>

int main(void)
{
	int jobs, rules;

	if (scanf("%d %d", &jobs, &rules) != 2)
		return 1;
	for (int i = 0; i < rules; i++) {
		int before, after;

		if (scanf("%d %d", &before, &after) != 2)
			return 1;
		/* remember this rule */
	}

	for (int job = 1; job <= jobs; job++)
		printf("%d ", job);
	printf("\n");
	return 0;
}
