"""What a whole discussion gives away: said by its article's page or its publisher, looked up, kept, looked up again.

What nobody understands yet is a spoiler for we don't know what: the discussion stays covered until the catalogue
knows the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from forum.articles import queries as articles
from forum.articles.assumed import parts_of
from forum.articles.model import ArticleRef, Discussion, Gate, Warned
from forum.articles.service import open_discussion, read_again
from forum.articles.views import WarningView
from forum.core.i18n import N_
from forum.core.ids import time_of
from forum.db import Tx
from forum.errors import FieldError, Invalid
from forum.runtime import Runtime
from forum.spoilers import queries_warned as queries
from forum.spoilers.model import NO_SCOPE, Scope
from forum.spoilers.scopes import Book
from forum.spoilers.service import book, intern, read_tokens, works_of

BATCH = 500
# How many of the words that were not understood a refusal repeats.
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Statement:
    """What a publisher says about a discussion; None: nothing. With `gives_back` its article's page is asked again
    instead; with `sets_expiry` an `expiry_days` of None stands for the site's rule."""

    assumes: tuple[str, ...] | None = None
    works: tuple[str, ...] | None = None
    gate: Gate | None = None
    expiry_days: int | None = None
    sets_expiry: bool = False
    gives_back: bool = False


def pinned_at(discussion: Discussion, now: datetime) -> datetime:
    """The moment for which whole works are understood: what was out when the article was."""
    return min(discussion.article.published_at or time_of(discussion.id), now)


async def caution_of(rt: Runtime, text: str | None, at: datetime) -> Scope:
    """The scope an address asks for (see `policy_frame.with_caution`). Malformed text is a spoiler, never an error."""
    return (await _understood(rt, text or "", at))[0]


async def _understood(rt: Runtime, text: str, at: datetime) -> tuple[Scope, list[str]]:
    parts = parts_of(text)
    return await read_tokens(rt, parts, at=at) if parts else (NO_SCOPE, [])


def warning_view(kept: Book, warned: Warned) -> WarningView:
    """What a discussion gives away, for a DiscussionView."""
    scope = kept.scope(warned.scope_id)
    return WarningView(scope.tokens, kept.label(scope), warned.gate.value, warned.works)


async def not_understood(rt: Runtime, discussion: Discussion) -> tuple[str, ...]:
    """The words of what a discussion assumes that the catalogue does not know now."""
    at = pinned_at(discussion, rt.clock.now())
    return tuple((await _understood(rt, discussion.warned.assumes, at))[1])


async def warn_from_page(rt: Runtime, discussion_id: int, page: Warned) -> None:
    """Keep what an article's page says, unless its publisher or an editor has spoken. Repeating it changes nothing."""
    async with rt.db.read(fresh=True) as tx:
        found = await articles.find_discussion(tx, discussion_id)
    if found is None or found.warned.locked:
        return
    scope, _ = await _understood(rt, page.assumes, pinned_at(found, rt.clock.now()))

    async def work(tx: Tx) -> None:
        current = await articles.find_discussion(tx, discussion_id)
        if current is None or current.warned.locked:
            return
        scope_id = await intern(tx, rt, scope)
        await _keep(tx, current, replace(page, scope_id=scope_id, expiry_days=current.warned.expiry_days))

    await rt.db.write(work)


async def _keep(tx: Tx, discussion: Discussion, warned: Warned) -> None:
    if warned != discussion.warned:
        site_id, discussion_id = discussion.site_id, discussion.id
        await articles.update_warned(tx, site_id=site_id, discussion_id=discussion_id, warned=warned)


