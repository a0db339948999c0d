# SPDX-License-Identifier: GPL-2.0-or-later
# Guests from their first instruction to their end, ordinary and protected.
# $PROTVIRT is the program, $GUESTS the folder of guests, $EXAMPLES that of examples.

setup_file() {
    export KEY=$BATS_FILE_TMPDIR/host-key.pem
    cd "$BATS_FILE_TMPDIR" || return 1
    "$PROTVIRT" host-key create .
    mkdir other
    "$PROTVIRT" host-key create other
    for guest in hello reboot share; do
        image "$guest" "$guest" ''
    done
    image crash crash-wait 'how=wait'
    image crash crash-loop 'how=loop'
    image demo demo 'reboots=2 fill=8M'
    image demo demo-once 'fill=8M'
}

# image GUEST NAME PARAMETERS: NAME.img
image() {
    printf '%s' "$3" >parmfile
    "$PROTVIRT" image create -k host-key.crt --no-verify --overwrite -i "$GUESTS/$1.elf" \
        ${3:+-p parmfile} -o "$2.img"
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
}

protvirt() {
    "$PROTVIRT" run -m 64M "$@"
}

protected() {
    "$PROTVIRT" run -m 64M --host-key "$KEY" "$@"
}

@test "hello, ordinary: ELF with parameters" {
    run protvirt -p 'one two=3' "$GUESTS/hello.elf"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$output" = 'hello from an ordinary guest, parameters "one two=3"' ]
}

@test "hello: a ramdisk, beside the kernel or in the image" {
    printf 'a text as ramdisk' >ramdisk
    run protvirt --initrd ramdisk "$GUESTS/hello.elf"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[1]}" = 'ramdisk of 17 bytes at 800000: "a text as ramdisk"' ]
    "$PROTVIRT" image create -k host-key.crt --no-verify --overwrite -i "$GUESTS/hello.elf" \
        -r ramdisk -o ramdisk.img
    run protected ramdisk.img
    echo "$output"
    [ "$status" -eq 0 ]
    [[ ${lines[1]} == 'ramdisk of '*': "a text as ramdisk"'* ]]
}

# echo_of INPUT ARGUMENTS...: lines for the guest, one after the answer to the one before
echo_of() {
    coproc GUEST { exec "$@" 2>&1; }
    local pid=$GUEST_PID line
    exec {from}<&"${GUEST[0]}" {to}>&"${GUEST[1]}"
    for word in first 'the second line' quit; do
        printf '%s\n' "$word" >&"$to"
        read -r -t 60 line <&"$from"
        [ "$line" = "echo: \"$word\"" ]
    done
    exec {from}<&- {to}>&-
    wait "$pid"
}

@test "watchdog: its rules, ordinary and protected" {
    run protvirt "$GUESTS/watchdog.elf"
    echo "$output"
    [ "$status" -eq 0 ]
    image watchdog watchdog ''
    run protected watchdog.img
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "echo: text and lines typed at the console reach the guest" {
    echo_of "$PROTVIRT" run -m 64M "$GUESTS/echo.elf"
    echo_of "$PROTVIRT" run -m 64M -p lines "$GUESTS/echo.elf"
}

@test "echo, protected: the same through the Ultravisor" {
    image echo echo ''
    image echo echo-lines lines
    echo_of "$PROTVIRT" run -m 64M --host-key "$KEY" echo.img
    echo_of "$PROTVIRT" run -m 64M --host-key "$KEY" echo-lines.img
}

@test "echo: several lines at once, and the end of the input" {
    run protvirt -p lines "$GUESTS/echo.elf" < <(printf 'one\ntwo\n%0250d\nquit\n' 0 | tr 0 x)
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = 'echo: "one"' ]
    [ "${lines[1]}" = 'echo: "two"' ]
    [ "${lines[2]}" = "echo: \"$(printf '%0200d' 0 | tr 0 x)\"" ]
    [ "${lines[3]}" = "echo: \"$(printf '%050d' 0 | tr 0 x)\"" ]
    [ "${lines[4]}" = 'echo: "quit"' ]
}

# stopped_by SIGNALS RESULT ARGUMENTS...: the guest says one word and gets the signals; RESULT is the
# status and the last line. A shell without job control starts what is in the background with
# SIGINT ignored.
stopped_by() {
    local signals=$1 result=$2 line last='' status=0
    shift 2
    coproc GUEST { exec env --default-signal=INT "$@" 2>&1; }
    local pid=$GUEST_PID
    exec {from}<&"${GUEST[0]}" {to}>&"${GUEST[1]}"
    echo word >&"$to"
    read -r -t 60 line <&"$from"
    [ "$line" = 'echo: "word"' ]
    kill -s "${signals%% *}" "$pid"
    # two of a kind that are pending at once are one
    if [[ $signals == *' '* ]]; then
        until [[ $line == 'echo: shut down, '* ]]; do
            read -r -t 60 line <&"$from"
        done
        kill -s "${signals##* }" "$pid"
    fi
    while read -r -t 60 line <&"$from"; do
        # the VMM's word about the first signal comes before or after the guest's
        [[ $line == *'the guest is asked to shut down'* ]] || last=$line
    done
    exec {from}<&- {to}>&-
    wait "$pid" || status=$?
    echo "status $status: $last"
    [ "$status $last" = "$result" ]
}

