/* Python: the student's file is a module that our main program imports. */

#include "core/judge/harness_int.h"

/* clang-format off */

static const char *const main_lines[] = {
	"import os",
	"import sys",
	"",
	"import kodelab as types",
	"",
	"RECORDS = [@RECORD_TYPES@]",
	"",
	"",
	"class Mismatch(Exception):",
	"    pass",
	"",
	"",
	"class Wire:",
	"    \"\"\"What arrived on standard input; read() takes one value by a type in prefix form (\"[?i\": array of int or null).\"\"\"",
	"",
	"    def __init__(self, data):",
	"        self.data = data",
	"        self.at = 0",
	"",
	"    def token(self):",
	"        end = self.data.index(b\"\\n\", self.at)",
	"        token = self.data[self.at:end]",
	"        self.at = end + 1",
	"        return token",
	"",
	"    def text(self):",
	"        size = int(self.token())",
	"        start = self.at",
	"        self.at += size + 1",
	"        return self.data[start:start + size].decode(\"utf-8\", \"surrogateescape\")",
	"",
	"    def read(self, kind):",
	"        head = kind[0]",
	"        if head == \"?\":",
	"            return None if self.token() == b\"0\" else self.read(kind[1:])",
	"        if head == \"[\":",
	"            return [self.read(kind[1:]) for _ in range(int(self.token()))]",
	"        if head == \"r\":",
	"            record, fields = RECORDS[int(kind[1:])]",
	"            return record(*[self.read(field) for _, field in fields])",
	"        if head == \"s\":",
	"            return self.text()",
	"        if head == \"d\":",
	"            return float(self.token())",
	"        if head == \"b\":",
	"            return self.token() == b\"1\"",
	"        return int(self.token())",
	"",
	"",
	"NAMES = {\"b\": \"bool\", \"i\": \"int\", \"l\": \"int\", \"n\": \"int\", \"d\": \"float\", \"s\": \"str\", \"[\": \"list\"}",
	"",
	"",
	"def refuse(value, kind, place):",
	"    name = RECORDS[int(kind[1:])][0].__name__ if kind[0] == \"r\" else NAMES[kind[0]]",
	"    shown = repr(value)",
	"    if len(shown) > 80:",
	"        shown = shown[:77] + \"...\"",
	"    if value is None:",
	"        raise Mismatch(\"%s is None, expected %s\" % (place, name))",
	"    raise Mismatch(\"%s is %s %s, expected %s\" % (place, type(value).__name__, shown, name))",
	"",
	"",
	"def items(value, kind, place):",
	"    if isinstance(value, (str, bytes, dict)) or not hasattr(value, \"__iter__\"):",
	"        refuse(value, kind, place)",
	"    return list(value)",
	"",
	"",
	"def put_record(out, value, kind, place):",
	"    record, fields = RECORDS[int(kind[1:])]",
	"    for name, field in fields:",
	"        if isinstance(value, dict) and name in value:",
	"            part = value[name]",
	"        elif hasattr(value, name):",
	"            part = getattr(value, name)",
	"        else:",
	"            refuse(value, kind, place)",
	"        put(out, part, field, \"%s.%s\" % (place, name))",
	"",
	"",
	"def put_text(out, value):",
	"    data = value.encode(\"utf-8\", \"surrogateescape\")",
	"    out.append(b\"%d\\n%s\\n\" % (len(data), data))",
	"",
	"",
	"def put(out, value, kind, place):",
	"    head = kind[0]",
	"    if head == \"?\":",
	"        out.append(b\"0\\n\" if value is None else b\"1\\n\")",
	"        if value is not None:",
	"            put(out, value, kind[1:], place)",
	"    elif head == \"[\":",
	"        value = items(value, kind, place)",
	"        out.append(b\"%d\\n\" % len(value))",
	"        for index, item in enumerate(value):",
	"            put(out, item, kind[1:], \"%s[%d]\" % (place, index))",
	"    elif head == \"r\":",
	"        put_record(out, value, kind, place)",
	"    elif head == \"s\" and isinstance(value, str):",
	"        put_text(out, value)",
	"    elif head == \"b\" and isinstance(value, bool):",
	"        out.append(b\"1\\n\" if value else b\"0\\n\")",
	"    elif head == \"d\" and isinstance(value, (int, float)) and not isinstance(value, bool):",
	"        out.append(repr(float(value)).encode() + b\"\\n\")",
	"    elif head in \"iln\" and isinstance(value, int) and not isinstance(value, bool):",
	"        out.append(str(value).encode() + b\"\\n\")",
	"    else:",
	"        refuse(value, kind, place)",
	"",
	"",
	"def send(fd, parts):",
	"    with os.fdopen(fd, \"wb\") as pipe:",
	"        pipe.write(b\"\".join(parts))",
	"",
	"",
	"def show(error):",
	"    error.__traceback__ = error.__traceback__.tb_next",
	"    sys.excepthook(type(error), error, error.__traceback__)",
	"",
	"",
	"def load():",
	"    try:",
	"        import @MODULE@ as student",
	"    except Exception as error:",
	"        show(error)",
	"        sys.exit(1)",
	"    if not callable(getattr(student, \"@FUNCTION@\", None)):",
	"        sys.exit(\"NameError: there is no function '@FUNCTION@' in @SOURCE@\")",
	"    return student.@FUNCTION@",
	"",
	"",
	"def main():",
	"    fd = os.dup(3)",
	"    os.close(3)",
	"    if hasattr(sys, \"set_int_max_str_digits\"):",
	"        sys.set_int_max_str_digits(0)",
	"    wire = Wire(sys.stdin.buffer.read())",
	"    args = [wire.read(kind) for kind in [@PARAMS@]]",
	"    function = load()",
	"    parts = [b\"ok\\n\"]",
	"    try:",
	"        value = function(*args)",
	"    except Exception as error:",
	"        show(error)",
	"        parts = [b\"error\\n\"]",
	"        text = str(error)",
	"        put_text(parts, type(error).__name__ + (\": \" + text if text else \"\"))",
	"        send(fd, parts)",
	"        return",
	"    try:",
	"        put(parts, value, \"@RETURNS@\", \"the result\")",
	"    except Mismatch as error:",
	"        parts = [b\"type\\n\"]",
	"        put_text(parts, str(error))",
	"    send(fd, parts)",
	"",
	"",
	"main()",
	NULL,
};

