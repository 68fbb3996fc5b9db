/*
 * Java: the student writes static methods of a class Solution in Main.java; our main class stands in a file of its own.
 * Records of a challenge are Java records.
 */

#include "core/judge/harness_int.h"

/* clang-format off */

static const char *const main_lines[] = {
	"import java.io.ByteArrayOutputStream;",
	"import java.io.FileOutputStream;",
	"import java.io.IOException;",
	"import java.io.OutputStream;",
	"import java.lang.reflect.Array;",
	"import java.lang.reflect.RecordComponent;",
	"import java.math.BigInteger;",
	"import java.nio.charset.StandardCharsets;",
	"import java.util.Arrays;",
	"",
	"/** Reads the arguments, calls the function, reports. Types are in prefix form (\"[?i\": array of Integer). */",
	"public class KodelabMain {",
	"    private static final Class<?>[] RECORDS = { @RECORD_CLASSES@ };",
	"    private static final String[][] FIELDS = { @RECORD_TYPES@ };",
	"    private static final String HEADS = \"bilnds\";",
	"    private static final Class<?>[] PLAIN = { boolean.class, int.class, long.class, BigInteger.class, double.class, String.class };",
	"    private static final Class<?>[] BOXED = { Boolean.class, Integer.class, Long.class, BigInteger.class, Double.class, String.class };",
	"",
	"    private static byte[] data;",
	"    private static int at;",
	"",
	"    /** The result does not have the declared type. */",
	"    private static class Mismatch extends RuntimeException {",
	"        Mismatch(String message) {",
	"            super(message);",
	"        }",
	"    }",
	"",
	"    private static String token() {",
	"        int start = at;",
	"        while (data[at] != '\\n') {",
	"            at++;",
	"        }",
	"        return new String(data, start, at++ - start, StandardCharsets.ISO_8859_1);",
	"    }",
	"",
	"    private static String text() {",
	"        int size = Integer.parseInt(token());",
	"        String text = new String(data, at, size, StandardCharsets.UTF_8);",
	"        at += size + 1;",
	"        return text;",
	"    }",
	"",
	"    private static double real() {",
	"        String word = token();",
	"        switch (word) {",
	"            case \"nan\": return Double.NaN;",
	"            case \"inf\": return Double.POSITIVE_INFINITY;",
	"            case \"-inf\": return Double.NEGATIVE_INFINITY;",
	"            default: return Double.parseDouble(word);",
	"        }",
	"    }",
	"",
	"    private static Class<?> type(String kind) {",
	"        switch (kind.charAt(0)) {",
	"            case '?': return HEADS.indexOf(kind.charAt(1)) < 0 ? type(kind.substring(1)) : BOXED[HEADS.indexOf(kind.charAt(1))];",
	"            case '[': return Array.newInstance(type(kind.substring(1)), 0).getClass();",
	"            case 'r': return RECORDS[Integer.parseInt(kind.substring(1))];",
	"            default: return PLAIN[HEADS.indexOf(kind.charAt(0))];",
	"        }",
	"    }",
	"",
	"    private static Object array(String kind) throws Exception {",
	"        int count = Integer.parseInt(token());",
	"        Object array = Array.newInstance(type(kind), count);",
	"        for (int i = 0; i < count; i++) {",
	"            Array.set(array, i, read(kind));",
	"        }",
	"        return array;",
	"    }",
	"",
	"    private static Object record(int index) throws Exception {",
	"        String[] kinds = FIELDS[index];",
	"        Object[] values = new Object[kinds.length];",
	"        for (int i = 0; i < kinds.length; i++) {",
	"            values[i] = read(kinds[i]);",
	"        }",
	"        Class<?>[] types = Arrays.stream(kinds).map(KodelabMain::type).toArray(Class<?>[]::new);",
	"        var constructor = RECORDS[index].getDeclaredConstructor(types);",
	"        constructor.setAccessible(true);",
	"        return constructor.newInstance(values);",
	"    }",
	"",
	"    private static Object read(String kind) throws Exception {",
	"        switch (kind.charAt(0)) {",
	"            case '?': return token().equals(\"0\") ? null : read(kind.substring(1));",
	"            case '[': return array(kind.substring(1));",
	"            case 'r': return record(Integer.parseInt(kind.substring(1)));",
	"            case 's': return text();",
	"            case 'd': return real();",
	"            case 'b': return token().equals(\"1\");",
	"            case 'i': return Integer.parseInt(token());",
	"            case 'l': return Long.parseLong(token());",
	"            default: return new BigInteger(token());",
	"        }",
	"    }",
	"",
	"    private static void line(ByteArrayOutputStream out, String word) {",
	"        out.writeBytes((word + \"\\n\").getBytes(StandardCharsets.ISO_8859_1));",
	"    }",
	"",
	"    private static void text(ByteArrayOutputStream out, String text) {",
	"        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);",
	"        line(out, Integer.toString(bytes.length));",
	"        out.writeBytes(bytes);",
	"        out.write('\\n');",
	"    }",
	"",
	"    private static String real(double value) {",
	"        if (Double.isNaN(value)) {",
	"            return \"nan\";",
	"        }",
	"        return Double.isInfinite(value) ? (value > 0 ? \"inf\" : \"-inf\") : Double.toString(value);",
	"    }",
	"",
	"    private static void array(ByteArrayOutputStream out, Object value, String kind, String place) throws Exception {",
	"        int count = Array.getLength(value);",
	"        line(out, Integer.toString(count));",
	"        for (int i = 0; i < count; i++) {",
	"            write(out, Array.get(value, i), kind, place + \"[\" + i + \"]\");",
	"        }",
	"    }",
	"",
	"    private static void record(ByteArrayOutputStream out, Object value, int index, String place) throws Exception {",
	"        RecordComponent[] parts = RECORDS[index].getRecordComponents();",
	"        for (int i = 0; i < parts.length; i++) {",
	"            parts[i].getAccessor().setAccessible(true);",
	"            write(out, parts[i].getAccessor().invoke(value), FIELDS[index][i], place + \".\" + parts[i].getName());",
	"        }",
	"    }",
	"",
	"    private static void write(ByteArrayOutputStream out, Object value, String kind, String place) throws Exception {",
	"        if (kind.charAt(0) == '?') {",
	"            line(out, value == null ? \"0\" : \"1\");",
	"            if (value != null) {",
	"                write(out, value, kind.substring(1), place);",
	"            }",
	"            return;",
	"        }",
	"        if (value == null) {",
	"            throw new Mismatch(place + \" is null, expected \" + type(kind).getSimpleName());",
	"        }",
	"        switch (kind.charAt(0)) {",
	"            case '[': array(out, value, kind.substring(1), place); break;",
	"            case 'r': record(out, value, Integer.parseInt(kind.substring(1)), place); break;",
	"            case 's': text(out, (String) value); break;",
	"            case 'd': line(out, real((Double) value)); break;",
	"            case 'b': line(out, (Boolean) value ? \"1\" : \"0\"); break;",
	"            default: line(out, value.toString());",
	"        }",
	"    }",
	"",
	"    private static void trace(Throwable error) {",
	"        StackTraceElement[] frames = error.getStackTrace();",
	"        int count = frames.length;",
	"        while (count > 0 && frames[count - 1].getClassName().equals(\"KodelabMain\")) {",
	"            count--;",
	"        }",
	"        error.setStackTrace(Arrays.copyOf(frames, Math.min(count, 50)));",
	"        error.printStackTrace();",
	"    }",
	"",
	"    private static void send(ByteArrayOutputStream out) throws IOException {",
	"        try (OutputStream pipe = new FileOutputStream(\"/proc/self/fd/3\")) {",
	"            out.writeTo(pipe);",
	"        }",
	"    }",
	"",
	"    private static void report(String tag, String message) throws IOException {",
	"        ByteArrayOutputStream out = new ByteArrayOutputStream();",
	"        line(out, tag);",
	"        text(out, message);",
	"        send(out);",
	"    }",
	"",
	"    public static void main(String[] argv) throws Exception {",
	"        ByteArrayOutputStream out = new ByteArrayOutputStream();",
	"        data = System.in.readAllBytes();",
	"        String[] kinds = { @PARAMS@ };",
	"        Object[] args = new Object[kinds.length];",
	"        for (int i = 0; i < kinds.length; i++) {",
	"            args[i] = read(kinds[i]);",
	"        }",
	"        Object value;",
	"        try {",
	"            value = @CALL@;",
	"        } catch (Throwable error) {",
	"            trace(error);",
	"            String name = error.getClass().getSimpleName();",
	"            report(\"error\", error.getMessage() == null ? name : name + \": \" + error.getMessage());",
	"            return;",
	"        }",
	"        line(out, \"ok\");",
	"        try {",
	"            write(out, value, \"@RETURNS@\", \"the result\");",
	"        } catch (Mismatch error) {",
	"            report(\"type\", error.getMessage());",
	"            return;",
	"        }",
	"        send(out);",
	"    }",
	"}",
	"",
	"@RECORDS@",
	NULL,
};

