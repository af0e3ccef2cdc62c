"""Prepares a source for the Markdown parser, so that the parser knows no HTML and breaks no bare URL.

The parser has no switch for raw HTML and would take `_` and `*` inside a bare URL for emphasis. Both are
hidden from it as noncharacters, which no text that reaches it can contain, and brought back afterwards.
"""

import re
import sys
from typing import Final

from forum.core.text import is_unwanted, neutralise

_ANGLE, _ESCAPED_ANGLE, _AMPERSAND, _UNDERSCORE, _ASTERISK, _TILDE = "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4\ufdd5"
_SHOW_TEXT: Final = str.maketrans(
    {_ANGLE: "<", _ESCAPED_ANGLE: "<", _AMPERSAND: "&", _UNDERSCORE: "_", _ASTERISK: "*", _TILDE: "~"}
)
_SHOW_CODE: Final = _SHOW_TEXT | {ord(_ESCAPED_ANGLE): "\\<"}
_HIDE_IN_URL: Final = str.maketrans({"_": _UNDERSCORE, "*": _ASTERISK, "~": _TILDE})

# Stay visible to the parser: <https://…> and the pointed form of a link destination, [text](<https://…>).
_HTML: Final = re.compile(r"(?<!\\)((?:\\\\)*)(\\?)<(?!https?:)", re.IGNORECASE)
_REFERENCE: Final = re.compile(r"&(?=#(?:[xX]([0-9a-fA-F]{1,16})|([0-9]{1,16}));)")

# Anything but white space, what delimits a URL in prose, characters that cannot be seen, and the marks of slots.
_URL_CHARACTER: Final = (
    '[^\\s\x00-\x20<>"\\\\^`{|}\x7f-\x9f\u00ab\u00ad\u00bb\u061c\u200b-\u200f\u2018-\u201f\u2028-\u202e\u2039\u203a'
    "\u2060-\u206f\u3001\u3002\u3008-\u3011\ue000-\ue00f\ufdd0-\ufdd2\ufeff\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f\ufffd]"
)
BARE_URL: Final = re.compile(rf"(?<![\w@/])https?://{_URL_CHARACTER}+", re.IGNORECASE)
# In the source a square bracket ends it: what follows may be the destination of a link around it.
SOURCE_URL: Final = re.compile(rf"(?<![\w@/])https?://(?:(?![\[\]]){_URL_CHARACTER})+", re.IGNORECASE)
# What may go on behind a spoiler inside a URL.
URL_TAIL: Final = re.compile(rf"(?:{_URL_CHARACTER}|\|)+")
_TRAILING: Final = "?!.,:;*_~'\""
_PAIRS: Final = {")": "(", "]": "["}


def prepare(source: str) -> str:
    """Return `source` as the parser shall see it. Spoilers are carved out of the source before this."""
    text = neutralise(source)
    if "<" in text:
        text = _HTML.sub(_hide_angle, text)
    if "&#" in text:
        text = _REFERENCE.sub(_hide_reference, text)
    if "://" in text:
        text = SOURCE_URL.sub(_hide_markers, text)
    return text


def restore_text(text: str) -> str:
    """Return what the author meant by a text or destination that came out of the parser."""
    return text if text.isascii() else text.translate(_SHOW_TEXT)


def restore_code(code: str) -> str:
    """Return code exactly as typed: unlike in text, a backslash before `<` is part of it."""
    return code if code.isascii() else code.translate(_SHOW_CODE)


def url_end(text: str, start: int, end: int) -> int:
    """Return where the bare URL text[start:end] really ends: before punctuation and loose brackets."""
    surplus = {
        closer: text.count(closer, start, end) - text.count(opener, start, end) for closer, opener in _PAIRS.items()
    }
    while end > start:
        last = text[end - 1]
        if last in _PAIRS and surplus[last] > 0:
            surplus[last] -= 1
        elif last not in _TRAILING:
            break
        end -= 1
    return end


def _hide_angle(found: re.Match[str]) -> str:
    return found[1] + (_ESCAPED_ANGLE if found[2] else _ANGLE)


def _hide_reference(found: re.Match[str]) -> str:
    """A numeric reference to a character that may not appear, or to the mark of a slot, stays what was typed."""
    number = int(found[1], 16) if found[1] else int(found[2])
    return _AMPERSAND if number > sys.maxunicode or is_unwanted(chr(number)) or 0xE000 <= number <= 0xE00F else "&"


def _hide_markers(found: re.Match[str]) -> str:
    url = found[0]
    end = url_end(url, 0, len(url))
    return url[:end].translate(_HIDE_IN_URL) + url[end:]
