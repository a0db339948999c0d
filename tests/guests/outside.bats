# SPDX-License-Identifier: GPL-2.0-or-later
# What happens to a running guest from outside: resets, looks into its memory, other VMMs.

setup_file() {
    export KEY=$BATS_FILE_TMPDIR/host-key.pem
    cd "$BATS_FILE_TMPDIR" || return 1
    "$PROTVIRT" host-key create .
    printf 'hold fill=8M' >parmfile
    "$PROTVIRT" image create -k host-key.crt --no-verify -i "$GUESTS/demo.elf" -p parmfile -o hold.img
    printf 'reboots=2 fill=8M' >parmfile
    "$PROTVIRT" image create -k host-key.crt --no-verify -i "$GUESTS/demo.elf" -p parmfile -o demo.img
    "$PROTVIRT" image create -k host-key.crt --no-verify -i "$GUESTS/reboot.elf" -o reboot.img
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
}

teardown() {
    [ -z "${vmm:-}" ] || kill "$vmm" 2>/dev/null || true
    [ -z "${MACHINE_PID:-}" ] || kill "$MACHINE_PID" 2>/dev/null || true
}

# start ARGUMENTS...: a VMM in the background, number $vmm, its output on descriptor $out; $under is
# what it runs under
under=()
start() {
    coproc VMM { exec "${under[@]}" "$PROTVIRT" run -m 64M --host-key "$KEY" "$@" 2>&1 3>&-; }
    vmm=$VMM_PID
    exec {out}<&"${VMM[0]}" # the shell closes its own when the VMM has ended
}

# wait_line PATTERN: read the guest's text up to a line; it ends up in $line
wait_line() {
    while read -r -t 60 line <&"$out"; do
        echo "$line"
        [[ $line != *$1* ]] || return 0
    done
    return 1
}

# rest: read until the VMM has ended; its status is returned
rest() {
    output=$(cat <&"$out")
    exec {out}<&-
    echo "$output"
    wait "$vmm"
}

secret="the demonstration guest's secret: 7b1d4c90e2"

# hold: wait until the guest holds; its secret is at $at, its page at $page
hold() {
    wait_line 'secret at'
    at=${line##* }
    wait_line 'holding, page at'
    page=${line##* }
}

# flipped_page_is_refused: one bit of the exported page; the guest that goes on ends with it
flipped_page_is_refused() {
    "$EXAMPLES/peek" "$vmm" flip "$at"
    "$EXAMPLES/peek" "$vmm" go "$page"
    status=0
    rest || status=$?
    [ "$status" -eq 6 ]
    [[ $output == *"import is refused"* ]]
}

@test "an ordinary guest's secret is there for everybody" {
    start -p 'hold fill=8M' "$GUESTS/demo.elf"
    hold
    run "$EXAMPLES/peek" "$vmm" scan "$secret"
    echo "$output"
    [[ ! $output == "found 0 times"* ]]
    run "$EXAMPLES/peek" "$vmm" show "$at"
    [[ $output == *"$secret"* ]]
    "$EXAMPLES/peek" "$vmm" go "$page"
    rest
}

@test "a protected guest's secret is not in the VMM's memory, before and after it is touched" {
    start hold.img
    hold
    run "$EXAMPLES/peek" "$vmm" scan "$secret"
    echo "$output"
    [[ $output == "found 0 times"* ]]
    run "$EXAMPLES/peek" "$vmm" show "$at"
    echo "$output"
    [[ ! $output == *secret* ]]
    "$EXAMPLES/peek" "$vmm" go "$page"
    rest
    [[ $output == *"secret still there"* ]]
}

@test "a changed page is refused, and the VMM says so" {
    start hold.img
    hold
    if "$PROTVIRT" status --json | jq -se 'all(.traps | not)'; then
        "$EXAMPLES/peek" "$vmm" go "$page"
        rest
        skip "touches of secure pages do not trap here"
    fi
    run "$PROTVIRT" peek "$vmm" "$at"
    [ "$status" -eq 0 ]
    flipped_page_is_refused
}

@test "peek: the VMM's own load, of an ordinary guest, of a protected one, and of nothing" {
    start -p 'hold fill=8M' "$GUESTS/demo.elf"
    hold
    run "$PROTVIRT" peek "$vmm" "$at"
    [[ $output == *"$secret"* ]]
    for address in 4000000 3ffffc1 ffffffffffffffff; do # 64M is the end
        run "$PROTVIRT" peek "$vmm" $address
        [ "$status" -eq 1 ]
        [[ $output == *"process $vmm, $address: not storage of its guest"* ]]
    done
    run "$PROTVIRT" peek "$vmm" 3ffffc0
    [ "$status" -eq 0 ]
    "$EXAMPLES/peek" "$vmm" go "$page"
    rest
    start hold.img
    hold
    run "$PROTVIRT" peek "$vmm" "$at"
    [ "$status" -eq 0 ]
    [[ ! $output == *secret* ]]
    "$EXAMPLES/peek" "$vmm" go "$page"
    rest
    [[ $output == *"secret still there"* ]]
}

# Of a user without privileges only the VMM's own touches trap; what other processes do are system calls.
@test "where system calls do not trap, peek shows the page encrypted all the same" {
    if "$WITHOUT_USERFAULTFD" true && ! "$WITHOUT_USERFAULTFD" --but-user-mode true; then
        skip "userfaultfd is refused altogether"
    fi
    under=("$WITHOUT_USERFAULTFD" --but-user-mode)
    start hold.img
    hold
    run "$EXAMPLES/peek" "$vmm" show "$at"
    [ "$status" -eq 1 ]
    run "$PROTVIRT" peek "$vmm" "$at"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ ! $output == *secret* && $output =~ ^[0-9a-f]{64}\ \ [0-9a-f]{64} && ! $output =~ ^0{64} ]]
    run "$EXAMPLES/peek" "$vmm" show "$at" # exported for everybody now
    [ "$status" -eq 0 ]
    [[ ! $output == *secret* && ! $output =~ ^0{64} ]]
    flipped_page_is_refused
}

