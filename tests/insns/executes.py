#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Do the cases that by-text.txt names execute the rows they are named for?

usage: executes.py SOURCE-ROOT. Prints what is not so. A case executes a row if the row's opcode
stands as hexadecimal text in the case itself, or in a function, array or macro that it uses.
"""

import os
import re
import subprocess
import sys


def pieces(source):
    """Top-level definitions by name: functions, arrays, macros."""
    found = {}
    for text in re.findall(r"^#define (?:[^\n]*\\\n)*[^\n]*$|^static [^;{]*\{.*?^\}|^static [^;{]*;", source, re.M | re.S):
        name = re.match(r"#define (\w+)", text) or re.search(r"(\w+)(?:\(|\[|\s*=)", text)
        if name:
            found[name.group(1)] = text
    return found


def text_of(case, found):
    """The case, and whatever of the same file it uses."""
    seen, todo = set(), [case]
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        todo += [word for word in re.findall(r"\w+", found[name]) if word in found]
    return "\n".join(found[name] for name in seen)


def main():
    root = sys.argv[1]
    lost = []
    with open(os.path.join(root, "tests/insns/by-text.txt"), encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            names, (case, path) = line.split(":")[0].split(), line.split(":")[1].split()
            with open(os.path.join(root, path), encoding="utf-8") as source:
                found = pieces(source.read())
            if case not in found:
                lost.append(case)
                continue
            text = text_of(case, found)
            for name in names:
                opcode = subprocess.run([os.path.join(root, "tests/insns/opcode.sh"), root, name], check=True,
                                        stdout=subprocess.PIPE, text=True).stdout.strip()
                if not opcode or not re.search(opcode, text, re.I):
                    lost.append(f"{case}/{name}")
    for name in lost:
        print(name)


main()
