#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# deps.sh [STAMP [LIST]]: installs what tools/packages.txt, or another list, names and
# is missing. Prints the list and the download size first; uses sudo only where it is
# not root.
set -eu

stamp=${1:-}
list=${2:-$(dirname "$0")/packages.txt}

missing=
for package in $(sed 's/#.*//' "$list"); do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing="$missing $package"
done

if [ -n "$missing" ]; then
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    echo "deps: missing:$missing"
    if [ -n "$sudo" ] && ! command -v sudo >/dev/null; then
        echo "deps: this is not root and there is no sudo; as root: apt-get install$missing" >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    $sudo apt-get update -qq
    # shellcheck disable=SC2086 # a list of words is meant
    size=$(apt-get install --no-install-recommends --print-uris -qq -y $missing |
        awk '/^'\''/ { bytes += $3 } END { printf "%.1f MB", bytes / 1000000 }')
    echo "deps: download size: $size"
    # shellcheck disable=SC2086
    $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
    echo "deps: installed"
elif [ -z "$stamp" ]; then
    echo "deps: nothing is missing, download size: 0.0 MB"
fi
if [ -n "$stamp" ]; then
    mkdir -p "$(dirname "$stamp")"
    : > "$stamp"
fi
