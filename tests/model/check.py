#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks the model of the asynchronous destroy with spin; docs/model.md explains it.

  check.py product       our protocol: each property holds, each witness is seen
  check.py full          the same with one life more; takes minutes
  check.py mistakes      planted mistakes: each is found by the property that it is against
  check.py v14           the protocol as posted in v14: what is found, and what is not
  check.py names ROOT    each function that the model names is in the source
  check.py trail NAME    the shortest way to an error, step by step; without NAME: which there are

All but the last speak TAP.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ALL = 0x3FFFF
# Where an error needs neither a failure nor another process, the search is shorter without them.
ALONE, NOTHING_FAILS = ["-DALONE"], ["-DNOTHING_FAILS"]
QUIET = ALONE + NOTHING_FAILS
FAST_MODEL = ["-DV14", "-DV14_FAST"]  # v14 on a machine with destroy-fast, patch 5 of its series

# name, what the run covers, switches
PRODUCT = [
    ("two-lives", "two lives, everything may fail", []),
    ("small", "a guest of 2 GiB or less", ["-DSMALL"]),
]
FULL = [
    ("three-lives", "three lives, one process, nothing fails", ["-DNCONF=3", *QUIET]),
    ("full", "three lives, everything may fail", ["-DNCONF=3"]),
]

# switch, the property that finds it (None: a deadlock), further switches
MISTAKES = [
    ("COUNT_BEFORE_WALK", "COUNT_WHILE_SECURE", []),
    ("DISPOSED_BEFORE_WALK", "COUNT_WHILE_SECURE", []),
    ("WALK_NEEDS_MM", "COUNT_WHILE_SECURE", NOTHING_FAILS),
    ("RAISED_FROM_ZERO", "COUNT_FROM_ZERO", []),
    ("FAILURE_UNCOUNTED", "COUNT_BALANCE", []),
    ("SECOND_NOT_REFUSED", "ONE_ASIDE", []),
    ("ASIDE_CLEARED_LATE", "ONE_OWNER", []),
    ("ASIDE_CLEARED_AT_END", "PREPARE_AGAIN", []),
    ("ASIDE_FORGOTTEN", "NOTHING_LOST", []),
    ("QUEUED_WITHOUT_LOCK", "NOTHING_LOST", QUIET),
    ("FREED_TWICE", "RECORD_ONCE", []),
    ("FREED_AFTER_FAILURE", "FREE_AFTER_SUCCESS", []),
    ("TABLE_NOT_RELISTED", "LEAK_FORCED", []),
    ("STUCK_TABLE_LOST", "LEAK_FORCED", []),
    ("SMALL_NOT_REFUSED", "TABLE_IN_USE", ["-DSMALL"]),
    ("WALK_UNDER_LOCK", "LOCK_RULES", []),
    ("LOCK_KEPT_IF_NONE", None, []),
    ("WALK_OF_ALL", "PAGES_OF_OTHERS", []),
    ("WORKER_WITHOUT_MM", "PAGES_LEFT", []),
    ("STOPS_AT_HOLE", "LOWER_2G", []),
    ("UNREGISTERED_LATE", "VCPU_ALIVE", []),
    ("NOTIFIER_WITHOUT_HANDLE", "CALL_HANDLE", QUIET),
    ("GMAP_HANDLE_EARLY", "GMAP_HANDLE", []),
]

# name in docs/findings.md, property, switches
V14 = [
    ("count-from-zero", "COUNT_FROM_ZERO", ["-DV14"]),
    ("next-guest-destroyed", "PAGES_OF_OTHERS", ["-DV14", *QUIET]),
    ("hole-below-2g", "LOWER_2G", ["-DV14"]),
    ("table-leaked", "LEAK_FORCED", ["-DV14"]),
    ("gmap-without-guest", "GMAP_HANDLE", ["-DV14"]),
    ("two-ends-meet", "VCPU_ALIVE", ["-DV14"]),
    ("small-guest", "TABLE_IN_USE", ["-DV14", "-DSMALL"]),
    ("fast-pages-left", "COUNT_WHILE_SECURE", FAST_MODEL + NOTHING_FAILS),
    ("fast-no-handle", "CALL_HANDLE", FAST_MODEL + QUIET),
]
# What v14 may break, without and with destroy-fast; it keeps all the others.
V14_BROKEN = ["COUNT_FROM_ZERO", "PAGES_OF_OTHERS", "LOWER_2G", "LEAK_FORCED", "GMAP_HANDLE", "VCPU_ALIVE"]


def load():
    """Returns the model as one text and, for each line, its file, number and C function."""
    lines, places = [], []

    def add(name):
        inside = "-"
        for number, line in enumerate((HERE / name).read_text(encoding="utf-8").splitlines(), 1):
            include = re.match(r'#include "(.*)"', line)
            if include:
                add(include.group(1))
                continue
            start = re.match(r"(?:inline|proctype) (\w+)|(init) ", line)
            if start:
                inside = start.group(1) or start.group(2)
            lines.append(line)
            places.append((name, number, inside))

    add("model.pml")
    return "\n".join(lines) + "\n", places


