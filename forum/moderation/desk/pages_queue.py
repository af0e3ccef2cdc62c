"""/mod: the queues, and one comment with its verdicts. Everything works without scripts; with them (static/js/mod.js)
the same pages are put together piece by piece."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts.model import Role
from forum.accounts.settings_pages import to_sign_in
from forum.articles import queries as articles
from forum.comments.review.model import Queue
from forum.core.i18n import N_
from forum.errors import AftershowError, NotFound
from forum.moderation.console import HOME, QUEUE_NAMES, Console, open_console
from forum.moderation.deciding.scene import OWN
from forum.moderation.desk import pages_view as views
from forum.moderation.desk.pages_done import said_now, undo_of
from forum.moderation.desk.pages_view import EntryView, FilterView, Pane
from forum.moderation.guard import Moderator, guarded, sites_of
from forum.moderation.pages_where import PlaceQuery, Where, read_place, where_of
from forum.moderation.queues.choosing import landing
from forum.moderation.queues.model import MOST_COUNTED, Entry
from forum.moderation.queues.present import queue_view
from forum.moderation.queues.present_item import item_view, reveal_view
from forum.moderation.queues.service_item import read_item
from forum.moderation.queues.service_queue import count_queues, first_waiting, queues_for, read_queue
from forum.moderation.queues.views import ItemView, QueueView
from forum.moderation.verdict_names import RULE_NAMES
from forum.runtime import Runtime
from forum.sites.service import get_site_by_id
from forum.spoilers.service import works_of
from forum.web.inputs import path_id
from forum.web.pages import see_other

TEMPLATE: Final = "pages/mod_queue.html"
# Of the works that a discussion is about, so many units are offered as scopes.
MOST_LABELS: Final = 400


def routes(rt: Runtime) -> list[BaseRoute]:
    """The addresses to read at."""
    return [
        Route(HOME, guarded(rt, queue_page, role=Role.TRUSTED), methods=["GET"]),
        Route(f"{HOME}/c/{{id}}", guarded(rt, item_page, role=Role.TRUSTED), methods=["GET"]),
    ]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows beside the list: the form that was refused with what was typed and why, and whether the text is
    revealed. `part`: the list is not asked for. `place` is the address, which may say what was done just now."""

    typed: dict[str, str] = field(default_factory=dict)
    error: AftershowError | None = None
    revealed: bool = False
    part: bool = False
    place: PlaceQuery | None = None


