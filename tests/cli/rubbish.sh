# Rubbish in each file the lab reads, and disks that are full: a sentence, no crash, nothing of the student's lost.

# rubbish KIND FILE of the home: puts it in the file's place; restore puts back what was there
rubbish() {
	file=$home/$2
	mv "$file" "$work/before" || fail "$2 is not there"
	case $1 in
	bytes) python3 -c 'import random, sys
random.seed(7)
sys.stdout.buffer.write(b"\033]0;title\007\0" + random.randbytes(5000))' >"$file" ;;
	empty) : >"$file" ;;
	long) head -c 3000000 /dev/zero | tr '\0' '{' >"$file" ;;
	folder) mkdir "$file" ;;
	pipe) mkfifo "$file" ;;
	esac
}

restore() {
	rm -rf "$file"
	mv "$work/before" "$file"
}

# Sentences for people: none is long, and no byte of the rubbish reaches the terminal.
harmless() { # what
	cat "$work/stdout" "$work/stderr" >"$work/both"
	! LC_ALL=C grep -q "[$(printf '\001')-$(printf '\010')$(printf '\013')-$(printf '\037')]" "$work/both" || fail "$1: a control character"
	[ "$(wc -l <"$work/stderr")" -le 4 ] || fail "$1: many lines"
}

# spoilt FILE KIND SENTENCE: the list goes on, with just this to say ("": nothing); then all is as it was
spoilt() {
	rubbish "$2" "$1"
	loud=1
	gives 0 list -s solved
	harmless "$1, $2"
	says "Welcome aboard"
	equals "$1, $2: the sentence" "${3:+kodelab: }$3" "$(head -n 1 "$work/stderr")"
	[ -d "$file" ] || [ -p "$file" ] || gives 0 show starter/welcome
	restore
	loud=
	gives 0 history --json
	json '[a["kind"] for a in d].count("submit") == 1'
}

solved() { # one challenge, and files of every sort
	solve_welcome
	gives 0 submit welcome
	gives 0 config theme light
	mkdir -p "$home/.local/share/kodelab/packs"
	cp -R "$top/tests/script/pack" "$home/.local/share/kodelab/packs/own"
	gives 0 list
}

case_rubbish_in_settings() {
	solved
	config=.config/kodelab/config
	spoilt $config bytes "config:1: this line holds a NUL byte"
	spoilt $config empty ""
	spoilt $config long "'$home/$config' is too large (over 1048576 bytes)"
	spoilt $config folder "'$home/$config' is not a regular file"
	spoilt $config pipe "'$home/$config' is not a regular file"
	rubbish bytes $config
	lab list
	warns "more mistakes in your settings: kodelab doctor lists them"
	gives 3 doctor
	harmless doctor
}

case_rubbish_in_a_pack() {
	solved
	own=.local/share/kodelab/packs/own
	spoilt $own/pack.json bytes "$home/$own: pack.json:1: expected a value at column 1"
	spoilt $own/pack.json empty "$home/$own: pack.json:1: the text ends where a value is expected at column 1"
	spoilt $own/pack.json long "$home/$own: pack.json: too large (over 2048 KiB)"
	spoilt $own/pack.json folder "$home/$own: 'pack.json' is not a regular file"
	spoilt $own/pack.json pipe "$home/$own: 'pack.json' is not a regular file"
}

case_rubbish_in_the_cache() {
	solved
	for kind in bytes empty long folder pipe; do
		spoilt .cache/kodelab/catalogue $kind ""
		rubbish $kind .cache/kodelab/sandbox
		gives 0 test welcome
		says "3 of 3 passed"
		harmless "sandbox, $kind"
		restore
	done
}

case_rubbish_in_the_database() {
	solved
	db=.local/share/kodelab/lab.db
	for kind in folder pipe; do
		cp "$home/kodelab/starter/welcome/solution.py" "$work/mine"
		rubbish $kind $db
		loud=1
		gives 0 list
		warns "'$home/$db' cannot be read or written: "
		warns "; nothing will be kept"
		harmless "$db, $kind"
		restore
		loud=
		gives 0 history --json
		json '[a["kind"] for a in d].count("submit") == 1'
	done
	for kind in bytes long; do
		rubbish $kind $db
		loud=1
		gives 0 list
		warns "the database was damaged and is kept at '$home/$db.damaged-"
		harmless "$db, $kind"
		cmp -s "$work/mine" "$home/kodelab/starter/welcome/solution.py" || fail "the work file was changed"
		restore
	done
}

case_rubbish_in_the_portfolio() {
	command -v git >/dev/null || skip "rubbish in the portfolio: git is not installed"
	solved
	git=kodelab-portfolio/.git
	mv "$home/$git/kodelab/lock" "$work/lock" && : >"$home/$git/kodelab/lock"
	while read -r name kind sentence; do
		rubbish "$kind" "$name"
		loud=1
		gives 0 submit welcome
		says "9 of 9 passed"
		harmless "$name, $kind"
		equals "$name, $kind: the sentence" "kodelab: not in the portfolio yet: $sentence" "$(sed "s|$home|~|g" "$work/stderr")"
		restore
		gives 0 portfolio --json
		json 'len(d["commits"]) == 1'
		environment git -C "$home/kodelab-portfolio" fsck --strict >/dev/null 2>&1 || fail "$name, $kind: git fsck finds something"
	done <<-EOF
		$git/HEAD bytes the portfolio has no HEAD: corrupted loose reference file: HEAD
		$git/HEAD folder cannot make the portfolio '~/kodelab-portfolio': Directory not empty
		$git/kodelab/lock folder cannot write to the portfolio '~/kodelab-portfolio': Is a directory
		kodelab-portfolio/README.md folder the folder '~/kodelab-portfolio/README.md' is in the way: the portfolio needs a file of that name
	EOF
	for kind in bytes empty long; do
		printf x >"$home/$git/kodelab/pending"
		rubbish $kind $git/kodelab/pending
		echo "# $kind" >>"$home/kodelab/starter/welcome/solution.py"
		loud=
		gives 0 submit welcome
		says "Committed to your portfolio"
		environment git -C "$home/kodelab-portfolio" fsck --strict >/dev/null 2>&1 || fail "pending, $kind: git fsck finds something"
	done
}

