# Words for pushes to either kind of remote, beside those of tests/cli/lib.sh. The remote's bare repository is $repository.

portfolio() { # subject: one commit more
	[ -d "$home/kodelab-portfolio" ] || environment git init -q -b main "$home/kodelab-portfolio"
	environment git -C "$home/kodelab-portfolio" commit -q --allow-empty -m "${1:-First}"
}

arrived() { # count of commits there
	equals "commits there" "$1" "$(environment git -C "$repository" rev-list --count --all)"
}
