/* Go: our main program is a second file of the student's package; the function may also return an error. */

#include "core/judge/harness_int.h"

/* clang-format off */

static const char *const main_lines[] = {
	"package main",
	"",
	"import (",
	"\t\"bytes\"",
	"\t\"fmt\"",
	"\t\"io\"",
	"\t\"math\"",
	"\t\"math/big\"",
	"\t\"os\"",
	"\t\"reflect\"",
	"\t\"runtime/debug\"",
	"\t\"strconv\"",
	"\t\"strings\"",
	"\t\"syscall\"",
	")",
	"",
	"@RECORDS@var kodelabRecords = [][]string{@RECORD_TYPES@}",
	"",
	"// kodelabWire is what arrived on standard input; types are in prefix form (\"[?i\": slice of *int).",
	"type kodelabWire struct {",
	"\tdata []byte",
	"\tat   int",
	"}",
	"",
	"func (w *kodelabWire) token() string {",
	"\tsize := bytes.IndexByte(w.data[w.at:], '\\n')",
	"\tword := string(w.data[w.at : w.at+size])",
	"\tw.at += size + 1",
	"\treturn word",
	"}",
	"",
	"func (w *kodelabWire) count() int {",
	"\tcount, _ := strconv.Atoi(w.token())",
	"\treturn count",
	"}",
	"",
	"func (w *kodelabWire) text() string {",
	"\tsize := w.count()",
	"\ttext := string(w.data[w.at : w.at+size])",
	"\tw.at += size + 1",
	"\treturn text",
	"}",
	"",
	"// read fills to; a null leaves it nil.",
	"func (w *kodelabWire) read(kind string, to reflect.Value) {",
	"\tswitch kind[0] {",
	"\tcase '?':",
	"\t\tif w.token() == \"0\" {",
	"\t\t\treturn",
	"\t\t}",
	"\t\tif kind[1] != '[' && kind[1] != 'n' {",
	"\t\t\tto.Set(reflect.New(to.Type().Elem()))",
	"\t\t\tto = to.Elem()",
	"\t\t}",
	"\t\tw.read(kind[1:], to)",
	"\tcase '[':",
	"\t\tcount := w.count()",
	"\t\tto.Set(reflect.MakeSlice(to.Type(), count, count))",
	"\t\tfor i := 0; i < count; i++ {",
	"\t\t\tw.read(kind[1:], to.Index(i))",
	"\t\t}",
	"\tcase 'r':",
	"\t\tindex, _ := strconv.Atoi(kind[1:])",
	"\t\tfor i, field := range kodelabRecords[index] {",
	"\t\t\tw.read(field, to.Field(i))",
	"\t\t}",
	"\tcase 'n':",
	"\t\tnumber, _ := new(big.Int).SetString(w.token(), 10)",
	"\t\tto.Set(reflect.ValueOf(number))",
	"\tcase 's':",
	"\t\tto.SetString(w.text())",
	"\tcase 'b':",
	"\t\tto.SetBool(w.token() == \"1\")",
	"\tcase 'd':",
	"\t\tnumber, _ := strconv.ParseFloat(w.token(), 64)",
	"\t\tto.SetFloat(number)",
	"\tdefault:",
	"\t\tnumber, _ := strconv.ParseInt(w.token(), 10, 64)",
	"\t\tto.SetInt(number)",
	"\t}",
	"}",
	"",
	"func kodelabText(out *bytes.Buffer, text string) {",
	"\tfmt.Fprintf(out, \"%d\\n%s\\n\", len(text), text)",
	"}",
	"",
	"func kodelabReal(number float64) string {",
	"\tswitch {",
	"\tcase math.IsNaN(number):",
	"\t\treturn \"nan\"",
	"\tcase math.IsInf(number, 1):",
	"\t\treturn \"inf\"",
	"\tcase math.IsInf(number, -1):",
	"\t\treturn \"-inf\"",
	"\t}",
	"\treturn strconv.FormatFloat(number, 'g', -1, 64)",
	"}",
	"",
	"func kodelabWrite(out *bytes.Buffer, kind string, from reflect.Value) {",
	"\tswitch kind[0] {",
	"\tcase '?':",
	"\t\tif from.IsNil() {",
	"\t\t\tout.WriteString(\"0\\n\")",
	"\t\t\treturn",
	"\t\t}",
	"\t\tout.WriteString(\"1\\n\")",
	"\t\tif kind[1] != '[' && kind[1] != 'n' {",
	"\t\t\tfrom = from.Elem()",
	"\t\t}",
	"\t\tkodelabWrite(out, kind[1:], from)",
	"\tcase '[':",
	"\t\tfmt.Fprintf(out, \"%d\\n\", from.Len())",
	"\t\tfor i := 0; i < from.Len(); i++ {",
	"\t\t\tkodelabWrite(out, kind[1:], from.Index(i))",
	"\t\t}",
	"\tcase 'r':",
	"\t\tindex, _ := strconv.Atoi(kind[1:])",
	"\t\tfor i, field := range kodelabRecords[index] {",
	"\t\t\tkodelabWrite(out, field, from.Field(i))",
	"\t\t}",
	"\tcase 'n':",
	"\t\tif from.IsNil() {",
	"\t\t\tpanic(kodelabMismatch(\"the result holds a nil *big.Int\"))",
	"\t\t}",
	"\t\tfmt.Fprintf(out, \"%s\\n\", from.Interface().(*big.Int).String())",
	"\tcase 's':",
	"\t\tkodelabText(out, from.String())",
	"\tcase 'b':",
	"\t\tif from.Bool() {",
	"\t\t\tout.WriteString(\"1\\n\")",
	"\t\t} else {",
	"\t\t\tout.WriteString(\"0\\n\")",
	"\t\t}",
	"\tcase 'd':",
	"\t\tfmt.Fprintf(out, \"%s\\n\", kodelabReal(from.Float()))",
	"\tdefault:",
	"\t\tfmt.Fprintf(out, \"%d\\n\", from.Int())",
	"\t}",
	"}",
	"",
	"type kodelabMismatch string",
	"",
	"func kodelabFail(out *bytes.Buffer, message string) {",
	"\tout.Reset()",
	"\tout.WriteString(\"error\\n\")",
	"\tkodelabText(out, message)",
	"}",
	"",
	"// kodelabTrace shows the frames of the student's file.",
	"func kodelabTrace(caught interface{}) {",
	"\tlines := strings.Split(string(debug.Stack()), \"\\n\")",
	"\tfmt.Fprintf(os.Stderr, \"panic: %v\\n\\n\", caught)",
	"\tfor i := 0; i+1 < len(lines); i++ {",
	"\t\tif strings.HasPrefix(lines[i+1], \"\\t\") && strings.Contains(lines[i+1], \"/@SOURCE@:\") {",
	"\t\t\tfmt.Fprintf(os.Stderr, \"%s\\n%s\\n\", lines[i], lines[i+1])",
	"\t\t}",
	"\t}",
	"}",
	"",
	"// kodelabCall runs the function; a panic or an error it returns becomes an error report.",
	"func kodelabCall(out *bytes.Buffer, function reflect.Value, args []reflect.Value) {",
	"\tdefer func() {",
	"\t\tcaught := recover()",
	"\t\tif mismatch, is := caught.(kodelabMismatch); is {",
	"\t\t\tout.Reset()",
	"\t\t\tout.WriteString(\"type\\n\")",
	"\t\t\tkodelabText(out, string(mismatch))",
	"\t\t} else if caught != nil {",
	"\t\t\tkodelabTrace(caught)",
	"\t\t\tkodelabFail(out, fmt.Sprint(caught))",
	"\t\t}",
	"\t}()",
	"\tresults := function.Call(args)",
	"\tif len(results) == 2 && !results[1].IsNil() {",
	"\t\terr := results[1].Interface().(error)",
	"\t\tfmt.Fprintf(os.Stderr, \"error: %v\\n\", err)",
	"\t\tkodelabFail(out, err.Error())",
	"\t\treturn",
	"\t}",
	"\tkodelabWrite(out, \"@RETURNS@\", results[0])",
	"}",
	"",
	"func main() {",
	"\tvar out bytes.Buffer",
	"\tvar plain func(@PARAM_TYPES@) @RETURN_TYPE@",
	"\tvar failing func(@PARAM_TYPES@) (@RETURN_TYPE@, error)",
	"",
	"\tpipe := os.NewFile(3, \"result\")",
	"\tsyscall.CloseOnExec(3)",
	"\tdata, _ := io.ReadAll(os.Stdin)",
	"\twire := kodelabWire{data: data}",
	"\tfunction := reflect.ValueOf(@FUNCTION@)",
	"\tout.WriteString(\"ok\\n\")",
	"\tif function.Type() != reflect.TypeOf(plain) && function.Type() != reflect.TypeOf(failing) {",
	"\t\tout.Reset()",
	"\t\tout.WriteString(\"type\\n\")",
	"\t\tkodelabText(&out, fmt.Sprintf(\"@FUNCTION@ is %v, expected %v\", function.Type(), reflect.TypeOf(plain)))",
	"\t} else {",
	"\t\tvar args []reflect.Value",
	"\t\tfor i, kind := range []string{@PARAMS@} {",
	"\t\t\targ := reflect.New(function.Type().In(i)).Elem()",
	"\t\t\twire.read(kind, arg)",
	"\t\t\targs = append(args, arg)",
	"\t\t}",
	"\t\tkodelabCall(&out, function, args)",
	"\t}",
	"\tpipe.Write(out.Bytes())",
	"}",
	NULL,
};

