"""The HTTP API of publishers' sign-in: the page around a frame gave it a token."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.accounts.frames.api_auth import BEARER, SignedIn, signed_in_answer
from forum.accounts.frames.service_handoff import Place, place_of
from forum.accounts.frames.service_sso import enter_by_token
from forum.accounts.frames.sso_tokens import MOST_CHARACTERS
from forum.runtime import Runtime
from forum.sites.service import get_site
from forum.web.inputs import Input, read_json
from forum.web.limits import SIGN_IN
from forum.web.operations import Operation, Success
from forum.web.visitors import visitor_of


class SsoInput(Input):
    """A token of the publisher, as the page around the frame gave it."""

    token: Annotated[str, Field(max_length=MOST_CHARACTERS, description="A compact JWS of the site's key.")]
    origin: Annotated[str | None, Field(max_length=300, description="The origin of the page around the frame.")] = None
    bearer: Annotated[bool, Field(description=BEARER)] = False


async def sign_in(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/sites/{site}/sso."""
    sent = await read_json(request, SsoInput)
    site = await get_site(rt, request.path_params["site"])
    place = Place(site, "") if sent.origin is None else place_of(site, sent.origin)
    entered = await enter_by_token(rt, visitor_of(request, rt.settings), place, sent.token)
    return signed_in_answer(rt, entered, bearer=sent.bearer)


OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/sites/{site}/sso",
        sign_in,
        "Sign a frame in by its publisher's token",
        Success(200, "Who is signed in; the frame's session comes as a cookie.", SignedIn),
        description="`sso_refused` says under `errors` what is wrong with the token. A token counts once.",
        body=SsoInput,
        problems=(400, 403, 404, 422),
        limit=SIGN_IN,
        tag="people",
    ),
)
