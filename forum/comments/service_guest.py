"""Guests: known by the capability their browser holds, met when they first write something."""

from __future__ import annotations

from datetime import datetime

from forum.accounts import queries as guests
from forum.accounts.model import Guest
from forum.db import Tx
from forum.errors import NotFound
from forum.runtime import Runtime


async def find_or_add_guest(tx: Tx, rt: Runtime, site_id: int, token: str, now: datetime, *, known: bool) -> Guest:
    """The guest who holds this capability; with `known` the capability came from a browser, and may be remembered."""
    if known:
        found = await guests.find_guest(tx, site_id=site_id, token=token)
        if found is not None:
            return found
    new = Guest(site_id, rt.ids.next())
    if await guests.insert_guest(tx, new, token=token, now=now):
        return new
    found = await guests.find_guest(tx, site_id=site_id, token=token)
    if found is None:
        raise NotFound()
    return found
