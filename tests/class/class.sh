# Labs and their class server, with and without faults in between.
. "$top/tests/class/words.sh"

case_a_class_from_login_to_verdict() {
	open_class
	machine ada
	log_in ada "$server"
	gives 0 whoami
	says "ada at KodeLab class"
	lab whoami --json
	json "d['addresses'] == ['$server']"
	gives_loud 0 sync
	says "New from there: 1."
	solve add 'print(sum(map(int, input().split())))'
	lab submit lab/add
	says "Handed in; this is provisional."
	gives 0 history
	says "provisional, waiting"
	sync_until_quiet 30
	gives 0 history
	says "judged by the class"
	ledger 1
	gives 0 sync
	says "All is in step with the class server."
	machine teacher
	log_in teacher "$server"
	gives 0 course challenges
	says "     1       0          1     0%  lab/add  Two numbers"
	gives 0 course challenges lab/add
	says "0 of 1 who tried it solved it (0%); 0 of 1 submissions passed (0%)."
	says "     1 of 1       runtime error"
	machine ada
	gives 0 logout
	refuses 5 "you are logged out of 'school': kodelab login" whoami
}

# What is submitted before the first sync is not called solved: the class may have the pack, and judge it.
case_a_submit_before_the_first_sync_is_provisional() {
	open_class
	machine ada
	log_in ada "$server"
	mkdir -p "$home/.local/share/kodelab/packs"
	cp -R "$top/tests/script/pack" "$home/.local/share/kodelab/packs/lab"
	mkdir -p "$home/kodelab/lab/add"
	cp "$top/tests/script/pack/add/solution/python.py" "$home/kodelab/lab/add/solution.py"
	gives 0 submit lab/add
	says "This is provisional: whether your class judges it is known after the first 'kodelab sync'."
	! grep -q Solved "$work/stdout" || fail "it is not known to be solved"
	gives 0 submit lab/add --json
	json 'd["provisional"] is True'
	gives_loud 0 sync
	sync_until_quiet 60
	gives 0 submit lab/add
	says "Handed in; this is provisional. The class server judges it: kodelab sync"
}

# Nobody is there: what is done waits with its own time, and nothing is called received.
case_n01_offline_work_arrives_later_in_its_order() {
	open_class
	machine ada
	log_in ada "$server"
	gives_loud 0 sync
	end_class
	for text in 'print(1)' 'print(2)' 'print(3)'; do
		solve add "$text"
		lab submit lab/add
		[ "$status" -ne 3 ] || fail "a submit needs no server"
	done
	lab sync
	equals status 4 "$status"
	warns "; what waits here ($(query "$home/.local/share/kodelab/lab.db" "SELECT count(*) FROM outbox")) is sent later"
	gives 0 history --json
	json 'all(row["class"] == "provisional, waiting" for row in d) and len(d) == 3'
	serve
	sync_until_quiet 30
	ledger 3
	equals "order of arrival" "$(query "$home/.local/share/kodelab/lab.db" "SELECT id FROM attempts ORDER BY at_ms, id")" \
		"$(query "$class/data/kodelabd.db" "SELECT id FROM intake WHERE kind = 'submission' ORDER BY serial")"
	equals "their times" "$(query "$home/.local/share/kodelab/lab.db" "SELECT at_ms FROM attempts ORDER BY id")" \
		"$(query "$class/data/kodelabd.db" "SELECT at_ms FROM works ORDER BY id")"
}

# Answers are lost, requests come twice, the line is cut: one row each, and a receipt for all.
case_r04_n07_nothing_is_lost_and_nothing_is_there_twice() {
	open_class
	machine ada
	log_in ada "$server"
	gives_loud 0 sync
	for profile in cut twice; do
		disturb "$profile" 7
		query_change "$home/.local/share/kodelab/lab.db" "UPDATE class_servers SET addresses = '$proxy'"
		for number in 1 2 3; do
			solve add "print('$profile $number')"
			lab submit lab/add
		done
		sync_until_quiet 60
		order quit
		exec 4>&- 5<&-
		rm "$work/orders" "$work/told"
	done
	ledger 6
}

