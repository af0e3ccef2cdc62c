"""IMDb: `title.episode.tsv`, packed or not, with `title.basics` and `title.akas` in the same folder where they are.

The tables hold every series there is: one is chosen by its id. They are read line by line, and what belongs to other
series is never kept. There are no dates in them but years, which are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from forum.spoilers.catalogue.drafts import GUESSED, Catalogue, CatalogueProblem, DraftWork
from forum.spoilers.catalogue.importing.files import lines_of
from forum.spoilers.catalogue.importing.seasons import Episode, groups_of, slug, units_of
from forum.spoilers.model import Kind

SOURCE: Final = "imdb"
_NULL: Final = "\\N"
_EPISODE_COLUMNS: Final = ("tconst", "parentTconst", "seasonNumber", "episodeNumber")
# No series has more episodes; a file of several series without a choice is noticed long before.
_MOST: Final = 30_000


def read_imdb(path: Path, series: str | None) -> Catalogue:
    """The episodes of one series ("tt2357547"), of the only one when none is named; raises CatalogueProblem."""
    chosen, episodes = _episodes(path, series)
    title, aliases = _names(path, chosen)
    work = DraftWork(
        id=slug(title),
        kind=Kind.TV,
        title=title,
        aliases=aliases,
        units=units_of(episodes),
        groups=groups_of(episodes, {}),
        origin={SOURCE: chosen},
        source=SOURCE,
        guessed=GUESSED,
    )
    return Catalogue((work,))


def _episodes(path: Path, series: str | None) -> tuple[str, list[Episode]]:
    found: list[Episode] = []
    chosen = series
    for number, line in _rows(path, _EPISODE_COLUMNS, keyed=None if series is None else f"\t{series}\t"):
        place = f"line {number}"
        cells = line.split("\t")
        if len(cells) < len(_EPISODE_COLUMNS):
            raise CatalogueProblem("bad_csv", place, found=f"{len(cells)} cells")
        key, parent, season, episode = cells[:4]
        chosen = chosen or parent
        if parent != chosen:
            if series is not None:
                continue
            raise CatalogueProblem("several_works", place, found=f"{chosen}, {parent}, …")
        found.append(_episode(key, season, episode, place))
        if len(found) > _MOST:
            raise CatalogueProblem("too_many", place, most=_MOST)
    if chosen is None or not found:
        raise CatalogueProblem("not_there" if series else "nothing", "", found=series or "")
    return chosen, found


def _episode(key: str, season: str, number: str, place: str) -> Episode:
    numbers = [None if text == _NULL else text for text in (season, number)]
    if not all(text is None or (text.isascii() and text.isdigit() and len(text) < 7) for text in numbers):
        raise CatalogueProblem("expected_number", place, found=repr(f"{season} {number}"[:40]))
    unknown = None in numbers
    return Episode(
        # Without its numbers an episode stands beside the chain: nobody knows where it belongs.
        season=0 if unknown else int(numbers[0] or 0),
        number=None if unknown else int(numbers[1] or 0),
        at=None,
        ext={SOURCE: key},
        place=place,
    )


def _names(path: Path, series: str) -> tuple[str, tuple[str, ...]]:
    """What the series is called, and what else: nothing when the other tables are not there."""
    title, aliases = "", []
    for _, line in _beside(path, "title.basics.tsv", series):
        cells = line.split("\t")
        title = cells[2]
        aliases += [cells[3]] if cells[3] != title else []
    for _, line in _beside(path, "title.akas.tsv", series):
        name = line.split("\t")[2]
        if name not in (_NULL, title) and name not in aliases:
            aliases.append(name)
    return title, tuple(aliases)


def _beside(path: Path, name: str, series: str) -> Iterator[tuple[int, str]]:
    for candidate in (path.with_name(name), path.with_name(f"{name}.gz")):
        if candidate.is_file():
            for number, line in _rows(candidate, (), keyed=f"{series}\t", first=True):
                if line.count("\t") < 3:
                    raise CatalogueProblem("bad_csv", f"{candidate.name}, line {number}", found="too few cells")
                yield number, line
            return


def _rows(path: Path, columns: tuple[str, ...], *, keyed: str | None, first: bool = False) -> Iterator[tuple[int, str]]:
    """Numbered lines that hold a key, at their beginning if `first`; the first line names the columns."""
    key = keyed.encode() if keyed is not None else None
    for number, line in enumerate(lines_of(path), 1):
        if number == 1:
            if columns and tuple(line.decode("utf-8", "replace").split("\t")[: len(columns)]) != columns:
                raise CatalogueProblem("bad_csv", "line 1", found="the columns are not " + ", ".join(columns))
        elif line and (key is None or (line.startswith(key) if first else key in line)):
            yield number, _text(line, number)


def _text(line: bytes, number: int) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CatalogueProblem("bad_encoding", f"line {number}") from error
