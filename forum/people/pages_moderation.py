"""GET and POST /settings/moderation: what moderators decided about oneself and what one wrote, on every site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts.settings_pages import Home, SettingsPage, at_home
from forum.comments.review import queries_people as sanctions
from forum.comments.review.policy import is_in_force
from forum.comments.review.words import about_sanction, ended
from forum.comments.review.words_log import TOLD, about_decision
from forum.comments.told import told_view
from forum.comments.views import ToldView
from forum.core.i18n import N_
from forum.core.ids import MAX_ID, parse_id
from forum.db import Tx
from forum.errors import FieldError, Invalid
from forum.people.queries_decided import DecidedOn, SanctionedOn, list_decided, list_sanctioned
from forum.runtime import Runtime
from forum.sites.service import get_site
from forum.web.inputs import read_form
from forum.web.limits import ACCOUNT
from forum.web.pages import see_other
from forum.web.visitors import visitor_of

PATH: Final = "/settings/moderation"
FIELDS: Final = frozenset({"site", "warning"})
READ: Final = N_("Thank you. You can go on writing.")
# So many decisions at once.
PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class SanctionLine:
    """A sanction: what it says, the site's name, how it ended ("" while it counts). `site` and `id` name a warning that
    is still to be read."""

    told: ToldView
    site_name: str
    ended: str
    site: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision about a comment, and where that stands."""

    told: ToldView
    site_name: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModerationPage(SettingsPage):
    """What `pages/settings_moderation.html` draws. `earlier` leads on, None where nothing is left."""

    in_force: tuple[SanctionLine, ...]
    over: tuple[SanctionLine, ...]
    decisions: tuple[DecisionLine, ...]
    earlier: str | None


def routes(rt: Runtime) -> list[BaseRoute]:
    """The address of this page."""

    async def show(home: Home) -> Response:
        return await (acknowledge if home.request.method == "POST" else lists)(home)

    return [Route(PATH, at_home(rt, show, path=PATH), methods=["GET", "POST"])]


async def lists(home: Home) -> Response:
    """GET /settings/moderation; `before` is where the list of decisions goes on."""
    now = home.rt.clock.now()
    edge = _number(home.request.query_params.get("before"), "before") or MAX_ID
    async with home.rt.db.read(fresh=True) as tx:
        sanctioned = await list_sanctioned(tx, home.account.id)
        verdicts = [verdict.value for verdict in TOLD]
        decided = await list_decided(tx, home.account.id, verdicts=verdicts, edge=edge, most=PAGE + 1)
    counts = [one for one in sanctioned if is_in_force(one.row, now)]
    page = ModerationPage(
        person=home.person,
        here=PATH,
        theme=home.account.theme,
        said=READ if home.request.query_params.get("done") else "",
        in_force=tuple(_sanction(home, one) for one in counts),
        over=tuple(_sanction(home, one, over=True) for one in sanctioned if one not in counts),
        decisions=tuple(_decision(home, one) for one in decided[:PAGE]),
        earlier=f"{PATH}?before={decided[PAGE - 1].line.id}" if len(decided) > PAGE else None,
    )
    return home.page("pages/settings_moderation.html", page)


def _sanction(home: Home, one: SanctionedOn, *, over: bool = False) -> SanctionLine:
    told = told_view(about_sanction(one.row), home.language)
    if over:
        how = ended(one.row)
        return SanctionLine(told, one.site_name, home.language.text(how.sentence, how.params))
    unread = told.code == "warned"
    return SanctionLine(told, one.site_name, "", one.site_key if unread else "", str(one.row.id) if unread else "")


def _decision(home: Home, one: DecidedOn) -> DecisionLine:
    told = told_view(about_decision(one.line), home.language)
    return DecisionLine(told, one.site_name, f"/c/{one.line.comment_id}")


def _number(text: str | None, name: str) -> int | None:
    if not text:
        return None
    try:
        return parse_id(text)
    except ValueError as error:
        raise Invalid(errors=(FieldError(name, "wrong_value"),)) from error


async def acknowledge(home: Home) -> Response:
    """POST /settings/moderation: a warning was read; one that is not theirs, or was read before, changes nothing."""
    rt = home.rt
    values = await read_form(home.request, FIELDS)
    await rt.limiter.check(ACCOUNT, visitor_of(home.request, rt.settings))
    site = await get_site(rt, values.get("site", ""))
    warning = _number(values.get("warning"), "warning") or 0

    async def work(tx: Tx) -> None:
        authors = [home.account.id]
        await sanctions.mark_seen(tx, site_id=site.id, sanction_id=warning, authors=authors, now=rt.clock.now())

    await rt.db.write(work)
    return see_other(f"{PATH}?done=1")
