# Finding and reading: list, search, show, next, random, daily, hint, stats.

case_list() {
	gives 0 list
	says "   1  BEGINNER      welcome             Welcome aboard"
	equals rows "$(cd "$top/challenges/starter" && ls -d */ | wc -l)" "$(wc -l <"$work/stdout")"
	gives 0 list --json
	json 'len(d) >= 20 and d[0]["slug"] == "welcome" and d[0]["state"] == "new" and type(d[0]["tags"]) is list'
}

case_list_filters() {
	gives 0 list -d expert --json
	json 'len(d) >= 4 and all(c["difficulty"] == "EXPERT" for c in d)'
	gives 0 list -c graphs --json
	json 'd and all(c["category"] == "graphs" for c in d)'
	gives 0 list -t graphs
	gives 0 list -s solved
	says "No challenge fits."
	gives 0 list -s solved --json
	json 'd == []'
	gives 0 list --sort title --json
	json '[c["title"].lower() for c in d] == sorted(c["title"].lower() for c in d)'
	gives 0 list --sort minutes --json
	json '[c["minutes"] for c in d] == sorted(c["minutes"] for c in d)'
	gives 0 list -l rust
	refuses 2 "'hard' is no difficulty; choose beginner, intermediate, advanced or expert" list -d hard
	refuses 2 "'done' is no state; choose new, begun or solved" list -s done
	refuses 2 "'size' is no column; choose number, title, difficulty, minutes or state" list --sort size
	refuses 2 "there is no language 'klingon'; 'kodelab doctor' lists them" list -l klingon
}

case_search() {
	gives 0 search welcome
	says "Welcome aboard"
	equals rows 1 "$(wc -l <"$work/stdout")"
	gives 0 search WELCOME ABOARD
	says "Welcome aboard"
	gives 0 search zzzzzz
	says "No challenge fits."
	gives 0 search zzzzzz --json
	json 'd == []'
	refuses 2 "an argument is missing: kodelab search WORDS..." search
}

case_show() {
	gives 0 show welcome
	says "starter/welcome  BEGINNER, basics, about 2 minutes, "
	says "In: Python, C,"
	says_not "{key:"
	says_not "SQL"
	cp "$work/stdout" "$work/first"
	for name in starter/welcome 1 "$top/challenges/starter/welcome"; do
		gives 0 show "$name"
		cmp -s "$work/first" "$work/stdout" || fail "show $name shows something else"
	done
	gives 0 show 1 --json
	json 'd["slug"] == "welcome" and "python" in d["languages"] and "sql" not in d["languages"] and d["statement"]'
}

case_show_refuses() {
	refuses 3 "no challenge 'welcom', did you mean 'welcome'?" show welcom
	refuses 3 "no challenge '9999' ('kodelab list' shows all)" show 9999
	refuses 3 "this folder belongs to no challenge: name one ('kodelab list' shows all)" show
	refuses 3 "this folder belongs to no challenge: name one ('kodelab list' shows all)" test .
}

case_show_in_the_work_folder() {
	gives 0 edit -p welcome
	cd "$home/kodelab/starter/welcome" || exit 1
	gives 0 show
	says "starter/welcome"
	gives 0 show ./solution.py
	says "starter/welcome"
}

case_next() {
	gives 0 next
	says "starter/welcome  Welcome aboard (BEGINNER, about 2 minutes)"
	solve_welcome
	gives 0 submit welcome
	gives 0 next --json
	json 'd["slug"] != "welcome" and d["pack"] == "starter"'
}

case_next_of_the_level() {
	gives 0 config level Expert
	gives 0 next
	says "(EXPERT, about"
	gives 0 next --json
	json 'd["difficulty"] == "EXPERT"'
	gives 0 config level any
	gives 0 next
	says "starter/welcome"
	refuses 2 "'level' must be one of: any beginner intermediate advanced expert; not 'guru'" config level guru
}

case_next_when_all_is_solved() {
	share=$work/share
	mkdir -p "$share/challenges/one"
	ln -s "$top/themes" "$share/themes"
	cp -R "$top/challenges/starter/welcome" "$share/challenges/one/"
	printf '{"format": 1, "id": "one", "title": "One", "challenges": ["welcome"]}\n' >"$share/challenges/one/pack.json"
	mkdir -p "$home/kodelab/one/welcome"
	cp "$top/challenges/starter/welcome/solution/python.py" "$home/kodelab/one/welcome/solution.py"
	gives 0 submit welcome
	gives 0 next
	says "Everything is solved. Well done!"
	gives 0 next --json
	json 'd is None'
}

case_random_and_daily() {
	gives 0 random
	says "starter/"
	gives 0 random --json
	json 'd["slug"] and d["pack"] == "starter"'
	extra='KL_CLOCK=1772370300000'
	gives 0 daily --json
	cp "$work/stdout" "$work/first"
	gives 0 daily --json
	cmp -s "$work/first" "$work/stdout" || fail "today's challenge changed"
}

case_no_packs() {
	share=$work/share
	mkdir "$share"
	for name in next random daily; do
		refuses 3 "there are no challenges; 'kodelab doctor' says where they are looked for" $name
	done
	gives 0 list
	says "No challenge fits."
	refuses 3 "no challenge 'welcome': there are no packs here" show welcome
}

case_a_broken_pack_is_told() {
	share=$work/share
	mkdir -p "$share/challenges/bad"
	printf '{"format": 1,\n "id": 5}\n' >"$share/challenges/bad/pack.json"
	loud=1
	gives 0 list
	warns "pack.json:2: "
}

case_hint() {
	gives 0 hint -a welcome
	says "No hint has been revealed yet."
	gives 0 hint welcome
	says "Hint 1 of 3"
	gives 0 hint welcome --json
	json 'd["revealed"] == 2 and d["of"] == 3 and len(d["hints"]) == 1 and "*fewer*" in d["hints"][0]'
	gives 0 hint welcome
	gives 0 hint welcome
	says "All hints have been revealed; 'kodelab hint --all' shows them again."
	gives 0 hint --all welcome
	equals hints 3 "$(grep -c '^Hint' "$work/stdout")"
	says '12 passengers has fewer than'
	says_not "\`"
}

case_stats() {
	gives 0 stats
	says "0 of "
	solve_welcome
	gives 0 submit welcome
	gives 0 stats
	says "1 of "
	says "attempts: 1 (1 submitted, 1 of them passed)"
	says "streak: 1 day (longest: 1)"
	gives 0 stats --json
	json 'd["completed"] == 1 and d["passes"] == 1 and sum(d["heatmap"]) == 1 and d["by_difficulty"][0]["completed"] == 1'
}
