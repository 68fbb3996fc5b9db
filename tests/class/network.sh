# Labs and their class server with a line in between that does what it is told (line.py).
. "$top/tests/class/words.sh"

# A lab of ada's behind the line, with the class's pack. Lines are of the server's configuration.
behind_line() {
	open_class "accounts.submissions_per_minute = 0" "accounts.requests_per_minute = 0" "$@"
	lay_line
	machine ada
	log_in ada "$server"
	go_by "$proxy"
	gives_loud 0 sync
}

# The same file, changed: there is something to send.
submit() { # text
	solve add "$1"
	lab submit lab/add
}

# No server, one that takes requests and says nothing, one that is slow: each letter stands on the screen before anything is answered,
# and the loop's thread makes no call that could wait.
case_n01_typing_while_nobody_answers() {
	behind_line
	extra="$extra LD_PRELOAD=$out/tests/turns.so KL_TURNS=$work/turns ASAN_OPTIONS=verify_asan_link_order=0"
	line deal hold
	sit_down edit lab/add --language python
	line held
	types "αβγδ"
	line down
	types "εζηθ"
	presses '\x13'
	types "ικλμ"
	line deal vanish /api/sync 1
	line up
	presses 'x\x13'
	line held
	types "νξοπ"
	line release
	line pace 200 50 0
	line count /api
	line seen /api $((answer + 1))
	types "ρστυ"
	grep -q ' waits 0 ' "$work/turns" || fail "something could wait: $(cat "$work/turns")"
	line pace 0 0 0
	presses '\x13'
	await_server "SELECT COUNT(*) FROM user_drafts WHERE instr(code, 'υ')" 1
	stand_up
}

submits() { # letters: typed and handed in by the open lab, which is the $1st
	types "$2"
	presses '\x1b[20~'
	await_lab "SELECT COUNT(*) FROM attempts WHERE kind = 1 AND verdict <> 'pending'" "$1"
}

# Ten minutes without the server: three submits and typing; then all is there, in the order in which it was made.
case_n01_ten_minutes_away() {
	behind_line
	keep_time
	sit_down edit lab/add --language python
	line down
	submits 1 α
	submits 2 β
	hurry 60
	await_past 600
	hurry 1
	types γδεζ
	submits 3 η
	line up
	hurry 20 # the next try
	await_server "SELECT COUNT(*) FROM works WHERE state = 2" 3
	hurry 1
	stand_up
	sync_until_quiet 60
	ledger 3
	equals "order of arrival" "$(query "$home/.local/share/kodelab/lab.db" "SELECT id FROM attempts WHERE kind = 1 ORDER BY at_ms, id")" \
		"$(query "$class/data/kodelabd.db" "SELECT id FROM intake WHERE kind = 'submission' ORDER BY serial")"
}

# A second there and a second not, for KL_FLAP_S seconds of the lab's time (600 is the whole of it).
case_n02_a_second_there_a_second_not() {
	behind_line
	keep_time
	sit_down edit lab/add --language python
	line flap 50
	hurry 20
	for part in 1 2 3; do
		submits $part α
		await_past $((${KL_FLAP_S:-120} * part / 3))
	done
	hurry 1
	line flap 0
	line peak
	equals "requests at once" 1 "$answer"
	stand_up
	sync_until_quiet 60
	ledger 3
	equals "drafts there" 1 "$(query "$class/data/kodelabd.db" "SELECT COUNT(*) FROM user_drafts")"
	equals "drafts of another machine" 0 "$(query "$home/.local/share/kodelab/lab.db" "SELECT COUNT(*) FROM draft_others")"
}

# The line goes and comes, each time in the middle of a request (KL_CUTS times).
case_n02_on_and_off() {
	behind_line
	keep_time
	hurry 20
	sit_down edit lab/add --language python
	line count /api
	seen=$answer cuts=${KL_CUTS:-10}
	for cut in $(seq "$cuts"); do
		line down
		types α
		presses '\x13'
		if [ $((cut % 5)) -eq 0 ]; then
			presses '\x1b[20~'
			await_lab "SELECT COUNT(*) FROM attempts WHERE kind = 1 AND verdict <> 'pending'" $((cut / 5)) # the next one is not passed over
		fi
		line up
		seen=$((seen + 1))
		line seen /api $seen
	done
	hurry 1
	line peak
	equals "requests at once" 1 "$answer"
	stand_up
	sync_until_quiet 60
	ledger $((cuts / 5))
}

