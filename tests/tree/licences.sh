#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: each source file names its licence in an SPDX line, and the right one.
set -u
cd "$1" || exit 1
n=0
check() { # NAME FILES-THAT-BREAK-THE-RULE
    n=$((n + 1))
    if [ -z "$2" ]; then
        echo "ok $n - $1"
    else
        echo "$2" | sed 's/^/# /'
        echo "not ok $n - $1"
    fi
}
sources=$(find . \( -name build -o -name 'build-*' -o -name .git \) -prune -o -type f \( \
    -name '*.[chS]' -o -name '*.inc' -o -name '*.lds' -o -name '*.sh' -o -name '*.py' -o \
    -name '*.bats' -o -name '*.scd' -o -name meson.build -o -name Makefile \) -print | sort)
# shellcheck disable=SC2086 # a list of words is meant
check "an SPDX line in each file" "$(grep -L 'SPDX-License-Identifier: ' $sources)"
mit=$(echo "$sources" | grep -E '^\./(include|client|examples)/.*\.[ch]$')
gpl=$(echo "$sources" | grep -E '\.[chS]$' | grep -vE '^\./(include|client|examples)/')
# shellcheck disable=SC2086
check "MIT in include/, client/ and examples/" "$(grep -L 'SPDX-License-Identifier: MIT' $mit /dev/null | grep -v /dev/null)"
# shellcheck disable=SC2086
check "GPL-2.0-or-later everywhere else" \
    "$(grep -L 'SPDX-License-Identifier: GPL-2.0-or-later' $gpl /dev/null | grep -v /dev/null)"
# A VMM that links the client library must not pull in GPL headers.
check "client/ and examples/ include MIT headers only" \
    "$(grep -nE '^#include "' -r client examples --include='*.[ch]' 2>/dev/null |
        grep -vE '#include "(protvirt|client)/')"
echo "1..$n"
