# SPDX-License-Identifier: GPL-2.0-or-later
# protvirt model: numbers that can be counted by hand.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    printf '# a machine\npage_ns 1000\ncall_ns 50000\n' >cost
}

protvirt() {
    "$PROTVIRT" "$@"
}

# refused TEXT: one line, status 2, this text
refused() {
    echo "$output"
    [ "$status" -eq 2 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ $output == *"$1"* ]]
}

# of MODEL GIB: sync_teardown, async_teardown, background and start of one CPU and an image of 4 MiB
of() {
    protvirt model --uv-cost cost --image 4M --model "$1" --json |
        jq -r "select(.memory_bytes == $2 * 1073741824) |
            [.sync_teardown_ns, .async_teardown_ns, .background_ns, .start_ns] | join(\" \")"
}

@test "model: what is refused" {
    run protvirt model
    refused '--uv-cost FILE is needed'
    run protvirt model --uv-cost /no/such/file
    refused '--uv-cost /no/such/file: No such file or directory'
    printf 'page_ns x\n' >bad
    run protvirt model --uv-cost bad
    refused '--uv-cost bad: line 1: must be page_ns or call_ns and a number'
    run protvirt model --uv-cost cost --model z14
    refused '--model z14: not valid, must be z15, z16, z17 or proposal'
    run protvirt model --uv-cost cost --cpus 0
    refused '--cpus 0: not valid, must be a number from 1 to 240'
    run protvirt model --uv-cost cost --image 2G
    refused '--image 2G: not valid, must be a size up to 1G'
    run protvirt model --uv-cost cost operand
    refused 'operand: no operand is taken'
}

@test "model: eleven sizes a model, every line says modelled" {
    run protvirt model --uv-cost cost
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 45 ]
    [ "$(grep -c 'modelled$' <<<"$output")" -eq 44 ]
    [[ ${lines[44]} == proposal*1024\ GiB* ]]
    run protvirt model --uv-cost cost --json
    [ "$(jq -s 'map(select(.modelled)) | length' <<<"$output")" -eq 44 ]
}

# 1 GiB are 262144 pages, 64 calls of DESTROY_SEC_CONF. The start: six calls and 1024 pages.
@test "model: the calls of each model" {
    start=$((6 * 50000 + 1024 * 1000))
    [ "$(of z15 1)" = "$((65 * 50000 + 262144000)) $((50000 + 262144000)) 50000 $start" ]
    [ "$(of z17 1)" = "$((65 * 50000 + 262144000)) $((2 * 50000 + 262144000)) 0 $start" ]
    [ "$(of proposal 1)" = "$((65 * 50000 + 262144000)) $((2 * 50000)) $((50000 + 262144000)) $start" ]
    lower=$((2 * 262144000))
    [ "$(of z16 1024)" = "$((65537 * 50000 + 1024 * 262144000)) $((2 * 50000 + lower)) $((1022 * 262144000)) $start" ]
}

@test "model: each CPU costs its end and its making" {
    one=$(protvirt model --uv-cost cost --model z17 --json | head -n 1)
    five=$(protvirt model --uv-cost cost --model z17 --cpus 5 --json | head -n 1)
    for member in sync_teardown_ns async_teardown_ns start_ns; do
        [ $(($(jq ".$member" <<<"$five") - $(jq ".$member" <<<"$one"))) -eq $((4 * 50000)) ]
    done
}
