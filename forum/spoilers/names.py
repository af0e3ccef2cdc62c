"""Names of works as they are compared: what people mean to be the same name is the same text here."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# As long as a stored name: compatibility forms can grow a title to many times its length.
MOST: Final = 200
# Words that people leave out at the beginning, as they are left after punctuation is gone.
LEADING: Final = frozenset({"marvels", "the", "a", "an"})
_AND: Final = re.compile("[&\uff06]")
_ASCII_KEPT: Final = {code: None for code in range(128) if not (chr(code).isalnum() or chr(code).isspace())}
# Letters by category that are written for an apostrophe.
_APOSTROPHES: Final = frozenset("\u02bb\u02bc\u02bd\u02be\u02bf\u02b9\u02c8\u02ee")
# Marks of these combining classes are accents and points, which people leave out. Those below carry the sound itself
# (Indic conjuncts, Japanese voicing), those between the tones of Thai and Lao.
_POINTS: Final = range(10, 37)
_ACCENTS: Final = range(200, 256)


def normalise(text: str) -> str:
    """Return the form under which names are equal: no case, accents, punctuation, or "the" at the beginning.

    Words stand one space apart. "&" is read as "and". Every script is kept. Never empty unless `text` is blank: a
    name of nothing but signs stays itself. Applying it twice changes nothing. At most `MOST` code points.
    """
    spelled = _AND.sub(" and ", text)
    words = (_bare_ascii(spelled) if spelled.isascii() else _bare(spelled)).split()
    if not words:
        return " ".join(text.split()).casefold()[:MOST].rstrip()
    first = 0
    while first < len(words) - 1 and words[first] in LEADING:
        first += 1
    return " ".join(words[first:])[:MOST].rstrip()


def _bare_ascii(text: str) -> str:
    return text.translate(_ASCII_KEPT).lower()


def _bare(text: str) -> str:
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = "".join(character for character in _AND.sub(" and ", folded) if _is_kept(character))
    return unicodedata.normalize("NFC", kept)


def _is_kept(character: str) -> bool:
    if character.isalnum():
        return character not in _APOSTROPHES
    if character.isspace():
        return True
    if unicodedata.category(character) == "Mc":
        return True
    if unicodedata.category(character) != "Mn" or 0xFE00 <= ord(character) <= 0xFE0F or character == "\u034f":
        return False
    joining = unicodedata.combining(character)
    return joining not in _POINTS and joining not in _ACCENTS