case_n05_a_captive_portal_is_offline() {
	open_class
	machine ada
	log_in ada "$server"
	gives_loud 0 sync
	python3 -c 'import http.server, sys
class Portal(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = b"<html><body>Welcome. Please log in.</body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_GET = do_POST = answer
    def log_message(self, *words): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Portal)
print(server.server_port, flush=True)
server.serve_forever()' >"$work/portal" &
	portal=$!
	ends_with_case $portal
	until [ -s "$work/portal" ]; do :; done
	solve add 'print(1)'
	lab submit lab/add
	query_change "$home/.local/share/kodelab/lab.db" "UPDATE class_servers SET addresses = 'http://127.0.0.1:$(cat "$work/portal")'"
	refuses 4 "a page came instead of the class server's answer (HTTP 200): the network may want a login of its own first; open a browser; what waits here (2) is sent later" sync
	gives 0 history
	says "provisional, waiting"
	kill "$portal"
	query_change "$home/.local/share/kodelab/lab.db" "UPDATE class_servers SET addresses = '$server'"
	sync_until_quiet 30
	ledger 1
}

# Two machines of one student: what was not touched follows, what was changed on both is kept twice.
case_drafts_of_two_machines() {
	open_class
	for name in desk lap; do
		machine $name
		log_in ada "$server"
		gives_loud 0 sync
	done
	machine desk
	solve add 'desk 1'
	save_draft
	gives 0 sync
	machine lap
	gives_loud 0 sync
	equals "the draft" 'desk 1' "$(cat "$home/kodelab/lab/add/solution.py")"
	solve add 'lap 2'
	save_draft
	gives 0 sync
	machine desk
	solve add 'desk 2' # by another editor: nothing is saved in the lab
	lab sync
	equals status 6 "$status"
	warns "lab/add in python was changed here and on another machine"
	warns "solution.other.py"
	warns "decide with: kodelab sync --mine, --theirs or --both"
	equals "mine" 'desk 2' "$(cat "$home/kodelab/lab/add/solution.py")"
	equals "theirs" 'lap 2' "$(cat "$home/kodelab/lab/add/solution.other.py")"
	lab sync --json
	equals status 6 "$status"
	json 'd["conflicts"][0]["file"].endswith("solution.other.py")'
	gives 0 sync --mine lab/add
	says "lab/add in python: what stood here goes on."
	refuses 3 "no other version of lab/add waits for a decision" sync --mine lab/add
	machine lap
	gives_loud 0 sync
	equals "what the desk decided" 'desk 2' "$(cat "$home/kodelab/lab/add/solution.py")"
	solve add 'lap 3'
	save_draft
	gives 0 sync
	machine desk
	solve add 'desk 3' # once more: what was kept the first time stays
	for round in 1 2; do
		lab sync
		equals "status of round $round" 6 "$status"
		warns "solution.other.2.py"
	done
	equals "theirs of then" 'lap 2' "$(cat "$home/kodelab/lab/add/solution.other.py")"
	equals "theirs of now" 'lap 3' "$(cat "$home/kodelab/lab/add/solution.other.2.py")"
	gives 0 sync --theirs lab/add
	says "lab/add in python: "
	says "solution.other.3.py"
	equals "mine, aside" 'desk 3' "$(cat "$home/kodelab/lab/add/solution.other.3.py")"
	machine lap
	gives 0 sync
	head -c 5000000 /dev/zero | tr '\0' x >"$home/kodelab/lab/add/solution.py" # too large to be read: it is nowhere else
	machine desk
	solve add 'desk 4'
	save_draft
	gives 0 sync
	machine lap
	gives 0 sync
	equals "bytes of what cannot be read" 5000000 "$(wc -c <"$home/kodelab/lab/add/solution.py")"
}

# Work of one student is not sent as another's, who uses the same lab later.
case_another_student_of_the_same_lab() {
	open_class
	machine shared
	log_in ada "$server"
	gives_loud 0 sync
	solve add 'print(1)'
	lab submit lab/add
	log_in bob "$server"
	gives_loud 0 sync
	equals "what bob sent" '' "$(query "$class/data/kodelabd.db" "SELECT id FROM intake WHERE kind = 'submission'")"
	log_in ada "$server"
	sync_until_quiet 30
	ledger 1
}

case_the_server_has_another_key() {
	open_class
	machine ada
	log_in ada "$server"
	end_class
	rm -r "$class/data"
	serve
	add_user ada
	echo password-of-ada >"$work/password"
	stdin=$work/password
	lab login --password --user ada --name school "$server"
	equals status 6 "$status"
	warns "'school' shows another key than before"
	stdin=/dev/null
	lab logout --forget
	log_in ada "$server"
}

