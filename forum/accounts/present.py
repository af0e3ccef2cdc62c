"""How a person is shown: their address, their colour, their badges."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from forum.accounts.model import Account, Actor, Kind, Role
from forum.accounts.views import AccountView

HUES = 12


def profile_path(name: str) -> str:
    """The address of a person's page, below the server's own."""
    return f"/u/{quote(name, safe='')}"


def hue_of(account_id: int) -> int:
    """The colour of an avatar: the same for a person everywhere."""
    return account_id % HUES


def badges_of(account: Account, role: Role) -> tuple[str, ...]:
    """What others should know about somebody's standing."""
    owner = ("owner",) if account.is_owner else ()
    return owner if role is Role.READER else (*owner, role.value)


def local(account: Account, moment: datetime) -> datetime:
    """A moment in the time zone that somebody has chosen; in UTC where the browser decides."""
    return moment.astimezone(ZoneInfo(account.time_zone)) if account.time_zone else moment


def account_view(account: Account, *, role: Role = Role.READER, kind: Kind | None = None) -> AccountView:
    """A person as pages and programs see them."""
    return AccountView(
        id=str(account.id),
        name=account.name,
        url=profile_path(account.name),
        hue=hue_of(account.id),
        role=role.value,
        badges=badges_of(account, role),
        kind="" if kind is None else kind.value,
    )


def actor_view(actor: Actor | None) -> AccountView | None:
    """Who is signed in, or None."""
    if actor is None or actor.account is None or actor.session is None:
        return None
    return account_view(actor.account, role=actor.role, kind=actor.session.kind)
