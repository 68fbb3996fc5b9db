# The table: targets.tsv first, then what was measured (see samples.h), printed as Markdown.
BEGIN {
	FS = "\t"
	columns = split("lab|lab, zoomed|nano|vim|micro|floor|bwrap|bare", who, "|")
}

FNR == NR {
	if ($0 !~ /^#/ && NF >= 6)
		rows[++count] = $0
	next
}

{
	value[$1, $2] = $4
	value[$1 "/p99", $2] = $5
	seen[$2] = 1
}

function limit(key, target,    peers, names, n, i, at, best, sign, factor, v) {
	if (target ~ /^[0-9.]+$/)
		return target
	sign = target ~ /\*/ ? "*" : "+"
	factor = substr(target, 1, index(target, sign) - 1)
	peers = substr(target, index(target, sign) + 1)
	if (at = index(peers, ":")) {
		key = substr(peers, at + 1)
		peers = substr(peers, 1, at - 1)
	}
	best = ""
	n = split(peers, names, ",")
	for (i = 1; i <= n; i++) {
		if (!((key, names[i]) in value))
			continue
		v = value[key, names[i]]
		if (best == "" || v + 0 < best + 0)
			best = v
	}
	if (best == "")
		return ""
	return sign == "*" ? factor * best : factor + best
}

function shown(v, digits) {
	return v == "" ? "" : sprintf("%." digits "f", v)
}

function ratio(a, key, peer) {
	return (key, peer) in value && value[key, peer] > 0 ? sprintf("%.2f", a / value[key, peer]) : ""
}

function verdict(mine, max, digits) {
	if (mine + 0 <= max + 0)
		return "met"
	missed++
	return "**missed**"
}

END {
	line = "| what | unit |"
	rule = "|---|---|"
	for (i = 1; i <= columns; i++)
		if (who[i] in seen) {
			line = line " " who[i] " |"
			rule = rule "--:|"
		}
	print line " to nano | to vim | to floor | target | |"
	print rule "--:|--:|--:|--:|---|"
	for (r = 1; r <= count; r++) {
		split(rows[r], f, "\t")
		key = f[1]
		if (!((key, f[5]) in value))
			continue
		mine = value[key, f[5]]
		line = "| " f[2] " | " f[3] " |"
		for (i = 1; i <= columns; i++)
			if (who[i] in seen)
				line = line " " ((key, who[i]) in value ? shown(value[key, who[i]], f[4]) : "") " |"
		line = line " " ratio(mine, key, "nano") " | " ratio(mine, key, "vim") " | " ratio(mine, key, "floor") " |"
		max = f[6] == "-" ? "" : limit(key, f[6])
		if (max == "")
			line = line " | |"
		else
			line = line " ≤ " shown(max, f[4]) " | " verdict(mine, max) " |"
		print line
	}
	print missed ? "\n" missed " of the targets missed." : "\nAll targets met."
}
