/*
 * C++: our main program includes the student's file, so that a parameter may be taken by value or by reference.
 * Big integers are strings of decimal digits.
 */

#include "core/judge/harness_int.h"

/* clang-format off */

static const char *const main_lines[] = {
	"#include \"kodelab.h\"",
	"",
	"#include <cmath>",
	"#include <cstdio>",
	"#include <cstdlib>",
	"#include <exception>",
	"#include <typeinfo>",
	"",
	"#include <cxxabi.h>",
	"#include <fcntl.h>",
	"#include <unistd.h>",
	"",
	"namespace kodelab {",
	"",
	"struct Wire {",
	"\tstd::string data;",
	"\tstd::size_t at = 0;",
	"",
	"\tstd::string token()",
	"\t{",
	"\t\tstd::size_t end = data.find('\\n', at);",
	"\t\tstd::string word = data.substr(at, end - at);",
	"\t\tat = end + 1;",
	"\t\treturn word;",
	"\t}",
	"};",
	"",
	"struct Bool {",
	"\tusing type = bool;",
	"\tstatic type read(Wire &in) { return in.token() == \"1\"; }",
	"\tstatic void write(std::string &out, type value) { out += value ? \"1\\n\" : \"0\\n\"; }",
	"};",
	"",
	"template <class T> struct Integer {",
	"\tusing type = T;",
	"\tstatic type read(Wire &in) { return static_cast<T>(std::stoll(in.token())); }",
	"\tstatic void write(std::string &out, type value) { out += std::to_string(value) + \"\\n\"; }",
	"};",
	"",
	"struct Big { /* decimal digits */",
	"\tusing type = std::string;",
	"\tstatic type read(Wire &in) { return in.token(); }",
	"\tstatic void write(std::string &out, const type &value) { out += value + \"\\n\"; }",
	"};",
	"",
	"struct Double {",
	"\tusing type = double;",
	"\tstatic type read(Wire &in) { return std::strtod(in.token().c_str(), nullptr); }",
	"\tstatic void write(std::string &out, type value)",
	"\t{",
	"\t\tchar text[64];",
	"\t\tif (std::isnan(value))",
	"\t\t\tstd::snprintf(text, sizeof(text), \"nan\");",
	"\t\telse",
	"\t\t\tstd::snprintf(text, sizeof(text), \"%.17g\", value);",
	"\t\tout += std::string(text) + \"\\n\";",
	"\t}",
	"};",
	"",
	"struct Text {",
	"\tusing type = std::string;",
	"\tstatic type read(Wire &in)",
	"\t{",
	"\t\tstd::size_t len = std::stoul(in.token());",
	"\t\ttype text = in.data.substr(in.at, len);",
	"\t\tin.at += len + 1;",
	"\t\treturn text;",
	"\t}",
	"\tstatic void write(std::string &out, const type &value)",
	"\t{",
	"\t\tout += std::to_string(value.size()) + \"\\n\" + value + \"\\n\";",
	"\t}",
	"};",
	"",
	"template <class Item> struct Array {",
	"\tusing type = std::vector<typename Item::type>;",
	"\tstatic type read(Wire &in)",
	"\t{",
	"\t\tstd::size_t count = std::stoul(in.token());",
	"\t\ttype items;",
	"\t\titems.reserve(count);",
	"\t\tfor (std::size_t i = 0; i < count; i++)",
	"\t\t\titems.push_back(Item::read(in));",
	"\t\treturn items;",
	"\t}",
	"\tstatic void write(std::string &out, const type &items)",
	"\t{",
	"\t\tout += std::to_string(items.size()) + \"\\n\";",
	"\t\tfor (const auto &item : items)",
	"\t\t\tItem::write(out, item);",
	"\t}",
	"};",
	"",
	"template <class Item> struct Maybe {",
	"\tusing type = std::optional<typename Item::type>;",
	"\tstatic type read(Wire &in)",
	"\t{",
	"\t\tif (in.token() == \"0\")",
	"\t\t\treturn std::nullopt;",
	"\t\treturn Item::read(in);",
	"\t}",
	"\tstatic void write(std::string &out, const type &value)",
	"\t{",
	"\t\tout += value ? \"1\\n\" : \"0\\n\";",
	"\t\tif (value)",
	"\t\t\tItem::write(out, *value);",
	"\t}",
	"};",
	"",
	"using Int = Integer<int>;",
	"using Long = Integer<long long>;",
	"",
	"@RECORD_CODECS@static std::string describe(const std::exception &error)",
	"{",
	"\tint status = 0;",
	"\tchar *name = abi::__cxa_demangle(typeid(error).name(), nullptr, nullptr, &status);",
	"\tstd::string text = std::string(status == 0 ? name : \"exception\") + \": \" + error.what();",
	"\tstd::free(name);",
	"\treturn text;",
	"}",
	"",
	"static std::string failure(const std::string &text)",
	"{",
	"\tstd::string out = \"error\\n\";",
	"\tstd::fprintf(stderr, \"%s\\n\", text.c_str());",
	"\tText::write(out, text);",
	"\treturn out;",
	"}",
	"",
	"static std::string slurp()",
	"{",
	"\tstd::string data;",
	"\tchar chunk[65536];",
	"\tssize_t got;",
	"\twhile ((got = ::read(0, chunk, sizeof(chunk))) > 0)",
	"\t\tdata.append(chunk, static_cast<std::size_t>(got));",
	"\treturn data;",
	"}",
	"",
	"static void send(int fd, const std::string &out)",
	"{",
	"\tfor (std::size_t at = 0; at < out.size();) {",
	"\t\tssize_t put = ::write(fd, out.data() + at, out.size() - at);",
	"\t\tif (put <= 0)",
	"\t\t\treturn;",
	"\t\tat += static_cast<std::size_t>(put);",
	"\t}",
	"}",
	"",
	"} // namespace kodelab",
	"",
	"#define main kodelab_student_main",
	"#include \"@SOURCE@\"",
	"#undef main",
	"",
	"namespace kodelab {",
	"",
	"static std::string call(Wire &in)",
	"{",
	"\tstd::string out = \"ok\\n\";",
	"@READS@\t@RETURNS@::write(out, ::@FUNCTION@(@PARAMS@));",
	"\treturn out;",
	"}",
	"",
	"static std::string guarded(Wire &in)",
	"{",
	"\ttry {",
	"\t\treturn call(in);",
	"\t} catch (const std::exception &error) {",
	"\t\treturn failure(describe(error));",
	"\t} catch (const std::string &error) {",
	"\t\treturn failure(error);",
	"\t} catch (const char *error) {",
	"\t\treturn failure(error);",
	"\t} catch (...) {",
	"\t\treturn failure(\"an exception that is no std::exception\");",
	"\t}",
	"}",
	"",
	"} // namespace kodelab",
	"",
	"int main()",
	"{",
	"\tint fd = ::fcntl(3, F_DUPFD_CLOEXEC, 64);",
	"\t::close(3);",
	"\tkodelab::Wire in{ kodelab::slurp() };",
	"\tkodelab::send(fd, kodelab::guarded(in));",
	"}",
	NULL,
};

