"""The door out for queues and the log: entries and decisions become views for one moderator here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from forum.accounts.model import ACCOUNT, GUEST, Role
from forum.accounts.present import hue_of, profile_path
from forum.comments.model import Comment
from forum.comments.review.model import By, Verdict
from forum.comments.review.words import REASON_NAMES, evidence_of
from forum.moderation.guard import Moderator
from forum.moderation.queues.model import MOST_COUNTED, Entry, FlagSum, Line, QueuePage
from forum.moderation.queues.service_history import LogPage
from forum.moderation.queues.service_queue import write_place
from forum.moderation.queues.sight import Sight, sight_of
from forum.moderation.queues.views import (
    ClaimView,
    CountView,
    DecisionView,
    FlagSumView,
    LogView,
    PersonView,
    QueueView,
    RowView,
)
from forum.moderation.verdict_names import FOUND
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.sites.service import get_site_by_id
from forum.web.languages import Language

# Whose decisions can be taken back.
UNDOABLE = (By.MODERATOR, By.PUBLISHER)
# Of a text a list shows so many characters.
EXCERPT = 280


async def queue_view(rt: Runtime, mod: Moderator, page: QueuePage, language: Language) -> QueueView:
    """A page of a queue for one moderator, in their language."""
    site = await get_site_by_id(rt, page.site_id)
    scopes = [one.scope_id for flags in page.beside.flags.values() for one in flags]
    for comment, about in ((entry.comment, entry.about) for entry in page.entries):
        scopes += [comment.eff_scope_id, comment.inner_scope_id, about.scope_id]
    sight = await sight_of(rt, site, page.beside.said, scopes)
    more = write_place(page.queue, page.entries[-1]) if page.more else None
    return QueueView(
        site=site.key,
        queue=page.queue.value,
        counts=tuple(count_view(queue, count) for queue, count in page.counts.items()),
        items=tuple(row_view(mod, sight, entry, page.beside.flags, language) for entry in page.entries),
        next=more,
    )


def count_view(queue: str, count: int) -> CountView:
    """How many wait in a queue, as far as that was counted."""
    return CountView(str(queue), min(count, MOST_COUNTED), count > MOST_COUNTED)


def row_view(
    mod: Moderator,
    sight: Sight,
    entry: Entry,
    flags: Mapping[int, Sequence[FlagSum]],
    language: Language,
    around: Iterable[int] = (),
) -> RowView:
    """One entry of a queue; `flags` by comment, also of what its words may come from (`around`: more of that)."""
    item, comment, about = entry.item, entry.comment, entry.about
    needed = sight.needs(comment, about) | sight.claimed_around(comment, flags, around)
    reached = sight.reaches(needed, about)
    # What is covered as a whole is not read with a list, not even for those who have got that far.
    covered = comment.eff_scope_id is not None or not reached
    is_open = not covered and sight.reaches(sight.book.scope(comment.inner_scope_id), about)
    return RowView(
        id=str(comment.id),
        revision=comment.revision,
        status=comment.status.value,
        queue=item.queue,
        discussion_id=str(comment.discussion_id),
        title=about.title or about.url,
        author=author_view(sight.site, comment, full=mod.may(sight.site.id, Role.MODERATOR)),
        excerpt="" if covered else excerpt(sight.skeleton_text(comment)),
        covered=covered,
        label=sight.book.label(needed) if covered else "",
        reached=reached,
        created_at=comment.created_at,
        since=item.since,
        rule=item.rule,
        sentence=sentence_of(item.evidence, language, is_open=is_open),
        flags=tuple(flag_sum_view(sight, one, language) for one in flags.get(comment.id, ())),
        cover_state=comment.cover_state,
        claim=_claim(mod, entry, sight),
    )


def excerpt(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else f"{line[: EXCERPT - 1].rstrip()}…"


def sentence_of(evidence: str, language: Language, *, is_open: bool) -> str:
    """What the first rule says; where not all of the comment `is_open`, without what it took from its text."""
    for found in evidence_of(evidence):
        args = found.get("args")
        return said(found.get("sentence"), args if is_open else without_text(args), language)
    return ""


def without_text(args: object) -> dict[str, object]:
    """What fills a sentence, with every text in it left out: it may come out of the comment."""
    given = args if isinstance(args, Mapping) else {}
    return {str(key): "…" if isinstance(value, str) else value for key, value in given.items()}


def said(sentence: object, args: object, language: Language) -> str:
    """A stored sentence as moderators read it, with what fills it; one that does not fit (any more) as it is."""
    if not isinstance(sentence, str):
        return ""
    sentence = FOUND.get(sentence, sentence)
    try:
        return language.text(sentence, args if isinstance(args, Mapping) else {})
    except (KeyError, TypeError, ValueError):
        return sentence


def flag_sum_view(sight: Sight, one: FlagSum, language: Language) -> FlagSumView:
    """What readers say for one reason."""
    scope = sight.book.scope(one.scope_id)
    says = language.text(REASON_NAMES.get(one.reason, ""))
    return FlagSumView(one.reason, says, sight.book.label(scope), scope.tokens, one.people, round(one.weight, 2))


def author_view(site: Site, comment: Comment, *, full: bool) -> PersonView:
    """Who wrote a comment; without the page for moderators where somebody may only cover."""
    author = person_view(site, comment.author_kind, comment.author_id, comment.author_name)
    return author if full else replace(author, record="")


def person_view(site: Site, kind: str, author_id: int, name: str) -> PersonView:
    """Who wrote something, with the page that moderators have about them."""
    is_account = kind == ACCOUNT
    record = f"/mod/person/{kind}/{author_id}?site={site.key}" if kind in (ACCOUNT, GUEST) else ""
    url = profile_path(name) if is_account and name else None
    return PersonView(kind, str(author_id), name, url, hue_of(author_id) if is_account else None, record)


def _claim(mod: Moderator, entry: Entry, sight: Sight) -> ClaimView | None:
    until = entry.item.claimed_until
    if entry.item.claimed_by is None or until is None or until <= sight.now:
        return None
    return ClaimView(entry.claimer, entry.item.claimed_by == mod.account.id, until)


async def log_view(rt: Runtime, page: LogPage, language: Language) -> LogView:
    """A page of the log, in the language of who reads it."""
    site = await get_site_by_id(rt, page.site_id)
    return LogView(site.key, tuple(line_view(site, line, language) for line in page.lines), page.next_cursor)


def line_view(site: Site, line: Line, language: Language) -> DecisionView:
    """One decision. It holds nothing of any comment's text."""
    made = line.decision
    undoable = made.by_kind in UNDOABLE and made.verdict != Verdict.UNDO and not line.is_own
    author = person_view(site, made.author_kind, made.author_id, line.author_name) if made.author_kind else None
    return DecisionView(
        id=str(made.id),
        verdict=made.verdict,
        status=made.status,
        by_kind=made.by_kind,
        by=line.by,
        reason=made.reason,
        says=language.text(REASON_NAMES.get(made.reason, "")),
        rule=made.rule,
        words=made.words,
        comment_id=_text(made.comment_id),
        discussion_id=_text(made.discussion_id),
        title=line.title,
        author=author,
        undoes=_text(made.undoes),
        batch_id=_text(made.batch_id),
        undone=line.undone,
        can_undo=undoable and not line.undone and line.is_last,
        created_at=made.created_at,
    )


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
