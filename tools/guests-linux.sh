#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: guests-linux.sh DIR [SUITE]
#
# Fetches a Debian kernel and shell for s390x into DIR as data; nothing is installed, and nothing of this
# machine's package lists is touched. DIR then holds `vmlinuz` and `initrd`, which boot with
#
#   protvirt run -m 512M --initrd DIR/initrd DIR/vmlinuz
#
# The mirror is the one that this machine installs from. SUITE is where the kernel comes from: that of
# bookworm-backports can be a protected guest, that of bookworm cannot.
set -euo pipefail

DIR=${1:?usage: guests-linux.sh DIR [SUITE]}
SUITE=${2:-bookworm-backports}
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

mkdir -p "$DIR"
DIR=$(cd "$DIR" && pwd)
APT=$DIR/apt

fail() {
    printf 'guests-linux: %s\n' "$*" >&2
    exit 1
}

# The Debian archive among the sources of this machine; security and other archives have other names.
mirror() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -m 1 '/debian/$' ||
        fail "no Debian archive among the package sources of this machine"
}

apt() {
    command "apt-$1" -qq -o "Dir::State=$APT/state" -o "Dir::Cache=$APT/cache" -o "Dir::Etc=$APT/etc" \
        -o APT::Architecture=s390x -o APT::Architectures::=s390x -o APT::Sandbox::User=root \
        -o "Dir::State::status=$APT/state/status" -o "APT::Default-Release=$SUITE" "${@:2}"
}

# The kernel that the suite's meta package names
kernel_package() {
    apt cache depends linux-image-s390x | sed -n 's/^ *Depends: //p' | grep -m 1 '^linux-image-' ||
        fail "the suite $SUITE has no linux-image-s390x"
}

# unpack PACKAGE: into $DIR/PACKAGE
unpack() {
    (cd "$APT" && apt get download "$1")
    rm -rf "${DIR:?}/$1"
    dpkg-deb -x "$APT/$1"_*.deb "$DIR/$1"
    rm "$APT/$1"_*.deb
}

# A shell on the console; the machine is off when it ends.
initrd() {
    local root=$DIR/root
    rm -rf "$root"
    mkdir -p "$root"/{bin,proc,sys,dev}
    cp "$DIR/busybox-static/bin/busybox" "$root/bin/"
    cat >"$root/init" <<'INIT'
#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
echo "init: Linux $(/bin/busybox uname -r) on $(/bin/busybox uname -m), $(/bin/busybox nproc) CPUs"
echo "init: protected guest: $(/bin/busybox cat /sys/firmware/uv/prot_virt_guest 2>/dev/null)"
/bin/busybox grep -E '^(vendor_id|features|processor 0)' /proc/cpuinfo
/bin/busybox poweroff -f
INIT
    chmod +x "$root/init"
    (cd "$root" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) | gzip -9n >"$DIR/initrd"
    rm -rf "$root"
}

mkdir -p "$APT"/{state/lists/partial,cache/archives/partial,etc/preferences.d}
: >"$APT/state/status"
printf "deb [signed-by=$KEYRING] $(mirror) %s main\n" bookworm bookworm-backports >"$APT/etc/sources.list"
apt get update
KERNEL=$(kernel_package)
unpack "$KERNEL"
unpack busybox-static
cp "$DIR/$KERNEL"/boot/vmlinuz-* "$DIR/vmlinuz"
initrd
rm -rf "$APT" "${DIR:?}/$KERNEL" "$DIR/busybox-static"
printf '%s\n' "$KERNEL" >"$DIR/version"
printf 'guests-linux: %s in %s\n' "$KERNEL" "$DIR"
