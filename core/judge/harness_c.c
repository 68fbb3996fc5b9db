/*
 * C: our main program is a second file; kodelab.h, which both include, has the types and the prototype. Arrays are
 * structs of data and len, what may be null is a pointer, big integers are strings of decimal digits.
 */

#include "core/judge/harness_int.h"

#include <string.h>

/* clang-format off */

static const char *const header_lines[] = {
	"#ifndef KODELAB_H",
	"#define KODELAB_H",
	"",
	"/*",
	" * The types of this challenge. Arrays are data and len; what may be null is a pointer. Results may be static or",
	" * from malloc; nobody frees them. Big integers are decimal digits in a string.",
	" */",
	"",
	"#ifndef _GNU_SOURCE",
	"#define _GNU_SOURCE",
	"#endif",
	"#include <stdbool.h>",
	"#include <stddef.h>",
	"#include <stdint.h>",
	"",
	"@TYPES@/* Ends the call with an error. */",
	"_Noreturn void kl_error(const char *message);",
	"",
	"@PROTOTYPE@;",
	"",
	"#define main kodelab_student_main /* a main of your own does no harm */",
	"",
	"#endif",
	NULL,
};

/* clang-format on */

static const char *const program_lines[] = {
	"#include <stdio.h>",
	"",
	"int main(void)",
	"{",
	"    char line[1000];",
	"",
	"    while (fgets(line, sizeof(line), stdin))",
	"        fputs(line, stdout);",
	"    return 0;",
	"}",
	NULL,
};

static bool is_text(const struct kl_type *type)
{
	return type->kind == KL_TYPE_STRING || type->kind == KL_TYPE_BIGINT;
}

/* A type as part of a name: int, int_array, point_opt. */
static void add_tag(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	static const char *const scalar[] = { "bool", "int", "long", "bigint", "double", "string" };

	if (type->kind == KL_TYPE_ARRAY) {
		add_tag(harness, type->element, out);
		kl_buf_add_str(out, "_array");
	} else if (type->kind == KL_TYPE_RECORD) {
		harness_record(harness, type->record, out);
	} else {
		kl_buf_add_str(out, scalar[type->kind]);
	}
	if (type->nullable)
		kl_buf_add_str(out, "_opt");
}

static void add_base(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	static const char *const scalar[] = { "bool", "int", "int64_t", "const char *", "double", "const char *" };
	struct kl_type plain = *type;

	plain.nullable = false;
	if (type->kind <= KL_TYPE_STRING) {
		kl_buf_add_str(out, scalar[type->kind]);
		return;
	}
	kl_buf_add_str(out, "struct ");
	add_tag(harness, &plain, out);
}

static void type_name(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	add_base(harness, type, out);
	if (type->nullable && !is_text(type))
		kl_buf_add_str(out, " *");
}

/* --- every type of the challenge once, what it is made of before it ----------------------------------------------- */

struct walk {
	const struct harness *harness;
	void (*add)(const struct harness *harness, const struct kl_type *type, struct kl_buf *out);
	struct kl_buf *out;
	struct kl_buf seen; /* " tag tag " */
};

static bool is_new(struct walk *walk, const struct kl_type *type)
{
	size_t before = walk->seen.len;
	struct kl_buf word;
	bool fresh;

	kl_buf_init(&word, HARNESS_TEXT_MAX);
	kl_buf_add_char(&word, ' ');
	add_tag(walk->harness, type, &word);
	kl_buf_add_char(&word, ' ');
	fresh = !before || !strstr(walk->seen.data, word.data);
	if (fresh)
		kl_buf_add_str(&walk->seen, word.data);
	kl_buf_release(&word);
	return fresh;
}

static void walk_type(struct walk *walk, const struct kl_type *type)
{
	struct kl_type plain = *type;

	if (!is_new(walk, type))
		return;
	plain.nullable = false;
	if (type->nullable) {
		walk_type(walk, &plain);
	} else if (type->kind == KL_TYPE_ARRAY) {
		walk_type(walk, type->element);
	} else if (type->kind == KL_TYPE_RECORD) {
		for (size_t i = 0; i < type->record->count; i++)
			walk_type(walk, &type->record->fields[i].type);
	}
	walk->add(walk->harness, type, walk->out);
}

