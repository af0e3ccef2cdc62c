"""A new person says how they want to be called, and has an account then."""

from __future__ import annotations

from dataclasses import dataclass, replace

import orjson

from forum.accounts import queries_flow
from forum.accounts.model import Flow, FlowKind, Identity
from forum.accounts.service_people import SIGN_IN, Arrival, Coming, Proof, decide, free_name, settle
from forum.core.i18n import N_
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.errors import NotFound
from forum.runtime import Runtime


class TooLate(NotFound):
    """A link, a code or a form of signing in that counts no more."""

    title = N_("Too late")

    def __init__(self) -> None:
        super().__init__(detail=N_("This has been used already, or it took too long. Please start again."))


@dataclass(frozen=True, slots=True)
class Finishing:
    """A new person's proof, the name to suggest to them, and where they want to go."""

    proof: Proof
    next_path: str


def _finishing(flow: Flow) -> Finishing:
    data = orjson.loads(flow.data)
    identity = None
    if data["identity"] is not None:
        kind, issuer, subject, label = data["identity"]
        identity = Identity(kind, issuer, subject, 0, label, flow.created_at, None)
    proof = Proof(identity=identity, email=flow.email, suggested_name=data["name"])
    return Finishing(proof, data["next"])


async def get_finishing(rt: Runtime, handle: str) -> Finishing:
    """Who is about to get an account, with a name that is free; raises NotFound when that is over."""
    async with rt.db.read(fresh=True) as tx:
        flow = await queries_flow.find_flow(tx, handle, kind=FlowKind.FINISH, now=rt.clock.now())
        if flow is None or flow.purpose != SIGN_IN:
            raise TooLate()
        found = _finishing(flow)
        wanted = found.proof.suggested_name
        return replace(found, proof=replace(found.proof, suggested_name=await free_name(tx, wanted) if wanted else ""))


async def finish(rt: Runtime, handle: str, name: str, *, agent: str, visitor: Visitor) -> Arrival:
    """Make the account of a new person and let them in; raises NotFound, or Invalid about the name: then nothing has
    happened yet. Somebody who got an account with the same proof in between is let into that one."""

    async def work(tx: Tx) -> Arrival:
        flow = await queries_flow.take_flow(tx, handle, kind=FlowKind.FINISH, now=rt.clock.now())
        if flow is None or flow.purpose != SIGN_IN:
            raise TooLate()  # and what was taken is there again
        found = _finishing(flow)
        return await settle(tx, rt, found.proof, name, Coming(SIGN_IN, found.next_path, agent, visitor))

    return await decide(rt, work)
