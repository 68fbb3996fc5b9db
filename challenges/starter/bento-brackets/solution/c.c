#include "kodelab.h"

#include <stdlib.h>
#include <string.h>

static char lid_of(char box)
{
	return box == '(' ? ')' : box == '[' ? ']' : '}';
}

int *first_spoiled(const char *recipe)
{
	static int answer;
	int *open = malloc((strlen(recipe) + 1) * sizeof(*open)); /* positions of the open boxes */
	int count = 0;

	for (answer = 0; recipe[answer]; answer++) {
		char sign = recipe[answer];

		if (strchr("([{", sign))
			open[count++] = answer;
		else if (strchr(")]}", sign) && (count == 0 || lid_of(recipe[open[--count]]) != sign))
			return &answer;
	}
	if (count == 0)
		return NULL;
	answer = open[0];
	return &answer;
}
