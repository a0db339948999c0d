# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that is the hypervisor of protected guests: it has an Ultravisor of its own, and looks
# what that says to each call. It runs once; the cases look at what it told.

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    "$PROTVIRT" host-key create .
    status=0
    "$PROTVIRT" run --uv-host -m 2200M --host-key host-key.pem "$GUESTS/uv-host.elf" >told 2>&1 ||
        status=$?
    echo $status >told.status
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    export XDG_RUNTIME_DIR=$PWD
    unset PROTVIRT_MACHINE
}

teardown() {
    [ -z "${vmm:-}" ] || kill "$vmm" 2>/dev/null || true
    [ -z "${machine:-}" ] || kill "$machine" 2>/dev/null || true
}

# area NAME CHECKS: so many, none of them failed
area() {
    grep " $1: \|^#" "$BATS_FILE_TMPDIR/told" || true
    [ -z "$(grep "^not ok $1: " "$BATS_FILE_TMPDIR/told")" ]
    [ "$(grep -c "^ok $1: " "$BATS_FILE_TMPDIR/told")" -eq "$2" ]
    grep -qx "done $1" "$BATS_FILE_TMPDIR/told"
}

@test "the instruction: operands, problem state, a block that is not there" {
    area instruction 7
}

@test "what the Ultravisor says about itself" {
    area query 9
}

@test "commands that there are not" {
    area invalid 3
}

@test "all but two want the Ultravisor initialised" {
    area uninitialised 22
}

@test "INIT_UV: storage of its own" {
    area init 12
}

@test "the control block: home space, missing pages, donated storage" {
    area access 14
}

@test "CREATE_SEC_CONF" {
    area create 28
}

@test "CREATE_SEC_CPU" {
    area cpu 14
}

@test "SET_SEC_CONF_PARAMS, and an image without it" {
    area header 11
}

@test "pages: import, export, destroy, pin" {
    area pages 28
}

@test "DESTROY_SEC_CPU" {
    area destroy-cpu 11
}

@test "DESTROY_SEC_CONF" {
    area destroy 7
}

@test "a reset of the machine: nothing is left, and all can begin again" {
    area reset 12
}

@test "it ends well" {
    cat "$BATS_FILE_TMPDIR/told.status"
    [ "$(cat "$BATS_FILE_TMPDIR/told.status")" -eq 0 ]
}

# start_machine: one at ./socket, number $machine
start_machine() {
    "$PROTVIRT" machine --listen "$PWD/socket" --model "$PROTVIRT_MODEL" \
        --host-key "$BATS_FILE_TMPDIR/host-key.pem" 2>machine.log 3>&- &
    machine=$!
    until [ -S socket ]; do kill -0 "$machine"; done
    export PROTVIRT_MACHINE=unix:$PWD/socket
}

# start_guest: stays when all areas are through, number $vmm
start_guest() {
    coproc GUEST { exec "$PROTVIRT" run --uv-host -m 2200M -p stay "$GUESTS/uv-host.elf" 2>&1; }
    vmm=$GUEST_PID
    exec {from}<&"${GUEST[0]}"
    grep -qm1 '^staying' <&"$from"
}

@test "a VMM that is shot leaves nothing" {
    start_machine
    start_guest
    "$PROTVIRT" status --json >before
    grep -q '"vms": *1' before
    kill -9 "$vmm"
    wait "$vmm" || true
    vmm=
    "$PROTVIRT" status --wait --json >after
    cat before after
    grep -q '"vms": *0' after
    for count in uv_configs uv_cpus frames_secure frames_orphan bytes_guest; do
        ! grep -q "\"$count\": *[1-9]" after
    done
    kill "$machine"
    wait "$machine"
    machine=
    [ ! -s machine.log ]
}

@test "what the guest's Ultravisor does is no business of the machine's status" {
    start_machine
    start_guest
    run "$PROTVIRT" status --json
    echo "$output"
    [ "$status" -eq 0 ]
    ! grep -q '"frames_secure": *[1-9]' <<<"$output"
}

@test "an ordinary guest has no such instruction" {
    run "$PROTVIRT" run -m 2200M "$GUESTS/uv-host.elf"
    echo "$output" | head -20
    [ "$status" -ne 0 ]
    grep -q '^not ok instruction: the facility is there' <<<"$output"
}
