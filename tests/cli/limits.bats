#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Limits of memory so low that allocations fail: each failure is a line, and the machine goes on.
# Sanitizers reserve more address space than any of these limits: plain builds only.

bats_require_minimum_version 1.5.0

LIMITS='12 16 20 32 48 64 96 160 256 320 340 360 380 400 512 768 1024'

setup_file() {
    export KEYS=$BATS_FILE_TMPDIR/keys IMAGE=$BATS_FILE_TMPDIR/hello.img
    "$PROTVIRT" host-key create "$KEYS"
    "$PROTVIRT" image create --no-verify -k "$KEYS/host-key.crt" -i "$GUESTS/hello.elf" -o "$IMAGE"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

teardown() {
    [ -z "${MACHINE-}" ] || kill "$MACHINE" 2>/dev/null || true
}

# limited MIB COMMAND...: this shell becomes it
limited() {
    exec bash -c 'ulimit -v $(($0 * 1024)); exec "$@"' "$@"
}

# start_machine MIB: $MACHINE listens on the socket. Fails if it has ended instead
start_machine() {
    (limited "$1" "$PROTVIRT" machine --listen "$PWD/socket" --model "$PROTVIRT_MODEL" --host-key "$KEYS/host-key.pem") \
        2>machine.log 3>&- &
    MACHINE=$!
    until [ -S socket ]; do
        kill -0 "$MACHINE" 2>/dev/null || return 1
    done
}

# one_line FILE
one_line() {
    cat "$1"
    [ "$(wc -l <"$1")" -eq 1 ]
    grep -q '^protvirt' "$1"
}

@test "a machine with little memory refuses guests in one line, and goes on" {
    local machines=0 guests=0 ran=0 mib status
    export PROTVIRT_MACHINE=unix:$PWD/socket
    for mib in $LIMITS; do
        echo "# $mib MiB"
        if ! start_machine "$mib"; then
            status=0
            wait "$MACHINE" || status=$?
            [ "$status" -ne 0 ]
            one_line machine.log
            machines=$((machines + 1))
            continue
        fi
        for _ in 1 2; do
            status=0
            "$PROTVIRT" run -m 64M "$IMAGE" >out 2>err || status=$?
            if [ $status -eq 0 ]; then
                grep -q 'hello from a protected guest' out
                ran=$((ran + 1))
            else
                one_line err
                guests=$((guests + 1))
            fi
        done
        kill "$MACHINE"
        wait "$MACHINE"
        [ ! -e socket ]
    done
    echo "# machines refused $machines, guests refused $guests, guests that ran $ran"
    [ $machines -gt 0 ]
    [ $guests -gt 0 ]
    [ $ran -gt 0 ]
}

@test "what a guest was refused is there for a smaller one" {
    start_machine 300
    export PROTVIRT_MACHINE=unix:$PWD/socket
    for _ in 1 2 3; do
        run -1 --separate-stderr "$PROTVIRT" run -m 512M "$IMAGE"
        [[ $stderr == 'protvirt run: 512 MiB of guest memory: Cannot allocate memory' ]]
        run -0 "$PROTVIRT" run -m 2M "$GUESTS/hello.elf"
        run -0 "$PROTVIRT" status --wait --json --machine "$PWD/socket"
        jq -e '.vms == 0 and .bytes_guest == 0 and .frames_secure == 0 and .bytes_leaked == 0
            and .uv_configs == 0' <<<"$output"
    done
    kill "$MACHINE"
    wait "$MACHINE"
}

@test "a VMM with little memory, and its private machine: a line each" {
    local refused=0 ran=0 mib status
    for mib in $LIMITS; do
        status=0
        (limited "$mib" "$PROTVIRT" run -m 64M --host-key "$KEYS/host-key.pem" "$IMAGE") >out 2>err ||
            status=$?
        echo "# $mib MiB: $status $(cat err)"
        if [ $status -eq 0 ]; then
            ran=$((ran + 1))
        else
            [ "$(wc -l <err)" -le 2 ]
            [ "$(grep -c '^protvirt run: ' err)" -eq 1 ]
            refused=$((refused + 1))
        fi
    done
    [ $refused -gt 0 ]
    [ $ran -gt 0 ]
}

@test "doctor: what limits something is named, with the way out" {
    run bash -c 'ulimit -n 256; ulimit -v 400000; "$PROTVIRT" doctor'
    echo "$output"
    [[ $output =~ 'open files'\ +few\ +'256 descriptors' ]]
    [[ $output == *'ulimit -n 4096'* ]]
    [[ $output =~ memory\ +limited\ +'address space is limited to 390 MiB' ]]
    [[ $output == *'ulimit -v unlimited'* ]]
}
