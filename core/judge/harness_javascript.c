/*
 * JavaScript and TypeScript: the student's file is compiled as a module of its own by our main program, so that lines stay
 * theirs and nothing need be exported.
 */

#include "core/judge/harness_int.h"

/* clang-format off */

static const char *const main_lines[] = {
	"'use strict';",
	"const fs = require('fs');",
	"const path = require('path');",
	"const Module = require('module');",
	"",
	"const RECORDS = [@RECORD_TYPES@];",
	"const NAMES = { b: 'boolean', i: 'number', l: 'bigint', n: 'bigint', d: 'number', s: 'string', '[': 'array' };",
	"",
	"class Mismatch extends Error {}",
	"",
	"/* What arrived on standard input; read() takes one value by a type in prefix form (\"[?i\": array of int or null). */",
	"class Wire {",
	"  constructor(data) {",
	"    this.data = data;",
	"    this.at = 0;",
	"  }",
	"",
	"  token() {",
	"    const end = this.data.indexOf(10, this.at);",
	"    const token = this.data.toString('latin1', this.at, end);",
	"    this.at = end + 1;",
	"    return token;",
	"  }",
	"",
	"  text() {",
	"    const size = Number(this.token());",
	"    const start = this.at;",
	"    this.at += size + 1;",
	"    return this.data.toString('utf8', start, start + size);",
	"  }",
	"",
	"  array(kind) {",
	"    const items = new Array(Number(this.token()));",
	"    for (let i = 0; i < items.length; i++) items[i] = this.read(kind);",
	"    return items;",
	"  }",
	"",
	"  record(fields) {",
	"    const record = {};",
	"    for (const [name, kind] of fields) record[name] = this.read(kind);",
	"    return record;",
	"  }",
	"",
	"  read(kind) {",
	"    switch (kind[0]) {",
	"      case '?': return this.token() === '0' ? null : this.read(kind.slice(1));",
	"      case '[': return this.array(kind.slice(1));",
	"      case 'r': return this.record(RECORDS[kind.slice(1)].fields);",
	"      case 's': return this.text();",
	"      case 'b': return this.token() === '1';",
	"      case 'd': return real(this.token());",
	"      case 'i': return Number(this.token());",
	"      default: return BigInt(this.token());",
	"    }",
	"  }",
	"}",
	"",
	"function real(token) {",
	"  return token.endsWith('inf') ? (token[0] === '-' ? -Infinity : Infinity) : Number(token);",
	"}",
	"",
	"function refuse(value, kind, place) {",
	"  const name = kind[0] === 'r' ? RECORDS[kind.slice(1)].name : NAMES[kind[0]];",
	"  if (value === undefined || value === null) throw new Mismatch(`${place} is ${value}, expected ${name}`);",
	"  let shown = require('util').inspect(value, { depth: 1, breakLength: Infinity });",
	"  if (shown.length > 80) shown = shown.slice(0, 77) + '...';",
	"  throw new Mismatch(`${place} is ${Array.isArray(value) ? 'array' : typeof value} ${shown}, expected ${name}`);",
	"}",
	"",
	"function putText(out, text) {",
	"  const data = Buffer.from(text, 'utf8');",
	"  out.push(Buffer.from(`${data.length}\\n`), data, Buffer.from('\\n'));",
	"}",
	"",
	"function putArray(out, value, kind, place) {",
	"  if (value === null || typeof value !== 'object' || typeof value[Symbol.iterator] !== 'function') refuse(value, kind, place);",
	"  const items = Array.from(value);",
	"  out.push(Buffer.from(`${items.length}\\n`));",
	"  items.forEach((item, i) => put(out, item, kind.slice(1), `${place}[${i}]`));",
	"}",
	"",
	"function putRecord(out, value, kind, place) {",
	"  if (value === null || typeof value !== 'object') refuse(value, kind, place);",
	"  for (const [name, field] of RECORDS[kind.slice(1)].fields) put(out, value[name], field, `${place}.${name}`);",
	"}",
	"",
	"/* The number as the wire writes it; null: it is none of this kind. */",
	"function scalar(value, head) {",
	"  if (head === 'b') return typeof value === 'boolean' ? (value ? '1' : '0') : null;",
	"  if (head === 'd') {",
	"    if (typeof value !== 'number') return null;",
	"    if (Object.is(value, -0)) return '-0';",
	"    return Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : value < 0 ? '-inf' : 'nan';",
	"  }",
	"  if (typeof value === 'bigint') return String(value);",
	"  return Number.isInteger(value) ? String(BigInt(value)) : null;",
	"}",
	"",
	"function put(out, value, kind, place) {",
	"  switch (kind[0]) {",
	"    case '?': {",
	"      const there = value !== null && value !== undefined;",
	"      out.push(Buffer.from(there ? '1\\n' : '0\\n'));",
	"      if (there) put(out, value, kind.slice(1), place);",
	"      return;",
	"    }",
	"    case '[': putArray(out, value, kind, place); return;",
	"    case 'r': putRecord(out, value, kind, place); return;",
	"    case 's':",
	"      if (typeof value !== 'string') refuse(value, kind, place);",
	"      putText(out, value);",
	"      return;",
	"    default: {",
	"      const token = scalar(value, kind[0]);",
	"      if (token === null) refuse(value, kind, place);",
	"      out.push(Buffer.from(token + '\\n'));",
	"    }",
	"  }",
	"}",
	"",
	"function send(tag, fill) {",
	"  const parts = [Buffer.from(tag + '\\n')];",
	"  fill(parts);",
	"  const data = Buffer.concat(parts);",
	"  for (let at = 0; at < data.length;) at += fs.writeSync(3, data, at);",
	"  fs.closeSync(3);",
	"}",
	"",
	"function blank(text) {",
	"  return text.replace(/\\S/g, ' ');",
	"}",
	"",
	"/* A brace that is missing: said of the student's last line, not of ours behind it. */",
	"function readAlone(code, file) {",
	"  try {",
	"    require('vm').compileFunction(code, ['exports', 'require', 'module', '__filename', '__dirname'], { filename: file });",
	"  } catch (error) {",
	"    if (!/\\b(import|export)\\b/.test(error.message)) throw error;",
	"  }",
	"}",
	"",
	"/* The student's file as a module of its own: lines stay theirs, the function need not be exported. */",
	"function load() {",
	"  const file = path.join(__dirname, '@COMPILED@');",
	"  const code = fs.readFileSync(file, 'utf8').replace(/^export\\s+(default\\s+)?(?=async\\b|function\\b|const\\b|let\\b|var\\b|class\\b)/gm, blank);",
	"  const module = new Module(file, null);",
	"  let found;",
	"  if (process.setSourceMapsEnabled) process.setSourceMapsEnabled(true);",
	"  module.filename = file;",
	"  module.paths = [];",
	"  globalThis.__kodelab = (value) => { found = value; };",
	"  try {",
	"    module._compile(`${code}\\n;__kodelab(typeof @FUNCTION@ === 'undefined' ? undefined : @FUNCTION@);`, file);",
	"  } catch (error) {",
	"    if (error instanceof SyntaxError) readAlone(code, file);",
	"    throw error;",
	"  }",
	"  delete globalThis.__kodelab;",
	"  found = found || module.exports['@FUNCTION@'] || module.exports;",
	"  if (typeof found !== 'function') {",
	"    console.error(\"ReferenceError: there is no function '@FUNCTION@' in @SOURCE@\");",
	"    process.exit(1);",
	"  }",
	"  return found;",
	"}",
	"",
	"function describe(error) {",
	"  return error instanceof Error ? `${error.name}${error.message ? ': ' + error.message : ''}` : String(error);",
	"}",
	"",
	"function trace(error) {",
	"  const stack = error instanceof Error && error.stack ? error.stack : String(error);",
	"  console.error(stack.split('\\n').filter((line) => !/kl_main\\.js|node:internal/.test(line)).join('\\n'));",
	"}",
	"",
	"async function main() {",
	"  const wire = new Wire(fs.readFileSync(0));",
	"  const args = [@PARAMS@].map((kind) => wire.read(kind));",
	"  const call = load();",
	"  let value;",
	"  try {",
	"    value = call(...args);",
	"    if (value instanceof Promise) value = await value;",
	"  } catch (error) {",
	"    trace(error);",
	"    send('error', (out) => putText(out, describe(error)));",
	"    return;",
	"  }",
	"  try {",
	"    send('ok', (out) => put(out, value, '@RETURNS@', 'the result'));",
	"  } catch (error) {",
	"    if (!(error instanceof Mismatch)) throw error;",
	"    send('type', (out) => putText(out, error.message));",
	"  }",
	"}",
	"",
	"main();",
	NULL,
};

