# SPDX-License-Identifier: GPL-2.0-or-later
# protvirt run, reset, machine, status, doctor: what is refused, and in which words.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

protvirt() {
    "$PROTVIRT" "$@"
}

# refused STATUS TEXT: one line, this status, this text
refused() {
    echo "$output"
    [ "$status" -eq "$1" ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *"$2"* ]]
}

@test "no verb, unknown verb, unknown option" {
    run protvirt
    refused 2 'a verb is needed'
    run protvirt frob
    refused 2 'verb "frob" is not known; valid are: run reset peek machine status trace wait inject model report doctor image host-key'
    run protvirt --frob
    refused 2 'option "--frob" is not known'
}

@test "help and version, of the program and of every verb" {
    run protvirt --help
    [ "$status" -eq 0 ]
    [[ $output == *'Exit status:'*'4  run: the image is made for another host key'* ]]
    run protvirt -v
    [ "$status" -eq 0 ]
    [[ $output =~ ^protvirt\ [0-9.]+$ ]]
    for verb in run reset peek machine status trace wait inject model report doctor image host-key; do
        for option in -h --help; do
            run protvirt $verb $option
            [ "$status" -eq 0 ]
            [[ $output == "Usage: protvirt $verb"* ]]
        done
        run protvirt $verb --version
        [ "$status" -eq 0 ]
        [[ $output =~ ^protvirt\ [0-9.]+$ ]]
    done
}

# options_of VERB...: the long ones that --help shows
options_of() {
    "$PROTVIRT" "$@" --help | sed -nE 's/^ +(-[a-zA-Z], +)?(--[a-z0-9-]+).*/\2/p'
}

@test "each verb has a manual page, and each option stands in it" {
    pages=$BATS_TEST_DIRNAME/../../man
    verbs=$(protvirt --help | sed -n '/^Verbs:/,/^$/s/^  \([a-z-]*\) .*/\1/p')
    [ "$(wc -w <<<"$verbs")" -ge 12 ]
    for verb in $verbs 'image create' 'image info' 'host-key create'; do
        page=$pages/protvirt-${verb%% *}.1.scd
        [ -f "$page" ] || { echo "$page is missing"; false; }
        for option in $(options_of $verb); do
            grep -qF -- "*$option*" "$page" || { echo "$verb: $option is not in $page"; false; }
        done
        grep -qF "*protvirt-${verb%% *}*(1)" "$pages/protvirt.1.scd"
    done
}

@test "run: memory sizes" {
    for size in 0 1 1M 2047K 3000000000K 513G 12x 1.5G -1 '' 18446744073709551616 99999999999999999999G; do
        run protvirt run -m "$size" image
        refused 2 "--mem $size: not valid, must be a multiple of 1 MiB from 2M to 512G"
    done
}

@test "run: CPUs, teardown, reboots" {
    for cpus in 0 241 x 1x ''; do
        run protvirt run -c "$cpus" image
        refused 2 "--cpus $cpus: not valid, must be a number from 1 to 240"
    done
    run protvirt run --teardown=later image
    refused 2 '--teardown later: not valid, must be async, sync or both'
    for nice in 20 -1 x ''; do
        run protvirt run --teardown-nice "$nice" image
        refused 2 "--teardown-nice $nice: not valid, must be a number from 0 to 19"
    done
    run protvirt run --reboots many image
    refused 2 '--reboots many: not valid'
    run protvirt run --uuid 12345678-9abc-def0-1234-56789abcdefg image
    refused 2 '--uuid 12345678-9abc-def0-1234-56789abcdefg: not valid, must be such as'
    for name in '' "$(printf '%0256d' 0)"; do
        run protvirt run --name "$name" image
        refused 2 "--name $name: not valid, must be 1 to 255 bytes"
    done
}

@test "run: options of its machine" {
    run protvirt run --model z14 image
    refused 2 '--model z14: must be z15, z16, z17 or proposal'
    run protvirt run --async-destroy=maybe image
    refused 2 '--async-destroy maybe: must be on or off'
    run protvirt run --host-key /no/such/key image
    refused 2 '--host-key /no/such/key: No such file or directory'
    run protvirt run --uv-cost /no/such/file image
    refused 2 '--uv-cost /no/such/file: No such file or directory'
}

# with VARIABLE=VALUE TEXT: no machine, and one line that says why
with() {
    run env "$1" "$PROTVIRT" run "$GUESTS/hello.elf"
    refused 2 "protvirt run: ${1/=/ }: $2"
}

