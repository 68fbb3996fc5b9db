/*
 * Bash: arguments are words, or names of arrays; the function leaves its answer in the variable result, so that
 * standard output stays the student's.
 */

#include "core/judge/harness_int.h"

/* clang-format off */

static const char *const main_lines[] = {
	"# Types are in prefix form: \"[i\" is an array of int. Names of ours begin with kl_.",
	"kl_records=(@RECORD_TYPES@)",
	"kl_fields=(@RECORD_FIELDS@)",
	"NULL=$'\\001null'",
	"kl_count=0",
	"",
	"exec {kl_fd}>&3 3>&-",
	"",
	"# A bash string cannot hold a NUL: every string is read by its length in bytes.",
	"kl_read_text() {",
	"    local LC_ALL=C size",
	"    IFS= read -r size",
	"    kl_value=",
	"    ((size == 0)) || IFS= read -r -d '' -N \"$size\" kl_value",
	"    IFS= read -r _",
	"}",
	"",
	"kl_read_array() {",
	"    local kind=$1 name=kl_arg$((kl_count++)) size i",
	"    IFS= read -r size",
	"    declare -ga \"$name=()\"",
	"    for ((i = 0; i < size; i++)); do",
	"        kl_read \"$kind\"",
	"        printf -v \"$name[$i]\" %s \"$kl_value\"",
	"    done",
	"    kl_value=$name",
	"}",
	"",
	"kl_read_record() {",
	"    local name=kl_arg$((kl_count++)) kinds=(${kl_records[$1]}) fields=(${kl_fields[$1]}) i",
	"    declare -gA \"$name=()\"",
	"    for i in \"${!kinds[@]}\"; do",
	"        kl_read \"${kinds[i]}\"",
	"        printf -v \"$name[${fields[i]}]\" %s \"$kl_value\"",
	"    done",
	"    kl_value=$name",
	"}",
	"",
	"# Reads one value into kl_value: a word, or the name of an array.",
	"kl_read() {",
	"    case $1 in",
	"    '?'*)",
	"        IFS= read -r kl_value",
	"        if [[ $kl_value == 0 ]]; then kl_value=$NULL; else kl_read \"${1:1}\"; fi ;;",
	"    '['*) kl_read_array \"${1:1}\" ;;",
	"    r*) kl_read_record \"${1:1}\" ;;",
	"    s) kl_read_text ;;",
	"    b)",
	"        IFS= read -r kl_value",
	"        if [[ $kl_value == 1 ]]; then kl_value=true; else kl_value=false; fi ;;",
	"    *) IFS= read -r kl_value ;;",
	"    esac",
	"}",
	"",
	"kl_put_text() {",
	"    local LC_ALL=C",
	"    kl_out+=\"${#1}\"$'\\n'\"$1\"$'\\n'",
	"}",
	"",
	"kl_refuse() {",
	"    kl_out=$'type\\n'",
	"    kl_put_text \"$1\"",
	"    printf %s \"$kl_out\" >&\"$kl_fd\"",
	"    kl_sent=1",
	"    exit 0",
	"}",
	"",
	"# An array in an array is named by its element; numbers may also simply stand there (\"1 2 3\").",
	"kl_put_array() {",
	"    local kl_kind=$1 kl_place=$3 kl_item kl_i=0 kl_list",
	"    if [[ $(declare -p \"$2\" 2>/dev/null) == 'declare -a'* ]]; then",
	"        local -n kl_items=$2",
	"        kl_list=(\"${kl_items[@]}\")",
	"        unset -n kl_items",
	"    else",
	"        local IFS=$' \\t\\n'",
	"        set -f",
	"        kl_list=($2)",
	"        set +f",
	"    fi",
	"    kl_out+=\"${#kl_list[@]}\"$'\\n'",
	"    for kl_item in \"${kl_list[@]}\"; do",
	"        kl_put \"$kl_kind\" \"$kl_item\" \"$kl_place[$((kl_i++))]\"",
	"    done",
	"}",
	"",
	"kl_put_record() {",
	"    local kl_kinds=(${kl_records[$1]}) kl_names=(${kl_fields[$1]}) kl_list=() kl_i",
	"    [[ $(declare -p \"$2\" 2>/dev/null) == 'declare -A'* ]] || kl_refuse \"$3 is '$2', expected the name of an associative array\"",
	"    local -n kl_record=$2",
	"    for kl_i in \"${kl_names[@]}\"; do kl_list+=(\"${kl_record[$kl_i]}\"); done",
	"    unset -n kl_record",
	"    for kl_i in \"${!kl_names[@]}\"; do",
	"        kl_put \"${kl_kinds[kl_i]}\" \"${kl_list[kl_i]}\" \"$3[${kl_names[kl_i]}]\"",
	"    done",
	"}",
	"",
	"kl_put_bool() {",
	"    case $1 in",
	"    true | 1) kl_out+=$'1\\n' ;;",
	"    false | 0) kl_out+=$'0\\n' ;;",
	"    *) kl_refuse \"$2 is '$1', expected true or false\" ;;",
	"    esac",
	"}",
	"",
	"# kl_put TYPE VALUE PLACE",
	"kl_put() {",
	"    case $1 in",
	"    '?'*)",
	"        if [[ $2 == \"$NULL\" ]]; then",
	"            kl_out+=$'0\\n'",
	"        else",
	"            kl_out+=$'1\\n'",
	"            kl_put \"${1:1}\" \"$2\" \"$3\"",
	"        fi ;;",
	"    '['*) kl_put_array \"${1:1}\" \"$2\" \"$3\" ;;",
	"    r*) kl_put_record \"${1:1}\" \"$2\" \"$3\" ;;",
	"    s) kl_put_text \"$2\" ;;",
	"    b) kl_put_bool \"$2\" \"$3\" ;;",
	"    d)",
	"        [[ $2 =~ ^-?(inf|nan|[0-9.]+([eE][-+]?[0-9]+)?)$ ]] || kl_refuse \"$3 is '$2', expected a number\"",
	"        kl_out+=$2$'\\n' ;;",
	"    *)",
	"        [[ $2 =~ ^-?[0-9]+$ ]] || kl_refuse \"$3 is '$2', expected an integer\"",
	"        kl_out+=$2$'\\n' ;;",
	"    esac",
	"}",
	"",
	"# What the function left in the variable result: a word, an array or an associative array.",
	"kl_put_result() {",
	"    local kl_kind=$1",
	"    if [[ $kl_kind == '?'* ]]; then",
	"        if ! declare -p result &>/dev/null || [[ ${result[0]-} == \"$NULL\" ]]; then",
	"            kl_out+=$'0\\n'",
	"            return",
	"        fi",
	"        kl_out+=$'1\\n'",
	"        kl_kind=${kl_kind:1}",
	"    fi",
	"    case $kl_kind in",
	"    '['* | r*) kl_put \"$kl_kind\" result 'the result' ;;",
	"    *)",
	"        [[ -v result ]] || kl_refuse 'the function did not set result'",
	"        kl_put \"$kl_kind\" \"$result\" 'the result' ;;",
	"    esac",
	"}",
	"",
	"# An exit or a status other than 0 is an error; its message is what was written to standard error.",
	"kl_end() {",
	"    local status=$?",
	"    if [[ -z $kl_sent && $status -ne 0 && -n $kl_called ]]; then",
	"        printf 'error\\n0\\n\\n' >&\"$kl_fd\"",
	"    fi",
	"    exit \"$status\"",
	"}",
	"",
	"kl_sent= kl_called= kl_args=()",
	"for kl_kind in @PARAMS@; do",
	"    kl_read \"$kl_kind\"",
	"    kl_args+=(\"$kl_value\")",
	"done",
	"source ./@SOURCE@ || exit 1",
	"if [[ $(type -t @FUNCTION@) != function ]]; then",
	"    echo \"there is no function '@FUNCTION@' in @SOURCE@\" >&2",
	"    exit 1",
	"fi",
	"unset result",
	"case @RETURNS_QUOTED@ in",
	"'['* | '?['*) declare -ga result=() ;;",
	"r* | '?r'*) declare -gA result=() ;;",
	"esac",
	"kl_called=1",
	"trap kl_end EXIT",
	"@FUNCTION@ \"${kl_args[@]}\" || exit \"$?\"",
	"kl_called=",
	"kl_out=$'ok\\n'",
	"kl_put_result @RETURNS_QUOTED@",
	"printf %s \"$kl_out\" >&\"$kl_fd\"",
	"kl_sent=1",
	"trap - EXIT",
	"exit 0",
	NULL,
};

