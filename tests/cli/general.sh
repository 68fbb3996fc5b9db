# What holds for all commands: the command line, help, output, locales.

commands() {
	environment "$out/kodelab" help | sed -n 's/^  \([a-z]*\) .*/\1/p'
}

case_version() {
	gives 0 --version
	says "kodelab "
}

case_help_lists_every_command() {
	gives 0 help
	for name in list show search next random daily edit test run submit history hint reset stats new check import portfolio config \
		doctor completion help; do
		says "  $name "
	done
	gives 0 --help
	says "Usage: kodelab"
}

case_help_of_each_command() {
	for name in $(commands); do
		gives 0 help "$name"
		says "Usage: kodelab $name"
		cp "$work/stdout" "$work/help"
		gives 0 "$name" --help
		cmp -s "$work/help" "$work/stdout" || fail "$name --help differs from help $name"
		gives 0 "$name" -h
	done
}

case_help_says_what_no_challenge_means() {
	for name in show test reset; do
		gives 0 help $name
		says "Without it: the challenge of the current folder."
	done
	for name in history sync; do
		gives 0 help $name
		says "Without it: all of them."
	done
}

case_help_fits_the_screen() {
	for name in '' $(commands); do
		# shellcheck disable=SC2086 # one word or none
		gives 0 help $name
		wide=$(awk 'length($0) > 100' "$work/stdout")
		[ -z "$wide" ] || fail "help $name has a line over 100 columns: $wide"
	done
}

case_unknown_command() {
	refuses 2 "there is no command 'lits', did you mean 'list'?" lits
	warns "Try 'kodelab help'."
	refuses 2 "there is no command 'xyzzy'" xyzzy
	refuses 2 "there is no command 'welcome', but a challenge: kodelab edit welcome" welcome
	refuses 2 "there is no command 'lits', did you mean 'list'?" help lits
	refuses 2 "'--json' comes after a command: kodelab list --json" --json list
	refuses 2 "there is no command ''" ''
}

case_options() {
	refuses 2 "unknown option '--jsno', did you mean '--json'?" list --jsno
	refuses 2 "unknown option '--frob'" list --frob
	warns "Try 'kodelab help list'."
	refuses 2 "unknown option '--zzz'" list --zzz
	refuses 2 "unknown option '-z'" list -z
	refuses 2 "a value is missing after '--difficulty'" list --difficulty
	refuses 2 "this option takes no value: '--open'" next --open=yes
	refuses 2 "one argument too many: 'b'" show a b
	refuses 2 "an argument is missing: kodelab new SLUG" new
	refuses 2 "unknown option '--json'" edit --json
	gives 0 list -dBEGINNER
	gives 0 list --difficulty=beginner
	gives 0 list -d beginner -- welcome
	says welcome
	refuses 3 "no challenge '--json' ('kodelab list' shows all)" show -- --json
}

case_refusals_are_json_too() {
	gives 2 list --sort foo --json
	json 'd["error"]["code"] == "bad input" and "foo" in d["error"]["message"]'
	gives 2 list --json --zzz
	json '"--zzz" in d["error"]["message"]'
	gives 3 show nosuch --json
	json 'd["error"]["code"] == "not found"'
	[ ! -s "$work/stderr" ] || fail "nothing was expected on standard error"
}

case_a_reader_that_leaves() {
	for words in list 'list --json' 'show 1' help doctor config 'completion bash'; do
		# shellcheck disable=SC2086 # words
		{ environment "$out/kodelab" $words 2>"$work/stderr"; echo $? >"$work/code"; } | head -n 1 >/dev/null
		equals "$words: status" 0 "$(cat "$work/code")"
		[ ! -s "$work/stderr" ] || fail "$words: nothing was expected on standard error"
	done
}

case_a_full_disk_under_the_output() {
	[ -e /dev/full ] || skip "full output: no /dev/full"
	for words in list 'list --json' 'show 1' help; do
		# shellcheck disable=SC2086 # words
		environment "$out/kodelab" $words >/dev/full 2>"$work/stderr"
		status=$?
		: >"$work/stdout"
		equals "$words: status" 3 "$status"
		warns "kodelab: the output could not be written"
	done
}

case_c_locale() {
	locale=C
	for words in list 'list --json' 'show courier-round' 'show courier-round --json' 'hint welcome' doctor; do
		# shellcheck disable=SC2086 # words
		gives 0 $words
		! LC_ALL=C grep -q '[^ -~	]' "$work/stdout" || fail "$words: not ASCII"
	done
}

case_hostile_names() {
	esc=$(printf '\033]0;gone\007')
	refuses 3 "no challenge '^[]0;gone^G' ('kodelab list' shows all)" show "$esc"
	refuses 2 "there is no command '^[]0;gone^G'" "$esc"
	bad=$(printf '\233\377')
	refuses 3 "no challenge '<9b><ff>' ('kodelab list' shows all)" show "$bad"
	gives 3 show "$bad" --json
	json 'd["error"]["code"] == "not found"'
	gives 3 show "$(printf '\302\23331m')" --json
	! grep -q "$(printf '\302\233')" "$work/stdout" || fail "a control character reached the output"
	refuses 3 "no challenge '../../etc/passwd' ('kodelab list' shows all)" show ../../etc/passwd
	refuses 3 "no challenge '' ('kodelab list' shows all)" show ''
	gives 3 show "$(head -c 5000 /dev/zero | tr '\0' a)"
}

case_no_home() {
	python3 -c 'import os, pwd; pwd.getpwuid(os.getuid())' 2>/dev/null || skip "no home: this account has no name"
	env -i PATH="$PATH" HOME=relative LANG=C.UTF-8 KODELAB_SHARE="$top" XDG_CONFIG_HOME="$home/c" XDG_DATA_HOME="$home/d" \
		XDG_STATE_HOME="$home/s" XDG_CACHE_HOME="$home/h" KODELAB_WORK="$home/w" ${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} \
		"$out/kodelab" edit -p welcome >"$work/stdout" 2>"$work/stderr"
	status=$?
	equals status 0 $status
	has_file "$home/w/starter/welcome/solution.py"
	has_file "$home/d/kodelab/lab.db"
}

case_without_a_terminal() {
	for words in '' 'edit welcome' 'next --open' 'daily -o'; do
		# shellcheck disable=SC2086 # words
		lab $words
		[ "$status" -eq 2 ] || [ "$status" -eq 3 ] || fail "kodelab $words: a refusal was expected"
		warns "kodelab: "
		warns "subcommand"
	done
}

case_a_bad_setting_does_not_stop() {
	mkdir -p "$home/.config/kodelab"
	printf 'theme = dark\nno equals\ncolor = \033[31m\n' >"$home/.config/kodelab/config"
	loud=1
	gives 0 list
	warns "config:2:"
	warns "config:3:"
	! grep -q "$(printf '\033')" "$work/stderr" || fail "a control character reached the output"
}

# Without a terminal an editor that draws on one would wait for ever.
case_edit_external_without_a_terminal() {
	words="needs a terminal: set EDITOR to a program that does not, or take the file's path from 'kodelab edit --path'"
	refuses 2 "vi $words" edit --external welcome
	extra='EDITOR=/usr/bin/nano'
	refuses 2 "/usr/bin/nano $words" edit --external welcome
	extra='EDITOR=true'
	gives 0 edit --external welcome
}
