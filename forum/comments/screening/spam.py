"""The local spam filter: which words, links and shapes of a text speak for spam, by what moderators of this site said.

A logistic regression over hashed features that learns from one text after the other. It is small (64 KB for a site),
forgets slowly, sends nothing anywhere, and can say which features moved it. Whether it may speak at all is for
`forum.comments.screening.spam_record`.

It knows skeletons only: words behind a cover are neither learned nor scored.
"""

from __future__ import annotations

import math
import re
import sys
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from typing import Final, NamedTuple
from urllib.parse import urlsplit
from zlib import crc32

from forum.core.confusables import LETTERS
from forum.core.i18n import N_
from forum.core.text import INVISIBLE
from forum.markup import slots
from forum.spoilers.words import words_of

# So many weights, 32-bit floats. Place 0 is the bias: how much of what moderators see here is spam anyway.
SIZE: Final = 2**14
# From this probability on a text is taken for spam.
THRESHOLD: Final = 0.9
# How far one text moves the weights. Its features have the length 1 together, however many they are.
RATE: Final = 2.0
# The bias learns slower: how much is spam says little about one text.
_BIAS: Final = 0.1
# So often an interval is halved until it is a number.
_HALVINGS: Final = 50
# What is not confirmed again fades: after about 7,000 texts half of it is left.
FADE: Final = 0.9999
# Of a longer text the beginning and the end are read: the time it takes has a bound.
MOST_WORDS: Final = 600
MOST_HOSTS: Final = 20
MOST_REASONS: Final = 5
LONGEST_WORD: Final = 40
_HREF: Final = re.compile(r'href="([^"]+)"')
_CONTACT: Final = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.\w{2,}|\+?\d(?:[ ()./-]{0,2}\d){8,14}")
_MONEY: Final = re.compile(r"[$€£¥₹₿]\s?\d|\d\s?[$€£¥₹₿%]")
_SHOUT: Final = re.compile(r"!{3,}|\?{3,}")
# Greek and Cyrillic.
_OTHER_SCRIPT: Final = re.compile("[\u0370-\u052f]")
_URL: Final = re.compile(r"https?://|www\.")

# What a feature is called before moderators; "word" and "pair" name words of the text, "host" a site.
REASONS: Final[dict[str, str]] = {
    "word": N_("the word “%(what)s”"),
    "pair": N_("the words “%(what)s”"),
    "host": N_("a link to %(what)s"),
    "links": N_("a link"),
    "many_links": N_("several links"),
    "short_link": N_("hardly more than a link"),
    "capitals": N_("mostly capital letters"),
    "mixed": N_("letters of several scripts in one word"),
    "hidden": N_("invisible characters"),
    "contact": N_("an e-mail address or a telephone number"),
    "money": N_("sums of money"),
    "shout": N_("rows of exclamation or question marks"),
    "digits": N_("many digits"),
    "repeated": N_("the same words again and again"),
}


class Feature(NamedTuple):
    """One thing about a text: a kind out of `REASONS`, and which word or host ("" for shapes)."""

    kind: str
    what: str = ""

    @property
    def place(self) -> int:
        """Its place among the weights; other features may share it."""
        return 1 + crc32(f"{self.kind}:{self.what.translate(LETTERS)}".encode()) % (SIZE - 1)


class Reason(NamedTuple):
    """Why a text looks like spam: an N_ sentence of `REASONS`, what fills it, and how much of the score it is."""

    sentence: str
    what: str
    share: float


@dataclass(frozen=True, slots=True)
class Sample:
    """A text as the filter sees it: what everybody can read, and the hosts that it links to."""

    text: str
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Score:
    """How likely a text is spam (0 to 1), and what speaks for that, the strongest first."""

    probability: float
    reasons: tuple[Reason, ...] = ()


def sample_of(html: str, text: str) -> Sample:
    """The sample of a stored comment: its skeleton as HTML (which was made here) and as text."""
    hosts = (_host(link) for link in links_in(html))
    return Sample(slots.plain(text), tuple(dict.fromkeys(host for host in hosts if host))[:MOST_HOSTS])


def links_in(html: str) -> tuple[str, ...]:
    """The addresses that a comment's HTML links to, each once."""
    return tuple(dict.fromkeys(unescape(href) for href in _HREF.findall(html)))


