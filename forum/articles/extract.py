"""What an article's page says about itself: title, canonical address, time, author, image, closing question. Pure.

Each fact is taken from the first source that gives a usable one: JSON-LD, then OpenGraph and its relatives, then
the page's own markup; only the canonical address comes from its own link first. Whatever the page is, the answer
is an ArticleMeta, in time proportional to the input: nothing here raises and no tree is built.
"""

import codecs
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from forum.articles.extract_embed import absolute, read_embeds, read_warning
from forum.articles.extract_jsonld import LinkedArticle, read_linked_article
from forum.articles.extract_page import Block, Page, read_page
from forum.articles.extract_question import closing_question
from forum.articles.urls import UrlProblem, origin_of
from forum.core.text import TextProblem, clean_line, neutralise

MAX_INPUT = 5_000_000  # bytes or characters; the rest is not looked at
MAX_TITLE, MAX_AUTHOR, MAX_PROMPT = 300, 100, 300  # characters
LEAST_ARTICLE = 250  # characters of text before a container is believed to hold the article
_MAX_LINE = 5_000  # characters of a value that are looked at
_YEARS = range(1980, 2200)

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([\w.:-]{1,40})", re.IGNORECASE)
_ENCODINGS = re.compile(
    r"utf-8|cp125\d|cp874|iso8859-\d+|koi8-[ru]|gbk|gb18030|big5|euc_jp|shift_jis|cp932|euc_kr|cp949|utf-16(?:-[bl]e)?"
)
_WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030"}  # as browsers read them
_SEPARATOR = re.compile(r" (?:(?P<bar>\||::|»|«|·)|[-–—]) ")
_BYLINE = re.compile(r"^(?:[–—-] ?)?(?:by|von|par|por|di|door) ", re.IGNORECASE)
_AFTERWORDS = re.compile(
    r"related|more (?:from|on|stories|like)|read (?:more|next|also)|you (?:may|might) (?:also|like)|about the author"
    r"|(?:\d+ )?comments?\b|leave a (?:reply|comment)|share this|recommended|popular|trending|tags\b|discussion$",
    re.IGNORECASE,
)
_TIME_METAS = (
    *("article:published_time", "og:published_time", "datepublished", "parsely-pub-date", "sailthru.date"),
    *("dc.date.issued", "dc.date", "dcterms.date", "pubdate", "publishdate", "publication_date", "date"),
)
_IMAGE_METAS = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
_AUTHOR_METAS = ("author", "article:author", "dc.creator", "parsely-author", "sailthru.author")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class ArticleMeta:
    """One line of plain text each, or None: `title` ≤ 300, `author` ≤ 100, `question` ≤ 300 characters.

    `canonical_url` and `image` are absolute http(s) addresses as `normalise_url` spells them, on any origin;
    `published_at` is in UTC; `carries_embed` says whether this site's embed is on the page, and `identifiers` which
    articles the embeds there name. `assumes`, `works` and `gate` are what the page says its discussion gives away, as
    tidy text that nobody has looked up: parts of it may be malformed.
    """

    title: str | None
    canonical_url: str | None
    published_at: datetime | None
    author: str | None
    image: str | None
    question: str | None
    carries_embed: bool
    identifiers: frozenset[str] = frozenset()
    assumes: str | None = None
    works: tuple[str, ...] = ()
    gate: str | None = None


def extract(
    html: bytes | str,
    *,
    base_url: str,
    site_key: str,
    public_url: str,
    charset: str | None = None,
    identifier: str | None = None,
) -> ArticleMeta:
    """Read a page fetched from `base_url`; `charset` is what Content-Type said, if anything. Never raises.

    `identifier` is the site's own name for the article that is looked for, where it has one.
    """
    page = read_page(_decode(html, charset))
    linked = read_linked_article(page.json_ld, base_url)
    base = absolute(page.base, base_url) or base_url
    embeds = list(read_embeds(page, base, site_key, public_url))
    warning = read_warning(embeds, page.metas, identifier)
    return ArticleMeta(
        title=_first(_titles(page, linked, base_url), lambda text: _line(text, MAX_TITLE)),
        canonical_url=_first(_canonicals(page, linked), lambda url: absolute(url, base)),
        published_at=_first(_times(page, linked), _moment),
        author=_first(_authors(page, linked), _person),
        image=_first(_images(page, linked), lambda url: absolute(url, base)),
        question=_line(closing_question(_article_text(page)) or "", MAX_PROMPT),
        carries_embed=bool(embeds),
        identifiers=frozenset(embed.identifier for embed in embeds) - {""},
        assumes=warning.assumes,
        works=warning.works,
        gate=warning.gate,
    )


def _decode(html: bytes | str, charset: str | None) -> str:
    """The page as text without lone surrogates, by byte order mark, Content-Type, `<meta>`, else UTF-8."""
    if isinstance(html, str):
        return _without_surrogates(html[:MAX_INPUT])
    data = html[:MAX_INPUT]
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    declared = _META_CHARSET.search(data[:4096])
    named = charset or (declared[1].decode("ascii", "replace") if declared else "utf-8")
    return data.decode(_encoding(named), "replace")


