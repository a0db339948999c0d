#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: bench.sh BUILD_DIR [PROGRAM-OPTION]...
#
# Runs every benchmark, one after the other; results go into BUILD_DIR/bench/NAME.json.
set -euo pipefail

BUILD=${1:?usage: bench.sh BUILD_DIR [PROGRAM-OPTION]...}
shift
for program in "$BUILD"/bench/bench-*; do
    [ -f "$program" ] && [ -x "$program" ] || continue
    name=${program##*/bench-}
    rm -f "$BUILD/bench/$name.json"
    "$program" --json "$BUILD/bench/$name.json" "$@"
done

# The engine: programs that only this needs are built here.
ninja -C "$BUILD" bench-engine >/dev/null
bench/engine.py "$BUILD" --json "$BUILD/bench/engine.json" "$@"
