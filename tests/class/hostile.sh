# Labs of a class server that means harm: whatever it says in whatever field, the terminal obeys none of it.
. "$top/tests/class/words.sh"

mode() { # line for tests/class/hostile.py
	echo "$1" >"$work/mode"
}

# $hostile is its address; the real server is behind it.
harm() {
	mode "$1"
	mkfifo "$work/relayed"
	python3 "$top/tests/class/hostile.py" serve "$port" "$work/mode" >"$work/relayed" &
	ends_with_case $!
	read -r hostile_port <"$work/relayed"
	hostile=http://127.0.0.1:$hostile_port
}

# `harmless` looks at all of what was heard.
heard() { # arguments of kodelab
	lab "$@"
	heard=$((${heard:-0} + 1))
	cat "$work/stdout" "$work/stderr" >"$work/heard.$heard"
}

# It says so, in a form that no terminal obeys.
shown() { # arguments of kodelab
	heard "$@"
	case " $* " in
	*" --json "*) mark='u001b]52;c;' ;;
	*) mark='^[]52;c;' ;;
	esac
	grep -qF "$mark" "$work/heard.$heard" || fail "kodelab $*: the corpus was expected"
}

harmless() {
	python3 "$top/tests/class/hostile.py" check "$work"/heard.* >"$work/found" 2>&1 || fail "$(cat "$work/found")"
}

# ada's lab of a hostile server, with a course in which something was handed in.
hostile_class() {
	open_class
	machine teacher
	gives 0 course create "Programming I"
	code=$(sed -n 's/^Students join it with: kodelab course join //p' "$work/stdout")
	echo "Read *this*." >"$work/words.md"
	gives 0 course assign "Programming I" "Week 1" lab/add=20 --due "2030-01-15 22:00" --instructions "$work/words.md"
	machine ada
	log_in ada "$server"
	gives 0 course join "$code"
	gives_loud 0 sync
	machine teacher
	gives 0 course team "Programming I" Red ada
	machine ada
	solve add 'print(1)'
	lab submit lab/add
	sync_until_quiet 60
	harm texts
}

enter_hostile() { # user
	echo "password-of-$1" >"$work/password"
	stdin=$work/password
	shown login --password --user "$1" --name evil "$hostile"
	stdin=/dev/null
}

turn_hostile() { # its lab goes to the hostile one from now on
	query_change "$home/.local/share/kodelab/lab.db" "UPDATE class_servers SET addresses = '$hostile'"
}

screens() { # keys, words: lists in JSON
	environment env TERM=xterm-256color timeout 600 python3 "$top/tests/class/hostile.py" screens "$1" "$2" "$out/kodelab" \
		>"$work/stdout" 2>"$work/stderr" || fail "keys $1"
}

every_command() {
	for form in "" --json; do
		# shellcheck disable=SC2086 # one word, or none
		for words in "course" "course show" "course leaderboard" "course teams" "$@"; do
			shown $words $form
		done
	done
}

case_i02_a_hostile_server_on_the_command_line() {
	hostile_class
	machine stranger
	enter_hostile ada
	shown whoami
	shown whoami --json
	shown whoami --all
	machine ada
	turn_hostile
	lab sync
	every_command
	mode unwanted # the words of a refusal, in the history for ever
	solve add 'print(3)'
	lab submit lab/add
	shown sync
	shown history
	shown history --json
	mode texts
	machine teacher
	turn_hostile
	every_command "course students" "course activity" "course challenges" "course challenges lab/add" "grade"
	shown grade --csv
	mode "texts role slug pack code state"
	every_command "course students" "course activity" "course challenges" "course challenges lab/add" "grade"
	mode refuse
	for words in "course" "course join K7M2-QX0B" "grade" "sync" "login --name other $hostile"; do
		# shellcheck disable=SC2086 # words
		shown $words
	done
	shown course --json
	mode bytes
	refuses 4 "what answered is no class server (HTTP 200): look at the address, or at the proxy in between" course
	for words in "course --json" "grade --json" sync "sync --json"; do
		# shellcheck disable=SC2086 # words
		lab $words
		cat "$work/stdout" "$work/stderr" >"$work/heard.bytes.$words"
	done
	harmless
}

# A pack whose texts are such, taken up: what commands print of it.
case_i02_a_hostile_pack_on_the_command_line() {
	machine ada
	python3 "$top/tests/class/hostile.py" pack "$home/.local/share/kodelab/packs/evil" "$top/tests/script/pack"
	for form in "" --json; do
		for words in "list --pack evil" "show evil/harm" "hint evil/harm" "check --fast $home/.local/share/kodelab/packs/evil"; do
			# shellcheck disable=SC2086 # words, and one or none
			heard $words $form
		done
	done
	mkdir -p "$home/kodelab/evil/harm"
	echo 'print(1)' >"$home/kodelab/evil/harm/solution.py"
	heard test evil/harm
	heard submit evil/harm
	grep -qF '^[]52;c;' "$work/heard.2" || fail "kodelab show: the corpus was expected"
	harmless
}

# What is told while one waits for a browser, and in place of the session.
case_i02_a_hostile_code_of_a_terminal() {
	open_class
	machine stranger
	harm texts
	shown login --name evil "$hostile"
	equals status 5 "$status"
	warns "This waits until you have (C-c gives up)."
	harmless
}

# The same on its screens: every byte that reaches the terminal.
case_i02_a_hostile_server_on_the_screens() {
	hostile_class
	machine lap
	enter_hostile ada
	gives_loud 0 sync
	screens '["C", "\r", "\r", "\u001b", "\u001b", "L"]' '["^[", "^[", "^[", "^[", "^[", "0.00"]'
	machine ada # what its verdict says of the tests
	turn_hostile
	solve add 'print(4)'
	lab submit lab/add
	end=$(($(date +%s) + 60))
	until [ -n "$(query "$home/.local/share/kodelab/lab.db" "SELECT 1 FROM attempts WHERE report LIKE '%owned%'")" ]; do
		[ "$(date +%s)" -lt "$end" ] || fail "no verdict in 60 seconds"
		lab sync
	done
	screens '["h", "\r"]' '["submit", "<U+FEFF>"]'
	machine desk
	enter_hostile teacher
	gives_loud 0 sync
	screens '["W", "\u001b", "G"]' '["add: ", "]2;KodeLab", "0.00"]'
}