@test "who connects to the control socket and says nothing does not keep the VMM from its end" {
    export XDG_RUNTIME_DIR=$BATS_TEST_TMPDIR
    start -p 'hold fill=8M' "$GUESTS/demo.elf"
    hold
    python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
print("connected", flush=True)
s.recv(1)' "$XDG_RUNTIME_DIR/protvirt/vmm-$vmm" >connected &
    idle=$!
    until [ -s connected ]; do kill -0 $idle; done
    "$EXAMPLES/peek" "$vmm" go "$page"
    rest
    wait $idle
}

@test "reset from outside: torn down and booted again, async and sync" {
    for teardown in async sync; do
        rm -f log
        start --teardown=$teardown --json log hold.img
        hold
        "$PROTVIRT" reset "$vmm"
        hold
        "$EXAMPLES/peek" "$vmm" go "$page"
        rest
        jq -se --arg t $teardown 'length == 1 and .[0].teardown == $t
            and .[0].secure_bytes >= 8388608' log
    done
}

@test "reset of an ordinary guest clears its storage" {
    start -p 'hold fill=8M' "$GUESTS/demo.elf"
    hold
    "$PROTVIRT" reset "$vmm"
    wait_line 'hold nothing of a boot before'
    hold
    "$EXAMPLES/peek" "$vmm" go "$page"
    rest
}

@test "reset of something else is refused in words" {
    run "$PROTVIRT" reset $$
    [ "$status" -eq 1 ]
    [[ $output == *"process $$ is no \`protvirt run\`"* ]]
    run "$PROTVIRT" reset twelve
    [ "$status" -eq 2 ]
}

@test "status counts a protected guest on its private machine, then nothing is left" {
    start hold.img
    hold
    run "$PROTVIRT" status --json
    echo "$output"
    jq -se 'any(.simulated and .model == env.PROTVIRT_MODEL and .vms == 1 and .active == 1
        and .secure_vcpus == 1 and .frames_secure > 2048 and .bytes_leaked == 0)' <<<"$output"
    "$EXAMPLES/peek" "$vmm" go "$page"
    rest
}

@test "two VMMs on one machine; when they are gone nothing is left" {
    coproc MACHINE { exec "$PROTVIRT" machine --listen "$PWD/socket" --model "$PROTVIRT_MODEL" --host-key "$KEY" 2>&1 3>&-; }
    until [ -S socket ]; do kill -0 "$MACHINE_PID"; done
    before=$("$PROTVIRT" status --json --machine "$PWD/socket")
    export PROTVIRT_MACHINE=unix:$PWD/socket
    "$PROTVIRT" run -m 64M demo.img >one &
    first=$!
    "$PROTVIRT" run -m 64M demo.img >two
    wait $first
    grep 'boot 3 was the last' one
    grep 'boot 3 was the last' two
    run "$PROTVIRT" status --wait --json --machine "$PWD/socket"
    echo "$output"
    jq -e '.vms == 0 and .active == 0 and .protected_count == 0 and .frames_secure == 0
        and .frames_orphan == 0 and .bytes_leaked == 0 and .uv_configs == 0' <<<"$output"
    # what is left is the Ultravisor's own, as before the first guest
    jq -e --argjson before "$before" '.bytes_donated == $before.bytes_donated' <<<"$output"
    run "$PROTVIRT" run --model z16 demo.img
    [ "$status" -eq 2 ]
    [[ $output == *"PROTVIRT_MACHINE names a machine that runs already"* ]]
}

@test "the minimal VMM boots images three times" {
    export PROTVIRT_PROGRAM=$PROTVIRT PROTVIRT_HOST_KEY=$KEY
    for image in reboot demo; do
        run "$EXAMPLES/minimal-vmm" $image.img 2
        echo "$output"
        [ "$status" -eq 0 ]
        [ "$(grep -c 'protected guest' <<<"$output")" -eq 3 ]
    done
}

@test "the minimal VMM is a program of a real s390x host, too" {
    file=$EXAMPLES/minimal-vmm-s390x
    s390x-linux-gnu-readelf -h "$file" | grep 'IBM S/390'
    # its /dev/kvm is the system's: nothing of a simulated machine is in it
    ! grep -q 'private-fd' "$file"
}
