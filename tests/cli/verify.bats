# SPDX-License-Identifier: GPL-2.0-or-later
# Verification of host-key documents: root CA, intermediate CA, signing key, document.

# issue NAME SUBJECT ISSUER EXTENSIONS [OPTION...]: NAME.crt for the key NAME.key
issue() {
    name=$1
    subject=$2
    issuer=$3
    printf '%s\n' "$4" >"$name.ext"
    shift 4
    openssl req -new -key "$name.key" -subj "$subject" -out "$name.csr"
    openssl x509 -req -in "$name.csr" -CA "$issuer.crt" -CAkey "$issuer.key" -days 30 \
        -extfile "$name.ext" -out "$name.crt" "$@" 2>/dev/null
}

new_key() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-521 -out "$1.key"
}

# new_crl NAME FILE [REVOKED]: a revocation list of the issuer NAME
new_crl() {
    : >index
    printf '[ca]\ndefault_ca=d\n[d]\ndatabase=index\ndefault_md=sha512\ndefault_crl_days=30\n' >ca.cnf
    [ -z "${3:-}" ] || openssl ca -config ca.cnf -cert "$1.crt" -keyfile "$1.key" -revoke "$3" 2>/dev/null
    openssl ca -config ca.cnf -cert "$1.crt" -keyfile "$1.key" -gencrl -out "$2" 2>/dev/null
}

IBM="/C=US/ST=New York/L=Armonk/O=International Business Machines Corporation"
SIGNER="$IBM/OU=IBM Z Host Key Signing Service/CN=International Business Machines Corporation"
AUTHORITY=$'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid'

LEAF=$'keyUsage=critical,digitalSignature\nauthorityKeyIdentifier=keyid'

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    for name in root inter signing host other; do
        new_key $name
    done
    openssl req -x509 -key root.key -subj "/CN=Test Root" -days 30 -out root.crt \
        -addext keyUsage=critical,keyCertSign,cRLSign
    issue inter "/CN=Test Intermediate" root "$AUTHORITY"
    issue signing "$SIGNER" inter "$LEAF"
    issue host "/CN=host key" signing "keyUsage=keyAgreement"
    issue other "/CN=not a signing key" inter "$LEAF"
    new_crl inter inter.crl
    new_crl signing signing.crl
    head -c 65536 /dev/zero >kernel
    printf '\007\376\0\0\0\0\0\0S390EP\0\0' >>kernel
    head -c 4096 /dev/zero >>kernel
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
    rm -f out.img
}

# create with the good files, and whatever is added
create() {
    "$IMAGE_TOOL" image create -i kernel -o out.img --offline "$@"
}

GOOD="-C inter.crt -C signing.crt --root-ca root.crt --crl inter.crl --crl signing.crl"

refused() {
    echo "$output"
    [ "$status" -eq 1 ]
    [[ $output == *"$1"* ]]
    [ ! -e out.img ]
}

@test "verify: a genuine document" {
    # shellcheck disable=SC2086
    create -k host.crt $GOOD
    "$IMAGE_TOOL" image info -k host.crt out.img
}

@test "verify: a self-signed document" {
    openssl req -x509 -key host.key -subj "/CN=host key" -out self.crt
    # shellcheck disable=SC2086
    run create -k self.crt $GOOD
    refused "self.crt: not issued by the host-key signing certificate"
}

@test "verify: the right issuer's name, the wrong issuer's key" {
    new_key forged
    openssl req -x509 -key forged.key -subj "$SIGNER" -out forged.crt
    cp host.key fake.key
    issue fake "/CN=host key" forged "keyUsage=keyAgreement"
    # shellcheck disable=SC2086
    run create -k fake.crt $GOOD
    refused "fake.crt: signature is not that of"
}

@test "verify: the second of two documents is checked as well" {
    openssl req -x509 -key host.key -subj "/CN=host key" -out self.crt
    # shellcheck disable=SC2086
    run create -k host.crt -k self.crt $GOOD
    refused "self.crt: not issued"
}

@test "verify: revoked" {
    new_crl signing revoking.crl host.crt
    run create -k host.crt -C inter.crt -C signing.crt --root-ca root.crt \
        --crl inter.crl --crl revoking.crl
    refused "host.crt: revoked"
}

@test "verify: revocation lists are needed" {
    run create -k host.crt -C inter.crt -C signing.crt --root-ca root.crt --crl inter.crl
    refused "host.crt: no valid revocation list of its issuer"
    run create -k host.crt -C inter.crt -C signing.crt --root-ca root.crt --crl signing.crl
    refused "host-key signing certificate: unable to get certificate CRL"
}

@test "verify: another root, no intermediate, no signing key" {
    openssl req -x509 -key other.key -subj "/CN=Other Root" -out otherroot.crt
    run create -k host.crt -C inter.crt -C signing.crt --root-ca otherroot.crt \
        --crl inter.crl --crl signing.crl
    refused "host-key signing certificate: unable to get local issuer certificate"
    run create -k host.crt -C signing.crt --root-ca root.crt --crl inter.crl --crl signing.crl
    refused "host-key signing certificate: unable to get"
    run create -k host.crt -C inter.crt -C other.crt --root-ca root.crt --crl inter.crl
    refused "no host-key signing certificate (--cert)"
    run create -k host.crt -C inter.crt -C signing.crt -C signing.crt --root-ca root.crt \
        --crl inter.crl --crl signing.crl
    refused "more than one host-key signing certificate"
}

@test "verify: expired" {
    cp host.key old.key
    issue old "/CN=host key" signing "keyUsage=keyAgreement" -days -1
    # shellcheck disable=SC2086
    run create -k old.crt $GOOD
    refused "old.crt: expired"
}

@test "verify: files of the wrong kind" {
    run create -k host.crt -C kernel --root-ca root.crt
    refused "kernel: no X.509 certificate"
    run create -k host.crt -C signing.crt --crl signing.crt --root-ca root.crt
    refused "signing.crt: no certificate revocation list"
    run create -k host.crt -C signing.crt --root-ca missing
    refused "missing: no root certificate"
}

@test "verify: online revocation checks are refused in words" {
    run "$IMAGE_TOOL" image create -k host.crt -i kernel -o out.img -C signing.crt
    [ "$status" -eq 2 ]
    [[ $output == *"use --offline and --crl"* ]]
}
