# Words for a class, beside those of tests/cli/lib.sh. The server's folder is $class, its address $server; a machine is a HOME.

stop_class() {
	exec 4>&- # the proxy ends with its input
	[ -z "${class_pid:-}" ] || kill -CONT "$class_pid" 2>/dev/null
	[ -z "${class_pid:-}" ] || kill "$class_pid" 2>/dev/null
	exec 3<&-
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
	gives_loud 0 publish --yes --fast "$top/tests/script/pack"
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

query() { # database, SQL
	python3 -c 'import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]): print(*row, sep="|")' "$1" "$2"
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