static void walk_all(const struct harness *harness,
		     void (*add)(const struct harness *, const struct kl_type *, struct kl_buf *), struct kl_buf *out)
{
	const struct kl_signature *function = &harness->challenge->function;
	struct walk walk = { harness, add, out, { .max = 0 } };

	kl_buf_init(&walk.seen, HARNESS_TEXT_MAX);
	for (size_t i = 0; i < function->param_count; i++)
		walk_type(&walk, &function->params[i].type);
	walk_type(&walk, &function->returns);
	kl_buf_release(&walk.seen);
}

/* --- the header --------------------------------------------------------------------------------------------------- */

static void declare(const struct harness *harness, const struct kl_type *type, const char *name, struct kl_buf *out)
{
	type_name(harness, type, out);
	kl_buf_addf(out, "%s%s", out->data[out->len - 1] == '*' ? "" : " ", name);
}

static void add_array_struct(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	kl_buf_add_str(out, "struct ");
	add_tag(harness, type, out);
	kl_buf_add_str(out, " {\n\t");
	declare(harness, type->element, "*data;\n\tsize_t len;\n};\n\n", out);
}

static void add_struct(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	if (type->nullable || type->kind < KL_TYPE_ARRAY)
		return;
	if (type->kind == KL_TYPE_ARRAY) {
		add_array_struct(harness, type, out);
		return;
	}
	kl_buf_add_str(out, "struct ");
	harness_record(harness, type->record, out);
	kl_buf_add_str(out, " {\n");
	for (size_t i = 0; i < type->record->count; i++) {
		kl_buf_add_char(out, '\t');
		harness_param(harness, TYPE_FIRST, " ", &type->record->fields[i], out);
		kl_buf_add_str(out, ";\n");
	}
	kl_buf_add_str(out, "};\n\n");
}

static void slot_types(const struct harness *harness, struct kl_buf *out)
{
	walk_all(harness, add_struct, out);
}

static void slot_prototype(const struct harness *harness, struct kl_buf *out)
{
	const struct kl_signature *function = &harness->challenge->function;

	declare(harness, &function->returns, "", out);
	harness_function(harness, out);
	kl_buf_add_char(out, '(');
	harness_params(harness, TYPE_FIRST, " ", out);
	kl_buf_add_str(out, function->param_count ? ")" : "void)");
}

/* --- the main program --------------------------------------------------------------------------------------------- */

static void add_record_codec(const struct harness *harness, const struct kl_record *record, struct kl_buf *out)
{
	struct kl_buf name;

	kl_buf_init(&name, HARNESS_TEXT_MAX);
	harness_record(harness, record, &name);
	kl_buf_addf(out, "UNUSED static struct %s read_%s(void)\n{\n\tstruct %s value;\n\n", name.data, name.data,
		    name.data);
	for (size_t i = 0; i < record->count; i++) {
		kl_buf_add_str(out, "\tvalue.");
		harness_field(harness, record->fields[i].name, out);
		kl_buf_add_str(out, " = read_");
		add_tag(harness, &record->fields[i].type, out);
		kl_buf_add_str(out, "();\n");
	}
	kl_buf_addf(out, "\treturn value;\n}\n\nUNUSED static void write_%s(struct %s value)\n{\n", name.data,
		    name.data);
	for (size_t i = 0; i < record->count; i++) {
		kl_buf_add_str(out, "\twrite_");
		add_tag(harness, &record->fields[i].type, out);
		kl_buf_add_str(out, "(value.");
		harness_field(harness, record->fields[i].name, out);
		kl_buf_add_str(out, ");\n");
	}
	kl_buf_add_str(out, "}\n\n");
	kl_buf_release(&name);
}

static void add_maybe(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	struct kl_type plain = *type;

	plain.nullable = false;
	kl_buf_add_str(out, is_text(type) ? "MAYBE_TEXT(" : "MAYBE(");
	add_tag(harness, &plain, out);
	if (!is_text(type)) {
		kl_buf_add_str(out, ", ");
		add_base(harness, type, out);
	}
	kl_buf_add_str(out, ")\n");
}

static void add_codec(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	if (type->nullable) {
		add_maybe(harness, type, out);
	} else if (type->kind == KL_TYPE_ARRAY) {
		kl_buf_add_str(out, "ARRAY(");
		add_tag(harness, type, out);
		kl_buf_add_str(out, ", ");
		add_tag(harness, type->element, out);
		kl_buf_add_str(out, ")\n");
	} else if (type->kind == KL_TYPE_RECORD) {
		add_record_codec(harness, type->record, out);
	}
}