@test "signals: a guest that listens shuts down, at a second one it is ended" {
    told='echo: shut down, length 9, flags 80, timeout 0, unit 0'
    image echo stop-wait stop=wait
    image echo stop-never stop=never
    for signal in TERM INT; do
        ended="8 protvirt run: ended by SIG$signal before the guest had shut down"
        stopped_by $signal "0 $told" "$PROTVIRT" run -m 64M -p stop=wait "$GUESTS/echo.elf"
        stopped_by $signal "0 $told" "$PROTVIRT" run -m 64M -p stop=restart "$GUESTS/echo.elf"
        stopped_by "INT $signal" "$ended" "$PROTVIRT" run -m 64M -p stop=never "$GUESTS/echo.elf"
        stopped_by $signal "0 $told" "$PROTVIRT" run -m 64M --host-key "$KEY" stop-wait.img
        stopped_by "TERM $signal" "$ended" "$PROTVIRT" run -m 64M --host-key "$KEY" stop-never.img
    done
}

@test "signals: a guest that does not listen is ended by the first" {
    image echo echo ''
    for signal in TERM INT; do
        ended="8 protvirt run: ended by SIG$signal before the guest had shut down"
        stopped_by $signal "$ended" "$PROTVIRT" run -m 64M "$GUESTS/echo.elf"
        stopped_by $signal "$ended" "$PROTVIRT" run -m 64M --host-key "$KEY" echo.img
    done
}

@test "signals: amid reboots the end comes as well, and all records are written" {
    local line status=0 boots=0
    rm -f stop.json
    coproc GUEST { exec "$PROTVIRT" run -m 64M --host-key "$KEY" --json stop.json reboot.img 2>&1; }
    local pid=$GUEST_PID
    exec {from}<&"${GUEST[0]}"
    while read -r -t 60 line <&"$from"; do
        boots=$((boots + 1))
        [ "$boots" -ne 3 ] || kill "$pid"
    done
    exec {from}<&-
    wait "$pid" || status=$?
    echo "status $status after $boots lines: $line"
    [ "$status" -eq 8 ]
    # each line is whole, and no reboot that was followed by a guest is missing
    jq -es "length >= $boots - 3 and all(.reboot)" stop.json
}

@test "hello, ordinary: a raw image starts the same way" {
    s390x-linux-gnu-objcopy -O binary --change-addresses 0 "$GUESTS/hello.elf" body
    head -c 65536 /dev/zero | cat - body >hello.raw
    run protvirt -p raw hello.raw
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$output" = 'hello from an ordinary guest, parameters "raw"' ]
}

@test "hello, ordinary: a raw image without a parameter area starts at its short PSW" {
    # 0x10000: lpswe of a disabled wait at address 0; the short PSW leads there
    { printf '\000\010\000\000\200\001\000\000'; head -c $((65536 - 8)) /dev/zero
      printf '\300\020\000\000\000\010\262\262\020\000\000\000\000\000\000\000'
      printf '\000\002\000\001\200\000\000\000\000\000\000\000\000\000\000\000'; } >short.raw
    run protvirt short.raw
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "identity: name and UUID reach the guest by STSI, ordinary and protected" {
    local uuid=12345678-9abc-def0-1234-56789abcdef0
    image identity identity ''
    run protvirt "$GUESTS/identity.elf"
    echo "$output"
    [ "$output" = 'identity: name "KVMguest", uuid 00000000000000000000000000000000' ]
    for how in "protvirt $GUESTS/identity.elf" 'protected identity.img'; do
        run $how --name 'Zoë number nine' --uuid "$uuid"
        echo "$output"
        [ "$status" -eq 0 ]
        [ "$output" = "identity: name \"Zoë number nine\", uuid ${uuid//-/}" ]
    done
}

@test "hello, protected" {
    run protected hello.img
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$output" = 'hello from a protected guest, parameters ""' ]
}

@test "four CPUs, one of them runs" {
    run protvirt -c 4 "$GUESTS/hello.elf"
    [ "$status" -eq 0 ]
    run protected -c 4 hello.img
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "disabled wait: status and PSW" {
    run protvirt -p how=wait "$GUESTS/crash.elf"
    echo "$output"
    [ "$status" -eq 5 ]
    [[ $output == *"disabled wait, PSW 0002000080000000 0000000000000bad"* ]]
    run protected crash-wait.img
    echo "$output"
    [ "$status" -eq 5 ]
    [[ $output == *"its PSW is hidden"* ]]
}

@test "disabled wait: an address that ends in fff is success" {
    run protvirt -p how=quiesce "$GUESTS/crash.elf"
    [ "$status" -eq 0 ]
}

@test "a program check that the guest tells itself" {
    run protvirt -p how=program "$GUESTS/crash.elf"
    echo "$output"
    [ "$status" -eq 5 ]
    [[ $output == *"program check 0001"* ]]
    [[ $output == *"0000000000001001"* ]]
}

@test "program interruption loop" {
    run protvirt -p how=loop "$GUESTS/crash.elf"
    echo "$output"
    [ "$status" -eq 6 ]
    [[ $output == *"program interruption loop, PSW 0000000000000001 0000000000000001"* ]]
    run protected crash-loop.img
    echo "$output"
    [ "$status" -eq 6 ]
    [[ $output == *"program interruption loop of the protected guest"* ]]
}

@test "restarts are counted, ordinary and protected" {
    run protvirt --reboots 3 "$GUESTS/reboot.elf"
    [ "$status" -eq 0 ]
    [ "$(grep -c 'ordinary guest restarts' <<<"$output")" -eq 4 ]
    run protected --reboots 3 reboot.img
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c 'protected guest restarts' <<<"$output")" -eq 4 ]
}

@test "each restart of a protected guest leaves one object, async and sync" {
    for teardown in async sync; do
        rm -f log
        protected --teardown=$teardown --reboots 3 --json log reboot.img
        cat log
        [ "$(jq -s length log)" -eq 3 ]
        # a restart before the PERFORM of the one before has begun falls back, and says so
        jq -se --arg t $teardown 'all(.event == "reboot" and .simulated
            and (.teardown == $t or (.teardown == "sync" and (.fallback | test("PREPARE"))))
            and .modelled == false and .model == env.PROTVIRT_MODEL and .memory_bytes == 67108864
            and .secure_bytes > 0 and .downtime_us > 0
            and (.downtime_us - (.teardown_us + .load_us + .enable_us + .unpack_us
                + .verify_us + .start_us) | fabs) < 10)' log
        jq -se '[.[].reboot] | sort == [1, 2, 3]' log
    done
    jq -se 'all(.background_us == 0 and .destroyed_bytes == .secure_bytes)' log
}

