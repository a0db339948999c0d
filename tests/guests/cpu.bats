# SPDX-License-Identifier: GPL-2.0-or-later
# The CPU as a program without an operating system finds it: ordinary and protected, one CPU and
# four. Each kind of guest runs once, all areas in it; the cases look at what it told.

load areas

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    "$PROTVIRT" host-key create .
    "$PROTVIRT" image create -k host-key.crt --no-verify -i "$GUESTS/cpu.elf" -o cpu.img
    for cpus in 1 4; do
        guest ordinary-$cpus -c $cpus "$GUESTS/cpu.elf"
        guest protected-$cpus -c $cpus --host-key host-key.pem cpu.img
    done
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
}

@test "interruptions: codes, lengths, old PSWs, parameters" {
    area interruptions 24
}

@test "translation: exceptions, invalidation, spaces, frames of 1 MiB" {
    area translation 20
}

@test "enhanced DAT: its control, regions, frames of 1 MiB and 2 GiB, invalidation" {
    area enhanced-dat 31
}

@test "instruction-execution protection: pages, large frames, EXECUTE, its control" {
    area execution-protection 20
}

@test "channel: no devices, nothing is stored, no hypervisor information" {
    area channel 14
}

@test "storage keys: protection, reference and change bits" {
    area keys 17
}

@test "access registers: spaces and exceptions" {
    area access-registers 14
}

@test "address-space numbers: SSAR, LASP, PT, exceptions, authority" {
    area address-space-numbers 28
}

@test "code that changes: ahead, behind, by real address, executed, across a page" {
    area code 8
}

@test "timers: clock comparator, CPU timer, running and waiting, timing facility" {
    area timers 16
}

@test "long operands: moves, comparisons, across pages" {
    area long-operands 11
}

@test "floating point: AFP registers, rounding, flags, traps" {
    area floating-point 51
}

@test "signals: one CPU is alone" {
    for guest in ordinary-1 protected-1; do
        [ "$(grep -c '^ok signals: ' $guest)" -eq 1 ]
        [ -z "$(grep '^not ok signals: ' $guest)" ]
    done
}

@test "signals between four CPUs" {
    for guest in ordinary-4 protected-4; do
        grep 'signals: ' $guest
        [ -z "$(grep '^not ok signals: ' $guest)" ]
        grep -qx 'done signals' $guest
    done
    [ "$(grep -c '^ok signals: ' protected-4)" -eq 29 ]
    [ "$(grep -c '^ok signals: ' ordinary-4)" -eq 36 ]
}

@test "each of them ends well" {
    for guest in ordinary-1 ordinary-4 protected-1 protected-4; do
        cat $guest
        [ "$(cat $guest.status)" -eq 0 ]
    done
}