static void slot_codecs(const struct harness *harness, struct kl_buf *out)
{
	walk_all(harness, add_codec, out);
}

static void slot_reads(const struct harness *harness, struct kl_buf *out)
{
	const struct kl_signature *function = &harness->challenge->function;
	char name[32];

	for (size_t i = 0; i < function->param_count; i++) {
		snprintf(name, sizeof(name), "arg%zu", i);
		kl_buf_add_char(out, '\t');
		declare(harness, &function->params[i].type, name, out);
		kl_buf_add_str(out, " = read_");
		add_tag(harness, &function->params[i].type, out);
		kl_buf_add_str(out, "();\n");
	}
	kl_buf_add_char(out, '\t');
	declare(harness, &function->returns, "result", out);
	kl_buf_add_str(out, " = ");
	harness_function(harness, out);
	for (size_t i = 0; i < function->param_count; i++)
		kl_buf_addf(out, "%sarg%zu", i ? ", " : "(", i);
	kl_buf_add_str(out, function->param_count ? ");\n\n\tput_line(\"ok\");\n" : "();\n\n\tput_line(\"ok\");\n");
}

static void slot_call(const struct harness *harness, struct kl_buf *out)
{
	kl_buf_add_str(out, "write_");
	add_tag(harness, &harness->challenge->function.returns, out);
	kl_buf_add_str(out, "(result)");
}

/* What an empty function returns. */
static void add_zero(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	if (type->nullable)
		kl_buf_add_str(out, "NULL");
	else if (is_text(type))
		kl_buf_add_str(out, "\"\"");
	else if (type->kind < KL_TYPE_STRING)
		kl_buf_add_str(out, type->kind == KL_TYPE_BOOL ? "false" : "0");
	else {
		kl_buf_add_char(out, '(');
		type_name(harness, type, out);
		kl_buf_add_str(out, "){ 0 }");
	}
}

static void add_comment_line(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	struct kl_buf text;

	kl_buf_init(&text, HARNESS_TEXT_MAX);
	add_struct(harness, type, &text);
	if (text.len)
		kl_buf_add_str(out, " * ");
	for (size_t i = 0; i < text.len; i++) /* on one line */
		if (!strchr("\n\t", text.data[i]))
			kl_buf_add_char(out, text.data[i]);
		else if (text.data[i] == '\n' && text.data[i + 1] && text.data[i + 1] != '\n')
			kl_buf_add_char(out, ' ');
	if (text.len)
		kl_buf_add_char(out, '\n');
	kl_buf_release(&text);
}

static void starter(const struct harness *harness, struct kl_buf *out)
{
	kl_buf_add_str(out, "#include \"kodelab.h\"\n\n/*\n");
	harness_summary(harness, " * ", out);
	kl_buf_add_str(out, " *\n * From kodelab.h:\n");
	walk_all(harness, add_comment_line, out);
	kl_buf_add_str(out, " * void kl_error(const char *message); ends the call with an error\n */\n");
	slot_prototype(harness, out);
	kl_buf_add_str(out, "\n{\n    return ");
	add_zero(harness, &harness->challenge->function.returns, out);
	kl_buf_add_str(out, ";\n}\n");
}

static const struct harness_file files[] = {
	{ "kl_main.c", harness_c_main },
	{ "kodelab.h", header_lines },
	{ NULL, NULL },
};

static const struct harness_slot slots[] = {
	{ .name = "TYPES", .write = slot_types },   { .name = "PROTOTYPE", .write = slot_prototype },
	{ .name = "CODECS", .write = slot_codecs }, { .name = "READS", .write = slot_reads },
	{ .name = "CALL", .write = slot_call },     { .name = NULL },
};

static const char *const sources[] = { "kl_main.c", "solution.c", NULL };
static const char *const extra[] = { "-include", "kodelab.h", NULL };

const struct harness_language harness_c = {
	.id = "c",
	.function_case = CASE_SNAKE,
	.field_case = CASE_SNAKE,
	.record_case = CASE_SNAKE,
	.reserved =
		" auto bool break case char const continue default do double else enum extern false float for goto if inline "
		"int long main register restrict return short signed sizeof static struct switch true typedef union "
		"unsigned void volatile while read write data len ",
	.files = files,
	.compile = sources,
	.compile_extra = extra,
	.slots = slots,
	.type = type_name,
	.starter = starter,
	.program = program_lines,
};
