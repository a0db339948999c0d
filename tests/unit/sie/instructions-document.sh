#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# usage: instructions-document.sh LIST-INSTRUCTIONS DOCUMENT
# docs/instructions.md says what the list of instructions says.
echo 1..1
if "$1" | cmp -s - "$2"; then
	echo "ok 1 - $2 is what list-instructions prints"
else
	echo "not ok 1 - make it again: list-instructions > $2"
	exit 1
fi
