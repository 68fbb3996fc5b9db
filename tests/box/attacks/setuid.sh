# Programs that make root of everybody elsewhere.
for try in "timeout 0.2 su -c id" "mount -t tmpfs none /tmp" "sudo -n id" "newgrp root" "passwd -d root" "unshare -Ur id" \
	"chroot / id" "bwrap --ro-bind / / id"; do
	if $try </dev/null 2>/dev/null | grep -q uid=0; then
		echo "escaped: $try"
		exit 1
	fi
done
cp /bin/bash ./mine && chmod 4755 mine && [ "$(./mine -p -c 'id -u')" = 1000 ] || exit 1
grep -q '^CapEff:.0*$' /proc/self/status && grep -q '^NoNewPrivs:.1' /proc/self/status && grep -q '^Seccomp:.2' /proc/self/status