@test "without asynchronous destroy on the machine, the fallback is told" {
    rm -f log
    protected --async-destroy=off --teardown=async --reboots 1 --json log reboot.img
    jq -se 'length == 1 and .[0].teardown == "sync" and (.[0].fallback | test("224"))' log
}

@test "a page is shared, spoken through and taken back" {
    run protvirt "$GUESTS/share.elf"
    [ "$status" -eq 0 ]
    [[ $output == *"the guest's own again"* ]]
    run protected share.img
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"the guest's own again"* ]]
}

@test "demonstration: nothing of a boot before, three boots" {
    run protvirt -p 'reboots=2 fill=8M' "$GUESTS/demo.elf"
    echo "$output"
    [ "$status" -eq 0 ]
    [ "$(grep -c 'hold nothing of a boot before' <<<"$output")" -eq 3 ]
    [ "$(grep -c 'ordinary guest, 64 MiB' <<<"$output")" -eq 3 ]
    for teardown in async sync; do
        run protected --teardown=$teardown demo.img
        echo "$output"
        [ "$status" -eq 0 ]
        [ "$(grep -c 'hold nothing of a boot before' <<<"$output")" -eq 3 ]
        [ "$(grep -c 'protected guest, 64 MiB' <<<"$output")" -eq 3 ]
        [[ $output == *"boot 3 was the last, shutting down"* ]]
    done
}

@test "demonstration on every model" {
    for model in z15 z16 z17 proposal; do
        run protected --model $model demo.img
        echo "$output"
        [ "$status" -eq 0 ]
        [ "$(grep -c 'hold nothing of a boot before' <<<"$output")" -eq 3 ]
    done
}

@test "another machine's image: one line with rc and rrc" {
    run "$PROTVIRT" run -m 64M --host-key other/host-key.pem hello.img
    echo "$output"
    [ "$status" -eq 4 ]
    [[ $output == *"Secure guest was not started: SET_SEC_PARMS rc 0x0108 rrc 0x0005"* ]]
    [[ ${lines[-1]} == "protvirt run: KVM_PV_SET_SEC_PARMS failed"*"rc 0x0108 rrc 0x0005"* ]]
}

@test "no host key at all" {
    run env HOME=/nonexistent XDG_DATA_HOME= "$PROTVIRT" run -m 64M hello.img
    echo "$output"
    [ "$status" -eq 4 ]
}

@test "a flipped bit in the image" {
    cp hello.img flipped.img
    byte=$(od -An -tu1 -j $((0x25123)) -N 1 hello.img)
    printf "\\$(printf %o $((byte ^ 1)))" | dd of=flipped.img bs=1 seek=$((0x25123)) conv=notrunc status=none
    run protected flipped.img
    echo "$output"
    [ "$status" -eq 3 ]
    [[ ${lines[-1]} == *"KVM_PV_VERIFY failed"*"rc 0x0102 rrc 0x001b"*"changed or cut off"* ]]
}

@test "an image that is cut off" {
    head -c $(($(stat -c %s hello.img) - 8192)) hello.img >short.img
    run protected short.img
    echo "$output"
    [ "$status" -eq 3 ]
    head -c $((0x15000)) hello.img >short.img
    run protected short.img
    [ "$status" -eq 3 ]
    head -c $((0x10800)) hello.img >short.img
    run protected short.img
    echo "$output"
    [ "$status" -eq 3 ]
}
