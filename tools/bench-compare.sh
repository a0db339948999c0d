#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: bench-compare.sh BUILD_DIR BASE
#
# Builds the commit BASE below BUILD_DIR and runs the short set of benchmarks on both builds, in
# turn, ROUNDS times (environment; 3). Prints this build's medians of figures against BASE's.
# QUESTIONS (environment) has other programs than those that end within seconds: `reboot stall`.
set -euo pipefail

BUILD=${1:?usage: bench-compare.sh BUILD_DIR BASE}
BASE=${2:?BASE=COMMIT is needed}
ROUNDS=${ROUNDS:-3}
QUESTIONS=${QUESTIONS:-import ioctl killed next stop-sockets unpack}
tree=$BUILD/compare/tree
base=$BUILD/compare/build
results=$BUILD/compare/results

commit=$(git rev-parse --verify --quiet "$BASE^{commit}") || { echo "bench-compare: BASE=$BASE is no commit" >&2; exit 2; }
[[ $ROUNDS =~ ^[1-9][0-9]*$ ]] || { echo "bench-compare: ROUNDS=$ROUNDS: must be a number from 1" >&2; exit 2; }

# A copy with an index of its own: the repository learns of no worktree, and files that are the same
# in the base before keep their time.
rm -rf "$results"
mkdir -p "$tree" "$results"
git_dir=$(git rev-parse --absolute-git-dir)
(cd "$tree" && GIT_INDEX_FILE=$PWD/../index git --git-dir="$git_dir" --work-tree=. read-tree --reset -u "$commit")
[ -f "$base/build.ninja" ] || meson setup --buildtype=debugoptimized "$base" "$tree" >/dev/null
ninja -C "$base" >/dev/null

# run BUILD NAME: the benchmarks of the set that both builds have
run() {
    local question program

    for question in $QUESTIONS; do
        program=bench/bench-$question
        if [ ! -x "$BUILD/$program" ] || [ ! -x "$base/$program" ]; then
            continue
        fi
        "$1/$program" --quick --json "$results/$2.json" >/dev/null || echo "bench-compare: $2: $question failed" >&2
    done
}

for ((i = 1; i <= ROUNDS; i++)); do
    run "$base" base
    run "$BUILD" this
done
[ -s "$results/base.json" ] || { echo "bench-compare: $BASE has no benchmark that could be run" >&2; exit 1; }

jq -rn --slurpfile base "$results/base.json" --slurpfile this "$results/this.json" '
    def key: [.question, .model, .what, .place // ""] | join(" ");
    def median: sort | .[length / 2 | floor];
    def medians: group_by(key) | map({key: .[0] | key, unit: .[0].unit, figure: map(.figure) | median});
    ($base | medians | map({(.key): .}) | add) as $old |
    $this | medians[] | select($old[.key]) | . as $new |
    [.key, $old[.key].figure, .figure, .unit, .figure / $old[.key].figure] | @tsv' |
    awk -F '\t' 'BEGIN { printf "%-72s %12s %12s %-8s %s\n", "question", "base", "this", "unit", "ratio" }
        { printf "%-72s %12.4g %12.4g %-8s %.3f\n", $1, $2, $3, $4, $5 }'
