"""Somebody who is signed in, and one of each thing that can be begun on the way in: a walk over all addresses gets real
answers with these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from forum.accounts.flows import begin_flow
from forum.accounts.links import mail_token
from forum.accounts.model import Account, Flow, FlowKind, Identity, Passkey
from forum.accounts.providers.service_provider import keep_provider
from forum.accounts.providers.trips import Details, Provider, ProviderKind
from forum.accounts.queries_flow import put_flow
from forum.accounts.queries_identity import PROVIDER as PROVIDER_KIND
from forum.accounts.queries_passkey import insert_passkey
from forum.accounts.service_people import SIGN_IN, Arrival, Proof, arrive, begin_merge, create_account
from forum.accounts.service_session import begin_main
from forum.accounts.signin.service_first import first_link
from forum.accounts.signin.service_mail import MAIL_TIME
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.runtime import Runtime
from forum.web.visitors import finish_cookie_name, main_cookie_name
from tests.support.app import ARTICLE, NEWS, Person
from tests.support.people import keep

NAME: Final = "Edda"
PROVIDER: Final = "example"
PASSKEY: Final = "cGFzc2tleQ"
CHALLENGE: Final = "c" * 43
_SOMEWHERE: Final = "https://id.example"
_AGENT: Final = "Firefox, Linux"


@dataclass(frozen=True, slots=True)
class Begun:
    """What an account has begun: its session and what else the `cookies` of its browser hold; the tokens of a mail link
    and of the link for a first owner; the handles of a mail, of a sign-in that lacks a name, and of a merging."""

    account: Account
    cookies: tuple[str, ...]
    link: str
    first: str
    mail: str
    finish: str
    merge: str

    @property
    def cookie(self) -> str:
        """Those of the browser, as it sends them."""
        return "; ".join(self.cookies)

    def keep(self, person: Person) -> None:
        """Give them to a browser."""
        for cookie in self.cookies:
            keep(person, f"{cookie}; Path=/; Secure; HttpOnly; SameSite=Lax")

    def query(self, pattern: str, *, origin: str = NEWS) -> str:
        """What an address needs behind its path; `origin` is where a frame stands."""
        handles = {"/auth/code": self.mail, "/auth/finish": self.finish, "/settings/merge": self.merge}
        if pattern in handles:
            return f"?flow={handles[pattern]}"
        return f"?site=newsroom&origin={origin}&challenge={CHALLENGE}" if pattern == "/auth/handoff" else ""

    def fill(self, pattern: str) -> str:
        """A path that exists: with the tokens, the provider and the passkey."""
        path = pattern.replace("{token}", self.token_of(pattern)).replace("{key}", PROVIDER)
        path = path.replace("{kind}", "account")
        return path.replace("{site}", "newsroom").replace("/passkeys/{id}/", f"/passkeys/{PASSKEY}/")

    def token_of(self, pattern: str) -> str:
        """What stands for {token}."""
        return self.first if pattern.startswith("/auth/first/") else self.link


def credential(*parts: str) -> dict[str, Any]:
    """What a browser says of a passkey, with these parts beside the usual one."""
    return {"id": "eA", "type": "public-key", "response": dict.fromkeys(("clientDataJSON", *parts), "eA")}


# What is sent to the addresses of signing in and of one's own affairs, by somebody who is signed in: forms, and JSON
# below /api/. Most of it comes to nothing.
SENT: Final[dict[str, dict[str, Any]]] = {
    "/auth/email": {"email": "somebody@example.org"},
    "/auth/code": {"flow": "0" * 32, "code": "AAAA-AAAA"},
    "/auth/sign-out": {},
    "/auth/again": {},
    "/auth/link/{token}": {"name": "Somebody"},
    "/auth/finish": {"flow": "0" * 32, "name": "Somebody"},
    "/auth/first/{token}": {"name": "Somebody", "email": ""},
    "/auth/handoff": {"site": "newsroom", "origin": NEWS, "challenge": CHALLENGE},
    "/settings": {"act": "looks", "theme": "dark"},
    "/settings/people": {"followed": "1"},
    "/settings/moderation": {"site": "newsroom", "warning": "1"},
    "/embed/{site}/warning": {"warning": "1", "discussion_id": "1"},
    "/api/v1/sites/{site}/warnings/{id}": {},
    "/mod/person/{kind}/{id}/sanction": {"sanction": "warn", "reason": "abuse"},
    "/mod/person/{kind}/{id}/lift": {"sanction": "1"},
    "/mod/person/{kind}/{id}/note": {"text": "Look out."},
    "/mod/person/{kind}/{id}/note/delete": {"note": "1"},
    "/api/v1/mod/people/{kind}/{id}/sanctions": {"sanction": "warn", "reason": "abuse"},
    "/api/v1/mod/people/{kind}/{id}/notes": {"text": "Look out."},
    "/api/v1/mod/sanctions/{id}/lift": {},
    "/api/v1/mod/notes/{id}": {},
    "/settings/progress": {"rule": "everything", "said": ""},
    "/settings/passkeys/{id}/rename": {"name": "Blue"},
    "/settings/passkeys/{id}/remove": {},
    "/settings/sign-in/disconnect": {"kind": "oidc", "issuer": "x", "subject": "x"},
    "/settings/sessions": {"act": "others"},
    "/settings/export": {},
    "/settings/delete": {"name": "Edda", "texts": "keep"},
    "/settings/merge": {"flow": "0" * 32},
    "/embed/{site}/sso": {"url": ARTICLE, "token": "x"},
    "/auth/sso/{site}": {"token": "x", "next": "/settings/data"},
    "/api/v1/sites/{site}/sso": {"token": "x"},
    "/api/v1/auth/redeem": {"site": "newsroom", "origin": NEWS, "code": "x", "verifier": "v" * 43},
    "/api/v1/auth/session": {},
    "/api/v1/auth/passkey/options": {},
    "/api/v1/auth/passkey": {"handle": "0" * 32, "credential": credential("authenticatorData", "signature")},
    "/api/v1/me/passkeys/options": {},
    "/api/v1/me/passkeys": {"handle": "0" * 32, "credential": credential("attestationObject")},
    "/api/v1/me/progress": {"progress": {}},
    "/api/v1/me/claim": {},
    "/mod/c/{id}/verdict": {"verdict": "approve", "revision": "1"},
    "/mod/c/{id}/sanction": {"sanction": "warn", "reason": "abuse", "revision": "1"},
    "/mod/c/{id}/reveal": {"revision": "1"},
    "/mod/undo": {"decision": "1"},
    "/mod/bulk": {"verdict": "approve", "selection": "1:1"},
    "/mod/bulk/preview": {"pick": "1:1"},
    "/mod/d/{id}": {"act": "pin"},
    "/mod/rules": {"site": "newsroom", "seen": "0", "hold_words": "goat", "dry_run": "1"},
    "/mod/rules/restore": {"site": "newsroom", "seen": "0", "version": "1"},
    "/api/v1/mod/rules": {"site": "newsroom", "version": 0, "rules": {}},
    "/api/v1/mod/rules/dry-run": {"site": "newsroom", "rules": {}},
    "/api/v1/mod/discussions/{id}/verdict": {"verdict": "pin"},
    "/api/v1/mod/discussions/{id}/undo": {"decision_id": "1"},
    "/api/v1/comments/{id}/mute": {},
    "/api/v1/discussions/{id}/follow": {},
}


# Of these, the ones that leave nobody signed in.
ENDS: Final = {"/auth/sign-out", "/settings/sessions", "/api/v1/auth/session"}


async def an_author(rt: Runtime, name: str = NAME) -> Account:
    """An account with a verified address and a passkey."""
    now = rt.clock.now()

    async def work(tx: Tx) -> Account:
        account = await create_account(tx, rt, name, email="edda@example.org", verified=True, now=now)
        await insert_passkey(tx, Passkey(PASSKEY, account.id, "a2V5", 0, "Key", "usb", False, now, None))
        return account

    return await rt.db.write(work)


async def begin(rt: Runtime, account: Account) -> Begun:
    """Sign an account in, and begin everything."""
    await keep_provider(rt, a_provider(rt))
    token, merge, mail = await rt.db.write(lambda tx: _begin(tx, rt, account))
    first = await first_link(rt)
    assert first is not None, "this server has an owner"
    finish = handle_of(await a_newcomer(rt, "Somebody"))
    return Begun(
        account=account,
        cookies=(f"{main_cookie_name(rt.settings)}={token}", f"{finish_cookie_name(rt.settings)}={finish}"),
        link=mail_token(rt.settings, mail.handle),
        first=first.rpartition("/")[2],
        mail=mail.handle,
        finish=finish,
        merge=handle_of(merge),
    )


async def a_newcomer(rt: Runtime, name: str) -> Arrival:
    """Somebody comes from a provider, who is called so there, and has no account here."""
    identity = Identity(PROVIDER_KIND, PROVIDER, f"sub {name}", 0, name, rt.clock.now(), None)
    proof = Proof(identity=identity, suggested_name=name)
    return await arrive(rt, proof, purpose=SIGN_IN, next_path="/", agent=_AGENT, visitor=Visitor("203.0.113.200"))


async def another_session(rt: Runtime, account: Account) -> str:
    """The cookie of one more first-party session."""
    begun = await rt.db.write(lambda tx: begin_main(tx, rt, account, rt.clock.now(), agent=_AGENT))
    return f"{main_cookie_name(rt.settings)}={begun.token}"


async def _begin(tx: Tx, rt: Runtime, account: Account) -> tuple[str, Arrival, Flow]:
    now = rt.clock.now()
    other = await create_account(tx, rt, f"{account.name} before", email=None, verified=False, now=now)
    begun = await begin_main(tx, rt, account, now, agent=_AGENT)
    mail = begin_flow(rt, FlowKind.MAIL, MAIL_TIME, purpose=SIGN_IN, data={"next": "/", "locale": ""})
    mail = mail._replace(email="new@example.org")
    await put_flow(tx, mail)
    return begun.token, await begin_merge(tx, rt, begun.session, other, "/settings"), mail


def a_provider(rt: Runtime) -> Provider:
    """One that has to be asked for nothing before people are sent there."""
    places = {name: f"{_SOMEWHERE}/{name[:-4]}" for name in ("authorize_url", "token_url", "userinfo_url")}
    return Provider(
        key=PROVIDER,
        name="Example",
        kind=ProviderKind.OAUTH2,
        issuer=f"{_SOMEWHERE}/userinfo",
        client_id="aftershow",
        client_secret="",
        details=Details(**places),
        created_at=rt.clock.now(),
    )


def handle_of(arrival: Arrival) -> str:
    """What was begun, out of the address to go on to."""
    return parse_qs(urlsplit(arrival.location).query)["flow"][0]
