"""Slots: the marks that stand in a text or in its HTML where a passage was cut out.

A slot is the passage's number between private-use characters. Whoever types these characters loses them
(the carver drops them first), so every mark in a carved text was made here. A passage that is put back
visibly stays between an opening and a closing mark and can be taken out again.
"""

import re
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

RESERVED: Final = "\ue000-\ue00f"  # for a character class: what nobody may type
_SLOT, _END, _OPEN, _CLOSE = "\ue000", "\ue001", "\ue002", "\ue003"
_KINDS: Final[dict[str, Literal["slot", "open", "close"]]] = {_SLOT: "slot", _OPEN: "open", _CLOSE: "close"}
# At most 9 digits: a number nobody made is text, and int() takes its time with long ones.
_MARK: Final = re.compile(f"([{_SLOT}{_OPEN}{_CLOSE}])([0-9]{{1,9}}){_END}")


class Mark(NamedTuple):
    """One mark: a slot, or one end of a passage that was put in."""

    seq: int
    kind: Literal["slot", "open", "close"]


def slot(seq: int) -> str:
    """Return the mark that stands for passage `seq`."""
    return f"{_SLOT}{seq:d}{_END}"


def opening(seq: int) -> str:
    """Return the mark before a passage that was put in."""
    return f"{_OPEN}{seq:d}{_END}"


def closing(seq: int) -> str:
    """Return the mark after a passage that was put in."""
    return f"{_CLOSE}{seq:d}{_END}"


def put_in(html: str, seq: int, inner: str) -> str:
    """Return `html` with the passage's text where its slot was, between marks; unchanged without that slot."""
    return html.replace(slot(seq), opening(seq) + inner + closing(seq))


def take_out(html: str, seq: int) -> str:
    """Undo `put_in`: everything between the passage's marks becomes its slot. One without its end goes to the end."""
    before, mark, rest = html.partition(opening(seq))
    parts = [before]
    while mark:
        _, closer, rest = rest.partition(closing(seq))
        parts.append(slot(seq))
        if not closer:
            break
        before, mark, rest = rest.partition(opening(seq))
        parts.append(before)
    return "".join(parts)


def split(html: str) -> list[str | Mark]:
    """Return the text between the marks (never empty) and the marks, in order."""
    out: list[str | Mark] = []
    done = 0
    for found in _MARK.finditer(html):
        if found.start() > done:
            out.append(html[done : found.start()])
        out.append(Mark(int(found[2]), _KINDS[found[1]]))
        done = found.end()
    if done < len(html):
        out.append(html[done:])
    return out


def fill(html: str, pieces: Mapping[int, str]) -> str:
    """Return `html` with each slot replaced by its piece; slots without one stay. Marks in the pieces stay too."""
    return _MARK.sub(lambda found: _piece(found, pieces), html)


def plain(text: str) -> str:
    """Return `text` without marks: a slot becomes a space, what was put in visibly stays."""
    return _MARK.sub(lambda found: " " if found[1] == _SLOT else "", text)


def numbers(html: str) -> tuple[int, ...]:
    """Return the numbers of the slots in `html`, in order."""
    return tuple(int(found[2]) for found in _MARK.finditer(html) if found[1] == _SLOT)


def _piece(found: re.Match[str], pieces: Mapping[int, str]) -> str:
    return pieces.get(int(found[2]), found[0]) if found[1] == _SLOT else found[0]