@test "run: what the environment says of its machine" {
    printf 'page_ns 1s\n' >cost
    echo nothing >key
    mkdir -p data/protvirt
    cp key data/protvirt/host-key.pem
    with PROTVIRT_MODEL=z14 'must be z15, z16, z17 or proposal'
    with PROTVIRT_HOST_KEY=key 'must be a secp521r1 private key'
    with PROTVIRT_HOST_KEY=/no/such/key 'No such file or directory'
    with PROTVIRT_UV_COST=/no/such/file 'No such file or directory'
    with PROTVIRT_UV_COST=cost 'line 1: must be page_ns or call_ns and a number'
    with PROTVIRT_ASYNC_DESTROY=maybe 'must be on or off'
    with PROTVIRT_HOLES=maybe 'must be on or off'
    with PROTVIRT_TRACE=/no/such/dir/trace 'No such file or directory'
    XDG_DATA_HOME=data run "$PROTVIRT" run "$GUESTS/hello.elf"
    refused 2 'default host key data/protvirt/host-key.pem: must be a secp521r1 private key'
    XDG_DATA_HOME=data run "$PROTVIRT" doctor
    [ "$status" -eq 1 ]
    [[ $output == *'default host key data/protvirt/host-key.pem: must be'* ]]
    # an option goes before it
    PROTVIRT_MODEL=z14 run "$PROTVIRT" run --model z15 "$GUESTS/hello.elf"
    [ "$status" -eq 0 ]
}

@test "run: operands" {
    run protvirt run
    refused 2 '0 operands, one IMAGE is needed'
    run protvirt run a b
    refused 2 '2 operands, one IMAGE is needed'
}

@test "run: files that are no images" {
    run protvirt run missing
    refused 3 'missing: No such file or directory'
    run protvirt run /
    refused 3 '/: not a regular file'
    : >empty
    run protvirt run empty
    [ "$status" -eq 3 ]
    head -c 1000 /dev/urandom >noise
    run protvirt run noise
    refused 3 'noise: 1000 bytes, a raw kernel has more than 0x10000'
    run protvirt run "$PROTVIRT"
    refused 3 'not an s390x executable'
    { printf '\000\010\000\000\377\377\377\377'; head -c 70000 /dev/zero; } >far
    run protvirt run far
    refused 3 'it starts at 0x7fffffff: cut off, or not a kernel'
}

@test "run: an executable that is cut off" {
    head -c 5000 "$GUESTS/hello.elf" >short.elf
    run protvirt run short.elf
    refused 3 'short.elf: segment at 0x10000 is cut off'
    head -c 100 "$GUESTS/hello.elf" >short.elf
    run protvirt run short.elf
    refused 3 'program headers are cut off'
}

@test "run: image and memory, image and parameters" {
    head -c 4000000 /dev/zero >large
    run protvirt run -m 2M large
    refused 3 '4000000 bytes do not fit into 2 MiB of memory, see -m'
    run protvirt run -p words large
    refused 3 'has no parameter area ("S390EP" at 0x10008), -p cannot be used'
    run protvirt run -p "$(printf 'x%.0s' {1..896})" "$GUESTS/hello.elf"
    refused 3 '-p: 896 characters, this kernel takes 895'
    protvirt host-key create .
    protvirt image create -k host-key.crt --no-verify -i "$GUESTS/hello.elf" -o hello.img
    run protvirt run -p words hello.img
    refused 3 'is a Secure Execution image, its parameters are inside of it'
}

@test "run: image and ramdisk" {
    head -c 200000 /dev/zero >raw
    run protvirt run --initrd raw raw
    refused 3 'has no parameter area ("S390EP" at 0x10008), --initrd cannot be used'
    run protvirt run --initrd none "$GUESTS/hello.elf"
    refused 3 'none: No such file or directory'
    run protvirt run -m 8M --initrd raw "$GUESTS/hello.elf"
    refused 3 'hello.elf: 8588608 bytes do not fit into 8 MiB of memory, see -m'
    protvirt host-key create .
    protvirt image create -k host-key.crt --no-verify -i "$GUESTS/hello.elf" -o hello.img
    run protvirt run --initrd raw hello.img
    refused 3 'is a Secure Execution image, its ramdisk is inside of it'
}

@test "run: a log that cannot be written" {
    run protvirt run --json /no/such/dir/log "$GUESTS/hello.elf"
    refused 2 '--json /no/such/dir/log: No such file or directory, must be writable'
}

