#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: run.sh BUILD_DIR
#
# What protvirt is for, in four acts. Each closes with a line of verdict; the exit status is 1 if one
# of them is not as it should be. Numbers of act 3 are in BUILD_DIR/run/reboots.json.
set -euo pipefail

BUILD=$(cd "${1:?usage: run.sh BUILD_DIR}" && pwd)
PROTVIRT=$BUILD/vmm/protvirt
PEEK=$BUILD/examples/peek
DEMO=$BUILD/guests/demo.elf
DIR=$BUILD/run
KEY=$DIR/host-key.pem
LOG=$DIR/reboots.json
SECRET="the demonstration guest's secret: 7b1d4c90e2"
FAILED=0

mkdir -p "$DIR"
rm -f "$LOG" "$DIR"/*.img "$DIR"/socket
[ -e "$KEY" ] || "$PROTVIRT" host-key create "$DIR" >"$DIR/host-key.log"

say() {
    printf '%s\n' "$*"
}

title() {
    printf '\n== %s\n\n' "$*"
}

# verdict OK TEXT: OK is 0 or not
verdict() {
    if [ "$1" -eq 0 ]; then
        printf '\n-- yes: %s\n' "$2"
    else
        printf '\n-- NO: %s\n' "$2"
        FAILED=1
    fi
}

# image NAME PARAMETERS: an image of the demonstration for this machine
image() {
    printf '%s' "$2" >"$DIR/$1.parm"
    "$PROTVIRT" image create -k "$DIR/host-key.crt" --no-verify --overwrite -i "$DEMO" \
        -p "$DIR/$1.parm" -o "$DIR/$1.img"
}

# ---- act 1 ----

# start ARGUMENTS...: a VMM in the background; returns when its guest holds with its secret at $AT
start() {
    coproc VMM { exec "$PROTVIRT" run -m 64M --host-key "$KEY" "$@" 2>&1; }
    PID=$VMM_PID
    exec {OUT}<&"${VMM[0]}" # bash closes its own when the process has ended
    until_line 'secret at'
    AT=${LINE##* }
    until_line 'holding, page at'
    PAGE=${LINE##* }
}

until_line() {
    while read -r LINE <&"$OUT"; do
        say "    $LINE"
        [[ $LINE != *$1* ]] || return 0
    done
    return 1
}

# finish: let the guest go on; its status is in $STATUS, its text in $REST
finish() {
    "$PEEK" "$PID" go "$PAGE"
    REST=$(cat <&"$OUT")
    STATUS=0
    wait "$PID" || STATUS=$?
    exec {OUT}<&-
    say "${REST//#/    }" | sed 's/^/    /'
}

act_secret() {
    local found shown ok=0
    title "1. Secret: the same guest, ordinary and protected; its host looks for what it keeps in memory"
    image hold 'hold fill=8M'

    start -p 'hold fill=8M' "$DEMO"
    found=$("$PEEK" "$PID" scan "$SECRET")
    say "  the host looks through the VMM's memory: $found"
    say "  the page:   $("$PEEK" "$PID" show "$AT" | cut -c131-)"
    [[ $found != "found 0 times"* ]] || ok=1
    finish
    [ "$STATUS" -eq 0 ] || ok=1

    start "$DIR/hold.img"
    found=$("$PEEK" "$PID" scan "$SECRET")
    say "  the host looks through the VMM's memory: $found"
    [[ $found == "found 0 times"* ]] || ok=1
    # Where other processes' touches do not trap, as those of a user without privileges, its own do.
    shown=$("$PROTVIRT" peek "$PID" "$AT")
    say "  the page:   ${shown:0:64}"
    if "$PROTVIRT" status --json | jq -se 'any(.traps)' >"$DIR/traps"; then
        say "  one bit of that page is flipped: $("$PEEK" "$PID" flip "$AT")"
        finish
        { [ "$STATUS" -eq 6 ] && [[ $REST == *"import is refused"* ]]; } || ok=1
        verdict $ok "found in the ordinary guest, not in the protected one; the changed page is refused"
    else
        say "  such touches do not trap here (protvirt doctor), so the page is not exported"
        finish
        verdict $ok "found in the ordinary guest, not in the protected one"
    fi
}

# ---- act 2 ----

act_reboot() {
    local ok=0
    title "2. Reboot: a 4 GiB guest restarts itself, the old one is destroyed beside the new one"
    image reboot "reboots=1 fill=2560M"
    "$PROTVIRT" run -m 4G --host-key "$KEY" --progress "$DIR/reboot.img" | tee "$DIR/reboot.log" || ok=1
    grep -q 'boot 2 was the last' "$DIR/reboot.log" || ok=1
    [ "$(grep -c 'hold nothing of a boot before' "$DIR/reboot.log")" -eq 2 ] || ok=1
    tail -n +1 "$DIR/reboot.log" | grep 'old guest' | tail -1 | grep -q 'old guest *0 frames' || ok=1
    verdict $ok "the new guest ran while the old one's frames fell to zero, and found nothing of it"
}

# ---- act 3 ----

# table FILTER: rows of reboots.json, times in ms
table() {
    jq -sr --arg dash - "$1"'
        def ms: . / 1000 | . * 10 | round / 10;
        def rate: if .background_us > 0 and .destroyed_bytes > 0
            then (.destroyed_bytes / 1073741824 / (.background_us / 1000000) * 100 | round / 100)
            else $dash end;
        .[] | [.model, .teardown, (.downtime_us | ms), (.teardown_us | ms), (.load_us | ms),
            ((.enable_us + .unpack_us) | ms), (.verify_us | ms), (.start_us | ms),
            (if .background_us > 0 then (.background_us | ms) else $dash end), rate,
            (if .modelled then "modelled, \(.page_uvc_ns / 1000) us a page" else "" end)] | @tsv' "$LOG" |
        awk -F'\t' '{ printf "  %-9s %-6s %9s %9s %7s %7s %7s %7s %11s %7s  %s\n", \
            $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 }'
}

heading() {
    printf '  %-9s %-6s %9s %9s %7s %7s %7s %7s %11s %7s\n' model kind downtime teardown load \
        unpack verify start background GiB/s
}

# ratio MODEL: mean teardown, synchronous over asynchronous
ratio() {
    jq -s --arg m "$1" '[.[] | select(.model == $m and (.modelled | not))]
        | (map(select(.teardown == "sync").teardown_us) | add / length) as $sync
        | (map(select(.teardown == "async").teardown_us) | add / length) as $async
        | $sync / $async * 10 | round / 10' "$LOG"
}

act_table() {
    local ok=0 model cost
    title "3. Table: three asynchronous and three synchronous reboots of a 4 GiB guest, times in ms"
    image six "reboots=6 fill=3G"
    for model in z17 proposal; do
        "$PROTVIRT" run -m 4G --host-key "$KEY" --model $model --teardown=both --json "$LOG" \
            "$DIR/six.img" >"$DIR/six-$model.log" || ok=1
    done
    heading
    table 'map(select(.modelled | not)) | sort_by(.model != "z17", .teardown, .reboot) |'
    say
    for model in z17 proposal; do
        say "  $model: the teardown part is $(ratio $model) times shorter when asynchronous"
    done
    say
    image two "reboots=2 fill=512M"
    for cost in 200 1000 5000; do
        printf 'page_ns %s\n' $cost >"$DIR/cost"
        "$PROTVIRT" run -m 4G --host-key "$KEY" --uv-cost "$DIR/cost" --teardown=both \
            --json "$LOG" "$DIR/two.img" >"$DIR/two-$cost.log" || ok=1
    done
    heading
    table 'map(select(.modelled)) | sort_by(.page_uvc_ns, .teardown) |'
    [ "$(jq -s 'map(select(.teardown == "async")) | length' "$LOG")" -eq 9 ] || ok=1
    [ "$(jq -s 'map(select(.teardown == "sync")) | length' "$LOG")" -eq 9 ] || ok=1
    verdict $ok "all reboots done as asked; $(wc -l <"$LOG") objects in $LOG"
}

# ---- act 4 ----

act_kill() {
    local ok=0 status=
    title "4. Kill: the VMM is shot in the middle of PERFORM; the machine is asked what is left"
    printf 'page_ns 5000\n' >"$DIR/cost"
    image shot "reboots=1 fill=1G"
    coproc MACHINE { exec "$PROTVIRT" machine --listen "$DIR/socket" --host-key "$KEY" \
        --uv-cost "$DIR/cost" 2>&1; }
    PID=$MACHINE_PID
    until [ -S "$DIR/socket" ]; do kill -0 "$PID"; done
    PROTVIRT_MACHINE=unix:$DIR/socket "$PROTVIRT" run -m 4G "$DIR/shot.img" >"$DIR/shot.log" &
    VICTIM=$!
    until status=$(counts) && jq -e '.tearing == 1' <<<"$status" >"$DIR/tearing"; do
        kill -0 $VICTIM
    done
    say "  before: $(brief "$status")"
    kill -KILL $VICTIM
    wait $VICTIM 2>"$DIR/wait.log" || true
    say "  killed: $(brief "$(counts)")"
    status=$(counts --wait)
    say "  after:  $(brief "$status")"
    jq -e '.vms == 0 and .protected_count == 0 and .frames_secure == 0 and .frames_orphan == 0
        and .bytes_leaked == 0 and .uv_configs == 0' <<<"$status" >"$DIR/zero" || ok=1
    kill "$PID"
    verdict $ok "nothing of the guests is left; $(jq .bytes_leaked <<<"$status") leaked"
}

counts() {
    "$PROTVIRT" status --json --machine "$DIR/socket" "$@"
}

brief() {
    jq -r '"VMs \(.vms), active \(.active), in teardown \(.tearing), left over \(.leftover), " +
        "frames \(.frames_secure + .frames_orphan), donated \(.bytes_donated), leaked \(.bytes_leaked)"' <<<"$1"
}

say "Everything here runs on a simulated machine: protvirt $("$PROTVIRT" --version | cut -d' ' -f2)"
act_secret
act_reboot
act_table
act_kill
say
[ $FAILED -eq 0 ] && say "all four as it should be" || say "not all as it should be"
exit $FAILED
