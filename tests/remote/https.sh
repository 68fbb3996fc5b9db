# Pushing over https: certificates by an authority of the test's own, a server that misbehaves as the address asks.

# shellcheck source=tests/remote/lib.sh
. "$top/tests/remote/lib.sh"

certificate() { # name, subject, arguments of openssl x509...: signed by the authority
	name=$1 subject=$2
	shift 2
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$subject" -keyout "$server/$name.key" \
		-out "$server/$name.csr" && openssl x509 -req -in "$server/$name.csr" -CA "$server/authority.pem" \
		-CAkey "$server/authority.key" -CAcreateserial "$@" -out "$server/$name.crt" || return
	cat "$server/$name.crt" "$server/$name.key" >"$server/$name.pem"
}

authority() { # file: a new one
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj '/CN=Test authority' -days 2 \
		-keyout "$server/$1.key" -out "$server/$1.pem"
}

certificates() {
	echo 'subjectAltName=DNS:localhost' >"$server/localhost.ext"
	authority stranger && cat "$server/stranger.key" >>"$server/stranger.pem" && authority authority &&
		certificate main /CN=localhost -days 2 -extfile "$server/localhost.ext" && cp "$server/main.pem" "$server/port.pem" &&
		certificate host /CN=127.0.0.1 -days 2 && certificate misnamed /CN=elsewhere.example -days 2 &&
		certificate expired /CN=localhost -days -1 -extfile "$server/localhost.ext"
}

# The server, with $main, $port, … the ports it listens on; the lab trusts its authority and has its token.
serve() {
	for tool in openssl python3 git; do
		command -v $tool >/dev/null || skip "pushes over https: $tool is not installed"
	done
	server=$work/server repository=$work/server/repositories/x.git
	mkdir -p "$server/repositories"
	: >"$server/requests"
	certificates >"$server/openssl" 2>&1 || {
		cat "$server/openssl"
		exit 1
	}
	environment git init -q --bare "$repository"
	environment git -C "$repository" config http.receivepack true
	mkfifo "$server/ports" "$server/hanging"
	# shellcheck disable=SC2016 # for the inner shell
	environment sh -c 'echo $$ >"$0"; exec "$@"' "$server/pid" python3 "$top/tests/remote/server.py" "$server" 2>"$server/log" &
	trap 'kill "$(cat "$server/pid")"' EXIT
	read -r ports <"$server/ports"
	eval "$ports"
	extra=SSL_CERT_FILE=$server/authority.pem
	portfolio
	token sesame-token
}

token() {
	echo "$1" >"$work/token"
	stdin=$work/token
	gives 0 config portfolio.token -
	stdin=/dev/null
}

# pushing WORD [LISTENER HOST]: portfolio.remote is an address that is answered so
pushing() {
	eval "address=https://${3:-localhost}:\$${2:-main}/$1/x.git"
	gives 0 config portfolio.remote "$address"
}

no_request() { # listener: it was not spoken to
	! grep "^$1 " "$server/requests" || fail "$1 was spoken to"
}

asked() { # the requests, as "METHOD password" words
	equals requests "$1" "$(awk '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $2, $4 }' "$server/requests")"
}

case_https_a_solved_challenge() {
	serve
	rm -rf "$home/kodelab-portfolio"
	pushing good
	solve_welcome
	gives 0 submit welcome
	gives 0 portfolio push
	equals said "pushed main to $address" "$(cat "$work/stdout")"
	asked 'GET -, GET sesame-token, POST sesame-token'
	arrived 1
	environment git -C "$repository" fsck --strict >/dev/null 2>&1 || fail "git fsck does not accept what was pushed"
	equals subject "Solve Welcome aboard in python" "$(environment git -C "$repository" log --format=%s main)"
	gives 0 portfolio push
	arrived 1
}

case_https_tokens() {
	serve
	pushing good
	token wrong
	refuses 5 "'$address' refused the token: it may be wrong, expired, or may not write" portfolio push
	asked 'GET -, GET wrong'
	gives 0 config portfolio.token ''
	refuses 5 "'$address' wants a token: make one there and set it with kodelab config portfolio.token" portfolio push
	token sesame-token
	pushing nobody
	refuses 5 "'$address' refused the token: it may be wrong, expired, or may not write" portfolio push
	pushing forbidden
	refuses 5 "'$address' refused the token: it may be wrong, expired, or may not write" portfolio push
	arrived 0
}

# The token belongs to one host and one port; each of the others answers when it is asked directly.
case_https_redirects() {
	serve
	away="sends us to another address: set that one as portfolio.remote"
	for to in port host; do
		for step in first later post; do
			pushing $step-to-$to
			refuses 5 "'$address' $away" portfolio push
			no_request $to
		done
	done
	arrived 0
	pushing good port
	gives 0 portfolio push
	arrived 1
	portfolio Second
	pushing good host 127.0.0.1
	gives 0 portfolio push
	arrived 2
	portfolio Third
	pushing moved
	gives 0 portfolio push
	arrived 3
}

