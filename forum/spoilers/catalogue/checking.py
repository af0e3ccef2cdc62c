"""Whether a draft can be taken at all, whoever made it: ids, codes, lengths, nothing twice."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from forum.core.text import TextProblem, clean_line
from forum.markup import is_spoiler_free
from forum.spoilers.catalogue.drafts import Catalogue, CatalogueProblem, DraftUnit, DraftWork
from forum.spoilers.model import EVERYWHERE, OPEN_CODE, Group
from forum.spoilers.names import normalise

MOST_WORKS: Final = 5_000
MOST_UNITS: Final = 30_000
MOST_ALIASES: Final = 200
MOST_NAME: Final = 200
MOST_UNIT_TITLE: Final = 300
MOST_GROUPS: Final = 2_000
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_CODE: Final = re.compile(r"[^\s:+]{0,40}")
_REGION: Final = re.compile(r"[A-Z]{2}")
_SOURCE: Final = re.compile(r"[a-z][a-z0-9_.-]{0,29}")
_OTHER_ID: Final = re.compile(r"[^\s\x00-\x1f\x7f]{1,100}")
# Controls, what draws nothing, surrogates, and the private use characters that stand for hidden text elsewhere.
_UNWANTED: Final = frozenset({"Cc", "Cf", "Co", "Cs"})


def check(catalogue: Catalogue) -> Catalogue:
    """The catalogue with its names cleaned; raises CatalogueProblem at the first thing that cannot be taken."""
    if not catalogue.works:
        raise CatalogueProblem("nothing")
    if len(catalogue.works) > MOST_WORKS:
        raise CatalogueProblem("too_many", most=MOST_WORKS)
    franchises = {_id(key, "franchise"): _line(title, "franchise") for key, title in catalogue.franchises.items()}
    works = tuple(check_work(work) for work in catalogue.works)
    seen: set[str] = set()
    for work in works:
        if work.id in seen:
            raise CatalogueProblem("id_twice" if work.id else "id_needed", work.place, found=work.id)
        seen.add(work.id)
    return Catalogue(works, franchises)


def check_work(work: DraftWork) -> DraftWork:
    """One work, likewise."""
    place = work.place
    if work.id or not work.origin or "id" not in work.guessed:
        _id(work.id, place)
    for most, several in ((MOST_UNITS, work.units), (MOST_ALIASES, work.aliases), (MOST_GROUPS, work.groups)):
        if len(several) > most:
            raise CatalogueProblem("too_many", place, most=most)
    for _, other in work.relations:
        _id(other, place)
    if work.franchise is not None:
        _id(work.franchise, place)
    units = tuple(_unit(unit) for unit in work.units)
    _require_different(units)
    return replace(
        work,
        # Without a title it may still be a work the catalogue knows.
        title=_name(work.title, place) if work.title or "title" not in work.guessed else "",
        aliases=tuple(_name(alias, place) for alias in work.aliases),
        units=units,
        groups=tuple(_group(group, place) for group in work.groups),
        origin=_ids(work.origin, place),
    )


def _unit(unit: DraftUnit) -> DraftUnit:
    code = _code(unit.code, unit.place)
    for region in unit.released:
        if region != EVERYWHERE and not _REGION.fullmatch(region):
            raise CatalogueProblem("bad_region", unit.place, found=_shown(region))
    return replace(
        unit,
        code=code,
        group=_code(unit.group, unit.place) if unit.group else None,
        title=_line(unit.title, unit.place, most=MOST_UNIT_TITLE) if unit.title else None,
        released={region: moment.replace(microsecond=0) for region, moment in unit.released.items()},
        ext=_ids(unit.ext, unit.place),
    )


def _group(group: Group, place: str) -> Group:
    if not group.code:
        raise CatalogueProblem("bad_code", place)
    if group.expected is not None and not 0 < group.expected <= MOST_UNITS:
        raise CatalogueProblem("bad_expected", place)
    return replace(group, code=_code(group.code, place), title=_line(group.title, place) if group.title else None)


def _require_different(units: Iterable[DraftUnit]) -> None:
    codes: set[str] = set()
    elsewhere: set[tuple[str, str]] = set()
    for unit in units:
        if unit.code in codes:
            raise CatalogueProblem("code_twice", unit.place, found=_shown(unit.code))
        codes.add(unit.code)
        for item in unit.ext.items():
            if item in elsewhere:
                raise CatalogueProblem("unit_twice", unit.place, found=_shown(item[1]))
            elsewhere.add(item)


def _id(text: str, place: str) -> str:
    if not text:
        raise CatalogueProblem("id_needed", place)
    if not _ID.fullmatch(text):
        raise CatalogueProblem("bad_id", place)
    return text


def _code(text: str, place: str) -> str:
    plain = not any(unicodedata.category(character) in _UNWANTED for character in text)
    if not plain or text == OPEN_CODE or not _CODE.fullmatch(text):
        raise CatalogueProblem("bad_code", place)
    return text


def _ids(ids: Mapping[str, str], place: str) -> dict[str, str]:
    if not all(_SOURCE.fullmatch(source) and _OTHER_ID.fullmatch(value) for source, value in ids.items()):
        raise CatalogueProblem("bad_origin", place)
    return dict(sorted(ids.items()))


def _name(text: str, place: str) -> str:
    """What a work is called: it stands on covers and above them, where nothing can be covered."""
    line = _line(text, place)
    if not is_spoiler_free(line):
        raise CatalogueProblem("spoiler_in_name", place)
    return line


def _line(text: str, place: str, *, most: int = MOST_NAME) -> str:
    public = "".join(character for character in text if unicodedata.category(character) != "Co")
    try:
        line = clean_line(public, most)
    except TextProblem as problem:
        raise CatalogueProblem("bad_text", place, most=most) from problem
    if not normalise(line):
        raise CatalogueProblem("bad_text", place, most=most)
    return line


def _shown(text: str) -> str:
    """What somebody wrote, short enough to be repeated to them."""
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
