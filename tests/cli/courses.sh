# Courses of the class server: what needs no server, and the whole of it with one.

case_courses_want_a_login() {
	refuses 5 "you are not logged in: kodelab login ADDRESS" course
	refuses 5 "you are not logged in: kodelab login ADDRESS" grade
	refuses 5 "you are not logged in: kodelab login ADDRESS" course join K7M2QX0B
	lab course --json
	equals status 5 "$status"
	json 'd["error"]["message"] == "you are not logged in: kodelab login ADDRESS"'
}

# What is wrong with the words is said before anybody is asked.
case_courses_want_the_right_words() {
	refuses 2 "'frob' is not known here: 'kodelab help course' lists what is" course frob
	refuses 2 "it is: kodelab course join CODE" course join
	refuses 2 "it is: kodelab course assign COURSE TITLE ITEM...; ITEM is PACK/SLUG[=POINTS]" course assign c t
	refuses 2 "name a challenge by its pack: PACK/SLUG, not 'hello'" course assign c t hello
	refuses 2 "name a challenge by its pack: PACK/SLUG, not 'hello'" course challenges hello
	refuses 2 "name a challenge by its pack: PACK/SLUG, not 'a/b/c'" course challenges a/b/c
	refuses 2 "points are a whole number from 1 to 10000: 'p/s=0'" course assign c t p/s=0
	refuses 2 "'tomorrow' is no time: write 2026-10-01 or \"2026-10-01 22:00\", or never" course assign c t p/s --due tomorrow
	refuses 2 "'never' is no time: write 2026-10-01 or \"2026-10-01 22:00\"" course extend c a s --due never
	refuses 2 "'200' must be a whole number from 0 to 100" course assign c t p/s --percent 200
	refuses 2 "say how many percent less a day begun is with --percent" course assign c t p/s --due 2030-01-01 --late percent
	refuses 2 "it is: kodelab course change COURSE ASSIGNMENT [ITEM...]; ITEM is PACK/SLUG[=POINTS]" course change c
	refuses 2 "say what is to change: challenges, --title, --due or another option" course change c a
	refuses 2 "'--reason' is for extend, not for change" course change c a --reason ill
	refuses 2 "name a challenge by its pack: PACK/SLUG, not 'hello'" course change c a hello
	refuses 2 "'tomorrow' is no time: write 2026-10-01 or \"2026-10-01 22:00\", or never" course change c a --due tomorrow
	refuses 2 "say until when with --due" course extend c a s
	refuses 2 "a role is student, assistant or instructor, not 'boss'" course role c s boss
	refuses 2 "'../x' is no name of a pack" course keep c ../x
	refuses 2 "it is: kodelab course leaderboard [COURSE [show|hide]]" course leaderboard c maybe
	lab grade --json --csv
	equals status 2 "$status"
	json 'd["error"]["message"] == "choose --json or --csv"'
}

# Help is a table with a line for each action, which fits a terminal.
case_help_of_course_is_a_table() {
	gives 0 help course
	says "  show [COURSE]                       what is set, and how far you are"
	says "  extend COURSE ASSIGNMENT STUDENT    give one more time, with --due"
	wide=$(awk 'length($0) > 80' "$work/stdout")
	[ -z "$wide" ] || fail "help course has a line over 80 columns: $wide"
	for action in $(sed -n 's/^  \([a-z]*\) .*/\1/p' "$work/stdout"); do
		lab course "$action" a b c d --json
		! grep -q "is not known here" "$work/stdout" || fail "course $action is not known"
	done
}

