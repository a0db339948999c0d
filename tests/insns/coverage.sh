#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: coverage.sh SOURCE-ROOT LIST-INSTRUCTIONS TEST-INSNS TEST-INSN-TEXT
# Every row has a test: against qemu-s390x, in the table of test_insn_text.c, or by a case that
# by-text.txt names. Prints the rows that have none; there have to be none. Rows that a problem
# program can execute and that qemu-s390x is not asked about have a reason in not-by-reference.txt.
root=$1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

"$2" | sed -n 's/^| [0-9a-f]\{4\} | \([A-Z0-9]*\) .*/\1/p' | sort >"$tmp/rows"
reasons=$root/tests/insns/not-by-reference.txt
"$3" --list "$reasons" | sort -u >"$tmp/reference"
sed '/^#/d; /: modes:/d; s/:.*//' "$reasons" | tr ' ' '\n' | sort >"$tmp/reasons"
sed -n '/INSN_PRIV\|INSN_ABSENT/!s/^ROW([^,]*, \([A-Z0-9]*\),.*/\1/p' "$root/sie/insn-data.h.inc" | sort -u >"$tmp/problem"
"$4" --list | tr ' ' '\n' | sort -u >"$tmp/table"
sed '/^#/d; s/:.*//' "$root/tests/insns/by-text.txt" | tr ' ' '\n' | sort -u >"$tmp/text"
sort -u "$tmp/reference" "$tmp/table" "$tmp/text" >"$tmp/tested"

echo 1..5
status=0
say() {
	if [ -z "$3" ]; then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2"
		status=1
	fi
}

none=$(comm -23 "$tmp/rows" "$tmp/tested")
for name in $none; do
	echo "# without a test: $name"
done
echo "# $(wc -l <"$tmp/rows") rows, $(wc -l <"$tmp/reference") against qemu-s390x," \
	"$(comm -23 "$tmp/rows" "$tmp/reference" | wc -l) from the architecture's text"
say 1 "every row has a test" "$none"

stale=$(comm -13 "$tmp/rows" "$tmp/tested")
for name in $stale; do
	echo "# tested, but no row: $name"
done
say 2 "every test is about a row" "$stale"

lost=$("$root/tests/insns/executes.py" "$root")
for name in $lost; do
	echo "# by-text.txt names what is not there: $name"
done
say 3 "by-text.txt names cases that execute the row" "$lost"

# Whoever takes such a case away leaves its rows without a test, and is told
twice=$(sort -u "$tmp/reference" "$tmp/table" | comm -12 - "$tmp/text")
for name in $twice; do
	echo "# by-text.txt names what is tested elsewhere: $name"
done
say 4 "without its line in by-text.txt a row has no test" "$twice"

# Each of them once, in one place or the other
sort -u "$tmp/reference" "$tmp/reasons" >"$tmp/known"
open=$({
	comm -3 "$tmp/problem" "$tmp/known"
	comm -12 "$tmp/reference" "$tmp/reasons"
	uniq -d "$tmp/reasons"
} | tr -d '\t')
for name in $open; do
	echo "# neither compared nor with a reason, or both: $name"
done
echo "# $(wc -l <"$tmp/problem") rows for problem programs," \
	"$(wc -l <"$tmp/reasons") not compared for a reason"
say 5 "every row of problem programs is compared or has a reason why not" "$open"
exit $status
