/*
 * Rust: our main program includes the student's file in a module of its own, so that nothing need be public.
 * Big integers are Strings of decimal digits.
 */

#include "core/judge/harness_int.h"

/* clang-format off */

static const char *const main_lines[] = {
	"mod kodelab {",
	"    #![allow(dead_code)]",
	"    use std::marker::PhantomData;",
	"",
	"    pub struct Wire {",
	"        pub data: Vec<u8>,",
	"        pub at: usize,",
	"    }",
	"",
	"    impl Wire {",
	"        pub fn token(&mut self) -> String {",
	"            let rest = &self.data[self.at..];",
	"            let len = rest.iter().position(|&byte| byte == b'\\n').expect(\"the arguments are cut off\");",
	"            let word = String::from_utf8_lossy(&rest[..len]).into_owned();",
	"            self.at += len + 1;",
	"            word",
	"        }",
	"",
	"        pub fn count(&mut self) -> usize {",
	"            self.token().parse().expect(\"a count\")",
	"        }",
	"",
	"        pub fn text(&mut self) -> String {",
	"            let len = self.count();",
	"            let text = String::from_utf8_lossy(&self.data[self.at..self.at + len]).into_owned();",
	"            self.at += len + 1;",
	"            text",
	"        }",
	"    }",
	"",
	"    pub fn put_text(out: &mut Vec<u8>, text: &str) {",
	"        out.extend_from_slice(format!(\"{}\\n{}\\n\", text.len(), text).as_bytes());",
	"    }",
	"",
	"    /* How a value of type T is read and written. */",
	"    pub trait Codec {",
	"        type T;",
	"        fn read(input: &mut Wire) -> Self::T;",
	"        fn write(out: &mut Vec<u8>, value: &Self::T);",
	"    }",
	"",
	"    pub struct Bool;",
	"    pub struct Int;",
	"    pub struct Long;",
	"    pub struct Big;",
	"    pub struct Double;",
	"    pub struct Text;",
	"    pub struct Array<C>(PhantomData<C>);",
	"    pub struct Maybe<C>(PhantomData<C>);",
	"",
	"    impl Codec for Bool {",
	"        type T = bool;",
	"        fn read(input: &mut Wire) -> bool {",
	"            input.token() == \"1\"",
	"        }",
	"        fn write(out: &mut Vec<u8>, value: &bool) {",
	"            out.extend_from_slice(if *value { b\"1\\n\" } else { b\"0\\n\" });",
	"        }",
	"    }",
	"",
	"    impl Codec for Int {",
	"        type T = i32;",
	"        fn read(input: &mut Wire) -> i32 {",
	"            input.token().parse().expect(\"an int\")",
	"        }",
	"        fn write(out: &mut Vec<u8>, value: &i32) {",
	"            out.extend_from_slice(format!(\"{}\\n\", value).as_bytes());",
	"        }",
	"    }",
	"",
	"    impl Codec for Long {",
	"        type T = i64;",
	"        fn read(input: &mut Wire) -> i64 {",
	"            input.token().parse().expect(\"a long\")",
	"        }",
	"        fn write(out: &mut Vec<u8>, value: &i64) {",
	"            out.extend_from_slice(format!(\"{}\\n\", value).as_bytes());",
	"        }",
	"    }",
	"",
	"    impl Codec for Big {",
	"        type T = String;",
	"        fn read(input: &mut Wire) -> String {",
	"            input.token()",
	"        }",
	"        fn write(out: &mut Vec<u8>, value: &String) {",
	"            out.extend_from_slice(format!(\"{}\\n\", value).as_bytes());",
	"        }",
	"    }",
	"",
	"    impl Codec for Double {",
	"        type T = f64;",
	"        fn read(input: &mut Wire) -> f64 {",
	"            input.token().parse().expect(\"a double\")",
	"        }",
	"        fn write(out: &mut Vec<u8>, value: &f64) {",
	"            let text = if value.is_nan() { \"nan\".to_string() } else { format!(\"{}\", value) };",
	"            out.extend_from_slice(format!(\"{}\\n\", text).as_bytes());",
	"        }",
	"    }",
	"",
	"    impl Codec for Text {",
	"        type T = String;",
	"        fn read(input: &mut Wire) -> String {",
	"            input.text()",
	"        }",
	"        fn write(out: &mut Vec<u8>, value: &String) {",
	"            put_text(out, value);",
	"        }",
	"    }",
	"",
	"    impl<C: Codec> Codec for Array<C> {",
	"        type T = Vec<C::T>;",
	"        fn read(input: &mut Wire) -> Vec<C::T> {",
	"            let count = input.count();",
	"            (0..count).map(|_| C::read(input)).collect()",
	"        }",
	"        fn write(out: &mut Vec<u8>, value: &Vec<C::T>) {",
	"            out.extend_from_slice(format!(\"{}\\n\", value.len()).as_bytes());",
	"            for item in value {",
	"                C::write(out, item);",
	"            }",
	"        }",
	"    }",
	"",
	"    impl<C: Codec> Codec for Maybe<C> {",
	"        type T = Option<C::T>;",
	"        fn read(input: &mut Wire) -> Option<C::T> {",
	"            if input.token() == \"0\" {",
	"                return None;",
	"            }",
	"            Some(C::read(input))",
	"        }",
	"        fn write(out: &mut Vec<u8>, value: &Option<C::T>) {",
	"            out.extend_from_slice(if value.is_some() { b\"1\\n\" } else { b\"0\\n\" });",
	"            if let Some(value) = value {",
	"                C::write(out, value);",
	"            }",
	"        }",
	"    }",
	"",
	"    /* What the function may return: the value, or a Result with any error that can be shown. */",
	"    pub trait Outcome {",
	"        fn outcome(self) -> Result<Answer, String>;",
	"    }",
	"",
	"    pub type Answer = <@RETURNS@ as Codec>::T;",
	"",
	"    impl Outcome for Answer {",
	"        fn outcome(self) -> Result<Answer, String> {",
	"            Ok(self)",
	"        }",
	"    }",
	"",
	"    impl<E: std::fmt::Display> Outcome for Result<Answer, E> {",
	"        fn outcome(self) -> Result<Answer, String> {",
	"            self.map_err(|error| error.to_string())",
	"        }",
	"    }",
	"",
	"    pub fn encode(value: &Answer) -> Vec<u8> {",
	"        let mut out = b\"ok\\n\".to_vec();",
	"        <@RETURNS@ as Codec>::write(&mut out, value);",
	"        out",
	"    }",
	"",
	"    pub fn failure(text: &str) -> Vec<u8> {",
	"        let mut out = b\"error\\n\".to_vec();",
	"        put_text(&mut out, text);",
	"        out",
	"    }",
	"",
	"    pub fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {",
	"        if let Some(text) = payload.downcast_ref::<&str>() {",
	"            return text.to_string();",
	"        }",
	"        payload.downcast_ref::<String>().cloned().unwrap_or_else(|| \"panic\".to_string())",
	"    }",
	"",
	"@RECORD_CODECS@}",
	"",
	"@RECORDS@mod student {",
	"    #[allow(unused_imports)]",
	"    use super::*;",
	"    include!(\"@SOURCE@\");",
	"",
	"    pub mod kodelab_call {",
	"        pub fn call(input: &mut crate::kodelab::Wire) -> Result<crate::kodelab::Answer, String> {",
	"@READS@            let outcome = super::@FUNCTION@(@PARAMS@).outcome();",
	"            if let Err(text) = &outcome {",
	"                eprintln!(\"Error: {}\", text);",
	"            }",
	"            outcome",
	"        }",
	"    }",
	"}",
	"",
	"fn main() {",
	"    use std::io::{Read, Write};",
	"    use std::os::unix::io::FromRawFd;",
	"",
	"    let mut pipe = unsafe { std::fs::File::from_raw_fd(3) };",
	"    let mut input = kodelab::Wire { data: Vec::new(), at: 0 };",
	"    std::io::stdin().read_to_end(&mut input.data).expect(\"the arguments cannot be read\");",
	"    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| student::kodelab_call::call(&mut input)));",
	"    let out = match outcome {",
	"        Ok(Ok(value)) => kodelab::encode(&value),",
	"        Ok(Err(text)) => kodelab::failure(&text),",
	"        Err(payload) => kodelab::failure(&kodelab::panic_text(payload.as_ref())),",
	"    };",
	"    let _ = pipe.write_all(&out);",
	"}",
	NULL,
};

