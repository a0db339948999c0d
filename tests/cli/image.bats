# SPDX-License-Identifier: GPL-2.0-or-later
# protvirt image and protvirt host-key; $IMAGE_TOOL is a program with both commands.

setup_file() {
    export KEYS=$BATS_FILE_TMPDIR/keys
    mkdir "$KEYS"
    "$IMAGE_TOOL" host-key create "$KEYS"
    cd "$BATS_FILE_TMPDIR" || return 1
    # a raw kernel: S390EP at 0x10008, some content behind
    head -c 65536 /dev/zero >kernel
    printf '\007\376\0\0\0\0\0\0S390EP\0\0' >>kernel
    head -c 4096 /dev/zero >>kernel
    head -c 70000 /dev/urandom >>kernel
    head -c 10000 /dev/urandom >ramdisk
    printf 'console=ttyS1 quiet' >parmfile
    head -c 32 /dev/urandom >key32
    head -c 64 /dev/urandom >key64
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    IN=$BATS_FILE_TMPDIR
}

tool() {
    "$IMAGE_TOOL" "$@"
}

create() {
    tool image create -k "$KEYS/host-key.crt" --no-verify -i "$IN/kernel" -o out.img "$@"
}

# poke FILE OFFSET HEX...: overwrite bytes
poke() {
    file=$1
    offset=$(($2))
    shift 2
    printf "$(printf '\\x%s' "$@")" | dd of="$file" bs=1 seek="$offset" conv=notrunc status=none
}

nothing_left() {
    [ -z "$(ls -A)" ]
}

@test "host-key: files, permissions, a P-521 key that signed its own certificate" {
    [ "$(stat -c %a "$KEYS/host-key.pem")" = 600 ]
    openssl pkey -in "$KEYS/host-key.pem" -noout -text | grep -q 'NIST CURVE: P-521'
    openssl verify -CAfile "$KEYS/host-key.crt" "$KEYS/host-key.crt"
    openssl x509 -in "$KEYS/host-key.crt" -noout -subject | grep -q 'Simulated machine'
}

