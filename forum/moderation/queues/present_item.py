"""The door out for a comment that is being decided about: everything around it, for one moderator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from forum.comments.bodies import Inner
from forum.comments.model import Comment, Status
from forum.comments.review.model import Reason
from forum.comments.review.policy import is_in_force
from forum.comments.review.words import REASON_NAMES, evidence_of
from forum.core.i18n import N_
from forum.moderation.guard import Moderator
from forum.moderation.queues.effects import effects_of, is_own
from forum.moderation.queues.model import MOST_COUNTED, Flag, ItemPage, Record
from forum.moderation.queues.present import author_view, line_view, row_view, said, without_text
from forum.moderation.queues.sight import NO_TEXT, Seen, Sight, sight_of
from forum.moderation.queues.views import (
    EffectView,
    FindingView,
    FlagView,
    HitsView,
    ItemView,
    NoteView,
    RecordView,
    RevealedView,
    SanctionView,
    ScopeView,
    TextView,
)
from forum.runtime import Runtime
from forum.sites.service import get_site_by_id
from forum.web.languages import Language

HITS = N_("Moderators agreed with this rule %(agreed)s of %(decided)s times lately.")
NO_HITS = N_("No moderator has decided about this rule yet.")
NO_PASSAGES: Inner = {}


async def _sight(rt: Runtime, page: ItemPage) -> Sight:
    site = await get_site_by_id(rt, page.entry.comment.site_id)
    comments = (page.entry.comment, *page.above, *page.replies)
    scopes = [page.entry.about.scope_id, *(comment.eff_scope_id for comment in comments)]
    scopes += [one.scope_id for flags in page.beside.flags.values() for one in flags]
    scopes += [flag.scope_id for flag in page.flags] + [page.entry.comment.inner_scope_id]
    scopes += [passage.scope_id for inner in page.passages.values() for passage in inner.values()]
    return await sight_of(rt, site, page.beside.said, scopes)


async def item_view(rt: Runtime, mod: Moderator, page: ItemPage, language: Language) -> ItemView:
    """A comment with all that a moderator should know before a verdict, in their language."""
    sight, comment = await _sight(rt, page), page.entry.comment
    site = sight.site
    seen = _see(sight, page, comment, language)
    hits = page.hits
    return ItemView(
        row=row_view(mod, sight, page.entry, page.beside.flags, language, _chain(page, comment)),
        site=site.key,
        queues=tuple(entry.item.queue for entry in page.items),
        comment=_text_view(sight, comment, seen, full=page.full),
        above=tuple(_around(sight, page, one, language) for one in page.above),
        replies=tuple(_around(sight, page, one, language) for one in page.replies),
        more_replies=max(comment.reply_count - len(page.replies), 0),
        findings=tuple(_findings(page, seen, language)),
        hits=None if hits is None else _hits(page.rule, hits.agreed, hits.decided, language),
        flags=tuple(_flag_view(sight, page, flag, seen, language) for flag in page.flags),
        suggested=_suggested(sight, page),
        record=None if page.record is None else _record_view(sight, page.record),
        is_own=is_own(page),
        effects=tuple(_effects(page, language)),
        history=tuple(line_view(site, line, language) for line in page.history),
        permalink=f"{rt.settings.public_url}/c/{comment.id}",
    )


async def reveal_view(rt: Runtime, page: ItemPage, language: Language) -> RevealedView:
    """The whole text of a comment that was read with what was typed, for a moderator who has asked to see it."""
    sight, comment = await _sight(rt, page), page.entry.comment
    inner = page.passages.get(comment.id, NO_PASSAGES)
    seen = sight.reveal(comment, page.entry.about, inner, language)
    findings = tuple(_findings(page, seen, language))
    notes = tuple(flag.note for flag in page.flags if flag.note)
    return RevealedView(str(comment.id), comment.revision, seen.html, seen.text, page.source, findings, notes)


def _see(sight: Sight, page: ItemPage, comment: Comment, language: Language) -> Seen:
    inner = page.passages.get(comment.id, NO_PASSAGES)
    claimed = sight.claimed_around(comment, page.beside.flags, _chain(page, comment))
    return sight.see(comment, page.entry.about, inner, language, claimed)


def _chain(page: ItemPage, comment: Comment) -> list[int]:
    """What a comment on the page answers, and what that answers."""
    chain = [*page.above, page.entry.comment]
    return [other.id for other in chain if other.depth < comment.depth]


def _around(sight: Sight, page: ItemPage, comment: Comment, language: Language) -> TextView:
    """A comment beside the one that is decided about. Who may only cover sees of it what everybody does."""
    if not page.full and not comment.is_public:
        nobody = comment._replace(author_name="", author_kind="nobody")
        return _text_view(sight, nobody, Seen(), full=False, gone=True)
    return _text_view(sight, comment, _see(sight, page, comment, language), full=page.full)


def _text_view(sight: Sight, comment: Comment, seen: Seen, *, full: bool, gone: bool = False) -> TextView:
    gone = gone or comment.status is Status.DELETED
    return TextView(
        id=str(comment.id),
        author=author_view(sight.site, comment, full=full),
        html=NO_TEXT if gone else seen.html,
        text="" if gone else seen.text,
        covered=seen.covered,
        whole=seen.whole,
        label=sight.book.label(seen.hidden),
        status=comment.status.value,
        revision=comment.revision,
        created_at=comment.created_at,
        edited_at=comment.edited_at,
        gone=gone,
    )


def _findings(page: ItemPage, seen: Seen, language: Language) -> Iterable[FindingView]:
    """What screening found. Words are given only where they stand in what this moderator sees of the text: neither a
    word, nor where or how long it is, says anything about what is covered."""
    for found in evidence_of("" if page.found is None else page.found.evidence):
        # A word that was found once and for all is not given again as it stands in the list.
        words = tuple({word.casefold(): word for word in (*_details(found), *_places(page, found))}.values())
        open_words = tuple(word for word in words if not seen.covered or word.casefold() in seen.text.casefold())
        args = found.get("args") if not seen.covered else without_text(found.get("args"))
        sentence = said(found.get("sentence"), args, language)
        yield FindingView(str(found.get("rule", "")), sentence, open_words, len(words) - len(open_words))


def _places(page: ItemPage, found: Mapping[str, Any]) -> list[str]:
    """The places that a rule names, as text; none where the comment was edited since the rule looked."""
    edited = page.entry.comment.edited_at
    if page.found is None or (edited is not None and edited > page.found.at):
        return []
    spans = found.get("spans")
    pairs = [span for span in spans if isinstance(span, list) and len(span) == 2] if isinstance(spans, list) else []
    return [page.source[start:end] for start, end in pairs if page.source[start:end].strip()]


def _details(found: Mapping[str, Any]) -> list[str]:
    details = found.get("details")
    return [str(detail) for detail in details] if isinstance(details, list) else []


def _hits(rule: str, agreed: int, decided: int, language: Language) -> HitsView:
    sentence = HITS if decided else NO_HITS
    return HitsView(rule, agreed, decided, language.text(sentence, {"agreed": agreed, "decided": decided}))


def _flag_view(sight: Sight, page: ItemPage, flag: Flag, seen: Seen, language: Language) -> FlagView:
    scope = sight.book.scope(flag.scope_id)
    # What a reader notes about a spoiler may be one.
    hidden = bool(flag.note) and (seen.covered or not sight.reaches(scope, page.entry.about))
    return FlagView(
        name=flag.name,
        reason=flag.reason,
        says=language.text(REASON_NAMES.get(flag.reason, "")),
        label=sight.book.label(scope),
        note="" if hidden else flag.note,
        note_hidden=hidden,
        weight=round(flag.weight, 2),
        is_new=flag.is_new,
        outcome=flag.outcome,
        created_at=flag.created_at,
        upheld=flag.upheld,
        rejected=flag.rejected,
        withheld=flag.withheld,
    )


def _suggested(sight: Sight, page: ItemPage) -> tuple[ScopeView, ...]:
    """What readers say it gives away, what weighs most first."""
    sums = page.beside.flags.get(page.entry.comment.id, ())
    scopes = [sight.book.scope(one.scope_id) for one in sums if one.reason == Reason.SPOILER and one.scope_id]
    return tuple(ScopeView(scope.tokens, sight.book.label(scope)) for scope in dict.fromkeys(scopes))


def _record_view(sight: Sight, record: Record) -> RecordView:
    sanctions = tuple(
        SanctionView(
            id=str(row.id),
            kind=row.kind,
            reason=row.reason,
            words=row.words,
            until=row.until,
            in_force=is_in_force(row, sight.now),
            created_at=row.created_at,
        )
        for row in record.sanctions
    )
    return RecordView(
        counted=min(record.counted, MOST_COUNTED),
        more=record.counted > MOST_COUNTED,
        published=record.published,
        held=record.held,
        removed=record.removed,
        spam=record.spam,
        deleted=record.deleted,
        covered=record.covered,
        approved=record.approved,
        since=record.since,
        sanctions=sanctions,
        notes=tuple(NoteView(str(note.id), note.text, note.by, note.created_at) for note in record.notes),
    )


def _effects(page: ItemPage, language: Language) -> Iterable[EffectView]:
    for effect in effects_of(page):
        lines = tuple(language.text(line, effect.numbers) for line in effect.lines)
        told = language.text(effect.told) if effect.told else ""
        yield EffectView(effect.verdict.value, lines, told, effect.undoable)
