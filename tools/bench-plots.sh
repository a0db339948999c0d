#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: bench-plots.sh BUILD_DIR
#
# Draws BUILD_DIR/bench/NAME.svg from what `make bench` has written:
#
#   teardown   PREPARE and DISABLE over the size of the guest, measured
#   modelled   the reboot of a z17 over the size, computed for a range of latencies a page
#   ratios     every figure that has an aim, as its distance from it
set -euo pipefail

BUILD=${1:?usage: bench-plots.sh BUILD_DIR}
OUT=$BUILD/bench
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

have() {
    [ -s "$OUT/$1.json" ] || { echo "bench-plots: $OUT/$1.json is not there: make bench first" >&2; exit 1; }
}

# GiB and milliseconds of one command on one model, VMM and machine on a CPU each if there were two
curve() {
    jq -rs --arg command "$1" --arg model "$2" '(if any(.place == "other CPU") then "other CPU" else "same CPU" end) as $place |
        .[] | select(.model == $model and .place == $place) |
        select(.what | test("^" + $command + ", [0-9.]+ GiB$")) |
        [(.what | capture("(?<n>[0-9.]+) GiB").n), .figure] | join(" ")' "$OUT/stall.json" | sort -n
}

plot() {
    gnuplot -e "set terminal svg size 900,520 noenhanced font 'sans,13' background 'white'; set output '$OUT/$1.svg'" "$work/$1.gp"
    # docs/ has some of them, and every file there names its licence
    sed -i 's,^<title>,<!-- SPDX-License-Identifier: GPL-2.0-or-later -->\n&,' "$OUT/$1.svg"
    echo "$OUT/$1.svg"
}

teardown() {
    have stall
    for model in z17 proposal; do
        for command in PREPARE DISABLE; do
            curve "$command" "$model" >"$work/$command-$model"
        done
    done
    cat >"$work/teardown.gp" <<EOF
set title "How long a reboot stands still, all memory secure, measured"
set xlabel "guest memory, GiB"
set ylabel "ms"
set logscale xy
set xrange [2:18]
set xtics (2.5, 4, 8, 16)
set format y "%g"
set grid
set key outside right top
plot "$work/DISABLE-z17" using 1:2 with linespoints lw 2 title "DISABLE, z17", \
     "$work/PREPARE-z17" using 1:2 with linespoints lw 2 title "PREPARE, z17", \
     "$work/DISABLE-proposal" using 1:2 with linespoints lw 2 title "DISABLE, proposal", \
     "$work/PREPARE-proposal" using 1:2 with linespoints lw 2 title "PREPARE, proposal"
EOF
    plot teardown
}

modelled() {
    local ns colour=0 plots=

    for ns in 100 1000 10000; do
        printf 'page_ns %u\ncall_ns 10000\n' "$ns" >"$work/cost"
        "$BUILD/vmm/protvirt" model --model z17 --json --uv-cost "$work/cost" | jq -r '[.memory_bytes / 1073741824,
            (.sync_teardown_ns + .start_ns) / 1e6, (.async_teardown_ns + .start_ns) / 1e6] | join(" ")' >"$work/model-$ns"
        # one colour a cost: solid is what a synchronous reboot takes, dashed an asynchronous one
        colour=$((colour + 1))
        plots+="${plots:+, }'$work/model-$ns' using 1:(\$2/1000) with lines lw 2 lc $colour"
        plots+=" title 'synchronous, $(jq -n "$ns/1000") us a page'"
        plots+=", '$work/model-$ns' using 1:(\$3/1000) with lines lw 2 lc $colour dt 2"
        plots+=" title 'asynchronous, $(jq -n "$ns/1000") us a page'"
    done
    cat >"$work/modelled.gp" <<EOF
set title "Reboot of a protected guest on a z17, modelled"
set xlabel "guest memory, GiB"
set ylabel "seconds"
set logscale xy
set xrange [1:1024]
set xtics (1, 4, 16, 64, 256, 1024)
set format y "%g"
set grid
set key outside right top
plot $plots
EOF
    plot modelled
}

# 1: the aim is just met; above: by how much it is missed
ratios() {
    local json found=()

    for json in "$OUT"/*.json; do
        [ -s "$json" ] && found+=("$json")
    done
    [ ${#found[@]} -gt 0 ] || return 0
    jq -r 'select((.target | type) == "number" and .ratio) | [(if .aim == "at most" then .ratio / .target else .target / .ratio end),
        "\"" + .question + ": " + .what + " " + .model + " " + (.place // "") + "\""] | join(" ")' "${found[@]}" |
        sort -g | awk '{print NR, $0}' >"$work/ratios"
    cat >"$work/ratios.gp" <<EOF
set terminal svg size 1100,1200 noenhanced font 'sans,11' background 'white'
set title "Distance from the aim (1: just met, greater: missed)"
set logscale x
set grid x
set xlabel "figure against its aim"
set yrange [0:$(($(wc -l <"$work/ratios") + 1))]
set lmargin 52
unset key
set style fill solid 0.6
plot "$work/ratios" using (\$2/2):1:(\$2/2):(0.35):ytic(3) with boxxyerror lc rgb "#4477aa"
EOF
    plot ratios
}

modelled
teardown
ratios
