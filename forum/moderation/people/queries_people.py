"""Statements about a person whom moderators look at: who it is, their record, and what moderators have noted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, delete, exists, func, insert, or_, select

from forum.accounts.model import Guest
from forum.accounts.tables import account, guest
from forum.comments.review.model import Decision, Sanction, SanctionRow, Verdict
from forum.comments.review.queries import DECISION_COLUMNS, decision_of
from forum.comments.review.queries_people import SANCTION_COLUMNS, sanction_of
from forum.comments.review.tables import decision, note, sanction
from forum.comments.tables import comment
from forum.db import Prepared, Tx

_SITE: Any = bindparam("site")
_AUTHOR: Any = bindparam("author")
_GUEST_LOCKED = Prepared(
    select(guest.c.site_id, guest.c.id).where(guest.c.site_id == _SITE, guest.c.id == _AUTHOR).with_for_update()
)
_GUEST_SINCE = Prepared(select(guest.c.created_at).where(guest.c.site_id == _SITE, guest.c.id == _AUTHOR))
_NAMES = Prepared(select(account.c.id, account.c.name).where(account.c.id.in_(bindparam("ids", expanding=True))))
# What they called themselves last.
_LAST_NAME = Prepared(
    select(comment.c.author_name)
    .where(comment.c.site_id == _SITE, comment.c.author_id == _AUTHOR, comment.c.author_name != "")
    .order_by(comment.c.id.desc())
    .limit(1)
)
_WRITTEN = Prepared(
    select(comment.c.status, func.count().label("n"))
    .where(comment.c.site_id == _SITE, comment.c.author_id == _AUTHOR)
    .group_by(comment.c.status)
)
_DECIDED = Prepared(
    select(decision.c.verdict, func.count().label("n"))
    .where(decision.c.site_id == _SITE, decision.c.author_id == _AUTHOR)
    .group_by(decision.c.verdict)
)
_SANCTIONED = Prepared(
    select(sanction.c.kind, func.count().label("n"))
    .where(sanction.c.site_id == _SITE, sanction.c.author_id == _AUTHOR)
    .group_by(sanction.c.kind)
)
_KNOWN = Prepared(
    select(
        or_(
            *(
                exists(select(table.c.id).where(table.c.site_id == _SITE, table.c.author_id == _AUTHOR))
                for table in (comment, decision, sanction)
            )
        ).label("is_known")
    )
)
_LINE = Prepared(select(*DECISION_COLUMNS).where(decision.c.site_id == _SITE, decision.c.id == bindparam("decision")))
_undoing = decision.alias("undoing")
_STANDS = ~exists().where(_undoing.c.site_id == decision.c.site_id, _undoing.c.undoes == decision.c.id)
_SAYS = decision.c.verdict.in_(bindparam("verdicts", expanding=True))
_LINES = Prepared(
    select(*DECISION_COLUMNS)
    .where(
        decision.c.site_id == _SITE,
        decision.c.author_id == _AUTHOR,
        decision.c.id >= bindparam("edge"),
        _SAYS,
        _STANDS,
    )
    .order_by(decision.c.id.desc())
)
_LAST_LINE = Prepared(
    select(func.max(decision.c.id)).where(decision.c.site_id == _SITE, decision.c.author_id == _AUTHOR, _SAYS)
)
_THIS_SANCTION = Prepared(
    select(*SANCTION_COLUMNS).where(sanction.c.site_id == _SITE, sanction.c.id == bindparam("sanction"))
)
# A sanction whose decision was taken back is none any more.
_VALID = Prepared(
    select(*SANCTION_COLUMNS)
    .where(
        sanction.c.site_id == _SITE,
        sanction.c.id.in_(bindparam("sanctions", expanding=True)),
        ~exists().where(decision.c.site_id == sanction.c.site_id, decision.c.undoes == sanction.c.decision_id),
    )
    .order_by(sanction.c.id.desc())
)
_OF = (note.c.site_id == _SITE, note.c.author_id == _AUTHOR)
_MOST_NOTES = 100


class NoteRow(NamedTuple):
    """A moderator's note, with its fields in the order of the columns."""

    site_id: int
    id: int
    author_kind: str
    author_id: int
    comment_id: int | None
    text: str
    by_id: int
    created_at: datetime


_NOTE_COLUMNS = tuple(note.c[name] for name in NoteRow._fields)
_NOTES = Prepared(select(*_NOTE_COLUMNS).where(*_OF).order_by(note.c.id.desc()).limit(_MOST_NOTES))
_ADD = Prepared(insert(note))
# Nobody strikes out what is noted about themselves.
_DROP = Prepared(
    delete(note)
    .where(note.c.site_id == _SITE, note.c.id == bindparam("note"), note.c.author_id != bindparam("who"))
    .returning(*_NOTE_COLUMNS)
)


