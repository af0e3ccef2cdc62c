"""The settings of a check from outside: what can be asked, and how its key stays with us.

Nobody is shown a key again, whoever set it. Who changes other rules leaves it empty and it stays; who has somebody else
asked types it again, so that no editor can have it sent to an address of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final
from urllib.parse import urlsplit

from forum.comments.screening.rules import Check, CheckKind, Rules, Wrong

# What a hook is signed with should take longer to guess than it is used.
SHORTEST_SECRET: Final = 16


def complete(new: Rules, old: Rules) -> Rules:
    """Rules that somebody has typed, with the key that they could not see where the same check is asked as before."""
    if new.check is None or new.check.key or old.check is None:
        return new
    if not is_same(new.check, old.check):
        return new
    return replace(new, check=replace(new.check, key=old.check.key))


def is_same(one: Check, other: Check) -> bool:
    """Whether the same is asked, in the same way."""
    return (one.kind, one.url) == (other.kind, other.url)


def check_problems(check: Check | None, *, local: bool) -> list[Wrong]:
    """What is wrong with the settings of a check. `local` (development) admits addresses without encryption."""
    if check is None:
        return []
    wrong = []
    if not is_url(check.url, local=local):
        wrong.append(Wrong("check.url", "bad_url", check.url))
    if not check.key:
        wrong.append(Wrong("check.key", "key_again"))
    elif not is_key(check):
        wrong.append(Wrong("check.key", "bad_key"))
    return wrong


def is_url(url: str, *, local: bool) -> bool:
    """Whether a check can be asked there: an absolute https address without name and password."""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and "@" not in parts.netloc and (parts.port or 1) > 0
    except ValueError:
        return False
    clean = url.isprintable() and not any(character.isspace() or character == "\\" for character in url)
    return named and clean and not parts.fragment and parts.scheme in (("https", "http") if local else ("https",))


def is_key(check: Check) -> bool:
    """Whether this can be a key: ASCII without spaces, and long enough where it signs."""
    plain = check.key.isascii() and check.key.isprintable() and " " not in check.key
    return plain and (check.kind is not CheckKind.HOOK or len(check.key) >= SHORTEST_SECRET)


def shown(rules: Rules) -> Mapping[str, Any]:
    """Rules as anybody may see them who may see rules: without the key. What they send back like this keeps it."""
    found = asdict(rules)
    if rules.check is not None:
        found["check"] = {**found["check"], "key": ""}
    return found
