# Words for the cases. A case fails at the first thing that is not as it should be, and says what it saw.

begin() { # folder of this case
	work=$1
	home=$work/home
	mkdir "$home"
	cd "$home" || exit 1
	locale=C.UTF-8
	stdin=/dev/null
	extra= # NAME=value words for the program's environment
	status=0
}

environment() { # command...: with nothing of this machine in its environment
	# shellcheck disable=SC2086 # words
	env -i PATH="$PATH" HOME="$home" LANG="$locale" TERM=dumb TZ=UTC KODELAB_SHARE="${share:-$top}" KODELAB_LIBEXEC="$out" \
		GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.org \
		${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} $extra "$@"
}

lab() { # arguments of kodelab: fills $work/stdout, $work/stderr and status
	environment "$out/kodelab" "$@" >"$work/stdout" 2>"$work/stderr" <"$stdin"
	status=$?
}

fail() {
	echo "$*"
	echo "status $status"
	sed 's/^/stdout: /' "$work/stdout" | head -n 40
	sed 's/^/stderr: /' "$work/stderr" | head -n 40
	exit 1
}

# gives STATUS arguments...: the program ends with that status, and is not loud on the other stream when it went well
gives() {
	wanted=$1
	shift
	lab "$@"
	[ "$status" -eq "$wanted" ] || fail "kodelab $*: status $wanted was expected"
	[ "$wanted" -ne 0 ] || [ ! -s "$work/stderr" ] || [ -n "${loud:-}" ] || fail "kodelab $*: nothing was expected on standard error"
}

# refuses STATUS SENTENCE arguments...: nothing but the exact sentence, on standard error
refuses() {
	wanted=$1 sentence=$2
	shift 2
	lab "$@"
	[ "$status" -eq "$wanted" ] || fail "kodelab $*: status $wanted was expected"
	[ "$(head -n 1 "$work/stderr")" = "kodelab: $sentence" ] || fail "kodelab $*: '$sentence' was expected"
	[ ! -s "$work/stdout" ] || fail "kodelab $*: nothing was expected on standard output"
}

says() { # text that must be in standard output
	grep -qF -- "$1" "$work/stdout" || fail "'$1' was expected on standard output"
}

says_not() {
	! grep -qF -- "$1" "$work/stdout" || fail "'$1' was not expected on standard output"
}

warns() { # text that must be in standard error
	grep -qF -- "$1" "$work/stderr" || fail "'$1' was expected on standard error"
}

# json EXPRESSION: standard output is one JSON document, and the Python expression about it, named d, holds
json() {
	python3 -c 'import json, sys
d = json.load(open(sys.argv[1], encoding="utf-8"))
sys.exit(0 if eval(sys.argv[2]) else 1)' "$work/stdout" "${1:-True}" 2>"$work/json" || {
		cat "$work/json"
		fail "JSON was expected with: ${1:-anything}"
	}
}

equals() { # what expected actual
	[ "$2" = "$3" ] || fail "$1: '$2' was expected, not '$3'"
}

has_file() {
	[ -f "$1" ] || fail "the file $1 was expected"
}

# The welcome challenge, solved in the work folder.
solve_welcome() {
	mkdir -p "$home/kodelab/starter/welcome"
	cp "$top/challenges/starter/welcome/solution/python.py" "$home/kodelab/starter/welcome/solution.py"
}

# A kodelabd with $work/kodelabd.conf: $address is where it listens, $server its process. It ends with this shell.
start_kodelabd() {
	rm -f "$work/log"
	mkfifo "$work/log"
	# shellcheck disable=SC2016 # for the inner shell
	environment sh -c 'echo $$ >"$1"; shift; exec timeout 900 "$@"' sh "$work/pid" "$out/kodelabd" --config "$work/kodelabd.conf" --foreground 2>"$work/log" >/dev/null </dev/null &
	server=$!
	trap 'kill $(cat "$work/pid") 2>/dev/null; exec 3<&-; wait "$server"' EXIT
	exec 3<"$work/log"
	address=
	while read -r line <&3; do
		case $line in
		*" listening "*) address=$(expr "$line" : '.*address="\([^"]*\)"') ;;
		*" ready "*) break ;;
		esac
	done
	[ -n "$address" ] || fail "kodelabd does not start: $line"
}

skip() {
	echo "skipped $*"
	exit 0
}
