# Judges elsewhere: taken up, asked, shown, forgotten. The judge is our own kodelabd.

planted=school-token-Qm7Rk2Vx9Bn4-PLANTED-Zt6Lw1Hs3Dc8

# A kodelabd that wants the planted key (a configuration line instead: what that says), on a port of its own: $judge is its address. It
# ends with this shell's child. Called again it comes back at that address.
serve() {
	cat >"$work/kodelabd.conf" <<-END
		listen = ${listen:-127.0.0.1:0}
		data = $work/server
		${1:-authn.tokens = $planted}
		judge.unsafe = "I accept that programs of strangers run here with weaker walls"
	END
	chmod 600 "$work/kodelabd.conf"
	start_kodelabd
	judge=http://$address listen=$address
}

fell() { # the judge is not there any more
	kill "$(cat "$work/pid")"
	wait "$server"
	exec 3<&-
}

nowhere() {
	! grep -qF -- "$planted" "$work/stdout" "$work/stderr" || fail "the key was printed"
	! grep -rqF -- "$planted" "$home" || fail "the key lies in $(grep -rlF -- "$planted" "$home")"
}

case_a_judge_is_added_asked_and_removed() {
	serve
	gives 0 judge
	says "Programs run in the sandbox of this machine. 'kodelab judge add NAME ADDRESS' adds a judge."
	gives 0 judge add school "$judge/"
	says "The judge 'school' is added. 'kodelab judge doctor school' asks it what it can do."
	gives 0 judge
	says 'not asked yet'
	refuses 5 "school wants a key, and there is no key for 'school': add one with 'kodelab keys add school'" judge test school
	gives 0 judge remove school
	printf '%s\n' "$planted" >"$work/secret"
	stdin=$work/secret
	gives 0 judge add school "$judge" --key --yes
	rm "$work/secret"
	stdin=/dev/null
	nowhere
	gives 0 judge test school
	says 'school answers: version '
	nowhere
	gives 0 judge doctor
	says "good  school         address    $judge"
	says 'good  school         version    1.13.1'
	says 'good  school         requests   one for a run, whatever the number of its tests'
	says 'good  school         queue      0 waiting'
	says "good  school         clock      as this machine's"
	gives 0 judge doctor school --json
	json 'all(one["judge"] == "school" and one["state"] in ("good", "note") for one in d)'
	gives 0 judge languages school
	says '  python'
	says_not 'Multi-file program                        multi'
	gives 0 judge languages school --json
	json '[one["id"] for one in d if one["language"] == "python"] == [71]'
	gives 0 judge --json
	json 'd[0]["state"] == "good" and d[0]["version"] == "1.13.1" and d[0]["weight"] == 10 and d[0]["languages"] > 3'
	nowhere
	loud=1 gives 0 judge remove school
	warns "kodelab: 1 key for it is still kept: 'kodelab keys list' shows, 'kodelab keys remove' shreds it"
	gives 0 judge --json
	json 'd == []'
}

case_a_wrong_key_is_told() {
	serve
	echo not-the-key-at-all >"$work/secret"
	stdin=$work/secret
	gives 0 judge add school "$judge" --key --yes
	stdin=/dev/null
	refuses 5 'school refuses the key (401): it was sent as X-Auth-Token; is that the header, and is the key right?' \
		judge test school
	gives 3 judge doctor school
	says "bad   school         answer     school wants a key, and no key for 'school' works: 'kodelab keys list' says why"
}

case_a_judge_that_is_not_there() {
	gives 0 judge add school http://127.0.0.1:1
	lab judge test school
	equals 'exit status of a judge that is not there' 4 "$status"
	warns 'kodelab: cannot reach 127.0.0.1:1: '
	gives 3 judge doctor
	says 'bad   school         answer     cannot reach 127.0.0.1:1: '
	lab doctor
	says "judge          school; 'kodelab judge doctor school' asks it"
	lab judge languages school
	equals 'exit status of languages that nobody tells' 4 "$status"
}

