"""`python -m bench`: measure every budget, print the table; exit status 1 only if answers were wrong."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench.generator import Generator
from bench.lab import FULL, QUICK, Lab
from bench.machine import choose_cores, describe, pin, processor
from bench.process import ROOT
from bench.report import Report
from bench.stages import Run, everything

PIPE_WIDTH = 180
PAGE = ROOT / "docs" / "performance.md"


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute: shorter runs, no million comments")
    parser.add_argument("--only", default="", help="rows to measure, separated by commas: P1,P4")
    parser.add_argument("--write", action="store_true", help=f"write the table to {PAGE.relative_to(ROOT)}")
    parser.add_argument("--directory", help="where the databases go; the disk decides what posting costs")
    return parser.parse_args(given)


def wide(console: Console) -> Console:
    """The console, with room for the table when it is a file or a pipe."""
    return console if console.is_terminal else Console(width=PIPE_WIDTH)


def main() -> int:
    """Run, print, and say whether all answers were right."""
    options = arguments()
    console = Console(stderr=True)
    began = time.perf_counter()
    report = Report(f"Performance, {datetime.now(UTC):%Y-%m-%d}", [processor(), describe()])
    cores = choose_cores()
    pin(0, cores.load)
    only = frozenset(part.strip().upper() for part in options.only.split(",") if part.strip())
    with (
        tempfile.TemporaryDirectory(prefix="aftershow-bench-", dir=options.directory) as directory,
        Generator(cores.load) as generator,
    ):
        lab = Lab(cores, generator, Path(directory), QUICK if options.quick else FULL, report)
        everything(Run(lab, console, only))
    form = "short" if options.quick else "whole"
    report.context.append(f"The {form} run took {time.perf_counter() - began:.0f} s")
    report.show(wide(Console()))
    if options.write:
        PAGE.write_text(report.markdown())
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
