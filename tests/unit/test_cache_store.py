"""The store of finished things: nothing stale is kept, one making for many, bounds, failures, cancellation."""

import asyncio
import sys
from collections.abc import Awaitable, Callable

import pytest

from forum.web import cache as cache_module
from forum.web.cache import PIECE_OVERHEAD, Made, Pieces, TaggedCache

pytestmark = pytest.mark.anyio
Make = Callable[[], Awaitable[Made[str]]]


def made(value: str, *tags: str, weight: int = 10) -> Make:
    async def make() -> Made[str]:
        return Made(value, frozenset(tags), weight)

    return make


async def refuse() -> Made[str]:
    raise AssertionError("made although it is kept")


class Workshop:
    """A making that ends when the test says so, and counts how often it began."""

    def __init__(self, *tags: str) -> None:
        self.tags = frozenset(tags)
        self.state = "old"
        self.begun = 0
        self.began = asyncio.Event()
        self.finish = asyncio.Event()

    async def make(self) -> Made[str]:
        seen, self.begun = self.state, self.begun + 1
        self.began.set()
        await self.finish.wait()
        return Made(seen, self.tags)


async def settle() -> None:
    """Let every task that can run do so."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_was_made_is_kept() -> None:
    cache = TaggedCache(1_000)
    assert await cache.get("k", made("v", "d:1")) == "v"
    assert await cache.get("k", refuse) == "v"
    assert cache.peek("k") == "v"
    assert cache.peek("other") is None
    assert (len(cache), cache.size, cache.misses) == (1, 10, 1)


async def test_a_touched_tag_forgets_what_carries_it() -> None:
    cache = TaggedCache(1_000)
    await cache.get("a", made("1", "d:1", "sites"))
    await cache.get("b", made("1", "d:2", "sites"))
    cache.invalidate({"d:1"})
    assert cache.peek("a") is None
    assert cache.peek("b") == "1"
    cache.invalidate({"sites"})
    assert (len(cache), cache.size) == (0, 0)


async def test_a_star_forgets_everything() -> None:
    cache = TaggedCache(1_000)
    await cache.get("a", made("1", "d:1"))
    cache.invalidate({"*"})
    assert (len(cache), cache.size) == (0, 0)
    assert await cache.get("a", made("2", "d:1")) == "2"
    assert cache.peek("a") == "2"


async def test_a_value_without_tags_is_not_kept() -> None:
    cache = TaggedCache(1_000)
    assert await cache.get("a", made("1")) == "1"
    assert cache.peek("a") is None


async def test_concurrent_misses_share_one_making() -> None:
    cache, shop = TaggedCache(10_000), Workshop("d:1")
    callers = [asyncio.create_task(cache.get("k", shop.make)) for _ in range(20)]
    await shop.began.wait()
    shop.finish.set()
    assert await asyncio.gather(*callers) == ["old"] * 20
    assert shop.begun == 1


@pytest.mark.parametrize("tag", ["d:1", "*"])
async def test_what_changed_while_it_was_made_is_not_kept(tag: str) -> None:
    cache, shop = TaggedCache(10_000), Workshop("d:1")
    caller = asyncio.create_task(cache.get("k", shop.make))
    await shop.began.wait()
    cache.invalidate({tag})
    shop.finish.set()
    assert await caller == "old"
    assert cache.peek("k") is None


async def test_an_unrelated_change_does_not_spoil_a_making() -> None:
    cache, shop = TaggedCache(10_000), Workshop("d:1")
    caller = asyncio.create_task(cache.get("k", shop.make))
    await shop.began.wait()
    cache.invalidate({"d:2"})
    shop.finish.set()
    assert await caller == cache.peek("k") == "old"


async def test_a_change_elsewhere_does_not_end_the_sharing() -> None:
    cache = TaggedCache(1_000)
    await cache.get("k", made("first", "d:1"))  # from now on it is known what the key depends on
    cache.invalidate({"d:1"})
    shop = Workshop("d:1")
    one = asyncio.create_task(cache.get("k", shop.make))
    await shop.began.wait()
    cache.invalidate({"d:2"})
    other = asyncio.create_task(cache.get("k", refuse))
    await settle()
    shop.finish.set()
    assert (await one, await other) == ("old", "old")
    assert shop.begun == 1


async def test_who_asks_after_a_change_never_gets_what_was_begun_before_it() -> None:
    cache, early, late = TaggedCache(10_000), Workshop("d:1"), Workshop("d:1")
    before = asyncio.create_task(cache.get("k", early.make))
    await early.began.wait()
    late.state = "new"
    cache.invalidate({"d:1"})
    after = asyncio.create_task(cache.get("k", late.make))
    await late.began.wait()
    late.finish.set()
    assert await after == "new"
    early.finish.set()
    assert await before == "old"
    assert cache.peek("k") == "new"


async def test_a_slow_old_making_does_not_overwrite_nor_end_a_newer_one() -> None:
    cache, early, late = TaggedCache(10_000), Workshop("d:1"), Workshop("d:1")
    late.state = "new"
    before = asyncio.create_task(cache.get("k", early.make))
    await early.began.wait()
    cache.invalidate({"d:1"})
    after = asyncio.create_task(cache.get("k", late.make))
    await late.began.wait()
    early.finish.set()
    assert await before == "old"
    assert cache.peek("k") is None
    third = asyncio.create_task(cache.get("k", refuse))  # joins the newer making
    await settle()
    late.finish.set()
    assert await after == await third == cache.peek("k") == "new"


async def test_a_failure_reaches_everyone_and_is_not_kept() -> None:
    cache = TaggedCache(1_000)
    begin = asyncio.Event()

    async def fail() -> Made[str]:
        await begin.wait()
        raise LookupError("gone")

    callers = [asyncio.create_task(cache.get("k", fail)) for _ in range(3)]
    await settle()
    begin.set()
    answers = await asyncio.gather(*callers, return_exceptions=True)
    assert [type(answer) for answer in answers] == [LookupError] * 3
    assert await cache.get("k", made("v", "d:1")) == "v"


async def test_a_failure_nobody_else_waits_for_is_silent() -> None:
    cache = TaggedCache(1_000)

    async def fail() -> Made[str]:
        raise LookupError("gone")

    with pytest.raises(LookupError):
        await cache.get("k", fail)
    assert not cache._flights


async def test_when_the_maker_is_cancelled_somebody_else_makes() -> None:
    cache, shop = TaggedCache(10_000), Workshop("d:1")
    maker = asyncio.create_task(cache.get("k", shop.make))
    await shop.began.wait()
    waiting = [asyncio.create_task(cache.get("k", shop.make)) for _ in range(3)]
    await settle()
    maker.cancel()
    shop.finish.set()
    assert await asyncio.gather(*waiting) == ["old"] * 3
    assert maker.cancelled()
    assert shop.begun == 2


async def test_one_who_stops_waiting_disturbs_nobody() -> None:
    cache, shop = TaggedCache(10_000), Workshop("d:1")
    maker = asyncio.create_task(cache.get("k", shop.make))
    await shop.began.wait()
    leaving, staying = (asyncio.create_task(cache.get("k", shop.make)) for _ in range(2))
    await settle()
    leaving.cancel()
    await settle()
    shop.finish.set()
    assert await maker == await staying == "old"
    assert leaving.cancelled()


async def test_the_least_recently_used_goes_first() -> None:
    cache = TaggedCache(30)
    for key in "abc":
        await cache.get(key, made(key, f"d:{key}"))
    cache.peek("a")
    await cache.get("d", made("d", "d:d"))
    assert [key for key in "abcd" if cache.peek(key)] == ["a", "c", "d"]
    assert cache.size == 30
    assert set(cache._by_tag) == {"d:a", "d:c", "d:d"}


async def test_what_is_larger_than_the_store_pushes_nothing_out() -> None:
    cache = TaggedCache(30)
    await cache.get("a", made("a", "d:1"))
    assert await cache.get("huge", made("huge", "d:1", weight=31)) == "huge"
    assert cache.peek("a") == "a"
    assert cache.peek("huge") is None


async def test_what_is_known_about_touches_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "MAX_TOUCHES", 10)
    cache, shop = TaggedCache(10_000), Workshop("d:1")
    caller = asyncio.create_task(cache.get("k", shop.make))
    await shop.began.wait()
    cache.invalidate({"d:1"})
    for number in range(2, 20):
        cache.invalidate({f"d:{number}"})
    assert len(cache._touched) <= 11
    shop.finish.set()
    assert await caller == "old"
    assert cache.peek("k") is None  # the floor remembers what the tags no longer say


def test_pieces_are_kept_and_bounded() -> None:
    pieces = Pieces(2 * (sys.getsizeof("1") + PIECE_OVERHEAD))
    assert pieces.find("a") is None
    assert pieces.keep("a", "1") == "1"
    pieces.keep("b", "2")
    assert pieces.find("a") == "1"
    pieces.keep("c", "3")
    assert [pieces.find(key) for key in "abc"] == ["1", None, "3"]  # "b" was wanted least recently


def test_empty_pieces_are_pieces() -> None:
    pieces = Pieces(1_000)
    pieces.keep("a", "")
    assert pieces.find("a") == ""
