"""The pages of signing in: what they are given, and how they are drawn and answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, TypedDict
from urllib.parse import urlencode

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from forum.accounts.agents import agent_label
from forum.accounts.arrivals import arrival_cookie
from forum.accounts.model import Account
from forum.accounts.places import safe_next
from forum.accounts.present import account_view
from forum.accounts.service_people import Arrival
from forum.accounts.service_session import require_account
from forum.accounts.views import AccountView
from forum.core.visitor import Visitor
from forum.errors import AftershowError, SignInNeeded
from forum.runtime import Runtime
from forum.web.headers import auth_headers
from forum.web.inputs import PageParams, read_form, read_query
from forum.web.languages import Language, choose, choose_accepted
from forum.web.pages import personal_page, see_other
from forum.web.problems import sentences
from forum.web.visitors import visitor_of

Text = Annotated[str, Field(max_length=4000)]


class Entrance(PageParams):
    """The query of these pages. `done`: a session has just begun; `out`: one has just ended; `other`: somebody who is
    signed in wants to be somebody else."""

    next: Text = "/"
    flow: Annotated[str, Field(max_length=100)] = ""
    lang: Annotated[str, Field(max_length=35)] = ""
    done: bool = False
    out: bool = False
    other: bool = False


class Common(TypedDict):
    """What each of these pages is given, whatever else it shows."""

    next: str
    asked: str
    person: AccountView | None
    theme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthPage:
    """What every page of signing in is given. `errors` are sentences by field, "" for the form; `asked` is the language
    that the address asks for, if it does; `person` is who is signed in."""

    next: str = "/"
    asked: str = ""
    person: AccountView | None = None
    theme: str = "auto"
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def query(self) -> str:
        """The query that leads on to where this page leads."""
        return urlencode({"next": self.next, **({"lang": self.asked} if self.asked else {})})

    def error(self, name: str) -> str:
        """What is wrong with a field, or with the form."""
        return self.errors.get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorPage(AuthPage):
    """The ways in: mail, passkeys, providers as (name, address). `out`: somebody has just signed out. `publisher`: the
    site that signs this person in, for who has no other way."""

    mail: bool
    providers: tuple[tuple[str, str], ...]
    passkeys: bool = True
    email: str = ""
    out: bool = False
    publisher: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InsidePage(AuthPage):
    """Somebody is signed in. `done`: just now, so the page goes on by itself where it can."""

    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CodePage(AuthPage):
    """Mail is on its way: the code of the flow can be typed here."""

    flow: str
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage(AuthPage):
    """A link from a mail was opened; see `service_mail.Waiting`."""

    action: str
    purpose: str
    address: str
    called: str
    is_new: bool
    is_here: bool
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamePage(AuthPage):
    """Somebody new says how they want to be called; `first`: the first owner of the server, who may give an address
    where this server sends mail (`mail`)."""

    action: str
    name: str
    flow: str = ""
    first: bool = False
    mail: bool = False
    email: str = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """A request for one of these pages, and whose it is (None: nobody is signed in)."""

    rt: Runtime
    request: Request
    visitor: Visitor
    query: Entrance
    account: Account | None
    values: Mapping[str, str]

    @property
    def next(self) -> str:
        """Where they want to go, made sure to be here."""
        return safe_next(self.values.get("next", self.query.next))

    @property
    def asked(self) -> str:
        """The language that the address or the form asks for."""
        return self.values.get("lang", self.query.lang)

    @property
    def language(self) -> Language:
        """What is asked for, else what the account has chosen, else what the browser prefers."""
        if self.asked:
            return choose(self.asked)
        if self.account is not None and self.account.locale:
            return choose(self.account.locale)
        return choose_accepted(self.request.headers.get("accept-language", ""))

    @property
    def agent(self) -> str:
        """A few words about the browser."""
        return agent_label(self.request.headers.get("user-agent", ""))

    @property
    def common(self) -> Common:
        """What each page of theirs is given: who they are, and where they want to go."""
        person = None if self.account is None else account_view(self.account)
        theme = "auto" if self.account is None else self.account.theme
        return {"next": self.next, "asked": self.asked, "person": person, "theme": theme}

    def place(self, path: str, **params: str) -> str:
        """One of these pages, on the way to where they want to go."""
        lang = {"lang": self.asked} if self.asked else {}
        return f"{path}?" + urlencode({**params, "next": self.next, **lang})

    def code_path(self, handle: str) -> str:
        """Where the code of a mail can be typed."""
        return self.place("/auth/code", flow=handle)

    def draw(self, template: str, page: AuthPage, error: AftershowError | None = None) -> Response:
        """One of these pages; after a refusal with its status."""
        headers, status = auth_headers(https=self.rt.settings.secure_cookies), 200
        if error is not None:
            status = error.status
            if error.retry_after is not None:
                headers["retry-after"] = str(error.retry_after)
        return personal_page(self.rt.renderer.page(template, page, self.language), headers, status)

    def said(self, error: AftershowError | None) -> dict[str, str]:
        """What was wrong, by field."""
        return {} if error is None else sentences(error, self.language)

    def go(self, location: str, *, set_cookie: str | None = None) -> Response:
        """On to another page. A redirect has the headers of these pages too: one that cut off the window's opener
        would lose the way back to a frame."""
        response = see_other(location, set_cookie=set_cookie)
        response.headers.update(auth_headers(https=self.rt.settings.secure_cookies))
        return response

    def let_in(self, arrival: Arrival) -> Response:
        """On to where they arrive, with the cookie of what has begun. Our own pages stay in the language asked for."""
        location = arrival.location
        if self.asked and location.startswith("/auth"):
            location += "&" + urlencode({"lang": self.asked})
        return self.go(location, set_cookie=arrival_cookie(self.rt.settings, arrival, self.request.cookies))


async def call(rt: Runtime, request: Request, fields: frozenset[str] = frozenset()) -> Caller:
    """Who asks, and what they sent: a form with some of `fields`, and always `next` and `lang`."""
    visitor = visitor_of(request, rt.settings)
    query = read_query(request, Entrance)
    values = await read_form(request, fields | {"next", "lang"}) if request.method == "POST" else {}
    request.state.back_href = "/auth"
    try:
        account: Account | None = (await require_account(rt, visitor))[0]
    except SignInNeeded:
        account = None
    return Caller(rt, request, visitor, query, account, values)
