# SPDX-License-Identifier: GPL-2.0-or-later
# protvirt trace, wait, status --watch and inject: on a machine with a guest that reboots, and with
# bad input. No test waits by the clock: rules hold what is to be looked at.

setup_file() {
    export KEY=$BATS_FILE_TMPDIR/host-key.pem
    # On this one PERFORM has a configuration to destroy: the run's own, or the oldest.
    export KEEPING=z15
    [ "$PROTVIRT_MODEL" != proposal ] || KEEPING=proposal
    cd "$BATS_FILE_TMPDIR" || return 1
    "$PROTVIRT" host-key create .
    printf 'reboots=1 fill=8M' >parmfile
    "$PROTVIRT" image create -k host-key.crt --no-verify -i "$GUESTS/demo.elf" -p parmfile -o demo.img
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

protvirt() {
    "$PROTVIRT" "$@"
}

refused() {
    echo "$output"
    [ "$status" -eq "$1" ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *"$2"* ]]
}

# start_machine OPTIONS...: a machine at ./socket, number $machine
start_machine() {
    "$PROTVIRT" machine --listen "$PWD/socket" --model "$PROTVIRT_MODEL" \
        --host-key "$KEY" "$@" 2>machine.log 3>&- &
    machine=$!
    until [ -S socket ]; do kill -0 "$machine"; done
    export PROTVIRT_MACHINE=unix:$PWD/socket
}

# start_guest: the demonstration, number $vmm; its text in ./guest. It ends after PERFORM, whose time
# is in ./reboots
start_guest() {
    "$PROTVIRT" run -m 64M --json reboots "$BATS_FILE_TMPDIR/demo.img" >guest 2>&1 3>&- &
    vmm=$!
}

# wait_event NAME: until the machine tells it
wait_event() {
    grep -qm1 "kvm $1 " < <("$PROTVIRT" trace --events --follow 3>&-)
}

@test "nobody there" {
    for verb in 'trace' 'trace --events --follow' 'wait --teardown' 'status --watch' 'inject --list'; do
        run protvirt $verb
        refused 1 'no machine of this user runs now'
        run protvirt $verb --machine /no/such/socket
        refused 1 '--machine /no/such/socket: No such file or directory'
    done
}

@test "bad options and operands" {
    run protvirt trace operand
    refused 2 'operand: no operand is taken'
    run protvirt trace --frob
    refused 2 '--frob'
    run protvirt wait
    refused 2 'what to wait for must be said: --teardown'
    for vm in 0 -1 x 1x 4294967296 ''; do
        run protvirt wait --teardown -- "$vm"
        refused 2 "$vm: not valid, at most one VM, a number from 1"
    done
    run protvirt wait --teardown 1 2
    refused 2 '2: not valid, at most one VM'
    for seconds in -1 x 1.5 99999999999; do
        run protvirt wait --teardown --timeout="$seconds"
        refused 2 "--timeout $seconds: not valid, must be a number of seconds"
    done
    run protvirt status --watch --wait
    refused 2 '--watch and --wait: only one of them'
    run protvirt inject
    refused 2 'a RULE, --list, --remove or --clear is needed'
    run protvirt inject --remove none
    refused 2 '--remove none: not valid, must be the number of a rule'
}

@test "a fresh machine: INIT_UV is in the trace, nothing to wait for, no such VM" {
    start_machine
    run protvirt trace
    echo "$output"
    [ "$status" -eq 0 ]
    [[ ${lines[1]} == "1 host INIT_UV 000f addr "*"cc 0 rc 0001 rrc 0000 us "* ]]
    protvirt trace --json | jq -se 'map(.number) == [range(length)] and .[1].event == "INIT_UV"
        and .[1].command == 15 and .[1].duration_ns > 0'
    [ -z "$(protvirt trace --events)" ]
    protvirt wait --teardown
    run protvirt wait --teardown 1
    refused 1 'no VM 1'
}