case_judges_that_are_refused() {
	refuses 3 "there is no judge 'nobody'; 'kodelab judge list' names them" judge test nobody
	refuses 3 "there is no judge 'nobody'; 'kodelab judge list' names them" judge doctor nobody
	refuses 3 "there is no judge 'nobody'; 'kodelab judge list' names them" judge languages nobody
	refuses 3 "there is no judge 'nobody'; 'kodelab judge list' names them" judge remove nobody
	refuses 2 "'frob' is not known here; choose list, add, test, remove, doctor, languages, stats, kept, send or drop" judge frob
	refuses 2 'it is: kodelab judge test NAME' judge test
	refuses 2 'it is: kodelab judge add NAME [ADDRESS]' judge add
	refuses 2 '--weight wants a number from 1 to 100' judge add school http://h --weight 0
	refuses 2 "'docker' is no kind of judge: self-hosted, rapidapi or allthingsdev" judge add school http://h --kind docker
	refuses 2 'say where the judge is: its address, such as https://judge.school.example' judge add school
	refuses 2 "'http://me:pw@h' is no address of a judge: it begins with https:// or http://, and holds no ?, # and @" \
		judge add school http://me:pw@h
	refuses 5 "a key is only taken with its owner's consent: read it and agree, or give --yes" \
		judge add school http://127.0.0.1:1 --key
	gives 0 judge --json
	json 'd == []'
	loud=1 gives 0 judge add far http://judge.example
	warns 'kodelab: the address is http, not https: code and keys can be read by everybody on the way'
	gives 0 judge add rapid --kind rapidapi
	says 'It wants a key: kodelab keys add rapid'
	refuses 5 "rapid wants a key, and there is no key for 'rapid': add one with 'kodelab keys add rapid'" judge test rapid
}

# Typed into the form of the full screen, and pasted into it: on no screen, in no file.
case_a_key_given_in_the_lab() {
	serve
	printf '%s' "$planted" >"$work/secret"
	for name in typed pasted; do
		how="type \"$planted\""
		[ $name = typed ] || how="paste secret"
		cat >"$work/steps" <<-END
			wait-idle
			key J
			wait-idle
			key +
			type "$name"
			key Tab Tab
			type "$judge"
			key Tab
			$how
			wait-idle
			expect-no "PLANTED"
			key Tab Right F5
			wait-for "$name answers: version 1.13.1"
			expect "1 in use, without a limit"
			expect-no "PLANTED"
		END
		gives 0 --script "$work/steps"
		nowhere
	done
}

# A judge that is known to work, and is down now; the welcome challenge is solved.
fallen() {
	serve 'log.requests = false'
	gives 0 judge add school "$judge"
	gives 0 judge test school
	gives 0 config judge school
	gives 0 config judge.patience_s 1
	solve_welcome
	fell
}

case_a_run_is_kept_while_the_judge_is_down() {
	fallen
	gives 0 judge kept
	says 'Nothing is kept: the judges could take all you ran.'
	echo 'print(1)' >one.py
	gives 3 run one.py
	warns 'kodelab: this run is not kept: run it again when a judge works'
	gives 3 test welcome
	warns "kodelab: the judge is down: it is kept and will be sent, by the open lab or 'kodelab judge send'"
	gives 3 test welcome
	gives 3 submit welcome --json
	python3 -c 'import json, sys; sys.exit(0 if json.load(open(sys.argv[1]))["kept"] else 1)' "$work/stdout" || fail "no id"
	gives 0 judge kept --json
	json '[one["kind"] for one in d] == ["run", "submit"] and "judge" in d[1]["why"]'
	gives 3 judge send
	warns ' is still kept: no judge can take it now: school has failed; next try in '
	gives 0 history welcome --json
	json 'd == []'
	serve 'log.requests = false'
	gives 0 judge test school
	gives 0 judge send
	says 'Your run of welcome from '
	says ' was judged: 3 of 3 tests passed.'
	says 'Your submit of welcome from '
	says ', and the challenge is solved.'
	gives 0 judge kept --json
	json 'd == []'
	gives 0 history welcome --json
	json 'sorted(one["kind"] for one in d) == ["run", "submit"]'
}

