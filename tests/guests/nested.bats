# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that is a hypervisor: the SIE instruction, one CPU and four, each with a guest of its own.
# Each kind of guest runs once, all areas in it; the cases look at what it told.

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    for cpus in 1 4; do
        status=0
        "$PROTVIRT" run -m 64M -c $cpus --nested "$GUESTS/nested.elf" >"nested-$cpus" 2>&1 || status=$?
        echo $status >"nested-$cpus.status"
    done
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
}

# area NAME CHECKS [CHECKS-OF-FOUR-CPUS]: so many checks, none of them failed
area() {
    for cpus in 1 4; do
        expected=$2
        [ $cpus -eq 1 ] || expected=${3:-$2}
        echo "# $cpus CPUs"
        grep " $1: \|^#" "nested-$cpus" || true
        [ -z "$(grep "^not ok $1: " "nested-$cpus")" ]
        [ "$(grep -c "^ok $1: " "nested-$cpus")" -eq "$expected" ]
        grep -qx "done $1" "nested-$cpus"
    done
}

@test "instructions, registers, clocks, requests, program interruptions, facility list" {
    area instructions 47
}

@test "validity interceptions and the instruction's own exceptions" {
    area validity 15
}

@test "storage: tables of the hypervisor and of its guest, protection, MOVE PAGE, keys" {
    area storage 42
}

@test "several CPUs: counting, stop requests, pages that are taken away" {
    area several 1 4
}

@test "the guest ends as it should" {
    for cpus in 1 4; do
        [ "$(cat "nested-$cpus.status")" -eq 0 ]
    done
}

@test "without the option there is no SIE" {
    run "$PROTVIRT" run -m 64M -p absent "$GUESTS/nested.elf"
    [ "$status" -eq 0 ]
    [[ "$output" == *"ok absent: SIE is no instruction"* ]]
}