@test "run: a machine that is not there" {
    run env PROTVIRT_MACHINE=unix:/no/such/socket "$PROTVIRT" run "$GUESTS/hello.elf"
    refused 1 '/dev/kvm cannot be opened: No such file or directory'
    run env PROTVIRT_MACHINE=elsewhere "$PROTVIRT" run "$GUESTS/hello.elf"
    refused 1 '/dev/kvm cannot be opened: Invalid argument'
}

@test "run, machine: a host key that is none, or is the document beside it" {
    echo nothing >key
    protvirt host-key create .
    for verb in "run $GUESTS/hello.elf" 'machine --listen socket'; do
        run protvirt $verb --host-key key
        refused 2 '--host-key key: must be a secp521r1 private key in PEM format'
        run protvirt $verb --host-key host-key.crt
        refused 2 '--host-key host-key.crt: is a host-key document, must be the private key (PEM)'
        run protvirt $verb --host-key .
        refused 2 '--host-key .: must be a secp521r1 private key in PEM format'
    done
    [ ! -e socket ]
}

@test "machine: options" {
    run protvirt machine
    refused 2 '--listen PATH is needed'
    run protvirt machine --listen socket operand
    refused 2 'operand: no operand is taken'
    run protvirt machine --listen /no/such/dir/socket
    echo "$output"
    [ "$status" -eq 1 ]
    [[ $output == */no/such/dir/socket* ]]
    printf '# all calls\npage_ns 100\nsome_ns 5\n' >cost
    run protvirt machine --listen socket --uv-cost cost
    refused 2 '--uv-cost cost: line 3: must be page_ns or call_ns and a number'
    printf 'page_ns 100 200\n' >cost
    run protvirt machine --listen socket --uv-cost cost
    refused 2 'line 1: must be'
    [ ! -e socket ]
}

@test "status: nobody there" {
    run protvirt status --machine /no/such/socket
    refused 1 '--machine /no/such/socket: No such file or directory'
    run env XDG_RUNTIME_DIR="$PWD" "$PROTVIRT" status
    refused 1 'no machine of this user runs now'
    run protvirt status operand
    refused 2 'operand: no operand is taken'
}

@test "status: a fresh machine, as text and as JSON" {
    coproc MACHINE { exec "$PROTVIRT" machine --listen "$PWD/socket" --model z16 2>&1 3>&-; }
    until [ -S socket ]; do kill -0 "$MACHINE_PID"; done
    run protvirt status --json --machine socket
    text=$(protvirt status --machine socket)
    kill "$MACHINE_PID"
    echo "$output"
    jq -e '.simulated and .model == "z16" and .vms == 0 and .uv_configs == 0' <<<"$output"
    [[ $text == *model*z16* ]]
    [[ $text == *"VMs  "*" 0"* ]]
}

@test "reset: no VMM, no number" {
    run protvirt reset
    refused 2 'one PID is needed'
    run protvirt reset 0
    refused 2 'one PID is needed'
    run protvirt reset 2147483647
    refused 1 'process 2147483647 is no `protvirt run` of this user'
}

@test "peek: no VMM, no number, no address" {
    for operands in '' 12 '0 0' '12 x' '12 0x' '12 12g' '12 +1' '12 11112222333344445' '12 0 0'; do
        run protvirt peek $operands
        refused 2 'a PID of `protvirt run` and a hexadecimal ADDR are needed'
    done
    run protvirt peek 2147483647 0
    refused 1 'process 2147483647 is no `protvirt run` of this user'
}

@test "doctor: names every part, and what to do without a key" {
    run env HOME="$PWD" XDG_DATA_HOME= "$PROTVIRT" doctor
    echo "$output"
    [ "$status" -eq 0 ]
    for part in 'guest memory' 'traps on secure pages' 'huge pages' memory 'open files' 'host key'; do
        [[ $output == *"$part"* ]]
    done
    [[ $output == *'protvirt host-key create DIR'* ]]
    mkdir -p .local/share/protvirt
    protvirt host-key create .local/share/protvirt
    run env HOME="$PWD" XDG_DATA_HOME= "$PROTVIRT" doctor
    [[ $output == *"host key               there     $PWD/.local/share/protvirt/host-key.pem"* ]]
}

@test "doctor: what forbids traps is named, with the way out" {
    run "$WITHOUT_USERFAULTFD" "$PROTVIRT" doctor
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output =~ 'traps on secure pages'\ +off\ +'Operation not permitted' ]]
    [[ $output == *'seccomp profile'* ]]
}

