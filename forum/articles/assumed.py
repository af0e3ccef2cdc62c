"""What a discussion assumes, as pages, publishers and frames write it: points ("jessica-jones:S1E13") and ids of works.

Only the text is tidied here, nothing is looked up (see `forum.spoilers`). What cannot be read is never dropped: it
becomes a part that no catalogue knows, and so a spoiler for we don't know what.
"""

import re

from forum.core.text import is_unwanted

MAX_ASSUMES = 300  # characters, of what a page or an address says
MAX_WORKS = 20
# The part that nobody can have cleared.
UNREADABLE = "?:"

_BETWEEN = re.compile(r"[\s,;+]+")
_WORK_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


def parts_of(text: str) -> tuple[str, ...]:
    """The parts of a statement, each once, in its order: white space, commas, semicolons and + stand between them."""
    parts = (UNREADABLE if any(map(is_unwanted, part)) else part for part in _BETWEEN.split(text))
    return tuple(dict.fromkeys(part for part in parts if part))


def tidy(text: str, most: int = MAX_ASSUMES) -> str:
    """A statement in one spelling, at most `most` characters; in place of what does not fit, UNREADABLE. Idempotent."""
    parts = parts_of(text)
    whole = " ".join(parts)
    if len(whole) <= most:
        return whole
    kept = whole[: most - len(UNREADABLE)].rpartition(" ")[0]
    return " ".join(parts_of(f"{kept} {UNREADABLE}"))


def works_in(text: str) -> tuple[str, ...]:
    """Ids of works, each once, in their order, at most MAX_WORKS. What is no id names no work and hides nothing."""
    ids = (part.lower() for part in parts_of(text))
    return tuple(dict.fromkeys(found for found in ids if _WORK_ID.fullmatch(found)))[:MAX_WORKS]