/* clang-format on */

static const char *const program_lines[] = {
	"package main",
	"",
	"import (",
	"\t\"bufio\"",
	"\t\"fmt\"",
	"\t\"os\"",
	")",
	"",
	"func main() {",
	"\tscanner := bufio.NewScanner(os.Stdin)",
	"\tfor scanner.Scan() {",
	"\t\tfmt.Println(scanner.Text())",
	"\t}",
	"}",
	NULL,
};

/* A slice and a *big.Int have a nil of their own. */
static void type_name(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	static const char *const scalar[] = { "bool", "int", "int64", "*big.Int", "float64", "string" };

	if (type->nullable && type->kind != KL_TYPE_ARRAY && type->kind != KL_TYPE_BIGINT)
		kl_buf_add_char(out, '*');
	if (type->kind == KL_TYPE_ARRAY) {
		kl_buf_add_str(out, "[]");
		type_name(harness, type->element, out);
	} else if (type->kind == KL_TYPE_RECORD) {
		harness_record(harness, type->record, out);
	} else {
		kl_buf_add_str(out, scalar[type->kind]);
	}
}

static void slot_param_types(const struct harness *harness, struct kl_buf *out)
{
	const struct kl_signature *function = &harness->challenge->function;

	for (size_t i = 0; i < function->param_count; i++) {
		kl_buf_add_str(out, i ? ", " : "");
		type_name(harness, &function->params[i].type, out);
	}
}

