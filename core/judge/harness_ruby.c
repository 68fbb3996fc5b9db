/* Ruby: the student's file defines a method at the top level; records are Structs that are there before it is read. */

#include "core/judge/harness_int.h"

/* clang-format off */

static const char *const main_lines[] = {
	"# Types are in prefix form: \"[?i\" is an array of int or null.",
	"@RECORDS@module KodeLab",
	"  Mismatch = Class.new(StandardError)",
	"  RECORDS = [@RECORD_TYPES@].freeze",
	"  NAMES = { \"b\" => \"true or false\", \"i\" => \"Integer\", \"l\" => \"Integer\", \"n\" => \"Integer\", \"d\" => \"Float\",",
	"            \"s\" => \"String\", \"[\" => \"Array\" }.freeze",
	"",
	"  class Wire",
	"    def initialize(data)",
	"      @data = data",
	"      @at = 0",
	"    end",
	"",
	"    def token",
	"      stop = @data.index(\"\\n\", @at)",
	"      token = @data[@at...stop]",
	"      @at = stop + 1",
	"      token",
	"    end",
	"",
	"    def text",
	"      size = token.to_i",
	"      text = @data[@at, size].force_encoding(Encoding::UTF_8)",
	"      @at += size + 1",
	"      text",
	"    end",
	"",
	"    def real",
	"      word = token",
	"      { \"nan\" => Float::NAN, \"inf\" => Float::INFINITY, \"-inf\" => -Float::INFINITY }.fetch(word) { Float(word) }",
	"    end",
	"",
	"    def record(kind)",
	"      type, fields = RECORDS[kind[1..].to_i]",
	"      type.new(*fields.map { |_, field| read(field) })",
	"    end",
	"",
	"    def read(kind)",
	"      case kind[0]",
	"      when \"?\" then token == \"0\" ? nil : read(kind[1..])",
	"      when \"[\" then Array.new(token.to_i) { read(kind[1..]) }",
	"      when \"r\" then record(kind)",
	"      when \"s\" then text",
	"      when \"d\" then real",
	"      when \"b\" then token == \"1\"",
	"      else token.to_i",
	"      end",
	"    end",
	"  end",
	"",
	"  module_function",
	"",
	"  def refuse(value, kind, place)",
	"    name = kind[0] == \"r\" ? RECORDS[kind[1..].to_i][0].name : NAMES[kind[0]]",
	"    raise Mismatch, \"#{place} is nil, expected #{name}\" if value.nil?",
	"    shown = value.inspect",
	"    shown = shown[0, 77] + \"...\" if shown.length > 80",
	"    raise Mismatch, \"#{place} is #{value.class} #{shown}, expected #{name}\"",
	"  end",
	"",
	"  def put_text(out, text)",
	"    data = text.encode(Encoding::UTF_8, invalid: :replace, undef: :replace).b",
	"    out << \"#{data.bytesize}\\n\".b << data << \"\\n\".b",
	"  end",
	"",
	"  def put_array(out, value, kind, place)",
	"    refuse(value, kind, place) unless value.is_a?(Enumerable) && !value.is_a?(Hash) && !value.is_a?(Struct)",
	"    items = value.to_a",
	"    out << \"#{items.length}\\n\"",
	"    items.each_with_index { |item, index| put(out, item, kind[1..], \"#{place}[#{index}]\") }",
	"  end",
	"",
	"  def put_record(out, value, kind, place)",
	"    RECORDS[kind[1..].to_i][1].each do |name, field|",
	"      if value.is_a?(Hash) then part = value.fetch(name) { value[name.to_s] }",
	"      elsif value.respond_to?(name) then part = value.public_send(name)",
	"      else refuse(value, kind, place)",
	"      end",
	"      put(out, part, field, \"#{place}.#{name}\")",
	"    end",
	"  end",
	"",
	"  def real(value)",
	"    return \"nan\" if value.nan?",
	"    return value.positive? ? \"inf\" : \"-inf\" if value.infinite?",
	"    value.to_s",
	"  end",
	"",
	"  def put(out, value, kind, place)",
	"    case kind[0]",
	"    when \"?\"",
	"      out << (value.nil? ? \"0\\n\" : \"1\\n\")",
	"      put(out, value, kind[1..], place) unless value.nil?",
	"    when \"[\" then put_array(out, value, kind, place)",
	"    when \"r\" then put_record(out, value, kind, place)",
	"    when \"s\"",
	"      refuse(value, kind, place) unless value.is_a?(String) || value.is_a?(Symbol)",
	"      put_text(out, value.to_s)",
	"    when \"b\"",
	"      refuse(value, kind, place) unless value == true || value == false",
	"      out << (value ? \"1\\n\" : \"0\\n\")",
	"    when \"d\"",
	"      refuse(value, kind, place) unless value.is_a?(Numeric)",
	"      out << \"#{real(value.to_f)}\\n\"",
	"    else",
	"      refuse(value, kind, place) unless value.is_a?(Integer)",
	"      out << \"#{value}\\n\"",
	"    end",
	"  end",
	"",
	"  def send_result(pipe, parts)",
	"    pipe.binmode",
	"    pipe.write(parts)",
	"    pipe.close",
	"  end",
	"",
	"  # A source that cannot be read is told as ruby itself tells it of a program: without our frames.",
	"  def load_student",
	"    require_relative \"@MODULE@\"",
	"  rescue SyntaxError => error",
	"    raise unless error.message.start_with?(\"#{__dir__}/@SOURCE@:\")",
	"    abort error.message",
	"  end",
	"",
	"  def main(pipe)",
	"    wire = Wire.new($stdin.binmode.read)",
	"    args = [@PARAMS@].map { |kind| wire.read(kind) }",
	"    load_student",
	"    unless Object.new.respond_to?(:@FUNCTION@, true)",
	"      abort \"NoMethodError: there is no method '@FUNCTION@' in @SOURCE@\"",
	"    end",
	"    parts = \"ok\\n\".b",
	"    begin",
	"      value = TOPLEVEL_BINDING.receiver.send(:@FUNCTION@, *args)",
	"    rescue StandardError, SystemStackError, NotImplementedError => error",
	"      error.set_backtrace((error.backtrace || []).grep_v(/kl_main\\.rb/))",
	"      warn error.full_message(highlight: false, order: :top)",
	"      parts = \"error\\n\".b",
	"      put_text(parts, error.message.empty? ? error.class.name : \"#{error.class}: #{error.message}\")",
	"      return send_result(pipe, parts)",
	"    end",
	"    begin",
	"      put(parts, value, \"@RETURNS@\", \"the result\")",
	"    rescue Mismatch => error",
	"      parts = \"type\\n\".b",
	"      put_text(parts, error.message)",
	"    end",
	"    send_result(pipe, parts)",
	"  end",
	"end",
	"",
	"KodeLab.main(IO.for_fd(3, \"wb\"))",
	NULL,
};

