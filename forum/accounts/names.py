"""Which names people may sign with: guests, and accounts. A name is text: nothing in it is markup."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, pairwise
from typing import Final

from forum.core.text import INVISIBLE, TextProblem, clean_line, is_visible, skeleton
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
    "deleted removed held null undefined deleteduser deletedaccount theteam supportteam thestaff soporte ayuda equipo"
)
_WORD_BREAK: Final = re.compile(r"[\W_]+|(?<=[a-zà-ÿа-я])(?=[A-ZÀ-ÞА-Я])")
# Invisible, and yet needed: what joins, parts and turns letters, and what chooses their shapes or those of pictures.
_NEEDED: Final = frozenset(
    chr(code)
    for codes in (
        (0x34F, 0x61C), range(0x180B, 0x1810), range(0x200C, 0x2010), range(0xFE00, 0xFE10),
        range(0xE0020, 0xE0080), range(0xE0100, 0xE01F0),
    )
    for code in codes
)  # fmt: skip
_EDGE_DIGITS: Final = re.compile(r"^\d+|\d+$")

# What can't stand in the address of a profile, whatever comes between us and the browser.
_SEPARATORS: Final = re.compile(r"[/\\]")
# A name needs one of these: a letter, or a picture (an emoji). Digits and signs alone are no name.
_MEANS_SOMETHING: Final = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "So"})
_EMOJI: Final = range(0x1F000, 0x1FB00)  # with tomorrow's, which have no category yet
MAX_KEY: Final = 400  # the column
# Longer than this, nobody is called however it is spelt; and comparing long texts takes long.
MOST_TYPED: Final = 400
MOST_NAMED: Final = 100

_RESERVED_WORDS: Final = frozenset(skeleton(word) for word in _STAFF_WORDS.split())
_RESERVED_NAMES: Final = _RESERVED_WORDS | {skeleton(word) for word in _WHOLE_NAMES.split()}


def check_guest_name(name: str, *, site_name: str) -> str:
    """Return `name` cleaned, ready to be shown as text.

    Raises TextProblem: "name_empty", "name_too_long" (over 40 code points), "bad_character", or
    "name_reserved" (it reads like staff, like this software or like the site, however disguised), or
    "spoiler_in_title" (nothing in a name can be covered).
    """
    cleaned = _clean(name)
    if _is_reserved(cleaned, site=_site_key(site_name)):
        raise TextProblem("name_reserved")
    return cleaned


def check_account_name(name: str) -> str:
    """Return `name` cleaned, fit to be an account's and to stand in the address of its profile.

    Raises TextProblem: the codes of guests, and "name_unusable" (a slash or backslash, or no letter and no picture).
    That nobody else looks like it, the database says (`name_key`).
    """
    cleaned = _clean(name)
    if _SEPARATORS.search(cleaned) or not any(map(_means_something, cleaned)):
        raise TextProblem("name_unusable")
    if _is_reserved(cleaned, site=""):
        raise TextProblem("name_reserved")
    return cleaned


def name_key(name: str) -> str:
    """Return the key under which names that look the same are the same: unique for the accounts of a server.

    A name of pictures alone has no letters to compare: its key is the pictures without what draws nothing. For a text
    that is too long to be a name it is a key that nobody has.
    """
    if len(name) > MOST_NAMED:
        return _digest(name)
    key = skeleton(name) or f"={_pictures(name)}"
    return key if len(key) <= MAX_KEY else _digest(key)


def _digest(key: str) -> str:
    return "#" + hashlib.sha256(key.encode(errors="replace")).hexdigest()


def _pictures(name: str) -> str:
    seen = [c for c in unicodedata.normalize("NFKC", name).casefold() if is_visible(c)]
    return "".join(c for c in seen if unicodedata.category(c)[0] != "P") or "".join(seen)


def _means_something(character: str) -> bool:
    return unicodedata.category(character) in _MEANS_SOMETHING or ord(character) in _EMOJI


def _clean(name: str) -> str:
    if len(name) > MOST_TYPED:
        raise TextProblem("name_too_long", MAX_NAME_LENGTH)
    try:
        cleaned = clean_line(INVISIBLE.sub(_needed, name), MAX_NAME_LENGTH)
    except TextProblem as problem:
        code = problem.code if problem.code == "bad_character" else f"name_{problem.code}"
        raise TextProblem(code, problem.position) from None
    if not is_spoiler_free(cleaned):
        raise TextProblem("spoiler_in_title")
    return cleaned


def _needed(found: re.Match[str]) -> str:
    return found[0] if found[0] in _NEEDED else ""


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
    parts = [part for part in _WORD_BREAK.split(INVISIBLE.sub("", name)) if part]
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
