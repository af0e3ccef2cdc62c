"""Which destinations a link may have, and how one is written."""

import re
from typing import Final
from urllib.parse import urlsplit

from markupsafe import escape

from forum.markup.source import BARE_URL, url_end

# Fails closed: printable characters only, and no backslash, which browsers read as a slash.
_SAFE: Final = re.compile(
    'https?://[^\\s\x00-\x20\\\\"<>^`{|}\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ue000-\ue00f\ufeff\ufffd]+',
    re.IGNORECASE,
)


def safe_destination(url: str) -> str | None:
    """Return the destination as written when it is plain http or https with a host, else None.

    Refused are other schemes, relative ones (they would lead into this application) and credentials,
    which only ever make one host look like another. International host names stay as they were typed.
    """
    if not _SAFE.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        refused = not parts.hostname or "@" in parts.netloc or (parts.port or 1) < 1
    except ValueError:
        return None
    return None if refused else url


def linkify(text: str) -> str:
    """Return `text` as HTML with its bare http and https URLs made links."""
    if "://" not in text:
        return str(escape(text))
    out: list[str] = []
    done = 0
    for found in BARE_URL.finditer(text):
        start, end = found.start(), url_end(text, found.start(), found.end())
        url = text[start:end]
        if safe_destination(url) is None:
            continue
        label = escape(url)
        out += [str(escape(text[done:start])), f'<a href="{label}">{label}</a>']
        done = end
    out.append(str(escape(text[done:])))
    return "".join(out)
