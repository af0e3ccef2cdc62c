"""The veil of a discussion for a view of it, and what a page tells its scripts so that they can lift it."""

from __future__ import annotations

from forum.articles.model import Discussion, Gate
from forum.comments.veil import Veil
from forum.comments.views import SpoilersView
from forum.core.clock import Clock
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.spoilers.catalogue.present import work_facts
from forum.spoilers.model import Expiry
from forum.spoilers.policy_frame import with_caution, with_works
from forum.spoilers.scopes import Book
from forum.spoilers.service import book, works_of
from forum.spoilers.service_warned import caution_of, pinned_at
from forum.web.operations import json_bytes


async def veil_of(
    rt: Runtime,
    discussion: Discussion | None,
    *,
    caution: str | None = None,
    opened: bool = False,
    on_article: bool = False,
) -> Veil:
    """How a discussion is covered. `caution` is what the view's address says that it assumes; it can only add.

    A gate that assumes its readers have come that far does so `on_article` pages alone, which carry the warning.
    """
    known = await book(rt)
    if discussion is None:
        return await _cautious(rt, known, rt.clock, caution)
    scope, gate = known.scope(discussion.warned.scope_id), discussion.warned.gate
    if caution:
        asked = await caution_of(rt, caution, pinned_at(discussion, rt.clock.now()))
        scope, gate = with_caution(scope, gate, asked)
    if gate is Gate.ASSUME and not on_article:
        gate = Gate.ASK
    return Veil(known, scope, gate, opened)


async def _cautious(rt: Runtime, known: Book, clock: Clock, caution: str | None) -> Veil:
    """The veil of a discussion that nobody has begun: all there is to go by is the address."""
    if not caution:
        return Veil(known)
    return Veil(known, await caution_of(rt, caution, clock.now()), Gate.ASK)


def expiry_of(site: Site, discussion: Discussion | None) -> Expiry:
    """When spoilers in a discussion expire: by its own rule, or else by its site's."""
    days = (
        site.expiry_days
        if discussion is None or discussion.warned.expiry_days is None
        else discussion.warned.expiry_days
    )
    return Expiry(days, frozenset(site.regions) or None)


async def spoilers_view(
    rt: Runtime, site: Site, discussion: Discussion | None, veil: Veil, asked_works: tuple[str, ...] = ()
) -> SpoilersView | None:
    """What a page needs to know about spoilers; None where there are none and nothing they could be about."""
    stored = () if discussion is None else discussion.warned.works
    named = tuple(point.work for point in veil.scope.in_order if point.work is not None)
    order = tuple(dict.fromkeys((*with_works(stored, asked_works), *named)))
    if not order and not veil.scope and not (discussion is not None and discussion.has_passages):
        return None
    found = await works_of(rt, order)
    expiry = expiry_of(site, discussion)
    label = veil.book.label(veil.scope)
    said = {
        "discussion": None if discussion is None else str(discussion.id),
        "gate": veil.gate.value,
        "scope": veil.scope.tokens,
        "label": label,
        "works": {work_id: work_facts(found[work_id], expiry.regions) for work_id in order if work_id in found},
        "order": [work_id for work_id in order if work_id in found],
        "expiry": {"days": expiry.days, "regions": None if expiry.regions is None else sorted(expiry.regions)},
    }
    open_href = None if discussion is None else f"/d/{discussion.id}/open"
    count = 0 if discussion is None else discussion.comment_count
    gated = veil.is_gated and count > 0
    said_json = json_bytes(said).decode()
    return SpoilersView(said_json, label, veil.gate.value, gated, open_href, count, sealed=veil.is_sealed)
