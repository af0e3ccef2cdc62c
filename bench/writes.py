"""The reference for writing: plain `sqlite3` inserts of a comment-sized row, WAL, `synchronous=FULL`."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

BATCH = 50


@dataclass(frozen=True, slots=True)
class SqliteInserts:
    """Insert rows for `seconds`; `batch` rows to a commit. The result is rows per second."""

    directory: str
    seconds: float
    batch: int = 1

    def run(self) -> float:
        """Make the run in this process, in a database of its own."""
        path = Path(self.directory) / "plain.db"
        link = sqlite3.connect(path, isolation_level=None)
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL"):
                link.execute(f"PRAGMA {pragma}")
            link.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, body TEXT NOT NULL, html TEXT NOT NULL)")
            return self._insert(link)
        finally:
            link.close()
            for leftover in path.parent.glob("plain.db*"):
                leftover.unlink()

    def _insert(self, link: sqlite3.Connection) -> float:
        text = "word " * 70
        done = 0
        began = time.perf_counter()
        while (spent := time.perf_counter() - began) < self.seconds:
            link.execute("BEGIN IMMEDIATE")
            for _ in range(self.batch):
                link.execute("INSERT INTO row (body, html) VALUES (?, ?)", (text, text))
            link.execute("COMMIT")
            done += self.batch
        return done / spent
