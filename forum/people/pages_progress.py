"""GET and POST /settings/progress: how far one is in each work, as one's account knows it. Needs no scripts.

A script (static/js/settings.js) brings what this browser knows into it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from pydantic import Field
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts.settings_pages import Home, SettingsPage, at_home
from forum.core.i18n import N_
from forum.errors import FieldError, Invalid
from forum.people import progress_view as view
from forum.people.model import Known
from forum.people.service_progress import Change, read_known, set_own_progress
from forum.runtime import Runtime
from forum.spoilers.catalogue import service_works as works
from forum.spoilers.model import Seen, Work
from forum.spoilers.service import gazetteer, works_of
from forum.web.inputs import PageParams, read_form, read_query
from forum.web.limits import ACCOUNT
from forum.web.operations import json_bytes
from forum.web.pages import see_other
from forum.web.visitors import visitor_of

PATH: Final = "/settings/progress"
SAVED: Final = N_("Saved.")
WORKS: Final = 30
RULE_FIELDS: Final = frozenset({"rule", "said"})


class ProgressQuery(PageParams):
    """Which part of the list (`start`), what to look for (`q`), a work to say something about, `done` something."""

    start: Annotated[int, Field(ge=0, le=100_000)] = 0
    q: Annotated[str, Field(max_length=200)] = ""
    work: Annotated[str, Field(max_length=100)] = ""
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressPage(SettingsPage):
    """What `pages/settings_progress.html` draws. `one` is the work that the address names; `json` is for the script."""

    one: view.WorkRow | None
    rows: tuple[view.WorkRow, ...]
    start: int
    total: int
    rules: tuple[view.RuleRow, ...]
    addable: tuple[view.RuleRow, ...]
    q: str
    found: tuple[tuple[str, str], ...]
    json: str
    each: int = WORKS


def routes(rt: Runtime) -> list[BaseRoute]:
    """The address of this page."""

    async def show(home: Home) -> Response:
        return await (save if home.request.method == "POST" else draw)(home)

    return [Route(PATH, at_home(rt, show, path=PATH), methods=["GET", "POST"])]


async def draw(home: Home) -> Response:
    """GET /settings/progress."""
    rt, language = home.rt, home.language
    query = read_query(home.request, ProgressQuery)
    known, names, now = await read_known(rt, home.account.id), await gazetteer(rt), rt.clock.now()
    franchises = dict(await works.list_franchises(rt))
    shown = view.in_order(known, names.titles)[query.start : query.start + WORKS]
    about = await works_of(rt, [query.work, *(stand.work_id for stand in shown)])
    one = about.get(query.work)
    page = ProgressPage(
        person=home.person,
        here=PATH,
        theme=home.account.theme,
        said=SAVED if query.done else "",
        one=None if one is None else view.row_of(view.stand_of(known, one.id), one, now, language),
        rows=tuple(
            view.row_of(stand, about.get(stand.work_id), now, language)
            for stand in shown
            if one is None or stand.work_id != one.id
        ),
        start=query.start,
        total=len(known.stands),
        rules=tuple(view.rule_row(rule, franchises, language) for rule in known.rules),
        addable=view.rules_to_add(names, known, franchises, language),
        q=query.q,
        found=await _found(home, query.q.strip()),
        json=json_bytes(view.for_scripts(home.account.id, known)).decode(),
    )
    return home.page("pages/settings_progress.html", page)


async def _found(home: Home, text: str) -> tuple[tuple[str, str], ...]:
    if not text:
        return ()
    return tuple((entry.id, entry.title) for entry in (await works.list_called(home.rt, text)).entries)


async def save(home: Home) -> Response:
    """POST: about the work that the address names, or a rule."""
    rt, query = home.rt, read_query(home.request, ProgressQuery)
    known = await read_known(rt, home.account.id)
    if query.work:
        work = (await works_of(rt, [query.work])).get(query.work)
        change = await _about(home, query.work, work, known)
    else:
        values = await read_form(home.request, RULE_FIELDS)
        if values.get("said", "") not in ("", Seen.DONT_CARE):
            raise Invalid(errors=(FieldError("said", "wrong_value"),))
        change = Change(rules={values.get("rule", ""): values.get("said") or None})
    await rt.limiter.check(ACCOUNT, visitor_of(home.request, rt.settings))
    await set_own_progress(rt, home.account.id, change)
    kept = {"start": query.start} if query.start else {}
    return see_other(f"{PATH}?{urlencode({'done': 1, **kept})}")


async def _about(home: Home, work_id: str, work: Work | None, known: Known) -> Change:
    """What the form of a work says. What is not one of its choices is refused."""
    branch = [unit.code for unit in work.units if unit.branch] if work is not None else []
    boxes = {f"tick-{number}": code for number, code in enumerate(branch)}
    values = await read_form(home.request, frozenset({"state", *boxes}))
    state = values.get("state", "")
    said: tuple[str, str] | None = None
    if state.startswith(view.AT):
        said = (Seen.AT.value, state.removeprefix(view.AT))
        if work is None or said[1] not in [unit.code for unit in work.chain]:
            raise Invalid(errors=(FieldError("state", "wrong_value"),))
    elif state:
        if state not in (Seen.NONE, Seen.DONT_CARE) or work is None:
            raise Invalid(errors=(FieldError("state", "wrong_value"),))
        said = (state, "")
    ticks = [code for box, code in boxes.items() if box in values]
    keeps = work is None or ticks or view.stand_of(known, work_id).ticks
    return Change({work_id: said}, {work_id: ticks or None} if keeps else {})
