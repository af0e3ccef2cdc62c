"""Labels of spoilers as people write them: "JJ S1E13 + Civil War #7", "spoilers for the Civil War film".

    label = point *( ( "+" | ";" | "," | "&" | "and" ) point )
    point = [ "spoilers for" ] work [ kind ] [ unit ]  |  unit "of" work  |  unit

A name may hold anything, joining words and numbers too: the longest known one is tried first. What is no point of a
known work is kept as a part that names nothing, so that the label asks for more and never for less.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Protocol

from forum.spoilers.model import Kind
from forum.spoilers.names import normalise
from forum.spoilers.refs import Ref, Sort, read_code, read_ref

MOST_CHARACTERS: Final = 200
MOST_PARTS: Final = 12


class Names(Protocol):
    """What a label is read with: which works go by a name, and which ids there are."""

    def called(self, norm: str) -> tuple[str, ...]: ...

    def has(self, work_id: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Part:
    """One point of a label: the works its name may mean, kinds that were named, a unit, a year.

    No works, but a unit: a unit of whatever the label or the discussion is about. Neither: nobody knows.
    """

    text: str
    works: tuple[str, ...] = ()
    kinds: frozenset[Kind] = frozenset()
    ref: Ref | None = None
    year: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedLabel:
    """The parts of a label, at least one of which names something."""

    parts: tuple[Part, ...]

    @property
    def names_works(self) -> bool:
        """Whether any part names a work."""
        return any(part.works for part in self.parts)

    @property
    def is_units(self) -> bool:
        """Whether it is nothing but units, of a work that goes without saying."""
        return all(part.ref is not None and not part.works for part in self.parts)


_KINDS: Final = {
    Kind.COMIC: r"comics?(?:\s?books?)?|graphic novels?|manga",
    Kind.FILM: r"films?|movies?",
    Kind.TV: r"tv(?:[\s-](?:show|series))?|shows?|series|anime",
    Kind.BOOK: r"books?|novels?",
    Kind.GAME: r"(?:video\s?)?games?",
    Kind.PODCAST: r"podcasts?",
}
_KIND: Final = re.compile(
    "|".join(rf"(?P<{kind.value}>\b(?:{words})\b)" for kind, words in _KINDS.items()), re.IGNORECASE
)
_JOIN: Final = re.compile(r"[+;,&]|\band\b", re.IGNORECASE)
_BETWEEN: Final = re.compile(r"[\s:,.()\[\]{}\"'“”‘’–—_*!-]*")
_FILL: Final = (
    r"(?:spoilers?|major|minor|big|mild|full|all|whole|entire|complete|for|about|of|from|in|up|to|through|until|till"
    r"|end|ending|finale|the)\b"
)
_FILLER: Final = re.compile(_FILL, re.IGNORECASE)
_LEADING: Final = re.compile(rf"(?:\W*{_FILL})+[\s:,–—-]*", re.IGNORECASE)
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}(?!\w)")
# Where a name may end: behind a letter or digit that none follows, or behind a sign that does not begin a number.
_EDGE: Final = re.compile(r"(?<=\w)(?!\w)|(?<=[^\w\s#])")


def parse_label(text: str, names: Names) -> ParsedLabel | None:
    """The parts of a label; None when no part of it names a work or a unit."""
    if len(text) > MOST_CHARACTERS:
        return None
    cuts = [(match.start(), match.end()) for match in _JOIN.finditer(text)]
    if len(cuts) >= MOST_PARTS * 2:
        return None
    begins = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text)]
    parts: list[Part] = []
    first = 0
    while first < len(begins):
        part, last = _longest(text, begins, ends, first, names)
        parts.append(part)
        first = last + 1
    known = any(part.works or part.ref for part in parts)
    return ParsedLabel(tuple(parts)) if known and len(parts) <= MOST_PARTS else None


def _longest(text: str, begins: list[int], ends: list[int], first: int, names: Names) -> tuple[Part, int]:
    """The part that begins at a joint, over as many joints as make sense, and the last joint it takes."""
    for last in range(len(ends) - 1, first - 1, -1):
        piece = text[begins[first] : ends[last]].strip()
        part = _read_part(piece, names)
        if part is not None:
            return part, last
    return Part(text[begins[first] : ends[first]].strip()), first


def _read_part(text: str, names: Names) -> Part | None:
    whole = _named(text, names)
    if whole is not None:
        return whole
    leading = _LEADING.match(text)
    rest = text[leading.end() :] if leading else text
    part = (_named(rest, names) if leading else None) or _turned(rest, names) or _bare(rest)
    return None if part is None else replace(part, text=text)


def _named(text: str, names: Names) -> Part | None:
    """A work, by the longest name that leaves something readable behind it."""
    for cut in reversed([match.end() for match in _EDGE.finditer(text)]):
        name = text[:cut]
        works = names.called(normalise(name))
        if not works and names.has(name.strip()):
            works = (name.strip(),)
        tail = _tail(text, cut) if works else None
        if tail is not None:
            return replace(tail, works=works)
    return None


def _turned(text: str, names: Names) -> Part | None:
    """A unit or a kind of work before the name: "issue 7 of Civil War", "the comic Civil War"."""
    kind = _KIND.match(text)
    read = read_ref(text)
    if read is None and kind is None:
        return None
    end = read[1] if read else kind.end() if kind else 0
    leading = _LEADING.match(text, end)
    rest = text[leading.end() if leading else end :].lstrip(" :,–—-")
    part = _named(rest, names) or _turned(rest, names)
    if part is None or (read and part.ref):
        return None
    if read:
        return replace(part, ref=read[0])
    return replace(part, kinds=part.kinds | _kinds(kind))


def _bare(text: str) -> Part | None:
    """A unit alone, with a kind of work at most: "S1E13", "comic #7"."""
    tail = _tail(text, 0)
    return tail if tail is not None and tail.ref is not None and tail.ref.sort is not Sort.CODE else None


def _tail(text: str, position: int) -> Part | None:
    """What stands behind a name, which must be readable to its end; None when it is not."""
    part = Part(text)
    while True:
        gap = _BETWEEN.match(text, position)
        position = gap.end() if gap else position
        if position >= len(text):
            return part
        if read := _further(part.ref, text, position):
            part, position = replace(part, ref=read[0]), read[1]
        elif kind := _KIND.match(text, position):
            part, position = replace(part, kinds=part.kinds | _kinds(kind)), kind.end()
        elif word := _FILLER.match(text, position):
            position = word.end()
        elif year := None if part.year else _YEAR.match(text, position):
            part, position = replace(part, year=year[0]), year.end()
        elif read := None if part.ref else read_code(text, position):
            part, position = replace(part, ref=read[0]), read[1]
        else:
            return None


def _further(ref: Ref | None, text: str, position: int) -> tuple[Ref, int] | None:
    """The reference at a position; behind a volume or season, the number in it ("vol. 2 #4")."""
    read = read_ref(text, position)
    if ref is None or read is None:
        return read
    number, end = read
    if ref.number is not None or number.group is not None:
        return None
    return replace(number, text=ref.text + number.text, group=ref.group), end


def _kinds(match: re.Match[str] | None) -> frozenset[Kind]:
    return frozenset() if match is None or match.lastgroup is None else frozenset({Kind(match.lastgroup)})
