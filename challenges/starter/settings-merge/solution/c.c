#define _POSIX_C_SOURCE 200809L /* for strdup */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SETTINGS = 1000, MAX_LINE = 4096 };

static struct setting {
	char *key, *value;
} settings[MAX_SETTINGS];
static int count;

/* Cuts blanks from both ends, in place. */
static char *trim(char *text)
{
	char *end;

	text += strspn(text, " \t");
	end = text + strlen(text);
	while (end > text && strchr(" \t\n", end[-1]))
		*--end = '\0';
	return text;
}

static void put(const char *key, const char *value)
{
	int i = 0;

	while (i < count && strcmp(settings[i].key, key) != 0)
		i++;
	if (i == count)
		settings[count++].key = strdup(key);
	free(settings[i].value);
	settings[i].value = strdup(value);
}

static void print_json(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '\t') {
			printf("\\t");
			continue;
		}
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('"');
}

static void stop(const char *error, const char *file, int line)
{
	printf("{\"error\": \"%s\", \"file\": ", error);
	print_json(file);
	if (line)
		printf(", \"line\": %d", line);
	printf("}\n");
	exit(line ? 3 : 2);
}

static void read_file(const char *name)
{
	char buffer[MAX_LINE];
	FILE *file = fopen(name, "r");

	if (!file)
		stop("missing file", name, 0);
	for (int line = 1; fgets(buffer, sizeof buffer, file); line++) {
		char *key = trim(buffer);
		char *equals = strchr(key, '=');

		if (*key == '\0' || *key == '#')
			continue;
		if (!equals || equals == key)
			stop("bad line", name, line);
		*equals = '\0';
		put(trim(key), trim(equals + 1));
	}
	fclose(file);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		read_file(argv[i]);
	printf("{");
	for (int i = 0; i < count; i++) {
		printf(i ? ", " : "");
		print_json(settings[i].key);
		printf(": ");
		print_json(settings[i].value);
	}
	printf("}\n");
	return 0;
}
