# Solving: edit, test, run, submit, history, reset.

wrong_welcome() { # the starter has the mistake
	gives 0 edit -p welcome -l python
}

case_edit_path() {
	gives 0 edit -p welcome
	equals path "$home/kodelab/starter/welcome/solution.py" "$(cat "$work/stdout")"
	has_file "$home/kodelab/starter/welcome/solution.py"
	echo '# mine' >>"$home/kodelab/starter/welcome/solution.py"
	gives 0 edit -p welcome
	grep -q '# mine' "$home/kodelab/starter/welcome/solution.py" || fail "the file was overwritten"
	gives 0 edit -p -l c welcome
	equals path "$home/kodelab/starter/welcome/solution.c" "$(cat "$work/stdout")"
	refuses 2 "there is no language 'klingon'; 'kodelab doctor' lists them" edit -p welcome -l klingon
	refuses 2 "'welcome' cannot be solved in SQL; 'kodelab show welcome' names its languages" edit -p welcome -l sql
	refuses 2 "'welcome' cannot be solved in SQL; 'kodelab show welcome' names its languages" edit welcome -l sql
}

case_edit_elsewhere() {
	printf '#!/bin/sh\nprintf "%%s\\n" "$@" >"$HOME/edited"\n' >"$home/editor"
	chmod +x "$home/editor"
	extra="EDITOR=$home/editor"
	gives 0 edit -e welcome
	equals arguments "$home/kodelab/starter/welcome/solution.py" "$(cat "$home/edited")"
	gives 0 config editor.program "$home/editor --wait"
	gives 0 edit -e welcome
	equals "first argument" --wait "$(head -n 1 "$home/edited")"
	gives 0 config editor.program "$home/nothing"
	lab edit -e welcome
	equals status 127 "$status"
}

case_test_fails_and_says_why() {
	wrong_welcome
	gives 1 test welcome
	says "FAIL  some seats are taken: wrong answer"
	says "input     seats = 40"
	says "expected  28"
	says "yours     52"
	says "0 of 3 passed, score 0, "
	says_not "(hidden)"
}

case_test_passes() {
	solve_welcome
	gives 0 test welcome
	says "3 of 3 passed, score 100, "
	gives 0 test welcome --json
	json 'd["verdict"] == "passed" and d["passed"] == d["total"] == 3 and d["slug"] == "welcome" and d["attempt"] and not d["solved"]'
	gives 0 history --json
	json 'len(d) == 2 and all(a["kind"] == "run" for a in d)'
	gives 0 test welcome -t "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["tests"][0]["id"])' \
		"$top/challenges/starter/welcome/tests.json")"
	says "1 of 1 passed"
	refuses 2 "there is no test 'nope'" test welcome --test nope
}

case_test_a_file() {
	cp "$top/challenges/starter/welcome/solution/python.py" "$work/other.py"
	gives 0 test welcome -f "$work/other.py"
	[ ! -e "$home/kodelab/starter/welcome" ] || fail "the work folder was touched"
	cp "$top/challenges/starter/welcome/solution/c.c" "$work/other.c"
	gives 0 test welcome -f "$work/other.c" --json
	json 'd["language"] == "c"'
	lab test welcome -f "$work/absent.py"
	equals status 3 "$status"
	warns "absent.py': No such file or directory"
}

case_test_a_syntax_error() {
	wrong_welcome
	echo 'def (' >"$home/kodelab/starter/welcome/solution.py"
	gives 1 test welcome
	says "SyntaxError"
	says "It does not compile."
	equals "said once" 1 "$(grep -c SyntaxError "$work/stdout")"
	gives 1 submit welcome --json
	json 'd["compile"] == "failed" and d["verdict"] == "compile_error" and "line 1" in d["messages"]'
	echo 'int seats_left(int seats, int taken) { return x; }' >"$work/bad.c"
	gives 1 test welcome -f "$work/bad.c"
	says "error: "
	says "It does not compile."
	gives 1 test welcome -f "$work/bad.c" --json
	json 'd["compile"] == "failed" and "error" in d["messages"]'
}

case_missing_toolchain() {
	solve_welcome
	mkdir "$work/empty"
	extra="KL_TOOLS_PATH=$work/empty"
	refuses 3 "Python needs python3: sudo apt install python3" test welcome -l python
	refuses 3 "Python needs python3: sudo apt install python3" submit welcome -l python
	gives 3 submit welcome -l python --json
	json 'd["error"]["code"] == "a needed program is missing"'
	lab doctor
	says "needs python3: sudo apt install python3"
	gives 0 history
	says "No attempts yet."
}