@test "a teardown that is held: seen, waited for, let go" {
    start_machine --model "$KEEPING" --inject uvc=DESTROY_SEC_CONF,nth=1,hold
    start_guest
    wait_event teardown-begin
    run protvirt wait --teardown --timeout 0
    refused 7 'not torn down in time'
    run protvirt wait --teardown --timeout 0 1
    refused 7 'not torn down in time'
    read -r line < <("$PROTVIRT" status --watch 3>&-)
    echo "$line"
    [[ $line == "VM 1 teardown 1 tearing "*" of "*" MiB left"* ]]
    read -r line < <("$PROTVIRT" status --watch --json 3>&-)
    jq -e '.simulated and .teardowns[0].vm == 1 and .teardowns[0].state == "tearing"' <<<"$line"
    "$PROTVIRT" wait --teardown 1 3>&- &
    waiting=$!
    "$PROTVIRT" status --watch >watched 3>&- &
    watching=$!
    kill -0 "$waiting"
    protvirt inject --clear
    wait "$waiting"
    protvirt wait --teardown
    wait "$vmm"
    protvirt trace --events | grep -q 'kvm teardown-done vm 1 teardown 1 handle .* rc 0001 rrc 0000'
    until [ "$(tail -n 1 watched)" = 'no teardown' ]; do kill -0 "$watching"; done
    kill "$machine"
    wait "$machine"
    wait "$watching" # the machine's end is the end of the show
    [ "$(tail -n 1 watched)" = 'no teardown' ]
}

@test "followers end with the machine, having seen all; content and keys are not in the trace" {
    start_machine
    "$PROTVIRT" trace --events --follow --json >events 3>&- &
    events=$!
    "$PROTVIRT" trace --follow >calls 3>&- &
    calls=$!
    start_guest
    wait "$vmm"
    protvirt status --wait
    kill "$machine"
    wait "$events" "$calls"
    jq -se 'map(.number) == [range(length)]' events
    for event in teardown-aside teardown-begin teardown-done configuration-active vm-unprotected; do
        jq -se "any(.[]; .event == \"$event\" and .vm == 1)" events
    done
    grep -q 'host UNPACK_IMG 0301 handle [0-9a-f]* addr [0-9a-f]* cc 0 rc 0001 rrc 0000 us [0-9.]*$' calls
    # every line has this form and nothing else
    [ -z "$(grep -vE '^(lost [0-9]+ events|[0-9]+ (host|guest|kvm) [A-Za-z_-]+( [0-9a-f]{4})?( vm [0-9]+)?( teardown [0-9]+)?( handle [0-9a-f]{16})?( addr [0-9a-f]+)?( left [0-9]+ of [0-9]+| pages [0-9]+)?( cc [0-3])?( rc [0-9a-f]{4} rrc [0-9a-f]{4})? us [0-9.]+)$' calls)" ]
}

@test "a reader that never reads holds up nobody" {
    start_machine
    # asks without end, looks at no answer
    python3 - "$PWD/socket" 3>&- <<'END' &
import socket, struct, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(sys.argv[1])
print("connected", file=open("stuck", "w"))
try:
    while True:
        for question in (b"trace text 0\0", b"events json 0\0", b"trace-follow text 0\0"):
            s.send(struct.pack("=IIQq3Q", 4, len(question), 0, 0, 0, 0, 0) + question)
except OSError:
    pass
END
    reader=$!
    until [ -s stuck ]; do kill -0 "$reader" || break; done
    start_guest
    wait "$vmm"
    protvirt wait --teardown
    protvirt status --wait
    kill "$reader" 2>/dev/null || true
    grep -q 'was the last, shutting down' guest
}

