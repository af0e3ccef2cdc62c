"""The process the load comes from: started once, pinned to its core, given one job after another.

Jobs and their outcomes travel as pickles over the pipes of the process.
"""

from __future__ import annotations

import gc
import pickle
import subprocess
import sys
import traceback
from types import TracebackType
from typing import IO, Protocol, Self, TypeVar, cast

from bench.machine import pin

Result_co = TypeVar("Result_co", covariant=True)
Result = TypeVar("Result")


class Job(Protocol[Result_co]):
    """Something to do in the generator's process."""

    def run(self) -> Result_co:
        """Do it; the result must pickle."""
        ...


class GeneratorFailed(Exception):
    """A job raised; the text is the traceback from the other process."""


class Generator:
    """The generator's process, as seen from the one that plans the benchmarks."""

    def __init__(self, core: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.generator"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        pin(self._process.pid, core)

    def run(self, job: Job[Result]) -> Result:
        """Do one job there and wait for what it brings."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pickle.dump(job, self._process.stdin)
        self._process.stdin.flush()
        failed, result = pickle.load(self._process.stdout)  # noqa: S301 - our own child
        if failed:
            raise GeneratorFailed(result)
        return cast(Result, result)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


def _serve(jobs: IO[bytes], answers: IO[bytes]) -> None:
    gc.disable()  # a collection in the middle of a run would be measured as the server's latency
    while True:
        try:
            job: Job[object] = pickle.load(jobs)  # noqa: S301 - from our own parent
        except EOFError:
            return
        try:
            answer: tuple[bool, object] = (False, job.run())
        except Exception:
            answer = (True, traceback.format_exc())
        pickle.dump(answer, answers)
        answers.flush()
        gc.collect()


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
