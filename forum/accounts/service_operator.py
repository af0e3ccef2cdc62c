"""What operators do with accounts from a shell: add one, say what it is where, switch it off and on."""

from __future__ import annotations

from dataclasses import dataclass

from forum.accounts import queries, queries_flow, queries_session
from forum.accounts.addresses import check_email
from forum.accounts.links import mail_link
from forum.accounts.model import Account, Role, State
from forum.accounts.names import name_key
from forum.accounts.service_owners import hold_with_owners
from forum.accounts.service_people import create_account, decide
from forum.accounts.signin.service_mail import begin_handed
from forum.core.i18n import N_
from forum.db import Tx
from forum.errors import Conflict, NotFound
from forum.runtime import Runtime

NOBODY = N_("There is no account called %(name)s here.")
LAST_OWNER = N_("%(name)s is the only owner of this server. Make somebody else an owner first.")


@dataclass(frozen=True, slots=True)
class Added:
    """A new account. `link` signs its person in once, where no mail of theirs can."""

    account: Account
    link: str | None


async def add_account(
    rt: Runtime, name: str, *, email: str | None = None, owner: bool = False, place: tuple[int, Role] | None = None
) -> Added:
    """Add an account; `place` is what it is on a site. Its address counts once a link sent to it was used.

    Raises Invalid about "name" or "email".
    """
    address = None if email is None else check_email(email)

    async def work(tx: Tx) -> Added:
        now = rt.clock.now()
        account = await create_account(tx, rt, name, email=address, verified=False, now=now)
        if owner:
            account = account._replace(is_owner=True)
            await queries.update_account(tx, account)
        if place is not None:
            await queries.set_role(tx, site_id=place[0], account_id=account.id, role=place[1], now=now)
        by_hand = address is None or not rt.mailer.can_send
        return Added(account, await _link(tx, rt, account) if by_hand else None)

    return await decide(rt, work)


async def make_link(rt: Runtime, name: str) -> str:
    """A link that signs the person of an account in once, within an hour. Raises NotFound."""

    async def work(tx: Tx) -> str:
        return await _link(tx, rt, await _named(tx, name))

    return await rt.db.write(work)


async def _link(tx: Tx, rt: Runtime, account: Account) -> str:
    return mail_link(rt.settings, await begin_handed(tx, rt, account))


async def give_role(rt: Runtime, name: str, site_id: int, role: Role) -> Account:
    """Say what an account is on a site. Raises NotFound."""

    async def work(tx: Tx) -> Account:
        account = await _named(tx, name)
        await queries.set_role(tx, site_id=site_id, account_id=account.id, role=role, now=rt.clock.now())
        return account

    return await rt.db.write(work)


async def set_owner(rt: Runtime, name: str, *, owner: bool) -> Account:
    """Make an account an owner of the whole server, or one no more. Raises NotFound, and Conflict for the last one."""

    async def work(tx: Tx) -> Account:
        account = await _named(tx, name) if owner else await _dispensable(tx, name)
        changed = account._replace(is_owner=owner)
        await queries.update_account(tx, changed)
        return changed

    return await rt.db.write(work)


async def switch(rt: Runtime, name: str, *, on: bool) -> Account:
    """Switch an account off or on again. Off, all its sessions end at once and nothing begins one. Raises NotFound, and
    Conflict for switching the only owner off."""

    async def work(tx: Tx) -> Account:
        account = await _named(tx, name) if on else await _dispensable(tx, name)
        changed = account._replace(state=State.ACTIVE if on else State.DISABLED)
        await queries.update_account(tx, changed)
        if not on:
            await queries_session.delete_sessions(tx, account_id=account.id)
            await queries_flow.drop_flows_of(tx, account.id)
        return changed

    return await rt.db.write(work)


async def list_people(rt: Runtime) -> list[tuple[Account, dict[int, Role]]]:
    """Every account and what it is, by site id."""
    async with rt.db.read(fresh=True) as tx:
        return [(account, await queries.list_roles(tx, account.id)) for account in await queries.list_accounts(tx)]


async def _named(tx: Tx, name: str) -> Account:
    found = await queries.find_account_named(tx, name_key(name))
    held = None if found is None else await queries.find_account_locked(tx, found.id)
    return _there(held, name)


async def _dispensable(tx: Tx, name: str) -> Account:
    """The same, without which somebody still owns this server. Raises Conflict."""
    found = await queries.find_account_named(tx, name_key(name))
    held, only_owner = (None, False) if found is None else await hold_with_owners(tx, found.id)
    if only_owner:
        raise Conflict("only_owner", LAST_OWNER, name=name)
    return _there(held, name)


def _there(account: Account | None, name: str) -> Account:
    # One that went while it was waited for has no name any more.
    if account is None or account.state is State.ERASING:
        raise NotFound(detail=NOBODY, name=name)
    return account