case_submit() {
	wrong_welcome
	gives 1 submit welcome
	says "ok    nobody on board (hidden)"
	says "2 of 9 passed, score 22, "
	says_not "Solved!"
	solve_welcome
	gives 0 submit welcome
	says "9 of 9 passed, score 100, "
	says "Solved!"
	says "Committed to your portfolio ("
	gives 0 submit welcome --json
	json 'd["passed"] == 9 and not d["solved"] and len(d["commit"]) == 40 and d["attempt"]'
	gives 0 list -s solved --json
	json '[c["slug"] for c in d] == ["welcome"]'
	gives 0 history welcome --json
	json '[a["verdict"] for a in d] == ["passed", "passed", "wrong_answer"] and all(a["kind"] == "submit" for a in d)'
}

case_submit_without_portfolio() {
	gives 0 config portfolio.enabled no
	solve_welcome
	gives 0 submit welcome
	says "Solved!"
	says_not "Committed"
	[ ! -e "$home/kodelab-portfolio" ] || fail "a portfolio was made"
}

case_hidden_expectations_stay_hidden() {
	wrong_welcome
	for json in '' --json; do
		# shellcheck disable=SC2086 # one word or none
		gives 1 submit welcome $json
		says_not 1000000000
	done
}

case_run_a_file() {
	printf 'import sys\nprint("got", sys.stdin.read().strip())\nsys.stderr.write("aside\\n")\n' >"$home/a.py"
	printf 'text\n' >"$work/in"
	stdin=$work/in loud=1
	gives 0 run a.py
	equals output "got text" "$(cat "$work/stdout")"
	equals "error output" aside "$(cat "$work/stderr")"
	stdin=/dev/null
	gives 0 run a.py --input "$work/in"
	equals output "got text" "$(cat "$work/stdout")"
	cp "$home/a.py" "$home/plain"
	gives 0 run plain -l python
	equals output got "$(tr -d ' ' <"$work/stdout")"
	refuses 3 "there is no file 'b.py'" run b.py
	refuses 2 "'plain' does not say its language by its suffix: name it with --language" run plain
	refuses 3 "name a file or a challenge to run" run
	refuses 2 "there is no language 'klingon'; 'kodelab doctor' lists them" run a.py -l klingon
	lab run a.py -i "$work/none"
	equals status 3 "$status"
}

case_run_ends_badly() {
	printf 'import sys\nsys.exit(3)\n' >"$home/a.py"
	gives 1 run a.py
	warns "kodelab: exit code 3"
	printf 'while True:\n    pass\n' >"$home/b.py"
	gives 1 run b.py
	grep -q 'time limit' "$work/stderr" || warns 'stopped after' # where others have the processors
	printf 'int main(void) { return x; }\n' >"$home/c.c"
	gives 1 run c.c
	says "It does not compile."
	gives 1 run c.c --json
	json 'd["compile"] == "failed"'
}

case_run_bytes() {
	printf 'import sys\nsys.stdout.buffer.write(b"\\x1b[31m\\xff\\x00z\\n")\n' >"$home/a.py"
	gives 0 run a.py
	equals bytes "1b5b33316dff007a0a" "$(od -An -tx1 "$work/stdout" | tr -d ' \n')"
	gives 0 run a.py --json
	json '"\x1b[31m" in d["tests"][0]["out"]'
	! grep -q "$(printf '\033')" "$work/stdout" || fail "a control character reached the output"
}

case_run_with_arguments() {
	printf 'import sys\nprint(sys.argv[1:])\n' >"$home/a.py"
	gives 0 run a.py one 'two words' '$(three)' -- --four -l
	says "['one', 'two words', '\$(three)', '--four', '-l']"
	gives 2 run a.py --four
}

case_run_every_language_that_is_here() {
	printf 'print("hello")\n' >"$home/a.py"
	printf '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n' >"$home/b.c"
	printf '#include <iostream>\nint main() { std::cout << "hello\\n"; }\n' >"$home/c.cpp"
	printf 'console.log("hello");\n' >"$home/d.js"
	printf 'echo hello\n' >"$home/e.sh"
	printf 'puts "hello"\n' >"$home/f.rb"
	printf "SELECT 'hello';\n" >"$home/g.sql"
	for file in a.py b.c c.cpp d.js e.sh f.rb g.sql; do
		lab run "$file"
		if [ "$status" -eq 3 ] && grep -q ' needs ' "$work/stderr"; then
			echo "skipped running $file: $(cat "$work/stderr")"
			continue
		fi
		[ "$status" -eq 0 ] || fail "kodelab run $file: status 0 was expected"
		equals "output of $file" hello "$(cat "$work/stdout")"
	done
}

case_history() {
	gives 0 history
	says "No attempts yet."
	gives 0 history --json
	json 'd == []'
	wrong_welcome
	gives 1 submit welcome
	gives 0 history
	says "submit    2 of 9    wrong answer         python      starter/welcome"
	id=$(cut -d' ' -f1 "$work/stdout")
	gives 0 history -c "$id"
	cmp -s "$work/stdout" "$home/kodelab/starter/welcome/solution.py" || fail "the code of the attempt differs"
	gives 0 history -c "$id" --json
	json '"def seats_left" in d["code"] and d["verdict"] == "wrong_answer"'
	gives 0 history platform-call
	says "No attempts yet."
	refuses 2 "--max wants a number from 1 to 1000, not '0'" history -n 0
	refuses 2 "--max wants a number from 1 to 1000, not '5x'" history -n 5x
	gives 3 history -c 00000000-0000-7000-8000-000000000000
	gives 3 history -c "'; DROP TABLE attempts; --"
	gives 1 submit welcome
	gives 0 history -n 1
	equals rows 1 "$(wc -l <"$work/stdout")"
}

