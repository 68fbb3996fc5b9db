# What is kept: portfolio, settings, the database, homes that cannot be written.

case_portfolio_before_the_first_pass() {
	gives 0 portfolio path
	equals path "$home/kodelab-portfolio" "$(cat "$work/stdout")"
	gives 0 portfolio path --json
	json 'd["path"].endswith("/kodelab-portfolio")'
	for what in '' log push; do
		# shellcheck disable=SC2086 # one word or none
		refuses 3 "there is no portfolio at '$home/kodelab-portfolio' yet: it begins with the first challenge you pass" portfolio $what
	done
}

case_portfolio_in_a_bare_repository() {
	command -v git >/dev/null || skip "portfolio with git: git is not installed"
	gives 0 config portfolio.name Ada
	gives 0 config portfolio.email ada@example.org
	solve_welcome
	gives 0 submit welcome
	gives 0 portfolio log
	says "Solve Welcome aboard in python"
	gives 0 portfolio --json
	json 'len(d["commits"]) == 1 and d["commits"][0]["text"] == "Solve Welcome aboard in python" and len(d["commits"][0]["commit"]) == 7'
	refuses 3 "the portfolio has no remote 'origin': set one with kodelab config portfolio.remote <address>" portfolio push
	environment git init -q --bare "$work/remote.git"
	gives 0 portfolio push -r "file://$work/remote.git"
	says "pushed main to file://$work/remote.git"
	equals "subject there" "Solve Welcome aboard in python" "$(environment git -C "$work/remote.git" log --format=%s main)"
	equals "author there" "Ada <ada@example.org>" "$(environment git -C "$work/remote.git" log --format='%an <%ae>' main)"
	environment git -C "$work/remote.git" fsck --strict >/dev/null 2>&1 || fail "git fsck does not accept what was pushed"
	environment git -C "$work/remote.git" show main:README.md >"$work/stdout"
	says "Welcome aboard"
	gives 0 config portfolio.remote "file://$work/remote.git"
	gives 0 submit welcome
	gives 0 portfolio push
	equals commits 2 "$(environment git -C "$work/remote.git" rev-list --count main)"
	gives 0 portfolio log -n 1
	equals rows 1 "$(wc -l <"$work/stdout")"
}

case_portfolio_refuses() {
	solve_welcome
	gives 0 submit welcome
	refuses 2 "'pull' is not known here; choose log, push or path" portfolio pull
	refuses 2 "--max wants a number from 1 to 1000, not 'many'" portfolio -n many
	refuses 2 "http would send your work and token in the clear: use https" portfolio push -r http://example.org/x.git
	gives 2 portfolio push -r 'ext::sh -c true'
	warns "'ext::sh -c true' is no address to push to"
	gives 3 portfolio push -r "file://$work/absent.git"
	warns "absent.git"
	gives 4 portfolio push -r https://127.0.0.1:1/x.git
	warns "cannot reach 'https://127.0.0.1:1/x.git'"
	gives 4 portfolio push -r https://127.0.0.1:1/x.git --json
	json 'd["error"]["code"] == "network or server"'
}

case_config() {
	gives 0 config
	says "  theme                dark      Colour theme. Dark, light, "
	gives 0 config theme
	equals theme dark "$(cat "$work/stdout")"
	gives 0 config theme light
	gives 0 config theme
	equals theme light "$(cat "$work/stdout")"
	gives 0 config
	says "* theme                light"
	says "* is set in $home/.config/kodelab/config"
	gives 0 config --json
	json 'd["theme"] == "light" and d["editor.tab_width"] == "4"'
	gives 0 config theme --json
	json 'd == {"theme": "light"}'
	gives 0 config theme ''
	gives 0 config theme
	equals theme dark "$(cat "$work/stdout")"
}

case_config_refuses() {
	refuses 2 "there is no setting 'them', did you mean 'theme'?" config them
	refuses 2 "there is no setting 'zzzzzz'; 'kodelab config' lists them" config zzzzzz 1
	refuses 2 "'color' must be one of: auto always never; not 'maybe'" config color maybe
	refuses 2 "'editor.tab_width' must be a number from 1 to 16, not '99'" config editor.tab_width 99
	refuses 2 "'mouse' must be true or false, not 'perhaps'" config mouse perhaps
	refuses 2 "there is no theme 'purple'; choose one of: dark high-contrast light mono" config theme purple
	refuses 2 "'../dark' is not the name of a theme." config theme ../dark
	refuses 2 "there is no language 'cobol'; 'kodelab doctor' lists them" config language cobol
	refuses 2 "'editor.program' must be one line without control characters" config editor.program "$(printf 'a\nb')"
	[ ! -e "$home/.config/kodelab/config" ] || fail "a file was written"
}

case_config_keeps_comments() {
	mkdir -p "$home/.config/kodelab"
	printf '# mine\ntheme = light # bright\nbind C-r run\n' >"$home/.config/kodelab/config"
	gives 0 config mouse no
	gives 0 config theme dark
	grep -q '^# mine$' "$home/.config/kodelab/config" || fail "a comment was lost"
	grep -q '^bind C-r run$' "$home/.config/kodelab/config" || fail "a binding was lost"
}