case_kept_runs_are_dropped() {
	fallen
	gives 3 submit welcome
	gives 3 test welcome
	gives 0 judge kept
	says '  submit  starter/welcome in python, from '
	name=$(sed -n 's/^\([0-9a-f]*\)  submit .*/\1/p' "$work/stdout")
	refuses 3 "there is no kept run 'nobody': 'kodelab judge kept' lists them" judge drop nobody
	gives 0 judge drop "$name"
	says '1 dropped.'
	gives 0 judge kept --json
	json '[one["kind"] for one in d] == ["run"]'
	gives 0 judge drop all
	gives 0 judge drop all
	says '0 dropped.'
}

# Killed at any moment, a kept submit becomes one attempt, and is run once.
case_a_sender_that_is_killed_loses_nothing() {
	fallen
	{
		echo 'import time; time.sleep(0.3)'
		cat "$top/challenges/starter/welcome/solution/python.py"
	} >"$home/kodelab/starter/welcome/solution.py"
	gives 3 submit welcome
	serve 'log.requests = false'
	gives 0 judge test school
	for seconds in 0.02 0.1 0.2 0.3 0.4 0.5; do
		environment timeout -s KILL $seconds "$out/kodelab" judge send >/dev/null 2>&1
	done
	gives 0 judge send
	gives 0 judge kept --json
	json 'd == []'
	gives 0 history welcome --json
	json 'len(d) == 1 and d[0]["kind"] == "submit"'
	gives 0 judge stats --json
	json 'sum(one["submissions"] for one in d) <= 1'
}

case_requests_of_a_key_are_counted() {
	serve
	echo "$planted" >"$work/secret"
	stdin=$work/secret
	gives 0 judge add school "$judge"
	gives 0 keys add school --limit 20 --yes
	stdin=/dev/null
	gives 0 config judge school
	solve_welcome
	gives 0 test welcome
	gives 0 judge stats --json
	json 'd[0]["runs"] == 1 and d[0]["requests"] >= 1 and d[0]["today"]["limit"] == 20 and d[0]["today"]["used"] >= d[0]["requests"]'
	gives 0 judge stats
	says ' of 20 requests used'
	nowhere
}

# Languages that the table does not know: programs, by option or suffix, and challenges of programs.
case_languages_that_only_a_judge_has() {
	for need in perl fpc gfortran cobc; do
		command -v $need >/dev/null || skip "languages of a judge: there is no $need"
	done
	serve 'log.requests = false'
	echo 'print scalar reverse(<STDIN>);' >"$home/one.pl"
	echo "begin writeln('pascal'); end." >"$home/two.txt"
	printf '%s\n' 'program f' "print '(a)', 'fortran'" 'end program' >"$home/three.f90"
	printf '%s\n' '       identification division.' '       program-id. four.' '       procedure division.' \
		'           display "cobol".' '           stop run.' >"$home/four.cob"
	refuses 2 "there is no language 'perl'; 'kodelab doctor' lists them" run --language perl one.pl
	refuses 2 "'one.pl' does not say its language by its suffix: name it with --language" run one.pl
	gives 0 judge add school "$judge"
	gives 0 judge test school
	gives 0 judge languages school
	says 'perl'
	gives 0 judge languages --json
	json '{one["language"] for one in d} >= {"perl", "pascal", "fortran", "cobol", "python"} and d[0]["judge"] == "school"'
	gives 0 doctor
	says 'good  others         run elsewhere, for programs: '
	extra=KL_TOOLS_PATH=/nowhere lab doctor
	says 'good  Python         runs at school; not ready here'
	echo cba >"$work/input"
	gives 0 run --input "$work/input" one.pl
	says abc
	gives 0 run --language pascal two.txt
	says pascal
	gives 0 run three.f90
	says fortran
	gives 0 run --language COBOL four.cob
	says cobol
}

