"""Guests: known by the capability their browser holds, met when they first write something."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from forum.accounts import queries as guests
from forum.accounts.model import Guest
from forum.db import Tx
from forum.errors import FieldError, Invalid
from forum.runtime import Runtime


async def find_or_add_guest(tx: Tx, rt: Runtime, site_id: int, token: str, *, known: bool, skeleton: str = "") -> Guest:
    """The guest who holds this capability; with `known` the capability came from a browser, and may be remembered.

    Raises Invalid where an account has a name that looks like `skeleton`: nobody signs as somebody else.
    """
    # Held: where their comments are being claimed at this moment, they are nobody any more, and somebody new writes.
    look = partial(guests.find_guest_as, tx, site_id=site_id, token=token, skeleton=skeleton, hold=True)
    found = await look() if known else None
    new, now = Guest(site_id, rt.ids.next()), rt.clock.now()
    if found is None and await guests.insert_guest(tx, new, token=token, now=now, skeleton=skeleton):
        return replace(new, is_new=True)
    found = found or await look()
    if found is None or found[1]:
        raise Invalid(errors=(FieldError("author_name", "name_taken"),))
    return found[0]
