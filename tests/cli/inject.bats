# SPDX-License-Identifier: GPL-2.0-or-later
# protvirt inject: what a rule does is looked at where it shows: in a VMM's message, in the trace, at
# the guest. Every example of docs/inject.md is run. $DOCUMENT is that file.

setup_file() {
    export KEY=$BATS_FILE_TMPDIR/host-key.pem
    cd "$BATS_FILE_TMPDIR" || return 1
    "$PROTVIRT" host-key create .
    # The trace has place for all that happens to so little.
    printf 'reboots=1 fill=4M' >parmfile
    "$PROTVIRT" image create -k host-key.crt --no-verify -i "$GUESTS/demo.elf" -p parmfile -o demo.img
    "$PROTVIRT" image create -k host-key.crt --no-verify -i "$GUESTS/echo.elf" -o echo.img
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    export XDG_RUNTIME_DIR=$PWD
    unset PROTVIRT_MACHINE
}

teardown() {
    [ -z "${vmm:-}" ] || kill "$vmm" 2>/dev/null || true
    stop_machine
}

protvirt() {
    "$PROTVIRT" "$@"
}

# start_machine MODEL: at ./socket, number $machine
start_machine() {
    "$PROTVIRT" machine --listen "$PWD/socket" --model "$1" --host-key "$KEY" 2>machine.log 3>&- &
    machine=$!
    until [ -S socket ]; do kill -0 "$machine"; done
    export PROTVIRT_MACHINE=unix:$PWD/socket
}

stop_machine() {
    [ -n "${machine:-}" ] || return 0
    kill "$machine" 2>/dev/null || true
    wait "$machine" || true
    machine=
}

# wait_rule WHAT [RULE]: until RULE, or the only one, has hit, or holds, a step
wait_rule() {
    local limit=$((SECONDS + 60))
    until protvirt inject --list | grep -F "${2:-}" | grep -q "$1 [1-9]"; do
        [ $SECONDS -lt $limit ] || { protvirt inject --list; protvirt trace | tail -n 40; return 1; }
    done
}

# calls: the trace without numbers and times
calls() {
    protvirt trace | sed 's/^[0-9]* //; s/ us .*//'
}

# start_echo OPTIONS: a guest that answers lines, number $vmm, lines to $to, answers from $from
start_echo() {
    coproc GUEST { exec "$PROTVIRT" run -m 64M "$@" "$BATS_FILE_TMPDIR/echo.img" 2>&1 3>&-; }
    vmm=$GUEST_PID
    exec {from}<&"${GUEST[0]}" {to}>&"${GUEST[1]}"
    say hello
    answer hello
}

say() {
    printf '%s\n' "$1" >&"$to"
}

answer() {
    local line
    read -r -t 60 line <&"$from"
    echo "$line"
    [ "$line" = "echo: \"$1\"" ]
}

# disable_with RULE: $said is what the VMM says when the answer to its KVM_PV_DISABLE gets lost
disable_with() {
    start_echo --teardown sync
    protvirt inject "$1" >/dev/null
    run protvirt reset "$vmm" # its guest ends instead
    [ "$status" -eq 1 ]
    said=$(cat <&"$from")
    echo "$said"
    protvirt inject --clear
}

@test "short: so many bytes of the answer arrive, and the rest not" {
    start_machine "$PROTVIRT_MODEL"
    disable_with copy-to,bytes=32,nth=1
    [[ $said == *'KVM_PV_DISABLE: Bad address, rc 0x0000 rrc 0x0000'* ]]
    disable_with copy-to,bytes=32,nth=1,short=4
    [[ $said == *'KVM_PV_DISABLE: Bad address, rc 0x0000 rrc 0x0000'* ]]
    disable_with copy-to,bytes=32,nth=1,short=6
    [[ $said == *'KVM_PV_DISABLE: Bad address, rc 0x0001 rrc 0x0000'* ]]
}

