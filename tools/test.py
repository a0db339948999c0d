#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the test programs through meson and counts single test cases.

Every test program speaks TAP, so what is counted are the cases, not the
programs. The last line is `N passed, N failed, N skipped`; the exit status is
1 if anything failed, or if nothing ran.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

CASE = re.compile(r"^(not )?ok\b(?P<rest>.*)$")
SKIP = re.compile(r"#\s*skip\b", re.IGNORECASE)
REPORT = re.compile(r".*(WARNING: ThreadSanitizer|(ERROR|FATAL): \w+Sanitizer|Sanitizer: CHECK failed|: runtime error: ).*")
WRAPPER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tap.sh")
PLAN = re.compile(r"^1\.\.(\d+)")


def count(tap):
    """Counts passed, failed and skipped cases of one program's TAP output."""
    passed = failed = skipped = 0
    failures = []
    planned = None
    for line in tap.splitlines():
        plan = PLAN.match(line)
        if plan:
            planned = (planned or 0) + int(plan.group(1))
        case = CASE.match(line)
        if not case:
            continue
        if SKIP.search(case.group("rest")):
            skipped += 1
        elif case.group(1):
            failed += 1
            failures.append(line)
        else:
            passed += 1
    seen = passed + failed + skipped
    if planned is not None and seen < planned:
        failed += planned - seen
        failures.append(f"{planned - seen} of {planned} planned cases never reported")
    return passed, failed, skipped, failures


def sanitizer_options(prefix):
    """Options by which the sanitizers write into files of their own, `prefix`.PID.

    On standard error a report is lost where a test sends that to a file of its own, and where a
    machine has left its VMM's family. Beside the path: what meson sets where nothing is set.
    """
    return {
        name: os.environ.get(name, default) + f":log_path={prefix}"
        for name, default in (
            ("ASAN_OPTIONS", "halt_on_error=1:abort_on_error=1:print_summary=1"),
            ("UBSAN_OPTIONS", "halt_on_error=1:abort_on_error=1:print_summary=1:print_stacktrace=1"),
            ("TSAN_OPTIONS", "second_deadlock_stack=1"),
        )
    }


def take_reports(directory):
    """Prints what the sanitizers wrote; returns the first line of each report. Notes are none."""
    reports = []
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), encoding="utf-8", errors="replace") as stream:
            text = stream.read()
        print(text)
        report = REPORT.search(text)
        if report:
            reports.append(report.group(0))
    return reports


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", help="build directory")
    parser.add_argument("--suite", action="append", default=[], help="run this suite only")
    parser.add_argument("--long", action="store_true", help="run the suites that take long")
    args = parser.parse_args()

    command = ["meson", "test", "-C", args.build, "--no-rebuild", "--print-errorlogs"]
    command += ["--wrapper", shlex.quote(WRAPPER)]
    for suite in args.suite:
        command += ["--suite", suite]
    if args.long:
        command += ["--suite", "long"]
    elif not args.suite:
        command += ["--no-suite", "long"]

    log = os.path.join(args.build, "meson-logs", f"testlog-{os.path.basename(WRAPPER)}.json")
    if os.path.exists(log):
        os.unlink(log)
    with tempfile.TemporaryDirectory(prefix="sanitizer-") as directory:
        environment = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP")
        environment.update(sanitizer_options(os.path.join(directory, "report")))
        status = subprocess.run(command, env=environment, check=False).returncode
        reports = take_reports(directory)

    totals = [0, 0, 0]
    broken = []
    lines = []
    if os.path.exists(log):
        with open(log, encoding="utf-8") as stream:
            lines = [json.loads(line) for line in stream]
    for test in lines:
        passed, failed, skipped, failures = count(test.get("stdout") or "")
        if test["result"] not in ("OK", "SKIP") and not failed:
            failed = 1
            failures.append(f"program ended with {test['result']}")
        totals = [totals[0] + passed, totals[1] + failed, totals[2] + skipped]
        broken += [f"{test['name']}: {line}" for line in failures]
    totals[1] += len(reports)
    for line in broken + reports:
        print(line)
    if not sum(totals):
        print("no test ran: " + ("no such suite" if args.suite else "see the log above"))
        status = status or 1
    print(f"{totals[0]} passed, {totals[1]} failed, {totals[2]} skipped")
    return 1 if status or totals[1] else 0


if __name__ == "__main__":
    sys.exit(main())
