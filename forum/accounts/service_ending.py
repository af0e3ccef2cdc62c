"""The end of sessions: of those that a request carries, of one that its person picked, of all.

What ends is deleted, so it counts no more from then on, in every process.
"""

from __future__ import annotations

from forum.accounts import queries_session as queries
from forum.accounts.model import Kind, Session
from forum.accounts.service_session import ANYWHERE
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import Forbidden
from forum.runtime import Runtime

NOT_IN_A_FRAME = N_("Please do that in your settings: comments on a page can only sign out of themselves.")


async def end_sent(tx: Tx, token: str | None) -> Session | None:
    """End the session that a browser has sent, with those that came from it; which it was, if it was one."""
    found = None if token is None else await queries.find_session(tx, token=token, site_id=ANYWHERE)
    if found is None:
        return None
    account, session, _ = found
    await queries.delete_session(tx, account_id=account.id, session_id=session.id)
    return session


async def leave(rt: Runtime, visitor: Visitor, *, everywhere: bool = False) -> None:
    """Sign a browser out: end every session that it has sent, or (`everywhere`) all sessions of its person.

    The latter needs a first-party session; raises Forbidden("not_in_a_frame") for that of a frame alone.
    """

    async def work(tx: Tx) -> None:
        main = await end_sent(tx, visitor.main)
        embed = await end_sent(tx, visitor.embed)
        if not everywhere:
            return
        if main is None and embed is not None:
            raise Forbidden("not_in_a_frame", NOT_IN_A_FRAME)
        if main is not None and main.kind is Kind.MAIN:
            await queries.delete_sessions(tx, account_id=main.account_id)

    await rt.db.write(work)


async def end_one(rt: Runtime, *, account_id: int, session_id: int) -> None:
    """End one of an account's own sessions; one that has ended already is fine too."""
    await rt.db.write(lambda tx: queries.delete_session(tx, account_id=account_id, session_id=session_id))


async def end_others(rt: Runtime, session: Session) -> None:
    """End all of an account's sessions but this one; those of frames as well."""
    await rt.db.write(lambda tx: queries.delete_sessions(tx, account_id=session.account_id, keep=session.id))


async def end_all(rt: Runtime, account_id: int) -> None:
    """Sign an account out everywhere."""
    await rt.db.write(lambda tx: queries.delete_sessions(tx, account_id=account_id))
