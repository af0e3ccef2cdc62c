"""Which names a guest may sign with. A name is text: nothing in it is markup."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Final

from forum.core.text import TextProblem, clean_line, skeleton
from forum.markup import is_spoiler_free

MAX_NAME_LENGTH: Final = 40  # code points
MIN_SITE_WORD: Final = 4  # letters; a shorter site name is protected only as a whole name

# Refused as any word of a name: "Site Admin", "the_moderator".
_STAFF_WORDS: Final = (
    "admin admins administrator administrators administration sysadmin webmaster mod mods moderator "
    "moderators moderation staff official aftershow superuser "
    "administrador administradora moderador moderadora administrateur administratrice modérateur modératrice "
    "moderatorin amministratore moderatore админ администратор администрация модератор"
)
# Refused only as a whole name: they are ordinary words in longer ones ("System of a Down fan").
_WHOLE_NAMES: Final = (
    "system support team help helpdesk owner root bot security service editor info contact postmaster "
    "deleted removed held null undefined deleteduser theteam supportteam thestaff soporte ayuda equipo"
)
_WORD_BREAK: Final = re.compile(r"[\W_]+|(?<=[a-zà-ÿа-я])(?=[A-ZÀ-ÞА-Я])")
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]"
)
_EDGE_DIGITS: Final = re.compile(r"^\d+|\d+$")

_RESERVED_WORDS: Final = frozenset(skeleton(word) for word in _STAFF_WORDS.split())
_RESERVED_NAMES: Final = _RESERVED_WORDS | {skeleton(word) for word in _WHOLE_NAMES.split()}


def check_guest_name(name: str, *, site_name: str) -> str:
    """Return `name` cleaned, ready to be shown as text.

    Raises TextProblem: "name_empty", "name_too_long" (over 40 code points), "bad_character", or
    "name_reserved" (it reads like staff, like this software or like the site, however disguised), or
    "spoiler_in_title" (nothing in a name can be covered).
    """
    try:
        cleaned = clean_line(name, MAX_NAME_LENGTH)
    except TextProblem as problem:
        code = problem.code if problem.code == "bad_character" else f"name_{problem.code}"
        raise TextProblem(code, problem.position) from None
    if not is_spoiler_free(cleaned):
        raise TextProblem("spoiler_in_title")
    if _is_reserved(cleaned, site=_site_key(site_name)):
        raise TextProblem("name_reserved")
    return cleaned


@lru_cache(maxsize=256)
def _site_key(site_name: str) -> str:
    return skeleton(site_name)


def _is_reserved(name: str, *, site: str) -> bool:
    """A whole name is compared with every reserved word, a run of whole words with the staff words.

    Runs and not substrings: "A d m i n" is one, "Adminah", "Modesta" and "Stafford" are none.
    """
    whole = _forms(name)
    if whole & _RESERVED_NAMES or site in whole - {""}:
        return True
    words = _RESERVED_WORDS | {site} if len(site) >= MIN_SITE_WORD else _RESERVED_WORDS
    parts = [part for part in _WORD_BREAK.split(_INVISIBLE.sub("", name)) if part]
    return any(_forms(run) & words for run in _runs(parts))


def _runs(parts: list[str]) -> Iterator[str]:
    """Runs of neighbouring words, joined. Spaced-out letters stay together: "M.O.D.O.K." holds no "Mod"."""
    spaced = [len(part) == 1 for part in parts]
    inside = [False, *(left and right for left, right in pairwise(spaced)), False]
    for start, end in combinations(range(len(parts) + 1), 2):
        if not inside[start] and not inside[end]:
            yield "".join(parts[start:end])


def _forms(word: str) -> set[str]:
    """The look-alike keys of a word: as written, and without digits at its ends ("admin2")."""
    bare = _EDGE_DIGITS.sub("", word)
    return {skeleton(word)} if bare == word else {skeleton(word), skeleton(bare)}
