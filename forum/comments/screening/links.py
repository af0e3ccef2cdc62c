"""The links of a text: where they lead, who is trusted there, and whether they show pictures, films or sounds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from forum.comments.screening.model import Span
from forum.comments.screening.spam import links_in

# A domain in a list has no more labels than this.
_MOST_LABELS: Final = 9
_MEDIA: Final = re.compile(
    r"\.(?:apng|avif|bmp|gif|heic|jpe?g|jxl|png|svg|webp|avi|m4v|mkv|mov|mp4|mpe?g|ogv|webm|aac|flac|m4a|mp3|oga|ogg|opus|wav)$",
    re.IGNORECASE,
)
_MEDIA_HOSTS: Final = frozenset(
    [
        "youtube.com",
        "youtu.be",
        "vimeo.com",
        "dailymotion.com",
        "twitch.tv",
        "tiktok.com",
        "giphy.com",
        "tenor.com",
        "imgur.com",
        "gfycat.com",
        "streamable.com",
        "soundcloud.com",
        "spotify.com",
    ]
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link: its address, the host it leads to (lower case, punycode), and where it stands in the source, if it does
    as it was typed."""

    url: str
    host: str
    span: Span | None

    @property
    def is_media(self) -> bool:
        """Whether it leads to a picture, a film or a sound, as far as its address says."""
        path = self.url.partition("?")[0].partition("#")[0]
        return _MEDIA.search(path) is not None or is_below(self.host, _MEDIA_HOSTS)


def read_links(source: str, htmls: Iterable[str]) -> tuple[Link, ...]:
    """The links of a text, each address once, in the order of its parts as they are drawn."""
    urls = dict.fromkeys(url for html in htmls for url in links_in(html))
    return tuple(_link(source, url) for url in urls)


def _link(source: str, url: str) -> Link:
    at = source.find(url)
    return Link(url, _host(url), None if at < 0 else (at, at + len(url)))


def _host(url: str) -> str:
    try:
        return ascii_host(urlsplit(url).hostname or "")
    except ValueError:
        return ""


def ascii_host(host: str) -> str:
    """A host as hosts are compared."""
    try:
        return host.lower().rstrip(".") if host.isascii() else host.lower().rstrip(".").encode("idna").decode()
    except UnicodeError:
        return host.lower()


def is_below(host: str, domains: Collection[str]) -> bool:
    """Whether a host is one of these domains, or belongs to one."""
    return domain_of(host, domains) is not None


def domain_of(host: str, domains: Collection[str]) -> str | None:
    """Which of these domains a host is, or belongs to."""
    labels = host.split(".")
    wider = (".".join(labels[at:]) for at in range(max(len(labels) - _MOST_LABELS, 0), len(labels)))
    return next((domain for domain in wider if domain in domains), None)