/* clang-format on */

static const char *const program_lines[] = {
	"while (line = gets)",
	"  puts line.chomp",
	"end",
	NULL,
};

#define RECORD "@R = Struct.new(@[:@N@|, @])\n"

static void type_name(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	static const struct harness_words words = {
		{ "Boolean", "Integer", "Integer", "Integer", "Float", "String" }, "Array<", ">", "", ", nil",
	};

	harness_words(harness, &words, type, out);
}

static void starter(const struct harness *harness, struct kl_buf *out)
{
	const struct kl_signature *function = &harness->challenge->function;

	harness_each_record(harness, "# " RECORD, out);
	harness_summary(harness, "# ", out);
	kl_buf_add_str(out, "#\n");
	for (size_t i = 0; i < function->param_count; i++) {
		kl_buf_add_str(out, "# @param ");
		harness_param(harness, NAME_FIRST, " [", &function->params[i], out);
		kl_buf_add_str(out, "]\n");
	}
	kl_buf_add_str(out, "# @return [");
	type_name(harness, &function->returns, out);
	kl_buf_add_str(out, "]\ndef ");
	harness_function(harness, out);
	for (size_t i = 0; i < function->param_count; i++) {
		kl_buf_add_str(out, i ? ", " : "(");
		harness_field(harness, function->params[i].name, out);
	}
	kl_buf_addf(out, "%s\n\nend\n", function->param_count ? ")" : "");
}

static const struct harness_file files[] = { { "kl_main.rb", main_lines }, { NULL, NULL } };

static const struct harness_slot slots[] = {
	{ .name = "RECORDS", .records = RECORD },
	{ .name = "RECORD_TYPES", .listed = "[@R, [@[[:@N, \"@W\"]@|, @]]], " },
	{ .name = NULL },
};

const struct harness_language harness_ruby = {
	.id = "ruby",
	.function_case = CASE_SNAKE,
	.field_case = CASE_SNAKE,
	.record_case = CASE_PASCAL,
	.reserved =
		" BEGIN END alias and begin break case class def defined do else elsif end ensure false for if in module "
		"next nil not or redo rescue retry return self super then true undef unless until when while yield ",
	.files = files,
	.run = "kl_main.rb",
	.slots = slots,
	.type = type_name,
	.starter = starter,
	.program = program_lines,
};
