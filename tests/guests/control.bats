# SPDX-License-Identifier: GPL-2.0-or-later
# Control instructions as third-party test suites ask for them, from inside: an ordinary and a
# protected guest, one CPU and four, compiled for zEC12 as those suites are. Each kind of guest runs
# once, all areas in it; the cases look at what it told.

load areas

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    name=tests-of-control uuid=0fb84a86-727c-11ea-bc55-0242ac130003
    "$PROTVIRT" host-key create .
    "$PROTVIRT" image create -k host-key.crt --no-verify -i "$GUESTS/control.elf" -o control.img
    for cpus in 1 4; do
        guest ordinary-$cpus -c $cpus --name $name --uuid $uuid -p "name=$name uuid=$uuid" "$GUESTS/control.elf"
        guest protected-$cpus -c $cpus --host-key host-key.pem control.img
    done
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
}

@test "operands: what the hypervisor executes: SPX, STPX, STAP, STIDP, SCK, TB" {
    area operands 36 36
}

@test "operand-keys: key-controlled protection of their operands, both overrides" {
    area operand-keys 22 20
}

@test "move-page: MVPG: keys, invalid and read-only pages, condition-code option" {
    area move-page 26 26
}

@test "protection-test: TPROT with translation" {
    area protection-test 10 10
}

@test "diagnose: DIAG 10, 288, 308, yields, functions that there are not" {
    area diagnose 34 25
}

@test "service-calls: SERVC: exceptions, response codes, their order" {
    area service-calls 41 36
}

@test "information: STSI and its name and UUID, STFL, STFLE" {
    area information 32 30
}

@test "execute: relative operands count from the target of EXECUTE" {
    area execute 6 6
}

@test "specifications: PSWs that are wrong, alignment" {
    area specifications 16 16
}

@test "cryptography: query functions, register rules" {
    area cryptography 28 28
}

@test "traps: data exceptions with and without AFP, SPM and IPM" {
    area traps 12 12
}

@test "facilities: what goes with others" {
    area facilities 2 2
}

@test "exits: a hundred times each, store additional status" {
    area exits 19 19
}

@test "ultravisor-calls: query, share, exceptions; none in an ordinary guest" {
    area ultravisor-calls 2 43
}

@test "subchannels: no devices: identities, blocks, access, then condition code 3" {
    area subchannels 56 53
}

@test "each of them ends well" {
    for guest in ordinary-1 ordinary-4 protected-1 protected-4; do
        cat $guest
        [ "$(cat $guest.status)" -eq 0 ]
    done
}