# A thin line that is cut: KL_PACE="1000 2000 20" is the whole of it. What came of a pack is not asked for again.
case_n03_a_thin_line() {
	behind_line
	cp -r "$top/tests/script/pack" "$work/thin"
	sed -i 's/"id": "lab"/"id": "thin"/' "$work/thin/pack.json"
	base64 </dev/urandom | head -n 400 >>"$work/thin/add/statement.md"
	machine teacher
	gives_loud 0 publish --yes --everybody --fast "$work/thin"
	machine ada
	pace=${KL_PACE:-20000 100 20}
	line bytes /api/packs
	before=$answer
	line pace $pace
	for _ in $(seq 40); do
		lab sync
		[ "$status" -eq 0 ] && break
	done
	equals status 0 "$status"
	has_file "$home/.local/share/kodelab/packs/thin/pack.json"
	line bytes /api/packs
	equals "bytes of the archive" "$(query "$class/data/kodelabd.db" "SELECT view_bytes FROM pack_versions WHERE pack = 'thin'")" $((answer - before))
	submit 'print(1)'
	for _ in $(seq 40); do
		lab sync --json
		[ "$status" -eq 0 ] && json 'd["waiting"] == 0' && break
	done
	line pace 0 0 0
	sync_until_quiet 30
	ledger 1
}

# The other side is gone in the middle of an answer, and nothing says so.
case_n04_vanishes_in_the_middle() {
	behind_line
	keep_time
	for path in /api/sync/push "/api/sync?"; do
		submit "print('$path')"
		line deal vanish "$path" 1
		(lab sync; cp "$work/stderr" "$work/words"; echo "$status" >"$work/ended") &
		syncing=$!
		line held
		hurry 100
		wait "$syncing"
		hurry 1
		equals status 4 "$(cat "$work/ended")"
		case $path in
		*push) waits="; what waits here (2) is sent later" ;; # the attempt and the progress
		*) waits= ;;
		esac
		equals words "kodelab: nothing came from 127.0.0.1:$line_port for 15 s$waits" "$(head -n 1 "$work/words")"
	done
	sync_until_quiet 60
	ledger 2
	machine bob
	log_in bob "$server"
	go_by "$proxy"
	line count /api/packs
	before=$answer
	line deal vanish /api/packs 1
	(lab sync; echo "$status" >"$work/ended") &
	syncing=$!
	line held
	hurry 100
	line seen /api/packs $((before + 2)) # given up, and asked for again by itself
	hurry 1
	wait "$syncing"
	equals status 0 "$(cat "$work/ended")"
	has_file "$home/.local/share/kodelab/packs/lab/pack.json"
}

# The token's day ends while the lab is away; it is renewed without a word, also when the answer to that is lost.
case_n08_the_token_ends_while_away() {
	behind_line
	keep_time
	end_class
	serve
	submit 'print(1)'
	line count /api/auth/refresh
	before=$answer
	hurry 1 90000
	line deal lose /api/auth/refresh 1
	lab sync
	sync_until_quiet 60
	line count /api/auth/refresh
	[ "$answer" -ge $((before + 2)) ] || fail "the session was not renewed twice"
	ledger 1
	equals "logins there" 1 "$(query "$class/data/kodelabd.db" "SELECT COUNT(*) FROM sessions JOIN users ON users.id = user_id WHERE name = 'ada' AND ended_ms = 0")"
	gives 0 whoami
}

# The first address goes away: the next one is taken, also for the renewal of the session.
case_n09_the_next_address() {
	behind_line
	go_by "$proxy $server"
	line down
	submit 'print(1)'
	sync_until_quiet 60
	keep_time
	hurry 1 90000
	submit 'print(2)'
	sync_until_quiet 60
	ledger 2
	gives 0 whoami
	says "ada at KodeLab class"
}

# Submit is pressed while a round is on its way, and typed on: what is handed in is what stood there.
case_c11_submitted_while_a_round_goes_on() {
	behind_line
	line deal hold
	sit_down edit lab/add --language python
	line held
	types αβ
	presses '\x1b[20~'
	types γδ
	await_lab "SELECT COUNT(*) FROM attempts WHERE kind = 1" 1
	types ε
	presses '\x13'
	line release
	await_server "SELECT COUNT(*) FROM works WHERE state = 2" 1
	stand_up
	handed=$(query "$class/data/kodelabd.db" "SELECT code FROM works")
	case $handed in *αβ*) ;; *) fail "what stood there is not what was handed in: $handed" ;; esac
	equals "what was handed in" "$(sed 's/γδε//' "$home/kodelab/lab/add/solution.py")" "$handed"
	sync_until_quiet 60
	ledger 1
}

