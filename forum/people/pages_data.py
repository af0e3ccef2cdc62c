"""One's own data: take it along, or have it erased. No scripts needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts import policy
from forum.accounts.model import ACCOUNT
from forum.accounts.names import name_key
from forum.accounts.settings_pages import Home, SettingsPage, at_home, language_of, to_sign_in
from forum.core.i18n import N_
from forum.errors import Conflict, TooManyRequests
from forum.people.queries_authors import count_comments
from forum.people.service_erase import erase
from forum.people.service_export import SCHEMA_PATH, export, read_schema
from forum.runtime import Runtime
from forum.web.answers import Answer, AnswerResponse
from forum.web.download import Download
from forum.web.headers import data_headers, shell_headers
from forum.web.inputs import JSON, read_form
from forum.web.limits import ACCOUNT as ACCOUNT_RULE
from forum.web.operations import json_bytes
from forum.web.pages import personal_page, public_data_headers, see_other
from forum.web.visitors import embed_cookie_header, main_cookie_header, visitor_of

PATH: Final = "/settings/data"
GONE_PATH: Final = "/settings/deleted"
# What to do with what one wrote.
KEEP, REMOVE = "keep", "remove"
FIELDS: Final = frozenset({"texts", "name"})
EXPORTS: Final = "6/hour"
CHOOSE: Final = N_("Please say what should happen to your comments.")
WRONG_NAME: Final = N_("That is not your name here. Nothing was deleted.")
ENOUGH: Final = N_("You have saved your data several times within an hour. Please try again later.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataPage(SettingsPage):
    """What there is (`comments`), and the form to delete it. `again` leads to a fresh sign-in, "" where it is one."""

    comments: int
    again: str
    texts: str = ""
    choice_error: str = ""
    name_error: str = ""


@dataclass(frozen=True, slots=True)
class GonePage:
    """What `pages/settings_deleted.html` draws."""

    frame: bool = False


def routes(rt: Runtime) -> list[BaseRoute]:
    """The addresses of these pages, and of the schema that describes an export."""
    schema = Answer(
        json_bytes(read_schema(rt.settings.public_url)),
        "application/schema+json",
        headers=public_data_headers(https=rt.settings.secure_cookies, cors=True),
    )

    async def described(_: Request) -> Response:
        return AnswerResponse(schema)

    async def gone(request: Request) -> Response:
        return gone_page(rt, request)

    return [
        Route(PATH, at_home(rt, data_page, path=PATH), methods=["GET"]),
        Route("/settings/export", at_home(rt, export_file, path=PATH), methods=["POST"]),
        Route("/settings/delete", at_home(rt, delete_form, path=PATH, fresh=True), methods=["POST"]),
        Route(GONE_PATH, gone, methods=["GET"]),
        Route(SCHEMA_PATH, described, methods=["GET"]),
    ]


async def data_page(home: Home) -> Response:
    """GET /settings/data."""
    return await _draw(home)


async def _draw(
    home: Home, *, status: int = 200, error: str = "", texts: str = "", wrong: tuple[str, str] = ("", "")
) -> Response:
    async with home.rt.db.read(fresh=True) as tx:
        written = await count_comments(tx, kind=ACCOUNT, author_id=home.account.id)
    fresh = policy.is_fresh(home.session, home.rt.clock.now())
    page = DataPage(
        person=home.person,
        here=PATH,
        theme=home.account.theme,
        error=error,
        comments=written,
        again="" if fresh else to_sign_in(PATH, again=True),
        texts=texts,
        choice_error=wrong[0],
        name_error=wrong[1],
    )
    return home.page("pages/settings_data.html", page, status=status)


async def export_file(home: Home) -> Response:
    """POST /settings/export: everything, as a file."""
    rt = home.rt
    await read_form(home.request, frozenset())
    if not await rt.limiter.may("export", EXPORTS, str(home.account.id)):
        raise TooManyRequests(detail=ENOUGH, retry_after=600)
    name = f"aftershow-{rt.clock.now():%Y-%m-%d}.json"
    headers = data_headers(https=rt.settings.secure_cookies)
    return Download(export(rt, home.account), name, media_type=JSON, headers=headers)


async def delete_form(home: Home) -> Response:
    """POST /settings/delete: the account goes, and nobody is signed in any more."""
    rt = home.rt
    await rt.limiter.check(ACCOUNT_RULE, visitor_of(home.request, rt.settings))
    values = await read_form(home.request, FIELDS)
    texts, name = values.get("texts", ""), values.get("name", "")
    choice_error = "" if texts in (KEEP, REMOVE) else CHOOSE
    name_error = "" if name_key(name) == home.account.skeleton else WRONG_NAME
    if choice_error or name_error:
        return await _draw(home, status=422, texts=texts, wrong=(choice_error, name_error))
    try:
        await erase(rt, home.account, texts=texts == REMOVE)
    except Conflict as error:
        return await _draw(home, status=error.status, error=error.detail, texts=texts)
    response = see_other(GONE_PATH, set_cookie=main_cookie_header(rt.settings, "", 0))
    response.headers.append("set-cookie", embed_cookie_header(rt.settings, "", 0))
    return response


def gone_page(rt: Runtime, request: Request) -> Response:
    """GET /settings/deleted: what somebody sees last."""
    headers = shell_headers(None, https=rt.settings.secure_cookies)
    language = language_of(None, request)
    return personal_page(rt.renderer.page("pages/settings_deleted.html", GonePage(), language), headers)