# The VMM raises one interruption for all that waits, so a second line wakes nobody either; the next
# boot finds both together. A guest that was not asleep yet has read the first alone: once more then.
slept_on() {
    local line
    protvirt inject wake,nth=1 >/dev/null
    say first
    wait_rule hit
    protvirt inject --clear
    say second
    protvirt reset "$vmm"
    read -r -t 60 line <&"$from"
    echo "$line"
    [ "$line" = 'echo: "first' ] || { answer second; return 1; }
    read -r -t 60 line <&"$from"
    [ "$line" = 'second"' ]
}

@test "wake: a lost one leaves the guest asleep" {
    start_machine "$PROTVIRT_MODEL"
    start_echo
    slept_on || slept_on || slept_on
    say quit
    answer quit
    wait "$vmm"
}

# held_asleep: no answer while the wake-up is held; 1 if the guest was not asleep yet
held_asleep() {
    local early=0
    protvirt inject wake,hold >/dev/null
    say first
    wait_rule holds
    read -r -t 0 <&"$from" && early=1
    protvirt inject --clear
    answer first
    return $early
}

@test "wake: a held one comes when the rule goes" {
    start_machine "$PROTVIRT_MODEL"
    start_echo
    held_asleep || held_asleep || held_asleep
    say quit
    answer quit
    wait "$vmm"
}

