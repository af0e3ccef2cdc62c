"""Statements about identity providers."""

from __future__ import annotations

from dataclasses import asdict

import orjson
from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from forum.accounts.providers.trips import PROVIDERS_TAG, Details, Provider, ProviderKind
from forum.accounts.queries_identity import PROVIDER
from forum.accounts.tables import identity, provider
from forum.db import Prepared, Row, Tx

_COLUMNS = (
    provider.c.key,
    provider.c.name,
    provider.c.kind,
    provider.c.issuer,
    provider.c.client_id,
    provider.c.client_secret,
    provider.c.data,
    provider.c.created_at,
)
_ALL = Prepared(select(*_COLUMNS).order_by(provider.c.created_at, provider.c.key))
_given = insert(provider)
_PUT = Prepared(
    _given.on_conflict_do_update(
        index_elements=["key"],
        set_={name: _given.excluded[name] for name in ("name", "client_id", "client_secret", "data")},
    )
)
_DELETE = Prepared(delete(provider).where(provider.c.key == bindparam("wanted")))
_THEIRS = (identity.c.kind == PROVIDER, identity.c.issuer == bindparam("wanted"))
_PEOPLE = Prepared(select(func.count()).select_from(identity).where(*_THEIRS))
_FORGET = Prepared(delete(identity).where(*_THEIRS))


def _provider_of(row: Row) -> Provider:
    return Provider(
        key=row.key,
        name=row.name,
        kind=ProviderKind(row.kind),
        issuer=row.issuer,
        client_id=row.client_id,
        client_secret=row.client_secret,
        details=Details(**orjson.loads(row.data or "{}")),
        created_at=row.created_at,
    )


async def list_providers(tx: Tx) -> list[Provider]:
    """Every provider, oldest first."""
    return [_provider_of(row) for row in await tx.fetch_all(_ALL)]


async def put_provider(tx: Tx, new: Provider) -> None:
    """Add a provider, or change what may change of one: all but who vouches there."""
    values = {
        "key": new.key,
        "name": new.name,
        "kind": new.kind.value,
        "issuer": new.issuer,
        "client_id": new.client_id,
        "client_secret": new.client_secret,
        "data": orjson.dumps(asdict(new.details)).decode(),
        "created_at": new.created_at,
    }
    await tx.execute(_PUT, values)
    tx.touch(PROVIDERS_TAG)


async def count_people(tx: Tx, key: str) -> int:
    """How many sign-ins are connected with a provider."""
    return int(await tx.fetch_val(_PEOPLE, {"wanted": key}) or 0)


async def delete_provider(tx: Tx, key: str) -> bool:
    """Remove a provider with every sign-in of it; whether it was there."""
    await tx.execute(_FORGET, {"wanted": key})
    tx.touch(PROVIDERS_TAG)
    return await tx.execute(_DELETE, {"wanted": key}) > 0
