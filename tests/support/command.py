"""The `aftershow` command for tests: run inside this process, or started as a process of its own and stopped again."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog
from typer.testing import CliRunner, Result

from forum.cli import app
from tests.support.repository import ROOT

SECRET: Final = "s" * 40
# How long a started command may take to say or do what is waited for, in seconds.
PATIENCE: Final = 30


def environment(**settings: str) -> dict[str, str]:
    """The environment of a command: nothing of Aftershow's but these settings, given without their prefix."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AFTERSHOW_")}
    return {**kept, "PYTHONPATH": str(ROOT), **{f"AFTERSHOW_{name.upper()}": text for name, text in settings.items()}}


def aftershow(*arguments: str, **settings: str) -> Result:
    """Run a command in this process and leave logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    given: dict[str, str | None] = {name: None for name in os.environ if name.startswith("AFTERSHOW_")}
    given |= environment(**{"secret_key": SECRET, **settings})
    try:
        return CliRunner().invoke(app, list(arguments), env=given, prog_name="aftershow")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()


@dataclass(slots=True)
class Started:
    """A command that runs as a process of its own; `said` is what it has printed so far."""

    process: subprocess.Popen[str]
    errors: Path
    said: list[str] = field(default_factory=list)

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait_for(self, words: str) -> str:
        """Read its output up to a line with these words, and return that line."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))
            if words in line:
                return self.said[-1]
        raise AssertionError(f"it never said {words!r}:\n{self.said}\n{self.log}")

    def address(self) -> str:
        """Wait until it listens, and return where."""
        words = self.wait_for("listens on").split()
        return words[words.index("on") + 1]

    def stop(self, signal: int) -> int:
        """Send a signal, wait for the end, and return the exit code."""
        self.process.send_signal(signal)
        return self.process.wait(PATIENCE)

    @property
    def log(self) -> str:
        """Everything on its stderr so far."""
        return self.errors.read_text(encoding="utf-8")


@contextmanager
def started(folder: Path, *arguments: str, env: Mapping[str, str]) -> Iterator[Started]:
    """Start a command in a folder; whatever happens, it is gone afterwards."""
    errors = folder / f"{arguments[0]}-{len(list(folder.glob('*.err')))}.err"
    with errors.open("w", encoding="utf-8") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "forum", *arguments],
            cwd=folder,
            env=dict(env),
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    try:
        yield Started(process, errors)
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)
