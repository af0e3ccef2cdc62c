"""Sessions: who is asking, begin one, prove oneself again, end some or all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from forum.accounts import policy
from forum.accounts import queries_session as queries
from forum.accounts.model import ACCOUNT, EMBED_SLIDING, MAIN_SLIDING, SEEN_EVERY, Account, Actor, Kind, Session
from forum.core.capability import hash_token, new_session_token
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import Forbidden, SignInNeeded
from forum.runtime import Runtime

SIGN_IN_NEEDED = N_("Please sign in first.")
SIGN_IN_AGAIN = N_("For this, please sign in once more: it has been a while.")
SESSION_ENDED = N_("You are not signed in any more. Nothing is lost: sign in again, or go on as a guest.")
# An account's frames that are signed in at once; of more, those not used for longest end.
MOST_FRAMES = 50
# Asking about no site in particular.
ANYWHERE = 0


def session_ended() -> SignInNeeded:
    """Somebody was signed in, and is not any more."""
    return SignInNeeded("session_ended", SESSION_ENDED)


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session and the token that only its browser will have; `seconds` is how long a cookie may keep it."""

    session: Session
    token: str

    @property
    def seconds(self) -> int:
        return int((self.session.expires_at - self.session.created_at).total_seconds())


async def find_account_actor(
    tx: Tx, visitor: Visitor, site_id: int | None, now: datetime, *, hold: bool = False
) -> Actor | None:
    """The account behind a visitor's sessions on this site (`ANYWHERE`: by a first-party one; None: by any, whatever
    site it is of), or None. The frame's session comes first. Who writes in its name asks to `hold` the session: it
    can't end in between."""
    for token in (visitor.embed, visitor.main):
        if token is None:
            continue
        found = await queries.find_session(tx, token=token, site_id=site_id or ANYWHERE, hold=hold)
        if found is None:
            continue
        account, session, role = found
        if (site_id is None or policy.reaches(session, site_id)) and policy.is_alive(session, account, now):
            return Actor(ACCOUNT, account.id, account, session, role)
    return None


async def identify(rt: Runtime, visitor: Visitor, site_id: int = ANYWHERE) -> Actor | None:
    """The account that is signed in, and its role on a site. Costs nothing where no session was sent."""
    if not visitor.signed_in:
        return None
    async with rt.db.read(fresh=True) as tx:
        actor = await find_account_actor(tx, visitor, site_id, rt.clock.now())
    if actor is not None and actor.session is not None:
        await _note_use(rt, actor.session)
    return actor


async def _note_use(rt: Runtime, session: Session) -> None:
    now = rt.clock.now()
    if now < session.seen_at + SEEN_EVERY:
        return

    async def work(tx: Tx) -> None:
        await queries.mark_seen(tx, session.id, now)

    await rt.db.write(work)


async def require_account(rt: Runtime, visitor: Visitor, *, fresh: bool = False) -> tuple[Account, Session]:
    """The account of a first-party session, for its own affairs; raises SignInNeeded, or Forbidden
    ("sign_in_again") where a fresh sign-in is asked for."""
    first_party = Visitor(visitor.network, main=visitor.main)
    actor = await identify(rt, first_party)
    if actor is None or actor.account is None or actor.session is None:
        raise SignInNeeded(detail=SIGN_IN_NEEDED)
    if fresh and not policy.is_fresh(actor.session, rt.clock.now()):
        raise Forbidden("sign_in_again", SIGN_IN_AGAIN)
    return actor.account, actor.session


async def begin_main(
    tx: Tx, rt: Runtime, account: Account, now: datetime, *, agent: str, voucher: int | None = None
) -> Begun:
    """A first-party session for somebody who has just proved who they are. Always a new one. `voucher`: the site whose
    word is all the proof; it lasts only as long as nothing else proves who they are."""
    return await _begin(tx, rt, _blank(rt, Kind.MAIN, account, now)._replace(agent=agent, site_id=voucher))


async def begin_embed(
    tx: Tx, rt: Runtime, account: Account, now: datetime, *, where: tuple[int, str], parent: Session | None
) -> Begun:
    """A frame's session: on one site and for the origin around the frame (`where`); it ends with its parent."""
    new = _blank(rt, Kind.EMBED, account, now, parent)._replace(site_id=where[0], origin=where[1])
    if parent is not None:
        new = new._replace(parent_id=parent.id, agent=parent.agent, fresh_at=parent.fresh_at)
    begun = await _begin(tx, rt, new)
    await queries.trim_frames(tx, account_id=account.id, most=MOST_FRAMES)
    return begun


def _blank(rt: Runtime, kind: Kind, account: Account, now: datetime, parent: Session | None = None) -> Session:
    return Session(
        id=rt.ids.next(),
        token_hash="",
        kind=kind,
        account_id=account.id,
        site_id=None,
        parent_id=None,
        origin="",
        agent="",
        created_at=now,
        seen_at=now,
        fresh_at=now,
        expires_at=policy.expiry(kind, now, parent=parent),
    )


async def _begin(tx: Tx, rt: Runtime, new: Session) -> Begun:
    token = new_session_token(rt.settings.secret_key, new.account_id)
    session = new._replace(token_hash=hash_token(token))
    await queries.insert_session(tx, session)
    return Begun(session, token)


async def refresh(tx: Tx, rt: Runtime, session: Session, now: datetime) -> Begun:
    """Its person has proved themselves again: the same session under a new token; the old one counts no more."""
    token = new_session_token(rt.settings.secret_key, session.account_id)
    await queries.rotate_session(tx, session.id, token=token, now=now)
    return Begun(session._replace(token_hash=hash_token(token), fresh_at=now, seen_at=now), token)


async def sweep_sessions(rt: Runtime) -> int:
    """Drop what time has ended; how many."""
    now = rt.clock.now()

    async def work(tx: Tx) -> int:
        return await queries.forget_sessions(
            tx, now=now, main_before=now - MAIN_SLIDING, embed_before=now - EMBED_SLIDING
        )

    return await rt.db.write(work)