/* clang-format on */

static const char *const program_lines[] = {
	"const lines = require('fs').readFileSync(0, 'utf8').split('\\n');",
	"",
	"console.log(lines[0]);",
	NULL,
};

static void js_type(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	static const struct harness_words words = {
		{ "boolean", "number", "bigint", "bigint", "number", "string" }, "", "[]", "?", "",
	};

	harness_words(harness, &words, type, out);
}

/* "(number | null)[]": the union needs parentheses inside an array. */
static void ts_type(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	static const char *const scalar[] = { "boolean", "number", "bigint", "bigint", "number", "string" };

	if (type->kind == KL_TYPE_ARRAY) {
		kl_buf_add_str(out, type->element->nullable ? "(" : "");
		ts_type(harness, type->element, out);
		kl_buf_add_str(out, type->element->nullable ? ")[]" : "[]");
	} else if (type->kind == KL_TYPE_RECORD) {
		harness_record(harness, type->record, out);
	} else {
		kl_buf_add_str(out, scalar[type->kind]);
	}
	if (type->nullable)
		kl_buf_add_str(out, " | null");
}

static void add_doc_type(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	kl_buf_add_char(out, '{');
	js_type(harness, type, out);
	kl_buf_add_str(out, "} ");
}

static void js_starter(const struct harness *harness, struct kl_buf *out)
{
	const struct kl_signature *function = &harness->challenge->function;

	harness_each_record(harness, "/** @typedef {{@[@N: @T@|, @]}} @R */\n", out);
	kl_buf_add_str(out, "/**\n");
	harness_summary(harness, " * ", out);
	for (size_t i = 0; i < function->param_count; i++) {
		kl_buf_add_str(out, " * @param ");
		add_doc_type(harness, &function->params[i].type, out);
		harness_field(harness, function->params[i].name, out);
		kl_buf_add_char(out, '\n');
	}
	kl_buf_add_str(out, " * @returns ");
	add_doc_type(harness, &function->returns, out);
	kl_buf_cut(out, out->len - 1);
	kl_buf_add_str(out, "\n */\nfunction ");
	harness_function(harness, out);
	kl_buf_add_char(out, '(');
	for (size_t i = 0; i < function->param_count; i++) {
		kl_buf_add_str(out, i ? ", " : "");
		harness_field(harness, function->params[i].name, out);
	}
	kl_buf_add_str(out, ") {\n\n}\n");
}

