"""Rules for the newsroom, and the sanctions that a test starts from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from forum.comments.review.model import Sanction, SanctionRow
from forum.comments.review.queries_people import insert_sanction
from forum.comments.screening.queries import Version, find_rules, insert_rules
from forum.comments.screening.queries_spam import Learned, put_learned
from forum.comments.screening.rules import Rules, check, dump
from forum.comments.screening.spam import bytes_of, empty_weights, sample_of
from forum.comments.screening.spam_record import Lesson, Record, encode, study
from forum.db import Tx
from forum.markup import render
from tests.support.app import House
from tests.support.spamming import written


async def set_rules(house: House, **fields: Any) -> Rules:
    """Give the newsroom another version of its rules, with these fields and no others."""
    rules = replace(Rules(), **fields)
    check(rules)

    async def work(tx: Tx) -> None:
        last = await find_rules(tx, house.site.id)
        version = 1 if last is None else last.version + 1
        await insert_rules(tx, house.site.id, Version(version, dump(rules), 0, house.clock.now()))

    await house.rt.db.write(work)
    return rules


async def sanction(house: House, author: tuple[str, int], kind: Sanction, *, hours: int | None = None) -> None:
    """Sanction somebody on the newsroom from now on."""
    now = house.clock.now()
    until = None if hours is None else now + timedelta(hours=hours)
    row = SanctionRow(house.site.id, house.rt.ids.next(), *author, kind.value, until, "", "", "", 0, 0, now)

    async def work(tx: Tx) -> None:
        await insert_sanction(tx, row)

    await house.rt.db.write(work)


async def teach(house: House, count: int = 1_500) -> None:
    """Teach the newsroom's spam filter what moderators would have, until it has earned trust."""
    lessons = [
        Lesson(number, sample_of((drawn := render(one.body)).html, drawn.text), one.is_spam)
        for number, one in enumerate(written(count), 1)
    ]
    weights, record = study(empty_weights(), Record(), lessons)
    new = Learned(bytes_of(weights), encode(record), count)

    async def work(tx: Tx) -> None:
        assert await put_learned(tx, site_id=house.site.id, new=new, seen=0, now=house.clock.now())

    await house.rt.db.write(work)
