"""What people type, made safe to keep: bodies, single lines and look-alike keys.

Text keeps its code points: no normalisation, so what was typed is what is shown and quoted. Only what
cannot be shown honestly goes: control characters, noncharacters and direction overrides. Direction
marks that are left open would turn the text after the comment around, so each line closes its own.
"""

import re
import unicodedata
from typing import Final

from forum.core.confusables import CAPITALS, LETTERS, SEQUENCES

# C0 and C1 controls without tab and line feed, noncharacters, and the interlinear annotation marks.
_BMP_UNWANTED: Final = "\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufff9-\ufffb\ufffe\uffff"
_ASTRAL_UNWANTED: Final = "".join(chr(plane * 0x10000 + last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF))
_UNWANTED: Final = re.compile(f"[{_BMP_UNWANTED}{_ASTRAL_UNWANTED}]")
# One cheap pass that lets nearly every text go at once; anything beyond the BMP is looked at closer.
_SUSPECT: Final = re.compile(f"[{_BMP_UNWANTED}\u202a-\u202e\u2066-\u2069\ud800-\udfff\U00010000-\U0010ffff]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_LINE_END: Final = re.compile(r"\r\n|\r|\x85")
_BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SPACES: Final = re.compile(r"[\s\u2028\u2029]+")
_EMBEDDING, _OVERRIDE, _ISOLATE = "\u202a\u202b", "\u202d\u202e", "\u2066\u2067\u2068"
_POP, _POP_ISOLATE = "\u202c", "\u2069"
# What draws nothing whatever its category says: the code points that programs leave out when they have no picture of
# them (Unicode: Default_Ignorable_Code_Point), and the letters and signs whose picture is blank.
INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U00013441\U00013442\U0001bca0-\U0001bca3\U0001d159"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_INVISIBLE_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"})


class TextProblem(ValueError):
    """A text that cannot be taken: `code` is stable snake_case, `position` a code point offset."""

    def __init__(self, code: str, position: int = 0) -> None:
        super().__init__(f"{code} at {position}")
        self.code = code
        self.position = position


def clean_body(text: str, *, max_length: int) -> str:
    """Return `text` fit to be stored: line ends are LF, controls gone, directions closed per line.

    `max_length` counts code points of the result. Raises TextProblem: "bad_character" (a lone surrogate;
    position in `text` as given), "empty" (nothing that can be seen), "too_long" (position of the first
    code point too many).
    """
    _refuse_surrogates(text)
    cleaned = _without_blank_edges(neutralise(unify_line_ends(text)))
    if not is_visible(cleaned):
        raise TextProblem("empty")
    if len(cleaned) > max_length:
        raise TextProblem("too_long", max_length)
    return cleaned


def clean_line(text: str, max_length: int) -> str:
    """Return `text` as one line for titles and names: runs of white space are one space, none at the ends.

    Explicit direction marks are dropped altogether; a name stands in the middle of other people's text.
    Raises TextProblem with the codes of `clean_body`.
    """
    _refuse_surrogates(text)
    spaced = _SPACES.sub(" ", unify_line_ends(text))
    cleaned = _SPACES.sub(" ", _BIDI.sub("", _UNWANTED.sub("", spaced))).strip(" \ufeff")
    if not is_visible(cleaned):
        raise TextProblem("empty")
    if len(cleaned) > max_length:
        raise TextProblem("too_long", max_length)
    return cleaned


def neutralise(text: str) -> str:
    """Return `text` without unwanted characters and with directions balanced; never raises, idempotent.

    Lone surrogates become U+FFFD. For text that is shown without having come through `clean_body`.
    """
    if not _SUSPECT.search(text):
        return text
    if _SURROGATE.search(text):
        text = _SURROGATE.sub("\ufffd", text)
    if _UNWANTED.search(text):
        text = _UNWANTED.sub("", text)
    if _BIDI.search(text):
        text = "\n".join(_balance(line) for line in text.split("\n"))
    return text


def unify_line_ends(text: str) -> str:
    """Return `text` with CRLF, CR and NEL as LF."""
    return _LINE_END.sub("\n", text) if "\r" in text or "\x85" in text else text


def is_unwanted(character: str) -> bool:
    """Say whether a single character may not reach a page on its own: controls, noncharacters, directions."""
    return bool(_UNWANTED.match(character) or _BIDI.match(character) or _SURROGATE.match(character))


def is_visible(text: str) -> bool:
    """Say whether `text` draws anything. Unassigned code points count: they are tomorrow's emoji."""
    return any(
        unicodedata.category(character) not in _INVISIBLE_CATEGORIES and not INVISIBLE.match(character)
        for character in text
    )


def skeleton(name: str) -> str:
    """Return the key under which look-alike names are the same: lower-case letters and digits only.

    Deliberately wide: width, case, marks, invisible characters, spaces, punctuation, look-alikes of other
    scripts and common digit spellings all fold. For comparing, never for showing. May be empty.
    It takes its time: callers bound how long a name may be.
    """
    shapes = unicodedata.normalize("NFKC", INVISIBLE.sub("", name)).translate(CAPITALS)
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", shapes.casefold()))
    key = "".join(character for character in folded.translate(LETTERS) if character.isalnum())
    for sequence, letter in SEQUENCES:
        key = key.replace(sequence, letter)
    return key


def _refuse_surrogates(text: str) -> None:
    if found := _SURROGATE.search(text):
        raise TextProblem("bad_character", found.start())


def _without_blank_edges(text: str) -> str:
    """Drop blank lines at both ends and a byte order mark; the first line keeps its indentation."""
    lines = text.removeprefix("\ufeff").split("\n")
    first, last = 0, len(lines)
    while first < last and not lines[first].strip():
        first += 1
    while last > first and not lines[last - 1].strip():
        last -= 1
    return "\n".join(lines[first:last])


def _balance(line: str) -> str:
    """Close what the line opens, drop closers of nothing, and drop overrides together with their ends."""
    out: list[str] = []
    opened: list[str] = []  # the closer each open mark needs; "" for a dropped override
    for character in line:
        if character in _EMBEDDING:
            opened.append(_POP)
        elif character in _ISOLATE:
            opened.append(_POP_ISOLATE)
        elif character in _OVERRIDE:
            opened.append("")
            continue
        elif character == _POP:
            if opened and opened[-1] != _POP_ISOLATE:
                out.append(opened.pop())
            continue
        elif character == _POP_ISOLATE:
            _close_isolate(out, opened)
            continue
        out.append(character)
    return "".join(out) + "".join(reversed(opened))


def _close_isolate(out: list[str], opened: list[str]) -> None:
    if _POP_ISOLATE not in opened:
        return
    while (closer := opened.pop()) != _POP_ISOLATE:
        out.append(closer)
    out.append(_POP_ISOLATE)