def defined(kind):
    """Returns numbers and texts of the properties or witnesses that state.pml defines."""
    text = (HERE / "state.pml").read_text(encoding="utf-8")
    part = text.partition("#ifndef CHECKS" if kind == "property" else "#define CHECK(")
    text = part[0] if kind == "property" else part[2].partition("#ifndef WITNESS")[0]
    found = re.findall(r"^#define ([A-Z_0-9]+) +(\d+) +/\* (.*?) \*/$", text, re.M)
    return {name: (int(number), what) for name, number, what in found}


PROPERTIES = defined("property")
WITNESSES = defined("witness")


class Run:
    """One search by spin in a directory of its own."""

    def __init__(self, checks, switches, shortest=False, long=False):
        self.dir = tempfile.TemporaryDirectory(prefix="protvirt-model-")
        text, self.places = load()
        (pathlib.Path(self.dir.name) / "all.pml").write_text(text, encoding="utf-8")
        # A statement that is merged into another one would not be seen in the list of what was reached.
        merge = ["-o3"] if checks == ALL and not shortest else []
        self.call("spin", *merge, "-a", f"-DCHECKS={checks}", *switches, "all.pml")
        # What the compiler would gain is less than it takes, but for the longest search.
        compiler = ["gcc", "-w", "-O2" if long else "-O0", "-DSAFETY", "-DMEMLIM=16000"]
        self.call(*compiler, *(["-DBFS"] if shortest else []), "-o", "pan", "pan.c")
        self.out = self.call("./pan", "-m200000")
        if "search not completed" in self.out.lower() and not self.errors():
            raise RuntimeError("the search did not end:\n" + self.out)

    def call(self, *command):
        done = subprocess.run(command, cwd=self.dir.name, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode and command[0] != "./pan" or "-a" in command and "Error:" in done.stdout:
            raise RuntimeError(" ".join(command) + ":\n" + done.stdout[-2000:])
        return done.stdout

    def errors(self):
        return int(re.search(r"errors: (\d+)", self.out).group(1))

    def states(self):
        return int(float(re.search(r"([0-9.e+]+) states, stored", self.out).group(1)))

    def error(self):
        """Returns what went wrong: a property, "deadlock", "witness", other text; None: nothing."""
        if not self.errors():
            return None
        line = re.search(r"^pan:\d+: (.*)$", self.out, re.M).group(1)
        if "invalid end state" in line:
            return "deadlock"
        if re.match(r"assertion violated \(*[ (]*!?\(*\(*[1-9]\d*!=", line):
            return "witness"
        bit = re.search(r">>(\d+)\)&1", line)
        names = [name for name, (number, _) in PROPERTIES.items() if bit and number == int(bit.group(1))]
        return names[0] if names else line

    def reached(self):
        """Counts, for each property, the places where the search came by a check of it."""
        table = self.call("./pan", "-d")
        places = set()
        proctype = ""
        for line in table.splitlines():
            start = re.match(r"(?:proctype|init|claim) ?(\w*)", line)
            proctype = start.group(1) if start else proctype
            state = re.match(r"\s+state +(\d+) .*=> .*>>(\d+)\)&1", line)
            if state:
                places.add((proctype, state.group(1), int(state.group(2))))
        proctype = ""
        for line in self.out.splitlines():
            start = re.match(r"unreached in (?:proctype )?(\w+)", line)
            proctype = start.group(1) if start else proctype
            state = re.match(r"\t.*, state (\d+), ", line)
            if state:
                places -= {p for p in places if p[0] == proctype and p[1] == state.group(1)}
        return {name: sum(p[2] == number for p in places) for name, (number, _) in PROPERTIES.items()}


class Tap:
    def __init__(self):
        self.n = self.failed = 0

    def case(self, good, name, why=""):
        self.n += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.n} - {name}")
        for line in (why if not good else "").splitlines():
            print("#", line)
        sys.stdout.flush()

    def end(self):
        print(f"1..{self.n}")
        return 1 if self.failed else 0


def mask(names):
    return sum(1 << PROPERTIES[name][0] for name in names)


def check_product(runs, long=False):
    tap = Tap()
    reached = dict.fromkeys(PROPERTIES, 0)
    holds = True
    for name, what, switches in runs:
        run = Run(ALL, switches, long=long)
        holds = holds and not run.errors()
        tap.case(not run.errors(), f"{name}: no error, no deadlock in {run.states()} states ({what})",
                 f"{run.error()}: check.py trail {name}\n{run.out}")
        for prop, n in run.reached().items():
            reached[prop] += n
    for prop, n in reached.items():
        tap.case(holds and n, f"{prop}: {PROPERTIES[prop][1]} (checked at {n} places)",
                 "an error came first" if not holds else "no run came by a check of it")
    return tap


