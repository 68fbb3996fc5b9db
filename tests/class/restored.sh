# The class server is restored from a backup that lacks what labs have receipts for.
. "$top/tests/class/words.sh"

kodelabd() { # arguments: its own commands, with the class's configuration
	environment "$out/kodelabd" --config "$class/conf" "$@" >"$work/stdout" 2>"$work/stderr" </dev/null ||
		fail "kodelabd $*"
}

put_back() { # file: the backup takes the place of the database; what was there is kept as $before
	end_class
	kodelabd restore "$1"
	before=$(sed -n 's/^what was there before is kept: //p' "$work/stdout")
	serve
}

# What it lacks comes again, with the time at which it was first received; what it has does not.
case_restore_loses_nothing_that_a_lab_has() {
	open_class
	machine ada
	log_in ada "$server"
	gives_loud 0 sync
	solve add 'print(1)'
	lab submit lab/add
	sync_until_quiet 30
	kodelabd backup "$work/copy.db"
	solve add 'print(2)'
	save_draft
	lab submit lab/add
	sync_until_quiet 30
	ledger 2
	put_back "$work/copy.db"
	equals "works in the backup" 1 "$(query "$class/data/kodelabd.db" "SELECT COUNT(*) FROM works")"
	sync_until_quiet 30
	ledger 2
	for column in id received_ms at_ms; do
		equals "the works' $column" "$(query "$before" "SELECT $column FROM works ORDER BY id")" \
			"$(query "$class/data/kodelabd.db" "SELECT $column FROM works ORDER BY id")"
	done
	equals "the draft there" "$(printf 'print(2)\n.')" "$(query "$class/data/kodelabd.db" "SELECT code || '.' FROM user_drafts")"
	equals "the draft here" 'print(2)' "$(cat "$home/kodelab/lab/add/solution.py")"
	gives 0 sync --json # once
	json 'd["sent"] == 0'
}

# Courses and packs of after the backup are not there any more, neither here nor there; those of before are.
case_restore_takes_back_what_was_announced_since() {
	open_class
	machine teacher
	gives 0 course create Kept
	kept=$(awk '/course join/ { print $NF }' "$work/stdout")
	kodelabd backup "$work/copy.db"
	gives 0 course create Lost
	lost=$(awk '/course join/ { print $NF }' "$work/stdout")
	cp -r "$top/tests/script/pack" "$work/second"
	sed -i 's/"id": *"[^"]*"/"id": "second"/' "$work/second/pack.json"
	gives_loud 0 publish --yes --everybody --fast "$work/second"
	machine ada
	log_in ada "$server"
	gives 0 course join "$lost"
	gives_loud 0 sync
	mkdir -p kodelab/second/add
	echo 'print(1)' >kodelab/second/add/solution.py
	lab submit second/add
	equals "packs" "lab second" "$(echo $(query "$home/.local/share/kodelab/lab.db" "SELECT id FROM class_packs ORDER BY id"))"
	equals "courses" Lost "$(titles)"
	sync_until_quiet 30
	put_back "$work/copy.db"
	refuses 5 "your login to 'school' has ended: kodelab login" sync # it is of after the backup
	log_in ada "$server"
	gives 0 course join "$kept"
	gives_loud 0 sync
	equals "packs" lab "$(query "$home/.local/share/kodelab/lab.db" "SELECT id FROM class_packs")"
	equals "courses" Kept "$(titles)"
	machine teacher # publishes it again: the work for it was waiting
	gives_loud 0 publish --yes --everybody --fast "$work/second"
	machine ada
	sync_until_quiet 30
	ledger 1
}

titles() { # of the courses that the lab shows
	query "$home/.local/share/kodelab/lab.db" "SELECT body FROM class_courses" |
		python3 -c 'import json, sys
print(*sorted(json.loads(line)["title"] for line in sys.stdin))'
}
