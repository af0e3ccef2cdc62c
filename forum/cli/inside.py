"""Do something with the running product's parts: the database and the outbound client of these settings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from forum.app import create_runtime, running
from forum.cli.output import explaining, read_settings, say
from forum.runtime import Runtime
from forum.serving.schema import require_schema

T = TypeVar("T")


def run(work: Callable[[Runtime], Awaitable[T]]) -> T:
    """What `work` returns; whatever stands in the way is said, and leaves the process with its exit code."""

    async def inside(rt: Runtime) -> T:
        async with running(rt, work=False):
            return await work(rt)

    with explaining():
        settings = read_settings()
        require_schema(settings, say)
        return asyncio.run(inside(create_runtime(settings, serving=False)))
    raise AssertionError("whatever goes wrong leaves the process")
