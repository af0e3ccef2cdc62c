"""One pass over a foreign page: its head matter, its embeds, and its text as blocks with their surroundings.

Knows HTML and nothing about articles; what the pieces mean is decided in `forum.articles.extract`.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from forum.articles.html_scan import Tag, scan

MAX_DEPTH = 400  # elements inside each other; text further down is not an article's
MAX_TEXT = 1_000_000  # characters of text, code and attributes; of the rest only the tags are looked at
MOST_STEPS = 500_000  # tags and texts between them; a page with more of them is made to be slow
MAX_PIECES = 2_000  # of each kind that is collected
MAX_SCOPES = 8  # article-like containers inside each other
_MAX_CLOSE_DISTANCE = 40  # how far an end tag looks up for its start


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HEADINGS = _words("h1 h2 h3 h4 h5 h6")
_CONTAINERS = _HEADINGS | _words(
    "address article aside audio blockquote body button details dialog div fieldset figcaption figure footer form "
    "header main math nav noscript object ol pre section select svg table template ul video"
)
_BREAKS = _words("caption center dd dt hr li option p summary td th tr")
_SKIPPED = _words(
    "address aside audio blockquote button dialog figcaption figure footer header math nav noscript object select svg "
    "template video"
)
_RAW = _words("iframe noembed noframes script style textarea title xmp")
_NOISE = _words(
    "ad ads advert advertisement aftershow author bio biography breadcrumb breadcrumbs byline caption comment comments "
    "cookie credits disqus footer footnotes menu modal nav navigation newsletter pagination popular promo pullquote "
    "recommended related replies respond share sharing sidebar signup social sponsor subscribe tags teaser trending "
    "widget"
)
_NOT_NOISE = _words("category closed content enabled format has no open status tag type with wrap wrapper")
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text between two block boundaries.

    `scopes` are the article-like containers around it, `owner` is the nearest container of any kind, `is_noise`
    says that a class or id around it sounds like furniture.
    """

    text: str
    owner: int
    scopes: tuple[int, ...]
    is_heading: bool
    is_noise: bool