/* clang-format on */

static const char *const program_lines[] = {
	"import java.util.Scanner;",
	"",
	"public class Main {",
	"    public static void main(String[] args) {",
	"        Scanner in = new Scanner(System.in);",
	"        while (in.hasNextLine()) {",
	"            System.out.println(in.nextLine());",
	"        }",
	"    }",
	"}",
	NULL,
};

#define RECORD "record @R(@[@T @N@|, @]) {}\n"

static void type_name(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	static const char *const plain[] = { "boolean", "int", "long", "BigInteger", "double", "String" };
	static const char *const boxed[] = { "Boolean", "Integer", "Long", "BigInteger", "Double", "String" };

	if (type->kind == KL_TYPE_ARRAY) {
		type_name(harness, type->element, out);
		kl_buf_add_str(out, "[]");
	} else if (type->kind == KL_TYPE_RECORD) {
		harness_record(harness, type->record, out);
	} else {
		kl_buf_add_str(out, (type->nullable ? boxed : plain)[type->kind]);
	}
}

static void slot_call(const struct harness *harness, struct kl_buf *out)
{
	const struct kl_signature *function = &harness->challenge->function;

	kl_buf_add_str(out, "Solution.");
	harness_function(harness, out);
	kl_buf_add_char(out, '(');
	for (size_t i = 0; i < function->param_count; i++) {
		kl_buf_add_str(out, i ? ", (" : "(");
		type_name(harness, &function->params[i].type, out);
		kl_buf_addf(out, ") args[%zu]", i);
	}
	kl_buf_add_char(out, ')');
}

