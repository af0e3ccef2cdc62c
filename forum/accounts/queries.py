"""Statements about guests and accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy import insert as plain_insert
from sqlalchemy.dialects.postgresql import insert

from forum.accounts.model import Account, Guest, Role, State, account_tag
from forum.accounts.tables import account, account_role, guest
from forum.core.capability import hash_token
from forum.db import Prepared, Row, Tx

COLUMNS = tuple(account.c[name] for name in Account._fields)
_STATE_AT = Account._fields.index("state")

# Whether somebody with an account has a name that looks like this: asked along with the rest, at no cost of its own.
_taken = select(account.c.id).where(account.c.skeleton == bindparam("skeleton", type_=account.c.skeleton.type)).exists()
_by_token = select(guest.c.site_id, guest.c.id, _taken.label("taken")).where(
    guest.c.site_id == bindparam("site"), guest.c.token_hash == bindparam("token_hash")
)
_BY_TOKEN = Prepared(_by_token)
# Whoever makes this guest an account's own waits until what is written in their name is there; and so does what else
# is written in their name: of what one person sends at the same moment, each piece counts for the next.
_BY_TOKEN_HELD = Prepared(_by_token.with_for_update(key_share=True, of=guest))
_given = [bindparam(f"new_{column.name}", type_=column.type) for column in guest.c]
_INSERT = Prepared(
    insert(guest)
    .from_select([column.name for column in guest.c], select(*_given).where(~_taken))
    .on_conflict_do_nothing()
    .returning(guest.c.id)
)
_of_token = (
    select(guest.c.site_id, guest.c.id).where(guest.c.token_hash == bindparam("token_hash")).order_by(guest.c.id)
)
_GUESTS_OF_TOKEN = Prepared(_of_token)
_GUESTS_OF_TOKEN_LOCKED = Prepared(_of_token.with_for_update())
_BY_ID = Prepared(select(*COLUMNS).where(account.c.id == bindparam("account")))
_LOCKED = Prepared(select(*COLUMNS).where(account.c.id == bindparam("account")).with_for_update(key_share=True))
# In one order: of two that want this at once, neither waits for the other.
_WITH_OWNERS = Prepared(
    select(*COLUMNS)
    .where(or_(account.c.id == bindparam("account"), account.c.is_owner))
    .order_by(account.c.id)
    .with_for_update(key_share=True)
)
_BY_SKELETON = Prepared(select(*COLUMNS).where(account.c.skeleton == bindparam("skeleton")))
_BY_EMAIL = Prepared(select(*COLUMNS).where(account.c.email_key == bindparam("email_key")))
_OWNER = Prepared(select(account.c.id).where(account.c.is_owner, account.c.state == State.ACTIVE.value).limit(1))
_ALL = Prepared(select(*COLUMNS).order_by(account.c.id))
_INSERT_ACCOUNT = Prepared(plain_insert(account))
_CHANGEABLE = tuple(name for name in Account._fields if name not in ("id", "created_at"))
_UPDATE = Prepared(
    update(account)
    .where(account.c.id == bindparam("account"))
    .values({name: bindparam(f"new_{name}", type_=account.c[name].type) for name in _CHANGEABLE})
)
_ROLES = Prepared(
    select(account_role.c.site_id, account_role.c.role)
    .where(account_role.c.account_id == bindparam("account"))
    .order_by(account_role.c.site_id)
)
_SET_ROLE = Prepared(
    (given := insert(account_role)).on_conflict_do_update(
        index_elements=["site_id", "account_id"], set_={"role": given.excluded.role}
    )
)
_DROP_ROLE = Prepared(
    delete(account_role).where(
        account_role.c.site_id == bindparam("site"), account_role.c.account_id == bindparam("account")
    )
)


def account_of(row: Row) -> Account:
    """A row that begins with `COLUMNS` as an account."""
    return Account._make((*row[:_STATE_AT], State(row[_STATE_AT]), *row[_STATE_AT + 1 : len(COLUMNS)]))


async def find_guest(tx: Tx, *, site_id: int, token: str) -> Guest | None:
    """The guest of a site who holds this capability."""
    found = await find_guest_as(tx, site_id=site_id, token=token, skeleton="")
    return None if found is None else found[0]


async def find_guest_as(
    tx: Tx, *, site_id: int, token: str, skeleton: str, hold: bool = False
) -> tuple[Guest, bool] | None:
    """The guest of a site who holds this capability, and whether an account has a name that looks like `skeleton`. Who
    writes in the guest's name asks to `hold` them: nobody claims what they wrote in between."""
    values = {"site": site_id, "token_hash": hash_token(token), "skeleton": skeleton}
    row = await tx.fetch_one(_BY_TOKEN_HELD if hold else _BY_TOKEN, values)
    return None if row is None else (Guest(row.site_id, row.id), bool(row.taken))


