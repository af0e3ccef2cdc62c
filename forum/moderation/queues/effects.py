"""What each verdict will do, said before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from forum.accounts.model import Role
from forum.comments.model import Status
from forum.comments.review import words
from forum.comments.review.model import Queue, Verdict
from forum.core.i18n import N_
from forum.moderation.policy import VERDICTS, is_hidden_by_readers, is_own_affair, role_for
from forum.moderation.queues.model import ItemPage
from forum.spoilers.model import CoverState

UNDO: Final = N_("You can undo it.")
OTHERS_UNDO: Final = N_("Only somebody else can undo it.")
BACK: Final = N_("Everybody can read it.")
STAYS: Final = N_("It stays as it is, and counts as looked at.")
PUT_ASIDE: Final = N_("Reports that are put aside: %(flags)s. Whoever made them counts for less next time.")
PROVED: Final = N_("Reports that were right: %(flags)s. Whoever made them counts for more next time.")
PLACE: Final = N_("Its place stays, without its text, because of the replies below it: %(replies)s.")
GONE: Final = N_("It disappears from the page.")
NEVER: Final = N_("Nobody but its author gets to see it.")
QUOTES_SILENT: Final = N_("Quotes of it that say nothing any more: %(quotes)s.")
QUOTES_BACK: Final = N_("Quotes of it that can be read again: %(quotes)s.")
COVERED: Final = N_("It stays, and is covered everywhere at once. Whoever has got that far can read it.")
REPLIES_COVERED: Final = N_("Replies below it, covered with it unless they stand for themselves: %(replies)s.")
QUOTES_COVERED: Final = N_("Quotes of it, covered with it: %(quotes)s.")
OPENED: Final = N_("Everybody can read it without being asked, and with it the replies that it had covered.")
COVER_OFF: Final = N_("The cover that readers put on it comes off; what else covers it stays.")
BUSY: Final = N_("People who wrote in this discussion within the last hour: %(writers)s.")

_COVERS: Final = (CoverState.PENDING, CoverState.CONFIRMED)
_OUT: Final = (Status.REMOVED, Status.SPAM)
# After these, a comment of one's own is for somebody else to decide about.
_LETS_GO: Final = (Verdict.REMOVE, Verdict.SPAM, Verdict.COVER)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a verdict does, in sentences marked with N_ that `numbers` fill, and what the author is told ("" for
    nothing). `undoable`: whoever gives it can take it back."""

    verdict: Verdict
    lines: tuple[str, ...]
    told: str
    numbers: Mapping[str, object]
    undoable: bool


def is_own(page: ItemPage) -> bool:
    """Whether its reader has written it, and what else than covering there is to decide about it is for others."""
    comment = page.entry.comment
    return page.is_own and comment.status is not Status.DELETED and is_own_affair(Verdict.UNDO, comment, _queues(page))


def effects_of(page: ItemPage) -> list[Effect]:
    """The verdicts that make sense about a comment as it is and that its reader may give, with what each does."""
    role = Role.MODERATOR if page.full else Role.TRUSTED
    may = [verdict for verdict in VERDICTS if role.rank >= role_for(verdict).rank]
    if page.is_own:
        may = [verdict for verdict in may if not is_own_affair(verdict, page.entry.comment, _queues(page))]
    return [_effect(page, verdict) for verdict in may if _makes_sense(page, verdict)]


def _queues(page: ItemPage) -> list[str]:
    return [entry.item.queue for entry in page.items]


def _open_flags(page: ItemPage) -> int:
    return sum(1 for flag in page.flags if flag.outcome is None)


def _makes_sense(page: ItemPage, verdict: Verdict) -> bool:
    status, cover = page.entry.comment.status, page.entry.comment.cover_state
    if status is Status.DELETED:
        return False
    if verdict is Verdict.UNCOVER:
        said = page.entry.comment.set_scope_id is not None or Queue.SPOILERS in _queues(page)
        return cover in _COVERS or said
    if verdict is Verdict.DISMISS:
        return _open_flags(page) > 0
    return {Verdict.REMOVE: Status.REMOVED, Verdict.SPAM: Status.SPAM}.get(verdict) is not status


