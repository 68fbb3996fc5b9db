if [[ $# -ne 1 || ! $1 =~ ^[+-]?[0-9]+$ ]]; then
	echo "usage: wheel SHIFT" >&2
	exit 2
fi

sign=1
[[ $1 == -* ]] && sign=-1
digits=${1#[+-]}
shift=$((sign * 10#$digits % 26)) # 10#: a leading 0 does not mean octal
shift=$(((shift + 26) % 26))

small=abcdefghijklmnopqrstuvwxyz
large=${small^^}
from=$small$large
to=${small:shift}${small:0:shift}${large:shift}${large:0:shift}

LC_ALL=C tr "$from" "$to"