static void ts_starter(const struct harness *harness, struct kl_buf *out)
{
	harness_each_record(harness, "interface @R {\n@[  @N: @T;\n@]}\n\n", out);
	kl_buf_add_str(out, "/**\n");
	harness_summary(harness, " * ", out);
	kl_buf_add_str(out, " */\nfunction ");
	harness_function(harness, out);
	kl_buf_add_char(out, '(');
	harness_params(harness, NAME_FIRST, ": ", out);
	kl_buf_add_str(out, "): ");
	ts_type(harness, &harness->challenge->function.returns, out);
	kl_buf_add_str(out, " {\n  throw new Error('not written yet');\n}\n");
}

static const struct harness_file files[] = { { "kl_main.js", main_lines }, { NULL, NULL } };
static const struct harness_slot slots[] = {
	{ .name = "RECORD_TYPES", .listed = "{ name: '@R', fields: [@[['@N', '@W']@|, @]] }, " },
	{ .name = NULL },
};

#define RESERVED                                                                                                         \
	" arguments async await break case catch class const continue debugger default delete do else enum eval export " \
	"extends false finally for function if implements import in instanceof interface let new null package private "  \
	"protected public return static super switch this throw true try typeof undefined var void while with yield "

const struct harness_language harness_javascript = {
	.id = "javascript",
	.function_case = CASE_CAMEL,
	.field_case = CASE_CAMEL,
	.record_case = CASE_PASCAL,
	.reserved = RESERVED,
	.files = files,
	.run = "kl_main.js",
	.slots = slots,
	.type = js_type,
	.starter = js_starter,
	.program = program_lines,
};

const struct harness_language harness_typescript = {
	.id = "typescript",
	.function_case = CASE_CAMEL,
	.field_case = CASE_CAMEL,
	.record_case = CASE_PASCAL,
	.reserved = RESERVED,
	.files = files,
	.run = "kl_main.js",
	.slots = slots,
	.type = ts_type,
	.starter = ts_starter,
	.program = program_lines,
};
