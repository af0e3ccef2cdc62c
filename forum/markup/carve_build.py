"""Puts the skeleton and the passages together: text without delimiters, slots, and lines without the signs around."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final

from forum.markup.carve_match import Region
from forum.markup.carve_shape import PREFIX, line_start
from forum.markup.slots import slot

_BLANK_START: Final = re.compile(r"(?:[ \t]*\n)+")
_SIGNS: Final = re.compile(r"[ \t>]*")
# A slot must not become the target of a link definition that it makes: [words]: SLOT
_DEFINES: Final = re.compile(r"\](?=:[ \t]*\n?[ \t]*\ue000)")


def numbered(regions: Sequence[Region]) -> Iterator[tuple[Region, Region | None]]:
    """Yield each region before those inside it, with the one around it."""
    for region in regions:
        yield region, None
        yield from _inside(region)


def _inside(region: Region) -> Iterator[tuple[Region, Region | None]]:
    for child in region.children:
        yield child, region
        yield from _inside(child)


class Builder:
    """Makes sources from a text, or from another one of the same length."""

    def __init__(self, text: str, drops: Sequence[tuple[int, int]], seqs: dict[int, int]) -> None:
        self._text = text
        self._drops = drops
        self._seqs = seqs  # by id() of the region

    def skeleton(self, regions: Sequence[Region]) -> str:
        """Return the text with a slot for every outermost region."""
        return self._joined(0, len(self._text), regions, None)

    def inner(self, region: Region) -> str:
        """Return a passage's own source: without its delimiters and without the signs before its lines."""
        source = self._joined(region.start, region.end, region.children, _signs(self._text, region))
        if not region.block:
            source = source.strip()
            return f"{region.lead}: {source}" if region.lead else source
        blank = _BLANK_START.match(source)
        source = source[blank.end() :] if blank else source.lstrip(" \t")
        return f"{region.lead}\n\n{source.rstrip()}" if region.lead else source.rstrip()

    def _joined(self, start: int, end: int, children: Sequence[Region], signs: re.Pattern[str] | None) -> str:
        parts: list[str] = []
        behind: Region | None = None
        at = start
        for child in [*children, None]:
            piece = self._piece(at, child.start if child else end)
            if signs is not None:
                piece = signs.sub("\n", piece)
            if behind is not None and behind.block:
                piece = _room_behind(piece)
            if child is not None and child.block:
                piece = _room_before(piece, is_first=behind is None)
            parts.append(piece)
            if child is not None:
                parts.append(slot(self._seqs[id(child)]))
                at, behind = child.end, child
        return _DEFINES.sub(r"\\]", "".join(parts))

    def _piece(self, start: int, end: int) -> str:
        """Return the text between two offsets without delimiters."""
        parts: list[str] = []
        for index in range(bisect_left(self._drops, (start, start)), len(self._drops)):
            low, high = self._drops[index]
            if low >= end:
                break
            parts.append(self._text[start:low])
            start = max(start, high)
        parts.append(self._text[start:end])
        return "".join(parts)


def _signs(text: str, region: Region) -> re.Pattern[str] | None:
    """Return what stands at the beginning of a region's lines because of the quote or list around it."""
    line = line_start(text, region.start)
    prefix = PREFIX.match(text, line, region.start)
    signs = prefix[0] if prefix else ""
    quotes = signs.count(">") + (region.quote is not None)
    indent = 0 if region.quote else len(signs.rpartition(">")[2].removeprefix(" ") if ">" in signs else signs)
    if not quotes and not indent:
        return None
    return re.compile(rf"\n(?:[ \t]*>(?!!) ?){{0,{min(quotes, 50)}}}[ \t]{{0,{min(indent, 50)}}}")


def _room_before(piece: str, *, is_first: bool) -> str:
    """Put a blank line before a block that begins its line, so that nothing continues into it."""
    head, newline, line = piece.rpartition("\n")
    if not newline or not _SIGNS.fullmatch(line):
        return piece
    last = head.rpartition("\n")[2]
    if _SIGNS.fullmatch(last) and (head or is_first):
        return piece
    return f"{head}\n{line}\n{line}"


def _room_behind(piece: str) -> str:
    """Put a blank line behind a block that ends its line."""
    line, newline, rest = piece.partition("\n")
    following = rest.partition("\n")[0]
    if not newline or line.strip() or not following.strip(" \t>"):
        return piece
    signs = _SIGNS.match(rest)
    return f"{line}\n{signs[0] if signs else ''}\n{rest}"
