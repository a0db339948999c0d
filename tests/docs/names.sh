#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: what documents name exists: functions (`name()`), files and folders (`folder/file`), tests
# (`row_NN_...`, `scenario_NN_...`). Arguments: source root, documents.
set -u
cd "$1" || exit 1
shift
n=0

result() { # OK TEXT
    n=$((n + 1))
    [ "$1" = 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}

# defined in column 1 of a source, or a macro
is_function() {
    grep -rqE "^([A-Za-z_].*[^A-Za-z0-9_]|#define )?$1\(.*[^;]\$" --include='*.[ch]' \
        kvm uv host sie storage crypto client vmm include
}

for doc; do
    names=$(grep -oE '`[A-Za-z_][A-Za-z0-9_]*\(\)`' "$doc" | tr -d '`()' | sort -u)
    [ -n "$names" ] || result 1 "$doc names no function"
    for name in $names; do
        is_function "$name"
        result $? "$doc: $name()"
    done
    for file in $(grep -oE '`[a-z]+/[A-Za-z0-9_/.-]+`' "$doc" | tr -d '`' | sort -u); do
        [ -e "$file" ]
        result $? "$doc: $file"
    done
    for name in $(grep -oE '`(row|scenario)_[0-9a-z_]+`' "$doc" | tr -d '`' | sort -u); do
        grep -rqE "^static void $name\(" tests/lifecycle
        result $? "$doc: $name"
    done
done
echo "1..$n"