static const char *const header_lines[] = {
	"#ifndef KODELAB_H",
	"#define KODELAB_H",
	"",
	"/* The types of this challenge. */",
	"",
	"#include <cstddef>",
	"#include <optional>",
	"#include <string>",
	"#include <vector>",
	"",
	"@RECORDS@#endif",
	NULL,
};

/* clang-format on */

static const char *const program_lines[] = {
	"#include <iostream>",
	"#include <string>",
	"",
	"int main()",
	"{",
	"    std::string line;",
	"    while (std::getline(std::cin, line))",
	"        std::cout << line << \"\\n\";",
	"}",
	NULL,
};

static void type_name(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	static const struct harness_words words = {
		{ "bool", "int", "long long", "std::string", "double", "std::string" },
		"std::vector<",
		">",
		"std::optional<",
		">",
	};

	harness_words(harness, &words, type, out);
}

static void slot_reads(const struct harness *harness, struct kl_buf *out)
{
	const struct kl_signature *function = &harness->challenge->function;

	for (size_t i = 0; i < function->param_count; i++) {
		kl_buf_addf(out, "\tauto arg%zu = ", i);
		harness_codec(harness, &function->params[i].type, out);
		kl_buf_add_str(out, "::read(in);\n");
	}
}

/* Long things are taken by reference, as is the custom. */
static void add_param(const struct harness *harness, const struct kl_field *param, struct kl_buf *out)
{
	bool small = param->type.kind < KL_TYPE_STRING && param->type.kind != KL_TYPE_BIGINT;

	if (small) {
		harness_param(harness, TYPE_FIRST, " ", param, out);
		return;
	}
	kl_buf_add_str(out, "const ");
	harness_param(harness, TYPE_FIRST, " &", param, out);
}

static void starter(const struct harness *harness, struct kl_buf *out)
{
	const struct kl_signature *function = &harness->challenge->function;

	kl_buf_add_str(out, harness->challenge->record_count ? "#include \"kodelab.h\"\n\n" : "");
	kl_buf_add_str(out, "#include <optional>\n#include <string>\n#include <vector>\n\n");
	harness_summary(harness, "// ", out);
	type_name(harness, &function->returns, out);
	kl_buf_add_char(out, ' ');
	harness_function(harness, out);
	kl_buf_add_char(out, '(');
	for (size_t i = 0; i < function->param_count; i++) {
		kl_buf_add_str(out, i ? ", " : "");
		add_param(harness, &function->params[i], out);
	}
	kl_buf_add_str(out, ")\n{\n    return {};\n}\n");
}

static const struct harness_file files[] = {
	{ "kl_main.cpp", main_lines },
	{ "kodelab.h", header_lines },
	{ NULL, NULL },
};

static const struct harness_slot slots[] = {
	{ .name = "RECORDS", .records = "struct @R {\n@[\t@T @N;\n@]};\n\n" },
	/* In braces, the fields are read from left to right. */
	{ .name = "RECORD_CODECS",
	  .records = "struct @RCodec {\n\tusing type = @R;\n"
		     "\tstatic type read(Wire &in)\n\t{\n\t\treturn { @[@C::read(in)@|, @] };\n\t}\n"
		     "\tstatic void write(std::string &out, const type &value)\n\t{\n"
		     "@[\t\t@C::write(out, value.@N);\n@]\t}\n};\n\n" },
	{ .name = "READS", .write = slot_reads },
	{ .name = "PARAMS", .write = harness_arguments },
	{ .name = "RETURNS", .write = harness_return_codec },
	{ .name = NULL },
};

static const char *const sources[] = { "kl_main.cpp", NULL };

const struct harness_language harness_cpp = {
	.id = "cpp",
	.function_case = CASE_SNAKE,
	.field_case = CASE_SNAKE,
	.record_case = CASE_PASCAL,
	.reserved =
		" alignas alignof and asm auto bitand bitor bool break case catch char class compl concept const constexpr "
		"continue decltype default delete do double else enum explicit export extern false float for friend goto "
		"if inline int long main mutable namespace new noexcept not nullptr operator or private protected public "
		"register requires return short signed sizeof static std struct switch template this throw true try "
		"typedef typeid typename union unsigned using virtual void volatile while xor ",
	.files = files,
	.compile = sources,
	.slots = slots,
	.type = type_name,
	.starter = starter,
	.program = program_lines,
};