static void slot_return_type(const struct harness *harness, struct kl_buf *out)
{
	type_name(harness, &harness->challenge->function.returns, out);
}

static bool names_big(const struct kl_type *type)
{
	while (type->kind == KL_TYPE_ARRAY)
		type = type->element;
	return type->kind == KL_TYPE_BIGINT;
}

static bool needs_big(const struct kl_signature *function)
{
	for (size_t i = 0; i < function->param_count; i++)
		if (names_big(&function->params[i].type))
			return true;
	return names_big(&function->returns);
}

/* What an empty function returns. */
static const char *zero(const struct kl_type *type)
{
	static const char *const scalar[] = { "false", "0", "0", "nil", "0", "\"\"" };

	if (type->nullable || type->kind == KL_TYPE_ARRAY)
		return "nil";
	return type->kind == KL_TYPE_RECORD ? NULL : scalar[type->kind];
}

static void starter(const struct harness *harness, struct kl_buf *out)
{
	const struct kl_signature *function = &harness->challenge->function;
	const char *value = zero(&function->returns);

	kl_buf_add_str(out, "package main\n\n");
	kl_buf_add_str(out, needs_big(function) ? "import \"math/big\"\n\n" : "");
	harness_each_record(harness, "// type @R struct { @[@P @T@|; @] }\n", out);
	harness_summary(harness, "// ", out);
	kl_buf_add_str(out, "func ");
	harness_function(harness, out);
	kl_buf_add_char(out, '(');
	harness_params(harness, NAME_FIRST, " ", out);
	kl_buf_add_str(out, ") ");
	type_name(harness, &function->returns, out);
	kl_buf_add_str(out, " {\n\treturn ");
	if (value)
		kl_buf_add_str(out, value);
	else
		type_name(harness, &function->returns, out);
	kl_buf_addf(out, "%s\n}\n", value ? "" : "{}");
}

static const struct harness_file files[] = { { "kl_main.go", main_lines }, { NULL, NULL } };

static const struct harness_slot slots[] = {
	{ .name = "RECORDS", .records = "type @R struct {\n@[\t@P @T\n@]}\n\n" },
	{ .name = "RECORD_TYPES", .listed = "{@[\"@W\"@|, @]}, " },
	{ .name = "PARAM_TYPES", .write = slot_param_types },
	{ .name = "RETURN_TYPE", .write = slot_return_type },
	{ .name = NULL },
};

static const char *const sources[] = { "solution.go", "kl_main.go", NULL };

const struct harness_language harness_go = {
	.id = "go",
	.function_case = CASE_PASCAL,
	.field_case = CASE_CAMEL,
	.record_case = CASE_PASCAL,
	.reserved =
		" any bool break case chan const continue default defer else error fallthrough float64 for func go goto if "
		"import int int64 interface len main map nil package range return select string struct switch type var ",
	.files = files,
	.compile = sources,
	.slots = slots,
	.type = type_name,
	.starter = starter,
	.program = program_lines,
};
