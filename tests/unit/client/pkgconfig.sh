#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# TAP: programs of others find the library by its pkg-config file, and see its interface only.
# Arguments: build root, shared library, static library, compiler.
set -u
build=$1
shared=$2
static=$3
shift 3
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cat >"$dir/vmm.c" <<'END'
#include <protvirt/kvm.h>
#include <protvirt/protvirt.h>
#include <stdio.h>
int main(void)
{
	printf("%d\n", protvirt_open("/dev/null", 0));
	return 0;
}
END
n=0
check() { # NAME COMMAND...
    n=$((n + 1))
    name=$1
    shift
    if output=$("$@" 2>&1); then
        echo "ok $n - $name"
    else
        echo "$output" | sed 's/^/# /'
        echo "not ok $n - $name"
    fi
}
symbols() { # only protvirt_*
    ! nm -D --defined-only "$shared" | awk '{ print $3 }' | grep -v -e '^protvirt_' -e '^_init$' -e '^_fini$'
}
flags() {
    PKG_CONFIG_PATH=$build/meson-uninstalled pkg-config "$@" protvirt
}
# Flags are words of the shell: pkg-config escapes a space in a path.
compile_shared() {
    eval "set -- \"\$@\" -o \"\$dir/shared\" \"\$dir/vmm.c\" $(flags --cflags --libs)"
    "$@" -Wl,-rpath,"$(dirname "$shared")" && [ "$("$dir/shared")" = -1 ]
}
compile_static() {
    eval "set -- \"\$@\" -o \"\$dir/static\" \"\$dir/vmm.c\" $(flags --cflags)"
    "$@" "$static" -pthread && [ "$("$dir/static")" = -1 ]
}
check "pkg-config knows the library" flags --exists
check "a program links with the shared library" compile_shared "$@"
check "a program links with the static library" compile_static "$@"
check "the shared library exports its interface only" symbols
echo "1..$n"
