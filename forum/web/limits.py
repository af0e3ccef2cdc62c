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
    """A named limit: for one person and for a whole network.

    A person is an account or the capability of a guest. Whoever has neither is their whole network, which is held to
    what one person may do; `crowd` says that it is not: nobody has either yet who signs in, in an office or at a school
    too.
    """

    name: str
    person: str
    network: str
    crowd: bool = False


POST = Rule("post", person="10/minute", network="60/minute")
EDIT = Rule("edit", person="30/minute", network="120/minute")
PREVIEW = Rule("preview", person="60/minute", network="240/minute")
# A page asks once for everything its reader has cleared, and once for each cover they press.
REVEAL = Rule("reveal", person="120/minute", network="600/minute")
FLAG = Rule("flag", person="20/minute", network="60/minute")
ANNOUNCE = Rule("announce", person="30/minute", network="60/minute")
PUBLISH = Rule("publish", person="600/minute", network="600/minute")
CATALOGUE = Rule("catalogue", person="30/minute", network="60/minute")
# Whatever makes this server send mail. Each address has limits of its own beside (`accounts.signin.service_mail`).
MAIL = Rule("mail", person="5/10minutes", network="30/hour", crowd=True)
# Codes, links, passkeys, hand-offs, publishers' tokens: everything that ends in a session.
SIGN_IN = Rule("sign-in", person="30/10minutes", network="300/10minutes", crowd=True)
# A moderator at the keyboard: a page, a claim and a verdict for each comment.
MODERATE = Rule("moderate", person="600/minute", network="1200/minute")
# Rules tried on thousands of comments.
DRY_RUN = Rule("dry-run", person="10/5minutes", network="20/5minutes")
ACCOUNT = Rule("account", person="60/minute", network="240/minute")


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
        counted = [("network", rule.network, visitor.network)]
        if visitor.counts_as is not None or not rule.crowd:
            counted.insert(0, ("person", rule.person, visitor.counts_as or f"network:{visitor.network}"))
        for scope, text, who in counted:
            wait = await self._wait(text, rule.name, scope, who)
            if wait:
                detail = N_("That was a lot in a short time. Your text is kept; try again in %(seconds)d seconds.")
                raise TooManyRequests(detail=detail, retry_after=wait, seconds=wait)

    async def may(self, name: str, limit: str, who: str) -> bool:
        """Count one act against something that is no visitor (an address that gets mail); whether it may happen."""
        return not await self.wait(name, limit, who)

    async def wait(self, name: str, limit: str, who: str) -> int:
        """The same: the seconds until it may happen, 0 when it may now."""
        return await self._wait(limit, name, who) if self.enabled else 0

    async def _wait(self, limit: str, *what: str) -> int:
        item = self._item(limit)
        if await self._strategy.hit(item, *what):
            return 0
        stats = await self._strategy.get_window_stats(item, *what)
        return max(math.ceil(stats.reset_time - time.time()), 1)

    def _item(self, text: str) -> RateLimitItem:
        if text not in self._parsed:
            self._parsed[text] = parse(text)
        return self._parsed[text]