case_https_through_a_proxy() {
	serve
	extra="$extra https_proxy=http://127.0.0.1:$proxy"
	pushing good
	gives 0 portfolio push
	grep -q "^proxy CONNECT localhost:$main -$" "$server/requests" || fail "the proxy was not asked"
	arrived 1
	portfolio Second
	for step in first later; do
		pushing $step-to-port
		refuses 5 "'$address' sends us to another address: set that one as portfolio.remote" portfolio push
	done
	! grep "^proxy CONNECT localhost:$port" "$server/requests" || fail "the proxy was asked for another port"
	no_request port
	extra="SSL_CERT_FILE=$server/authority.pem https_proxy=https://localhost:$port"
	pushing good
	refuses 2 "cannot push through an https proxy: give your proxy as http://… in https_proxy" portfolio push
	no_request port
	arrived 1
}

# What git's own settings make of an address is held to the same rules.
case_https_rewritten_addresses() {
	serve
	pushing good
	environment git config --global "url.http://localhost:$port/good/.insteadOf" "https://localhost:$main/good/"
	refuses 2 "http would send your work and token in the clear: use https" portfolio push
	environment git config --global --unset-all "url.http://localhost:$port/good/.insteadOf"
	environment git config --global "url.https://localhost:$port/good/.insteadOf" "https://localhost:$main/good/"
	gives 0 portfolio push
	equals said "pushed main to https://localhost:$port/good/x.git" "$(cat "$work/stdout")"
	no_request main
	arrived 1
}

# A password in the address is as much of a secret.
case_https_redirects_with_a_password() {
	serve
	gives 0 config portfolio.token ''
	for to in port host; do
		for step in first later post; do
			address=https://ada:sesame-token@localhost:$main/$step-to-$to/x.git
			gives 0 config portfolio.remote "$address"
			refuses 5 "'https://ada…@localhost:$main/$step-to-$to/x.git' sends us to another address: set that one as portfolio.remote" portfolio push
			no_request $to
		done
	done
	arrived 0
}

case_https_certificates() {
	serve
	for listener in stranger expired misnamed; do
		pushing good $listener
		refuses 5 "the certificate of '$address' is not to be trusted: nothing was sent" portfolio push
		no_request $listener
	done
	extra=
	pushing good
	refuses 5 "the certificate of '$address' is not to be trusted: nothing was sent" portfolio push
	no_request main
	arrived 0
}

# One sentence, whatever libgit2 calls it, and nothing raw of what the server sent.
cannot_reach() { # word
	pushing "$1"
	gives 4 portfolio push
	grep -q "^kodelab: cannot reach '$address': [ -~]*; your commits are safe here, push again later$" "$work/stderr" ||
		fail "$1: the sentence was expected"
	equals lines 1 "$(wc -l <"$work/stderr")"
}

case_https_bad_answers() {
	serve
	for word in cut cut-post rubbish page broken; do
		cannot_reach $word
	done
	warns "unexpected http status code: 503"
	pushing absent
	refuses 3 "there is no repository at '$address', or not for you: make it there first" portfolio push
	pushing good
	gives 0 portfolio push
	arrived 1
}

# $! and $work/pid: a lab that pushes to a server that has stopped answering.
push_hangs() { # word
	pushing "$1"
	environment sh -c 'echo $$ >"$0"; exec "$@"' "$work/pid" "$out/kodelab" portfolio push >"$work/stdout" 2>"$work/stderr" </dev/null &
	read -r _ <"$server/hanging"
}

# The push holds this lock as long as it lives.
push_is_gone() {
	flock -w 5 "$home/kodelab-portfolio/.git/kodelab/lock" true || fail "kodelab-git is still there"
}

case_https_hangs_and_is_stopped() {
	serve
	for word in hang hang-post; do
		push_hangs $word
		pushed=$!
		kill -TERM "$(cat "$work/pid")"
		wait $pushed
		equals "$word: status" 130 $?
		push_is_gone
	done
	push_hangs hang
	pushed=$!
	kill -KILL "$(cat "$work/pid")"
	wait $pushed
	push_is_gone
	pushing good
	gives 0 portfolio push
	arrived 1
}

case_https_hangs_for_ever() {
	[ -n "${KL_TEST_THOROUGH:-}" ] || skip "the push that hangs for two minutes: KL_TEST_THOROUGH=1 waits for it"
	serve
	push_hangs hang
	wait $!
	status=$?
	equals status 3 $status
	warns "kodelab: the push took longer than 2 minutes and was stopped: your commits are safe here, push again later"
	push_is_gone
}

case_https_the_server_declines() {
	serve
	printf '#!/bin/sh\nprintf "\\033]0;owned\\007not today\\n" >&2\nexit 1\n' >"$repository/hooks/pre-receive"
	chmod +x "$repository/hooks/pre-receive"
	pushing good
	refuses 5 "'$address' refused the push: pre-receive hook declined" portfolio push
	rm "$repository/hooks/pre-receive"
	gives 0 portfolio push
	environment git -C "$repository" update-ref refs/heads/main \
		"$(environment git -C "$repository" commit-tree -m Other 4b825dc642cb6eb9a060e54bf8d69288fbee4904)"
	portfolio Second
	refuses 6 "'$address' has commits that are not here: run git -C '$home/kodelab-portfolio' pull --rebase, then push again" portfolio push
}
