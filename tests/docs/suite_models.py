#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""TAP: the table of docs/testing.md is what meson runs. Arguments: source root, build directory."""

import fnmatch
import json
import pathlib
import re
import sys

MODELS = ("z15", "z16", "z17", "proposal")
SUFFIX = re.compile(r"-(z15|z16|z17|proposal|holes)$")
# Programs by which a script reaches an Ultravisor.
MACHINES = {"PROTVIRT", "ORACLE", "FAILNTH"}


class Row:
    """One row of the table: patterns of names, models, or a word and its reason."""

    def __init__(self, line):
        suites, tests, models = (cell.strip() for cell in line.strip("|").split("|"))
        self.suites = set(suites.split(", "))
        self.patterns = re.findall(r"`([^`]+)`", tests)
        self.word, _, self.reason = (part.strip() for part in models.partition(":"))
        self.models = set() if self.reason else set(models.split())
        self.seen = {}

    def has(self, name):
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in self.patterns)


def read_table(root):
    text = (root / "docs/testing.md").read_text(encoding="utf-8")
    return [Row(line) for line in re.findall(r"^\|.*\|$", text, re.M)[2:]]


def models_of(test):
    """The models that a test's environment or command line names."""
    named = [test["env"].get("PROTVIRT_MODEL")] + test["cmd"][1:]
    return {word for word in named if word in MODELS}


def has_ultravisor(test):
    """Has the program an Ultravisor in it, or one to start?"""
    if MACHINES & set(test["env"]):
        return True
    return b"\0uv_create\0" in pathlib.Path(test["cmd"][0]).read_bytes()


def sort_tests(tests, rows):
    """Gives each test to its row; returns what is wrong with that."""
    wrong = []
    for test in tests:
        base = SUFFIX.sub("", test["name"])
        suite = test["suite"][0].partition(":")[2]
        found = [row for row in rows if row.has(base)]
        if len(found) != 1 or suite not in found[0].suites:
            wrong.append(f"{suite}: {test['name']} is in {len(found)} rows")
            continue
        found[0].seen.setdefault(base, []).append(test)
    return wrong


def wrong_in(row):
    """What is wrong with a row and its tests."""
    wrong = [f"no test {pattern}" for pattern in row.patterns
             if not fnmatch.filter(row.seen, pattern)]
    if row.word not in ("default", "itself", "none") and not row.models:
        wrong.append(f"{row.word}: no such word")
    if not row.reason and len(row.models) < 2:
        wrong.append("fewer than two models, and no reason")
    for base, tests in row.seen.items():
        models = set().union(*map(models_of, tests))
        if models != row.models:
            wrong.append(f"{base} runs on: {' '.join(sorted(models)) or 'no model in particular'}")
        if row.word == "none" and any(map(has_ultravisor, tests)):
            wrong.append(f"{base} has an Ultravisor")
    return wrong


def main():
    root, build = map(pathlib.Path, sys.argv[1:])
    rows = read_table(root)
    tests = json.loads((build / "meson-info/intro-tests.json").read_text(encoding="utf-8"))
    results = [("each test is in one row", sort_tests(tests, rows))]
    results += [(f"{' '.join(row.patterns)}: {row.word}", wrong_in(row)) for row in rows]
    for number, (name, wrong) in enumerate(results, 1):
        print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
        for line in wrong:
            print("#", line)
    print(f"1..{len(results)}")


if __name__ == "__main__":
    main()
