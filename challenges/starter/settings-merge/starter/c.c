#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void read_file(const char *name)
{
	char line[4096];
	FILE *file = fopen(name, "r"); /* NULL when it is not there */

	if (!file)
		exit(2);
	for (int number = 1; fgets(line, sizeof line, file); number++) {
		/* a comment, a setting, or a bad line? */
	}
	fclose(file);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		read_file(argv[i]);
	printf("{}\n");
	return 0;
}