def witness_switches(name):
    more = {"BOTH_PERFORM": QUIET, "THREE_LIVES": ["-DNCONF=3", *QUIET]}.get(name, [])
    return [f"-DWITNESS={WITNESSES[name][0]}", *more]


def check_witnesses(tap):
    for name, (_, what) in WITNESSES.items():
        found = Run(0, witness_switches(name)).error()
        tap.case(found == "witness", f"{name} is reached: {what}", f"found: {found}")


def check_mistakes():
    tap = Tap()
    for switch, prop, more in MISTAKES:
        run = Run(mask([prop] if prop else []), [f"-D{switch}"] + more)
        expected = prop or "deadlock"
        tap.case(run.error() == expected, f"{switch} breaks {expected}", f"found: {run.error()}")
    never = set(PROPERTIES) - {prop for _, prop, _ in MISTAKES}
    tap.case(not never, "each property finds a mistake", " ".join(never))
    return tap


def check_v14():
    tap = Tap()
    for name, prop, switches in V14:
        found = Run(mask([prop]), switches).error()
        tap.case(found == prop, f"{name}: v14 breaks {prop}", f"found: {found}")
    check_v14_kept(tap, ALONE)
    return tap


def check_v14_kept(tap, more, long=False):
    kept = [name for name in PROPERTIES if name not in V14_BROKEN]
    run = Run(mask(kept), ["-DV14"] + more, long=long)
    tap.case(not run.errors(), f"v14 keeps {' '.join(kept)}, and never stands still, in {run.states()} states",
             f"found: {run.error()}")


def check_names(root):
    tap = Tap()
    named = 0
    for file in sorted(HERE.glob("*.pml")):
        text = file.read_text(encoding="utf-8")
        for path, name, kind, model in re.findall(
                r"/\* place: (\S+) (\w+) \*/\n(inline|proctype) (\w+)", text):
            named += 1
            source = pathlib.Path(root, path)
            # as the kernel writes it: a definition begins in column 1 and is no declaration
            there = source.exists() and re.search(
                rf"^[a-z][^;=]*\b{name}\([^;{{]*\)\n\{{", source.read_text(encoding="utf-8"), re.M)
            tap.case(there and model == name, f"{path} {name}",
                     "the model calls it " + model if there else f"{file.name} models a function that is gone")
        orphans = [line for line in text.splitlines() if "place:" in line
                   and not re.fullmatch(r"/\* place: \S+ \w+ \*/", line)]
        tap.case(not orphans, f"{file.name}: each place is understood", "\n".join(orphans))
    tap.case(named > 30, f"{named} functions are modelled")
    return tap


def runs_by_name():
    runs = {name: (ALL, switches) for name, _, switches in PRODUCT + FULL}
    runs |= {switch: (mask([prop] if prop else []), [f"-D{switch}"] + more) for switch, prop, more in MISTAKES}
    runs |= {name: (mask([prop]), switches) for name, prop, switches in V14}
    runs |= {name: (0, witness_switches(name)) for name in WITNESSES}
    return runs


def show_trail(name):
    runs = runs_by_name()
    if name not in runs:
        print("check.py trail NAME, with one of these names:", *runs, sep="\n  ")
        return 1
    checks, switches = runs[name]
    run = Run(checks, switches, shortest=True)
    if not run.errors():
        print(f"{name}: no error in {run.states()} states")
        return 0
    steps = run.call("spin", "-t", "-p", f"-DCHECKS={checks}", *switches, "all.pml")
    last = None
    for step in re.finditer(r"proc +\d+ \((\w+):\d+\) all\.pml:(\d+) \(state \d+\)\t\[(.*)\]", steps):
        who, line, what = step.group(1), int(step.group(2)), step.group(3)
        proc = re.search(r"proc +(\d+)", step.group(0)).group(1)
        file, number, function = run.places[line - 1]
        if function == "forget" or what in (".(goto)", "else", "(1)") or what.startswith(("assert", "goto")):
            continue
        here = (proc, function)
        print(f"{who + '/' + proc if here != last else '':17}{function if here != last else '':36}"
              f"{file}:{number:<5} {what}")
        last = here
    print(f"\n{name}: {run.error()}")
    if run.error() in PROPERTIES:
        print("broken:", PROPERTIES[run.error()][1])
    return 0


def main():
    what = sys.argv[1] if len(sys.argv) > 1 else ""
    if what == "product":
        tap = check_product(PRODUCT)
        check_witnesses(tap)
    elif what == "full":
        tap = check_product(FULL, long=True)
        check_v14_kept(tap, [], long=True)
    elif what == "mistakes":
        tap = check_mistakes()
    elif what == "v14":
        tap = check_v14()
    elif what == "names" and len(sys.argv) == 3:
        tap = check_names(sys.argv[2])
    elif what == "trail":
        return show_trail(sys.argv[2] if len(sys.argv) > 2 else "")
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
