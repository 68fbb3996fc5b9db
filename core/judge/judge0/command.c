/*
 * Commands for an instance. Ours are argument lists with programs in /usr/bin; an instance has them elsewhere and says where
 * in the commands of its /languages. A program is found there by its name. What goes into a script is quoted; nothing of the
 * student's is in one.
 */

#include "core/judge/judge0/judge0_int.h"

#include <ctype.h>
#include <string.h>

#include <kodelab/alloc.h>

static const char usual[] = "/usr/bin/";

/* "gcc" is the same program as "gcc-9" and "python3" as "python3.8", but "gcc" is not "gcc-ar". */
static bool is_program(const char *name, size_t len, const char *wanted)
{
	size_t at = strlen(wanted);

	if (len < at || memcmp(name, wanted, at) != 0)
		return false;
	if (at < len && (name[at] == '-' || name[at] == '.'))
		at++;
	while (at < len && (isdigit((unsigned char)name[at]) || name[at] == '.'))
		at++;
	return at == len;
}

/* The word of command whose last part is program: its path, owned. */
static char *path_in(const char *command, const char *program)
{
	static const char ends[] = " \t\n;|&()<>'\"=";

	for (const char *at = command ? command : ""; *at;) {
		size_t len = strcspn(at, ends), name = len;

		while (name && at[name - 1] != '/')
			name--;
		if (name && *at == '/' && is_program(at + name, len - name, program))
			return kl_strndup(at, len);
		at += len;
		at += *at != '\0';
	}
	return NULL;
}

char *judge0_tool(const struct kl_instance_language *language, const char *program)
{
	char *path = path_in(language->compile_cmd, program);

	return path ? path : path_in(language->run_cmd, program);
}

/* Programs every instance has where we expect them. */
static bool is_everywhere(const char *program)
{
	return !strcmp(program, "env") || !strcmp(program, "bash") || !strcmp(program, "sh");
}

char **judge0_argv(char *const *argv, const struct kl_instance_language *language)
{
	size_t count = 0;
	char **list;
	bool found = true;

	while (argv[count])
		count++;
	list = kl_calloc(count + 1, sizeof(*list));
	for (size_t i = 0; i < count; i++) {
		const char *program = argv[i] + sizeof(usual) - 1;

		if (strncmp(argv[i], usual, sizeof(usual) - 1) != 0) {
			list[i] = kl_strdup(argv[i]);
			continue;
		}
		list[i] = judge0_tool(language, program);
		if (!list[i] && !strcmp(program, "env"))
			list[i] = kl_strdup(argv[i]);
		if (!list[i] && is_everywhere(program))
			list[i] = kl_format("/bin/%s", program);
		found = found && list[i];
	}
	if (found)
		return list;
	for (size_t i = 0; i < count; i++)
		free(list[i]);
	free(list);
	return NULL;
}

/* --- scripts ------------------------------------------------------------------------------------------------------ */

void judge0_quote(struct kl_buf *out, const char *word)
{
	kl_buf_add_char(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			kl_buf_add_str(out, "'\\''");
		else
			kl_buf_add_char(out, *word);
	}
	kl_buf_add_char(out, '\'');
}

void judge0_quote_all(struct kl_buf *out, char *const *argv)
{
	for (; *argv; argv++) {
		judge0_quote(out, *argv);
		kl_buf_add_char(out, ' ');
	}
}

char *judge0_instance_command(const char *command)
{
	const char *options = command ? strstr(command, "%s") : NULL;

	if (!options)
		return kl_strdup(command);
	return kl_format("%.*s%s", (int)(options - command), command, options + 2);
}