def _without_surrogates(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _encoding(label: str) -> str:
    """A text encoding of the web for this label, UTF-8 when it is none: the codec registry holds stranger things."""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return "utf-8"
    name = _WIDER.get(name, name)
    return name if _ENCODINGS.fullmatch(name) else "utf-8"


def _first(sources: Iterable[str], read: Callable[[str], _Value | None]) -> _Value | None:
    """What `read` makes of the first source it can use."""
    return next((value for source in sources if source and (value := read(source)) is not None), None)


def _titles(page: Page, linked: LinkedArticle, base_url: str) -> Iterator[str]:
    names = [page.metas.get("og:site_name", ""), linked.publisher, page.metas.get("application-name", "")]
    for title in (linked.title, page.metas.get("og:title", ""), page.metas.get("twitter:title", ""), page.title):
        line = _line(title, _MAX_LINE) or ""
        yield _without_site_name(line, names, page.heading, base_url, is_certain=title is not page.title)
    yield page.heading


def _canonicals(page: Page, linked: LinkedArticle) -> Iterator[str]:
    for link in page.links:
        if "canonical" in link.get("rel", "").lower().split():
            yield link.get("href", "")
    yield page.metas.get("og:url", "")
    yield linked.url


def _times(page: Page, linked: LinkedArticle) -> Iterator[str]:
    yield linked.published
    yield from (page.metas.get(name, "") for name in _TIME_METAS)
    marked = [time for time in page.times if "pubdate" in time or "datepublished" in time.get("itemprop", "").lower()]
    yield from (time.get("datetime", "") for time in (*marked, *page.times))


def _authors(page: Page, linked: LinkedArticle) -> Iterator[str]:
    yield linked.author
    yield from (page.metas.get(name, "") for name in _AUTHOR_METAS)
    yield page.author


def _images(page: Page, linked: LinkedArticle) -> Iterator[str]:
    yield linked.image
    yield from (page.metas.get(name, "") for name in _IMAGE_METAS)


def _line(text: str, limit: int) -> str | None:
    """One clean line of at most `limit` characters, cut between words; None when nothing can be seen in it."""
    try:
        line = clean_line(neutralise(text[:_MAX_LINE]), _MAX_LINE)
    except TextProblem:
        return None
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    at_word = cut.rpartition(" ")[0]
    return (at_word if len(at_word) > limit // 2 else cut).rstrip(" ,;:–—-") + "…"


def _person(text: str) -> str | None:
    line = _line(_BYLINE.sub("", " ".join(text[:_MAX_LINE].split())), MAX_AUTHOR)
    return None if line is None or "://" in line or line.startswith(("www.", "@")) else line


def _moment(text: str) -> datetime | None:
    """The time a page gives, in UTC; one without a zone is taken as UTC. Absurd years are none."""
    try:
        try:
            moment = datetime.fromisoformat(text.strip()[:60])
        except ValueError:
            moment = parsedate_to_datetime(text.strip()[:60])
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        moment = moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.year in _YEARS else None


def _without_site_name(title: str, names: Sequence[str], heading: str, base_url: str, *, is_certain: bool) -> str:
    """The title without the name of the site in front or behind; a `<title>` may also lose what only looks like it."""
    separators = list(_SEPARATOR.finditer(title))
    if not separators:
        return title
    known = {_squash(name) for name in names} - {""}
    first, last = separators[0], separators[-1]
    head, tail = title[: last.start()], title[last.end() :]
    if _squash(tail) in known:
        return head
    if _squash(title[: first.start()]) in known:
        return title[first.end() :]
    if is_certain:
        return title
    if heading and any(title[: found.start()] == heading for found in separators):
        return heading
    is_host = _squash(tail) in _squash(_host(base_url))
    return head if is_host or (last["bar"] and len(tail) <= len(head)) else title


def _host(url: str) -> str:
    try:
        return origin_of(url)
    except UrlProblem:
        return ""


def _squash(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _article_text(page: Page) -> list[str]:
    """The article's paragraphs, without what stands around it, up to a heading that begins something else."""
    blocks = [block for block in page.blocks if not block.is_noise]
    if sum(len(block.text) for block in blocks) < LEAST_ARTICLE:
        blocks = page.blocks
    chosen = _main_run(blocks, page.scope_kinds)
    for index, block in enumerate(chosen):
        if index and block.is_heading and _AFTERWORDS.match(block.text):
            chosen = chosen[:index]
            break
    return [block.text for block in chosen if not block.is_heading]


def _main_run(blocks: Sequence[Block], kinds: dict[int, str]) -> list[Block]:
    """The blocks of the container that is marked as the article, or else of the one that holds most text."""
    lengths = Counter[int]()
    for block in blocks:
        lengths.update(dict.fromkeys(block.scopes, len(block.text)))
    for kind in ("body", "article", "main"):
        marked = [scope for scope in lengths if kinds[scope] == kind]
        best = max(marked, key=lambda scope: lengths[scope], default=None)
        if best is not None and lengths[best] >= LEAST_ARTICLE:
            return [block for block in blocks if best in block.scopes]
    owners = Counter[int]()
    for block in blocks:
        owners[block.owner] += len(block.text)
    largest = max(owners, key=lambda owner: owners[owner], default=None)
    return [block for block in blocks if block.owner == largest]
