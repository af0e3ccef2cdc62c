"""The HTTP API of sessions: a frame redeems what a window was handed, and signs out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.accounts.frames.service_handoff import Claim, Entered, Place, redeem
from forum.accounts.model import Kind
from forum.accounts.present import account_view
from forum.accounts.service_ending import leave
from forum.accounts.views import AccountView
from forum.core.pkce import VERIFIER
from forum.runtime import Runtime
from forum.sites.service import get_site
from forum.web.inputs import Input, read_json
from forum.web.limits import SIGN_IN
from forum.web.operations import Operation, Success, json_response
from forum.web.visitors import embed_cookie_header, main_cookie_header, visitor_of

BEARER = "Answer the session itself instead of setting a cookie: where the browser keeps none for frames."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who a frame is signed in as. `bearer` is its session where it was asked for, for `Authorization: Bearer …`."""

    account: AccountView
    bearer: str | None = None


class RedeemInput(Input):
    """What a frame got from the window that it opened, and the verifier that it kept to itself."""

    site: Annotated[str, Field(max_length=40, description="The site's key.")]
    origin: Annotated[str, Field(max_length=300, description="The origin of the page around the frame.")]
    code: Annotated[str, Field(max_length=100, description="The code, as it was sent or as somebody pasted it.")]
    verifier: Annotated[str, Field(pattern=VERIFIER, description="Its SHA-256 was the window's challenge.")]
    bearer: Annotated[bool, Field(description=BEARER)] = False


class LeaveInput(Input):
    """Which sessions end."""

    everywhere: Annotated[bool, Field(description="All of this person's; needs a first-party session.")] = False


async def redeem_code(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/auth/redeem."""
    sent = await read_json(request, RedeemInput)
    place = Place(await get_site(rt, sent.site), sent.origin)
    entered = await redeem(rt, visitor_of(request, rt.settings), Claim(place, sent.code, sent.verifier))
    return signed_in_answer(rt, entered, bearer=sent.bearer)


def signed_in_answer(rt: Runtime, entered: Entered, *, bearer: bool) -> Response:
    """The new session as a cookie of the frame, or in the body where its browser keeps no cookies."""
    view = account_view(entered.account, role=entered.role, kind=Kind.EMBED)
    if bearer:
        return json_response(SignedIn(view, entered.begun.token))
    response = json_response(SignedIn(view))
    cookie = embed_cookie_header(rt.settings, entered.begun.token, entered.begun.seconds)
    response.headers.append("set-cookie", cookie)
    return response


async def sign_out(rt: Runtime, request: Request) -> Response:
    """DELETE /api/v1/auth/session."""
    sent = await read_json(request, LeaveInput) if await request.body() else LeaveInput()
    visitor = visitor_of(request, rt.settings)
    await rt.limiter.check(SIGN_IN, visitor)
    await leave(rt, visitor, everywhere=sent.everywhere)
    response = Response(status_code=204, headers={"cache-control": "private, no-store"})
    # Also where nothing was found: a cookie that counts for nothing is of no use to anybody.
    response.headers.append("set-cookie", embed_cookie_header(rt.settings, "", 0))
    if visitor.main is not None:
        response.headers.append("set-cookie", main_cookie_header(rt.settings, "", 0))
    return response


OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/auth/redeem",
        redeem_code,
        "Sign a frame in",
        Success(200, "Who is signed in; the frame's session comes as a cookie.", SignedIn),
        description="`handoff_refused` whatever was wrong: code, verifier, place, or that it came too late.",
        body=RedeemInput,
        problems=(400, 403, 404, 422),
        limit=SIGN_IN,
        tag="people",
    ),
    Operation(
        "DELETE",
        "/api/v1/auth/session",
        sign_out,
        "Sign out",
        Success(204, "The sessions that were sent count no more."),
        description="The body may be left out.",
        body=LeaveInput,
        problems=(403,),
        limit=SIGN_IN,
        tag="people",
    ),
)
