"""The HTTP API of passkeys: what to ask an authenticator, and its answer. Credentials come as browsers write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.accounts.agents import agent_label
from forum.accounts.arrivals import arrival_cookie
from forum.accounts.passkeys.ceremony import Credential
from forum.accounts.passkeys.service_passkey import MOST_NAME, add_passkey, ask_for_new, ask_for_proof, prove
from forum.accounts.places import MOST_CHARACTERS
from forum.accounts.service_people import Proof, arrive
from forum.accounts.service_session import require_account
from forum.accounts.settings_pages import language_of
from forum.core.i18n import N_
from forum.runtime import Runtime
from forum.web.inputs import Input, read_json
from forum.web.limits import ACCOUNT, SIGN_IN
from forum.web.operations import Operation, Success, json_response
from forum.web.visitors import visitor_of

NAMELESS = N_("Passkey")
Purpose = Annotated[
    Literal["sign_in", "again", "connect"],
    Field(description="To begin a session, to prove oneself again, or to join another account with one's own."),
]
Handle = Annotated[str, Field(pattern="^[0-9a-f]{32}$", description="As it came with the options.")]
# Binary parts are unpadded base64url. An id has 1023 bytes at most.
CredentialId = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,1364}$")]
Binary = Annotated[str, Field(pattern="^[A-Za-z0-9_-]+$", max_length=20_000)]


class AssertionInput(Input):
    """What an authenticator answers that was used."""

    clientDataJSON: Binary
    authenticatorData: Binary
    signature: Binary
    userHandle: Annotated[str | None, Field(pattern="^[A-Za-z0-9_-]{1,86}$")] = None


class UsedInput(Input):
    """A passkey that was used."""

    id: CredentialId
    type: Literal["public-key"]
    response: AssertionInput


class AttestationInput(Input):
    """What an authenticator answers that has made a passkey."""

    clientDataJSON: Binary
    attestationObject: Binary
    transports: Annotated[list[Annotated[str, Field(max_length=30)]], Field(max_length=10, default_factory=list)]


class MadeInput(Input):
    """A passkey that was made."""

    id: CredentialId
    type: Literal["public-key"]
    response: AttestationInput


class AskInput(Input):
    """What a passkey shall be used for."""

    purpose: Purpose = "sign_in"


class ProofInput(Input):
    """The answer to what was asked, and where to go on then: a path of this server."""

    handle: Handle
    credential: UsedInput
    next: Annotated[str, Field(max_length=MOST_CHARACTERS)] = "/"
    purpose: Purpose = "sign_in"


class NothingInput(Input):
    """Nothing."""


class NewPasskeyInput(Input):
    """A passkey that was made for the account that is signed in."""

    handle: Handle
    credential: MadeInput
    name: Annotated[str, Field(max_length=MOST_NAME, description="Left empty: the browser's.")] = ""


@dataclass(frozen=True, slots=True)
class AskedAnswer:
    """`options` are for the browser's `navigator.credentials`, with binary parts as base64url."""

    handle: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LocationAnswer:
    """Where to go on: a path of this server."""

    location: str


@dataclass(frozen=True, slots=True)
class PasskeyAnswer:
    """A passkey of one's own. `backed_up`: its provider keeps a copy, so that it survives the loss of a device."""

    id: str
    name: str
    backed_up: bool
    created_at: datetime


def _credential(sent: UsedInput | MadeInput) -> Credential:
    return {**sent.model_dump(), "rawId": sent.id}


async def ask_proof(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/auth/passkey/options."""
    await rt.limiter.check(SIGN_IN, visitor_of(request, rt.settings))
    sent = await read_json(request, AskInput)
    asked = await ask_for_proof(rt, sent.purpose)
    return json_response(AskedAnswer(asked.handle, asked.options))


async def answer_proof(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/auth/passkey."""
    visitor = visitor_of(request, rt.settings)
    await rt.limiter.check(SIGN_IN, visitor)
    sent = await read_json(request, ProofInput)
    account = await prove(rt, sent.handle, _credential(sent.credential), purpose=sent.purpose)
    agent = agent_label(request.headers.get("user-agent", ""))
    arrival = await arrive(
        rt, Proof(account=account), purpose=sent.purpose, next_path=sent.next, agent=agent, visitor=visitor
    )
    response = json_response(LocationAnswer(arrival.location))
    cookie = arrival_cookie(rt.settings, arrival, request.cookies)
    if cookie is not None:
        response.headers.append("set-cookie", cookie)
    return response


async def ask_new(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/me/passkeys/options."""
    visitor = visitor_of(request, rt.settings)
    await rt.limiter.check(ACCOUNT, visitor)
    await read_json(request, NothingInput)
    account, session = await require_account(rt, visitor, fresh=True)
    asked = await ask_for_new(rt, account, session)
    return json_response(AskedAnswer(asked.handle, asked.options))


async def answer_new(rt: Runtime, request: Request) -> Response:
    """POST /api/v1/me/passkeys."""
    visitor = visitor_of(request, rt.settings)
    await rt.limiter.check(ACCOUNT, visitor)
    sent = await read_json(request, NewPasskeyInput)
    account, session = await require_account(rt, visitor, fresh=True)
    name = sent.name or session.agent or language_of(account, request).text(NAMELESS)
    new = await add_passkey(rt, session, sent.handle, _credential(sent.credential), name=name)
    return json_response(PasskeyAnswer(new.id, new.name, new.backed_up, new.created_at), 201)


_PROBLEMS = (400, 401, 403, 422)
OPERATIONS = (
    Operation(
        "POST",
        "/api/v1/auth/passkey/options",
        ask_proof,
        "Ask for a passkey",
        Success(200, "What to ask the authenticator. It can be answered once, within five minutes.", AskedAnswer),
        description="Nobody has to say who they are: the authenticator knows which passkeys belong to this server.",
        body=AskInput,
        problems=(400, 403, 422),
        limit=SIGN_IN,
        tag="people",
    ),
    Operation(
        "POST",
        "/api/v1/auth/passkey",
        answer_proof,
        "Sign in with a passkey",
        Success(200, "Signed in: the cookie of the session comes along.", LocationAnswer),
        description="A passkey that nobody knows and one that does not fit are refused alike.",
        body=ProofInput,
        problems=_PROBLEMS,
        limit=SIGN_IN,
        tag="people",
    ),
    Operation(
        "POST",
        "/api/v1/me/passkeys/options",
        ask_new,
        "Ask for a new passkey",
        Success(200, "What to ask the authenticator. It can be answered once, within five minutes.", AskedAnswer),
        description="Needs a first-party session and a sign-in of the last 15 minutes.",
        body=NothingInput,
        problems=(*_PROBLEMS, 409),
        limit=ACCOUNT,
        tag="people",
    ),
    Operation(
        "POST",
        "/api/v1/me/passkeys",
        answer_new,
        "Add a passkey",
        Success(201, "From now on it signs its account in.", PasskeyAnswer),
        description="Needs the same session that has asked.",
        body=NewPasskeyInput,
        problems=(*_PROBLEMS, 409),
        limit=ACCOUNT,
        tag="people",
    ),
)