@dataclass(slots=True)
class Page:
    """What was found, in document order. `scope_kinds`: of each container in Block.scopes article, body or main."""

    metas: dict[str, str] = field(default_factory=dict)
    links: list[Mapping[str, str]] = field(default_factory=list)
    scripts: list[Mapping[str, str]] = field(default_factory=list)
    frames: list[Mapping[str, str]] = field(default_factory=list)
    json_ld: list[str] = field(default_factory=list)
    times: list[Mapping[str, str]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    scope_kinds: dict[int, str] = field(default_factory=dict)
    base: str = ""
    title: str = ""
    heading: str = ""
    author: str = ""


def read_page(html: str) -> Page:
    """Everything the page says about itself. Never raises."""
    reader = _Reader()
    taken = 0
    for piece in islice(scan(html), MOST_STEPS):
        taken += len(piece) if isinstance(piece, str) else sum(map(len, piece.attributes.values())) + len(piece.name)
        if taken > MAX_TEXT:
            reader.note_only(piece)
        elif isinstance(piece, str):
            reader.text(piece)
        elif piece.is_end:
            reader.end(piece.name)
        else:
            reader.start(piece)
    reader.flush()
    return reader.page


@dataclass(frozen=True, slots=True)
class _Open:
    """An open element: whether its text is left out or sounds like furniture; its number; article-like parents."""

    name: str
    is_skipped: bool
    is_noise: bool
    number: int
    scopes: tuple[int, ...]


class _Reader:
    """The state of one pass."""

    def __init__(self) -> None:
        self.page = Page()
        self._stack = [_Open("", is_skipped=False, is_noise=False, number=0, scopes=())]
        self._open_names: Counter[str] = Counter()
        self._raw: Tag | None = None
        self._text: list[str] = []
        self._author: list[str] | None = None
        self._paragraph_is_noise = False
        self._breaks = 0
        self._number = 0

    def start(self, tag: Tag) -> None:
        self._note(tag)
        if tag.name in _RAW:
            self._raw = tag
        elif tag.name == "br":
            self._breaks += 1
            self._text.append(" ")
            if self._breaks > 1:
                self.flush()
        elif tag.name in _BREAKS:
            self.flush()
            self._paragraph_is_noise = _is_noise(tag)
        elif tag.name in _CONTAINERS:
            self.flush()
            self._push(tag)
        elif tag.name == "a" and "author" in tag.attributes.get("rel", "").lower().split():
            self._author = []

    def end(self, name: str) -> None:
        if name in _RAW:
            self._raw = None
        elif name in _BREAKS:
            self.flush()
        elif name in _CONTAINERS:
            self.flush()
            self._pop(name)
        elif name == "a" and self._author is not None:
            self.page.author = self.page.author or " ".join("".join(self._author).split())
            self._author = None

    def text(self, text: str) -> None:
        if self._raw is not None:
            self._raw_text(self._raw, text)
            return
        if text.strip():
            self._breaks = 0
        self._text.append(text)
        if self._author is not None:
            self._author.append(text)

    def note_only(self, piece: Tag | str) -> None:
        """What comes late in a very long page: the embed often stands at its end."""
        if not isinstance(piece, str) and not piece.is_end:
            self._note(piece)

    def flush(self) -> None:
        """End the block: keep its text when it is somebody's prose."""
        text = " ".join("".join(self._text).split())
        self._text.clear()
        self._breaks = 0
        top = self._stack[-1]
        if text and top.name == "h1" and not self.page.heading:
            self.page.heading = text
        if text and not top.is_skipped and len(self._stack) < MAX_DEPTH:
            is_noise = top.is_noise or self._paragraph_is_noise
            self.page.blocks.append(Block(text, self._owner(), top.scopes, top.name in _HEADINGS, is_noise))
        self._paragraph_is_noise = False

    def _owner(self) -> int:
        """The innermost container that is more than a section or a list of its parent."""
        for element in reversed(self._stack):
            if element.name not in ("section", "ul", "ol", *_HEADINGS):
                return element.number
        return 0

    def _push(self, tag: Tag) -> None:
        above = self._stack[-1]
        if len(self._stack) >= MAX_DEPTH:
            return
        self._number += 1
        scopes = above.scopes
        kind = _scope_kind(tag)
        if kind and len(scopes) < MAX_SCOPES:
            scopes = (*scopes, self._number)
            self.page.scope_kinds[self._number] = kind
        is_outermost = tag.name == "body" or (bool(kind) and not above.scopes)  # its classes name its subjects
        opened = _Open(
            tag.name,
            is_skipped=above.is_skipped or tag.name in _SKIPPED,
            is_noise=above.is_noise or (not is_outermost and _is_noise(tag)),
            number=self._number,
            scopes=scopes,
        )
        self._stack.append(opened)
        self._open_names[tag.name] += 1

    def _pop(self, name: str) -> None:
        if not self._open_names[name]:
            return
        within = self._stack[1:][-_MAX_CLOSE_DISTANCE:]
        for distance, element in enumerate(reversed(within), start=1):
            if element.name == name:
                self._open_names.subtract(closed.name for closed in self._stack[-distance:])
                del self._stack[-distance:]
                return

    def _note(self, tag: Tag) -> None:
        """Collect what the page says in attributes."""
        page, attributes = self.page, tag.attributes
        if tag.name == "meta":
            key = attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or ""
            if len(page.metas) < MAX_PIECES and attributes.get("content", "").strip():
                page.metas.setdefault(key.strip().lower(), attributes["content"])
        elif tag.name == "base" and not page.base:
            page.base = attributes.get("href", "")
        elif (kept := _kept_in(page, tag)) is not None and len(kept) < MAX_PIECES:
            kept.append(attributes)

    def _raw_text(self, element: Tag, text: str) -> None:
        if element.name == "title" and not self.page.title:
            self.page.title = " ".join(text.split())
        is_data = element.attributes.get("type", "").strip().lower().startswith("application/ld+json")
        if element.name == "script" and is_data and len(self.page.json_ld) < MAX_PIECES:
            self.page.json_ld.append(text)


def _kept_in(page: Page, tag: Tag) -> list[Mapping[str, str]] | None:
    if tag.name == "link":
        return page.links
    if tag.name == "time":
        return page.times
    if tag.name == "script" and "src" in tag.attributes:
        return page.scripts
    if tag.name == "iframe" and "src" in tag.attributes:
        return page.frames
    return None


def _scope_kind(tag: Tag) -> str:
    if tag.name == "article":
        return "article"
    if "articlebody" in tag.attributes.get("itemprop", "").lower():
        return "body"
    return "main" if tag.name == "main" or tag.attributes.get("role", "").lower() == "main" else ""


def _is_noise(tag: Tag) -> bool:
    """Whether class, id, role or `hidden` say that this is furniture around the article."""
    attributes = tag.attributes
    if "hidden" in attributes or attributes.get("role", "").lower() in ("navigation", "complementary", "contentinfo"):
        return True
    for name in f"{attributes.get('class', '')} {attributes.get('id', '')}"[:1000].lower().split():
        words = set(_WORD.findall(name))
        if words & _NOISE and not words & _NOT_NOISE:
            return True
    return False
