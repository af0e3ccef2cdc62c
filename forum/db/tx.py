"""The handle that queries get: run prepared statements, and say what changed."""

from __future__ import annotations

from typing import Any, Protocol

from forum.db.statements import Bound, Prepared, Row, Values

NO_VALUES: Values = {}


class Runner(Protocol):
    """What runs a bound statement: a connection of `databases`, or of one of our engines."""

    async def fetch_all(self, query: Any) -> list[Any]: ...

    async def execute(self, query: Any) -> Any: ...


class Tx:
    """A connection for reading, or a transaction for writing.

    Inside `db.write` nothing but these methods may be awaited: on SQLite the whole piece of work runs without ever
    suspending, and a piece that suspends is refused. A statement that fails there undoes the piece, even one whose
    error was caught: PostgreSQL can do nothing else, and SQLite follows.
    """

    __slots__ = ("_runner", "failed", "statements", "touched")

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self.statements: list[Prepared] = []
        self.touched: set[str] = set()
        self.failed: Exception | None = None

    async def fetch_all(self, prepared: Prepared, values: Values = NO_VALUES) -> list[Row]:
        """All rows."""
        self.statements.append(prepared)
        try:
            return await self._runner.fetch_all(Bound(prepared, values))
        except Exception as error:
            self.failed = self.failed or error
            raise

    async def fetch_one(self, prepared: Prepared, values: Values = NO_VALUES) -> Row | None:
        """The first row, or None."""
        rows = await self.fetch_all(prepared, values)
        return rows[0] if rows else None

    async def fetch_val(self, prepared: Prepared, values: Values = NO_VALUES) -> Any:
        """The first column of the first row, or None."""
        row = await self.fetch_one(prepared, values)
        return None if row is None else row[0]

    async def execute(self, prepared: Prepared, values: Values = NO_VALUES) -> int:
        """Run a statement that returns no rows; answers how many rows it changed."""
        self.statements.append(prepared)
        try:
            changed: int = await self._runner.execute(Bound(prepared, values))
        except Exception as error:
            self.failed = self.failed or error
            raise
        return changed

    def touch(self, *tags: str) -> None:
        """Name what this transaction changes ("d:7"); told to all serving processes once it is committed."""
        self.touched.update(tags)

    def require_sound(self) -> None:
        """Raise the first statement's failure, if there was one."""
        if self.failed is not None:
            raise self.failed
