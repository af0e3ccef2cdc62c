"""Reads templates as a translator would: which literal words a reader would see without any catalogue knowing them.

A template is first made linear (its Jinja parts become one private character each, or nothing), so that an HTML parser
can tell text and attributes apart; then the expressions standing where a reader sees them are searched for literals.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from jinja2 import Environment, nodes

SHOWN_ATTRIBUTES: Final = {"aria-label", "aria-description", "aria-roledescription", "title", "placeholder", "alt"}
GETTEXT: Final = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
FIRST_MARK: Final = 0xE000  # private characters stand for the expressions, by number
# Blocks that the page's shell puts inside a tag: classes and data attributes, which nobody reads.
TAG_BLOCKS: Final = {"kind", "attributes", "marks"}
# What stays as it is in every language: expressions' marks, addresses, the product's name.
NO_WORDS: Final = re.compile(r"[\ue000-\uf8ff]|https?://\S*|\bAftershow\b")
LETTER: Final = re.compile(r"[^\W\d_]")
PROSE: Final = re.compile(r"^[A-Z][^\W\d_]*[ ,.…!?]")  # a string written for people, wherever it stands

ENVIRONMENT: Final = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)  # only parses
ENVIRONMENT.install_null_translations(newstyle=True)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a template that must not be there, and the line it stands on."""

    line: int
    what: str


@dataclass(slots=True)
class Linear:
    """A template's HTML, with the source of each expression that was taken out of it."""

    html: str = ""
    expressions: list[str] = field(default_factory=list)


def linear(source: str) -> Linear:
    """Take the Jinja parts out of a template; line breaks stay, translated text and tag blocks leave nothing."""
    result = Linear()
    pieces: list[str] = []
    words: list[str] = []
    open_blocks: list[str] = []  # names of blocks, and "trans" for translated text
    for _, kind, value in ENVIRONMENT.lex(source):
        silent = "trans" in open_blocks or not TAG_BLOCKS.isdisjoint(open_blocks)
        if kind == "data" and not silent:
            pieces.append(value)
            continue
        pieces.append("\n" * value.count("\n"))
        if kind in ("variable_begin", "block_begin"):
            words = []
        elif kind == "variable_end":
            pieces.append("" if silent else chr(FIRST_MARK + len(result.expressions)))
            result.expressions.append("".join(words))
        elif kind == "block_end":
            _follow("".join(words).split(), open_blocks)
        else:
            words.append(value)
    result.html = "".join(pieces)
    return result


def _follow(statement: list[str], open_blocks: list[str]) -> None:
    """Keep account of the blocks that a statement opens or closes."""
    if statement[0] == "block":
        open_blocks.append(statement[1])
    elif statement[0] == "trans":
        open_blocks.append("trans")
    elif statement[0] in ("endblock", "endtrans"):
        open_blocks.pop()


class _Reader(HTMLParser):
    """Collects literal words in text and in attributes that are read out, and everything inline."""

    def __init__(self, expressions: list[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.expressions = expressions
        self.findings: list[Finding] = []
        self.open_raw = ""

    def note(self, what: str) -> None:
        self.findings.append(Finding(self.getpos()[0], what))

    def shown(self, text: str, where: str) -> None:
        """Look at text that a reader gets: its own letters and the literals of the expressions in it."""
        for character in text:
            number = ord(character) - FIRST_MARK
            if 0 <= number < len(self.expressions):
                for literal in rendered_literals(self.expressions[number]):
                    self.note(f"unwrapped in {where}: {literal!r}")
        words = NO_WORDS.sub(" ", text)
        if LETTER.search(words):
            self.note(f"unwrapped in {where}: {' '.join(words.split())!r}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Check the attributes; remember elements whose content is not text."""
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.note(f"inline {name} attribute")
            if name in SHOWN_ATTRIBUTES:
                self.shown(value or "", name)
        if tag in ("script", "style"):
            # a data block (JSON-LD) is never run
            self.open_raw = "" if ("type", "application/ld+json") in attrs else tag
            if tag == "style":
                self.note("inline style element")

    def handle_endtag(self, tag: str) -> None:
        """Leave a script or style element."""
        if tag == self.open_raw:
            self.open_raw = ""

    def handle_data(self, data: str) -> None:
        """Text between tags; within a script it is inline code."""
        if self.cdata_elem is None:
            self.shown(data, "text")
        elif self.open_raw == "script" and data.strip():
            self.note("inline script")


def rendered_literals(expression: str) -> Iterator[str]:
    """Give the literal strings with letters that an expression may print, those handed to gettext excepted."""
    for output in ENVIRONMENT.parse("{{" + expression + "}}").find_all(nodes.Output):
        for node in output.nodes:
            yield from _printed(node)


def _printed(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Const | nodes.TemplateData):
        value = node.value if isinstance(node, nodes.Const) else node.data
        if isinstance(value, str) and LETTER.search(value):
            yield value
    elif isinstance(node, nodes.CondExpr):
        yield from _printed(node.expr1)
        if node.expr2 is not None:
            yield from _printed(node.expr2)
    elif isinstance(node, nodes.Filter) and node.node is not None:
        yield from _printed(node.node)
    elif isinstance(node, nodes.BinExpr | nodes.Concat):
        for child in node.iter_child_nodes():
            yield from _printed(child)


def _prose(node: nodes.Node) -> Iterator[Finding]:
    """Give literals written for people that reach a page by way of a variable or a macro's argument."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in GETTEXT:
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and PROSE.match(node.value):
        yield Finding(node.lineno, f"unwrapped in an expression: {node.value!r}")
    for child in node.iter_child_nodes():
        yield from _prose(child)


def findings(source: str) -> list[Finding]:
    """Return everything in a template that a translator would miss and everything inline."""
    template = linear(source)
    reader = _Reader(template.expressions)
    reader.feed(template.html)
    reader.close()
    found = {*reader.findings, *_prose(ENVIRONMENT.parse(source))}
    return sorted(found, key=lambda finding: (finding.line, finding.what))
