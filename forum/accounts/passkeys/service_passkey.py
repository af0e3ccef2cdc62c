"""Passkeys: prove by one who is there, add, rename and remove them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from forum.accounts import queries as accounts
from forum.accounts import queries_passkey as queries
from forum.accounts.flows import begin_flow
from forum.accounts.model import Account, Flow, FlowKind, Passkey, Session
from forum.accounts.passkeys import ceremony
from forum.accounts.passkeys.ceremony import Credential, Unproven
from forum.accounts.queries_flow import put_flow, take_flow
from forum.accounts.service_ways import count_ways
from forum.core.i18n import N_
from forum.core.text import TextProblem, clean_line
from forum.db import ConstraintViolated, Tx
from forum.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from forum.runtime import Runtime

# What a challenge is for, when it is not for signing in.
ADD: Final = "add_passkey"
LIFETIME: Final = timedelta(minutes=5)
MOST_PASSKEYS: Final = 20
MOST_NAME: Final = 60
REFUSED: Final = N_("This passkey was not accepted. Try again, or sign in another way.")
NOT_ADDED: Final = N_("This passkey could not be added. Please try again.")
KNOWN: Final = N_("This passkey is in use already.")
TOO_MANY: Final = N_("That is as many passkeys as an account can have. Remove one first.")
LAST: Final = N_(
    "This is the only way you can sign in, so it stays. Add another passkey or a verified e-mail address first."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question for an authenticator: `options` in the JSON form that browsers take, `handle` to answer with."""

    handle: str
    options: Mapping[str, Any]


async def ask_for_proof(rt: Runtime, purpose: str) -> Asked:
    """Ask whoever is there to use a passkey of theirs. It can be answered once, within five minutes."""
    challenge = ceremony.new_challenge()
    flow = begin_flow(rt, FlowKind.PASSKEY, LIFETIME, purpose=purpose)._replace(data=challenge)
    await rt.db.write(lambda tx: put_flow(tx, flow))
    return Asked(flow.handle, ceremony.options_to_use(rt.settings.public_origin, challenge))


async def prove(rt: Runtime, handle: str, credential: Credential, *, purpose: str) -> Account:
    """Whose passkey has answered, whatever the state of the account; raises Forbidden ("passkey_refused"), for
    whatever reason the same."""
    now = rt.clock.now()

    async def take(tx: Tx) -> tuple[Flow | None, Passkey | None, Account | None]:
        # A question is answered once, also when the answer is wrong.
        flow = await take_flow(tx, handle, kind=FlowKind.PASSKEY, now=now)
        passkey = await queries.find_passkey(tx, credential["id"])
        meant = ceremony.account_meant(credential)
        return flow, passkey, None if meant is None else await accounts.find_account(tx, meant)

    flow, passkey, meant = await rt.db.write(take)
    if flow is None or flow.purpose != purpose or passkey is None or _is_of_another(passkey, meant, credential):
        raise Forbidden("passkey_refused", REFUSED)
    try:
        use = ceremony.check_used(rt.settings.public_origin, credential, flow.data, passkey)
    except Unproven as error:
        raise Forbidden("passkey_refused", REFUSED) from error

    async def note(tx: Tx) -> Account | None:
        if not await queries.mark_passkey_used(
            tx, passkey, sign_count=use.sign_count, backed_up=use.backed_up, now=now
        ):
            return None
        return await accounts.find_account(tx, passkey.account_id)

    account = await rt.db.write(note)
    if account is None:
        raise Forbidden("passkey_refused", REFUSED)
    return account


def _is_of_another(passkey: Passkey, meant: Account | None, credential: Credential) -> bool:
    """Whether a passkey says it was made for somebody else. An account that is not there any more has been joined
    with the one that has its passkeys now."""
    if ceremony.account_meant(credential) is None:
        return True
    return meant is not None and meant.id != passkey.account_id


async def list_passkeys(rt: Runtime, account: Account) -> list[Passkey]:
    """An account's passkeys, oldest first."""
    async with rt.db.read(fresh=True) as tx:
        return await queries.list_passkeys(tx, account.id)


async def ask_for_new(rt: Runtime, account: Account, session: Session) -> Asked:
    """Ask an authenticator to make a passkey for this account; raises Conflict ("too_many_passkeys")."""
    known = await list_passkeys(rt, account)
    if len(known) >= MOST_PASSKEYS:
        raise Conflict("too_many_passkeys", TOO_MANY)
    challenge = ceremony.new_challenge()
    options = ceremony.options_to_make(rt.settings.public_origin, account, known, challenge)
    flow = begin_flow(rt, FlowKind.PASSKEY, LIFETIME, purpose=ADD)
    flow = flow._replace(data=challenge, account_id=account.id, session_id=session.id)
    await rt.db.write(lambda tx: put_flow(tx, flow))
    return Asked(flow.handle, options)


async def add_passkey(rt: Runtime, session: Session, handle: str, credential: Credential, *, name: str) -> Passkey:
    """Let the session's account sign in with what an authenticator has made for it.

    Raises Forbidden ("passkey_refused"), Conflict ("too_many_passkeys", "passkey_known") or Invalid.
    """
    called = _clean_name(name)
    now = rt.clock.now()
    flow = await rt.db.write(lambda tx: take_flow(tx, handle, kind=FlowKind.PASSKEY, now=now))
    if flow is None or (flow.purpose, flow.account_id, flow.session_id) != (ADD, session.account_id, session.id):
        raise Forbidden("passkey_refused", NOT_ADDED)
    try:
        made = ceremony.check_made(rt.settings.public_origin, credential, flow.data)
    except Unproven as error:
        raise Forbidden("passkey_refused", NOT_ADDED) from error
    new = Passkey(
        id=made.id,
        account_id=session.account_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=called,
        transports=ceremony.transports_of(credential),
        backed_up=made.backed_up,
        created_at=now,
        used_at=None,
    )
    await _insert(rt, new)
    return new


async def _insert(rt: Runtime, new: Passkey) -> None:
    async def work(tx: Tx) -> None:
        await accounts.find_account_locked(tx, new.account_id)
        if len(await queries.list_passkeys(tx, new.account_id)) >= MOST_PASSKEYS:
            raise Conflict("too_many_passkeys", TOO_MANY)
        await queries.insert_passkey(tx, new)

    try:
        await rt.db.write(work)
    except ConstraintViolated as error:
        raise Conflict("passkey_known", KNOWN) from error


async def rename_passkey(rt: Runtime, account: Account, passkey_id: str, name: str) -> None:
    """Call one of an account's passkeys something else; raises Invalid or NotFound."""
    called = _clean_name(name)
    if not await rt.db.write(
        lambda tx: queries.rename_passkey(tx, account_id=account.id, passkey_id=passkey_id, name=called)
    ):
        raise NotFound()


async def remove_passkey(rt: Runtime, account: Account, passkey_id: str) -> None:
    """Sign in with one of an account's passkeys no more; raises NotFound, or Conflict ("last_way_in") when there is
    nothing else to sign in by."""

    async def work(tx: Tx) -> None:
        # Held, so that of the last two not both go at once.
        held = await accounts.find_account_locked(tx, account.id)
        if held is None or not await queries.delete_passkey(tx, account_id=account.id, passkey_id=passkey_id):
            raise NotFound()
        if await count_ways(tx, rt, held) == 0:
            raise Conflict("last_way_in", LAST)

    await rt.db.write(work)


def _clean_name(name: str) -> str:
    try:
        return clean_line(name, MOST_NAME)
    except TextProblem as problem:
        raise Invalid(errors=(FieldError("name", problem.code),)) from problem
