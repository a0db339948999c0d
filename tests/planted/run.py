#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plants each bug of tests/planted/ in a copy of the tree and looks whether the tests catch it.

There is one copy and one build directory (one more a sanitizer), both kept for the next run. Tests
run without the bugs first: what fails anyway catches nothing. The last line is
`N planted, N caught`; the exit status is 1 if a bug was not caught, does not apply or does not
build, or if another test caught it than its header says.
"""

import argparse
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import patches as planted  # pylint: disable=wrong-import-position

WIDER = ("unit", "lifecycle", "failnth", "kill", "oracle")
REPORT = re.compile(r"(WARNING: ThreadSanitizer|ERROR: (Address|Leak)Sanitizer|: runtime error: |"
                    r"Assertion `.*' failed).*")
RUN = re.compile(r"^\[ RUN +\] (\w+)")
END = re.compile(r"^\[ +(OK|FAILED|SKIPPED) +\] (\w+)")
NOT_OK = re.compile(r"^not ok \d+ *-? *(.*)")


class Tree:
    """The copy of the source tree, and its builds."""

    def __init__(self, root, work):
        self.root = pathlib.Path(root).resolve()
        self.work = pathlib.Path(work).resolve()
        self.copy = self.work / "tree"
        self.builds = {}

    def files(self):
        """All files of the source tree, without builds and history."""
        for folder, names, files in os.walk(self.root):
            names[:] = [n for n in names if n not in (".git", "build", "__pycache__")
                        and not n.startswith("build-")]
            for name in files:
                if name != ".git":
                    yield (pathlib.Path(folder) / name).relative_to(self.root)

    def restore(self, names=None):
        """Makes the copy equal to the source; what is equal keeps its time, so is not built again."""
        wanted = set(names or self.files())
        for name in wanted:
            source, copy = self.root / name, self.copy / name
            if copy.exists() and copy.read_bytes() == source.read_bytes():
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, copy)
            shutil.copymode(source, copy)
        if names is None:
            for copy in [p for p in self.copy.rglob("*") if p.is_file()]:
                if copy.relative_to(self.copy) not in wanted:
                    copy.unlink()

    def build(self, san):
        """The build with these sanitizers, configured."""
        if san not in self.builds:
            name = "-".join(["build", *filter(None, san.split(","))])
            self.builds[san] = Build(self.copy, self.work / name, san)
        return self.builds[san]


class Build:
    """A build directory of the copy."""

    def __init__(self, source, path, san):
        self.path = path
        if not (path / "build.ninja").exists():
            flags = [f"-Db_sanitize={san}", "-Db_lundef=false"] if san else []
            subprocess.run(["meson", "setup", "--buildtype=debugoptimized", *flags, path, source],
                           stdout=subprocess.DEVNULL, check=True)
        self.tests = {test["name"]: test for test in self.introspect("--tests")}
        self.files = {target["id"]: target["filename"] for target in self.introspect("--targets")}

    def introspect(self, what):
        """What meson knows."""
        done = subprocess.run(["meson", "introspect", what, self.path], stdout=subprocess.PIPE, check=True)
        return json.loads(done.stdout)

    def programs(self, name):
        """What has to be built for a test: paths that ninja knows."""
        return [os.path.relpath(file, self.path) for target in self.tests[name]["depends"]
                for file in self.files[target]]

    def make(self, names):
        """Builds what tests need. Returns: the end of the log if that failed, or None"""
        targets = sorted({program for name in names for program in self.programs(name)})
        done = subprocess.run(["ninja", "-C", self.path, *targets], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        return "\n".join(done.stdout.splitlines()[-20:]) if done.returncode else None

    def run(self, name, wanted=None):
        """Runs a test until @wanted has failed, or to the end. Returns: {case: why} of what failed"""
        test = self.tests[name]
        env = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="STANDARD", **test["env"])
        return run_program(test["cmd"], env, self.path, test["timeout"], wanted)

    def wider(self):
        """The names of all programs of the wider set."""
        for suite in WIDER:
            for name, test in self.tests.items():
                if any(s.endswith(":" + suite) for s in test["suite"]) and self.programs(name):
                    yield name


class Watcher:
    """Reads the output of a test program: which case runs, which have failed."""

    def __init__(self):
        self.failed = {}
        self.running = None
        self.rest = ""

    def blame(self, why, case=None):
        """@case or the one that is running has failed."""
        self.failed.setdefault(case or self.running or "the program itself", why)

    def read(self, text):
        """The next piece of output."""
        *lines, self.rest = (self.rest + text).replace("\r\n", "\n").split("\n")
        for line in lines:
            run, end, tap, report = (p.search(line) for p in (RUN, END, NOT_OK, REPORT))
            if run:
                self.running = run.group(1)
            elif end:
                if end.group(1) == "FAILED":
                    self.blame("failed", end.group(2))
                self.running = None
            elif tap:
                self.blame("failed", tap.group(1))
            elif report:
                self.blame(report.group(0).strip())


def run_program(cmd, env, folder, seconds, wanted):
    """
    Runs a program at a terminal, so that its output comes line by line and tells which case it died
    in. A bug may make it hang: the time is for that.
    """
    watcher = Watcher()
    terminal, other = pty.openpty()
    with subprocess.Popen(cmd, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=other, stderr=other,
                          start_new_session=True) as program:
        os.close(other)
        end = time.monotonic() + seconds
        while wanted not in watcher.failed:
            ready, _, _ = select.select([terminal], [], [], max(0, end - time.monotonic()))
            if not ready:
                watcher.blame("hangs")
                break
            try:
                data = os.read(terminal, 65536)
            except OSError:  # everybody has closed the other end
                break
            watcher.read(data.decode(errors="replace"))
        else:
            ready = []
        if not ready:
            try:
                os.killpg(program.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    os.close(terminal)
    if program.returncode and not watcher.failed:
        watcher.blame(f"ended with {program.returncode}")
    return watcher.failed


def tests_of(patch, build):
    """Names of the declared tests that exist."""
    return [name for name in patch.test.split() if name in build.tests]


def baseline(tree, chosen):
    """Runs the tests on the tree as it is. Returns: complaints"""
    complaints = []
    for san in sorted({patch.san for patch in chosen}):
        build = tree.build(san)
        names = sorted({name for patch in chosen if patch.san == san for name in tests_of(patch, build)})
        log = build.make(names)
        if log:
            return [f"the tree itself does not build:\n{log}"]
        for name in names:
            for case, why in build.run(name).items():
                complaints.append(f"without a planted bug: {name}: {case}: {why}")
    return complaints


def search(build, names, patch):
    """Runs tests until one catches the bug. Returns: (test, case, why) or None"""
    for name in names:
        failed = build.run(name, patch.case)
        if failed:
            case = patch.case if patch.case in failed else next(iter(failed))
            return name, case, failed[case]
    return None


def try_patch(tree, patch, wider):
    """Plants one bug and takes it out again. Returns: (caught, as its header says, text)"""
    build = tree.build(patch.san)
    names = tests_of(patch, build)
    if not names:
        return False, False, f"there is no test {patch.test}"
    refused = patch.apply(tree.copy)
    if refused:
        return False, False, f"does not apply: {refused}"
    log = build.make(names)
    if log:
        return False, False, f"does not build:\n{log}"
    caught = search(build, names, patch)
    if not caught and wider:
        others = [name for name in build.wider() if name not in names]
        log = build.make(others)
        if log:
            return False, False, f"does not build:\n{log}"
        caught = search(build, others, patch)
    if not caught:
        return False, False, "NOT caught"
    test, case, why = caught
    return True, test in names and case == patch.case, f"caught by {test}: {case}: {why}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("root", help="source tree")
    parser.add_argument("work", help="folder for the copy and its builds")
    parser.add_argument("--declared", action="store_true", help="not the wider set if the declared tests catch nothing")
    parser.add_argument("--only", metavar="NAME", nargs="+", default=[], help="these patches only")
    args = parser.parse_args()

    all_patches = planted.load(args.root)
    chosen = [patch for patch in all_patches if not args.only or patch.name in args.only]
    unknown = set(args.only) - {patch.name for patch in chosen}
    if unknown or not chosen:
        sys.exit(f"no such patch: {' '.join(sorted(unknown))}; there are: "
                 f"{' '.join(patch.name for patch in all_patches)}")
    tree = Tree(args.root, args.work)
    tree.restore()
    complaints = baseline(tree, chosen)
    if complaints:
        sys.exit("\n".join(complaints))
    caught_ones = wrong = 0
    for patch in chosen:
        caught, as_said, text = try_patch(tree, patch, not args.declared)
        tree.restore(patch.files)
        caught_ones += caught
        if caught and not as_said:
            text += f" (its header says {patch.test}: {patch.case})"
        wrong += not as_said
        print(f"{'ok' if as_said else 'not ok'} - {patch.name}: {text}", flush=True)
    tree.restore()
    print(f"{len(chosen)} planted, {caught_ones} caught")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
