#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the harnesses of tests/fuzz in libFuzzer; see docs/fuzzing.md.

Without --shard the inputs that reach something new are kept in the build
directory, and the next run goes on from there. With --shard I/N --seed S each
harness runs in rounds that depend on nothing but the tree and their seed:
round R of shard I has the seed S + I + R * N. For each harness one JSON line is
printed, as docs/campaigns.md says.

The exit status is 1 if anything was found.
"""

import argparse
import json
import os
import pathlib
import re
import secrets
import subprocess
import sys
import tempfile
import time

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
EXECUTED = re.compile(r"^stat::number_of_executed_units:\s*(\d+)", re.MULTILINE)
WRITTEN = re.compile(r"Test unit written to (\S+)")
MAX_SEED = 2**32
MAX_FAILING = 100  # seeds of a line


def shard(text):
    """Parses I/N."""
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if not match or int(match.group(1)) >= int(match.group(2)):
        raise argparse.ArgumentTypeError(f"{text}: valid is I/N with I below N, as 0/4")
    return int(match.group(1)), int(match.group(2))


class Harness:
    """One program and what has come of it."""

    def __init__(self, build, name):
        self.name = name
        self.program = build / "tests" / "fuzz" / f"fuzz-{name}"
        made = build / "tests" / "fuzz" / "instructions" / name
        self.first = [CORPUS / name] + ([made] if made.is_dir() else [])
        self.findings = build / "fuzz-findings"
        self.findings.mkdir(exist_ok=True)
        self.cases = 0
        self.failed = 0
        self.failing_seeds = []

    def run(self, directory, seed, seconds, runs):
        """Runs libFuzzer once; a finding is told and remembered. To it, seed 0 is none."""
        command = [
            self.program, directory, *self.first,
            f"-seed={seed or MAX_SEED - 1}", f"-runs={runs}",
            f"-max_total_time={max(1, int(seconds))}", "-max_len=4096", "-timeout=60",
            "-print_final_stats=1",
            "-close_fd_mask=2",  # what the product has to say of bad input would fill our memory
            f"-artifact_prefix={self.findings}/{self.name}-",
        ]
        done = subprocess.run(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stdin=subprocess.DEVNULL, check=False)
        text = done.stderr.decode(errors="replace")
        executed = EXECUTED.search(text)
        self.cases += int(executed.group(1)) if executed else 0
        if done.returncode == 0:
            return
        self.failed += 1
        if seed not in self.failing_seeds and len(self.failing_seeds) < MAX_FAILING:
            self.failing_seeds.append(seed)
        written = WRITTEN.search(text)
        report = text[max(0, text.find("ERROR: ")):]
        print("\n".join(report.splitlines()[:60]), file=sys.stderr)
        print(f"{self.name}: found something with seed {seed}; reproduce with: "
              f"{self.program} {written.group(1) if written else '(see above)'}", file=sys.stderr)


def fuzz(harness, build, seed, seconds):
    """One run that goes on from what earlier ones have kept."""
    kept = build / "fuzz-corpus" / harness.name
    kept.mkdir(parents=True, exist_ok=True)
    print(f"{harness.name}: {seconds:.0f} s, seed {seed}", file=sys.stderr, flush=True)
    harness.run(kept, seed, seconds, -1)


def campaign(harness, seed, part, seconds, runs):
    """Rounds of a shard until the time is up."""
    first, step = part
    end = time.monotonic() + seconds
    at = seed + first
    while True:
        with tempfile.TemporaryDirectory() as nothing:
            harness.run(nothing, at % MAX_SEED, end - time.monotonic(), runs)
        at += step
        if time.monotonic() >= end:
            return


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path, help="build directory with -Dfuzzers=true")
    parser.add_argument("--harness", action="append", help="this one only")
    parser.add_argument("--seconds", type=float, default=600, help="for all harnesses together")
    parser.add_argument("--seed", type=int, help="of the first round; default: random")
    parser.add_argument("--shard", type=shard, help="I/N: this part of N")
    parser.add_argument("--runs", type=int, default=20000, help="inputs of a round of a shard")
    args = parser.parse_args()

    build = args.build.resolve()
    known = sorted(path.name for path in CORPUS.iterdir())
    names = args.harness or known
    for name in names:
        if name not in known:
            parser.error(f"harness {name}: valid are {', '.join(known)}")
        if not os.access(build / "tests" / "fuzz" / f"fuzz-{name}", os.X_OK):
            parser.error(f"{build}: no harness {name}; `make fuzz` builds it in build-fuzz")
    seed = secrets.randbelow(MAX_SEED) if args.seed is None else args.seed
    found = 0
    for name in names:
        harness = Harness(build, name)
        start = time.monotonic()
        if args.shard:
            campaign(harness, seed, args.shard, args.seconds / len(names), args.runs)
        else:
            fuzz(harness, build, seed, args.seconds / len(names))
        found += harness.failed
        print(json.dumps({
            "program": f"fuzz-{name}",
            "seed": seed,
            "shard": "{}/{}".format(*(args.shard or (0, 1))),
            "cases": harness.cases,
            "failed": harness.failed,
            "failing_seeds": harness.failing_seeds,
            "seconds": round(time.monotonic() - start, 1),
        }), flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