async def queue_page(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """GET /mod: a page of a queue; without one, where something waits."""
    place = read_place(request)
    if place.queue not in QUEUE_NAMES:
        return await _somewhere(rt, request, mod, place)
    console = await open_console(rt, request, mod, role=Role.TRUSTED)
    return await draw_list(console, where_of(place, console), Shown(place=place))


async def _somewhere(rt: Runtime, request: Request, mod: Moderator, place: PlaceQuery) -> Response:
    """To the first queue in which something waits, on the site that is named, or on the first with something."""
    named = place.site or (await first_waiting(rt, await sites_of(rt, mod))).key
    console = await open_console(rt, request, mod, role=Role.TRUSTED, key=named)
    counts = await count_queues(rt, mod, console.site)
    queue = landing(counts, queues_for(mod, console.site.id))
    return see_other(console.href(HOME, queue=queue.value))


async def draw_list(console: Console, where: Where, shown: Shown) -> Response:
    """A page of a queue without an item."""
    listed = await _listed(console, where)
    fields = await _page_fields(console, where, shown, listed)
    status = 200 if shown.error is None else shown.error.status
    return console.page(TEMPLATE, views.QueuePage(**fields, error=told(console, shown.error)), status=status)


def told(console: Console, error: AftershowError | None) -> str:
    """What stood in the way, in words."""
    if error is None:
        return ""
    said = console.wrong(error)
    return said.get("") or " ".join(said.values())


async def item_page(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """GET /mod/c/{id}: a comment with its verdicts, beside the list it was opened from."""
    place = read_place(request)
    try:
        return await draw_item(rt, request, mod, path_id(request), Shown(part=place.part == "item", place=place))
    except NotFound:
        if not place.news:
            raise
    # Led here by what was done just now, but it is not there (any more): they go on from the list.
    console = await open_console(rt, request, mod, role=Role.TRUSTED, key=place.site)
    where = where_of(place, console, queue=console.queues[0].value).without()
    return see_other(where.list_href(console, **place.news))


async def draw_item(
    rt: Runtime, request: Request, mod: Moderator, comment_id: int, shown: Shown, given: dict[str, str] | None = None
) -> Response:
    """A comment with its verdicts; `given` is the form that was sent, where the page answers one."""
    found = await read_item(rt, mod, comment_id)
    site = await get_site_by_id(rt, found.entry.comment.site_id)
    console = await open_console(rt, request, mod, role=Role.TRUSTED, key=site.key)
    where = where_of(given or shown.place or {}, console, queue=_queue_of(found.entry, console))
    item = await item_view(rt, mod, found, console.language)
    listed = None if shown.part else await _listed(console, where)
    pane = await _pane(console, where, item, shown)
    if shown.revealed:
        pane = replace(pane, revealed=await reveal_view(rt, found, console.language))
    following = _following(comment_id, listed) if listed is not None else _told_next(shown, given)
    if following:
        pane = replace(pane, keep={**pane.keep, "next": following}, next_href=where.item_href(console, following))
    fields = await _page_fields(console, where, shown, listed)
    status = 200 if shown.error is None else shown.error.status
    return console.page(TEMPLATE, views.QueuePage(**fields, pane=pane), status=status)


def _queue_of(entry: Entry, console: Console) -> str:
    return entry.item.queue if entry.item.queue in console.queues else console.queues[0].value


async def _listed(console: Console, where: Where) -> QueueView:
    now = console.rt.clock.now()
    page = await read_queue(
        console.rt, console.mod, console.site, Queue(where.queue), where.filters(now), cursor=where.after or None
    )
    return await queue_view(console.rt, console.mod, page, console.language)


async def _page_fields(console: Console, where: Where, shown: Shown, listed: QueueView | None) -> dict[str, Any]:
    """The fields of the page but for the item."""
    counts = None if listed is None else {one.queue: count_text(console, one.count, one.more) for one in listed.counts}
    first = where.without()
    entries = () if listed is None else listed.items
    return {
        **console.frame(where.queue, counts),
        "name": QUEUE_NAMES[where.queue],
        "empty": views.EMPTY[where.queue],
        "listed": listed is not None,
        "entries": tuple(EntryView(row, where.item_href(console, row.id), views.why(console, row)) for row in entries),
        "list_href": first.list_href(console),
        "first_href": first.list_href(console) if where.after else "",
        "next_href": where.list_href(console, after=listed.next) if listed is not None and listed.next else "",
        "keep": where.keep,
        "filters": _filters(console, where, listed),
        "ages": tuple((key, console.text(name)) for key, name in views.AGES),
        "age": where.age,
        "said": said_now(console, shown.place),
        "undo": await undo_of(console, shown.place),
    }


def count_text(console: Console, count: int, more: bool) -> str:
    """How many wait, as the menu says it: nothing for none, "1,000+" for more than were counted."""
    if not count:
        return ""
    return console.language.number(MOST_COUNTED if more else count) + ("+" if more else "")


def _filters(console: Console, where: Where, listed: QueueView | None) -> tuple[FilterView, ...]:
    """What the list is narrowed to, by names that the list itself knows."""
    row = listed.items[0] if listed is not None and listed.items else None
    ages = dict(views.AGES)
    named = {
        "discussion": (N_("Discussion:"), row.title if row is not None else where.discussion),
        "person": (N_("By:"), row.author.name if row is not None else where.person),
        "screen": (N_("Rule:"), console.text(RULE_NAMES.get(where.screen, "")) or where.screen),
        "age": (N_("Age:"), console.text(ages.get(where.age, where.age))),
    }
    return tuple(
        FilterView(console.text(name), value, where.without(key).list_href(console))
        for key, (name, value) in named.items()
        if getattr(where, key)
    )


async def _pane(console: Console, where: Where, item: ItemView, shown: Shown) -> Pane:
    buttons = views.buttons_of(item, where.queue)
    error = shown.error
    return Pane(
        item=item,
        back_href=where.list_href(console),
        keep=where.keep,
        buttons=buttons,
        effects=views.effects_of(console, item, buttons),
        history=views.history_of(console, item.history[: views.MOST_HISTORY]),
        in_force=views.in_force(console, item),
        reason=views.likely_reason(item),
        **views.choices(console),
        labels=await _labels(console, item),
        typed=shown.typed,
        form=shown.typed.get("form", ""),
        problem=told(console, error),
        changed=error is not None and error.code == "revision_conflict",
        taken=error is not None and error.code == "claimed",
        again=_again(console, item, error),
        own=console.text(OWN) if item.is_own else "",
        is_self=views.is_self(console, item),
    )


def _again(console: Console, item: ItemView, error: AftershowError | None) -> str:
    """Where somebody proves once more who they are, when that is what stood in the way."""
    if error is None or error.code != "sign_in_again":
        return ""
    return to_sign_in(console.href(f"{HOME}/c/{item.row.id}"), again=True)


async def _labels(console: Console, item: ItemView) -> tuple[str, ...]:
    """What the comment may be covered as: what readers say, then every part of what its discussion is about."""
    said = [scope.label for scope in item.suggested if scope.label]
    async with console.rt.db.read() as tx:
        discussion = await articles.find_discussion(tx, int(item.row.discussion_id))
    works = () if discussion is None else discussion.warned.works
    known = await works_of(console.rt, works)
    units = [f"{known[key].title} {unit.code}".strip() for key in works if key in known for unit in known[key].units]
    return tuple(dict.fromkeys([*said, *units]))[:MOST_LABELS]


def _following(comment_id: int, listed: QueueView) -> str:
    """What comes after a comment in a list ("": nothing); in one that it is not in (any more), what stands first."""
    ids, here = [row.id for row in listed.items], str(comment_id)
    rest = ids[ids.index(here) + 1 :] if here in ids else ids
    return rest[0] if rest else ""


def _told_next(shown: Shown, given: dict[str, str] | None) -> str:
    """The same, where the list is not asked for: what a script says that comes next."""
    return (given or {}).get("next", "") if shown.place is None else shown.place.next
