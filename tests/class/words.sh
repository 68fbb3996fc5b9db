# Words for a class, beside those of tests/cli/lib.sh. The server's folder is $class, its address $server; a machine is a HOME.

stop_class() {
	exec 4>&- # the proxy ends with its input
	for pid in ${helpers:-}; do
		kill "$pid" 2>/dev/null
	done
	[ -z "${class_pid:-}" ] || kill -CONT "$class_pid" 2>/dev/null
	[ -z "${class_pid:-}" ] || kill "$class_pid" 2>/dev/null
	exec 3<&-
}

# What runs in the background ends with the case, however that ends.
ends_with_case() { # pid
	helpers="${helpers:-} $1"
}

# Ends it and waits until it is dead.
end_class() {
	kill "$class_pid"
	while kill -0 "$class_pid" 2>/dev/null; do :; done
}

serve() { # starts the server in $class, which may have been there before
	rm -f "$class/log"
	mkfifo "$class/log"
	environment sh -c 'echo $$ >"$0"; exec "$@"' "$class/pid" "$out/kodelabd" --config "$class/conf" --foreground \
		2>"$class/log" >/dev/null </dev/null 4>&- &
	exec 3<"$class/log"
	while read -r line <&3; do
		case $line in
		*" listening "*) port=$(expr "$line" : '.*address="[^"]*:\([0-9]*\)"') ;;
		*" ready "*) break ;;
		esac
	done
	class_pid=$(cat "$class/pid")
	cat <&3 >>"$class/messages" &
	server=http://127.0.0.1:$port
	sed -i "s/^listen = .*/listen = 127.0.0.1:$port/" "$class/conf" # the same after a restart
}