/* clang-format on */

static const char *const program_lines[] = {
	"use std::io::{self, BufRead};",
	"",
	"fn main() {",
	"    for line in io::stdin().lock().lines() {",
	"        println!(\"{}\", line.unwrap());",
	"    }",
	"}",
	NULL,
};

static void type_name(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	static const struct harness_words words = {
		{ "bool", "i32", "i64", "String", "f64", "String" }, "Vec<", ">", "Option<", ">",
	};

	harness_words(harness, &words, type, out);
}

static void add_path(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	kl_buf_add_char(out, '<');
	harness_codec(harness, type, out);
	kl_buf_add_str(out, " as Codec>");
}

/* The student's module is the parent: its codecs are reached by the full path. */
static void slot_reads(const struct harness *harness, struct kl_buf *out)
{
	const struct kl_signature *function = &harness->challenge->function;

	kl_buf_add_str(out, "            use crate::kodelab::*;\n");
	for (size_t i = 0; i < function->param_count; i++) {
		kl_buf_addf(out, "            let arg%zu = ", i);
		add_path(harness, &function->params[i].type, out);
		kl_buf_add_str(out, "::read(input);\n");
	}
}

static void starter(const struct harness *harness, struct kl_buf *out)
{
	harness_each_record(harness, "// struct @R { @[@N: @T@|, @] }\n", out);
	harness_summary(harness, "/// ", out);
	kl_buf_add_str(out, "fn ");
	harness_function(harness, out);
	kl_buf_add_char(out, '(');
	harness_params(harness, NAME_FIRST, ": ", out);
	kl_buf_add_str(out, ") -> ");
	type_name(harness, &harness->challenge->function.returns, out);
	kl_buf_add_str(out, " {\n    todo!()\n}\n");
}

