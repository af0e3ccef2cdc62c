"""What the readers of series have in common: codes of episodes, where specials go, which seasons are whole."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from forum.spoilers.catalogue.drafts import DraftUnit
from forum.spoilers.model import EVERYWHERE, NEVER, Group

_OTHER: Final = re.compile(r"[^a-z0-9]+")
_APOSTROPHE: Final = re.compile("['\u2019]")


def slug(title: str) -> str:
    """An id made of a title: "Marvel's Jessica Jones" is "marvels-jessica-jones". May be empty."""
    folded = unicodedata.normalize("NFKD", _APOSTROPHE.sub("", title)).casefold()
    letters = "".join(character for character in folded if not unicodedata.combining(character))
    return _OTHER.sub("-", letters).strip("-")[:100].rstrip("-")


@dataclass(frozen=True, slots=True)
class Episode:
    """An episode as sources describe it. `number` is None for a special that has none.

    `special`: it stands beside the chain. `significant`: a special that stands in it, at its time.
    """

    season: int
    number: int | None
    at: datetime | None
    ext: Mapping[str, str]
    place: str
    special: bool = False
    significant: bool = False
    last: bool = False

    @property
    def regular(self) -> bool:
        """Whether it is numbered and in the chain."""
        return self.season > 0 and self.number is not None and not self.special and not self.significant


def season_code(number: int) -> str:
    """How a season is called."""
    return f"S{number}"


def units_of(episodes: Iterable[Episode]) -> tuple[DraftUnit, ...]:
    """The units in the order of the chain, branch units after them."""
    everything = list(episodes)
    # Equal times leave the order of the file.
    codes = _codes(everything)
    chain = sorted((episode for episode in everything if episode.regular), key=_numbered)
    for special in sorted((e for e in everything if e.significant), key=_timed):
        chain.insert(_place_of(special, chain), special)
    branch = [episode for episode in everything if not episode.regular and not episode.significant]
    return tuple(_unit(episode, codes[id(episode)]) for episode in [*chain, *branch])


def groups_of(episodes: Iterable[Episode], planned: Mapping[int, int | None]) -> tuple[Group, ...]:
    """The seasons; `planned` says how many regular episodes each one has, where somebody knows.

    Where nobody does, a season is whole when its last episode is marked, or when a later one has episodes.
    """
    everything = list(episodes)
    regular: dict[int, list[Episode]] = {}
    for episode in everything:
        if episode.regular:
            regular.setdefault(episode.season, []).append(episode)
    found = []
    for season in sorted({*regular, *(number for number in planned if number > 0)}):
        expected = planned.get(season) or _ended(regular.get(season, []), later=season < max(regular, default=0))
        if expected is not None:
            expected += sum(e.significant and e.season == season for e in everything)
        found.append(Group(season_code(season), expected=expected))
    return tuple(found)


def _ended(episodes: list[Episode], *, later: bool) -> int | None:
    """How many episodes a season has that is over; more than there are when numbers are left out."""
    if not episodes or not (later or any(episode.last for episode in episodes)):
        return None
    return max(len(episodes), *(episode.number or 0 for episode in episodes))


def _codes(episodes: list[Episode]) -> dict[int, str]:
    """The code of each episode, by its identity here."""
    codes: dict[int, str] = {}
    specials: dict[int, list[Episode]] = {}
    for episode in episodes:
        if episode.number is not None and not episode.significant and (episode.regular or episode.season == 0):
            codes[id(episode)] = f"S{episode.season}E{episode.number}"
        else:
            specials.setdefault(episode.season, []).append(episode)
    for season, several in specials.items():
        for number, episode in enumerate(sorted(several, key=_timed), 1):
            codes[id(episode)] = f"S{season}SP{number}"
    return codes


def _numbered(episode: Episode) -> tuple[int, int]:
    return episode.season, episode.number or 0


def _timed(episode: Episode) -> tuple[int, bool, float]:
    """By season and time; what has no time goes last."""
    return episode.season, episode.at is None, episode.at.timestamp() if episode.at else 0.0


def _place_of(special: Episode, chain: list[Episode]) -> int:
    """Behind everything of earlier seasons, and of its own what came out no later."""
    place = 0
    for number, episode in enumerate(chain, 1):
        earlier = episode.season < special.season
        before = special.at is None or (episode.at is not None and episode.at <= special.at)
        if earlier or (episode.season == special.season and before):
            place = number
    return place


def _unit(episode: Episode, code: str) -> DraftUnit:
    return DraftUnit(
        code=code,
        group=season_code(episode.season) if episode.season > 0 else None,
        branch=not (episode.regular or episode.significant),
        released={EVERYWHERE: episode.at} if episode.at else NEVER,
        ext=episode.ext,
        place=episode.place,
    )
