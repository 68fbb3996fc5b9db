# Pushing over ssh to an sshd of the test's own: no rights, a free port, keys and a user made for the case.

# shellcheck source=tests/remote/lib.sh
. "$top/tests/remote/lib.sh"

key() { # file, passphrase, arguments of ssh-keygen...
	file=$1 passphrase=$2
	shift 2
	ssh-keygen -q -N "$passphrase" -C test -f "$file" "$@" </dev/null || fail "ssh-keygen failed"
}

# As root: in a user namespace where we are nobody in particular, with a shell. Otherwise: as we are.
unprivileged() { # command...
	if [ "$(id -u)" -ne 0 ]; then
		exec "$@"
	fi
	exec bwrap --unshare-user --uid 1000 --gid 1000 --dev-bind / / --ro-bind "$server/passwd" /etc/passwd --die-with-parent -- "$@"
}

# A port of 127.0.0.1 that is free now; start_sshd tries another when somebody was faster.
free_port() {
	python3 -c 'import socket
with socket.create_server(("127.0.0.1", 0)) as one:
    print(one.getsockname()[1])'
}

sshd_configuration() { # host key
	cat >"$server/config" <<-EOF
		Port $port
		ListenAddress 127.0.0.1
		HostKey $1
		AuthorizedKeysFile $server/authorized_keys
		AllowUsers $user
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		UsePAM no
		StrictModes no
		PidFile none
	EOF
}

# Starts sshd with that host key, on $port when it is set, and waits until it says that it listens.
start_sshd() { # host key
	fixed=${port:-}
	for _ in 1 2 3 4 5; do
		port=${fixed:-$(free_port)}
		sshd_configuration "$1"
		rm -f "$server/told"
		mkfifo "$server/told"
		(unprivileged "$(command -v sshd || echo /usr/sbin/sshd)" -D -e -f "$server/config") >"$server/told" 2>&1 </dev/null &
		sshd=$!
		trap 'kill $sshd 2>/dev/null' EXIT
		exec 3<"$server/told"
		while read -r line <&3; do
			case $line in *"Server listening on"*) return ;; esac
			echo "$line" >>"$server/log"
		done
		wait $sshd
	done
	cat "$server/log"
	skip "pushes over ssh: no sshd can run here without rights"
}

stop_sshd() {
	kill $sshd
	wait $sshd 2>/dev/null
	exec 3<&-
}

# A server with a repository; the lab's home has no key yet and knows no host.
serve_ssh() {
	for tool in ssh ssh-keygen ssh-agent git python3 bwrap; do
		command -v $tool >/dev/null || skip "pushes over ssh: $tool is not installed"
	done
	id -un >/dev/null 2>&1 || skip "pushes over ssh: this account has no name, which ssh asks for"
	command -v sshd >/dev/null || [ -x /usr/sbin/sshd ] || skip "pushes over ssh: sshd is not installed (scripts/setup remote brings it)"
	server=$work/server repository=$work/server/x.git user=$(id -un)
	[ "$(id -u)" -ne 0 ] || user=tester
	mkdir -m 700 "$server" "$home/.ssh"
	echo "tester:x:1000:1000::$server:/bin/sh" >"$server/passwd"
	key "$server/host" '' -t ed25519
	key "$server/other_host" '' -t ed25519
	key "$work/probe" '' -t ed25519
	cp "$work/probe.pub" "$server/authorized_keys"
	environment git init -q --bare -b main "$repository"
	start_sshd "$server/host"
	ssh_probe || skip "pushes over ssh: sshd lets nobody in here ($(tail -n 1 "$work/probe.log"))"
	portfolio
	address=ssh://$user@127.0.0.1:$port$repository
	gives 0 config portfolio.remote "$address"
}

# The real client comes in, so a lab that does not is to blame itself.
ssh_probe() {
	ssh -F none -i "$work/probe" -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -p "$port" \
		"$user@127.0.0.1" true >"$work/probe.log" 2>&1 </dev/null
}

know() { # public host key
	echo "[127.0.0.1]:$port $(cut -d ' ' -f 1-2 "$1")" >"$home/.ssh/known_hosts"
}

# trusted KEY: it may come in, beside the probe
trusted() {
	cat "$work/probe.pub" "$1.pub" >"$server/authorized_keys"
}

case_ssh_keys() {
	serve_ssh
	know "$server/host.pub"
	for type in ed25519 ecdsa; do
		key "$home/.ssh/id_$type" '' -t $type
		trusted "$home/.ssh/id_$type"
		portfolio $type
		gives 0 portfolio push
		equals said "pushed main to $address" "$(cat "$work/stdout")"
		rm "$home/.ssh/id_$type" "$home/.ssh/id_$type.pub"
	done
	arrived 3
	environment git -C "$repository" fsck --strict >/dev/null 2>&1 || fail "git fsck does not accept what was pushed"
}

