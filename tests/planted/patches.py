#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The bugs that are planted on purpose: tests/planted/NAME.patch; docs/planted.md explains them.

  patches.py check ROOT   TAP: each patch has its header, still applies, and stands in the table
  patches.py table ROOT   writes the table of docs/planted.md from the headers

A header is what stands above the diff. Its first paragraph says what the patch does; then come

  Undoes: subject of a fix of Linux without "KVM: s390:" (commit, release)
  Mistake: or instead what a careless author did
  Test: name of a meson test
  Case: of that test, which fails
  San: address,undefined or thread              if only a sanitizer sees it
"""

import pathlib
import re
import subprocess
import sys

FIELD = re.compile(r"^(Undoes|Mistake|Test|Case|San): (.+)$")
LAYERS = ("kvm/", "uv/", "storage/", "host/")
BEGIN, END = "<!-- planted: begin -->\n", "<!-- planted: end -->\n"


class Patch:
    """One planted bug."""

    def __init__(self, path):
        self.path = path
        self.name = path.stem
        text = path.read_text(encoding="utf-8")
        header, _, diff = text.partition("\n--- a/")
        self.files = re.findall(r"^\+\+\+ b/(\S+)", diff, re.MULTILINE)
        self.fields = {}
        what = []
        for line in header.splitlines():
            field = FIELD.match(line)
            if field:
                self.fields[field.group(1)] = field.group(2).strip()
            elif line and not line.startswith("SPDX-"):
                what.append(line.strip())
        self.what = " ".join(what)
        self.test = self.fields.get("Test", "")
        self.case = self.fields.get("Case", "")
        self.san = self.fields.get("San", "")

    @property
    def stands_for(self):
        """The fix that is undone, or the mistake."""
        return self.fields.get("Undoes") or self.fields.get("Mistake", "")

    def complaints(self, root):
        """What is wrong with the header."""
        if not self.what:
            yield "does not say what it does"
        if ("Undoes" in self.fields) == ("Mistake" in self.fields):
            yield "needs one of Undoes: and Mistake:"
        if not self.test or not self.case:
            yield "needs Test: and Case:"
        if not self.files:
            yield "has no diff"
        for name in self.files:
            if not name.startswith(LAYERS):
                yield f"{name} is in none of {' '.join(LAYERS)}"
        if self.case and not case_exists(root, self.case):
            yield f"no test has a case {self.case}"

    def apply(self, root, *flags):
        """Runs patch(1) in @root. Returns its complaint, or None."""
        with self.path.open("rb") as stream:
            done = subprocess.run(["patch", "-p1", "-s", "-f", "--no-backup-if-mismatch", *flags], cwd=root, stdin=stream,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return done.stdout.strip() or "patch failed" if done.returncode else None


def load(root):
    """All patches, by name."""
    return [Patch(path) for path in sorted(pathlib.Path(root, "tests/planted").glob("*.patch"))]


def case_exists(root, case):
    """Is there a function of this name in the tests?"""
    wanted = re.compile(rf"^static void {re.escape(case)}\(", re.MULTILINE)
    return any(wanted.search(path.read_text(encoding="utf-8"))
               for path in pathlib.Path(root, "tests").rglob("*.c"))


def rows(patches):
    """The table's rows."""
    yield "| patch | what it does | stands for | caught by |\n"
    yield "|---|---|---|---|\n"
    for kind in ("Undoes", "Mistake"):
        for patch in patches:
            if kind in patch.fields:
                yield f"| `{patch.name}` | {patch.what} | {patch.stands_for} | `{patch.test}`: `{patch.case}` |\n"


def document(root):
    """docs/planted.md in three parts: before the table, the table, behind it."""
    text = pathlib.Path(root, "docs/planted.md").read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    table, _, behind = rest.partition(END)
    return before + BEGIN, table, END + behind


def check(root):
    """Prints TAP. Returns: exit status"""
    patches = load(root)
    failed = 0
    number = 0

    def case(name, complaints):
        nonlocal failed, number
        number += 1
        for complaint in complaints:
            print(f"# {complaint}")
        failed += bool(complaints)
        print(f"{'not ok' if complaints else 'ok'} {number} - {name}")

    for patch in patches:
        complaints = list(patch.complaints(root))
        # No file is written: the tree may be read-only, and others are testing it.
        refused = patch.apply(root, "--dry-run")
        case(f"{patch.name} applies", complaints + (refused.splitlines() if refused else []))
    case("at least fourteen patches", [] if len(patches) >= 14 else [f"{len(patches)}"])
    same = "".join(rows(patches)) == document(root)[1]
    case("docs/planted.md is their table", [] if same else ["tests/planted/patches.py table . writes it"])
    print(f"1..{number}")
    return 1 if failed else 0


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("check", "table"):
        sys.exit("usage: patches.py check ROOT | table ROOT")
    root = sys.argv[2]
    if sys.argv[1] == "check":
        sys.exit(check(root))
    before, _, behind = document(root)
    table = "".join(rows(load(root)))
    pathlib.Path(root, "docs/planted.md").write_text(before + table + behind, encoding="utf-8")


if __name__ == "__main__":
    main()
