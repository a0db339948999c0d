# SPDX-License-Identifier: GPL-2.0-or-later
# Guests that check area by area: run, as an ordinary and as a protected guest with one and with four CPUs, and looked through.

# guest NAME ARGUMENTS: what it tells is in NAME, how it ends in NAME.status
guest() {
    status=0
    "$PROTVIRT" run -m 64M "${@:2}" >"$1" 2>&1 || status=$?
    echo $status >"$1.status"
}

# area NAME CHECKS [PROTECTED]: so many checks in an ordinary and in a protected guest, none of them failed
area() {
    for guest in ordinary-1 ordinary-4 protected-1 protected-4; do
        checks=$2
        case $guest in protected-*) checks=${3:-$2} ;; esac
        echo "# $guest"
        grep " $1: \|^#" "$guest" || true
        [ -z "$(grep "^not ok $1: " "$guest")" ]
        [ "$(grep -c "^ok $1: " "$guest")" -eq "$checks" ]
        grep -qx "done $1" "$guest"
    done
}
