"""Parts of works as people write them: S1E13, s1 e13, 1x13, season 1 episode 13, season 2, #7, issue 7, ch. 3."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final


class Sort(StrEnum):
    """What sort of part a reference names. CODE: a word with a digit in it, which may be a unit's code."""

    EPISODE = "episode"
    ISSUE = "issue"
    CHAPTER = "chapter"
    SEASON = "season"
    VOLUME = "volume"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Ref:
    """A part that somebody named: `number` is a unit's, `group` a season's or volume's; canonical ("7", "3.5", "1b").

    `text` is what was written.
    """

    sort: Sort
    text: str
    group: str | None = None
    number: str | None = None


_WORDS: Final = {
    **{"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6"},
    **{"seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12"},
}
_WORD: Final = "|".join(sorted(_WORDS, key=len, reverse=True))
_GROUP: Final = rf"(?:[0-9]{{1,4}}|(?:{_WORD})(?![^\W\d_]))"
_NUMBER: Final = rf"(?:[0-9]{{1,5}}(?:\.[0-9]{{1,3}})?[a-z]?(?!\w)|(?:{_WORD})(?!\w))"
# Not the "s" or "e" of another word, nor of a contraction.
_ALONE: Final = r"(?<![\w'’])"
_EPISODE: Final = r"(?:episodes?|eps?|e)\.?"
_REF: Final = re.compile(
    rf"(?=[0-9#sveanpci])(?:{_ALONE}(?:seasons?|series|s)\.?\s{{0,3}}(?P<s1>{_GROUP})[\s,.:·–—-]{{0,3}}{_EPISODE}\s{{0,3}}#?(?P<e1>{_NUMBER})"
    rf"|(?<![\w.])(?P<s2>[0-9]{{1,4}})\s?[x×]\s?(?P<e2>{_NUMBER})"
    rf"|{_ALONE}(?:seasons?|series|s)\.?\s{{0,3}}#?(?P<season>{_GROUP})(?!\w)"
    rf"|{_ALONE}(?:volumes?|vols?|v|arc|part)\.?\s{{0,3}}#?(?P<volume>{_GROUP})(?!\w)"
    rf"|{_ALONE}(?:chapters?|chs?)\.?\s{{0,3}}#?(?P<chapter>{_NUMBER})"
    rf"|{_ALONE}{_EPISODE}\s{{0,3}}#?(?P<episode>{_NUMBER})"
    rf"|(?:#|{_ALONE}(?:issues?|nos?|nr|numbers?)\.?)\s{{0,3}}#?(?P<issue>{_NUMBER}))",
    re.IGNORECASE,
)
_ANY_NUMBER: Final = re.compile(rf"[0-9]|\b(?:{_WORD})\b", re.IGNORECASE)
# Nobody wants to hear of more in one text.
MOST: Final = 200
# Clear behind the name of a work; in running text mostly something else.
_DOUBTFUL: Final = re.compile(r"[sev]\s|e[0-9]|v[0-9]|part|arc|num|nr|nos?\s|[0-9]+(?:\s?[x×]\s|\s[x×])", re.IGNORECASE)
_TO: Final = re.compile(
    rf"\s{{0,3}}(?:-|–|—|\b(?:to|thru|through)\b)\s{{0,3}}(?:#?(?P<number>{_NUMBER}))?", re.IGNORECASE
)
_BARE: Final = re.compile(r"#?\w*[0-9][\w.\-]*(?<![.\-])")
_NUMBERS: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[a-z](?!\w))?")


def read_ref(text: str, position: int = 0) -> tuple[Ref, int] | None:
    """The reference that begins at a position, and where it ends. A range ("#1-7") means the furthest it names."""
    match = _REF.match(text, position)
    return None if match is None else _finished(match)


def find_refs(text: str) -> list[tuple[Ref, int, int]]:
    """The references in running text, each with where it begins and ends; without what is mostly something else
    there ("part 2", "number one", "10 x 12"). At most `MOST`."""
    found: list[tuple[Ref, int, int]] = []
    end = 0
    for match in _REF.finditer(text) if _ANY_NUMBER.search(text) else ():
        if len(found) == MOST:
            break
        if match.start() >= end and not _DOUBTFUL.match(match[0]):
            ref, end = _finished(match)
            found.append((ref, match.start(), end))
    return found


def read_code(text: str, position: int = 0) -> tuple[Ref, int] | None:
    """The word at a position, if there is a digit in it: it may be the code of a unit."""
    match = _BARE.match(text, position)
    if match is None or not (len(text) == match.end() or not text[match.end()].isalnum()):
        return None
    word = match[0]
    return Ref(Sort.CODE, word, None, canonical(word.lstrip("#"))), match.end()


@lru_cache(maxsize=10_000)
def numbers_in(code: str) -> tuple[str, ...]:
    """The numbers in a unit's or group's code: ("1", "13") of "S1E13", ("7",) of "#7", ("1b",) of "1b"."""
    return tuple(canonical(number) for number in _NUMBERS.findall(code.casefold()))


def canonical(number: str) -> str:
    """A number as it is compared: digits, without zeros in front, small letters."""
    number = number.casefold()
    number = _WORDS.get(number, number)
    shorter = number.lstrip("0")
    return shorter if shorter and shorter[0].isdigit() else f"0{shorter}" if shorter != number else number


def _finished(match: re.Match[str]) -> tuple[Ref, int]:
    """What was matched, or what it is the beginning of a range to."""
    ref, end, text = _ref_of(match), match.end(), match.string
    until = _TO.match(text, end)
    if until is None:
        return ref, end
    other = _REF.match(text, until.start("number") if until["number"] else until.end())
    if other is None:
        other = _REF.match(text, until.end())
    if other is not None and _ref_of(other).sort is ref.sort:
        last = _ref_of(other)
        whole = Ref(ref.sort, match[0], last.group or ref.group, last.number)
        return max(ref, whole, key=_how_far), other.end()
    if until["number"] is None:
        return ref, end
    number = canonical(until["number"])
    whole = Ref(ref.sort, match[0], ref.group, number) if ref.number else Ref(ref.sort, match[0], number)
    return max(ref, whole, key=_how_far), until.end()


def _how_far(ref: Ref) -> tuple[float, float]:
    return (_value(ref.group), _value(ref.number))


def _value(number: str | None) -> float:
    match = re.match(r"[0-9]+(?:\.[0-9]+)?", number or "")
    return float(match[0]) if match else 0.0


def _ref_of(match: re.Match[str]) -> Ref:
    found = match.groupdict()
    text = match[0]
    if number := found["e1"] or found["e2"]:
        return Ref(Sort.EPISODE, text, canonical(found["s1"] or found["s2"]), canonical(number))
    for sort in (Sort.SEASON, Sort.VOLUME):
        if found[sort.value]:
            return Ref(sort, text, canonical(found[sort.value]))
    sort = next(sort for sort in (Sort.CHAPTER, Sort.EPISODE, Sort.ISSUE) if found[sort.value])
    return Ref(sort, text, None, canonical(found[sort.value]))