@test "inject: rules at the start and at run time, listed, removed, cleared" {
    start_machine --inject alloc=conf-base,nth=99 --inject copy-from,every=1000000
    [ "$(protvirt inject uvc=VERIFY_IMG,rc=0x102 wake,nth=5)" = $'3\n4' ]
    run protvirt inject --list
    [ "$status" -eq 0 ]
    [[ ${lines[0]} == 1$'\t'alloc=conf-base,nth=99$'\t'covered*0,*hit*0* ]]
    [[ ${lines[2]} == 3$'\t'uvc=VERIFY_IMG,rc=0x102$'\t'* ]]
    [ "${#lines[@]}" -eq 4 ]
    protvirt inject --remove 1
    run protvirt inject --remove 1
    refused 2 '--remove 1: there is no such rule'
    protvirt inject --clear --list
    [ -z "$(protvirt inject --list)" ]
}

@test "inject: bad rules say what is valid" {
    run protvirt machine --listen "$PWD/socket" --inject frob
    refused 2 '--inject frob: frob: a rule begins with uvc, alloc'
    run protvirt machine --listen "$PWD/socket" --inject
    refused 2 '--inject'
    start_machine
    run protvirt inject nth=0
    refused 2 'a rule begins with uvc, alloc'
    run protvirt inject uvc,nth=0
    refused 2 'uvc,nth=0: nth=0: must be a number from 1'
    run protvirt inject ''
    refused 2 'empty rule: a rule begins with'
    run protvirt inject alloc,rc=3
    refused 2 'rc: goes with uvc only'
    for i in {1..32}; do protvirt inject wake,nth=999; done
    run protvirt inject wake
    refused 2 '32 rules are installed'
}

# outcome RULE TEXT: with this rule the guest does not run, and its VMM says why
outcome() {
    protvirt inject "$1" >/dev/null
    run protvirt run -m 64M "$BATS_FILE_TMPDIR/demo.img"
    echo "$1: $output"
    protvirt status --wait # the machine ends what the VMM has left
    protvirt inject --list | grep -q 'hit *[1-9]'
    protvirt inject --clear
    [ "$status" -ne 0 ]
    [[ $output == *"$2"* ]]
}

# survives RULE: with this rule it runs all the same
survives() {
    protvirt inject "$1" >/dev/null
    run protvirt run -m 64M "$BATS_FILE_TMPDIR/demo.img"
    echo "$1: $output"
    protvirt status --wait # the machine ends what the VMM has left
    protvirt inject --list | grep -q 'hit *[1-9]'
    protvirt inject --clear
    [ "$status" -eq 0 ]
}

@test "inject: each outcome, as a VMM sees it" {
    start_machine
    outcome uvc=VERIFY_IMG,nth=1,rc=0x1aa,rrc=0x2b 'rc 0x01aa rrc 0x002b'
    outcome uvc=CREATE_SEC_CPU,nth=1,cc=1 'rc 0x0003'
    outcome uvc=CREATE_SEC_CONF,need-destroy,rc=0x10e 'rc 0x810e'
    protvirt trace | grep -q 'host DESTROY_SEC_CONF 0101 '
    outcome alloc=conf-base,nth=1 'Cannot allocate memory'
    outcome copy-from,nth=2 'Bad address'
    outcome copy-to,nth=2 'Bad address'
    survives uvc=UNPACK_IMG,cc=2,count=5
    survives uvc=DESTROY_SEC_CONF,cc=3,count=5
    run protvirt status --json
    jq -e '.leaked == 0 and .bytes_leaked == 0 and .uv_configs == 0 and .vms == 0' <<<"$output"
}

@test "inject: one configuration only" {
    start_machine
    protvirt inject uvc=VERIFY_IMG,config=1,rc=0x1aa
    run protvirt run -m 64M "$BATS_FILE_TMPDIR/demo.img"
    [ "$status" -eq 0 ]
    protvirt inject --list | grep -q 'covered *0'
}

@test "a machine ends in order while a rule holds a step" {
    start_machine --model "$KEEPING" --inject uvc=DESTROY_SEC_CONF,hold
    start_guest
    wait_event teardown-begin
    kill "$machine"
    wait "$machine"
}
