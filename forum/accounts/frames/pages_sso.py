"""A publisher's page signs its reader in without a script: it posts a form with a token into the frame, or here as a
whole page, to their settings.

These are the addresses that take writes of another origin: that of a site, for that site, with a token of its key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from forum.accounts.agents import agent_label
from forum.accounts.frames.service_handoff import Place
from forum.accounts.frames.service_sso import enter_by_token, go_home_by_token
from forum.accounts.frames.sso_tokens import MOST_CHARACTERS
from forum.accounts.places import safe_next
from forum.accounts.service_people import after_sign_in
from forum.core.i18n import N_
from forum.core.ids import parse_id
from forum.errors import FieldError, Forbidden, Invalid
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.sites.service import get_site
from forum.web.headers import auth_headers, embed_headers
from forum.web.inputs import read_form
from forum.web.pages import see_other
from forum.web.visitors import embed_cookie_header, main_cookie_header, mark_cookie_header, visitor_of

# What the guard of writes leaves to this module.
ELSEWHERE: Final = re.compile(r"/embed/[a-z0-9-]{1,40}/sso|/auth/sso/[a-z0-9-]{1,40}")
NOT_FROM_THERE: Final = N_("This request did not come from a page of this site.")
# What the frame's address keeps.
_LOOK: Final = ("url", "identifier", "sort", "theme", "accent", "lang", "assumes", "works")
SETTINGS: Final = "/settings"
HOME_FIELDS: Final = frozenset({"token", "next"})
FIELDS: Final = frozenset({"token", "discussion_id", *_LOOK})


def routes(rt: Runtime) -> list[BaseRoute]:
    """The addresses of the forms."""

    async def form(request: Request) -> Response:
        return await sign_in_form(rt, request)

    async def home(request: Request) -> Response:
        return await go_home_form(rt, request)

    return [
        Route("/embed/{site}/sso", form, methods=["POST"]),
        Route("/auth/sso/{site}", home, methods=["POST"]),
    ]


def origin_of(rt: Runtime, request: Request, site: Site) -> str:
    """The site's origin that sent a form, by what its browser says; raises Forbidden for any other, and for a browser
    that contradicts itself."""
    origin, fetch_site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    near = ("same-origin",) if origin == rt.settings.public_origin else ("same-site", "cross-site")
    if origin is None or origin not in site.origins or fetch_site not in (None, *near):
        raise Forbidden("cross_site", NOT_FROM_THERE)
    return origin


async def sign_in_form(rt: Runtime, request: Request) -> Response:
    """POST /embed/{site}/sso: sign in, then show the discussion. The token stands in the body, never in an address."""
    site = await get_site(rt, request.path_params["site"])
    place = Place(site, origin_of(rt, request, site))
    # An error inside the frame must be readable there too.
    request.state.frame_origins = site.origins
    request.state.frame_headers = embed_headers(site.origins, https=rt.settings.secure_cookies)
    values = await read_form(request, FIELDS)
    location = _location(site, values)
    entered = await enter_by_token(rt, visitor_of(request, rt.settings), place, _token(values))
    cookie = embed_cookie_header(rt.settings, entered.begun.token, entered.begun.seconds)
    response = see_other(location, set_cookie=cookie)
    # No script saw this sign-in; those of the next page ask who is there only where they are told that somebody is.
    response.headers.append("set-cookie", mark_cookie_header(rt.settings, site.key, entered.begun.seconds))
    return response


def _token(values: Mapping[str, str]) -> str:
    token = values.get("token", "")
    if not token or len(token) > MOST_CHARACTERS:
        raise Invalid(errors=(FieldError("token", "missing" if not token else "too_long"),))
    return token


async def go_home_form(rt: Runtime, request: Request) -> Response:
    """POST /auth/sso/{site}: sign somebody in who has no other way to their settings. A whole page posts it, so that
    they see where they are: nothing inside a page, and no script."""
    site = await get_site(rt, request.path_params["site"])
    place = Place(site, origin_of(rt, request, site))
    if request.headers.get("sec-fetch-dest", "document") != "document":
        raise Forbidden("cross_site", NOT_FROM_THERE)
    values = await read_form(request, HOME_FIELDS)
    begun = await go_home_by_token(
        rt,
        visitor_of(request, rt.settings),
        place,
        _token(values),
        agent=agent_label(request.headers.get("user-agent", "")),
    )
    location = after_sign_in(safe_next(values.get("next") or SETTINGS))
    response = see_other(location, set_cookie=main_cookie_header(rt.settings, begun.token, begun.seconds))
    response.headers.update(auth_headers(https=rt.settings.secure_cookies))
    return response


def _location(site: Site, values: Mapping[str, str]) -> str:
    """The frame's document. What the fields say is checked there, as in any address of a frame."""
    kept = {name: values[name] for name in _LOOK if values.get(name)}
    if not values.get("discussion_id"):
        if "url" not in kept:
            raise Invalid(errors=(FieldError("url", "missing"),))
        return f"/embed/{site.key}?{urlencode(kept)}"
    try:
        discussion_id = parse_id(values["discussion_id"])
    except ValueError as error:
        raise Invalid(errors=(FieldError("discussion_id", "wrong_value"),)) from error
    kept.pop("url", None)
    return f"/d/{discussion_id}?{urlencode({**kept, 'frame': '1'})}"
