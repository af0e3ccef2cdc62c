"""The screening rules of a site: what its editors may set, checked, and kept as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from forum.comments.screening.entries import MOST_ENTRIES, entry_problem
from forum.comments.screening.hosts import is_domain

MOST_DOMAINS: Final = 1_000


class Action(StrEnum):
    """What happens to a comment that a rule is about."""

    OFF = "off"
    HOLD = "hold"
    REFUSE = "refuse"


class CheckKind(StrEnum):
    """Who is asked about a new comment beside us: a service that answers as Akismet does, or a hook of the site's."""

    AKISMET = "akismet"
    HOOK = "hook"


class OnFailure(StrEnum):
    """What becomes of a comment when whoever should be asked does not answer."""

    HOLD = "hold"
    PUBLISH = "publish"


_CONFIG: Final = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Check:
    """Somebody outside who is asked about every new comment. `key` is what we sign or sign in with."""

    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG

    kind: CheckKind
    url: Annotated[str, Field(max_length=500)]
    key: Annotated[str, Field(max_length=200)]
    on_failure: OnFailure = OnFailure.HOLD


_Words = Annotated[tuple[str, ...], Field(max_length=MOST_ENTRIES)]
_Domains = Annotated[tuple[Annotated[str, Field(max_length=253)], ...], Field(max_length=MOST_DOMAINS)]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a site screens for. As they are here, nothing is held or refused but what always is.

    Lengths are in characters. `rate_comments` is how many comments one person may write in `rate_minutes`. A person is
    new until `newcomer_comments` of theirs have been published. Words are lists of words, phrases and words with one or
    two `*` (see `forum.comments.screening.words`). Links to trusted domains do not count, links to blocked ones refuse
    the comment. The first `first_comments` of everybody are held. `spam_threshold` is from where on the spam score
    (once it has earned trust) holds a comment.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _CONFIG

    shortest: Annotated[int, Field(ge=0, le=500)] = 0
    longest: Annotated[int | None, Field(ge=50, le=10_000)] = None
    close_after_days: Annotated[int | None, Field(ge=1, le=3_650)] = None
    rate_comments: Annotated[int | None, Field(ge=1, le=20)] = None
    rate_minutes: Annotated[int, Field(ge=1, le=1_440)] = 10
    repeat_person: Action = Action.OFF
    repeat_site: Literal[Action.OFF, Action.HOLD] = Action.OFF
    refuse_words: _Words = ()
    hold_words: _Words = ()
    flag_words: _Words = ()
    most_links: Annotated[int | None, Field(ge=0, le=100)] = None
    too_many_links: Literal[Action.HOLD, Action.REFUSE] = Action.HOLD
    newcomer_comments: Annotated[int, Field(ge=1, le=50)] = 3
    newcomer_links: Action = Action.OFF
    blocked_domains: _Domains = ()
    trusted_domains: _Domains = ()
    first_comments: Annotated[int, Field(ge=0, le=50)] = 0
    media: Action = Action.OFF
    premoderate: bool = False
    spam: bool = True
    spam_threshold: Annotated[float, Field(ge=0.5, le=0.999)] = 0.9
    check: Check | None = None


NO_RULES: Final = Rules()
_ADAPTER: Final = TypeAdapter(Rules)


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong with rules: `field` names it, `code` says what ("unknown_field", "wrong_value",
    "too_many", "bad_word" with the code of `entry_problem`, "bad_domain"), `value` is the entry."""

    field: str
    code: str
    value: str = ""


class RulesProblem(ValueError):
    """Rules that can't be kept, with all that is wrong with them."""

    def __init__(self, wrong: tuple[Wrong, ...]) -> None:
        super().__init__("; ".join(f"{one.field}: {one.code} {one.value}".rstrip() for one in wrong))
        self.wrong = wrong


def parse(text: str | bytes) -> Rules:
    """Rules out of JSON that somebody wrote; raises RulesProblem, also for keys that there are not."""
    try:
        rules = _ADAPTER.validate_json(text)
    except ValidationError as error:
        raise RulesProblem(tuple(_wrong(one["loc"], one["type"]) for one in error.errors())) from error
    check(rules)
    return rules


def load(text: str) -> Rules:
    """Rules out of the JSON that was kept: it was checked when it was."""
    return _ADAPTER.validate_json(text)


def dump(rules: Rules) -> str:
    """Rules as JSON, with every key."""
    return json.dumps(asdict(rules), ensure_ascii=False)


def check(rules: Rules) -> None:
    """Raise RulesProblem for what types alone do not say: lists that hold what can't be looked for, and limits that
    contradict each other."""
    wrong: list[Wrong] = []
    lists = {name: getattr(rules, name) for name in ("refuse_words", "hold_words", "flag_words")}
    if sum(map(len, lists.values())) > MOST_ENTRIES:
        wrong.append(Wrong("refuse_words", "too_many"))
    for name, entries in lists.items():
        wrong += [Wrong(name, code, entry) for entry in entries if (code := entry_problem(entry)) is not None]
    for name in ("blocked_domains", "trusted_domains"):
        wrong += [Wrong(name, "bad_domain", domain) for domain in getattr(rules, name) if not is_domain(domain)]
    if rules.longest is not None and rules.shortest > rules.longest:
        wrong.append(Wrong("shortest", "wrong_value"))
    if wrong:
        raise RulesProblem(tuple(wrong))


def _wrong(loc: tuple[int | str, ...], kind: str) -> Wrong:
    field = ".".join(str(part) for part in loc) or "rules"
    code = {"unexpected_keyword_argument": "unknown_field", "too_long": "too_many"}.get(kind, "wrong_value")
    return Wrong(field, code)
