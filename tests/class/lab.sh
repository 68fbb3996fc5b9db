# The lab and its commands beside each other: assignments, another terminal, what sync says.
. "$top/tests/class/words.sh"

case_a_submit_from_an_assignment_names_it() {
	open_class
	machine teacher
	gives 0 course create Programming
	code=$(awk '/course join/ { print $NF }' "$work/stdout")
	gives 0 course assign Programming "Week 1" lab/add
	machine ada
	log_in ada "$server"
	gives 0 course join "$code"
	gives_loud 0 sync
	solve add 'print(sum(map(int, input().split())))'
	lab submit lab/add # from nowhere
	printf 'wait-idle\nkey C Enter Enter Enter\nwait-for "Two numbers - "\ntype "#"\nkey F9\nwait-for "has judged add"\n' >"$work/keys"
	environment timeout 600 "$out/kodelab" --script "$work/keys" >"$work/stdout" 2>"$work/stderr" </dev/null || fail "the lab did not submit"
	sync_until_quiet 30
	equals "assignments of the works" "-
$(query "$class/data/kodelabd.db" "SELECT course || ' ' || id FROM assignments")" \
		"$(query "$class/data/kodelabd.db" "SELECT CASE WHEN assignment = '' THEN '-' ELSE course || ' ' || assignment END FROM works ORDER BY at_ms")"
	ledger 2
}

# A wrong name is told at once, and what was set can be taken back; a long name moves no column.
case_a_course_is_set_and_listed() {
	open_class
	add_user "maximiliane-of-the-long-name"
	machine teacher
	gives 0 course create Programming
	code=$(awk '/course join/ { print $NF }' "$work/stdout")
	gives 0 course assign Programming "Week 1" lab/add
	says_not "not published"
	gives 0 course assign Programming "Week 2" lab/add lab/ad
	says "lab/ad is not published: until it is, nobody can open it."
	says_not "lab/add is not"
	gives 0 course unassign Programming "week 2"
	says "'Week 2' is not set any more. What was handed in stays."
	gives 0 course show
	says_not "Week 2"
	gives_loud 3 course unassign Programming "Week 2"
	for user in ada maximiliane-of-the-long-name; do
		machine "$user"
		log_in "$user" "$server"
		gives 0 course join "$code"
	done
	machine teacher
	gives 0 grade
	equals "the columns of grade" 1 "$(grep 0.00 "$work/stdout" | sed 's/0\.00.*//' | awk '{ print length }' | sort -u | wc -l)"
	gives 0 course students
	equals "the columns" 1 "$(grep STUDENT "$work/stdout" | sed 's/STUDENT.*//' | awk '{ print length }' | sort -u | wc -l)"
}

# What was written on another machine takes the place of what stood here, and a row of 80 columns has room for what undo does.
case_a_draft_of_another_machine_is_told() {
	open_class
	for name in desk train; do
		machine $name
		log_in ada "$server"
		gives_loud 0 sync # the pack
		save_draft
		gives_loud 0 sync
	done
	machine desk
	gives_loud 0 sync
	printf 'wait-idle\ntype "# at the desk "\nkey C-s\nwait-idle\n' >"$work/keys"
	environment timeout 600 "$out/kodelab" --script "$work/keys" lab/add python >"$work/stdout" 2>"$work/stderr" </dev/null || fail "nothing was typed"
	gives_loud 0 sync
	machine train
	printf 'wait-for "add is as you left it elsewhere; undo brings yours back."\nexpect "# at the desk"\n' >"$work/keys"
	environment timeout 600 "$out/kodelab" --script "$work/keys" lab/add python >"$work/stdout" 2>"$work/stderr" </dev/null ||
		{ cat "$work/stdout"; fail "it was not told"; }
}

until_saved() { # text: the open lab has come that far
	until grep -qF -- "$1" "$home/kodelab/lab/add/solution.py" 2>/dev/null; do
		kill -0 "$lab_pid" 2>/dev/null || { cat "$work/lab"; fail "the lab has ended"; }
	done
}

# An open lab follows what another terminal does: login, a course that is joined, logout.
case_an_open_lab_follows_another_terminal() {
	open_class
	machine teacher
	gives 0 course create Programming
	code=$(awk '/course join/ { print $NF }' "$work/stdout")
	machine ada
	log_in ada "$server"
	gives_loud 0 sync # the pack
	gives 0 logout
	cat >"$work/keys" <<-'KEYS'
		wait-idle
		type "#1"
		key C-s
		wait-for "You are ada at 'school' now."
		key C-Home
		type "#2"
		key C-s
		key M-x
		type "courses"
		key Enter
		wait-for "Programming"
		key Esc
		wait-idle
		type "#3"
		key C-s
		wait-for "You are logged out of the class server."
	KEYS
	environment timeout 600 "$out/kodelab" --script "$work/keys" lab/add python >"$work/lab" 2>&1 </dev/null &
	lab_pid=$!
	ends_with_case $lab_pid
	until_saved '#1'
	log_in ada "$server"
	until_saved '#2'
	gives 0 course join "$code"
	until_saved '#3'
	gives 0 logout
	wait "$lab_pid" || { cat "$work/lab"; fail "the lab did not follow"; }
}

on_a_terminal() { # arguments of kodelab: what a terminal gets of it is in $work/stdout
	environment python3 -c 'import os, pty, sys
got = b""
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
try:
    while data := os.read(fd, 4096):
        got += data
except OSError:
    pass
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(got)
sys.exit(os.waitstatus_to_exitcode(status))' "$out/kodelab" "$@" >"$work/stdout" 2>"$work/stderr" </dev/null
	status=$?
}

# How far it is stands on a terminal, and is gone at the end; a pipe gets nothing of it.
case_sync_draws_how_far_it_is_on_a_terminal_alone() {
	open_class
	machine ada
	log_in ada "$server"
	on_a_terminal sync
	equals status 0 "$status"
	says "Asking what is new ..."
	says "Pack 1 of 1 [####################]"
	tail -c 40 "$work/stdout" | grep -q 'New from there: ' || fail "the last words are not the result's"
	solve add 'print(1)'
	lab submit lab/add
	on_a_terminal sync
	says "Sending ["
	says " of 2"
	solve add 'print(2)'
	lab submit lab/add
	gives 0 sync # and not a word on standard error
	says_not "Sending"
	sync_until_quiet 30
	ledger 2
}

# What the server does not take for good: why, in the history and for programs.
case_history_says_why_it_was_not_taken() {
	open_class
	machine ada
	log_in ada "$server"
	gives_loud 0 sync
	solve add 'print(1)'
	lab submit lab/add
	query_change "$home/.local/share/kodelab/lab.db" "UPDATE outbox SET hash = '$(printf '%064d' 0)', body = json_set(body, '\$.code_sha256', '$(printf '%064d' 0)') WHERE kind = 'submission'"
	lab sync --json
	json '[row["message"] for row in d["refusals"]] == ["'"'"'hash'"'"' is not the SHA-256 of the code: send it again"]'
	gives 0 history
	says "not taken by the class: 'hash' is not the SHA-256 of the code: send it again"
	gives 0 history --json
	json 'd[0]["refusal"].startswith("'"'"'hash'"'"' is not")'
}
