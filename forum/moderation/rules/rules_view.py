"""What the page of rules draws: the form, the versions, what a dry run found, how the spam filter does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from forum.comments.screening.rules import Action, CheckKind, OnFailure
from forum.comments.screening.service_spam import SpamFilter
from forum.comments.screening.spam_record import ENOUGH, Figures
from forum.core.i18n import N_
from forum.moderation.console import Console, ModPage
from forum.moderation.rules.dry_run import Found, Line
from forum.moderation.rules.service_rules import Change
from forum.moderation.verdict_names import RULE_NAMES

# What a version changed, by the keys of the rules.
CHANGED_NAMES: Final[Mapping[str, str]] = {
    "shortest": N_("shortest comment"),
    "longest": N_("longest comment"),
    "close_after_days": N_("automatic closing"),
    "rate_comments": N_("pace of comments"),
    "rate_minutes": N_("pace of comments"),
    "repeat_person": N_("repetition"),
    "repeat_site": N_("repetition"),
    "refuse_words": N_("words that refuse"),
    "hold_words": N_("words that hold"),
    "flag_words": N_("words that are pointed out"),
    "most_links": N_("number of links"),
    "too_many_links": N_("number of links"),
    "newcomer_comments": N_("who is new"),
    "newcomer_links": N_("links of new people"),
    "blocked_domains": N_("blocked domains"),
    "trusted_domains": N_("trusted domains"),
    "first_comments": N_("first comments"),
    "media": N_("pictures, videos and audio"),
    "premoderate": N_("holding every comment"),
    "spam": N_("spam filter"),
    "spam_threshold": N_("spam filter"),
    "check": N_("check from outside"),
}

ACTIONS: Final = (
    (Action.OFF.value, N_("publish it")),
    (Action.HOLD.value, N_("hold it for a moderator")),
    (Action.REFUSE.value, N_("refuse it")),
)
CHECKS: Final = (
    ("", N_("nobody")),
    (CheckKind.AKISMET.value, N_("a service that answers like Akismet")),
    (CheckKind.HOOK.value, N_("an address of our own (signed hook)")),
)
FAILURES: Final = (
    (OnFailure.HOLD.value, N_("hold it for a moderator")),
    (OnFailure.PUBLISH.value, N_("publish it")),
)


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version of the rules, with the names of what it changed; `is_now`: it is in force."""

    version: int
    by: str
    at: datetime
    changed: str
    href: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class LineView:
    """A line of a dry run: what stops comments (`name`), how many, and where some of them are."""

    name: str
    counts: Line
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundView:
    """A dry run: the rules as they are in the form beside those in force (`now`)."""

    looked_at: int
    total: LineView
    now: Line
    rules: tuple[LineView, ...]
    entries: tuple[LineView, ...]


@dataclass(frozen=True, slots=True)
class FilterView:
    """How the site's spam filter does: `taught` texts, and its figures on what was held back. `least` is how many of
    those it takes before it may speak; `speaks`: it does."""

    taught: int
    figures: Figures
    least: int
    speaks: bool

    @property
    def precision(self) -> int | None:
        """In hundredths."""
        share = self.figures.precision
        return None if share is None else int(share * 100)

    @property
    def recall(self) -> int | None:
        """In hundredths."""
        share = self.figures.recall
        return None if share is None else int(share * 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesPage(ModPage):
    """The page. `seen` is the version that a save counts on, `version` the one that is in force, `looking_at` an
    earlier one that fills the form. `again` leads to a fresh sign-in where saving needs one."""

    seen: int
    version: int
    looking_at: int | None
    may_save: bool
    again: str
    has_key: bool
    fields: Mapping[str, str]
    errors: Mapping[str, str]
    summary: tuple[tuple[str, str], ...]
    actions: Sequence[tuple[str, str]]
    holding: Sequence[tuple[str, str]]
    stopping: Sequence[tuple[str, str]]
    checks: Sequence[tuple[str, str]]
    failures: Sequence[tuple[str, str]]
    versions: Sequence[VersionView]
    older: str
    found: FoundView | None
    filter: FilterView


def name_of(field: str) -> str:
    """What a field of the form is about (N_)."""
    return CHANGED_NAMES["check" if field.startswith("check_") else field]


def version_views(console: Console, changes: Sequence[Change], now: int) -> tuple[VersionView, ...]:
    """The versions as they are listed."""
    return tuple(
        VersionView(
            change.version,
            change.by,
            change.at,
            ", ".join(dict.fromkeys(console.text(CHANGED_NAMES[name]) for name in change.changed)),
            console.href("/mod/rules", version=change.version),
            change.version == now,
        )
        for change in changes
    )


def found_view(console: Console, tried: Found, now: Found) -> FoundView:
    """A dry run as it is drawn."""

    def line(name: str, counts: Line) -> LineView:
        return LineView(name, counts, tuple(console.href(f"/mod/c/{comment_id}") for comment_id in counts.examples))

    return FoundView(
        looked_at=tried.looked_at,
        total=line(console.text(N_("All rules together")), tried.total),
        now=now.total,
        rules=tuple(line(console.text(RULE_NAMES[rule]), counts) for rule, counts in tried.rules.items()),
        entries=tuple(line(entry, counts) for entry, counts in tried.entries.items()),
    )


def filter_view(found: SpamFilter, threshold: float) -> FilterView:
    """The filter as it is described."""
    figures = found.figures(threshold)
    return FilterView(found.record.spam + found.record.other, figures, ENOUGH, figures.has_earned_trust)


def named(console: Console, options: Sequence[tuple[str, str]], *keys: str) -> tuple[tuple[str, str], ...]:
    """Options of a choice in the moderator's language; with `keys` only those."""
    return tuple((key, console.text(name)) for key, name in options if not keys or key in keys)
