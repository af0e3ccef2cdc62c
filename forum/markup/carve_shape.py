"""Where code, links and blocks stand in a source that still holds its spoilers, as the Markdown parser sees it.

The parser gets a copy of the same length in which delimiters that would mean something else to it are plain
letters, so its offsets are the source's own.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import pyromark

from forum.markup.carve_model import MAX_CUTS, Quote, SpoilerProblem
from forum.markup.source import SOURCE_URL, URL_TAIL

# What stands before the text of a line: signs of quotes and lists.
PREFIX: Final = re.compile(r"(?:[ \t]|>(?!!)|[-*+](?=[ \t])|[0-9]{1,9}[.)](?=[ \t]))*")

_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_TAG: Final = r"\[[ \t]{0,3}/?[ \t]{0,3}spoilers?[ \t]{0,3}(?:=[^\[\]\n]{0,250})?\]"
_MASKED: Final = re.compile(rf">!|~!|<(?!https?:)|{_TAG}|:{{3,}}|&|[*_](?=[^\s*_])", re.IGNORECASE)
# A backslash inside code escapes nothing, so the backtick that ends it stays.
_ESCAPE: Final = re.compile(r"\\[!-/:-@\[-_{-~]")
_SIGN: Final = r"[ \t]*(?:>|[-*+][ \t]|[0-9]{1,9}[.)][ \t])"
_DEEP: Final = re.compile(rf"^((?:{_SIGN}){{20}})((?:{_SIGN})+)", re.MULTILINE)
# A line that is nothing but a delimiter divides blocks, as a rule does.
_OWN_LINE: Final = re.compile(
    rf"^((?:[ \t]|>(?!!)|[-*+](?=[ \t]))*)"
    rf"(:{{3,}}[ \t]*(?:spoilers?\b[^\n]*)?|{_TAG}[ \t]*|</?spoilers?[^<>\n]{{0,250}}>[ \t]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTE: Final = re.compile(r">[ \t]*@(\S(?:[^\n]{0,118}\S)?)#c([0-9]{1,19})[ \t]*\n")
# `[Note]: ||text||` is no link definition but a note with a spoiler.
_HIDDEN_TARGET: Final = re.compile(r"\[[^\[\]]{0,999}\]:\s*(?:\|\||[>~]!|[\[<][ \t]*spoiler)", re.IGNORECASE)
_BLOCKS: Final = frozenset({"Paragraph", "Heading", "BlockQuote", "List", "Item", "CodeBlock"})


class Span(NamedTuple):
    """A stretch of a text: offsets of its first character and of the one behind it."""

    start: int
    end: int


class Quoted(NamedTuple):
    """A block quote that says whom it quotes: all of it, and where its first line ends."""

    span: Span
    body: int
    quote: Quote


@dataclass(slots=True)
class Shape:
    """Spans ascend and do not overlap; `edges` are offsets at which blocks begin and end."""

    code: list[Span] = field(default_factory=list)
    links: list[Span] = field(default_factory=list)
    definitions: list[Span] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)
    quotes: list[Quoted] = field(default_factory=list)
    urls: list[Span] = field(default_factory=list)

    def is_divided(self, start: int, end: int) -> bool:
        """Say whether a block begins or ends inside a stretch."""
        at = bisect_right(self.edges, start)
        return at < len(self.edges) and self.edges[at] < end


def around(spans: Sequence[Span], at: int) -> Span | None:
    """Return the span with the character at `at` in it."""
    index = bisect_right(spans, at, key=lambda span: span.start) - 1
    return spans[index] if index >= 0 and at < spans[index].end else None


def line_start(text: str, at: int) -> int:
    """Return where the line of the character at `at` begins."""
    return text.rfind("\n", 0, at) + 1


def shape_of(text: str) -> Shape:
    """Return where everything stands in a text that has been read. Raises SpoilerProblem when it quotes too much."""
    shape = Shape()
    copy = _copy(text)
    links_end = 0
    for event, place in pyromark.events_with_range(copy):
        if isinstance(event, str) or "Text" in event:
            continue
        kind: str
        value: Any
        kind, value = next(iter(event.items()))
        if kind == "Code":
            shape.code.append(Span(place["start"], place["end"]))
        if kind != "Start":
            continue
        name, span = value if isinstance(value, str) else next(iter(value)), Span(place["start"], place["end"])
        if name not in ("Link", "Image"):
            _add_block(text, shape, name, span)
        elif span.start >= links_end:  # of links inside each other the outermost counts
            shape.links.append(span)
            links_end = span.end
    shape.edges = sorted(set(shape.edges))
    _add_targets(text, copy, shape)
    return shape


def _add_block(text: str, shape: Shape, name: str, span: Span) -> None:
    if name not in _BLOCKS:
        return
    shape.edges += span
    if name == "CodeBlock":
        shape.code.append(span)
    elif name == "BlockQuote" and (found := _QUOTE.match(text, span.start)):
        end = span.end
        while text[end - 1].isspace():
            end -= 1
        if len(shape.quotes) >= MAX_CUTS:
            raise SpoilerProblem("too_many_spoilers", span.start)
        if end > found.end():
            shape.quotes.append(Quoted(Span(span.start, end), found.end() - 1, Quote(found[1], int(found[2]))))


def _add_targets(text: str, copy: str, shape: Shape) -> None:
    """Add link definitions and bare URLs, neither of which the parser's events show."""
    if "]:" in copy:
        found = pyromark.reference_definitions(copy).values()
        spans = (Span(one["span"]["start"], one["span"]["end"]) for one in found)
        shape.definitions = sorted(span for span in spans if not _HIDDEN_TARGET.match(text, span.start))
    if "://" in text:
        urls = (Span(*found.span()) for found in SOURCE_URL.finditer(text))
        shape.urls = [url for url in urls if around(shape.code, url.start) is None]


def widened_by_urls(text: str, shape: Shape, span: Span) -> Span:
    """Return the stretch with the whole of a bare URL that it touches: its rest may be the spoiler."""
    start, end = span
    index = bisect_left(shape.urls, end, key=lambda url: url.start) - 1
    if index >= 0 and shape.urls[index].end > end:
        end = shape.urls[index].end
    index = bisect_left(shape.urls, start, key=lambda url: url.start) - 1
    if index >= 0 and shape.urls[index].end >= start:
        start = shape.urls[index].start
        tail = URL_TAIL.match(text, end)
        end = tail.end() if tail else end
    return Span(start, end)


def _copy(text: str) -> str:
    """Return a text of the same length in ASCII, with the same code, links and blocks and without spoilers.

    Whatever makes no difference to those is a plain letter in it: the parser is quick with plain letters.
    """
    copy = _OWN_LINE.sub(lambda found: found[1] + "_" * len(found[2]), text)
    if not copy.isascii():
        copy = _BEYOND_ASCII.sub("x", copy)
    if "\\" in copy:
        copy = _ESCAPE.sub("xx", copy)
    copy = _MASKED.sub(lambda found: "x" * len(found[0]), copy)
    if "](" not in copy and "]:" not in copy:
        copy = copy.replace("[", "x")
    return shallow(copy)


def shallow(source: str) -> str:
    """Return a source in which only the first quotes and lists of a line are inside each other."""
    return _DEEP.sub(lambda found: found[1] + "x" * len(found[2]), source)
