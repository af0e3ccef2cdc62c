"""The article in a page's JSON-LD, if one describes itself there. Tolerates what real pages get wrong. Pure."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forum.articles.html_scan import unescape_text
from forum.articles.urls import UrlProblem, normalise_url

MAX_SCRIPT = 300_000  # characters of one script
MAX_NODES = 400  # objects looked at
_TYPES = frozenset(
    {
        *("article", "newsarticle", "blogposting", "report", "review", "liveblogposting", "socialmediaposting"),
        *("reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle", "reviewnewsarticle"),
        *("backgroundnewsarticle", "askpublicnewsarticle", "techarticle", "scholarlyarticle", "satiricalarticle"),
    }
)
_TRAILING_COMMA = re.compile(r",(\s*+[}\]])")


@dataclass(frozen=True, slots=True)
class LinkedArticle:
    """What the JSON-LD says, unchecked; empty where it says nothing. `publisher` is the site's name."""

    title: str = ""
    url: str = ""
    published: str = ""
    author: str = ""
    image: str = ""
    publisher: str = ""


def read_linked_article(scripts: Sequence[str], base_url: str) -> LinkedArticle:
    """The article among these scripts that names this page's address, else the first one, else an empty one."""
    nodes = [node for script in scripts[:20] for node in _nodes(_parse(script))][:MAX_NODES]
    articles = [node for node in nodes if not _TYPES.isdisjoint(_types(node))]
    if not articles:
        return LinkedArticle()
    here = _key(base_url)
    chosen = next((node for node in articles if here and _key(_address(node)) == here), articles[0])
    return LinkedArticle(
        title=_text(chosen.get("headline")) or _text(chosen.get("name")),
        url=_address(chosen),
        published=_text(chosen.get("datePublished")) or _text(chosen.get("dateCreated")),
        author=", ".join(_names(chosen.get("author"), nodes)[:3]),
        image=_resource(chosen.get("image"), nodes) or _resource(chosen.get("thumbnailUrl"), nodes),
        publisher=", ".join(_names(chosen.get("publisher"), nodes)[:1]),
    )


def _parse(script: str) -> object:
    """The JSON in a script, without what does not belong around or inside it; None when there is none."""
    starts = [at for at in (script.find("{"), script.find("[{"), script.find("[ {")) if at >= 0]
    end = max(script.rfind("}"), script.rfind("]")) + 1
    if not starts or end <= min(starts) or len(script) > MAX_SCRIPT:
        return None
    text = script[min(starts) : end]
    for candidate in (text, _TRAILING_COMMA.sub(r"\1", text)):
        try:
            parsed: object = json.loads(candidate, strict=False)
        except (ValueError, RecursionError):
            continue
        return parsed
    return None


def _nodes(parsed: object) -> Iterator[dict[str, object]]:
    """The objects at the top, in lists, in @graph, and what a page is mainly about."""
    waiting = [parsed]
    seen = 0
    while waiting and seen < MAX_NODES:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(reversed(node[:MAX_NODES]))
        elif isinstance(node, dict):
            seen += 1
            yield node
            waiting.extend(node[key] for key in ("mainEntity", "@graph") if key in node)


def _types(node: dict[str, object]) -> set[str]:
    value = node.get("@type")
    names = value if isinstance(value, list) else [value]
    return {re.split(r"[/:#]", name)[-1].strip().lower() for name in names if isinstance(name, str)}


def _address(node: dict[str, object]) -> str:
    return _link(node.get("url")) or _link(node.get("mainEntityOfPage"))


def _link(value: object) -> str:
    if isinstance(value, dict):
        return _text(value.get("@id")) or _text(value.get("url"))
    return _text(value)


def _key(url: str) -> str:
    try:
        return normalise_url(url, strip_www=True)
    except UrlProblem:
        return ""


def _text(value: object) -> str:
    """Plain text of a value that should be text: some pages escape it for HTML once more."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        value = value.get("@value")
    return unescape_text(value) if isinstance(value, str) else ""


def _names(value: object, nodes: Sequence[dict[str, object]]) -> list[str]:
    """The names of people or organisations, given as text, as objects or by reference into the same graph."""
    found = []
    for item in (value if isinstance(value, list) else [value])[:10]:
        name = _text(_followed(item, nodes).get("name")) if isinstance(item, dict) else _text(item)
        if name.strip() and "://" not in name:
            found.append(name.strip())
    return found


def _resource(value: object, nodes: Sequence[dict[str, object]]) -> str:
    """The address of an image, given as text, as an object, by reference, or as a list of those."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        item = _followed(value, nodes)
        return _text(item.get("url")) or _text(item.get("contentUrl"))
    return _text(value)


def _followed(item: dict[str, object], nodes: Sequence[dict[str, object]]) -> dict[str, object]:
    """The object itself, or the one in the graph that it only names by @id."""
    identity = item.get("@id")
    if len(item) > 2 or not isinstance(identity, str):
        return item
    return next((node for node in nodes if node is not item and node.get("@id") == identity), item)
