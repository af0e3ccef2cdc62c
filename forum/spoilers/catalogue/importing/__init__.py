"""Reading catalogues from files: one reader for each source, all of them into the same drafts. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

from forum.spoilers.catalogue.drafts import Catalogue, CatalogueProblem
from forum.spoilers.catalogue.importing.csv_file import is_csv, read_csv
from forum.spoilers.catalogue.importing.fan_catalogue import is_fan_catalogue, read_fan_catalogue
from forum.spoilers.catalogue.importing.files import read_bytes, text_of
from forum.spoilers.catalogue.importing.imdb import read_imdb
from forum.spoilers.catalogue.importing.json_ld import is_json_ld, read_json_ld
from forum.spoilers.catalogue.importing.nodes import Node, parse_json
from forum.spoilers.catalogue.importing.tmdb import read_tmdb
from forum.spoilers.catalogue.importing.trakt import read_trakt
from forum.spoilers.catalogue.importing.tvmaze import read_tvmaze
from forum.spoilers.catalogue.importing.wikidata import read_wikidata


class Source(StrEnum):
    """Whose files can be read."""

    FAN_CATALOGUE = "fan-catalog"
    TVMAZE = "tvmaze"
    TMDB = "tmdb"
    TRAKT = "trakt"
    WIKIDATA = "wikidata"
    IMDB = "imdb"
    CSV = "csv"
    JSON_LD = "json-ld"


_JSON: Final[Mapping[Source, Callable[[Node], Catalogue]]] = {
    Source.FAN_CATALOGUE: read_fan_catalogue,
    Source.TVMAZE: read_tvmaze,
    Source.TMDB: read_tmdb,
    Source.TRAKT: read_trakt,
    Source.WIKIDATA: read_wikidata,
    Source.JSON_LD: read_json_ld,
}


def read(path: Path, source: Source | None = None, *, series: str | None = None) -> Catalogue:
    """What a file says, not yet checked. Without a source it is told from the content where that is possible.

    `series` chooses one in a file that holds many (IMDb's). Raises CatalogueProblem.
    """
    if source is Source.IMDB:
        return read_imdb(path, series)
    data = read_bytes(path)
    return _read_csv(data) if source is Source.CSV else _read_json(data, source)


def _read_csv(data: bytes) -> Catalogue:
    return read_csv(text_of(data))


def _read_json(data: bytes, source: Source | None) -> Catalogue:
    if source is not None:
        return _JSON[source](parse_json(data))
    if not data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        text = text_of(data)
        if is_csv(text):
            return read_csv(text)
        raise CatalogueProblem("unknown_format")
    document = parse_json(data)
    if is_fan_catalogue(document):
        return read_fan_catalogue(document)
    if is_json_ld(document):
        return read_json_ld(document)
    raise CatalogueProblem("unknown_format")