# 64 MiB lie below 2 GiB: PREPARE destroys them in runs, and each run is an event.
@test "destroy-page: this one is refused and exported, the runs around it are destroyed" {
    start_machine "$PROTVIRT_MODEL"
    protvirt inject destroy-page,gfn=0x3f00,nth=1 >/dev/null
    protvirt run -m 64M --teardown-nice 0 "$BATS_FILE_TMPDIR/demo.img" >guest
    protvirt status --wait
    calls | grep -B 1 -A 1 '^host DESTR_SEC_STOR .* cc 1 rc 0106' >around
    cat around
    [ "$(wc -l <around)" -eq 3 ]
    # ... addr A pages N ... / ... addr A ... / ... addr A pages N ...
    read -r _ _ _ _ before _ pages _ < <(sed -n 1p around)
    read -r _ _ _ _ refused _ < <(sed -n 2p around)
    read -r _ _ _ _ behind _ < <(sed -n 3p around)
    [ $((16#$before + pages * 4096)) -eq $((16#$refused)) ]
    [ $((16#$behind)) -eq $((16#$refused + 4096)) ]
    protvirt status --json | jq -e '.frames_secure == 0 and .frames_lost == 0 and .bytes_leaked == 0'
}

# nice_values PID: of its threads
nice_values() {
    cut -d ' ' -f 19 "/proc/$1/task/"*/stat | sort -n | uniq -c | tr -s ' '
}

@test "PERFORM gives way: the thread that calls it, and the machine's that runs it" {
    start_machine z15
    protvirt inject uvc=DESTROY_SEC_CONF,hold >/dev/null
    start_echo --teardown-nice 7
    protvirt reset "$vmm"
    wait_rule holds
    usual=$(cut -d ' ' -f 19 "/proc/$$/stat")
    for process in "$vmm" "$machine"; do
        nice_values "$process"
        nice_values "$process" | grep -q "^ 1 $((usual + 7))$"
    done
    protvirt inject --clear
    say quit
    answer quit
    wait "$vmm"
}

# ---- the examples of the document ----

# PERFORM shall meet the rule, not the next guest, which takes what it needs by itself: neither gives
# way to the other.

# run_demo OPTIONS: with the rule; $status and $output
run_demo() {
    protvirt inject "$rule" >/dev/null
    run protvirt run -m 64M --teardown-nice 0 "$@" "$BATS_FILE_TMPDIR/demo.img"
    echo "$output"
    calls >calls
}

# held: the demonstration's second boot ends its life while the rule holds the teardown of the first.
# Where PERFORM gets no CPU for long, that boot takes every page before PERFORM comes to one: it waits
# where it shares its page with the host, before it touches them.
held() {
    protvirt inject "$rule" uvc=SET_SHARED_ACCESS,nth=2,hold >/dev/null
    protvirt run -m 64M --teardown-nice 0 "$BATS_FILE_TMPDIR/demo.img" >guest 2>&1 3>&- &
    vmm=$!
    wait_rule holds "$rule"
    protvirt inject --remove 2
    until grep -q 'boot 2 was the last' guest; do kill -0 "$vmm" || break; done
    grep -q 'boot 2 was the last' guest
    run protvirt wait --teardown --timeout 0
    [ "$status" -eq 7 ]
    protvirt inject --clear
    wait "$vmm"
    protvirt wait --teardown
}

# example RULE: what the document says of it, on the machine that runs
example() {
    case $1 in
    uvc=DESTROY_SEC_CPU,nth=2,rc=0x102)
        run_demo -c 2 --teardown async
        [ "$(grep -c '^host DESTROY_SEC_CPU .* rc 0102' calls)" -eq 1 ]
        [ "$(grep -c '^host DESTROY_SEC_CPU .* rc 0001' calls)" -eq 1 ]
        protvirt status --json | jq -e '.bytes_leaked > 0'
        ;;
    alloc=conf-base,nth=1)
        run_demo
        [[ $output == *'Cannot allocate memory'* ]]
        [ -z "$(grep CREATE_SEC_CONF calls)" ]
        ;;
    uvc=CREATE_SEC_CONF,need-destroy,rc=0x10e)
        run_demo
        [[ $output == *'rc 0x810e'* ]]
        grep -q '^host DESTROY_SEC_CONF .* rc 0001' calls
        ;;
    uvc=DESTROY_SEC_CONF,count=1)
        run_demo --teardown sync
        [[ $output == *'KVM_PV_DISABLE: Input/output error, rc 0x0003'* ]]
        [ "$(grep -c '^host DESTROY_SEC_CONF .* rc 0003' calls)" -eq 1 ]
        [ "$(grep -c '^host DESTROY_SEC_CONF .* rc 0001' calls)" -eq 1 ]
        ;;
    uvc=DESTROY_SEC_CONF,cc=3,count=5)
        run_demo --teardown sync
        [ "$status" -eq 0 ]
        [ "$(grep '^host DESTROY_SEC_CONF ' calls | head -n 6 | grep -o 'cc [0-3]' | tr -d '\n')" = \
            'cc 3cc 3cc 3cc 3cc 3cc 0' ]
        ;;
    copy-from,every=3)
        run_demo
        [[ $output == *'Bad address'* ]]
        ;;
    copy-to,bytes=32,nth=1,short=8)
        disable_with "$1"
        [[ $said == *'KVM_PV_DISABLE: Bad address, rc 0x0001 rrc 0x0000'* ]]
        ;;
    destroy-page,prob=0.01,seed=7)
        run_demo
        [ "$status" -eq 0 ]
        protvirt status --wait
        calls >calls
        hits=$(protvirt inject --list | grep -o 'hit [0-9]*' | cut -d ' ' -f 2)
        [ "$hits" -gt 0 ]
        [ "$(grep -c '^host DESTR_SEC_STOR .* cc 1 rc 0106' calls)" -eq "$hits" ]
        ;;
    destroy-page,hold | uvc=DESTROY_SEC_CONF,hold)
        held
        ;;
    *)
        echo "$1: an example that is not run"
        return 1
        ;;
    esac
}

@test "every example of the document does what it says" {
    sed -n '/^## Examples/,/^A wrong rule/ s/^| `\([^`]*\)` | \(.*\) |$/\1\t\2/p' "$DOCUMENT" >examples
    [ "$(wc -l <examples)" -ge 10 ]
    while IFS=$'\t' read -r rule what <&4; do
        echo "# $rule: $what"
        model=z15
        [[ $what != 'on `proposal`'* ]] || model=proposal
        start_machine "$model"
        example "$rule"
        stop_machine
        rm -f socket
    done 4<examples
}

@test "every wrong rule of the document is answered by its line" {
    start_machine "$PROTVIRT_MODEL"
    sed -n '/^A wrong rule/,/^Suite/p' "$DOCUMENT" | sed -n '/^```/,/^```/p' | grep -v '^```' >answers
    [ "$(wc -l <answers)" -eq 2 ]
    for rule in uvc,nth=0 alloc,rc=3; do
        run protvirt inject "$rule"
        [ "$status" -eq 2 ]
        echo "$output"
        grep -qxF "${output#protvirt inject: "$rule": }" answers
    done
}