case_reset() {
	gives 0 reset welcome
	file=$home/kodelab/starter/welcome/solution.py
	equals answer "$file is the starter again." "$(cat "$work/stdout")"
	cp "$file" "$work/starter"
	echo first >"$file"
	gives 0 reset welcome
	says "Your text is in $file.old"
	cmp -s "$work/starter" "$file" || fail "not the starter"
	equals old first "$(cat "$file.old")"
	echo second >"$file"
	gives 0 reset welcome
	equals "second old" second "$(cat "$file.old2")"
	equals old first "$(cat "$file.old")"
	solve_welcome
	gives 0 submit welcome
	gives 0 reset welcome --progress
	says "The progress of starter/welcome is forgotten"
	gives 0 stats --json
	json 'd["completed"] == 0'
	gives 0 history --json
	json 'len(d) == 1'
	refuses 2 "there is no language 'klingon'; 'kodelab doctor' lists them" reset welcome -l klingon
}

case_watch() { # the second run comes from the file's change; a shell's background jobs ignore SIGINT, SIGTERM does the same
	wrong_welcome
	gives 0 config watch.interval_ms 50
	mkfifo "$work/seen"
	environment sh -c 'echo $$ >"$0"; exec "$@"' "$work/pid" "$out/kodelab" test welcome --watch >"$work/seen" 2>"$work/stderr" &
	job=$!
	runs=0
	while IFS= read -r line; do
		case $line in
		Watching*)
			runs=$((runs + 1))
			[ $runs -eq 1 ] && cp "$top/challenges/starter/welcome/solution/python.py" "$home/kodelab/starter/welcome/solution.py"
			[ $runs -eq 2 ] && kill -TERM "$(cat "$work/pid")"
			;;
		"3 of 3 passed"*) good=1 ;;
		esac
	done <"$work/seen"
	wait $job
	status=$?
	: >"$work/stdout"
	equals runs 2 "$runs"
	equals "passed after the change" 1 "${good:-0}"
	equals status 130 "$status"
}

# The lab, opened on a challenge; it stays open when the steps are done, waiting for what never comes.
begin_lab() { # steps, as of a script
	printf '%s\nwait-idle\ndump\ntimeout 100\nwait-for never\n' "$1" >"$work/lab.script"
	mkfifo "$work/screen"
	exec 8<>"$work/screen"
	{
		environment sh -c 'echo $$ >"$0"; exec "$@"' "$work/lab.pid" "$out/kodelab" --script "$work/lab.script" welcome python \
			>&8 2>"$work/lab.log" </dev/null
		echo "the lab ended" >&8
	} &
	read -r line <&8
	[ "$line" != "the lab ended" ] || fail "the lab ended: $(cat "$work/lab.log")"
}

kill_lab() {
	kill -KILL "$(cat "$work/lab.pid")"
	wait
	exec 8>&-
	rm "$work/screen"
}

case_judging_beside_an_open_lab() {
	file=$home/kodelab/starter/welcome/solution.py
	begin_lab 'wait-idle
key C-f
type "seats + taken"
key Enter
type "seats - taken"'
	! grep -q 'seats - taken' "$file" || fail "the lab has saved the file already"
	loud=1
	gives 0 test welcome
	warns "kodelab: this takes what you typed in the lab: it is newer than '$file'"
	gives 0 submit welcome
	warns "this takes what you typed in the lab"
	says "Solved!"
	gives 0 test welcome --json
	json 'd["typed"] is True'
	cp "$file" "$work/saved.py"
	gives 1 test welcome -f "$work/saved.py"
	kill_lab
	gives 0 test welcome
	warns "this takes what you typed in the lab"
	printf 'wait-idle\nkey C-q\nwait-quit\n' >"$work/leave.script"
	gives 0 --script "$work/leave.script" welcome python
	grep -q 'seats - taken' "$file" || fail "the lab did not save the file at its end"
	loud=
	gives 0 test welcome
	gives 0 test welcome --json
	json 'd["typed"] is False'
}

case_running_beside_an_open_lab() {
	gives 0 edit -p welcome -l python
	file=$home/kodelab/starter/welcome/solution.py
	begin_lab 'wait-idle
key C-Home
type "print(6 * 7)\n"'
	loud=1
	lab run "$file"
	grep -q '^42$' "$work/stdout" || fail "what was typed was not run"
	warns "kodelab: this takes what you typed in the lab: it is newer than '$file'"
	kill_lab
}
