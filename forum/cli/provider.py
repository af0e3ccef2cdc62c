"""`aftershow provider`: add, list and remove the identity providers that people can sign in with."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, TypeVar

import typer
from rich.table import Table

from forum.accounts.providers import queries_provider
from forum.accounts.providers.client import endpoints_of
from forum.accounts.providers.service_provider import callback_url, keep_provider
from forum.accounts.providers.trips import Details, Endpoints, Misfit, Provider, ProviderKind, is_protected
from forum.cli.inside import run
from forum.cli.options import taking
from forum.cli.output import PROBLEM, complain, say, show
from forum.core.clock import SystemClock
from forum.runtime import Runtime
from forum.web.egress import EgressError

T = TypeVar("T")
MOST_NAME: Final = 60
MOST_ADDRESS: Final = 300
MOST_SECRET: Final = 4_000
OIDC_SCOPES: Final = "openid profile"
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_SCOPES: Final = re.compile(r"[!#-\[\]-~ ]{0,300}")
_CLAIM: Final = re.compile(r"[\w.:-]{1,100}", re.ASCII)
# What keeps a provider from being used, in words for operators.
_PROBLEMS: Final = {
    "other_issuer": "It says it is another issuer. Write --issuer exactly as its discovery document does.",
    "not_https": "One of its addresses is not https.",
    "no_algorithm": "It signs with nothing that counts here (RS, PS, ES or EdDSA).",
    "bad_json": "Its discovery document is no JSON.",
    "status_404": "It has no discovery document there. For plain OAuth 2 say --oauth2 and its addresses.",
    "unresolved": "Its name is not known.",
    "unreachable": "It takes no connection.",
    "bad_certificate": "Its certificate does not hold.",
    "timed_out": "It took too long to answer.",
    "address_not_allowed": "Its address is not public; private ones need AFTERSHOW_EGRESS_LOCAL=on (development only).",
    "port_not_allowed": "Its port is not one of AFTERSHOW_EGRESS_PORTS.",
}

app = typer.Typer(help="Add, list and remove identity providers: places elsewhere that people can sign in with.")


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > MOST_NAME or not name.isprintable():
        raise typer.BadParameter(f"A name has 1 to {MOST_NAME} characters")
    return name


def _address(text: str) -> str:
    if len(text) > MOST_ADDRESS or "#" in text or not text.isprintable() or not is_protected(text, by=text):
        raise typer.BadParameter(f"{text!r} is no address. Write it whole, like https://id.example")
    return text


def _matching(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not pattern.fullmatch(text):
            raise typer.BadParameter(f"{text!r} is no {what}")
        return text

    return parse


Key = Annotated[
    str,
    typer.Argument(
        parser=_matching(_KEY, "key: lower-case letters, digits and hyphens"),
        metavar="KEY",
        help="Its short name in addresses: lower-case letters, digits, hyphens.",
    ),
]
Address = Annotated[str | None, typer.Option(parser=_address, metavar="URL")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The options of `provider add`."""

    name: Annotated[str, typer.Option(parser=_name, metavar="NAME", help="What people know it as.")]
    client_id: Annotated[str, typer.Option(metavar="ID", help="What it knows this server as.")]
    client_secret_file: Annotated[
        str, typer.Option(metavar="FILE|-", help="Where the secret stands; - reads it from the standard input.")
    ] = ""
    issuer: Annotated[
        str | None,
        typer.Option(parser=_address, metavar="URL", help="OpenID Connect: its issuer, as its documentation says."),
    ] = None
    oauth2: Annotated[bool, typer.Option("--oauth2", help="It knows no OpenID Connect, only OAuth 2.")] = False
    authorize_url: Annotated[str, typer.Option(metavar="URL", help="OAuth 2: where people sign in.")] = ""
    token_url: Annotated[str, typer.Option(metavar="URL", help="OAuth 2: where a code is given for a token.")] = ""
    userinfo_url: Annotated[str, typer.Option(metavar="URL", help="OAuth 2: what says whose token it is.")] = ""
    subject_claim: Annotated[
        str, typer.Option(parser=_matching(_CLAIM, "claim"), metavar="PATH", help="OAuth 2: where the lasting id is.")
    ] = "id"
    name_claim: Annotated[
        str, typer.Option(parser=_matching(_CLAIM, "claim"), metavar="PATH", help="OAuth 2: where the name is.")
    ] = "name"
    scopes: Annotated[
        str | None, typer.Option(parser=_matching(_SCOPES, "list of scopes"), metavar="SCOPES", help="What to ask for.")
    ] = None
    no_check: Annotated[bool, typer.Option("--no-check", help="Add it without asking it anything.")] = False

    def draft(self, key: str) -> Provider:
        """The provider as it is asked for; raises typer.BadParameter where an address is missing."""
        kind, issuer, details = self._oauth2() if self.oauth2 else self._oidc()
        return Provider(
            key=key,
            name=self.name,
            kind=kind,
            issuer=issuer,
            client_id=self.client_id,
            client_secret=_secret(self.client_secret_file),
            details=details,
            created_at=SystemClock().now(),
        )

    def _oidc(self) -> tuple[ProviderKind, str, Details]:
        if self.issuer is None:
            raise typer.BadParameter("Say --issuer, or --oauth2 with its addresses")
        if any((self.authorize_url, self.token_url, self.userinfo_url)):
            raise typer.BadParameter("With --issuer the addresses are discovered; they are for --oauth2")
        return ProviderKind.OIDC, self.issuer, Details(scopes=_with_openid(self.scopes))

    def _oauth2(self) -> tuple[ProviderKind, str, Details]:
        if self.issuer is not None:
            raise typer.BadParameter("--oauth2 has no --issuer")
        addresses = (self.authorize_url, self.token_url, self.userinfo_url)
        if not all(addresses):
            raise typer.BadParameter("--oauth2 needs --authorize-url, --token-url and --userinfo-url")
        authorize, token, userinfo = map(_address, addresses)
        details = Details(authorize, token, userinfo, self.subject_claim, self.name_claim, self.scopes or "")
        return ProviderKind.OAUTH2, userinfo, details


