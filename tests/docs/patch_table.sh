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

# and every scenario in the file that the document names, which holds no others; 67 is a time
actual=$(grep -oE '^	{2}cmocka_unit_test(_setup_teardown)?\(scenario_[0-9]+(_[0-9]+)?_' tests/lifecycle/test_*.c |
    sed -E 's/:.*scenario_([0-9]+)(_([0-9]+))?_$/ \1 \3/' |
    while read -r file one two; do
        for scenario in $one $two; do
            echo "$file ${scenario#0}"
        done
    done | sort -u)
expected=$(sed -nE 's/^\| `(tests\/lifecycle\/test_[a-z]+\.c)` \| ([0-9 ]+) \|$/\1 \2/p' "$doc" |
    while read -r file scenarios; do
        for scenario in $scenarios; do
            echo "$file $scenario"
        done
    done | sort -u)
listed=$(echo "$expected" | cut -d' ' -f2 | sort -un | tr '\n' ' ')
[ "$actual" = "$expected" ] && echo "ok $((n + 4)) - scenarios are where the table says" ||
    echo "not ok $((n + 4)) - scenarios are not where the table says: $(printf '%s\n' "$actual" "$expected" | sort | uniq -u | tr '\n' ';')"
[ "$listed" = "$(seq 1 68 | grep -v 67 | tr '\n' ' ')" ] && echo "ok $((n + 5)) - each scenario has a test" ||
    echo "not ok $((n + 5)) - not 1 to 66 and 68: $listed"
echo "1..$((n + 5))"