@test "a guest runs where userfaultfd is forbidden, and the machine says what is different" {
    run "$WITHOUT_USERFAULTFD" "$PROTVIRT" run "$GUESTS/hello.elf"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *'the VMM reads zeros from secure pages (holes mode)'* ]]
}

# ---- --trace ----

# The machine has standard error, too: `run` returns when the machine has written all and ended.
@test "trace: instructions, interruptions and interceptions, a line each" {
    cd "$BATS_TEST_TMPDIR"
    echo 'of another run' >trace
    run "$PROTVIRT" run --trace trace "$GUESTS/hello.elf"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(wc -l <<<"$output")" -eq 1 ]
    head -3 trace
    [ "$(head -1 trace)" = '1.0: 0000000000010000 brc 15,0x10010' ]
    [ "$(tail -1 trace)" = '1.0: interception 1c' ]
    grep -Eqx '1\.0: interception 04 instruction b220 [0-9a-f]{8}' trace
    grep -qx '1\.0: interruption external 2401' trace
    ! grep -Evx '1\.0: ([0-9a-f]{16} .*|interruption [a-zA-Z/ ]+ [0-9a-f]+|interception [0-9a-f]{2}( instruction [0-9a-f]{4} [0-9a-f]{8})?)' trace
}

@test "trace: of a protected guest, mnemonics only" {
    cd "$BATS_TEST_TMPDIR"
    "$PROTVIRT" host-key create .
    "$PROTVIRT" image create -k host-key.crt --no-verify -i "$GUESTS/hello.elf" -o hello.img
    run "$PROTVIRT" run --trace trace --host-key host-key.pem hello.img
    echo "$output"
    [ "$status" -eq 0 ]
    # behind the DIAGNOSE that made it one
    tac trace | sed '/interception 04 instruction 8321 03080000/,$d' | tac >protected
    grep -qx '1\.0: [0-9a-f]\{16\} servc' protected
    grep -qx '1\.0: interception 68 instruction b220 00010000' protected
    ! grep -E '^1\.0: [0-9a-f]{16} [^ ]+ ' protected
}

@test "trace: a full disk is told once, the guest goes on" {
    run "$PROTVIRT" run --trace /dev/full -p 'reboots=1 fill=1M' "$GUESTS/demo.elf"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c -- '--trace: No space left on device, the trace ends here' <<<"$output")" -eq 1 ]
    [[ $output == *"boot 2 was the last"* ]]
}

@test "trace: a pipe that nobody reads ends the trace, not the machine" {
    cd "$BATS_TEST_TMPDIR"
    mkfifo pipe
    exec {both}<>pipe
    run "$PROTVIRT" run --trace pipe -p 'reboots=1 fill=1M' "$GUESTS/demo.elf"
    exec {both}>&-
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c -- '--trace: .*, the trace ends here' <<<"$output")" -eq 1 ]
    [[ $output == *"boot 2 was the last"* ]]
}

@test "trace: a file that cannot be written" {
    for path in /nonexistent/trace "$BATS_TEST_TMPDIR"; do
        run "$PROTVIRT" run --trace "$path" "$GUESTS/hello.elf"
        echo "$output"
        [ "$status" -eq 2 ]
        [[ $output == "protvirt run: --trace $path: "* ]]
        run "$PROTVIRT" machine --trace "$path" --listen "$BATS_TEST_TMPDIR/socket"
        echo "$output"
        [ "$status" -eq 2 ]
        [[ $output == "protvirt machine: --trace $path: "* ]]
    done
    run env PROTVIRT_MACHINE=unix:/nonexistent/socket "$PROTVIRT" run \
        --trace "$BATS_TEST_TMPDIR/trace" "$GUESTS/hello.elf"
    [ "$status" -eq 2 ]
    [[ $output == *"PROTVIRT_MACHINE names a machine that runs already"* ]]
}

@test "trace: a machine with two VMs" {
    cd "$BATS_TEST_TMPDIR"
    coproc MACHINE { exec "$PROTVIRT" machine --listen "$PWD/socket" --model "$PROTVIRT_MODEL" \
        --trace trace 2>&1 3>&-; }
    pid=$MACHINE_PID
    until [ -S socket ]; do kill -0 "$pid"; done
    for vm in 1 2; do
        PROTVIRT_MACHINE=unix:$PWD/socket "$PROTVIRT" run -m 16M "$GUESTS/hello.elf"
    done
    kill "$pid"
    wait "$pid"
    [ "$(grep -c '^1\.0: interception 1c$' trace)" -eq 1 ]
    [ "$(grep -c '^2\.0: interception 1c$' trace)" -eq 1 ]
}
