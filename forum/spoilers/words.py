"""Runs of words: whether a text repeats what another one covers, without keeping the covered words readable."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

from forum.markup import slots

# So many consecutive words are no accident.
RUN: Final = 8
# A quote was taken out of a passage when it shares a run of so many words with it, or all of a shorter one.
QUOTED_RUN: Final = 3
_WORD: Final = re.compile(r"\w+")
# Scripts that are written without spaces (Thai, Lao, Burmese, Khmer, Japanese, Chinese): each sign counts as a word.
_UNSPACED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_SIGN_OR_WORD: Final = re.compile(rf"[{_UNSPACED}\U00020000-\U0003ffff]|[^\W{_UNSPACED}\U00020000-\U0003ffff]+")


def words_of(text: str) -> list[str]:
    """The words of a text, without case or punctuation; signs where it is written without spaces."""
    return _SIGN_OR_WORD.findall(slots.plain(text).casefold())


def run_hashes(text: str, secret: str) -> frozenset[int]:
    """Keyed 64-bit hashes of every run of RUN words: nobody without the key can try out what they stand for."""
    # Here a text without spaces is one word: eight of its signs in a row may well be an accident.
    words = _WORD.findall(slots.plain(text).casefold())
    key = blake2b(secret.encode(), digest_size=32).digest()
    return frozenset(
        int.from_bytes(blake2b(" ".join(words[at : at + RUN]).encode(), digest_size=8, key=key).digest(), signed=True)
        for at in range(len(words) - RUN + 1)
    )


def is_taken_from(quote: str, passage: str) -> bool:
    """Whether a quoted text holds words of a passage: a run of QUOTED_RUN of them, or all of a shorter passage."""
    inside, around = words_of(passage), words_of(quote)
    if not inside:
        bare = slots.plain(passage).strip()
        return bool(bare) and bare in slots.plain(quote)
    length = min(QUOTED_RUN, len(inside))
    runs = {tuple(inside[at : at + length]) for at in range(len(inside) - length + 1)}
    return any(tuple(around[at : at + length]) in runs for at in range(len(around) - length + 1))


def is_within(quote: str, text: str) -> bool:
    """Whether all the words of a quote stand in a text, one after the other as they do there."""
    wanted, there = words_of(quote), words_of(text)
    if not wanted:
        return slots.plain(quote).strip() in slots.plain(text)
    return any(there[at : at + len(wanted)] == wanted for at in range(len(there) - len(wanted) + 1))
