"""How much one person, and one network, may do in a time. The `limits` library counts."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.aio.storage import Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.storage import storage_from_string

from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.errors import TooManyRequests


@dataclass(frozen=True, slots=True)
class Rule:
    """A named limit: for one person (by capability, or by network while they have none) and for a whole network."""

    name: str
    person: str
    network: str


POST = Rule("post", person="10/minute", network="60/minute")
EDIT = Rule("edit", person="30/minute", network="120/minute")
PREVIEW = Rule("preview", person="60/minute", network="240/minute")
# A page asks once for everything its reader has cleared, and once for each cover they press.
REVEAL = Rule("reveal", person="120/minute", network="600/minute")
FLAG = Rule("flag", person="20/minute", network="60/minute")
ANNOUNCE = Rule("announce", person="30/minute", network="60/minute")
PUBLISH = Rule("publish", person="600/minute", network="600/minute")
CATALOGUE = Rule("catalogue", person="30/minute", network="60/minute")


class Limiter:
    """Counts what visitors do. Off, it lets everything pass."""

    def __init__(self, storage_url: str, *, enabled: bool) -> None:
        self.enabled = enabled
        scheme, separator, rest = storage_url.partition("://")
        storage = storage_from_string(f"async+{scheme}{separator}{rest}")
        if not isinstance(storage, Storage):
            raise TypeError("rate limits need an asynchronous storage")
        self._strategy = SlidingWindowCounterRateLimiter(storage)
        self._parsed: dict[str, RateLimitItem] = {}

    async def check(self, rule: Rule, visitor: Visitor) -> None:
        """Count one act; raises TooManyRequests (with the seconds to wait) once a limit is reached."""
        if not self.enabled:
            return
        person = f"token:{visitor.token[:32]}" if visitor.token else f"network:{visitor.network}"
        for scope, text, who in (("person", rule.person, person), ("network", rule.network, visitor.network)):
            item = self._item(text)
            if not await self._strategy.hit(item, rule.name, scope, who):
                stats = await self._strategy.get_window_stats(item, rule.name, scope, who)
                wait = max(math.ceil(stats.reset_time - time.time()), 1)
                detail = N_("That was a lot in a short time. Your text is kept; try again in %(seconds)d seconds.")
                raise TooManyRequests(detail=detail, retry_after=wait, seconds=wait)

    def _item(self, text: str) -> RateLimitItem:
        if text not in self._parsed:
            self._parsed[text] = parse(text)
        return self._parsed[text]
