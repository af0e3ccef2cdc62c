"""/mod/person/{kind}/{id}: what moderators know of one person, and what they can do about them. Needs no scripts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts.places import safe_next
from forum.core.ids import MAX_ID
from forum.errors import AftershowError, Forbidden, Invalid
from forum.moderation.console import Console, UndoView, open_console
from forum.moderation.guard import Moderator, guarded
from forum.moderation.people.person_inputs import known_id, penalty_of, person_path, target_of
from forum.moderation.people.person_present import PersonPage, blank, person_page
from forum.moderation.people.service_person import read_person
from forum.moderation.people.service_sanction import (
    Target,
    add_note,
    delete_note,
    lift,
    sanction,
)
from forum.moderation.verdict_names import VERDICT_NAMES
from forum.runtime import Runtime
from forum.web.inputs import read_plain_form
from forum.web.pages import see_other
from forum.web.problems import MENDABLE

PATH: Final = "/mod/person/{kind}/{id}"
TEMPLATE: Final = "pages/mod_person.html"
SANCTION: Final = frozenset({"site", "sanction", "hours", "reason", "rule", "words", "comment", "next"})
LIFT: Final = frozenset({"site", "sanction", "words"})
NOTE: Final = frozenset({"site", "text", "comment", "next"})
DROP: Final = frozenset({"site", "note"})


def routes(rt: Runtime) -> list[BaseRoute]:
    """The addresses of this page and its forms."""
    return [
        Route(PATH, guarded(rt, show), methods=["GET"]),
        Route(f"{PATH}/sanction", guarded(rt, sanction_form), methods=["POST"]),
        Route(f"{PATH}/lift", guarded(rt, lift_form), methods=["POST"]),
        Route(f"{PATH}/note", guarded(rt, note_form), methods=["POST"]),
        Route(f"{PATH}/note/delete", guarded(rt, drop_note), methods=["POST"]),
    ]


async def show(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """GET: the page; `decided` names what was done just now, `before` where the history goes on."""
    return await _draw(await open_console(rt, request, mod), target_of(request))


async def _draw(
    console: Console, target: Target, *, typed: Mapping[str, str] | None = None, error: AftershowError | None = None
) -> Response:
    query = console.request.query_params
    edge = known_id(query["before"]) if query.get("before") else MAX_ID
    dossier = await read_person(console.rt, console.mod, console.site, target, edge=edge)
    page: PersonPage = person_page(console, dossier, person_path(target), {**blank(), **(typed or {})})
    decided = query.get("decided", "")
    done = next((line for line in dossier.history if str(line.id) == decided), None)
    undo = None if done is None else UndoView(console.text(VERDICT_NAMES[done.verdict]), str(done.id))
    said = {} if error is None else _said(console, error)
    page = page.completed(error=said.pop("", ""), errors=said, undo=undo)
    return console.page(TEMPLATE, page, status=200 if error is None else error.status)


def _said(console: Console, error: AftershowError) -> dict[str, str]:
    """What stood in the way ("": above all forms), and what is wrong with each field."""
    said = console.wrong(error)
    if error.detail and any(one.loc == "hours" for one in error.errors):
        said["hours"] = console.text(error.detail)
    return {**said, "": console.text(error.title)} if error.errors else said


async def _opened(
    rt: Runtime, request: Request, mod: Moderator, fields: frozenset[str]
) -> tuple[Console, Target, dict[str, str]]:
    values = await read_plain_form(request, fields)
    console = await open_console(rt, request, mod, key=values.get("site", ""))
    return console, target_of(request), values


def _back(console: Console, target: Target, values: Mapping[str, str], decided: int | None = None) -> Response:
    """To where the form stood, or to the person."""
    done = {} if decided is None else {"decided": str(decided)}
    path = safe_next(values.get("next"))
    if not path.startswith("/mod") or not done:
        return see_other(path if path.startswith("/mod") else console.href(person_path(target), **done))
    return see_other(f"{path}{'&' if '?' in path else '?'}{urlencode(done)}")


async def sanction_form(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST …/sanction: warn, mute, suspend, ban, pre-moderate."""
    console, target, values = await _opened(rt, request, mod, SANCTION)
    try:
        line = await sanction(rt, mod, console.site, target, penalty_of(values))
    except AftershowError as error:
        if error.status not in (*MENDABLE, Forbidden.status):
            raise
        return await _draw(console, target, typed=values, error=error)
    return _back(console, target, values, line.id)


async def lift_form(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST …/lift: end a sanction."""
    console, target, values = await _opened(rt, request, mod, LIFT)
    try:
        line = await lift(rt, mod, console.site, known_id(values.get("sanction", "")), values.get("words", ""))
    except AftershowError as error:
        if error.status not in (*MENDABLE, Forbidden.status):
            raise
        return await _draw(console, target, error=error)
    return _back(console, target, values, line.id)


async def note_form(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST …/note: note something for moderators."""
    console, target, values = await _opened(rt, request, mod, NOTE)
    comment = values.get("comment", "")
    try:
        await add_note(rt, mod, console.site, target, values.get("text", ""), known_id(comment) if comment else None)
    except Invalid as error:
        return await _draw(console, target, typed=values, error=error)
    return _back(console, target, values)


async def drop_note(rt: Runtime, request: Request, mod: Moderator) -> Response:
    """POST …/note/delete: strike a note out."""
    console, target, values = await _opened(rt, request, mod, DROP)
    await delete_note(rt, mod, console.site, known_id(values.get("note", "")))
    return _back(console, target, values)
