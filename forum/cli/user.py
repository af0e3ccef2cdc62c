"""`aftershow user`: add accounts, say who is what, switch accounts off and on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

import typer
from rich.table import Table
from rich.text import Text

from forum.accounts import service_operator as people
from forum.accounts.model import Account, Role
from forum.cli.inside import run
from forum.cli.options import taking
from forum.cli.output import PROBLEM, complain, say, show
from forum.errors import Invalid
from forum.runtime import Runtime
from forum.sites.service import directory, get_site
from forum.web.languages import choose
from forum.web.problems import sentences

T = TypeVar("T")
MOST_NAME = 200

app = typer.Typer(help="Add accounts, give them roles, switch them off.")


def _name(text: str) -> str:
    if len(text) > MOST_NAME:
        raise typer.BadParameter("A name has 40 characters at most")
    return text


Name = Annotated[str, typer.Argument(parser=_name, metavar="NAME", help="The name of the account, as people see it.")]
Site = Annotated[str, typer.Option(metavar="KEY", help="The site's key.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The options of `user add`."""

    email: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Where mail for signing in goes; nobody else sees it.")
    ] = None
    role: Annotated[Role | None, typer.Option(help="What they are on the site of --site.")] = None
    site: Annotated[str | None, typer.Option(metavar="KEY", help="The site of --role.")] = None
    owner: Annotated[bool, typer.Option("--owner", help="They may do everything, on every site.")] = False


@app.command("add")
@taking(Wanted)
def add(name: Name, wanted: Wanted) -> None:
    """Add an account. Where this server can't send its person mail, a link that signs them in is shown, once."""
    if (wanted.role is None) != (wanted.site is None):
        raise typer.BadParameter("--role and --site belong together")

    async def work(rt: Runtime) -> people.Added:
        place = None
        if wanted.role is not None and wanted.site is not None:
            place = ((await get_site(rt, wanted.site)).id, wanted.role)
        added = await people.add_account(rt, name, email=wanted.email, owner=wanted.owner, place=place)
        if added.link is None:
            say(f"Added {added.account.name}. They sign in with their address at {rt.settings.public_origin}/auth")
        return added

    added = _run(work)
    if added.link is not None:
        say(f"Added {added.account.name}.")
        _tell_link(added.link)


@app.command("link")
def link(name: Name) -> None:
    """Show a link that signs the account's person in: for who can't get mail, or has lost their passkey."""

    async def work(rt: Runtime) -> str:
        return await people.make_link(rt, name)

    _tell_link(_run(work))


@app.command("role")
def role(name: Name, role: Annotated[Role, typer.Argument(help="What they are there.")], site: Site) -> None:
    """Say what somebody is on a site. It counts at once."""

    async def work(rt: Runtime) -> Account:
        return await people.give_role(rt, name, (await get_site(rt, site)).id, role)

    say(f"{_run(work).name} is {role.value} on {site} now.")


@app.command("owner")
def owner(name: Name, remove: Annotated[bool, typer.Option("--remove", help="They own it no more.")] = False) -> None:
    """Make somebody an owner of the whole server."""

    async def work(rt: Runtime) -> Account:
        return await people.set_owner(rt, name, owner=not remove)

    say(f"{_run(work).name} {'owns this server no more' if remove else 'owns this server now'}.")


@app.command("disable")
def disable(name: Name) -> None:
    """Switch an account off: it is signed out everywhere at once, and nobody can sign in to it."""

    async def work(rt: Runtime) -> Account:
        return await people.switch(rt, name, on=False)

    say(f"{_run(work).name} is switched off and signed out everywhere.")


@app.command("enable")
def enable(name: Name) -> None:
    """Switch an account on again."""

    async def work(rt: Runtime) -> Account:
        return await people.switch(rt, name, on=True)

    say(f"{_run(work).name} can sign in again.")


@app.command("list")
def list_all() -> None:
    """Show every account. E-mail addresses in brackets are not verified yet."""

    async def work(rt: Runtime) -> list[tuple[str, ...]]:
        keys = {site.id: key for key, site in (await directory(rt)).items()}
        return [_row(account, roles, keys) for account, roles in await people.list_people(rt)]

    rows = _run(work)
    if not rows:
        say("There are no accounts yet. Add one: aftershow user add NAME --email ADDRESS --owner")
        return
    table = Table("Name", "E-mail", "Roles", "State", "Since")
    for column in table.columns:
        column.overflow = "fold"
    for row in rows:
        table.add_row(*map(Text, row))  # names are what people chose: nothing in them is markup
    show(table)


def _row(account: Account, roles: dict[int, Role], keys: dict[int, str]) -> tuple[str, ...]:
    named = [f"{keys.get(site_id, '?')}: {role.value}" for site_id, role in roles.items()]
    email = account.email or ""
    if email and account.email_verified_at is None:
        email = f"({email})"
    standing = "\n".join([*(["owner"] if account.is_owner else []), *sorted(named)])
    return account.name, email, standing, account.state.value, account.created_at.date().isoformat()


def _tell_link(link: str) -> None:
    say(f"Who opens this link is signed in; it works once, within an hour:\n{link}")


def _run(work: Callable[[Runtime], Awaitable[T]]) -> T:
    """Do something, and say what is wrong with a field in the words of its form."""

    async def said(rt: Runtime) -> T:
        try:
            return await work(rt)
        except Invalid as error:
            complain(" ".join(sentences(error, choose("en")).values()))
            raise typer.Exit(PROBLEM) from error

    return run(said)
