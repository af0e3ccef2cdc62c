"""Made-up comments for the spam filter: what people write below an article, and what spammers do, in endless variety.

Everything is drawn from a seeded generator, so that a figure is the same each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

_WHO: Final = [
    "the director",
    "the author",
    "my sister",
    "Captain Ines",
    "the whole crew",
    "that goat",
    "the editor",
    "nobody",
    "the band",
]
_WHAT: Final = [
    "the lighthouse scene",
    "episode four",
    "the last chapter",
    "the soundtrack",
    "the map on page nine",
    "the duel",
    "the ending",
    "the new translation",
    "the trailer",
    "season two",
    "the interview",
    "the cover art",
    "that cameo",
    "the finale",
]
_DID: Final = [
    "ruined",
    "saved",
    "forgot",
    "explained",
    "stole",
    "rewrote",
    "carried",
    "deserved",
    "changed",
    "spoiled",
    "loved",
    "misread",
]
_HOW: Final = [
    "and I am still not over it",
    "although the book did it better",
    "which nobody talks about",
    "and that is fine by me",
    "because the budget ran out",
    "so I watched it twice",
    "if you ask me",
    "and the money shows on screen",
    "see https://wiki.example/lighthouse for the map",
    "for free on the library's app",
    "and my order arrives in May",
    "at 9:30 on Friday",
    "even though tickets cost $40",
    "unlike what the review says",
]
_START: Final = [
    "Honestly,",
    "I think",
    "Sorry but",
    "Wait,",
    "Unpopular opinion:",
    "So",
    "As a fan of the comics,",
    "No:",
    "Well,",
    "",
]

_PITCH: Final = (
    ["earn", "make", "win", "get", "collect", "double"],
    [
        "$500 a day",
        "free spins",
        "a casino bonus",
        "cheap replica watches",
        "instant crypto profit",
        "a payday loan",
        "weight loss pills",
        "unlimited followers",
        "forex signals",
        "a guaranteed income",
    ],
    [
        "from home",
        "with no risk",
        "in 24 hours",
        "today only",
        "without a bank",
        "like my cousin did",
        "no questions asked",
        "working online",
    ],
    [
        "click here",
        "visit my site",
        "message me now",
        "write on whatsapp",
        "join the channel",
        "order now",
        "sign up here",
    ],
)
_SHOPS: Final = ["best-bonus", "pills4less", "crypto-wins", "watch-outlet", "loans-now", "followers-up", "spin-city"]
_ENDS: Final = ["top", "xyz", "click", "shop", "online"]


@dataclass(frozen=True, slots=True)
class Written:
    """A made-up comment: its Markdown, and whether moderators would call it spam."""

    body: str
    is_spam: bool


def written(count: int, *, seed: int = 7, spam: float = 0.4) -> Iterator[Written]:
    """So many comments in an order like life's, this share of them spam."""
    random = Random(seed)
    for _ in range(count):
        is_spam = random.random() < spam
        yield Written(_spam(random) if is_spam else _talk(random), is_spam)


def _talk(random: Random) -> str:
    def sentence() -> str:
        parts = (_START, _WHO, _DID, _WHAT, _HOW)
        return " ".join(random.choice(part) for part in parts).strip() + random.choice([".", "!", "?", "…"])

    return " ".join(sentence() for _ in range(random.randint(1, 4)))


def _spam(random: Random) -> str:
    pitch = " ".join(random.choice(part) for part in _PITCH)
    address = (
        f"https://{random.choice(_SHOPS)}{random.randint(1, 40)}.{random.choice(_ENDS)}/{random.randint(100, 999)}"
    )
    # Some of them talk about the article first.
    before = f"{_talk(random)} " if random.random() < 0.3 else ""
    text = (
        f"{before}{pitch} {address}"
        if random.random() < 0.8
        else f"{before}{pitch}, ask +1 555 {random.randint(1_000_000, 9_999_999)}"
    )
    return text.upper() if random.random() < 0.15 else text