/* clang-format on */

static const char *const program_lines[] = {
	"while IFS= read -r line; do",
	"    echo \"$line\"",
	"done",
	NULL,
};

static void type_name(const struct harness *harness, const struct kl_type *type, struct kl_buf *out)
{
	static const struct harness_words words = {
		{ "true or false", "integer", "integer", "integer", "number", "string" },
		"array of ",
		"",
		"$NULL or ",
		"",
	};

	harness_words(harness, &words, type, out);
}

static void slot_params(const struct harness *harness, struct kl_buf *out)
{
	const struct kl_signature *function = &harness->challenge->function;

	for (size_t i = 0; i < function->param_count; i++) {
		kl_buf_add_str(out, i ? " '" : "'");
		harness_prefix(harness, &function->params[i].type, out);
		kl_buf_add_char(out, '\'');
	}
}

static void slot_returns(const struct harness *harness, struct kl_buf *out)
{
	kl_buf_add_char(out, '\'');
	harness_prefix(harness, &harness->challenge->function.returns, out);
	kl_buf_add_char(out, '\'');
}

static bool by_name(const struct kl_type *type)
{
	return type->kind == KL_TYPE_ARRAY || type->kind == KL_TYPE_RECORD;
}

static void starter(const struct harness *harness, struct kl_buf *out)
{
	const struct kl_signature *function = &harness->challenge->function;

	harness_summary(harness, "# ", out);
	harness_each_record(harness, "# @R: an associative array with @[@N (@T)@|, @]\n", out);
	for (size_t i = 0; i < function->param_count; i++) {
		kl_buf_addf(out, "# $%zu %s", i + 1, by_name(&function->params[i].type) ? "the name of: " : "");
		type_name(harness, &function->params[i].type, out);
		kl_buf_add_char(out, '\n');
	}
	kl_buf_add_str(out, "# Sets result: ");
	type_name(harness, &function->returns, out);
	kl_buf_add_char(out, '\n');
	harness_function(harness, out);
	kl_buf_add_str(out, "() {\n");
	for (size_t i = 0; i < function->param_count; i++) {
		bool name = by_name(&function->params[i].type) && !function->params[i].type.nullable;

		kl_buf_add_str(out, name ? "    local -n " : "    local ");
		harness_field(harness, function->params[i].name, out);
		kl_buf_addf(out, "=$%zu\n", i + 1);
	}
	kl_buf_addf(out, "\n    %s\n}\n", by_name(&function->returns) ? "result=()" : "result=");
}

static const struct harness_file files[] = { { "kl_main.sh", main_lines }, { NULL, NULL } };

static const struct harness_slot slots[] = {
	{ .name = "PARAMS", .write = slot_params },
	{ .name = "RETURNS_QUOTED", .write = slot_returns },
	{ .name = "RECORD_TYPES", .listed = "'@[@W@| @]' " },
	{ .name = "RECORD_FIELDS", .listed = "'@[@N@| @]' " },
	{ .name = NULL },
};

const struct harness_language harness_bash = {
	.id = "bash",
	.function_case = CASE_SNAKE,
	.field_case = CASE_SNAKE,
	.record_case = CASE_SNAKE,
	.reserved = " case coproc do done elif else esac fi for function if in result select then time until while ",
	.files = files,
	.run = "kl_main.sh",
	.slots = slots,
	.type = type_name,
	.starter = starter,
	.program = program_lines,
};