# opens TEXT WORD: the lab itself opens the challenge, shows that text, and keeps a word that is typed
opens() {
	printf 'size 100x30\nwait-for "%s"\nwait-idle\nkey M-2 C-End\ntype "# %s"\nwait-for "# %s"\nkey C-s\nwait-for Saved\nkey C-q\n' "$1" "$2" "$2" >"$work/steps"
	environment TERM=xterm-256color timeout 600 "$out/kodelab" --script "$work/steps" starter/welcome >"$work/stdout" 2>"$work/stderr" </dev/null
	status=$?
	equals "$2: status" 0 "$status"
	grep -q "# $2" "$home/kodelab/starter/welcome/solution.py" || fail "$2: what was typed is not in the file"
	grep -q 'return seats - taken' "$home/kodelab/starter/welcome/solution.py" || fail "$2: the work is gone"
}

case_rubbish_where_the_lab_looks() {
	solved
	mkdir -p "$home/.config/kodelab/themes"
	cp "$top/themes/dark.theme" "$home/.config/kodelab/themes/mine.theme"
	gives 0 config theme mine
	opens seats_left first
	for kind in bytes empty long folder pipe; do
		rubbish $kind .config/kodelab/themes/mine.theme
		opens seats_left theme-$kind
		restore
		rubbish $kind .config/kodelab/config
		opens seats_left config-$kind
		restore
	done
	journal=$(cd "$home" && ls .local/state/kodelab/journals/* | head -n 1)
	for kind in bytes empty long folder pipe; do
		rubbish $kind "$journal"
		opens seats_left journal-$kind
		rm -rf "$work/before"
	done
}

# The first sentence is about the disk; the command's own, if it has one, is the second.
no_space() { # status arguments...
	wanted=$1
	shift
	lab "$@"
	equals "$*: status" "$wanted" "$status"
	grep -q 'no space left on its disk\|No space left on device' "$work/stderr" || fail "$*: a sentence about the disk was expected"
	harmless "$*"
}

on_a_full_disk() {
	mount -t tmpfs -o size=3m tmpfs "$home"
	cd "$home" || exit 1
	solve_welcome
	gives 0 submit welcome
	gives 0 config theme light
	cp kodelab/starter/welcome/solution.py "$work/mine"
	cp .config/kodelab/config "$work/settings"
	head -c 10000000 /dev/zero >fill 2>/dev/null
	no_space 0 list
	says "Welcome aboard"
	no_space 0 test welcome
	says "3 of 3 passed"
	no_space 0 submit welcome
	says "9 of 9 passed"
	warns "not in the portfolio yet: "
	no_space 3 config theme dark
	no_space 3 edit -p starter/kitchen-calc
	no_space 3 reset welcome
	no_space 0 history
	rm fill
	cmp "$work/mine" kodelab/starter/welcome/solution.py || fail "the work was lost"
	cmp "$work/settings" .config/kodelab/config || fail "the settings were lost"
	[ ! -e kodelab/starter/kitchen-calc/solution.py ] || fail "half a file was left"
	gives 0 history --json
	json 'len(d) == 1'
	gives 0 config theme dark
	echo '# more' >>kodelab/starter/welcome/solution.py
	gives 0 submit welcome
	says "Committed to your portfolio"
	environment git -C kodelab-portfolio fsck --strict >/dev/null 2>&1 || fail "git fsck finds something"
}

case_a_full_disk() {
	unshare -m mount -t tmpfs tmpfs /mnt 2>/dev/null || skip "full disk: mounting a small one needs root and mount namespaces"
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m sh -c '. "$top/tests/cli/lib.sh"; . "$top/tests/cli/rubbish.sh"
		work=$1 home=$2 locale=C.UTF-8 stdin=/dev/null extra= status=0; on_a_full_disk' sh "$work" "$home"
}

# It was used before: its database is there, and SQLite finds nothing that it could put beside it.
on_a_read_only_disk() {
	mount -t tmpfs -o size=3m tmpfs "$home"
	cd "$home" || exit 1
	solve_welcome
	gives 0 submit welcome
	cd /
	mount -o remount,ro "$home"
	for words in list "test welcome" history; do
		# shellcheck disable=SC2086 # words
		lab $words
		equals "$words: status" 0 "$status"
		warns "'$home/.local/share/kodelab/lab.db' cannot be written: make the file and its folder writable; nothing will be kept"
	done
}

case_a_read_only_disk() {
	unshare -m mount -t tmpfs tmpfs /mnt 2>/dev/null || skip "read-only disk: mounting one needs root and mount namespaces"
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m sh -c '. "$top/tests/cli/lib.sh"; . "$top/tests/cli/rubbish.sh"
		work=$1 home=$2 locale=C.UTF-8 stdin=/dev/null extra= status=0; on_a_read_only_disk' sh "$work" "$home"
}
