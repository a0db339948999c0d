#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How fast is the engine? A freestanding C program of 10^9 instructions.

Runs each section in an ordinary and in a protected guest, taking turns, and in
qemu-system-s390x if that is installed; prints a table, and JSON lines into the
file named by --json. Exit status 1 if a limit is not met.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time

# Name, rounds: about 1.4 * 10^8 instructions each
SECTIONS = [
    ("integer sieve", 180),
    ("table CRC", 540),
    ("word copy", 6900),
    ("256-byte moves", 400000),
    ("recursive calls", 9500),
    ("multiply, divide", 7000000),
    ("tight branch", 35000000),
]
REPEATS = 3
OVERALL = 400  # MIPS
SECTION = 150
PROTECTED = 1.05
QEMU = "qemu-system-s390x"
PARAMETERS = 0xF00


def run(program, *args):
    """One run of ordinary or protected: instructions, seconds, result."""
    words = subprocess.run([program, *map(str, args)], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return int(words[0]), float(words[1]), words[2:]


def qemu_seconds(elf, section, rounds):
    """User and system time of an emulator that ran this section to its end: any other wait is a failure."""
    words = []
    for i, value in enumerate((section, rounds)):
        words += ["-device", f"loader,addr={PARAMETERS + 8 * i:#x},data={value},data-len=8,data-be=on"]
    before = os.times()
    subprocess.run([QEMU, "-M", "s390-ccw-virtio", "-accel", "tcg", "-m", "64", "-display", "none", "-nodefaults",
                    "-no-reboot", "-action", "panic=exit-failure", "-kernel", elf, *words], check=True, timeout=120)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def best(function, repeats=REPEATS):
    """The least of some runs: what else the machine did only adds."""
    return min(function() for _ in range(repeats))


class Report:
    """Lines for people, and for programs."""

    def __init__(self, path):
        self.stream = open(path, "w", encoding="utf-8")

    def add(self, what, figure, unit, limit=None, limit_name=None, ratio=None, aim=None, target=None):
        """One figure; @limit is what it is compared with, @ratio to it; @aim: "at least" or "at most" @target."""
        line = {"question": "engine", "model": "engine", "what": what, "figure": round(figure, 3), "unit": unit,
                "limit": limit, "limit_name": limit_name, "ratio": ratio, "aim": aim, "target": target, "met": None,
                "place": None, "simulated": True}
        if aim:
            line["met"] = ratio >= target if aim == "at least" else ratio <= target
        json.dump(line, self.stream)
        self.stream.write("\n")


def measure(args, section, rounds):
    """Instructions, and the least seconds of either guest; they take turns."""
    seconds = {"ordinary": [], "protected": []}
    results = set()
    for _ in range(REPEATS):
        for kind, runs in seconds.items():
            count, spent, result = run(os.path.join(args.build, "bench", kind), args.image, section, rounds)
            runs.append(spent)
            results.add((count, *result))
    if len(results) != 1:
        sys.exit(f"bench: section {section} has several results: {results}")
    return results.pop()[0], min(seconds["ordinary"]), min(seconds["protected"])


def against_qemu(args, section, rounds):
    """Seconds of qemu-system-s390x without its start and end."""
    empty = best(lambda: qemu_seconds(args.elf, section, 0))
    return max(best(lambda: qemu_seconds(args.elf, section, rounds)) - empty, 1e-3)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", help="build directory")
    parser.add_argument("--json", help="where the JSON lines go")
    parser.add_argument("--quick", action="store_true", help="a tenth of the instructions")
    args = parser.parse_args()
    args.image = os.path.join(args.build, "bench", "sections.bin")
    args.elf = os.path.join(args.build, "bench", "sections.elf")
    report = Report(args.json or os.path.join(args.build, "bench", "engine.json"))
    qemu = shutil.which(QEMU)
    if not qemu:
        print(f"bench: {QEMU} is not installed (Debian: qemu-system-misc): no comparison with it")

    print(f"{'':18}{'instructions':>14}{'ordinary':>10}{'protected':>11}{'qemu':>8}{'ratio':>7}   MIPS")
    total = [0, 0.0, 0.0, 0.0]

    def line(name, count, ordinary, protected, reference, limit):
        mips = count / ordinary / 1e6
        other = count / reference / 1e6 if reference else None
        print(f"{name:18}{count:14}{mips:10.0f}{count / protected / 1e6:11.0f}"
              f"{other or 0:8.0f}{mips / other if other else 0:7.2f}")
        report.add(f"{name}, ordinary", mips, "MIPS", limit, "least", round(mips / limit, 3), "at least", 1)
        if other:
            report.add(f"{name}, against qemu-system-s390x", mips, "MIPS", round(other, 3), QEMU,
                       round(mips / other, 3))
        return mips

    for section, (name, rounds) in enumerate(SECTIONS):
        if args.quick:
            rounds //= 10
        count, ordinary, protected = measure(args, section, rounds)
        reference = against_qemu(args, section, rounds) if qemu else 0.0
        line(name, count, ordinary, protected, reference, SECTION)
        for i, value in enumerate((count, ordinary, protected, reference)):
            total[i] += value
    line("overall", *total, OVERALL)

    ratio = total[2] / total[1]
    print(f"protected takes {ratio:.3f} of the ordinary time; at most {PROTECTED}")
    report.add("protected against ordinary", total[0] / total[2] / 1e6, "MIPS", round(total[0] / total[1] / 1e6, 3),
               "time of the ordinary guest", round(ratio, 3), "at most", PROTECTED)
    pages, seconds, _ = run(os.path.join(args.build, "bench", "protected"), "touch", 100)
    print(f"first touch of a protected page: {seconds / pages * 1e9:.0f} ns (exit, import, entry)")
    report.add("first touch of a protected page", seconds / pages * 1e9, "ns")
    return 0


if __name__ == "__main__":
    sys.exit(main())
