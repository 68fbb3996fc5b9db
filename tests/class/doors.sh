# What stands between a lab and its class server by right or by wrong: certificates, proxies.
. "$top/tests/class/words.sh"

# A TLS of its own before the server: $door is its port. certificate, old (only versions that are none any more)
open_door() {
	mkfifo "$work/bell" "$work/port"
	KL_TLS_OLD=${2:-} python3 "$top/tests/judge/terminator.py" "$work/$1.pem" "$work/$1.key" "$port" <"$work/bell" >"$work/port" 2>/dev/null 4>&- &
	ends_with_case $!
	exec 8>"$work/bell" 9<"$work/port"
	read -r door <&9
}

close_door() { # $came: bytes that came through it
	exec 8>&-
	read -r came <&9
	exec 9<&-
	rm "$work/bell" "$work/port"
}

# Refused with these words, and not a byte of the request was sent. why: "": as OpenSSL puts it
refused_at_door() { # certificate, old, why
	open_door "$1" "$2"
	stdin=$work/password
	lab login --password --user ada --name school --ca "$work/ca.pem" "https://127.0.0.1:$door"
	stdin=/dev/null
	equals status 4 "$status"
	warns "kodelab: no secure connection to 127.0.0.1:$door: $3"
	close_door
	equals "bytes of the request" 0 "$came"
}

case_n06_doors_that_are_not_the_servers() {
	open_class
	machine ada
	"$top/tests/judge/certificates" "$work"
	echo password-of-ada >"$work/password"
	refused_at_door wrong-name '' "SSL: no alternative certificate subject name matches target host name '127.0.0.1'"
	refused_at_door expired '' "SSL certificate problem: certificate has expired; see that this machine's clock is right"
	refused_at_door other '' "SSL certificate problem: unable to get local issuer certificate; if it is of an authority of your school"
	refused_at_door self '' "SSL certificate problem: self-signed certificate; if that is right, name its file: kodelab login --ca FILE"
	refused_at_door good old ""
	open_door good
	log_in ada --ca "$work/ca.pem" "https://127.0.0.1:$door"
	gives_loud 0 sync
	close_door
	[ "$came" -gt 0 ] || fail "nothing came through the door"
	open_door expired # what was good yesterday
	query_change "$home/.local/share/kodelab/lab.db" "UPDATE class_servers SET addresses = 'https://127.0.0.1:$door'"
	solve add 'print(1)'
	lab submit lab/add
	refuses 4 "no secure connection to 127.0.0.1:$door: SSL certificate problem: certificate has expired; see that this machine's clock is right; what waits here (2) is sent later" sync
	close_door
	equals "bytes of the request" 0 "$came"
	query_change "$home/.local/share/kodelab/lab.db" "UPDATE class_servers SET addresses = '$server', ca_file = ''"
	sync_until_quiet 60
	ledger 1
}

# Who logs in again need not say anew by what the server is reached; it is called by its host where nobody named it.
case_a_known_door() {
	open_class
	machine ada
	"$top/tests/judge/certificates" "$work"
	open_door good
	echo password-of-ada >"$work/password"
	stdin=$work/password
	gives 0 login --password --user ada --ca "$work/ca.pem" "https://127.0.0.1:$door"
	gives 0 logout
	gives 0 login --password --user ada "https://127.0.0.1:$door"
	gives 0 logout
	gives 0 login --password --user ada "127.0.0.1:$door"
	gives 0 login "127.0.0.1:$door"
	says "You are ada at '127.0.0.1:$door'"
	lab login --password --user ada --ca '' "https://127.0.0.1:$door"
	equals status 4 "$status"
	warns "no secure connection to 127.0.0.1:$door: SSL certificate problem: unable to get local issuer certificate"
	refuses 3 "there is no certificate (PEM) in '$work/password': name the authority's file" \
		login --ca "$work/password" "https://127.0.0.1:$door"
	stdin=/dev/null
	close_door
}

# $through: the proxy's address. [name:password]
set_proxy() {
	mkfifo "$work/asked"
	python3 "$top/tests/class/proxy.py" "$@" >"$work/asked" 2>/dev/null 4>&- 8>&- 9<&- &
	proxy_pid=$!
	ends_with_case $proxy_pid
	exec 6<"$work/asked"
	read -r through <&6
	cat <&6 >"$work/proxied" 8>&- 9<&- &
}

stop_proxy() {
	kill "$proxy_pid"
	exec 6<&-
	rm "$work/asked"
}

proxied() { # how many lines so, by the proxy
	grep -c "$1" "$work/proxied"
}

case_proxies() {
	open_class
	"$top/tests/judge/certificates" "$work"
	open_door good
	machine ada
	set_proxy
	extra="http_proxy=http://127.0.0.1:$through https_proxy=http://127.0.0.1:$through"
	log_in ada "$server"
	gives_loud 0 sync
	[ "$(proxied "^GET $server/.* 200")" -ge 2 ] || fail "the proxy was not asked"
	log_in ada --ca "$work/ca.pem" "https://127.0.0.1:$door"
	gives_loud 0 sync
	[ "$(proxied "^CONNECT 127.0.0.1:$door 200")" -ge 2 ] || fail "the proxy was not asked to connect"
	asked=$(proxied .)
	extra="$extra no_proxy=127.0.0.1"
	gives 0 sync
	extra="http_proxy=http://127.0.0.1:$through https_proxy=http://127.0.0.1:$through"
	log_in ada --proxy '' --ca "$work/ca.pem" "https://127.0.0.1:$door"
	gives 0 sync
	equals "asked all the same" "$asked" "$(proxied .)"
	gives 0 login school --proxy "http://127.0.0.1:$through" # the session goes on, by another way from now on
	says "You are ada at 'school'."
	gives 0 sync
	[ "$(proxied .)" -gt "$asked" ] || fail "the proxy of a login that goes on was not asked"
	asked=$(proxied .)
	gives 0 login school --proxy '' --ca "$work/other.pem"
	lab sync
	equals "status with another authority" 4 "$status"
	gives 0 login school --ca "$work/ca.pem"
	gives 0 sync
	equals "asked of a proxy that was taken away" "$asked" "$(proxied .)"
	stop_proxy
	set_proxy ada:open-sesame
	extra=
	stdin=$work/password
	refuses 4 "cannot reach 127.0.0.1:$door: CONNECT tunnel failed, response 407" \
		login --password --user ada --name school --proxy "http://127.0.0.1:$through" --ca "$work/ca.pem" "https://127.0.0.1:$door"
	log_in ada --proxy "http://ada:open-sesame@127.0.0.1:$through" --ca "$work/ca.pem" "https://127.0.0.1:$door"
	gives 0 sync
	[ "$(proxied "^CONNECT 127.0.0.1:$door 200")" -ge 2 ] || fail "the proxy was not asked to connect"
	stop_proxy
	close_door
}
