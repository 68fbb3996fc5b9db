# C12: a machine without a network. Its work goes to the server as a file, by somebody else's lab, and receipts come back in another.
. "$top/tests/class/words.sh"

cut_off() { # the network of this machine
	query_change "$home/.local/share/kodelab/lab.db" "UPDATE class_servers SET addresses = 'http://127.0.0.1:1'"
}

joined_up() {
	query_change "$home/.local/share/kodelab/lab.db" "UPDATE class_servers SET addresses = '$server'"
}

work_alone() { # ada, who has logged in once, hands in a solution and saves a text, and has no network
	open_class
	machine ada
	log_in ada "$server"
	gives_loud 0 sync
	cut_off
	solve add 'print("a secret thought")'
	save_draft
	lab submit lab/add
	gives 0 export --outbox "$work/stick"
	says "3 items for 'school' in $work/stick, sealed."
}

sums_up() { # file: its last line is made to fit what is above it
	python3 - "$1" <<'PYTHON'
import hashlib, sys
lines = open(sys.argv[1], "rb").read().split(b"\n")[:-2]
text = b"".join(line + b"\n" for line in lines)
open(sys.argv[1], "wb").write(text + b"end " + hashlib.sha256(text).hexdigest().encode() + b"\n")
PYTHON
}

case_c12_work_arrives_by_a_file() {
	work_alone
	refuses 2 "'$work/stick' is there already: choose another name" export --outbox "$work/stick"
	for word in secret ada klr_ kls_ lab/add; do # neither in the clear nor only encoded
		! grep -q "$word" "$work/stick" && ! sed 1d "$work/stick" | base64 -di 2>/dev/null | grep -q "$word" ||
			fail "'$word' can be read in the file"
	done
	machine teacher
	gives 0 import "$work/stick"
	says "Handed in: 3 of 3. The receipts are in $work/stick.receipts"
	cp "$work/stick.receipts" "$work/first"
	gives 0 import "$work/stick" # once more: the same receipts
	receipts=$(grep -o '"receipt":{[^}]*}' "$work/first")
	equals "how many" 3 "$(echo "$receipts" | grep -c signature)"
	equals receipts "$receipts" "$(grep -o '"receipt":{[^}]*}' "$work/stick.receipts")"
	machine ada
	gives 0 import "$work/stick.receipts"
	says "Received by the class server: 3."
	gives 0 export --outbox "$work/second"
	says "Nothing waits for 'school': no file was made."
	[ ! -e "$work/second" ] || fail "there is a file"
	joined_up
	lab sync --json
	json 'd["sent"] == 0 and d["conflicts"] == []'
	sync_until_quiet 30
	ledger 1
	equals "the draft" 'print("a secret thought")' "$(cat "$home/kodelab/lab/add/solution.py")"
}

# By the file and by the network: one row each, whichever comes first; and a text that was changed since goes on.
case_c12_both_ways_are_one() {
	work_alone
	solve add 'print(2)'
	save_draft
	machine teacher
	gives 0 import "$work/stick"
	machine ada
	joined_up
	lab sync --json
	json 'd["sent"] == 3 and d["conflicts"] == []'
	gives 0 import "$work/stick.receipts"
	says "Received by the class server: 0."
	sync_until_quiet 30
	ledger 1
	equals "drafts there" 1 "$(query "$class/data/kodelabd.db" "SELECT COUNT(*) FROM user_drafts")"
	equals "the draft there" 'print(2)' "$(query "$class/data/kodelabd.db" "SELECT TRIM(code, char(10)) FROM user_drafts")"
	cut_off
	solve add 'print(3)'
	save_draft
	lab submit lab/add
	gives 0 export --outbox "$work/late"
	joined_up
	sync_until_quiet 30
	machine teacher
	gives 0 import "$work/late"
	machine ada
	ledger 2
}

case_c12_files_that_are_not_as_they_were() {
	work_alone
	machine teacher
	damaged="'$work/bad' is cut off or was changed: copy it again, or export it once more"
	size=$(wc -c <"$work/stick")
	for bytes in 9 60 $((size / 2)) $((size - 1)); do
		head -c "$bytes" "$work/stick" >"$work/bad"
		refuses 3 "$damaged" import "$work/bad"
	done
	for place in 10 300 $((size - 5)); do
		cp "$work/stick" "$work/bad"
		printf '~' | dd of="$work/bad" bs=1 seek=$place conv=notrunc 2>/dev/null
		refuses 3 "$damaged" import "$work/bad"
	done
	python3 -c 'import sys
lines = open(sys.argv[1]).read().split("\n")
lines[1] = lines[1][:200] + ("A" if lines[1][200] != "A" else "B") + lines[1][201:]
open(sys.argv[2], "w").write("\n".join(lines))' "$work/stick" "$work/bad"
	sums_up "$work/bad"
	refuses 2 "this was sealed for another server, or changed on its way: export it again from the machine that it is of" import "$work/bad"
	sed '1s/ [0-9a-f-]*$/ 01a2275e-cc52-71ca-b963-257e2fd4475d/' "$work/stick" >"$work/bad"
	sums_up "$work/bad"
	refuses 2 "'$work/bad' is for another class server than 'school': import it where you are logged in to that one" import "$work/bad"
	sed '1s/ 1 / 2 /' "$work/stick" >"$work/bad"
	sums_up "$work/bad"
	refuses 3 "'$work/bad' is of another version of kodelab, or no such file" import "$work/bad"
	cp "$work/stick" "$work/bad"
	truncate -s 1G "$work/bad"
	refuses 3 "'$work/bad' is larger than 64 MiB, which no such file is" import "$work/bad"
	equals "what came of it" 0 "$(query "$class/data/kodelabd.db" "SELECT COUNT(*) FROM intake")"
	equals "receipts" '' "$(ls "$work" | grep receipts)"
}

# Whoever has the file cannot make it his, nor receipts for it.
case_c12_files_of_somebody_else() {
	work_alone
	machine teacher
	gives 0 import "$work/stick"
	machine ada
	sed 's/"signature":"../"signature":"AA/g' "$work/stick.receipts" >"$work/forged"
	sums_up "$work/forged"
	gives 0 import "$work/forged"
	says "Received by the class server: 0."
	says "Passed over, because they are no receipts for what waits here: 3."
	machine bob
	log_in bob "$server"
	gives 0 import "$work/stick.receipts"
	says "Received by the class server: 0."
	machine ada
	joined_up
	gives 0 logout
	machine bob
	refuses 5 "the login that this was made with has ended: it can only be handed in from a lab where its owner is logged in" \
		import "$work/stick"
	machine ada2
	log_in ada "$server"
	gives 0 import "$work/stick"
	says "Handed in: 3 of 3."
	machine ada
	log_in ada "$server"
	gives 0 import "$work/stick.receipts"
	says "Received by the class server: 3."
	sync_until_quiet 30
	ledger 1
	equals "whose it is" "ada" "$(query "$class/data/kodelabd.db" "SELECT DISTINCT users.name FROM intake JOIN users ON users.id = user_id")"
}
