#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: each header of the tree compiles alone. Arguments: source root, compiler.
set -u
root=$1
shift
cd "$root" || exit 1
n=0
for header in $(find include client host kvm sie uv storage crypto image vmm -name '*.h' | sort); do
    n=$((n + 1))
    if "$@" -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Wconversion -Wno-unused-parameter -Werror \
        -I. -Iinclude -fsyntax-only -x c "$header" 2>&1 | sed 's/^/# /' | grep . ; then
        echo "not ok $n - $header"
    else
        echo "ok $n - $header"
    fi
done
echo "1..$n"
