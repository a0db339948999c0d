#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: a layer includes only its own headers and those of the layers below it.
# docs/architecture.md shows the same order as a picture.
set -u
cd "$1" || exit 1

# folder: what it may include besides itself, system headers and include/
rules='
crypto:
storage:
uv: storage crypto
sie: uv storage
host: uv storage client
kvm: host sie uv storage
client:
image: crypto
'
n=0
echo "$rules" | while IFS=: read -r layer allowed; do
    [ -n "$layer" ] || continue
    bad=$(grep -rhoE '^#include "[a-z0-9_]+/' --include='*.[ch]' --include='*.inc' "$layer" 2>/dev/null |
        sed 's/.*"//; s,/,,' | sort -u | while read -r used; do
            case " $layer protvirt $allowed " in
            *" $used "*) ;;
            *) echo "$used" ;;
            esac
        done)
    n=$((n + 1))
    if [ -z "$bad" ]; then
        echo "ok $n - $layer/ includes downwards only"
    else
        echo "not ok $n - $layer/ includes $(echo "$bad" | tr '\n' ' ')"
    fi
done
echo "1..8"
