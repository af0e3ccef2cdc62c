"""This site's embeds on a foreign page, and what their tags say. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urljoin, urlsplit

from forum.articles.assumed import tidy, works_in
from forum.articles.extract_page import Page
from forum.articles.urls import UrlProblem, normalise_url

_MAX_GATE = 20  # characters
# Of two gates the one that shows less.
_MOST_CAREFUL = "ask"


@dataclass(frozen=True, slots=True)
class Embed:
    """A script or frame that loads this site's embed from here: what it says, unchecked; empty: nothing."""

    identifier: str = ""
    assumes: str = ""
    works: str = ""
    gate: str = ""


@dataclass(frozen=True, slots=True)
class PageWarning:
    """What a page says its discussion gives away; None, or no works, where it says nothing.

    `assumes` is tidy text; parts of it may be unknown, malformed or cut off, and say so. `gate` may be any word.
    """

    assumes: str | None = None
    works: tuple[str, ...] = ()
    gate: str | None = None


def absolute(url: str, base: str) -> str | None:
    """An absolute, normal http(s) address, or None."""
    if not url.strip():
        return None
    try:
        return normalise_url(urljoin(base, url.strip()), strip_www=False)
    except (UrlProblem, ValueError):
        return None


def read_embeds(page: Page, base: str, site_key: str, public_url: str) -> Iterator[Embed]:
    """Each script and plain frame of the page that really loads this site's embed from here."""
    root = public_url.rstrip("/")
    loader = absolute(f"{root}/static/embed.js", root)
    frame = absolute(f"{root}/embed/{quote(site_key, safe='')}", root)
    if loader is None or frame is None:
        return
    for script in page.scripts:
        if script.get("data-site") == site_key and _without_query(script["src"], base) == loader:
            yield Embed(*(script.get(f"data-{name}", "") for name in ("identifier", "assumes", "works", "gate")))
    for element in page.frames:
        if _without_query(element["src"], base) == frame:
            said = _parameters(element["src"])
            yield Embed(*(said.get(name, [""])[0] for name in ("identifier", "assumes", "works")))


def read_warning(embeds: Sequence[Embed], metas: Mapping[str, str], identifier: str | None) -> PageWarning:
    """What the page says about the article that is recognised by `identifier` (None: by its address).

    The tag that names the article speaks for it, several together; what the tag leaves out the page's head may say.
    """
    tags = [embed for embed in embeds if embed.identifier == (identifier or "")]
    if not tags and identifier is None:
        tags = list(embeds)
    assumes = " ".join(tag.assumes for tag in tags)
    works = " ".join(tag.works for tag in tags)
    gates = {gate for tag in tags if (gate := tag.gate.strip().lower())} or {
        metas.get("aftershow:gate", "").strip().lower()
    }
    return PageWarning(
        assumes=tidy(assumes) or tidy(metas.get("aftershow:assumes", "")) or None,
        works=works_in(works) or works_in(metas.get("aftershow:works", "")),
        gate=(gates.pop() if len(gates) == 1 else _MOST_CAREFUL)[:_MAX_GATE] or None,
    )


def _parameters(url: str) -> dict[str, list[str]]:
    """The parameters of an address, none when its query is no query."""
    try:
        return parse_qs(urlsplit(url.strip()).query, max_num_fields=100)
    except ValueError:
        return {}


def _without_query(url: str, base: str) -> str:
    return (absolute(url, base) or "").partition("?")[0]