static const struct harness_file files[] = { { "kl_main.rs", main_lines }, { NULL, NULL } };

static const struct harness_slot slots[] = {
	{ .name = "RECORDS",
	  .records = "#[allow(dead_code)]\n#[derive(Debug, Clone, PartialEq)]\n"
		     "pub struct @R {\n@[    pub @N: @T,\n@]}\n\n" },
	{ .name = "RECORD_CODECS",
	  .records = "    pub struct @RCodec;\n\n    impl Codec for @RCodec {\n        type T = crate::@R;\n"
		     "        fn read(input: &mut Wire) -> Self::T {\n"
		     "            crate::@R {@[ @N: <@C as Codec>::read(input),@] }\n        }\n"
		     "        fn write(out: &mut Vec<u8>, value: &Self::T) {\n"
		     "@[            <@C as Codec>::write(out, &value.@N);\n@]        }\n    }\n\n" },
	{ .name = "READS", .write = slot_reads },
	{ .name = "PARAMS", .write = harness_arguments },
	{ .name = "RETURNS", .write = harness_return_codec },
	{ .name = NULL },
};

static const char *const sources[] = { "kl_main.rs", NULL };

const struct harness_language harness_rust = {
	.id = "rust",
	.function_case = CASE_SNAKE,
	.field_case = CASE_SNAKE,
	.record_case = CASE_PASCAL,
	.reserved =
		" abstract as async await become box break const continue crate do dyn else enum extern false final fn for "
		"if impl in let loop macro main match mod move mut override priv pub ref return self static struct super "
		"trait true try type typeof unsafe unsized use virtual where while yield ",
	.files = files,
	.compile = sources,
	.slots = slots,
	.type = type_name,
	.starter = starter,
	.program = program_lines,
};
