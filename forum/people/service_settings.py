"""What people set for themselves: name, language, time zone, looks, and what they want to be told of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import cache
from typing import Final
from zoneinfo import available_timezones

import orjson

from forum.accounts import queries as accounts
from forum.accounts.model import Account
from forum.accounts.names import name_key
from forum.accounts.service_people import checked_name, decide
from forum.core.i18n import N_
from forum.db import Tx
from forum.errors import FieldError, Invalid, TooManyRequests
from forum.people.service import hold_account
from forum.people.service_authors import rename_author
from forum.runtime import Runtime
from forum.web.languages import available

THEMES: Final = ("auto", "light", "dark")
# What there is to be told of, and how soon unless somebody says otherwise.
NOTIFY: Final[Mapping[str, str]] = {"replies": "instant", "mentions": "instant", "follows": "daily"}
PACES: Final = ("instant", "daily", "never")
RENAMES: Final = "3/day"
RENAMED_OFTEN: Final = N_("You have changed your name three times within a day. Please keep this one until tomorrow.")


@cache
def time_zones() -> tuple[str, ...]:
    """The time zones to choose from, by place: "Europe/Berlin". None where the machine knows none."""
    known = available_timezones()
    places = {zone for zone in known if "/" in zone and zone[0].isupper() and not zone.startswith(_NOT_PLACES)}
    return tuple(sorted(places | ({"UTC"} & known)))


_NOT_PLACES: Final = ("Etc/", "SystemV/", "US/", "Canada/", "Brazil/", "Chile/", "Mexico/")


def notify_of(account: Account) -> dict[str, str]:
    """What somebody wants to be told of, and how soon."""
    said = orjson.loads(account.notify) if account.notify else {}
    return {name: said.get(name, pace) for name, pace in NOTIFY.items()}


async def change_name(rt: Runtime, account_id: int, name: str) -> None:
    """Call oneself differently; what one has written follows. Raises Invalid about "name", and TooManyRequests."""
    called = checked_name(name)
    async with rt.db.read(fresh=True) as tx:
        account = await accounts.find_account(tx, account_id)
        taken = await accounts.find_account_named(tx, name_key(called))
    # A name that can't be had, or that one has, is not counted.
    if account is not None and account.name != called and (taken is None or taken.id == account_id):
        await _count_rename(rt, account_id)

    async def change(tx: Tx, account: Account) -> None:
        await rename_author(tx, rt, account, name)

    await _change(rt, account_id, change)


async def _count_rename(rt: Runtime, account_id: int) -> None:
    """What follows a new name is a lot of work, and others should know who they talk to."""
    wait = await rt.limiter.wait("rename", RENAMES, str(account_id))
    if wait:
        raise TooManyRequests(detail=RENAMED_OFTEN, retry_after=wait)


async def change_looks(rt: Runtime, account_id: int, *, locale: str, time_zone: str, theme: str) -> None:
    """The language and theme of one's own pages, and the zone of times ("" and "auto": as the browser says)."""
    fields = {
        "locale": locale in ("", *available()),
        "time_zone": time_zone in ("", *time_zones()),
        "theme": theme in THEMES,
    }
    _refuse(name for name, right in fields.items() if not right)

    async def change(tx: Tx, account: Account) -> None:
        await accounts.update_account(tx, account._replace(locale=locale, time_zone=time_zone, theme=theme))

    await _change(rt, account_id, change)


async def change_notify(rt: Runtime, account_id: int, wanted: Mapping[str, str]) -> None:
    """What one wants to be told of."""
    _refuse(name for name in NOTIFY if wanted.get(name) not in PACES)
    kept = orjson.dumps({name: wanted[name] for name in NOTIFY}).decode()

    async def change(tx: Tx, account: Account) -> None:
        await accounts.update_account(tx, account._replace(notify=kept))

    await _change(rt, account_id, change)


def _refuse(wrong: Iterable[str]) -> None:
    errors = tuple(FieldError(name, "wrong_value") for name in wrong)
    if errors:
        raise Invalid(errors=errors)


async def _change(rt: Runtime, account_id: int, change: Callable[[Tx, Account], Awaitable[None]]) -> None:
    async def work(tx: Tx) -> None:
        # As it is now: two forms sent at once each change their own part.
        await change(tx, await hold_account(tx, account_id))

    await decide(rt, work)
