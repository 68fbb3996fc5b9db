# Class servers: logging in and out, and who is who, as far as that needs no server.

case_nobody_is_logged_in() {
	refuses 5 "you are not logged in: kodelab login ADDRESS" whoami
	refuses 5 "you are not logged in: kodelab login ADDRESS" logout
	gives 0 whoami --all
	says "No class server is known: kodelab login ADDRESS"
	gives 0 whoami --all --json
	json 'd == []'
	lab whoami --json
	json 'd["error"]["message"].startswith("you are not logged in")'
	equals status 5 "$status"
}

case_login_wants_an_address() {
	refuses 2 "name the address of your class server" login
	warns "Try 'kodelab help login'."
	refuses 3 "there is no class server 'school' here: 'kodelab whoami --all' lists them" login school
	refuses 2 "name the authority's file by its whole path: --ca /…/ca.pem" login --ca ca.pem class.example.org
}

case_publish_wants_a_login_and_a_pack() {
	refuses 5 "you are not logged in: kodelab login ADDRESS" publish
	gives 0 help publish
	says "--check-only"
}

# Nobody listens there: exit 4, and nothing is remembered of the server.
case_login_to_nobody() {
	extra=no_proxy=*
	lab login http://127.0.0.1:9
	equals status 4 "$status"
	warns "cannot reach 127.0.0.1:9"
	gives 0 whoami --all
	says "No class server is known"
	echo secret12 >password
	stdin=password
	lab login --password --user ada http://127.0.0.1:9
	equals status 4 "$status"
	warns "cannot reach 127.0.0.1:9"
	lab login --token-stdin http://127.0.0.1:9
	equals status 4 "$status"
	warns "cannot reach 127.0.0.1:9"
}

case_sync_wants_a_login() {
	refuses 5 "you are not logged in: kodelab login ADDRESS" sync
	refuses 2 "one of --mine, --theirs and --both" sync --mine --theirs
	refuses 2 "a challenge is named with --mine, --theirs or --both" sync welcome
}
