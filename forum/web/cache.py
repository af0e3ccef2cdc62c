"""Finished things kept in memory until what they were made from changes.

Every entry carries tags ("d:7" for a discussion, "sites"); a commit that touches a tag drops the entries that carry
it. Concurrent misses of one key are made once. A result whose tags were touched while it was being made is given to
those who waited and then forgotten, so nothing stale is ever kept.
"""

from __future__ import annotations

import asyncio
import sys
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
EVERYTHING = "*"
# Touched when somebody has been erased: nothing of them stays in memory either, not even unused.
ERASED = "erased"
# What a kept piece costs beside its own bytes: its key, its entry, its object.
PIECE_OVERHEAD = 400
# For this many keys it is remembered what they depended on last time.
MAX_TAGS_OF = 10_000
# Past this many remembered touches the oldest knowledge is folded into one floor.
MAX_TOUCHES = 50_000


@dataclass(frozen=True, slots=True)
class Made(Generic[T]):
    """A value to keep: what it depends on, and about how many bytes it holds. No tags: it is not kept."""

    value: T
    tags: frozenset[str]
    weight: int = 200


@dataclass(slots=True)
class _Flight:
    """A value being made, and the moment (on the cache's own clock) when its making began."""

    began: int
    result: asyncio.Future[Any]


class TaggedCache:
    """A bounded, least-recently-used store with invalidation by tag."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._entries: OrderedDict[Hashable, Made[Any]] = OrderedDict()
        self._by_tag: dict[str, set[Hashable]] = {}
        self._flights: dict[Hashable, _Flight] = {}
        # What keys depended on when they were last made, kept beyond their entries.
        self._tags_of: OrderedDict[Hashable, frozenset[str]] = OrderedDict()
        self._clock = 0
        self._touched: dict[str, int] = {}
        self._floor = 0
        self.hits = 0
        self.misses = 0

    def peek(self, key: Hashable) -> Any | None:
        """The kept value, or None. Costs two dictionary look-ups."""
        made = self._entries.get(key)
        if made is None:
            return None
        self._entries.move_to_end(key)
        self.hits += 1
        return made.value

    async def get(self, key: Hashable, make: Callable[[], Awaitable[Made[T]]]) -> T:
        """The kept value, or what `make` makes; several callers at once share one making."""
        while True:
            kept: T | None = self.peek(key)
            if kept is not None:
                return kept
            flight = self._flights.get(key)
            # One that began before a change that concerns it may show the state before: make anew.
            if flight is None or not self._is_current(key, flight):
                return await self._make(key, make)
            await asyncio.wait({flight.result})
            if not flight.result.cancelled():  # else its maker was cancelled, and we were not
                shared: T = flight.result.result()
                return shared

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[Made[T]]]) -> T:
        self.misses += 1
        flight = _Flight(self._clock, asyncio.get_running_loop().create_future())
        self._flights[key] = flight
        try:
            made = await make()
        except BaseException as error:
            _fail(flight.result, error)
            raise
        else:
            flight.result.set_result(made.value)
            if made.tags and self._fresh(made.tags, flight.began):
                self._keep(key, made)
            return made.value
        finally:
            if self._flights.get(key) is flight:
                del self._flights[key]

    def _is_current(self, key: Hashable, flight: _Flight) -> bool:
        """Whether nothing this key depended on last time has changed since; the first time, whether nothing has."""
        tags = self._tags_of.get(key)
        return flight.began == self._clock if tags is None else self._fresh(tags, flight.began)

    def _fresh(self, tags: frozenset[str], began: int) -> bool:
        if self._floor > began:
            return False
        return all(self._touched.get(tag, 0) <= began for tag in tags)

    def _keep(self, key: Hashable, made: Made[Any]) -> None:
        self._drop(key)
        if made.weight > self._max_bytes:
            return  # it would push out everything else, and then itself
        self._entries[key] = made
        self._bytes += made.weight
        self._tags_of[key] = made.tags
        self._tags_of.move_to_end(key)
        if len(self._tags_of) > MAX_TAGS_OF:
            self._tags_of.popitem(last=False)
        for tag in made.tags:
            self._by_tag.setdefault(tag, set()).add(key)
        while self._bytes > self._max_bytes and self._entries:
            self._drop(next(iter(self._entries)))

    def _drop(self, key: Hashable) -> None:
        made = self._entries.pop(key, None)
        if made is None:
            return
        self._bytes -= made.weight
        for tag in made.tags:
            keys = self._by_tag.get(tag)
            if keys is not None:
                keys.discard(key)
                if not keys:
                    del self._by_tag[tag]

    def invalidate(self, tags: Iterable[str]) -> None:
        """Forget everything that depends on any of these tags; "*" forgets everything."""
        self._clock += 1
        tags = set(tags)
        if ERASED in tags:
            self._tags_of.clear()  # its keys are addresses, and these may name somebody
        if EVERYTHING in tags or len(self._touched) > MAX_TOUCHES:
            self._floor = self._clock
            self._touched.clear()
            self._entries.clear()
            self._by_tag.clear()
            self._bytes = 0
            return
        for tag in tags:
            self._touched[tag] = self._clock
            for key in list(self._by_tag.get(tag, ())):
                self._drop(key)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def size(self) -> int:
        """About how many bytes are kept."""
        return self._bytes


def _fail(result: asyncio.Future[Any], error: BaseException) -> None:
    """Hand a failure to whoever waits, without complaint when nobody does."""
    if isinstance(error, Exception):
        result.set_exception(error)
        result.exception()
    else:
        result.cancel()


class Pieces:
    """Fragments kept by a key that changes whenever they would: nothing here is ever out of date, only unused."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._pieces: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def find(self, key: Hashable) -> Any | None:
        """The piece with this key, or None."""
        kept = self._pieces.get(key)
        if kept is None:
            return None
        self._pieces.move_to_end(key)
        return kept[0]

    def keep(self, key: Hashable, piece: T) -> T:
        """Keep a piece (text or bytes), in place of those that were wanted least recently."""
        weight = sys.getsizeof(piece) + PIECE_OVERHEAD
        replaced = self._pieces.pop(key, None)
        self._bytes += weight - (replaced[1] if replaced else 0)
        self._pieces[key] = (piece, weight)
        while self._bytes > self._max_bytes and self._pieces:
            self._bytes -= self._pieces.popitem(last=False)[1][1]
        return piece

    def hear(self, tags: Iterable[str]) -> None:
        """Forget everything once somebody has been erased."""
        if ERASED in set(tags):
            self._pieces.clear()
            self._bytes = 0