# A login that cannot be taken out of the database (a full disk) is still there, and is not said to be gone.
case_logging_out_in_vain() {
	open_class
	machine ada
	log_in ada "$server"
	query_change "$home/.local/share/kodelab/lab.db" \
		"CREATE TRIGGER stuck BEFORE DELETE ON class_sessions BEGIN SELECT RAISE(ABORT, 'stuck'); END"
	lab logout
	[ "$status" -ne 0 ] || fail "the login is still there"
	warns "'$home/.local/share/kodelab/lab.db' cannot be used: stuck"
	query_change "$home/.local/share/kodelab/lab.db" "DROP TRIGGER stuck"
	gives 0 logout
	says "You are logged out of 'school'."
}

# The line is cut in the middle of the archive, three times: what came is kept, and the rest comes in pieces, none of them twice.
case_n03_a_pack_comes_over_a_bad_line() {
	open_class
	lay_line
	machine ada
	log_in ada "$server"
	go_by "$proxy"
	line deal cut /api/packs 3
	gives_loud 0 sync
	has_file "$home/.local/share/kodelab/packs/lab/pack.json"
	line count /api/packs
	equals "requests for it" 4 "$answer"
	line bytes /api/packs
	equals "bytes of the archive" "$(query "$class/data/kodelabd.db" "SELECT view_bytes FROM pack_versions WHERE pack = 'lab'")" "$answer"
}

# kill -9 at whatever moment of a sync: the next one goes on.
case_c08_killed_while_it_syncs() {
	open_class
	machine ada
	log_in ada "$server"
	gives_loud 0 sync
	for delay in 0.005 0.01 0.02 0.04 0.08; do
		solve add "print('$delay')"
		lab submit lab/add
		environment timeout -s KILL "$delay" "$out/kodelab" sync >/dev/null 2>&1 </dev/null
	done
	sync_until_quiet 60
	ledger 5
}

# The lab's database is damaged: a new one is begun, what the server has is not asked for twice, and nothing there is double.
case_c06_a_damaged_database() {
	open_class
	machine ada
	log_in ada "$server"
	gives_loud 0 sync
	solve add 'print(1)'
	lab submit lab/add
	sync_until_quiet 30
	dd if=/dev/zero of="$home/.local/share/kodelab/lab.db" bs=4096 count=1 conv=notrunc 2>/dev/null
	rm -f "$home/.local/share/kodelab/lab.db-wal" "$home/.local/share/kodelab/lab.db-shm"
	lab whoami
	equals status 5 "$status"
	warns "the database was damaged"
	log_in ada "$server"
	gives_loud 0 sync
	equals "one submission there" 1 "$(query "$class/data/kodelabd.db" "SELECT COUNT(*) FROM works")"
	solve add 'print(2)'
	lab submit lab/add
	sync_until_quiet 30
	equals "two submissions there" 2 "$(query "$class/data/kodelabd.db" "SELECT COUNT(*) FROM works")"
}

# What the server died with at every try: the lab is told why, what to do, and waits no longer.
case_r10_given_up() {
	why="the class server was stopped each time it judged this: hand it in once more, and tell your teacher if that does not help"
	open_class "queue.tries = 1"
	machine ada
	log_in ada "$server"
	gives_loud 0 sync
	end_class
	extra="KL_KILL=found:1" serve
	solve add 'print(3)'
	lab submit lab/add
	lab sync
	while kill -0 "$class_pid" 2>/dev/null; do :; done
	serve
	gives_loud 0 sync
	warns "kodelab: lab/add could not be judged by the class server: $why"
	sync_until_quiet 30
	gives 0 history
	says "judge error          python      lab/add: not judged by the class"
	printf 'wait-idle\nkey h\nwait-idle\nexpect "0/0    add                not judged by the class"\n' >"$work/history.script"
	environment timeout 60 "$out/kodelab" --script "$work/history.script" >"$work/stdout" 2>"$work/stderr" </dev/null ||
		fail "the history's row does not fit"
	gives 0 list --json
	json 'next(row for row in d if row["slug"] == "add" and row["pack"] == "lab")["state"] == "begun"'
	lab submit lab/add
	sync_until_quiet 30
	gives 0 history
	says "judged by the class"
}
