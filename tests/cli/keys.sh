# Keys of judges: taken without being shown, kept without being readable, gone without a trace.

planted=rapidapi-3fQ9xLm2Zr7Wc1Vt-PLANTED-k8Yd5Hn0Bp4Js6Gu
consent="a key is only taken with its owner's consent: read it and agree, or give --yes"

give_key() { # options of keys add...
	printf '%s\n' "$planted" >"$work/secret"
	stdin=$work/secret
	loud=1 gives 0 keys add rapid --yes "$@"
	rm "$work/secret"
	stdin=/dev/null
}

# Nothing that was printed, and no file of the home, has the planted key.
nowhere() {
	! grep -qF -- "$planted" "$work/stdout" "$work/stderr" || fail "the key was printed"
	! grep -rqF -- "$planted" "$home" || fail "the key lies in $(grep -rlF -- "$planted" "$home")"
}

case_a_key_is_added_listed_and_removed() {
	give_key --label mine --limit 20 --zone Europe/Berlin
	says "for 'rapid' is kept, encrypted."
	warns "kodelab: there is no judge 'rapid' yet: the key waits for it"
	nowhere
	gives 0 keys
	says '*s6Gu  active     private  0 of 20 today'
	nowhere
	gives 0 keys list --json
	json 'd[0]["last4"] == "s6Gu" and d[0]["daily_limit"] == 20 and d[0]["reserve"] == 5 and d[0]["zone"] == "Europe/Berlin"'
	nowhere
	gives 0 keys usage
	says '[....................] 0 of 20 today, 5 in reserve'
	gives 0 keys usage --json
	json 'd[0]["days"] == [] and d[0]["used_today"] == 0'
	gives 0 keys suspend s6Gu
	gives 0 keys
	says 'It is held back by its owner.'
	gives 0 keys resume mine
	refuses 5 "a key is only shared with its owner's consent: read it and agree, or give --yes" keys share mine pool
	gives 0 keys share mine pool --yes
	gives 0 keys list --json
	json 'd[0]["share"] == "pool" and d[0]["state"] == "active"'
	lab keys test mine
	equals 'exit status of a key whose judge is not there' 3 "$status"
	says "there is no judge 'rapid': add it with 'kodelab judge add rapid'"
	nowhere
	gives 0 keys rotate
	says 'A new master key is in use; 1 key is sealed anew.'
	nowhere
	gives 0 keys notices
	says 'Nothing new.'
	gives 0 keys remove mine
	says "The key for 'rapid' is removed and overwritten."
	gives 0 keys
	says "There is no key yet. 'kodelab keys add JUDGE' takes one."
	nowhere
}

case_what_is_refused_names_no_key() {
	printf '%s\n' "$planted" >"$work/secret"
	stdin=$work/secret
	refuses 5 "$consent" keys add rapid
	refuses 2 "'club' is no way to share: choose private, pool or backup" keys add rapid --yes --share club
	refuses 2 '--limit and --reserve want numbers from 0 to 1000000000' keys add rapid --yes --limit many
	refuses 3 "this system knows no time zone 'Moon/Base': 'UTC' is always known" keys add rapid --yes --zone Moon/Base
	loud=1 gives 0 keys add rapid --yes
	refuses 2 "this key for 'rapid' is there already: 'kodelab keys list' shows it" keys add rapid --yes
	nowhere
	printf '%s two\n' "$planted" >"$work/secret"
	refuses 2 'this is no key: it must be 1 to 512 letters, digits and signs without spaces' keys add other --yes
	nowhere
	stdin=/dev/null
	refuses 2 'no value was given on standard input' keys add other --yes
	refuses 2 'it is: kodelab keys add JUDGE' keys add
	refuses 2 "'burn' is not known here; choose list, add, remove, share, suspend, resume, test, rotate, usage or notices" keys burn
	refuses 3 "there is no key 'nope': 'kodelab keys list' shows yours" keys remove nope
	rm "$work/secret"
	chmod 644 "$home/.config/kodelab/master.key"
	refuses 3 "'$home/.config/kodelab/master.key' can be read by others: run 'chmod 600' on it, then 'kodelab keys rotate'" keys
	printf 'nonsense\n' >"$home/.config/kodelab/master.key"
	chmod 600 "$home/.config/kodelab/master.key"
	refuses 2 "the file '$home/.config/kodelab/master.key' holds no master key: it must be 32 bytes in base64, as 'head -c 32 /dev/urandom | base64' makes them" keys
	nowhere
}