class Counts(NamedTuple):
    """What there is about somebody on a site: comments by status, decisions by verdict, sanctions by kind."""

    written: Mapping[str, int]
    decided: Mapping[Verdict, int]
    sanctioned: Mapping[Sanction, int]


async def find_guest_locked(tx: Tx, *, site_id: int, guest_id: int) -> Guest | None:
    """A guest, held: nobody claims what they wrote in between."""
    row = await tx.fetch_one(_GUEST_LOCKED, {"site": site_id, "author": guest_id})
    return None if row is None else Guest(row.site_id, row.id)


async def find_guest_since(tx: Tx, *, site_id: int, guest_id: int) -> datetime | None:
    """When a guest first wrote here; None where there is no such guest."""
    found: datetime | None = await tx.fetch_val(_GUEST_SINCE, {"site": site_id, "author": guest_id})
    return found


async def list_names(tx: Tx, accounts: Collection[int]) -> dict[int, str]:
    """The names of accounts; of those that are gone there is none."""
    ids = sorted({one for one in accounts if one})
    rows = await tx.fetch_all(_NAMES, {"ids": ids}) if ids else []
    return {row.id: row.name for row in rows}


async def find_last_name(tx: Tx, *, site_id: int, author_id: int) -> str | None:
    """The name above the last thing that somebody wrote on a site."""
    found: str | None = await tx.fetch_val(_LAST_NAME, {"site": site_id, "author": author_id})
    return found


async def count_record(tx: Tx, *, site_id: int, author_id: int) -> Counts:
    """Somebody's record: three statements, each along one person's rows."""
    values = {"site": site_id, "author": author_id}
    written = {row.status: row.n for row in await tx.fetch_all(_WRITTEN, values)}
    decided = {Verdict(row.verdict): row.n for row in await tx.fetch_all(_DECIDED, values)}
    sanctioned = {Sanction(row.kind): row.n for row in await tx.fetch_all(_SANCTIONED, values)}
    return Counts(written, decided, sanctioned)


async def is_known(tx: Tx, *, site_id: int, author_id: int) -> bool:
    """Whether somebody has ever written on a site, or anything was decided about them there."""
    return bool(await tx.fetch_val(_KNOWN, {"site": site_id, "author": author_id}))


async def find_line(tx: Tx, *, site_id: int, decision_id: int) -> Decision | None:
    """A line of a site's log."""
    row = await tx.fetch_one(_LINE, {"site": site_id, "decision": decision_id})
    return None if row is None else decision_of(row)


async def list_standing(tx: Tx, line: Decision, verdicts: Collection[Verdict]) -> list[Decision]:
    """What has been decided with these verdicts about the person of a line, from that line on, the latest first;
    nothing that was taken back."""
    said = [verdict.value for verdict in verdicts]
    values = {"site": line.site_id, "author": line.author_id, "edge": line.id, "verdicts": said}
    return [decision_of(row) for row in await tx.fetch_all(_LINES, values)]


async def find_last_line(tx: Tx, *, site_id: int, author_id: int, verdicts: Collection[Verdict]) -> int:
    """The id of the last line with these verdicts about somebody; 0 for none."""
    said = [verdict.value for verdict in verdicts]
    return int(await tx.fetch_val(_LAST_LINE, {"site": site_id, "author": author_id, "verdicts": said}) or 0)


async def find_sanction(tx: Tx, *, site_id: int, sanction_id: int) -> SanctionRow | None:
    """A sanction. Who decides about it holds its person."""
    row = await tx.fetch_one(_THIS_SANCTION, {"site": site_id, "sanction": sanction_id})
    return None if row is None else sanction_of(row)


async def list_valid(tx: Tx, *, site_id: int, sanctions: Collection[int]) -> list[SanctionRow]:
    """Those of these sanctions whose decision was not taken back, the latest first."""
    if not sanctions:
        return []
    rows = await tx.fetch_all(_VALID, {"site": site_id, "sanctions": sorted(sanctions)})
    return [sanction_of(row) for row in rows]


async def list_notes(tx: Tx, *, site_id: int, author_id: int) -> list[NoteRow]:
    """What moderators have noted about somebody, the latest first."""
    rows = await tx.fetch_all(_NOTES, {"site": site_id, "author": author_id})
    return [NoteRow._make(row) for row in rows]


async def insert_note(tx: Tx, new: NoteRow) -> None:
    """Note something."""
    await tx.execute(_ADD, new._asdict())


async def delete_note(tx: Tx, *, site_id: int, note_id: int, who: int) -> NoteRow | None:
    """Strike a note out, unless it is about `who` does it; what it was."""
    row = await tx.fetch_one(_DROP, {"site": site_id, "note": note_id, "who": who})
    return None if row is None else NoteRow._make(row)