def _with_openid(scopes: str | None) -> str:
    wanted = (OIDC_SCOPES if scopes is None else scopes).split()
    return " ".join(dict.fromkeys(["openid", *wanted]))


def _secret(path: str) -> str:
    """The secret in a file, or "" for a client that has none; raises typer.BadParameter."""
    if not path:
        return ""
    try:
        secret = (sys.stdin.read(MOST_SECRET) if path == "-" else Path(path).read_text(encoding="ascii")).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter("The file with the secret can't be read") from error
    if not secret or len(secret) > MOST_SECRET or not (secret.isascii() and secret.isprintable()):
        raise typer.BadParameter("The file has to hold the secret and nothing else")
    return secret


@app.command("add")
@taking(Wanted)
def add(key: Key, wanted: Wanted) -> None:
    """Add a provider, or change one's name, client and secret. Running servers follow within a second."""
    new = wanted.draft(key)

    async def work(rt: Runtime) -> tuple[str, bool]:
        if not wanted.no_check:
            await _check(rt, new)
        return callback_url(rt, key), await keep_provider(rt, new)

    callback, is_new = run(work)
    say(f"{'Added' if is_new else 'Changed'} {key}. Register this address there as the one to return to:\n{callback}")


async def _check(rt: Runtime, new: Provider) -> Endpoints:
    try:
        return await endpoints_of(rt, new)
    except (Misfit, EgressError) as error:
        complain(f"Nothing was changed: {_PROBLEMS.get(error.code, f'its answer does not hold ({error.code}).')}")
        raise typer.Exit(PROBLEM) from error


@app.command("list")
def list_all() -> None:
    """Show every provider; secrets are never shown."""

    async def work(rt: Runtime) -> list[tuple[Provider, int]]:
        async with rt.db.read(fresh=True) as tx:
            found = await queries_provider.list_providers(tx)
            return [(provider, await queries_provider.count_people(tx, provider.key)) for provider in found]

    providers = run(work)
    if not providers:
        say("There are no providers yet. Add one: aftershow provider add KEY --name NAME --issuer URL --client-id ID")
        return
    table = Table("Key", "Name", "Kind", "Issuer", "Client", "People")
    for column in table.columns:
        column.overflow = "fold"
    for provider, people in providers:
        row = (provider.key, provider.name, provider.kind.value, provider.issuer, provider.client_id)
        table.add_row(*row, str(people))
    show(table)


@app.command("remove")
def remove(
    key: Key, yes: Annotated[bool, typer.Option("--yes", help="Also when people sign in with it.")] = False
) -> None:
    """Remove a provider. Whoever signs in with it does so no more; their accounts stay."""

    async def work(rt: Runtime) -> tuple[int, bool]:
        async with rt.db.read(fresh=True) as tx:
            people = await queries_provider.count_people(tx, key)
        if people and not yes:
            return people, False
        return people, await rt.db.write(lambda tx: queries_provider.delete_provider(tx, key))

    people, removed = run(work)
    if removed:
        say(f"Removed {key}.")
        return
    asked = f"{people} sign-ins are connected with {key!r} and would be gone. Say --yes to remove it all the same."
    complain(
        asked if people else f"There is no provider {key!r} here. `aftershow provider list` shows those there are."
    )
    raise typer.Exit(PROBLEM)
