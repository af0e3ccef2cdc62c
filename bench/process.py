"""Server processes: started pinned to their core, waited for until they are ready, stopped with SIGTERM."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from bench.machine import memory_mb, pin
from bench.wire import HOST, BadAnswer, build_request, fetch

ROOT = Path(__file__).resolve().parent.parent
READY_WITHIN = 60.0  # seconds
STOPPED_WITHIN = 40.0  # seconds; longer than the server drains
ASK_AGAIN = 0.002  # seconds between two questions whether it is ready


class ServerFailed(Exception):
    """A server ended early or did not become ready; the text ends with what it printed."""


class Server:
    """One server process on a port. A context manager: entering starts it and waits until it is ready."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        port: int,
        core: int,
        environ: Mapping[str, str] | None = None,
        ready: str | None = "/readyz",
    ) -> None:
        self.port = port
        self.start_seconds = 0.0
        self._command = [sys.executable, *arguments]
        self._core = core
        self._ready = ready
        self._environ = clean_environment() | dict(environ or {})
        self._log: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        assert self._process is not None
        return self._process.pid

    def memory_mb(self) -> float:
        """Resident memory of the server and its children now, in megabytes."""
        return memory_mb(self.pid)

    def start(self) -> Self:
        """Start the process and wait until it is ready; `start_seconds` says how long that took."""
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in stop()
        began = time.perf_counter()
        self._process = subprocess.Popen(
            self._command, env=self._environ, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
        )
        pin(self._process.pid, self._core)
        while not self._answers():
            if self._process.poll() is not None or time.perf_counter() - began > READY_WITHIN:
                printed = self._printed()
                self.stop()
                raise ServerFailed(f"{' '.join(self._command)}\n{printed}")
            time.sleep(ASK_AGAIN)
        self.start_seconds = time.perf_counter() - began
        return self

    def stop(self) -> None:
        """End the process politely, by force when it does not listen."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOPPED_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._log is not None:
            self._log.close()
            self._log = None

    def _answers(self) -> bool:
        request = build_request("GET", self._ready or "/", host=f"{HOST}:{self.port}")
        try:
            return fetch(self.port, request).status == 200 or self._ready is None
        except (OSError, BadAnswer):
            return False

    def _printed(self) -> str:
        assert self._log is not None
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-4000:]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def clean_environment() -> dict[str, str]:
    """This process's environment without Aftershow's settings, with the checkout importable."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AFTERSHOW_")}
    environ["PYTHONPATH"] = str(ROOT)
    return environ