async def list_guests(tx: Tx, *, token: str, hold: bool = False) -> list[Guest]:
    """Who the holder of this capability is, on every site; with `hold` nobody else writes as one of them meanwhile."""
    statement = _GUESTS_OF_TOKEN_LOCKED if hold else _GUESTS_OF_TOKEN
    rows = await tx.fetch_all(statement, {"token_hash": hash_token(token)})
    return [Guest(row.site_id, row.id) for row in rows]


async def insert_guest(tx: Tx, new: Guest, *, token: str, now: datetime, skeleton: str = "") -> bool:
    """Remember a new guest; False when this capability belongs to one already, or an account has a name that looks like
    `skeleton`."""
    values = {"new_site_id": new.site_id, "new_id": new.id, "new_token_hash": hash_token(token), "new_created_at": now}
    return await tx.fetch_one(_INSERT, {**values, "skeleton": skeleton}) is not None


async def _find(tx: Tx, statement: Prepared, values: dict[str, Any]) -> Account | None:
    row = await tx.fetch_one(statement, values)
    return None if row is None else account_of(row)


async def find_account(tx: Tx, account_id: int) -> Account | None:
    """The account with this id, whatever its state."""
    return await _find(tx, _BY_ID, {"account": account_id})


async def find_account_locked(tx: Tx, account_id: int) -> Account | None:
    """The account, held against other writers until this transaction ends."""
    return await _find(tx, _LOCKED, {"account": account_id})


async def list_with_owners_locked(tx: Tx, account_id: int) -> list[Account]:
    """The account, and whoever owns this server, held in the same way."""
    return [account_of(row) for row in await tx.fetch_all(_WITH_OWNERS, {"account": account_id})]


async def find_account_named(tx: Tx, skeleton: str) -> Account | None:
    """The account whose name looks like this (a skeleton of `forum.accounts.names`)."""
    return await _find(tx, _BY_SKELETON, {"skeleton": skeleton})


async def find_account_by_email(tx: Tx, email_key: str) -> Account | None:
    """The account that this address belongs to (or, while it is not verified, was given to by an operator)."""
    return await _find(tx, _BY_EMAIL, {"email_key": email_key})


async def has_owner(tx: Tx) -> bool:
    """Whether somebody owns this server."""
    return await tx.fetch_one(_OWNER) is not None


async def list_accounts(tx: Tx) -> list[Account]:
    """Every account, oldest first. For operators."""
    return [account_of(row) for row in await tx.fetch_all(_ALL)]


async def insert_account(tx: Tx, new: Account) -> None:
    """Add an account; a name or address that is taken raises ConstraintViolated."""
    await tx.execute(_INSERT_ACCOUNT, {**new._asdict(), "state": new.state.value})


async def update_account(tx: Tx, changed: Account) -> None:
    """Store an account anew; a name or address that is taken raises ConstraintViolated."""
    values = {f"new_{name}": getattr(changed, name) for name in _CHANGEABLE}
    await tx.execute(_UPDATE, {**values, "new_state": changed.state.value, "account": changed.id})
    tx.touch(account_tag(changed.id))


async def list_roles(tx: Tx, account_id: int) -> dict[int, Role]:
    """What an account is, by site id. Sites where it is a reader are left out."""
    rows = await tx.fetch_all(_ROLES, {"account": account_id})
    return {row.site_id: Role(row.role) for row in rows}


async def set_role(tx: Tx, *, site_id: int, account_id: int, role: Role, now: datetime) -> None:
    """Say what an account is on a site; a reader is nothing in particular."""
    if role is Role.READER:
        await tx.execute(_DROP_ROLE, {"site": site_id, "account": account_id})
    else:
        values = {"site_id": site_id, "account_id": account_id, "role": role.value, "created_at": now}
        await tx.execute(_SET_ROLE, values)
    tx.touch(account_tag(account_id))
