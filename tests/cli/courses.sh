# Courses of the class server: what needs no server, and the whole of it with one.

case_courses_want_a_login() {
	refuses 5 "you are not logged in: kodelab login ADDRESS" course
	refuses 5 "you are not logged in: kodelab login ADDRESS" grade
	refuses 5 "you are not logged in: kodelab login ADDRESS" course join K7M2QX0B
	lab course --json
	json 'd["error"]["message"] == "you are not logged in: kodelab login ADDRESS"'
}

# What is wrong with the words is said before anybody is asked.
case_courses_want_the_right_words() {
	refuses 2 "'frob' is not known here: 'kodelab help course' lists what is" course frob
	refuses 2 "it is: kodelab course join CODE" course join
	refuses 2 "it is: kodelab course assign COURSE TITLE PACK/SLUG[=POINTS]..." course assign c t
	refuses 2 "name a challenge by its pack: PACK/SLUG, not 'hello'" course assign c t hello
	refuses 2 "points are a whole number from 1 to 10000: 'p/s=0'" course assign c t p/s=0
	refuses 2 "'tomorrow' is no time: write 2026-10-01 or \"2026-10-01 22:00\"" course assign c t p/s --due tomorrow
	refuses 2 "'200' must be a whole number from 1 to 100" course assign c t p/s --percent 200
	refuses 2 "say until when with --due" course extend c a s
	refuses 2 "a role is student, assistant or instructor, not 'boss'" course role c s boss
	refuses 2 "it is: kodelab course leaderboard [COURSE [show|hide]]" course leaderboard c maybe
	lab grade --json --csv
	equals status 2 "$status"
	json 'd["error"]["message"] == "choose --json or --csv"'
}
