#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: opcode.sh SOURCE-ROOT MNEMONIC
# A regular expression for the instruction's text in hexadecimal, as tests write it.
sed -n "s/^ROW(0x\(..\)\(..\), $2, .*/\1 \2/p" "$1/sie/insn-data.h.inc" | {
	read -r first rest
	case $first in
	01 | b2 | b3 | b9 | e5) echo "$first$rest" ;;
	a5 | a7 | c0 | c2 | c4 | c6 | c8 | cc) echo "$first[0-9a-f]${rest#0}" ;;
	e3 | eb | ec | ed) echo "$first[0-9a-f]{8}$rest" ;;
	*) echo "\"[^\"]*$first[0-9a-f]{2}" ;;
	esac
}