# Killed when the server has not heard of its request yet, and when it has and half of the answer is there.
case_c08_killed_at_each_step_of_a_round() {
	behind_line
	for fault in hold vanish; do
		for path in /api/sync/push "/api/sync?"; do
			submit "print('$fault $path')"
			line deal $fault "$path" 1
			environment sh -c 'echo $$ >"$0"; exec "$@"' "$work/killed" "$out/kodelab" sync >/dev/null 2>&1 </dev/null &
			line held
			kill -KILL "$(cat "$work/killed")"
			wait $!
			equals "$fault at $path: status" 137 $?
			line release
		done
	done
	sync_until_quiet 60
	ledger 4
}

# Saved, not sent, killed: it is sent by the next lab, and "received" is not said before.
case_c08_killed_before_it_was_sent() {
	behind_line
	line down
	sit_down edit lab/add --language python
	types ω
	presses '\x13'
	await_lab "SELECT COUNT(*) FROM outbox WHERE kind = 'draft' AND receipt = ''" 1
	fall_over
	line deal hold
	line up
	sit_down edit lab/add --language python # which waits for "not received"
	line held
	equals "drafts there" 0 "$(query "$class/data/kodelabd.db" "SELECT COUNT(*) FROM user_drafts")"
	line release
	await_server "SELECT COUNT(*) FROM user_drafts WHERE instr(code, 'ω')" 1
	stand_up
}

# All that the lab keeps of its work and of the class; not which drafts were sent in vain (C08), nor when it was in step, nor that a renewal is under way (N08).
kept() {
	python3 - "$home/.local/share/kodelab/lab.db" <<'PYTHON'
import sqlite3, sys
lab = sqlite3.connect(sys.argv[1])
lab.row_factory = sqlite3.Row
for table in "outbox", "class_servers", "class_sessions", "class_packs", "class_courses", "drafts", "draft_others", "attempts":
    for row in lab.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3"):
        print(table, *(value for name, value in zip(row.keys(), row) if name not in ("nonce", "sent", "synced_ms")))
PYTHON
}

# The network wants a login of its own when it comes to requests with this path: offline, and nothing of the page is believed.
portal_at() { # path, words of kodelab...
	path=$1
	shift
	line count "$path"
	before=$answer
	kept >"$work/before" || fail "what is kept cannot be read"
	line deal portal "$path"
	lab "$@"
	line release
	equals "$*: status" 4 "$status"
	ending=
	[ "$1" != sync ] || ending=${waits:-}
	equals "$*" "kodelab: a page came instead of the class server's answer (HTTP 200): the network may want a login of its own first; open a browser$ending" \
		"$(head -n 1 "$work/stderr")"
	line count "$path"
	[ "$answer" -gt "$before" ] || fail "$path was not asked for"
	kept >"$work/after" || fail "what is kept cannot be read"
	diff "$work/before" "$work/after" || fail "a page at $path was believed"
}