def _host(href: str) -> str:
    try:
        return (urlsplit(href).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def empty_weights() -> array[float]:
    """What a filter knows that has seen nothing: everything is as likely as not."""
    return array("f", bytes(4 * SIZE))


def weights_of(kept: bytes) -> array[float]:
    """Weights as they are stored; anything of another size is no weights, and an empty filter."""
    weights = array("f")
    if len(kept) != 4 * SIZE:
        return empty_weights()
    weights.frombytes(kept)
    return _little_endian(weights)


def bytes_of(weights: array[float]) -> bytes:
    """Weights to be stored."""
    return _little_endian(weights[:]).tobytes()


def _little_endian(weights: array[float]) -> array[float]:
    if sys.byteorder == "big":
        weights.byteswap()
    return weights


def features(sample: Sample) -> tuple[Feature, ...]:
    """Everything the filter notices about a text, each thing once, in a time that has a bound."""
    plain = unicodedata.normalize("NFKC", INVISIBLE.sub("", _excerpt(sample.text)))
    words = [word[:LONGEST_WORD] for word in words_of(plain)]
    words = words if len(words) <= MOST_WORDS else words[: MOST_WORDS - 100] + words[-100:]
    found = dict.fromkeys(Feature("word", word) for word in words)
    found |= dict.fromkeys(Feature("pair", f"{one} {two}") for one, two in pairwise(words))
    found |= dict.fromkeys(Feature("host", host) for host in sample.hosts)
    found |= dict.fromkeys(Feature(kind) for kind in _shapes(sample, plain, words))
    return tuple(found)


def _excerpt(text: str) -> str:
    """No more of a text than its first and last words can be in."""
    most = MOST_WORDS * LONGEST_WORD
    return text if len(text) <= most else f"{text[: most - 4_000]} {text[-4_000:]}"


def _shapes(sample: Sample, plain: str, words: list[str]) -> Iterator[str]:
    links = max(len(sample.hosts), len(_URL.findall(plain)))
    letters = [character for character in plain if character.isalpha()]
    if links:
        yield "links"
    if links > 1:
        yield "many_links"
    if links and len(words) < 12:
        yield "short_link"
    if len(letters) >= 12 and sum(map(str.isupper, letters)) * 2 > len(letters):
        yield "capitals"
    if _OTHER_SCRIPT.search(plain) and any(_is_mixed(word) for word in words):
        yield "mixed"
    if INVISIBLE.search(sample.text) and letters and letters[0].isascii():
        yield "hidden"
    for kind, pattern in (("contact", _CONTACT), ("money", _MONEY), ("shout", _SHOUT)):
        if pattern.search(plain):
            yield kind
    if sum(map(str.isdigit, plain)) * 5 > len(plain) > 0:
        yield "digits"
    if len(words) >= 20 and len(set(words)) * 3 < len(words):
        yield "repeated"


def _is_mixed(word: str) -> bool:
    """Whether Latin letters stand in one word with those of a script that has the same shapes."""
    has_latin = any("a" <= character <= "z" for character in word)
    return has_latin and _OTHER_SCRIPT.search(word) is not None


def score(weights: array[float], sample: Sample, *, explained: bool = True) -> Score:
    """How likely a text is spam, and why. A text of which nothing can be read is as likely as not."""
    found = features(sample)
    if not found:
        return Score(0.5)
    probability = _sigmoid(_total(weights, found))
    if not explained:
        return Score(probability)
    length = _length(found)
    return Score(probability, _reasons([(weights[feature.place] * length, feature) for feature in found]))


def _total(weights: array[float], found: tuple[Feature, ...]) -> float:
    return weights[0] + _length(found) * math.fsum(weights[feature.place] for feature in found)


def _reasons(parts: list[tuple[float, Feature]]) -> tuple[Reason, ...]:
    """What speaks for spam most. A pair of words is said instead of the words in it, and nothing twice."""
    pushing = sorted((part for part in parts if part[0] > 0), key=lambda part: (-part[0], part[1]))
    whole = math.fsum(part for part, _ in pushing)
    said: list[Reason] = []
    seen: set[str] = set()
    for part, feature in pushing:
        words = set(feature.what.split())
        if feature.what and words <= seen:
            continue
        seen |= words
        said.append(Reason(REASONS[feature.kind], feature.what, round(part / whole, 3)))
        if len(said) == MOST_REASONS:
            break
    return tuple(said)


def learn(weights: array[float], sample: Sample, is_spam: bool) -> None:
    """Move the weights towards what a moderator said about a text."""
    if found := features(sample):
        _move(weights, found, _step(_total(weights, found), is_spam))


def unlearn(weights: array[float], sample: Sample, is_spam: bool) -> None:
    """Take back that a text was learned: the step that has led to where the filter is now, the other way. Nothing is
    kept of texts, but there is only one place from where that step leads here."""
    if not (found := features(sample)):
        return
    total = _total(weights, found)
    shared = Counter(feature.place for feature in found)
    by_step = _BIAS + _length(found) ** 2 * sum(many * many for many in shared.values())
    low, high = total - RATE * by_step, total + RATE * by_step
    for _ in range(_HALVINGS):
        before = (low + high) / 2
        if before + by_step * _step(before, is_spam) < total:
            low = before
        else:
            high = before
    _move(weights, found, -_step(low, is_spam))


def _step(total: float, is_spam: bool) -> float:
    return RATE * (float(is_spam) - _sigmoid(total))


def _move(weights: array[float], found: tuple[Feature, ...], step: float) -> None:
    weights[0] += step * _BIAS
    length = _length(found)
    for feature in found:
        weights[feature.place] += step * length


def fade(weights: array[float], texts: int) -> array[float]:
    """The weights a little nearer to knowing nothing, after so many texts."""
    rest = FADE**texts
    return array("f", (weight * rest for weight in weights))


def _length(found: tuple[Feature, ...]) -> float:
    return 1 / math.sqrt(len(found))


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-max(min(value, 30.0), -30.0)))


def fingerprint(sample: Sample) -> str:
    """What a text has in common with the same text once more, in other numbers, case or spacing: eight hexadecimal
    digits. Nobody can read it back."""
    letters = (word.translate(LETTERS) for word in words_of(sample.text) if not word.isdigit())
    return f"{crc32(' '.join(letters).encode()):08x}"