static const char *zero(const struct kl_type *type)
{
	static const char *const scalar[] = { "false", "0", "0", "null", "0", "null" };

	return type->nullable || type->kind > KL_TYPE_STRING ? "null" : scalar[type->kind];
}

static void starter(const struct harness *harness, struct kl_buf *out)
{
	const struct kl_signature *function = &harness->challenge->function;

	kl_buf_add_str(out, "import java.math.BigInteger;\nimport java.util.*;\n\n");
	harness_each_record(harness, "// " RECORD, out);
	kl_buf_add_str(out, "class Solution {\n    /**\n");
	harness_summary(harness, "     * ", out);
	kl_buf_add_str(out, "     */\n    static ");
	type_name(harness, &function->returns, out);
	kl_buf_add_char(out, ' ');
	harness_function(harness, out);
	kl_buf_add_char(out, '(');
	harness_params(harness, TYPE_FIRST, " ", out);
	kl_buf_addf(out, ") {\n        return %s;\n    }\n}\n", zero(&function->returns));
}

static const struct harness_file files[] = { { "KodelabMain.java", main_lines }, { NULL, NULL } };

static const struct harness_slot slots[] = {
	{ .name = "RECORDS", .records = RECORD },
	{ .name = "RECORD_TYPES", .listed = "{@[\"@W\"@|, @]}, " },
	{ .name = "RECORD_CLASSES", .listed = "@R.class, " },
	{ .name = "CALL", .write = slot_call },
	{ .name = NULL },
};

static const char *const sources[] = { "KodelabMain.java", "Main.java", NULL };

const struct harness_language harness_java = {
	.id = "java",
	.function_case = CASE_CAMEL,
	.field_case = CASE_CAMEL,
	.record_case = CASE_PASCAL,
	.reserved =
		" abstract assert boolean break byte case catch char class const continue default do double else enum "
		"extends false final finally float for goto if implements import instanceof int interface long native "
		"new null package private protected public return short static strictfp super switch synchronized this "
		"throw throws transient true try void volatile while hashCode toString getClass notify wait clone finalize ",
	.files = files,
	.compile = sources,
	.run = "KodelabMain",
	.slots = slots,
	.type = type_name,
	.starter = starter,
	.program = program_lines,
};