case_n05_a_portal_at_each_kind_of_request() {
	behind_line
	machine teacher
	go_by "$proxy"
	keep_time
	hurry 5 # patience is at its end sooner
	portal_at "/api/sync?" sync
	portal_at /api/courses course create Art
	gives 0 course create Programming
	code=$(awk '/course join/ { print $NF }' "$work/stdout")
	portal_at /api/courses course assign Programming "Week 1" lab/add
	portal_at /api/courses grade Programming
	portal_at /api/packs publish --yes --everybody --fast "$top/tests/script/pack"
	equals "packs there" 1 "$(query "$class/data/kodelabd.db" "SELECT COUNT(*) FROM pack_versions")"
	machine ada
	portal_at /api/courses/join course join "$code"
	gives 0 course join "$code"
	portal_at /api/courses course show Programming
	portal_at /api/courses course leave Programming
	solve add 'print(1)'
	save_draft
	gives_loud 0 sync
	submit 'print(1)'
	waits="; what waits here (2) is sent later" # the attempt and the progress
	portal_at /api/sync/push sync
	stdin=$work/password
	portal_at /api/server login --password --user ada --name school "$proxy"
	portal_at /api/auth/login login --password --user ada --name school "$proxy"
	portal_at /api/auth/me login --token-stdin --name school "$proxy"
	portal_at /api/auth/device login --name school "$proxy"
	stdin=/dev/null
	hurry 5 90000 # the token's day is over
	portal_at /api/auth/refresh sync
	equals "courses there" Programming "$(query "$class/data/kodelabd.db" "SELECT title FROM courses")"
	equals "members there" 2 "$(query "$class/data/kodelabd.db" "SELECT COUNT(*) FROM course_members")"
	sync_until_quiet 60
	waits=
	ledger 1
	solve add 'print(2)'
	line deal portal /api/events
	line count /api/events
	before=$answer
	sit_down edit lab/add --language python
	presses '\x1b[20~'
	line seen /api/events $((before + 1))
	await_lab "SELECT COUNT(*) FROM attempts WHERE standing = 2" 2 # asked for
	stand_up
	line release
	machine bob
	log_in bob "$proxy"
	line deal portal /api/packs
	lab sync # from now on it knows of the pack
	line release
	portal_at /api/packs sync
	gives_loud 0 sync
	has_file "$home/.local/share/kodelab/packs/lab/pack.json"
}

# The disk fills while a round is under way, whose answer is a receipt: one types on, is told, and when there is space again all arrives once.
work_goes_on_without_a_disk() {
	mkdir "$work/ada"
	mount -t tmpfs -o size=6m tmpfs "$work/ada"
	behind_line
	line down
	submit 'print(1)'
	line deal hold
	line up
	sit_down edit lab/add --language python
	line held
	head -c 10000000 /dev/zero >"$home/fill" 2>/dev/null
	types αβγδ
	presses '\x13'
	reads "No space left"
	line release
	await_server "SELECT COUNT(*) FROM works" 1
	types εζ
	equals "receipts here" 0 "$(query "$home/.local/share/kodelab/lab.db" "SELECT COUNT(*) FROM outbox WHERE receipt <> ''")"
	rm "$home/fill"
	presses '\x13'
	await_server "SELECT COUNT(*) FROM user_drafts WHERE instr(code, 'ζ')" 1
	stand_up
	sync_until_quiet 60
	ledger 1
	equals "drafts there" 1 "$(query "$class/data/kodelabd.db" "SELECT COUNT(*) FROM user_drafts")"
	grep -q ζ "$home/kodelab/lab/add/solution.py" || fail "what was typed is not in the file"
}

case_c04_the_disk_is_full_while_it_syncs() {
	unshare -m mount -t tmpfs tmpfs /mnt 2>/dev/null || skip "a full disk while it syncs: mounting a small one needs root and mount namespaces"
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m sh -c '. "$top/tests/cli/lib.sh"; . "$top/tests/class/network.sh"
		work=$1 home=$1/home locale=C.UTF-8 stdin=/dev/null extra= status=0; work_goes_on_without_a_disk' sh "$work"
}

# A round on whose requests these headers are missing ends so.
strips() { # names, status, words
	line deal "strip:$1" /api
	lab sync
	line release
	equals "without $1: status" "$2" "$status"
	equals "without $1" "${3:+kodelab: $3}" "$(head -n 1 "$work/stderr")"
}

case_n07_a_course_sent_twice_is_there_once() {
	behind_line
	machine teacher
	go_by "$proxy"
	line deal twice /api
	gives 0 course create Programming
	equals "courses there" 1 "$(query "$class/data/kodelabd.db" "SELECT COUNT(*) FROM courses")"
}

# What stands in between sends each request on twice, and takes headers away.
case_n07_a_proxy_replays_and_strips() {
	behind_line
	keep_time
	line deal twice /api
	submit 'print(1)'
	save_draft
	sync_until_quiet 60
	hurry 1 90000 # the token's day is over: the renewal comes twice, too
	submit 'print(2)'
	sync_until_quiet 60
	ledger 2
	line release
	submit "print(3)"
	strips content-type 5 "the body must be a JSON object"
	strips authorization 5 "sign in first: 'kodelab login', or send Authorization: Bearer TOKEN"
	strips accept,accept-encoding,user-agent,if-none-match,range 0 ""
	sync_until_quiet 60
	ledger 3
	gives 0 whoami # the session is what it was
	says "ada at KodeLab class"
}
