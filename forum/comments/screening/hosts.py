"""Names of hosts: whose links are trusted, and whose are blocked."""

from __future__ import annotations

import re
from typing import Final

_LABEL: Final = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL}){{1,8}}")


def is_domain(text: str) -> bool:
    """Whether a text is the name of a domain: labels with dots between them, no scheme, no path, no port."""
    return len(text) <= 253 and _DOMAIN.fullmatch(text) is not None