@test "host-key: refuses to overwrite" {
    before=$(sha256sum "$KEYS"/*)
    run tool host-key create "$KEYS"
    [ "$status" -eq 1 ]
    [[ $output == *"host-key.pem: exists already"* ]]
    [ "$before" = "$(sha256sum "$KEYS"/*)" ]
}

@test "host-key: with only the document there, no key is left behind" {
    touch host-key.crt
    run tool host-key create .
    [ "$status" -eq 1 ]
    [[ $output == *"host-key.crt: exists already"* ]]
    [ "$(ls -A)" = host-key.crt ]
}

@test "host-key: no directory, too many, unknown verb" {
    run tool host-key create
    [ "$status" -eq 2 ]
    run tool host-key create a b
    [ "$status" -eq 2 ]
    run tool host-key create /no/such/dir
    [ "$status" -eq 1 ]
    [[ $output == *"/no/such/dir: No such file or directory"* ]]
    run tool host-key create /dev/null
    [ "$status" -eq 1 ]
    [[ $output == *"/dev/null/host-key.pem: Not a directory"* ]]
    run tool host-key destroy
    [ "$status" -eq 2 ]
    [[ $output == *"valid is: create"* ]]
}

@test "help and version" {
    run tool image create --help
    [ "$status" -eq 0 ]
    [[ $output == *"--host-key-document FILE"* ]]
    [[ $output == *"--no-verify"* ]]
    run tool image info -h
    [ "$status" -eq 0 ]
    run tool image --version
    [ "$status" -eq 0 ]
    [[ $output == "protvirt "* ]]
    run tool image
    [ "$status" -eq 2 ]
    [[ $output == *"valid are: create, info"* ]]
}

@test "create: an image that info calls valid and the machine's key opens" {
    create -r "$IN/ramdisk" -p "$IN/parmfile"
    run tool image info -k "$KEYS/host-key.crt" --host-private-key "$KEYS/host-key.pem" out.img
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[-1]}" = valid ]
    [[ $output == *"header size             640"* ]]
    [[ $output == *"ramdisk                 "*", 10000 bytes"* ]]
    [[ $output == *"command line            "*", 20 bytes"* ]]
    [[ $output == *"kernel PSW              0x180000000 / 0x10000"* ]]
}

@test "create: two machines, given keys, dump allowed, old option names" {
    tool host-key create other
    create -k other/host-key.crt --x-header-key "$IN/key32" --x-comp-key "$IN/key64" \
        --cck "$IN/key32" --enable-dump --x-scf 0x4000000000000000 --x-psw 10010
    run tool image info --hdr-key "$IN/key32" --image-key "$IN/key64" -k other/host-key.crt out.img
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"header size             720"* ]]
    [[ $output == *"0x200000e0, dump allowed"* ]]
    [[ $output == *"extension secret needed"* ]]
    [[ $output == *"/ 0x10010"* ]]
}

@test "create: components in the clear" {
    create --disable-image-encryption
    cmp -n 70000 "$IN/kernel" <(tail -c +$((0x15001)) out.img)
    run tool image info out.img
    [ "$status" -eq 0 ]
    [[ $output == *"components not encrypted"* ]]
}

@test "create: an ELF executable starts at its entry point" {
    cat >k.c <<'END'
void _start(void) { for (;;) ; }
char big[100000];
END
    s390x-linux-gnu-gcc -nostdlib -static -no-pie -Wl,-Ttext=0x11000 -Wl,--build-id=none -Wl,-N \
        k.c -o k.elf
    tool image create -k "$KEYS/host-key.crt" --no-verify -i k.elf -o elf.img
    run tool image info --host-private-key "$KEYS/host-key.pem" elf.img
    echo "$output"
    [ "$status" -eq 0 ]
    entry=$(s390x-linux-gnu-readelf -h k.elf | awk '/Entry point/ { print $4 }')
    [[ $output == *"kernel PSW              0x180000000 / $entry"* ]]
}

@test "create: required options are named" {
    run tool image create
    [ "$status" -eq 2 ]
    [[ $output == *"--host-key-document"* ]]
    run tool image create -k "$KEYS/host-key.crt" --no-verify -o out.img
    [[ $output == *"--image (-i) is missing"* ]]
    run tool image create -k "$KEYS/host-key.crt" --no-verify -i "$IN/kernel"
    [[ $output == *"--output (-o) is missing"* ]]
    run tool image create -k "$KEYS/host-key.crt" -i "$IN/kernel" -o out.img
    [ "$status" -eq 2 ]
    [[ $output == *"--no-verify"* ]]
    run create --enable-dump
    [ "$status" -eq 2 ]
    [[ $output == *"--enable-dump needs --comm-key"* ]]
    nothing_left
}

@test "create: unknown options, missing and bad arguments" {
    run create --nonsense
    [ "$status" -eq 2 ]
    [[ $output == *"--nonsense"* ]]
    run create -Z
    [ "$status" -eq 2 ]
    [[ $output == *"-Z is not known"* ]]
    run tool image create -k
    [ "$status" -eq 2 ]
    [[ $output == *"-k needs an argument"* ]]
    run create --x-pcf 12q
    [ "$status" -eq 2 ]
    [[ $output == *"--x-pcf 12q: not a hexadecimal number"* ]]
    run create --x-psw -1
    [ "$status" -eq 2 ]
    run create --x-scf 10000000000000000
    [ "$status" -eq 2 ]
    run create --x-pcf 1
    [ "$status" -eq 1 ]
    [[ $output == *"control flags"* ]]
    run create operand
    [ "$status" -eq 2 ]
    [[ $output == *"'operand' is not an option"* ]]
    nothing_left
}

@test "create: files that cannot be read" {
    run create -r missing
    [ "$status" -eq 1 ]
    [[ $output == *"missing: No such file or directory"* ]]
    run create -p /
    [ "$status" -eq 1 ]
    [[ $output == *"/: not a regular file"* ]]
    run tool image create -k missing --no-verify -i "$IN/kernel" -o out.img
    [ "$status" -eq 1 ]
    [[ $output == *"missing: No such file or directory"* ]]
    run create -o /no/such/dir/out.img
    [ "$status" -eq 1 ]
    [[ $output == *"/no/such/dir/out.img: No such file or directory"* ]]
    nothing_left
}

@test "create: keys of the wrong kind" {
    run tool image create -k "$KEYS/host-key.pem" --no-verify -i "$IN/kernel" -o out.img
    [ "$status" -eq 1 ]
    [[ $output == *"host-key.pem: no host-key document"* ]]
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout p256.pem \
        -out p256.crt -subj /CN=x 2>/dev/null
    run tool image create -k p256.crt --no-verify -i "$IN/kernel" -o out.img
    [ "$status" -eq 1 ]
    [[ $output == *"p256.crt: no host-key document"*"secp521r1"* ]]
    run create --hdr-key "$IN/key64"
    [ "$status" -eq 1 ]
    [[ $output == *"key64: 64 bytes, exactly 32 needed"* ]]
    head -c 64 /dev/zero >zeros
    run create --image-key zeros
    [ "$status" -eq 1 ]
    [[ $output == *"halves must differ"* ]]
    [ ! -e out.img ]
}

@test "create: an existing output is kept, or replaced when asked" {
    echo precious >out.img
    run create
    [ "$status" -eq 1 ]
    [[ $output == *"out.img: exists already; see --overwrite"* ]]
    [ "$(cat out.img)" = precious ]
    run create --overwrite --hdr-key missing
    [ "$status" -eq 1 ]
    [ "$(cat out.img)" = precious ]
    create --overwrite
    tool image info out.img
    [ "$(ls -A)" = out.img ]
}

@test "create: no room for the output leaves nothing behind" {
    [ -w /dev/full ] || skip "no /dev/full"
    run bash -c 'ulimit -f 8; trap "" XFSZ; "$0" image create -k "$KEYS/host-key.crt" --no-verify \
        -i "$1/kernel" -o out.img' "$IMAGE_TOOL" "$IN"
    [ "$status" -eq 1 ]
    [[ $output == *"out.img: File too large"* ]]
    nothing_left
}

@test "create: not a kernel, command line too long" {
    head -c 100000 /dev/zero >zeros
    run tool image create -k "$KEYS/host-key.crt" --no-verify -i zeros -o out.img
    [ "$status" -eq 1 ]
    [[ $output == *"zeros: no \"S390EP\""* ]]
    tool image create -k "$KEYS/host-key.crt" --no-verify -i zeros -o out.img --no-component-check
    rm out.img zeros
    run tool image create -k "$KEYS/host-key.crt" --no-verify -i "$IN/ramdisk" -o out.img
    [ "$status" -eq 1 ]
    [[ $output == *"10000 bytes, a raw kernel has more than 0x10000"* ]]
    head -c 896 "$IN/kernel" >line
    run create -p line
    [ "$status" -eq 1 ]
    [[ $output == *"command line of 896 bytes, this kernel takes up to 895"* ]]
    [ ! -e out.img ]
}

@test "info: another machine, another key" {
    create
    tool host-key create other
    run tool image info -k other/host-key.crt out.img
    [ "$status" -eq 1 ]
    [[ $output == *"no key slot fits other/host-key.crt"* ]]
    [ "${lines[-1]}" = "not valid" ]
    run tool image info --host-private-key other/host-key.pem out.img
    [ "$status" -eq 1 ]
    [[ $output == *"no key slot that this machine can open"* ]]
    run tool image info --hdr-key "$IN/key32" out.img
    [ "$status" -eq 1 ]
    [[ $output == *"key32 does not open the header"* ]]
    run tool image info --image-key "$IN/key64" out.img
    [ "$status" -eq 1 ]
    [[ $output == *"key64 does not decrypt stage3b"* ]]
}

@test "info: a flipped bit in the content" {
    create
    byte=$(od -An -tu1 -j $((0x20123)) -N 1 out.img)
    poke out.img 0x20123 "$(printf %02x $((byte ^ 1)))"
    run tool image info out.img
    [ "$status" -eq 1 ]
    [[ $output == *"page list digest differs"* ]]
}

@test "info: a changed header" {
    create --hdr-key "$IN/key32"
    poke out.img 0x14038 00 00 00 00 20 00 00 e0
    run tool image info --hdr-key "$IN/key32" out.img
    [ "$status" -eq 1 ]
    [[ $output == *"does not open the header: wrong key, or it was changed"* ]]
}

@test "info: truncated" {
    create
    truncate -s -1 out.img
    run tool image info out.img
    [ "$status" -eq 1 ]
    [[ $output == *"the file ends at"* ]]
    truncate -s $((0x14100)) out.img
    run tool image info out.img
    [ "$status" -eq 1 ]
    [[ $output == *"no SE header"* ]]
    truncate -s $((0x14200)) out.img
    run tool image info out.img
    [ "$status" -eq 1 ]
    truncate -s 0 out.img
    run tool image info out.img
    [ "$status" -eq 1 ]
}

@test "info: overlapping components, wrong tweak order" {
    create -p "$IN/parmfile"
    cp out.img bad.img
    # second component's address := first component's
    poke bad.img $((0x13000 + 0x88 + 24 + 8)) 00 00 00 00 00 01 50 00
    run tool image info bad.img
    [ "$status" -eq 1 ]
    [[ $output == *"components 0 and 1 overlap"* ]]
    poke out.img $((0x13000 + 0x88 + 24)) 00 00
    poke out.img $((0x13000 + 0x88)) 00 01
    run tool image info out.img
    [ "$status" -eq 1 ]
    [[ $output == *"tweak prefix"* ]]
}

@test "info: not an image, no file, no operand" {
    run tool image info "$IN/kernel"
    [ "$status" -eq 1 ]
    [[ $output == *"no SE header"* ]]
    run tool image info missing
    [ "$status" -eq 1 ]
    [[ $output == *"missing: No such file or directory"* ]]
    run tool image info
    [ "$status" -eq 2 ]
}

@test "info: a bare header" {
    create
    dd if=out.img of=out.hdr bs=1 skip=$((0x14000)) count=640 status=none
    run tool image info out.hdr
    [ "$status" -eq 0 ]
    [[ $output == *"header at               0x0"* ]]
    [ "${lines[-1]}" = valid ]
}