# An option that the action would not look at is refused; what help says of it is what the refusal says.
case_courses_refuse_options_of_other_actions() {
	refuses 2 "'--due' is for assign, change and extend, not for list" course --due 2030-01-01
	refuses 2 "'--archived' is for list, not for show" course show --archived
	refuses 2 "'--late' is for assign and change, not for extend" course extend c a s --due 2030-01-01 --late cut
	refuses 2 "'--title' is for change, not for assign" course assign c t p/s --title x
	environment "$out/kodelab" help course | sed -n 's/^  .*--\([a-z]*\)\( [A-Z]*\)\?  *\([a-z, ]*\): .*/\1 \3/p' >"$work/options"
	[ "$(wc -l <"$work/options")" -eq 11 ] || fail "11 options were expected"
	while read -r option whose; do
		whose=$(echo "$whose" | sed 's/, \([a-z]*\)$/ and \1/')
		case $option in archived) value= ;; *) value==1 ;; esac
		refuses 2 "'--$option' is for $whose, not for teams" course teams "--$option$value"
	done <"$work/options"
}

# A class server with a teacher and two students: $class is its address. It ends with this shell's child.
class_server() {
	printf 'listen = 127.0.0.1:0\ndata = %s\njudge.enabled = false\n' "$work/server" >"$work/kodelabd.conf"
	echo "a password for tests" >"$work/password"
	for who in "teacher instructor" "ada student" "ben student"; do
		# shellcheck disable=SC2086 # a name and a role
		set -- $who
		environment "$out/kodelabd" --config "$work/kodelabd.conf" user add "$1" --role "$2" <"$work/password" >/dev/null ||
			fail "the user $1 cannot be made"
	done
	start_kodelabd
	class=http://$address
	extra=no_proxy=*
}

# as NAME arguments...: the lab of that user, in a home of his own
as() {
	home=$work/$1
	if [ ! -d "$home" ]; then
		mkdir "$home"
		stdin=$work/password
		gives 0 login --password --user "$1" "$class"
		stdin=/dev/null
	fi
	shift
	gives "$@"
}

# The begin of a title will do, in whatever case, when only one has it.
case_a_course_is_named_by_its_begin() {
	class_server
	for title in "Programming I" "Programmation" "Öl und Gas"; do
		as teacher 0 course create "$title"
	done
	as teacher 0 course show pRogramming
	says "Programming I (INSTRUCTOR, 0 students)"
	as teacher 0 course show "ÖL" --json
	json 'd["title"] == "Öl und Gas"'
	as teacher 2 course show prog
	warns "kodelab: 'prog' may be 2 courses: 'Programm"
	warns "; name one by its id"
	as teacher 3 course show gramming
	warns "there is no course 'gramming': 'kodelab course list' shows yours"
}

# Two that differ in case alone are told apart by whoever writes one as it is.
case_a_course_is_named_letter_by_letter() {
	class_server
	as teacher 0 course create "Programming"
	as teacher 0 course create "programming"
	as teacher 0 course show "programming" --json
	json 'd["title"] == "programming"'
	as teacher 0 course show "Programming" --json
	json 'd["title"] == "Programming"'
	as teacher 2 course show "PROGRAMMING"
	warns "kodelab: 'PROGRAMMING' may be 2 courses: '"
}

# A day alone ends what is due on it, and begins what opens on it.
case_an_assignment_opens_with_its_day() {
	class_server
	as teacher 0 course create "Programming"
	as teacher 0 course assign Programming Exam starter/welcome --opens 2031-05-01 --due 2031-05-01
	as teacher 0 course show --json
	json '[d["assignments"][0][at] for at in ("opens_at", "due_at")] == ["2031-05-01T00:00:00.000Z", "2031-05-01T23:59:00.000Z"]'
}

# Who has forgotten his password gets a code of who teaches him, and is logged in with it.
case_a_forgotten_password() {
	class_server
	as teacher 0 course create Programming
	code=$(awk '/course join/ { print $NF }' "$work/stdout")
	as ada 0 course join "$code"
	as teacher 3 course reset Programming nobody
	warns "there is no member 'nobody': 'kodelab course students' lists them"
	as teacher 0 course reset Programming ada
	says " --user ada ADDRESS"
	code=$(sed 's/.*--reset \([^ ]*\).*/\1/' "$work/stdout")
	as ada 5 course reset Programming ada
	home=$work/elsewhere
	echo "another password" >"$work/password"
	stdin=$work/password
	gives 5 login --reset AAAA-BBBB-CCCC --user ada "$class"
	warns "this code is not good for that name, or over: ask for another"
	gives 0 login --reset "$code" --user ada "$class"
	says "You are ada at"
	gives 5 login --reset "$code" --user ada "$class"
	gives 0 logout
	gives 0 login --password --user ada "$class"
	stdin=/dev/null
}

