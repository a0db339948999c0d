#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: corpus.sh MAKE_CORPUS CORPUS [--fix]: the corpus holds what make_corpus writes.
set -u
made=$(mktemp -d) || exit 1
trap 'rm -rf "$made"' EXIT
"$1" "$made" || exit 1
if [ "${3:-}" = --fix ]; then
    cp -r "$made/." "$2/"
fi
n=0
for file in $(cd "$made" && find . -type f | sort); do
    n=$((n + 1))
    if cmp -s "$made/$file" "$2/$file"; then
        echo "ok $n - ${file#./}"
    else
        echo "not ok $n - ${file#./}: run tests/fuzz/corpus.sh $1 $2 --fix"
    fi
done
echo "1..$n"
