#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: each place that docs/patch-v14.md names exists, and its line number is right.
# Places are written `file:line name`. Arguments: source root; --fix writes the right line
# numbers into the document instead.
set -u
cd "$1" || exit 1
fix=${2:-}
doc=docs/patch-v14.md

# the line where a name is defined: begins in column 1 (an enumerator: after a tab), declares nothing
definition() {
    grep -nE "^([A-Za-z#].*[^A-Za-z0-9_]|[A-Za-z]*|	)$2([^A-Za-z0-9_]|\$)" "$1" 2>/dev/null |
        grep -vE ';[[:space:]]*$|^[0-9]+:	.*\(' | head -n 1 | cut -d: -f1
}

n=0
list=$(grep -oE '`[a-z][a-z0-9_/.-]*:[0-9]+ [A-Za-z0-9_]+`' "$doc" | tr -d '`' | sort -u)
[ -n "$list" ] || echo "not ok 1 - $doc names no place"
while read -r place name; do
    file=${place%:*}
    line=${place#*:}
    right=$(definition "$file" "$name")
    n=$((n + 1))
    if [ -z "$right" ]; then
        echo "not ok $n - $name is not defined in $file"
    elif [ "$right" = "$line" ]; then
        echo "ok $n - $file:$line $name"
    elif [ "$fix" = --fix ]; then
        sed -i "s,\`$file:$line $name\`,\`$file:$right $name\`," "$doc"
        echo "ok $n - $file:$right $name # was $line"
    else
        echo "not ok $n - $name is in line $right of $file, not in $line (tests/docs/patch_table.sh . --fix)"
    fi
done <<END
$list
END

# every hunk, every review point, every row of the transition table
hunks=$(grep -cE '^\| [0-9]+ \|' "$doc")
points=$(grep -cE '^\| R[0-9] \|' "$doc")
[ "$hunks" = 19 ] && echo "ok $((n + 1)) - 19 hunks" || echo "not ok $((n + 1)) - $hunks hunks, not 19"
[ "$points" = 5 ] && echo "ok $((n + 2)) - 5 review points" || echo "not ok $((n + 2)) - $points review points, not 5"
missing=
for row in $(seq 1 42); do
    grep -q "^	\{2\}cmocka_unit_test(row_$(printf %02d "$row")_" tests/lifecycle/test_transitions.c ||
        missing="$missing $row"
done
[ -z "$missing" ] && echo "ok $((n + 3)) - each transition has a test" || echo "not ok $((n + 3)) - transitions without a test:$missing"
echo "1..$((n + 3))"
