#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: functions and habits that this project does not use.
set -u
cd "$1" || exit 1
n=0
check() { # NAME PATTERN FOLDERS...
    n=$((n + 1))
    name=$1
    pattern=$2
    shift 2
    hits=$(grep -rnE "$pattern" --include='*.[ch]' "$@" 2>/dev/null)
    if [ -z "$hits" ]; then
        echo "ok $n - $name"
    else
        echo "$hits" | sed 's/^/# /' | head -20
        echo "not ok $n - $name"
    fi
}
product="include client host kvm sie uv storage crypto image vmm guests examples"
# shellcheck disable=SC2086 # lists of words are meant
{
    check "no unbounded string functions" '\b(strcpy|strcat|sprintf|vsprintf|gets)\(' $product
    check "no waiting by the clock" '\b(sleep|usleep)\(' $product tests
    check "no number parsing without error checks" '\b(atoi|atol|atoll)\(' $product
    check "no open ends without a plan" '\b(TODO|FIXME|XXX|HACK)\b' $product tests
    check "no random numbers for secrets from libc" '\b(rand|random|srandom|drand48)\(\)' $product
}
echo "1..$n"
