"""GET /u/{name}: a person as everybody sees them, with what they wrote as an uncleared reader sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode

from pydantic import Field, field_validator
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from forum.accounts import queries as accounts
from forum.accounts.model import Account, Role, State, account_tag
from forum.accounts.names import name_key
from forum.accounts.present import account_view, profile_path
from forum.accounts.views import AccountView
from forum.articles.model import tag_of
from forum.comments.history import History, draw_history, history_edge, read_history
from forum.core.i18n import N_
from forum.db import Tx
from forum.errors import NotFound
from forum.runtime import Runtime
from forum.sites.model import TAG as SITES_TAG
from forum.sites.model import Site
from forum.sites.service import directory
from forum.spoilers.model import CATALOGUE_TAG
from forum.web.headers import shell_headers
from forum.web.inputs import PageParams, has_only_known, read_query
from forum.web.languages import choose, find
from forum.web.pages import Finished, public_answer

NOBODY: Final = N_("There is nobody of that name here.")
# What deserves a badge; that somebody is trusted is between them and the site.
ROLE_BADGES: Final[Mapping[Role, str]] = {
    Role.MODERATOR: N_("Moderator on %(site)s"),
    Role.EDITOR: N_("Editor on %(site)s"),
    Role.ADMIN: N_("Administrator on %(site)s"),
}


class ProfileQuery(PageParams):
    """Which part of what somebody wrote, in which language."""

    after: Annotated[str | None, Field(max_length=40)] = None
    lang: Annotated[str | None, Field(max_length=35)] = None

    @field_validator("lang")
    @classmethod
    def _known_language(cls, value: str | None) -> str | None:
        """Our own code of the language asked for."""
        language = find(value)
        return None if language is None else language.code


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """What `pages/profile.html` draws. `who` is not who reads the page: nobody knows that."""

    who: AccountView
    joined: datetime
    badges: tuple[str, ...]
    shown: int
    lang: str | None
    next_href: str | None
    first_href: str | None
    frame: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """Whom a name stands for, and what they wrote."""

    account: Account
    roles: Mapping[int, Role]
    history: History


def routes(rt: Runtime) -> list[BaseRoute]:
    """The address of a profile."""

    async def profile(request: Request) -> Response:
        return await profile_page(rt, request)

    return [Route("/u/{name}", profile, methods=["GET"])]


async def profile_page(rt: Runtime, request: Request) -> Response:
    """GET /u/{name}: 301 from another spelling; 404 for nobody, and for who is switched off or leaving."""
    name = request.path_params["name"]
    query = read_query(request, ProfileQuery)
    edge = history_edge(query.after)
    async with rt.db.read(fresh=True) as tx:
        account = await _get_account(tx, name)
    if account.name != name:
        address = profile_path(account.name) + (f"?lang={query.lang}" if query.lang else "")
        return RedirectResponse(address, 301, {"cache-control": "public, max-age=0, must-revalidate"})

    async def make() -> Finished:
        async with rt.db.read(fresh=True) as tx:
            again = await _get_account(tx, name)
            found = _Found(again, await accounts.list_roles(tx, again.id), await read_history(tx, again.id, edge=edge))
        body = await _draw(rt, found, query)
        tags = {account_tag(again.id), SITES_TAG, CATALOGUE_TAG, *map(tag_of, found.history.discussions)}
        headers = shell_headers(None, https=rt.settings.secure_cookies)
        return Finished(body, frozenset(tags), headers, keep=has_only_known(request, ProfileQuery))

    return await public_answer(rt.cache, request, make)


async def _get_account(tx: Tx, name: str) -> Account:
    # It comes from an address, and PostgreSQL refuses this character.
    key = "" if "\0" in name else name_key(name)
    account = await accounts.find_account_named(tx, key) if key else None
    if account is None or account.state is not State.ACTIVE:
        raise NotFound(detail=NOBODY)
    return account


async def _draw(rt: Runtime, found: _Found, query: ProfileQuery) -> bytes:
    sites = {site.id: site for site in (await directory(rt)).values()}
    language = choose(query.lang, _language_of(found.history, sites))
    drawn = await draw_history(rt, found.history, sites, language, query.lang)
    here = profile_path(found.account.name)
    cursor = found.history.next_cursor
    page = ProfilePage(
        who=account_view(found.account),
        joined=found.account.created_at,
        badges=tuple(
            language.text(ROLE_BADGES[role], {"site": sites[site_id].name})
            for site_id, role in found.roles.items()
            if role in ROLE_BADGES and site_id in sites
        ),
        shown=len(found.history.comments),
        lang=query.lang,
        next_href=_href(here, query.lang, after=str(cursor)) if cursor else None,
        first_href=_href(here, query.lang) if query.after else None,
    )
    return rt.renderer.page("pages/profile.html", page, language, inner=drawn)


def _href(path: str, lang: str | None, **more: str) -> str:
    parameters = urlencode({**more, **({"lang": lang} if lang else {})})
    return f"{path}?{parameters}" if parameters else path


def _language_of(history: History, sites: Mapping[int, Site]) -> str | None:
    """The language of the site where they wrote last: the page is the same for everybody, whatever they accept."""
    site = sites.get(history.comments[0].site_id) if history.comments else next(iter(sites.values()), None)
    return None if site is None else site.language