async def state_warning(rt: Runtime, ref: ArticleRef, said: Statement) -> Discussion:
    """Store what a publisher says about an article's discussion, begun if there is none.

    Raises Invalid (unknown_scope, unknown_work) for what the catalogue does not know, and for a first statement that
    leaves out `assumes`: from then on the page is not asked, so what it would have said must not get lost.
    """
    now = rt.clock.now()
    async with rt.db.read(fresh=True) as tx:
        found = await articles.find_discussion_of(tx, ref)
    scope = await _known_scope(rt, said.assumes, now if found is None else pinned_at(found, now))
    await _check_works(rt, said.works or ())

    async def work(tx: Tx) -> Discussion:
        current = await open_discussion(tx, rt, ref, now)
        warned = apply_statement(current.warned, said)
        if scope is not None:
            warned = replace(warned, scope_id=await intern(tx, rt, scope))
        await _keep(tx, current, warned)
        if said.gives_back and found is not None:
            await read_again(tx, rt, current.article, now, moved=True)
        return replace(current, warned=warned)

    return await rt.db.write(work)


def apply_statement(warned: Warned, said: Statement) -> Warned:
    """What is known with the publisher's words in place, but for the scope. Raises Invalid as `state_warning` does."""
    takes_over = said.assumes is not None or said.works is not None or said.gate is not None
    if takes_over and said.assumes is None and not warned.locked and not warned.assumes:
        detail = N_("Say what the discussion assumes too, if only []: its article's page will not be asked any more.")
        raise Invalid(detail=detail, errors=(FieldError("assumes", "missing"),))
    return replace(
        warned,
        assumes=warned.assumes if said.assumes is None else " ".join(said.assumes),
        works=warned.works if said.works is None else said.works,
        gate=said.gate or warned.gate,
        expiry_days=said.expiry_days if said.sets_expiry else warned.expiry_days,
        locked=(warned.locked or takes_over) and not said.gives_back,
    )


async def _known_scope(rt: Runtime, assumes: Sequence[str] | None, at: datetime) -> Scope | None:
    """The scope of these points, all of which must be known; None when nothing was said."""
    if assumes is None:
        return None
    scope, unknown = await _understood(rt, " ".join(assumes), at)
    if unknown:
        detail = N_("The catalogue does not know: %(names)s.")
        errors = (FieldError("assumes", "unknown_scope"),)
        raise Invalid("unknown_scope", detail, errors=errors, names=", ".join(unknown[:MOST_NAMED]))
    return scope


async def _check_works(rt: Runtime, ids: Sequence[str]) -> None:
    known = await works_of(rt, ids) if ids else {}
    unknown = [f"works.{place}" for place, work_id in enumerate(ids) if work_id not in known]
    if unknown:
        detail = N_("The catalogue does not know: %(names)s.")
        names = ", ".join([work_id for work_id in ids if work_id not in known][:MOST_NAMED])
        errors = tuple(FieldError(loc, "unknown_work") for loc in unknown)
        raise Invalid("unknown_work", detail, errors=errors, names=names)


async def resolve_again(rt: Runtime) -> int:
    """Look up anew what was not fully understood, after the catalogue has changed; returns how many scopes changed."""
    changed, after = 0, 0
    while True:
        async with rt.db.read(fresh=True) as tx:
            ids = await queries.list_unsettled(tx, after=after, most=BATCH)
        for discussion_id in ids:
            changed += await _resolve(rt, discussion_id)
        if len(ids) < BATCH:
            return changed
        after = ids[-1]


async def _resolve(rt: Runtime, discussion_id: int) -> bool:
    """Look up one discussion's words anew; whether that changed its scope. What had been understood stays, as the
    units that it meant, whatever they are called now."""
    async with rt.db.read(fresh=True) as tx:
        found = await articles.find_discussion(tx, discussion_id)
    if found is None:
        return False
    before = (await book(rt)).scope(found.warned.scope_id)
    settled = Scope.of(point for point in before.points if point.unit is not None)
    scope = settled | (await _understood(rt, found.warned.assumes, pinned_at(found, rt.clock.now())))[0]
    if scope == before:
        return False

    async def work(tx: Tx) -> bool:
        current = await articles.find_discussion(tx, discussion_id)
        if current is None or current.warned != found.warned:
            return False  # somebody has just said something else
        await _keep(tx, current, replace(current.warned, scope_id=await intern(tx, rt, scope)))
        return True

    return await rt.db.write(work)
