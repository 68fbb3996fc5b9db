# The manual pages and the completions say what the tables say.

page=$top/docs/man/kodelab.1

# Words as they stand in the page, without its markup.
words() {
	sed -e 's/\\e/\\/g' -e 's/\\(ti/~/g' "$page"
}

case_the_page_has_every_command_and_option() {
	gives 0 help
	for name in $(sed -n 's/^  \([a-z]*\) .*/\1/p' "$work/stdout"); do
		gives 0 help "$name"
		# the command's own item, up to the next one
		words | awk -v name="$name" '$1 == ".It" && $2 == "Ic" { on = $3 == name } /^\.Pp$/ && !on { next } on' >"$work/item"
		[ -s "$work/item" ] || fail "$page: the command $name is missing"
		for option in $(sed -n 's/^  \(-.,\|   \) --\([a-z-]*\) .*/\2/p' "$work/stdout"); do
			grep -q "Fl Fl $option\( \|\$\)" "$work/item" || fail "$page: --$option of $name is missing"
		done
		for letter in $(sed -n 's/^  -\(.\), --.*/\1/p' "$work/stdout"); do
			grep -q "^\.It Fl $letter ," "$work/item" || fail "$page: -$letter of $name is missing"
		done
	done
}

case_the_page_has_every_action_of_course() {
	gives 0 help course
	sed -n 's/^  \([a-z].*[^ ]\)  \+\([a-z].*\)$/.It Li \1\n\2./p' "$work/stdout" >"$work/rows"
	[ "$(wc -l <"$work/rows")" -gt 40 ] || fail "actions were expected"
	words >"$work/page"
	while IFS= read -r row; do
		grep -qxF "$row" "$work/page" || fail "$page: '$row' is missing"
	done <"$work/rows"
	for name in $(sed -n 's/^\.It Ic course .*/on/; s/^\.It Ic .*/off/; /^on$/,/^off$/s/^\.It Li \([a-z]*\).*/\1/p' "$page"); do
		grep -q "^  $name " "$work/stdout" || fail "$page: course has no action $name"
	done
}

case_the_page_has_nothing_else() {
	environment "$out/kodelab" help >"$work/stdout"
	for name in $(sed -n 's/^\.It Ic \([a-z]*\).*/\1/p' "$page"); do
		grep -q "^  $name " "$work/stdout" || fail "$page: there is no command $name"
	done
}

case_the_page_has_every_setting() {
	gives 0 config --json
	for name in $(sed -n 's/^	"\([a-z0-9._]*\)":.*/\1/p' "$work/stdout"); do
		grep -q "^\.It Cm $name = " "$page" || fail "$page: the setting $name is missing"
	done
	for name in $(sed -n 's/^\.It Cm \([a-z0-9._]*\) = .*/\1/p' "$page"); do
		grep -q "\"$name\":" "$work/stdout" || fail "$page: there is no setting $name"
	done
}

case_the_page_describes_settings_as_the_table_does() {
	gives 0 config
	sed -n 's/^[ *] [a-z0-9._]*  *[^ ]*  *\([A-Z].*\)$/\1/p' "$work/stdout" >"$work/rows"
	[ "$(wc -l <"$work/rows")" -gt 20 ] || fail "settings with a title were expected"
	words >"$work/page"
	while IFS= read -r row; do
		grep -qxF "${row%%. *}." "$work/page" || fail "$page: the title '${row%%. *}' is missing"
		grep -qxF "${row#*. }." "$work/page" || fail "$page: '${row#*. }' is missing"
	done <"$work/rows"
}

case_the_pages_have_no_warnings() {
	command -v mandoc >/dev/null || skip "manual pages: mandoc is not installed"
	for file in "$top"/docs/man/*; do
		mandoc -T lint -W warning "$file" >"$work/stdout" 2>&1
		! grep -v 'referenced manual not found' "$work/stdout" | grep -q . || fail "$file has warnings"
	done
}

# complete WORDS...: what bash offers for the last word
complete() {
	cat >"$work/complete.bash" <<-'EOF'
		PATH=$1:$PATH
		shift
		eval "$(kodelab completion bash)"
		COMP_WORDS=(kodelab "$@")
		COMP_CWORD=$#
		_kodelab
		printf '%s\n' "${COMPREPLY[@]}"
	EOF
	environment bash --norc --noprofile "$work/complete.bash" "$out" "$@" >"$work/stdout" 2>"$work/stderr"
	status=$?
	[ $status -eq 0 ] || fail "bash failed"
	! grep -v 'compopt: not currently executing' "$work/stderr" | grep -q . || fail "bash complained"
}

case_bash_completes() {
	command -v bash >/dev/null || skip "bash completion: bash is not installed"
	complete li
	equals "li" list "$(cat "$work/stdout")"
	complete list --dif
	equals "--dif" --difficulty "$(cat "$work/stdout")"
	complete list -d adv
	equals "-d adv" advanced "$(cat "$work/stdout")"
	complete show welc
	equals "show welc" welcome "$(cat "$work/stdout")"
	complete config editor.t
	equals "config editor.t" editor.tab_width "$(cat "$work/stdout")"
	complete test -l typ
	equals "-l typ" typescript "$(cat "$work/stdout")"
	complete portfolio pu
	equals "portfolio pu" push "$(cat "$work/stdout")"
	complete help compl
	equals "help compl" completion "$(cat "$work/stdout")"
	mkdir "$home/my folder"
	complete check my
	equals "check my" "my folder" "$(cat "$work/stdout")"
}

case_zsh_reads_its_completions() {
	gives 0 completion zsh
	says "#compdef kodelab"
	command -v zsh >/dev/null || skip "zsh completion: zsh is not installed"
	zsh -f -n "$work/stdout" || fail "zsh does not read it"
}

case_fish_reads_its_completions() {
	gives 0 completion fish
	says "complete -c kodelab"
	command -v fish >/dev/null || skip "fish completion: fish is not installed"
	fish --no-execute "$work/stdout" || fail "fish does not read it"
}

case_completion_refuses() {
	refuses 2 "'tcsh' is no shell known here; choose bash, zsh or fish" completion tcsh
	refuses 2 "an argument is missing: kodelab completion SHELL" completion
}
