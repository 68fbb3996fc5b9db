# For authors: new, check, import.

case_new_and_check() {
	for kind in function program; do
		gives 0 new "my-$kind" --kind $kind --title "My $kind" --pack "$work/pack"
		says "Made $work/pack/my-$kind. Edit its files, then: kodelab check $work/pack/my-$kind"
	done
	gives 0 check "$work/pack" -l python
	says "proved  my-function/solution/python.py"
	says "proved  my-program/starter/python.py"
	says " 0 errors, "
	gives 0 check "$work/pack/my-program" -l python --json
	json 'd["errors"] == 0 and d["proved"] >= 2 and d["proofs"][0]["state"] == "proved"'
	gives 0 check --fast "$work/pack"
	says "0 proved, 0 errors, "
}

case_new_finds_its_pack() {
	own=$home/.local/share/kodelab/packs/own
	gives 0 new riddle
	says "Made $own/riddle. Edit its files, then: kodelab check $own/riddle"
	says "To solve it: kodelab edit own/riddle"
	gives 0 check "$own/riddle" -l python
	gives 1 test own/riddle -l python
	gives 0 show own/1
	says "# Riddle"
	gives 0 show 1
	says "# Welcome aboard"
	mkdir "$work/pack"
	cd "$work/pack"
	gives 0 new one -p .
	says "The lab opens packs in $home/.local/share/kodelab/packs: put this one there to solve it."
	gives 0 new two
	says "Made ./two."
	has_file "$work/pack/two/challenge.json"
}

case_new_refuses() {
	gives 0 new two-sum -p "$work/pack"
	cp "$work/pack/pack.json" "$work/before"
	gives 2 new two-sum -p "$work/pack"
	warns "two-sum"
	gives 2 new 'Two Sum' -p "$work/pack"
	gives 2 new ../escape -p "$work/pack"
	refuses 2 "'riddle' is no kind; choose function or program" new x -k riddle
	cmp -s "$work/before" "$work/pack/pack.json" || fail "pack.json was changed"
	[ ! -e "$work/escape" ] || fail "a folder was made outside the pack"
}

case_check_finds_mistakes() {
	gives 0 new one -p "$work/pack"
	cp "$work/pack/one/solution/python.py" "$work/right"
	cp "$work/pack/one/starter/python.py" "$work/pack/one/solution/python.py"
	gives 1 check "$work/pack/one" -l python
	says "one/solution/python.py: error: fails test '"
	says "0 skipped"
	cp "$work/right" "$work/pack/one/solution/python.py"
	cp "$work/right" "$work/pack/one/starter/python.py"
	gives 1 check "$work/pack/one" -l python
	says "the starter passes all tests; it has to fail at least one"
	printf '{ "tests": [\n  {"id": "a", "oops": 1} ] }\n' >"$work/pack/one/tests.json"
	gives 1 check --fast "$work/pack"
	grep -q 'one/tests.json:2: error: ' "$work/stdout" || fail "the place of the mistake was expected"
	gives 1 check --fast "$work/pack" --json
	json 'd["errors"] >= 1 and d["findings"][0]["file"] == "one/tests.json" and d["findings"][0]["line"] == 2'
}

case_check_refuses() {
	refuses 3 "'nowhere' is neither a pack (pack.json) nor a challenge (challenge.json)" check nowhere
	refuses 2 "there is no language 'klingon'; 'kodelab doctor' lists them" check "$top/challenges/starter" -l klingon
}

case_check_without_tools() {
	gives 0 new one -p "$work/pack"
	mkdir "$work/empty"
	extra="KL_TOOLS_PATH=$work/empty"
	gives 0 check "$work/pack"
	says "skipped one/solution/python.py: needs python3: sudo apt install python3"
	says "0 proved, 0 errors, "
}

make_folder() {
	mkdir -p "$work/sums/secret"
	for pair in 'sample1 1 2 3' '1 2 2 4' 'secret/big 20 22 42'; do
		# shellcheck disable=SC2086 # words
		set -- $pair
		echo "$2 $3" >"$work/sums/$1.in"
		echo "$4" >"$work/sums/$1.ans"
	done
	echo alone >"$work/sums/alone.in"
	echo 'touch "$HOME/executed"' >"$work/sums/run.sh"
	chmod +x "$work/sums/run.sh"
}

case_import() {
	make_folder
	gives 0 import --dry-run "$work/sums"
	says "Would take 3 tests, 1 of them sample"
	[ ! -e "$home/.local/share/kodelab/packs" ] || fail "a dry run wrote something"
	gives 0 import "$work/sums" --title 'Sums of two'
	says "Took 3 tests, 1 of them sample"
	says "left    alone.in ("
	gives 0 list
	says "Sums of two"
	mkdir -p "$home/kodelab/own/sums"
	echo 'print(sum(map(int, input().split())))' >"$home/kodelab/own/sums/solution.py"
	gives 0 submit sums -l python
	says "3 of 3 passed"
	rm "$work/sums/1.in" "$work/sums/1.ans"
	gives 0 import "$work/sums" --json
	json 'd["updated"] and d["tests"] == 2 and d["removed"] == ["1"] and any(i.get("reason") for i in d["items"])'
	gives 0 list -s solved --json
	json '[c["slug"] for c in d] == ["sums"]'
	[ ! -e "$home/executed" ] || fail "something was executed"
}

case_import_refuses() {
	wants="name a folder with pairs like 1.in and 1.ans, or a file that kodelab export wrote"
	refuses 3 "there is nothing at '$work/nowhere': $wants" import "$work/nowhere"
	mkdir "$work/empty"
	refuses 2 "there are no pairs of .in and .ans (or .out) files in '$work/empty'" import "$work/empty"
	head -c 3000 /dev/urandom >"$work/noise"
	refuses 2 "'$work/noise' is neither of what can be imported: $wants" import "$work/noise"
	mkfifo "$work/pipe"
	refuses 2 "'$work/pipe' is neither of what can be imported: $wants" import "$work/pipe"
	make_folder
	gives 2 import "$work/sums" --slug '../x'
	warns "a challenge is named by a slug like 'two-sum', not '../x'"
	gives 0 import "$work/sums" -p "$work/pack" --slug sums
	says "$work/pack/sums"
}

case_import_hostile_names() {
	mkdir "$work/bad"
	name=$(printf 'a\033[31m')
	echo 1 >"$work/bad/$name.in"
	echo 1 >"$work/bad/$name.ans"
	echo 1 >"$work/bad/b.in"
	echo 1 >"$work/bad/b.ans"
	ln -s /etc/passwd "$work/bad/c.in"
	ln -s /etc/passwd "$work/bad/c.ans"
	gives 0 import -n "$work/bad" --slug bad
	! grep -q "$(printf '\033')" "$work/stdout" || fail "a control character reached the output"
	says_not "c.in ->"
}