case_a_course_from_end_to_end() {
	class_server
	as teacher 0 course
	says "You teach no course yet. 'kodelab course create TITLE' begins one and prints its code; 'kodelab course join CODE' joins one."
	as ada 0 course
	says "You are in no course yet. 'kodelab course join CODE' joins one."
	as teacher 0 course create "Programming I"
	code=$(sed -n 's/^Students join it with: kodelab course join \([0-9A-Z]*\)$/\1/p' "$work/stdout")
	[ "${#code}" -eq 8 ] || fail "a code was expected"
	as ada 0 course join "$(echo "$code" | tr A-Z a-z)"
	says "You have joined 'Programming I'."
	as ada 3 course join 00000000
	warns "no course has this code"
	as teacher 0 course assign "programming i" "Week =1" starter/welcome=20 starter/echo --due "2030-01-15 22:00" --late percent --percent 10 --floor 50
	says "'Week =1' is set."
	as ada 0 course show
	says "Programming I (STUDENT, 1 student)"
	says "open      2030-01-15 22:00    0.00 of 30    Week =1"
	says "0.00 of 20      starter/welcome (not published)"
	as teacher 0 course
	says "id        role                students  course"
	says "  INSTRUCTOR                 1  Programming I"
	as teacher 0 course show
	says "state     due               points  assignment"
	says "open      2030-01-15 22:00      30  Week =1"
	says "                                20    starter/welcome (not published)"
	as teacher 0 course change "programming i" "week =1" --due "2020-01-15 22:00"
	as teacher 0 course show
	says "past due  2020-01-15 22:00      30  Week =1"
	as teacher 0 course change "programming i" "week =1" --due "2030-01-15 22:00"
	as teacher 0 course students
	says "name                  role                   total  joined            shown as"
	says "ada                   STUDENT                 0.00  20"
	as teacher 0 course activity
	says "when              student               did         best  challenge"
	grep -qx "never             ada" "$work/stdout" || fail "a row that ends with its name was expected"
	as ada 0 course leaderboard
	says "rank     total  name"
	says "   1      0.00  ada (you)"
	as teacher 0 course extend "programming i" "week =1" ada --due 2030-02-01 --reason ill
	as ada 0 course show --json
	json 'd["assignments"][0]["due_at"] == "2030-02-01T23:59:00.000Z"'
	printf 'name;shown\nada;Ada\nzoe;Zoe\n' >"$work/names.csv"
	as teacher 0 course roster "programming i" "$work/names.csv"
	says "2 names of '$work/names.csv' are on the roster."
	: >"$work/none.csv"
	as teacher 0 course roster "programming i" "$work/none.csv"
	says "0 names of '$work/none.csv' are on the roster."
	as teacher 0 course roster "programming i"
	says "joined  ada                   Ada"
	as teacher 0 course team "programming i" Red ada
	says "Red: 1 joined."
	as teacher 0 course teams
	says "rank     score  team"
	says "Red (1 member)"
	says "A team's score is the mean of its members' totals"
	as teacher 3 course team "programming i" Blue ada nobody
	warns "there is no member 'nobody': 'kodelab course students' lists them"
	as teacher 3 course team "programming i" Red nobody
	as teacher 0 course teams --json
	json '[(t["name"], t["members"]) for t in d] == [("Red", 1)]'
	as teacher 0 course team "programming i" Blue ada
	says "Blue: 1 joined."
	as teacher 0 course teams --json
	json 'sorted((t["name"], t["members"]) for t in d) == [("Blue", 1), ("Red", 0)]'
	as teacher 0 course team "programming i" Red ada
	as teacher 0 grade
	says "  1  Week =1 (30 points)"
	as teacher 0 grade --csv
	equals headings '"Name","Display name","Week =1 (30)","Total"' "$(head -n 1 "$work/stdout")"
	as teacher 0 grade --output "$work/grades.csv"
	has_file "$work/grades.csv"
	as ada 5 course challenges
	warns "only instructors can do this; an administrator of the class server can make you one"
	as teacher 0 course challenges
	says "Nobody has handed in anything yet."
	as teacher 0 course challenges --json
	json 'd == []'
	as teacher 3 course challenges lab/nowhere
	warns "there is no such thing, or it is not yours to see"
	as ada 5 grade
	warns "only the staff of the course can do this; its instructor can make you an assistant"
	as ada 0 course leaderboard "programming i" hide
	as teacher 0 course leaderboard
	says "Nobody is on this leaderboard."
	says "Who hides ('leaderboard COURSE hide') is in no rank; the work counts as before."
	as teacher 0 course role "programming i" ada assistant
	as ada 0 grade --json
	json 'd["students"] == []'
	as teacher 0 course archive "programming i"
	as ada 0 course
	says "None of your courses is open. 'kodelab course list --archived' shows them."
	as ada 3 course show
	warns "there is no course that is open: 'kodelab course list' shows yours"
	as teacher 0 course reopen "programming i"
	as ada 0 course leave "programming i"
	as ada 3 course show
	warns "there is no course that is open: 'kodelab course list' shows yours"
}

