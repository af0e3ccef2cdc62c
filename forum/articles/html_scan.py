"""A tokenizer for foreign HTML: one pass, time and memory in proportion to the input, never an exception.

Building a tree the way browsers do costs quadratic time for some inputs (deep nesting, formatting elements left
open): a megabyte can take minutes. What is wanted from an article page needs no tree, so none is built.
Comments, doctypes and processing instructions are skipped; the text of scripts and the like is never taken for
markup. An unfinished tag or comment swallows the rest of the page, as it does in browsers.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape

MAX_ATTRIBUTES = 60  # per tag; more are read and forgotten

_NAME = re.compile(r"[A-Za-z][^\s/>]*+")
_GAP = re.compile(r"[\s/]*+")
_ATTRIBUTE = re.compile(r"[^\s/>][^\s/>=]*+")
_EQUALS = re.compile(r"\s*+=\s*+")
_UNQUOTED = re.compile(r"[^\s>]*+")
_LONG_REFERENCE = re.compile(r"&#(?:[0-9]{8,}+|[xX][0-9A-Fa-f]{8,}+);?")
_RAW = frozenset({"script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"})
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}
_UNESCAPED_RAW = frozenset({"textarea", "title"})


@dataclass(frozen=True, slots=True)
class Tag:
    """A start or end tag: names in lower case, attribute values unescaped, of repeated attributes the first."""

    name: str
    attributes: Mapping[str, str]
    is_end: bool = False


def scan(html: str) -> Iterator[Tag | str]:
    """Tags and the text between them, in order; the text inside a raw element comes as one piece."""
    position = 0
    while (start := html.find("<", position)) >= 0:
        if start > position:
            yield unescape_text(html[position:start])
        tag, position = _read_markup(html, start)
        if position < 0:
            return
        if isinstance(tag, str):
            yield tag
        elif tag is not None:
            yield tag
            if tag.name in _RAW and not tag.is_end:
                end = _RAW_END[tag.name].search(html, position)
                stop = end.start() if end else len(html)
                raw = html[position:stop]
                yield unescape_text(raw) if tag.name in _UNESCAPED_RAW else raw
                position = stop
            elif tag.name == "plaintext":
                return
    if position < len(html):
        yield unescape_text(html[position:])


def unescape_text(text: str) -> str:
    """Character references replaced; absurdly long numeric ones become U+FFFD."""
    if "&" not in text:
        return text
    return unescape(_LONG_REFERENCE.sub("\ufffd", text))


def _read_markup(html: str, start: int) -> tuple[Tag | str | None, int]:
    """(tag, or literal text, or None for what is skipped; where to go on, -1 at the end) for the ``<`` at `start`."""
    after = html[start + 1 : start + 2]
    if html.startswith("<!--", start):
        return None, _end_of_comment(html, start + 4)
    if after in ("!", "?"):
        return None, _past(html, ">", start)
    is_end = after == "/"
    name = _NAME.match(html, start + 1 + is_end)
    if name is None:
        return (None, _past(html, ">", start)) if is_end else ("<", start + 1)
    attributes, end = _read_attributes(html, name.end())
    return Tag(name[0].lower(), attributes, is_end), end


def _read_attributes(html: str, position: int) -> tuple[dict[str, str], int]:
    """The attributes from here to the closing ``>`` and the position after it, -1 when it never comes."""
    found: dict[str, str] = {}
    while True:
        gap = _GAP.match(html, position)
        position = gap.end() if gap else position
        if html.startswith(">", position):
            return found, position + 1
        name = _ATTRIBUTE.match(html, position)
        if name is None:
            return found, -1
        value, position = _read_value(html, name.end())
        if position < 0:
            return found, -1
        if len(found) < MAX_ATTRIBUTES:
            found.setdefault(name[0].lower(), value)


def _read_value(html: str, position: int) -> tuple[str, int]:
    """The value of the attribute whose name ended here (empty without one) and the position after it, or -1."""
    equals = _EQUALS.match(html, position)
    if equals is None:
        return "", position
    quote = html[equals.end() : equals.end() + 1]
    if quote in ('"', "'"):
        end = html.find(quote, equals.end() + 1)
        return unescape_text(html[equals.end() + 1 : max(end, 0)]), end + 1 if end >= 0 else -1
    value = _UNQUOTED.match(html, equals.end())
    return (unescape_text(value[0]), value.end()) if value else ("", position)


def _end_of_comment(html: str, position: int) -> int:
    for short in (">", "->"):
        if html.startswith(short, position):
            return position + len(short)
    return _past(html, "-->", position)


def _past(html: str, mark: str, position: int) -> int:
    found = html.find(mark, position)
    return found + len(mark) if found >= 0 else -1
