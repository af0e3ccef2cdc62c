"""What the pages of queues draw: a list, an item with its verdicts, what was typed into a form that was refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from forum.accounts.model import ACCOUNT
from forum.comments.model import Status
from forum.comments.review.model import Queue, Reason, Sanction, Verdict
from forum.comments.review.words import REASON_NAMES
from forum.core.i18n import N_
from forum.moderation.console import Console, ModPage
from forum.moderation.people.sanction_effects import lengths, sanction_effects
from forum.moderation.queues.views import DecisionView, EffectView, FlagSumView, ItemView, RevealedView, RowView
from forum.moderation.verdict_names import BY_NAMES, EFFECT_NAMES, SANCTION_NAMES, VERDICT_NAMES
from forum.spoilers.model import CoverState

# Ages that a list can be narrowed to, in hours, and their names. Negative: at least so old.
AGES: Final = (
    ("1", N_("from the last hour")),
    ("24", N_("from the last day")),
    ("168", N_("from the last week")),
    ("-24", N_("older than a day")),
    ("-168", N_("older than a week")),
)
# What the console calls each queue when it is empty, and why that is fine.
EMPTY: Final[Mapping[str, str]] = {
    Queue.PENDING: N_("No comment is held back."),
    Queue.REPORTED: N_("No reports are waiting."),
    Queue.SPOILERS: N_("No reports of spoilers are waiting."),
    Queue.UNMODERATED: N_("Every comment has been looked at."),
    Queue.SPAM: N_("Nothing looks like spam."),
    Queue.REMOVED: N_("Nothing has been removed."),
    Queue.APPROVED: N_("Nothing has been approved yet."),
}


@dataclass(frozen=True, slots=True)
class Button:
    """A verdict as one presses it: `key` gives it, `look` says how it looks. With `form` it asks for words first."""

    verdict: str
    name: str
    key: str
    look: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry of the list, where it leads, and why it is there, in a few words."""

    row: RowView
    href: str
    why: str


@dataclass(frozen=True, slots=True)
class FilterView:
    """One thing that the list is narrowed to, and the list without that."""

    name: str
    value: str
    without: str


