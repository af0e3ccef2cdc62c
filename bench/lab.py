"""What every measurement shares: cores, generator, length of runs, the report it adds to."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.generator import Generator
from bench.load import Load, Outcome, Source
from bench.machine import Cores
from bench.process import Server
from bench.report import Report

READERS = 16


@dataclass(frozen=True, slots=True)
class Profile:
    """How long to measure: `rounds` runs of `seconds` each after `warm` seconds that do not count.

    `write_seconds` is the length of runs that only post, `first_reads` how many reads after a post make a
    run, `large` whether there is a database of a million comments.
    """

    rounds: int
    seconds: float
    warm: float
    write_seconds: float
    first_reads: int
    large: bool


FULL = Profile(rounds=3, seconds=2.0, warm=0.3, write_seconds=3.0, first_reads=40, large=True)
QUICK = Profile(rounds=3, seconds=0.4, warm=0.1, write_seconds=0.6, first_reads=12, large=False)


@dataclass(slots=True)
class Lab:
    """The circumstances of one run of the benchmarks."""

    cores: Cores
    generator: Generator
    directory: Path
    profile: Profile
    report: Report
    acknowledged: dict[str, list[int]] = field(default_factory=dict)
    _runs: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def next_run(self) -> int:
        """A number no other run of writes has, so that names, bodies and keys never repeat."""
        return next(self._runs)

    def acknowledge(self, database_url: str, ids: Sequence[int]) -> None:
        """Remember what the server said it has stored there; it is compared with the database at the end."""
        self.acknowledged.setdefault(database_url, []).extend(ids)

    def load(
        self, server: Server, source: Source, *, connections: int = READERS, seconds: float | None = None
    ) -> Outcome:
        """Put load on a server from the other core; wrong answers end up in the report."""
        length = self.profile.seconds if seconds is None else seconds
        outcome = self.generator.run(Load(server.port, source, connections, length, self.profile.warm))
        if outcome.wrong:
            self.report.wrong.append(f"{outcome.wrong} bad answers, the first: {outcome.first_wrong}")
        return outcome

    def rates(self, servers: Sequence[Server], sources: Sequence[Source]) -> list[list[float]]:
        """Answers per second of several servers, measured in turn `rounds` times: one list per server."""
        rates: list[list[float]] = [[] for _ in servers]
        for _ in range(self.profile.rounds):
            for index, (server, source) in enumerate(zip(servers, sources, strict=True)):
                rates[index].append(self.load(server, source).rate())
        return rates
