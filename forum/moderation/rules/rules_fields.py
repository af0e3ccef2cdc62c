"""What the editor of rules holds: a site's rules as fields of a form, there and back.

A mistake brings back every field as it was typed, with a sentence beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from forum.comments.screening.entries import MOST_ENTRIES
from forum.comments.screening.rules import MOST_DOMAINS, NO_RULES, Rules, RulesProblem, Wrong, parse
from forum.core.i18n import N_
from forum.errors import FieldError, Invalid
from forum.moderation.rules.check_settings import SHORTEST_SECRET
from forum.web.languages import Language

# Of an entry that is wrong, a sentence shows so much.
MOST_SHOWN: Final = 60
# From and to of every number, as it is typed: the spam score in hundredths.
RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "shortest": (0, 500),
    "longest": (50, 10_000),
    "close_after_days": (1, 3_650),
    "rate_comments": (1, 20),
    "rate_minutes": (1, 1_440),
    "most_links": (0, 100),
    "newcomer_comments": (1, 50),
    "first_comments": (0, 50),
    "spam_threshold": (50, 99),
}
# Numbers that may be left out: then there is no such rule.
OPTIONAL: Final = frozenset({"longest", "close_after_days", "rate_comments", "most_links"})
WORDS: Final = ("refuse_words", "hold_words", "flag_words")
DOMAINS: Final = ("blocked_domains", "trusted_domains")
CHOICES: Final = ("repeat_person", "repeat_site", "too_many_links", "newcomer_links", "media")
TICKS: Final = ("premoderate", "spam")
CHECK: Final = ("check_kind", "check_url", "check_on_failure")
KEY: Final = "check_key"
FIELDS: Final = (*RANGES, *WORDS, *DOMAINS, *CHOICES, *TICKS, *CHECK, KEY)
SENTENCES: Final[Mapping[str, str]] = {
    "bad_number": N_("Please write a whole number from %(low)s to %(high)s."),
    "contradicts": N_("The shortest length can't be more than the longest."),
    "no_choice": N_("Please choose one of these."),
    "too_many": N_(
        "That is too many: all word lists together hold at most %(words)s entries, a list of domains at most"
        " %(domains)s."
    ),
    "empty": N_("“%(value)s” has no letters to look for."),
    "too_long": N_("“%(value)s” is too long. An entry has up to eight words of up to 40 letters."),
    "star": N_("“%(value)s”: a star stands in a single word, at one place (foo*, *foo, f*o) or on both sides (*foo*)."),
    "too_short": N_("“%(value)s” has too few letters: it would match words that have nothing to do with it."),
    "bad_domain": N_("“%(value)s” isn't a domain. Write it like shop.example: no https:// and nothing after the name."),
    "bad_url": N_("Please write an address that begins with https://, without a name or password in it."),
    "bad_key": N_("A key has no spaces, and one that signs has at least %(secret)s characters."),
    "key_again": N_("Please type the key: nobody can see it again, and it goes to no other address than it was for."),
    "wrong_value": N_("This can't be read."),
}


class RulesRefused(Invalid):
    """Rules that can't be kept as they are; `wrong` is everything that is wrong with them."""

    code = "invalid"

    def __init__(self, wrong: Iterable[Wrong]) -> None:
        self.wrong = tuple(wrong)
        super().__init__(errors=tuple(FieldError(f"rules.{one.field}", one.code) for one in self.wrong))

    def sentences(self, language: Language) -> dict[str, str]:
        """What is wrong, by field of the form: the first thing for each."""
        said: dict[str, str] = {}
        for one in self.wrong:
            name = field_of(one.field)
            said.setdefault(name, language.text(SENTENCES[_code(one, name)], _params(one, name)))
        return said


def field_of(loc: str) -> str:
    """The field of the form that a part of the rules is typed into."""
    first, _, rest = loc.partition(".")
    return f"check_{rest}" if first == "check" and rest else "check_url" if first == "check" else first


def _code(one: Wrong, name: str) -> str:
    if one.code == "wrong_value":
        if name in RANGES:
            return "contradicts" if name == "shortest" else "bad_number"
        return "no_choice" if name in (*CHOICES, "check_kind", "check_on_failure") else one.code
    return one.code if one.code in SENTENCES else "wrong_value"


def _params(one: Wrong, name: str) -> dict[str, object]:
    low, high = RANGES.get(name, (0, 0))
    value = one.value if len(one.value) <= MOST_SHOWN else f"{one.value[:MOST_SHOWN]}…"
    limits = {"words": MOST_ENTRIES, "domains": MOST_DOMAINS, "secret": SHORTEST_SECRET}
    return {"low": low, "high": high, "value": value, **limits}


def fields_of(rules: Rules) -> dict[str, str]:
    """The form of rules. The key is never in it."""
    found = {name: "" if (value := getattr(rules, name)) is None else str(value) for name in RANGES}
    found["spam_threshold"] = str(round(rules.spam_threshold * 100))
    found |= {name: "\n".join(getattr(rules, name)) for name in (*WORDS, *DOMAINS)}
    found |= {name: str(getattr(rules, name).value) for name in CHOICES}
    found |= {name: "1" if getattr(rules, name) else "" for name in TICKS}
    check = rules.check
    found["check_kind"] = "" if check is None else check.kind.value
    found["check_url"] = "" if check is None else check.url
    found["check_on_failure"] = "hold" if check is None else check.on_failure.value
    return found


def typed(values: Mapping[str, str]) -> dict[str, str]:
    """What was typed into the form, but for the key. A box that is not ticked is not sent."""
    empty = fields_of(NO_RULES) | dict.fromkeys(TICKS, "")
    return {name: values.get(name, kept) for name, kept in empty.items()}


def read_rules_of(values: Mapping[str, str]) -> Rules:
    """The rules that a form describes; raises RulesRefused with all that is wrong with it."""
    return _Reading(typed(values) | {KEY: values.get(KEY, "")}).read()


@dataclass(slots=True)
class _Reading:
    """One reading of a form: goes on after a mistake, so that all of them can be mended at once."""

    fields: Mapping[str, str]
    wrong: list[Wrong] = field(default_factory=list)

    def read(self) -> Rules:
        found: dict[str, Any] = {name: number for name in RANGES if (number := self.number(name)) is not None}
        if "spam_threshold" in found:
            found["spam_threshold"] /= 100
        found |= {name: _lines(self.fields[name]) for name in (*WORDS, *DOMAINS)}
        found |= {name: self.fields[name] for name in CHOICES}
        found |= {name: bool(self.fields[name]) for name in TICKS}
        if self.fields["check_kind"]:
            found["check"] = {
                "kind": self.fields["check_kind"],
                "url": self.fields["check_url"].strip(),
                "key": self.fields[KEY].strip(),
                "on_failure": self.fields["check_on_failure"],
            }
        try:
            rules = parse(json.dumps(found))
        except RulesProblem as problem:
            raise RulesRefused((*self.wrong, *problem.wrong)) from problem
        if self.wrong:
            raise RulesRefused(self.wrong)
        return rules

    def number(self, name: str) -> int | None:
        """A number as it was typed; None where there is none, or none that can be taken."""
        text = self.fields[name].strip()
        if not text and name in OPTIONAL:
            return None
        low, high = RANGES[name]
        # ASCII alone: int() takes digits of any script, and a form would bring them back as others.
        fits = text.isascii() and text.isdigit() and len(text) <= len("10000")
        if not fits or not low <= int(text) <= high:
            self.wrong.append(Wrong(name, "bad_number", text))
            return None
        return int(text)


def _lines(text: str) -> list[str]:
    """The lines of a list, each once, without the empty ones."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