@dataclass(frozen=True, slots=True)
class EffectLine:
    """What a verdict will do, under the name of its button."""

    verdict: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A decision in a few words: what, why, by whom, when."""

    what: str
    why: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """An item that is open. `keep` are the hidden fields of its forms: where the moderator is, and what comes next.

    `typed` is what stood in a form that was refused, `problem` why it was, and `form` which one it is; `changed`: there
    is a newer revision, which is shown now. `taken`: another moderator is on it. `again` leads to a
    fresh sign-in where a ban needs one ("": it does not). `own`: why they may do no more than cover it ("": they may).
    `is_self`: they wrote it, and nobody sanctions themselves.
    """

    item: ItemView
    back_href: str
    keep: Mapping[str, str]
    buttons: tuple[Button, ...]
    effects: tuple[EffectLine, ...]
    history: tuple[HistoryLine, ...]
    in_force: tuple[tuple[str, datetime | None], ...]
    reason: str
    reasons: tuple[tuple[str, str], ...]
    sanctions: tuple[tuple[str, str], ...]
    lengths: tuple[tuple[int, str], ...]
    labels: tuple[str, ...]
    typed: Mapping[str, str]
    revealed: RevealedView | None = None
    problem: str = ""
    form: str = ""
    changed: bool = False
    taken: bool = False
    again: str = ""
    own: str = ""
    is_self: bool = False
    next_href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePage(ModPage):
    """What `pages/mod_queue.html` draws: a list, an item, or both. `part`: only the item was asked for."""

    name: str
    empty: str = ""
    entries: tuple[EntryView, ...] = ()
    listed: bool = True
    list_href: str = ""
    first_href: str = ""
    next_href: str = ""
    keep: Mapping[str, str] = field(default_factory=dict)
    filters: tuple[FilterView, ...] = ()
    ages: tuple[tuple[str, str], ...] = ()
    age: str = ""
    pane: Pane | None = None


VERDICT_BUTTONS: Final[Mapping[str, str]] = {
    Verdict.APPROVE: N_("Approve"),
    Verdict.REMOVE: N_("Remove…"),
    Verdict.SPAM: N_("Spam"),
    Verdict.COVER: N_("Cover…"),
    Verdict.UNCOVER: N_("Not a spoiler"),
    Verdict.DISMISS: N_("Dismiss the reports"),
}
# In which order a queue offers its verdicts: what is most often right first.
_ORDER: Final[Mapping[str, tuple[Verdict, ...]]] = {
    Queue.SPOILERS: (Verdict.COVER, Verdict.UNCOVER, Verdict.APPROVE, Verdict.REMOVE, Verdict.SPAM, Verdict.DISMISS),
    Queue.SPAM: (Verdict.SPAM, Verdict.APPROVE, Verdict.REMOVE, Verdict.COVER, Verdict.UNCOVER, Verdict.DISMISS),
    Queue.REPORTED: (Verdict.REMOVE, Verdict.DISMISS, Verdict.APPROVE, Verdict.SPAM, Verdict.COVER, Verdict.UNCOVER),
}
_USUAL: Final = (Verdict.APPROVE, Verdict.REMOVE, Verdict.SPAM, Verdict.DISMISS, Verdict.COVER, Verdict.UNCOVER)
_KEYS: Final[Mapping[str, str]] = {
    Verdict.APPROVE: "a",
    Verdict.REMOVE: "r",
    Verdict.SPAM: "m",
    Verdict.DISMISS: "d",
    Verdict.COVER: "s",
    Verdict.UNCOVER: "o",
}
_LOOKS: Final[Mapping[str, str]] = {
    Verdict.APPROVE: "approve",
    Verdict.UNCOVER: "approve",
    Verdict.REMOVE: "remove",
    Verdict.SPAM: "remove",
}
_FORMS: Final = (Verdict.REMOVE, Verdict.COVER)
TOLD: Final = N_("Its author reads: “%(words)s”")
# Of what was decided about a comment, so much is shown beside it.
MOST_HISTORY: Final = 4


def why(console: Console, row: RowView) -> str:
    """Why a comment is in its queue, in a few words."""
    said = [_counted(console, flag) for flag in row.flags]
    if row.sentence:
        said.append(row.sentence)
    if row.cover_state == CoverState.PENDING:
        said.append(console.text(N_("covered for now")))
    if row.queue == Queue.REPORTED and row.status == Status.HELD:
        said.append(console.text(N_("hidden for now")))
    return " · ".join(said)


def _counted(console: Console, flag: FlagSumView) -> str:
    language = console.language
    words = language.translations.ngettext("%(count)s reader: %(says)s", "%(count)s readers: %(says)s", flag.people)
    says = f"{flag.says} ({flag.label})" if flag.label else flag.says
    return words % {"count": language.number(flag.people), "says": says}


def buttons_of(item: ItemView, queue: str) -> tuple[Button, ...]:
    """The verdicts about an item, in the order of its queue. Where readers say what it gives away, covering it as that
    is one key, and as anything else another."""
    possible = {effect.verdict for effect in item.effects}
    found: list[Button] = []
    for verdict in _ORDER.get(queue, _USUAL):
        if verdict not in possible:
            continue
        if verdict is Verdict.COVER and item.suggested:
            found.append(Button(verdict, N_("Cover as %(label)s"), "c"))
        form = verdict.value if verdict in _FORMS else ""
        name = VERDICT_BUTTONS[verdict]
        if verdict is Verdict.COVER and item.suggested:
            name = N_("Other scope…")
        found.append(Button(verdict, name, _KEYS[verdict], _LOOKS.get(verdict, ""), form))
    return _with_a(found)


def _with_a(found: list[Button]) -> tuple[Button, ...]:
    """Where approving is not among the choices, its key says that it is no spoiler."""
    if any(button.key == "a" for button in found):
        return tuple(found)
    return tuple(
        Button(one.verdict, one.name, "a", one.look, one.form) if one.verdict == Verdict.UNCOVER else one
        for one in found
    )


def likely_reason(item: ItemView) -> str:
    """The reason that a form starts with: what most readers say, else what a rule has found."""
    said = max(item.row.flags, key=lambda flag: (flag.weight, flag.people), default=None)
    if said is not None:
        return said.reason
    return Reason.SPAM.value if item.row.queue == Queue.SPAM else Reason.ABUSE.value


def effects_of(console: Console, item: ItemView, buttons: Sequence[Button]) -> tuple[EffectLine, ...]:
    """What each verdict will do, that of the first button first."""
    order = {button.verdict: place for place, button in reversed(list(enumerate(buttons)))}
    effects = sorted(item.effects, key=lambda effect: order.get(effect.verdict, len(order)))
    return tuple(
        EffectLine(one.verdict, console.text(EFFECT_NAMES.get(one.verdict, one.verdict)), _effect(console, one))
        for one in effects
    ) + _sanctions(console, item)


def is_self(console: Console, item: ItemView) -> bool:
    """Whether they have written it themselves."""
    return (item.row.author.kind, item.row.author.id) == (ACCOUNT, str(console.mod.actor.id))


def _sanctions(console: Console, item: ItemView) -> tuple[EffectLine, ...]:
    """What can be done to its author, where they may do that."""
    if not (console.may_moderate and item.row.author.record) or is_self(console, item):
        return ()
    told = sanction_effects(console)
    return tuple(EffectLine(kind, console.text(EFFECT_NAMES[kind]), text) for kind, text in told.items())


def _effect(console: Console, effect: EffectView) -> str:
    """What it does, and what its author reads then."""
    told = [console.text(TOLD, {"words": effect.told})] if effect.told else []
    return " ".join((*effect.lines[:-1], *told, *effect.lines[-1:]))


def history_of(console: Console, lines: Iterable[DecisionView]) -> tuple[HistoryLine, ...]:
    """Decisions in a few words."""
    return tuple(
        HistoryLine(
            what=console.text(VERDICT_NAMES.get(line.verdict, line.verdict)),
            why=line.says,
            by=line.by or console.text(BY_NAMES.get(line.by_kind, line.by_kind)),
            at=line.created_at,
        )
        for line in lines
    )


def in_force(console: Console, item: ItemView) -> tuple[tuple[str, datetime | None], ...]:
    """The sanctions on the author that count now."""
    sanctions = () if item.record is None else item.record.sanctions
    return tuple((console.text(VERDICT_NAMES.get(one.kind, one.kind)), one.until) for one in sanctions if one.in_force)


def choices(console: Console) -> dict[str, Any]:
    """What can be picked in the forms, in the moderator's language."""
    return {
        "reasons": tuple((key, console.text(name)) for key, name in REASON_NAMES.items()),
        "sanctions": tuple((kind.value, console.text(SANCTION_NAMES[kind])) for kind in Sanction),
        "lengths": lengths(console),
    }