# Lines are of its configuration. A teacher publishes the pack of the screen tests as "lab"; students ada and bob.
open_class() {
	class=$work/class
	extra='no_proxy=*'
	mkdir "$class"
	{
		echo "listen = 127.0.0.1:0"
		echo "data = $class/data"
		echo "judge.languages = 71" # looking for all of them takes a while
		echo "accounts.hash_kib = 8" # passwords need not last here
		echo "accounts.hash_passes = 1"
		echo 'judge.unsafe = "I accept that programs of strangers run here with weaker walls"'
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$class/conf"
	chmod 600 "$class/conf"
	trap stop_class EXIT
	serve
	add_user teacher --role instructor
	add_user ada
	add_user bob
	machine teacher
	log_in teacher "$server"
	gives_loud 0 publish --yes --everybody --fast "$top/tests/script/pack"
}

add_user() { # name, further arguments
	echo "password-of-$1" | environment "$out/kodelabd" --config "$class/conf" user add "$@" >/dev/null || fail "no user $1"
}

machine() { # name: the lab's home from now on
	home=$work/$1
	mkdir -p "$home"
	cd "$home" || exit 1
}

log_in() { # user, address...
	echo "password-of-$1" >"$work/password"
	stdin=$work/password
	user=$1
	shift
	gives 0 login --password --user "$user" --name school "$@"
	stdin=/dev/null
}

gives_loud() { # as gives, with words on standard error
	loud=1
	gives "$@"
	loud=
}

# The proxy in front of the server: $proxy is its address. profile, seed
disturb() {
	mkfifo "$work/orders" "$work/told"
	"$out/tests/chaos" --profile "$1" --seed "${2:-1}" "$port" <"$work/orders" >"$work/told" &
	exec 4>"$work/orders" 5<"$work/told"
	read -r _ chaos_port _ <&5
	proxy=http://127.0.0.1:$chaos_port
}

order() { # line for the proxy: "profile calm", "quit"
	echo "$1" >&4
}

solve() { # slug, text: what stands in its file
	mkdir -p "$home/kodelab/lab/$1"
	printf '%s\n' "$2" >"$home/kodelab/lab/$1/solution.py"
}

# The lab opens the file and saves it.
save_draft() {
	printf 'wait-idle\nkey C-s\nwait-idle\nexpect "Saved"\n' >"$work/save.script"
	environment timeout 600 "$out/kodelab" --script "$work/save.script" lab/add python >"$work/stdout" 2>"$work/stderr" </dev/null ||
		{ cat "$work/stdout" "$work/stderr"; fail "the lab did not save"; }
}

# Until everything is sent and judged; what goes wrong on the way is the point.
sync_until_quiet() { # seconds at most
	end=$(($(date +%s) + $1))
	while [ "$(date +%s)" -lt "$end" ]; do
		lab sync --json
		[ "$status" -eq 0 ] && json 'd["waiting"] == 0' && [ -z "$(query "$home/.local/share/kodelab/lab.db" \
			"SELECT id FROM attempts WHERE standing = 1 AND kind = 1")" ] && return
	done
	fail "it is not quiet after $1 seconds"
}

query() { # database, SQL; what cannot be asked equals nothing, not even another such
	python3 -c 'import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]): print(*row, sep="|")' "$1" "$2" || echo "in vain: $*"
}

query_change() { # database, SQL
	python3 -c 'import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as db: db.execute(sys.argv[2])' "$1" "$2"
}

# The ledger: every receipt of this machine names a row of the server with that hash, one row for each id, and one verdict for each
# submission. $1: how many submissions there must be.
ledger() {
	python3 - "$home/.local/share/kodelab/lab.db" "$class/data/kodelabd.db" "$1" <<'PYTHON' || fail "the ledger does not hold"
import json, sqlite3, sys

lab, server = sqlite3.connect(sys.argv[1]), sqlite3.connect(sys.argv[2])
rows = {id: (kind, hash) for id, kind, hash in server.execute("SELECT id, kind, hash FROM intake")}
receipts = [json.loads(text) for (text,) in lab.execute("SELECT receipt FROM outbox WHERE receipt <> ''")]
assert receipts, "no receipt is here"
for receipt in receipts:
    assert rows.get(receipt["id"]) == (receipt["kind"], receipt["hash"]), f"{receipt} is of no row"
works = list(server.execute("SELECT id, state, judgings FROM works"))
assert len(works) == int(sys.argv[3]), f"{len(works)} submissions, {sys.argv[3]} were expected"
assert all(judgings == 1 for _, _, judgings in works), works
assert len({id for id, _, _ in works}) == len(works)
mine = {id for (id,) in lab.execute("SELECT id FROM attempts WHERE kind = 1")}
assert mine <= {id for id, _, _ in works}, "a submit has not arrived"
assert not list(lab.execute("SELECT id FROM attempts WHERE kind = 1 AND standing <> 2")), "a verdict is missing"
PYTHON
}

# --- the line (tests/class/line.py)

# Lays it in front of the server: $proxy is its address.
lay_line() {
	mkfifo "$work/orders" "$work/told"
	python3 "$top/tests/class/line.py" "$port" <"$work/orders" >"$work/told" &
	exec 4>"$work/orders" 5<"$work/told"
	read -r line_port <&5
	proxy=http://127.0.0.1:$line_port
}

line() { # order...: $answer is what it says
	echo "$*" >&4
	read -r answer <&5
	[ "$answer" != "no such order" ] || fail "the line: no such order: $*"
}

go_by() { # addresses...: where the lab looks for the class server from now on
	query_change "$home/.local/share/kodelab/lab.db" "UPDATE class_servers SET addresses = '$*'"
}

# --- a lab on a pty, beside the test (tests/class/typist.py)

sit_down() { # arguments of the lab
	mkfifo "$work/hands" "$work/eyes"
	extra="$extra TERM=xterm-256color" environment python3 "$top/tests/class/typist.py" "$out/kodelab" "$@" \
		<"$work/hands" >"$work/eyes" 2>"$work/stderr" 4>&- 5<&- &
	exec 6>"$work/hands" 7<"$work/eyes"
	sees "ready" "$*"
}

sees() { # answer, of what
	read -r answer <&7 || fail "the lab on the pty is gone: $2"
	[ "$answer" = "$1" ] || fail "$2: '$answer'"
}

# Each is answered when all that is typed stands on the screen.
types() { # letters that are no ASCII
	echo "type $1" >&6
	sees "ok" "typing $1"
}

await_row() { # database, SQL, what it is to give
	python3 - "$@" <<'PYTHON' || fail "$2: not $3"
import sqlite3, sys, time

end, got = time.monotonic() + 50, None
while got != sys.argv[3] and time.monotonic() < end:
    time.sleep(0.03)
    got = str(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])
sys.exit(f"it is {got}" if got != sys.argv[3] else 0)
PYTHON
}

await_lab() {
	await_row "$home/.local/share/kodelab/lab.db" "$@"
}

await_server() {
	await_row "$class/data/kodelabd.db" "$@"
}

fall_over() { # the lab is killed
	echo "fall" >&6
	sees "left -9" "falling over"
	exec 6>&- 7<&-
	rm "$work/hands" "$work/eyes"
}

presses() { # keys, as bytes for printf
	printf 'press %s\n' "$1" >&6
	sees "ok" "pressing $1"
}

reads() { # words: the lab has written them since the last order
	echo "read $1" >&6
	sees "ok" "reading '$1'"
}

stand_up() { # leaves the lab
	echo "leave" >&6
	sees "left 0" "leaving"
	exec 6>&- 7<&-
	rm "$work/hands" "$work/eyes"
}

# --- time

# Programs' time from now on: so many times faster, and so many seconds later than it was at first.
hurry() { # factor, seconds
	echo "$@" >"$work/hurry.new"
	mv "$work/hurry.new" "$work/hurry"
}

# Until so many seconds have passed in the program.
await_past() {
	until [ "$(cat "$work/hurry.past" 2>/dev/null || echo 0)" -ge "$1" ]; do :; done
}

# In front of everything that is to keep it.
keep_time() {
	hurry 1
	extra="$extra LD_PRELOAD=$out/tests/hurry.so KL_HURRY=$work/hurry ASAN_OPTIONS=verify_asan_link_order=0"
}