def _effect(page: ItemPage, verdict: Verdict) -> Effect:
    reach = page.reach
    numbers = {"flags": _open_flags(page), "replies": reach.replies, "quotes": reach.quotes, "writers": reach.writers}
    lines = [*_LINES[verdict](page), *([BUSY] if reach.writers and verdict is not Verdict.DISMISS else [])]
    undoable = not (page.is_own and verdict in _LETS_GO)
    lines.append(UNDO if undoable else OTHERS_UNDO)
    return Effect(verdict, tuple(lines), _told(page, verdict), numbers, undoable)


def _approve(page: ItemPage) -> list[str]:
    public = page.entry.comment.is_public
    lines = _shown(page, STAYS if public else BACK)
    lines += [QUOTES_BACK] if page.reach.quotes and not public else []
    return lines + ([PUT_ASIDE] if _open_flags(page) else [])


def _shown(page: ItemPage, otherwise: str) -> list[str]:
    """What becomes of a comment that everybody can read from then on: it loses the cover that readers put on it."""
    comment = page.entry.comment
    if comment.cover_state != CoverState.PENDING:
        return [otherwise]
    if not _is_covered_beside(page):
        return [OPENED]
    return [COVER_OFF] if comment.is_public else [otherwise, COVER_OFF]


def _is_covered_beside(page: ItemPage) -> bool:
    """Whether something else covers it, or a part of it: its author, or what it answers."""
    comment = page.entry.comment
    if comment.scope_id is not None or comment.inner_scope_id is not None:
        return True
    if not comment.inherits or not page.above:
        return False
    parent = page.above[-1]
    # Of what an earlier text of that one gave away, nothing is known here.
    was_another = parent.edited_at is not None and parent.cover_state != CoverState.RESTORED
    return parent.eff_scope_id is not None or parent.inner_scope_id is not None or was_another


def _take_away(page: ItemPage) -> list[str]:
    comment = page.entry.comment
    lines = [PLACE if comment.reply_count and comment.is_drawn else GONE if comment.is_drawn else NEVER]
    lines += [QUOTES_SILENT] if page.reach.quotes else []
    return lines + ([PROVED] if _open_flags(page) else [])


def _cover(page: ItemPage) -> list[str]:
    lines = [COVERED]
    lines += [REPLIES_COVERED] if page.reach.replies else []
    return lines + ([QUOTES_COVERED] if page.reach.quotes else [])


def _uncover(_page: ItemPage) -> list[str]:
    return [OPENED]


def _dismiss(page: ItemPage) -> list[str]:
    """What a rule holds stays held, and as it is."""
    status = page.entry.comment.status
    hidden = is_hidden_by_readers(status, _queues(page))
    shown = _shown(page, BACK if hidden else STAYS) if hidden or status is Status.PUBLISHED else [STAYS]
    return [*shown, PUT_ASIDE]


_LINES: Final = {
    Verdict.APPROVE: _approve,
    Verdict.REMOVE: _take_away,
    Verdict.SPAM: _take_away,
    Verdict.COVER: _cover,
    Verdict.UNCOVER: _uncover,
    Verdict.DISMISS: _dismiss,
}


def _told(page: ItemPage, verdict: Verdict) -> str:
    """Authors are not told that a new comment was let through: they see it."""
    status, hidden = page.entry.comment.status, is_hidden_by_readers(page.entry.comment.status, _queues(page))
    if verdict in (Verdict.APPROVE, Verdict.DISMISS):
        return words.RESTORED if hidden or (verdict is Verdict.APPROVE and status in _OUT) else ""
    return {
        Verdict.REMOVE: words.REMOVED,
        Verdict.SPAM: words.SPAM,
        Verdict.COVER: words.COVERED,
        Verdict.UNCOVER: words.UNCOVERED,
    }[verdict]
