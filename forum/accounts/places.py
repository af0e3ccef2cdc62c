"""Where people go on to after a sign-in: to our own pages and nowhere else."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

HOME: Final = "/"
MOST_CHARACTERS: Final = 2000
# A path of ours in visible ASCII: everything else has to be written percent-encoded. Browsers read a backslash as a
# slash, and drop tabs and line ends from wherever they stand.
_OWN_PATH: Final = re.compile(r"/(?![/\\])[!-\[\]-~]*", re.ASCII)


def safe_next(text: str | None) -> str:
    """Return `text` if it is the address of a page of this server as a path ("/d/7?sort=newest"), "/" otherwise."""
    if not text or len(text) > MOST_CHARACTERS or not _OWN_PATH.fullmatch(text):
        return HOME
    try:
        parts = urlsplit(text)
    except ValueError:
        return HOME
    return HOME if parts.scheme or parts.netloc else text
