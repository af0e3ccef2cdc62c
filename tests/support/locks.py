"""Who waits for whom in PostgreSQL: for tests in which one writer must come upon another in the middle of its work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from sqlalchemy import column, select, table

from forum.db import Prepared
from tests.support.app import House

_ACTIVITY = table("pg_stat_activity", column("pid"), column("wait_event_type"))
_WAITING: Final = Prepared(select(_ACTIVITY.c.pid).where(_ACTIVITY.c.wait_event_type == "Lock"))


async def somebody_waits(house: House) -> bool:
    """Whether a transaction waits for another one at this moment."""
    async with house.rt.db.read(fresh=True) as tx:
        return bool(await tx.fetch_all(_WAITING))


async def done_or_waiting(house: House, task: asyncio.Task[Any]) -> None:
    """Until a task has ended, or comes no further because of a lock."""
    while not task.done() and not await somebody_waits(house):
        pass


@dataclass(slots=True)
class Halt:
    """A place in the code where the first who gets there stops: `reached` says so, `go_on` lets them go."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)


def halted(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> Halt:
    """Make the first call of a function wait before it does anything."""
    halt = Halt()
    go: Callable[..., Awaitable[Any]] = getattr(module, name)

    async def slowly(*given: Any, **named: Any) -> Any:
        if not halt.reached.is_set():
            halt.reached.set()
            await halt.go_on.wait()
        return await go(*given, **named)

    monkeypatch.setattr(module, name, slowly)
    return halt