/* clang-format on */

static const char *const program_lines[] = {
	"import sys", "", "for line in sys.stdin:", "    print(line.strip())", NULL,
};

static void type_name(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	static const struct harness_words words = {
		{ "bool", "int", "int", "int", "float", "str" }, "list[", "]", "", " | None",
	};

	harness_words(harness, &words, type, out);
}

static void starter(const struct harness *harness, struct kl_buf *out)
{
	harness_each_record(harness, "from kodelab import @R\n", out);
	if (out->len)
		kl_buf_add_str(out, "\n\n");
	kl_buf_add_str(out, "def ");
	harness_function(harness, out);
	kl_buf_add_char(out, '(');
	harness_params(harness, NAME_FIRST, ": ", out);
	kl_buf_add_str(out, ") -> ");
	type_name(harness, &harness->challenge->function.returns, out);
	kl_buf_add_str(out, ":\n    \"\"\"\n");
	harness_summary(harness, "    ", out);
	kl_buf_add_str(out, "    \"\"\"\n    pass\n");
}

static const char *const types_lines[] = { "# The record types of this challenge.", "", "", "@RECORDS@", NULL };

static const struct harness_file files[] = {
	{ "kl_main.py", main_lines },
	{ "kodelab.py", types_lines },
	{ NULL, NULL },
};

static const struct harness_slot slots[] = {
	/* A plain class: dataclasses would cost 8 ms at each start. */
	{ .name = "RECORDS",
	  .records = "class @R:\n    def __init__(self@[, @N@]):\n@[        self.@N = @N\n@]\n"
		     "    def __eq__(self, other):\n"
		     "        return type(other) is type(self) and vars(self) == vars(other)\n\n"
		     "    def __hash__(self):\n"
		     "        return hash(tuple(vars(self).values()))\n\n"
		     "    def __repr__(self):\n"
		     "        return type(self).__name__ + repr(tuple(vars(self).values()))\n\n\n" },
	{ .name = "RECORD_TYPES", .listed = "(types.@R, (@[(\"@N\", \"@W\"), @])), " },
	{ .name = NULL },
};

const struct harness_language harness_python = {
	.id = "python",
	.function_case = CASE_SNAKE,
	.field_case = CASE_SNAKE,
	.record_case = CASE_PASCAL,
	.reserved =
		" False None True and as assert async await break class continue def del elif else except finally for "
		"from global if import in is lambda nonlocal not or pass raise return try while with yield ",
	.files = files,
	.run = "kl_main.py",
	.slots = slots,
	.type = type_name,
	.starter = starter,
	.program = program_lines,
};