case_ssh_keys_that_do_not_fit() {
	serve_ssh
	know "$server/host.pub"
	none="'$address' took none of your ssh keys: add one to the agent (ssh-add) and there"
	refuses 5 "$none" portfolio push
	key "$home/.ssh/id_ed25519" '' -t ed25519
	refuses 5 "$none" portfolio push
	key "$home/.ssh/id_ecdsa" '' -t ecdsa
	trusted "$home/.ssh/id_ecdsa"
	gives 0 portfolio push
	arrived 1
}

# libssh2 before 1.11 signs with SHA-1 alone, which sshd no longer takes.
case_ssh_rsa_key() {
	serve_ssh
	know "$server/host.pub"
	key "$home/.ssh/id_rsa" '' -t rsa
	trusted "$home/.ssh/id_rsa"
	lab portfolio push
	if [ "$status" -eq 0 ]; then
		arrived 1
		return
	fi
	refuses 5 "'$address' took none of your ssh keys: if yours is an RSA key, make another with ssh-keygen -t ed25519 and add it there" portfolio push
	arrived 0
}

case_ssh_passphrase() {
	serve_ssh
	know "$server/host.pub"
	locked="has a passphrase: give it to the agent with ssh-add, then push again"
	key "$home/.ssh/id_ed25519" sesame -t ed25519
	trusted "$home/.ssh/id_ed25519"
	refuses 5 "your ssh key '$home/.ssh/id_ed25519' $locked" portfolio push
	for form in PEM PKCS8; do
		key "$home/.ssh/id_rsa" sesame -t rsa -m $form
		mv "$home/.ssh/id_ed25519" "$work/away"
		refuses 5 "your ssh key '$home/.ssh/id_rsa' $locked" portfolio push
		mv "$work/away" "$home/.ssh/id_ed25519"
		rm "$home/.ssh/id_rsa"
	done
	arrived 0
	eval "$(ssh-agent -a "$work/agent" 2>/dev/null)" >/dev/null
	trap 'kill $sshd $SSH_AGENT_PID 2>/dev/null' EXIT
	printf '#!/bin/sh\necho sesame\n' >"$work/askpass"
	chmod 700 "$work/askpass"
	extra=SSH_AUTH_SOCK=$SSH_AUTH_SOCK
	refuses 5 "your ssh key '$home/.ssh/id_ed25519' $locked" portfolio push
	DISPLAY=none SSH_ASKPASS_REQUIRE=force SSH_ASKPASS=$work/askpass ssh-add -q "$home/.ssh/id_ed25519" </dev/null || fail "ssh-add failed"
	gives 0 portfolio push
	arrived 1
}

# As tmux has it after a new login: the agent named in the environment is gone.
case_ssh_agent_that_is_gone() {
	serve_ssh
	know "$server/host.pub"
	extra=SSH_AUTH_SOCK=$work/no-agent
	key "$home/.ssh/id_ed25519" '' -t ed25519
	refuses 5 "'$address' took none of your ssh keys: add one to the agent (ssh-add) and there" portfolio push
	trusted "$home/.ssh/id_ed25519"
	gives 0 portfolio push
	arrived 1
}

case_ssh_host_keys() {
	serve_ssh
	key "$home/.ssh/id_ed25519" '' -t ed25519
	trusted "$home/.ssh/id_ed25519"
	wrong="the host key of '$address' is not the one in your known_hosts: connect once with ssh, check the key, then push again"
	refuses 5 "$wrong" portfolio push
	: >"$home/.ssh/known_hosts"
	refuses 5 "$wrong" portfolio push
	know "$server/other_host.pub"
	refuses 5 "$wrong" portfolio push
	know "$server/host.pub"
	gives 0 portfolio push
	stop_sshd
	start_sshd "$server/other_host"
	portfolio Second
	refuses 5 "$wrong" portfolio push
	arrived 1
	! grep -q 'Accepted publickey' "$server/log" || fail "a key was shown to a host that is not the one known"
}

case_ssh_nobody_answers() {
	serve_ssh
	know "$server/host.pub"
	key "$home/.ssh/id_ed25519" '' -t ed25519
	trusted "$home/.ssh/id_ed25519"
	gives 0 config portfolio.remote "${address%x.git}absent.git"
	refuses 3 "there is no repository at '${address%x.git}absent.git', or not for you: make it there first" portfolio push
	stop_sshd
	gives 0 config portfolio.remote "$address"
	gives 4 portfolio push
	grep -q "^kodelab: cannot reach '$address': [ -~]*; your commits are safe here, push again later$" "$work/stderr" ||
		fail "the sentence was expected"
	arrived 0
}