case_doctor_tells_all_of_the_settings() {
	mkdir -p "$home/.config/kodelab"
	printf 'bnd x\ntheme = purple\nbind F3 frob\nbind view Ctrl-X quit\nlanguage = cobol\n' >"$home/.config/kodelab/config"
	lab doctor
	equals status 3 "$status"
	says "bad   settings       config:1: expected 'name = value'"
	says "bad   settings       config:3: there is no request 'frob'; the palette shows their names"
	says "bad   settings       config:4: 'view Ctrl-X' is no key; write it as C-s, M-x, F5 or S-Up"
	says "bad   settings       theme: there is no theme 'purple'; choose one of: dark high-contrast light mono"
	says "bad   settings       language: there is no language 'cobol'; 'kodelab doctor' lists them"
}

case_secrets() {
	refuses 2 "a secret on the command line is seen by everybody here: type 'kodelab config portfolio.token -', then the value" \
		config portfolio.token hunter2
	printf 'hunter2\n' >"$work/secret"
	stdin=$work/secret
	gives 0 config portfolio.token -
	stdin=/dev/null
	gives 0 config portfolio.remote https://ada:hunter2@example.org/x.git
	equals mode 600 "$(stat -c %a "$home/.config/kodelab/config")"
	for words in 'config portfolio.token' 'config portfolio.token --json' doctor 'doctor --json'; do
		# shellcheck disable=SC2086 # words
		gives 0 $words
		says_not hunter2
		says "********"
	done
	refuses 2 "no value was given on standard input" config portfolio.token -
	gives 0 config portfolio.token ''
	gives 0 config portfolio.token
	equals token "" "$(cat "$work/stdout")"
}

case_doctor() {
	loud=1
	gives 0 doctor
	for word in Python sandbox terminal work data share helpers database challenges portfolio; do
		says " $word "
	done
	gives 0 doctor --json
	json 'all(set(c) == {"check", "state", "text"} and c["state"] in ("good", "note", "bad") for c in d) and len(d) > 20'
}

case_doctor_finds_what_is_bad() {
	share=$work/absent
	gives 3 doctor
	grep -q '^bad   share ' "$work/stdout" || fail "a missing share folder was not called bad"
	grep -q '^bad   challenges ' "$work/stdout" || fail "missing challenges were not called bad"
	gives 3 doctor --json
	json 'any(c["state"] == "bad" for c in d)'
}

case_a_damaged_database() {
	wrong='print("mine")'
	gives 0 edit -p welcome
	echo "$wrong" >"$home/kodelab/starter/welcome/solution.py"
	gives 1 submit welcome
	db=$home/.local/share/kodelab/lab.db
	rm -f "$db-wal" "$db-shm"
	head -c 4096 /dev/zero | tr '\0' x >"$db"
	loud=1
	gives 0 list -s begun --json
	warns "kodelab: the database was damaged and is kept at '$db.damaged-"
	warns "1 file of yours taken up"
	json '[c["slug"] for c in d] == ["welcome"]'
	equals "the work file" "$wrong" "$(cat "$home/kodelab/starter/welcome/solution.py")"
	has_file "$(ls "$db".damaged-*)"
	loud=
	gives 0 list
}

case_a_database_of_tomorrow() {
	command -v sqlite3 >/dev/null || skip "newer database: sqlite3 is not installed"
	gives 0 stats
	db=$home/.local/share/kodelab/lab.db
	sqlite3 "$db" 'UPDATE schema_version SET version = 9999' || fail "sqlite3 failed"
	gives 6 stats
	warns "kodelab: "
	equals version 9999 "$(sqlite3 "$db" 'SELECT version FROM schema_version')"
}

# Rights mean nothing to root: then as somebody else.
nobody() { # arguments of kodelab
	if [ "$(id -u)" -ne 0 ]; then
		lab "$@"
		return
	fi
	# shellcheck disable=SC2086 # words
	setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH="$PATH" HOME="$home" LANG=C.UTF-8 TERM=dumb TZ=UTC \
		KODELAB_SHARE="$top" KODELAB_LIBEXEC="$out" ${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} $extra \
		"$out/kodelab" "$@" >"$work/stdout" 2>"$work/stderr" <"$stdin"
	status=$?
}

case_a_home_that_cannot_be_written() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$out/kodelab" -a -r "$top/challenges/starter/pack.json" 2>/dev/null ||
			skip "read-only home: nobody may not read the build folder (or there is no setpriv)"
	fi
	chmod 755 "$work"
	chmod 555 "$home"
	nobody list
	equals status 0 "$status"
	says "Welcome aboard"
	warns "nothing will be kept"
	nobody show 1
	equals status 0 "$status"
	cp "$top/challenges/starter/welcome/solution/python.py" "$work/mine.py"
	chmod 644 "$work/mine.py"
	nobody submit welcome -f "$work/mine.py"
	equals status 0 "$status"
	says "9 of 9 passed"
	warns "not in the portfolio yet: "
	nobody whoami
	equals status 3 "$status"
	warns "kodelab: who is logged in is not known: the lab's database does not open"
	nobody edit -p welcome
	equals status 3 "$status"
	warns "cannot make the folder '$home/kodelab': Permission denied"
	nobody config theme light
	equals status 3 "$status"
	nobody doctor
	equals status 3 "$status"
	says "bad   work"
}
