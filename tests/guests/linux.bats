# SPDX-License-Identifier: GPL-2.0-or-later
# A kernel that nobody here wrote, to its first program and off again. `make guests-linux` fetches it.

setup_file() {
    [ -r "$LINUX/vmlinuz" ] && [ -r "$LINUX/initrd" ] ||
        { echo "no $LINUX/vmlinuz and initrd: \`make guests-linux\` fetches them"; return 1; }
    cd "$BATS_FILE_TMPDIR" || return 1
    "$PROTVIRT" host-key create .
    printf 'swiotlb=512' >parmfile
    "$PROTVIRT" image create -k host-key.crt --no-verify -i "$LINUX/vmlinuz" -r "$LINUX/initrd" \
        -p parmfile -o linux.img
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
}

# boots CPUS ARGUMENTS...: to the lines of init, and off
boots() {
    run "$PROTVIRT" run -m 512M -c "$1" "${@:2}" </dev/null
    echo "$output"
    [ "$status" -eq 0 ]
    grep -E "init: Linux [0-9][^ ]* on s390x, $1 CPUs" <<<"$output"
    grep 'processor 0: version = FF' <<<"$output"
    ! grep -E 'Kernel panic|Oops|BUG:|WARNING:' <<<"$output"
}

@test "Linux, ordinary: one CPU and two" {
    for cpus in 1 2; do
        boots $cpus --initrd "$LINUX/initrd" "$LINUX/vmlinuz"
    done
}

@test "Linux, ordinary: parameters reach it" {
    boots 1 -p 'panic=0 protvirt.test=seen' --initrd "$LINUX/initrd" "$LINUX/vmlinuz"
    [[ $output == *'Kernel command line: panic=0 protvirt.test=seen'* ]]
}

@test "Linux, protected: one CPU and two, and it knows" {
    case $(cat "$LINUX/version") in
    linux-image-6.1.*) skip "$(cat "$LINUX/version") cannot be a protected guest" ;;
    esac
    for cpus in 1 2; do
        boots $cpus --host-key host-key.pem linux.img
        grep -x 'init: protected guest: 1' <<<"$output"
    done
}