case_a_challenge_in_a_language_of_a_judge() {
	command -v perl >/dev/null || skip "languages of a judge: there is no perl"
	share=$work/share
	mkdir -p "$share/challenges"
	ln -s "$top/themes" "$share/themes"
	ln -s "$top/tests/script/pack" "$share/challenges/lab"
	serve 'log.requests = false'
	refuses 2 "there is no language 'perl'; 'kodelab doctor' lists them" test shout --language perl
	gives 0 judge add school "$judge"
	gives 0 judge test school
	refuses 2 "'add' cannot be solved in Perl; 'kodelab show add' names its languages" test add --language perl
	gives 0 edit --path --language perl shout
	path=$(cat "$work/stdout")
	equals 'file of a Perl program' "$home/kodelab/lab/shout/solution.pl" "$path"
	gives 1 test shout --language perl
	echo 'print uc while <STDIN>;' >"$path"
	gives 0 test shout # the language that was used last
	says '1 of 1 passed'
	gives 0 submit shout --file "$path"
	says '2 of 2 passed'
	has_file "$(find "$home" -path '*portfolio*' -name solution.pl)"
	gives 0 history shout --json
	json 'd[0]["language"] == "perl" and d[0]["verdict"] == "passed"'
}

# On a terminal one is told what one waits for; elsewhere standard error stays as it is.
case_a_long_wait_is_told_on_a_terminal() {
	command -v script >/dev/null || skip 'a long wait: there is no script'
	serve 'judge.workers = 1'
	gives 0 judge add school "$judge"
	gives 0 config judge school
	echo 'print(1)' >one.py
	gives 0 run one.py
	echo "import time; time.sleep(1000)" >first.py # until its limit of 8 s
	echo "print(0)" >second.py
	environment "$out/kodelab" run first.py >/dev/null 2>&1 </dev/null &
	until environment "$out/kodelab" judge doctor school | grep -q ', 0 idle'; do :; done
	environment "$out/kodelab" run second.py >/dev/null 2>&1 </dev/null &
	until environment "$out/kodelab" judge doctor school | grep -q ' 1 waiting'; do :; done
	echo 'print(2)' >one.py
	environment TERM=xterm script -qec "$out/kodelab run one.py" /dev/null >"$work/stdout" 2>"$work/stderr" </dev/null
	status=$?
	wait $!
	equals 'exit status of a run that waits' 0 "$status"
	says "queued behind"
	says "at judge 'school'"
	tr '\r' '\n' <"$work/stdout" | grep -qx 2 || fail 'the output stands in a line of its own'
}

# Deleting wants a second secret: given with the judge, never seen again, sent for that alone.
case_what_was_judged_is_deleted() {
	second=school-user-Zr7Wc1Vt-PLANTED-x3Fq
	serve "authn.tokens = $planted
authz.tokens = $second
judge0.enable_submission_delete = true"
	printf '%s\n%s\n' "$planted" "$second" >"$work/secret"
	stdin=$work/secret
	gives 0 judge add school "$judge" --key --user-key --yes
	rm "$work/secret"
	stdin=/dev/null
	gives 0 judge doctor school
	says 'good  school         second key good: what was judged can be deleted (setting judge.delete)'
	gives 0 config judge school
	echo 'print(1)' >one.py
	gives 0 run one.py
	equals 'submissions without judge.delete' 1 "$(submissions)"
	gives 0 config judge.delete yes
	echo 'print(2)' >one.py
	gives 0 run one.py
	equals 'submissions with judge.delete' 1 "$(submissions)"
	! grep -rqF -- "$second" "$home" || fail "the second secret lies in $(grep -rlF -- "$second" "$home")"
	nowhere
	gives 0 keys test
	loud=1 gives 0 judge remove school
	warns 'kodelab: 2 keys for it are still kept'
	printf '%s\n%s\n' "$planted" wrong-second-secret >"$work/secret"
	stdin=$work/secret
	gives 0 judge add other "$judge" --key --user-key --yes
	rm "$work/secret"
	stdin=/dev/null
	gives 3 judge doctor other
	says "bad   other          second key it is not taken (403): is it one of the judge's authorization tokens, and is X-Auth-User the header?"
	echo secret >"$work/secret"
	stdin=$work/secret
	refuses 2 'Judge0 CE at RapidAPI has no second secret: leave it out' judge add rapid --kind rapidapi --user-key --yes
}

submissions() { # how many the judge still has
	python3 -c 'import json, sys, urllib.request as r
q = r.Request(sys.argv[1] + "/submissions?base64_encoded=true", headers={"X-Auth-Token": sys.argv[2], "X-Auth-User": sys.argv[3]})
print(json.load(r.urlopen(q))["meta"]["total_count"])' "$judge" "$planted" "$second"
}