case_two_keys_of_one_name() {
	give_key --label mine
	printf 'another-key-0123s6Gu\n' >"$work/secret"
	stdin=$work/secret
	loud=1 gives 0 keys add other --yes --label mine
	stdin=/dev/null
	refuses 2 "2 keys are called 'mine': name one by its id, as 'kodelab keys list' shows it" keys remove mine
	refuses 2 "2 keys are called 's6Gu': name one by its id, as 'kodelab keys list' shows it" keys remove s6Gu
	gives 0 keys
	gives 0 keys remove "$(sed -n 's/^\([0-9a-f]*\)  rapid .*/\1/p' "$work/stdout")"
	gives 0 keys remove mine
	says "The key for 'other' is removed and overwritten."
}

# The master key by the environment: it works, lies in no file, and no program that the lab starts has it, not even to
# be read from the lab's own /proc entry.
case_the_master_key_in_the_environment() {
	master=$(head -c 32 /dev/urandom | base64)
	extra="KODELAB_MASTER_KEY=$master"
	give_key --label mine
	[ ! -e "$home/.config/kodelab/master.key" ] || fail 'no file was expected'
	gives 0 keys
	says '*s6Gu'
	refuses 5 "the environment variable KODELAB_MASTER_KEY holds one key: give the new and the old one there, as 'NEW OLD', and rotate again" keys rotate
	cat >"$work/editor" <<END
#!/bin/sh
tr '\\0' '\\n' </proc/self/environ >"$work/seen"
tr '\\0' '\\n' </proc/\$PPID/environ >>"$work/seen"
tr '\\0' '\\n' </proc/\$PPID/cmdline >>"$work/seen"
END
	chmod 755 "$work/editor"
	extra="KODELAB_MASTER_KEY=$master EDITOR=$work/editor"
	gives 0 edit --external welcome
	grep -q '^EDITOR=' "$work/seen" || fail 'the editor should have seen an environment'
	! grep -qF "$master" "$work/seen" || fail 'the editor has seen the master key'
	! grep -rqF "$master" "$home" || fail 'the master key lies in a file'
	extra=
	gives 0 keys # listing opens no key
}

# What a program of the student can see of the lab that runs it, of its environment and of its files.
case_programs_in_the_box_see_no_key() {
	master=$(head -c 32 /dev/urandom | base64)
	extra="KODELAB_MASTER_KEY=$master"
	give_key --label mine
	cat >"$work/look.py" <<'END'
import glob, os
print("it runs", dict(os.environ))
for name in glob.glob("/proc/[0-9]*/environ") + glob.glob("/proc/[0-9]*/cmdline"):
    try:
        print(open(name, "rb").read())
    except OSError:
        pass
END
	gives 0 run "$work/look.py"
	says 'it runs'
	says_not "$master"
	nowhere
}

# Opening keys makes the lab undumpable, which takes its own /proc files from it: the sandbox must do without them.
case_boxes_run_beside_open_keys() {
	give_key --label mine
	solve_welcome
	cat >"$work/box.script" <<'END'
wait-idle
key C-p
wait-idle
type "keys of judges"
wait-idle
key Enter
wait-idle
expect "rapid *s6Gu"
key Esc
wait-idle
key F5
wait-for "3 passed"
END
	if [ "$(id -u)" -eq 0 ] && setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$out/kodelab" -a -r "$top/challenges/starter/pack.json" 2>/dev/null; then
		chown -R 65534:65534 "$work"
		setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH="$PATH" HOME="$home" LANG=C.UTF-8 TERM=xterm-256color \
			KODELAB_SHARE="$top" KODELAB_LIBEXEC="$out" ${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} \
			"$out/kodelab" --script "$work/box.script" welcome python >"$work/stdout" 2>"$work/stderr"
		status=$?
	else
		lab --script "$work/box.script" welcome python
	fi
	[ "$status" -eq 0 ] || fail 'the tests should have run'
	nowhere
}
