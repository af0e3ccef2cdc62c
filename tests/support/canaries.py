"""Words that stand nowhere else, to be hidden; and a nose for them, in whatever spelling they come out."""

from __future__ import annotations

import html
import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote

# All of them begin alike, so that one look finds any of them.
STEM: Final = "wombletrix"
# A hidden word whose spelling does not say which one it is.
SOME: Final = f"{STEM}??"
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_TURNED: Final = STEM[::-1]
_FORWARD: Final = re.compile(f"{STEM}[a-z]{{2}}")
_BACKWARD: Final = re.compile(f"[a-z]{{2}}{_TURNED}")
# As JSON, JavaScript, Python and CSS write characters they would rather not.
_ESCAPED: Final = re.compile(
    r"\\u\{?0*([0-9a-f]{2})\}?(?![0-9a-f])|\\u00([0-9a-f]{2})|\\x([0-9a-f]{2})|\\0*([0-9a-f]{2}) ?"
)


def nonce(number: int) -> str:
    """The word with this number."""
    return STEM + _LETTERS[number // len(_LETTERS)] + _LETTERS[number % len(_LETTERS)]


def _aligned(stem: str) -> Iterable[str]:
    """The letters that base64 makes of a word at each of the three places it can have in a text."""
    for shift in range(3):
        encoded = b64encode(b"\0" * shift + stem.encode()).decode()
        yield encoded[(0, 2, 3)[shift] : (shift + len(stem)) * 8 // 6]


_BASE64: Final = tuple(text for stem in (STEM, STEM.upper(), STEM.title()) for text in _aligned(stem))
_TURNED_BASE64: Final = tuple(_aligned(_TURNED))


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(next(filter(None, found.groups())), 16)), text)


def found_in(said: str | bytes) -> frozenset[str]:
    """The hidden words in a text: as they are, in other cases, backwards, and as URLs, HTML, scripts and base64 write
    them."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    found: set[str] = set()
    lowered = text.casefold()
    readings = {lowered, html.unescape(lowered), unquote(lowered), _unescaped(lowered)}
    readings.add(_unescaped(html.unescape(unquote(lowered))).casefold())
    for reading in readings:
        if STEM in reading:
            found.update(_FORWARD.findall(reading))
        if _TURNED in reading:
            found.update(word[::-1] for word in _BACKWARD.findall(reading))
    if any(spelling in text for spelling in (*_BASE64, *_TURNED_BASE64)):
        found.add(SOME)
    return frozenset(found)