# Only what is given is changed; "never" takes a time away.
case_an_assignment_is_changed() {
	class_server
	as teacher 0 course create "Programming I"
	code=$(sed -n 's/^Students join it with: kodelab course join //p' "$work/stdout")
	as ada 0 course join "$code"
	echo "Read first." >"$work/words.md"
	as teacher 0 course assign programming "Week 1" starter/welcome=20 --due "2030-01-15 22:00" --late percent \
		--percent 10 --floor 50 --grace 5 --until 2030-02-01 --instructions "$work/words.md"
	as teacher 0 course change programming "week 1" --due 2030-01-20
	says "'Week 1' is changed."
	as teacher 0 course change programming "week 1" --title "Week one" --floor 0 --json
	json 'd["title"] == "Week one" and d["due_at"] == "2030-01-20T23:59:00.000Z" and d["instructions"] == "Read first.\n"'
	json '(d["late"], d["late_percent"], d["late_floor"], d["grace_minutes"]) == ("percent", 10, 0, 5)'
	json '[(i["slug"], i["points"]) for i in d["items"]] == [("welcome", 20)]'
	as teacher 2 course change programming "week one" --due never
	warns "a late policy needs a time when the assignment is due"
	as teacher 0 course change programming "week one" starter/echo starter/welcome=5 --due never --until never --late none
	says "starter/echo is not published: until it is, nobody can open it."
	as ada 0 course show --json
	json 'd["assignments"][0]["due_at"] is None and d["assignments"][0]["late_until"] is None'
	json '[(i["slug"], i["points"]) for i in d["assignments"][0]["items"]] == [("echo", 10), ("welcome", 5)]'
	as teacher 3 course change programming "week 1" --title "Week 2"
	warns "there is no assignment 'week 1': 'kodelab course show' lists them"
	as ada 5 course change programming "week one" --title "No week"
	warns "only an instructor of the course can do this; ask one of them"
}

case_a_pack_is_published_for_a_course_alone() {
	class_server
	as teacher 0 course create "Programming I"
	as teacher 3 publish --course "Programming II" --yes --fast "$top/tests/script/pack"
	warns "'Programming II'"
	as teacher 0 publish --course "programming i" --check-only --fast "$top/tests/script/pack"
	says "not published yet"
	as teacher 0 publish --course "programming i" --yes --fast "$top/tests/script/pack"
	says "version 1"
	as ada 0 sync
	as ada 0 list --json
	json 'not any(item["pack"] == "lab" for item in d)'
	as teacher 0 course release "programming i" lab
	says "The pack 'lab' is for everybody."
	as ada 0 sync
	as ada 0 list --json
	json 'any(item["pack"] == "lab" for item in d)'
}
