"""Things that are begun and finished once: how one begins, and what it keeps."""

from __future__ import annotations

import secrets
from datetime import timedelta

import orjson

from forum.accounts.model import Flow, FlowKind
from forum.runtime import Runtime


def begin_flow(rt: Runtime, kind: FlowKind, lasts: timedelta, *, purpose: str, data: object = None) -> Flow:
    """Something that begins now, under an unguessable handle (128 bits, in hexadecimal digits)."""
    now = rt.clock.now()
    return Flow(
        handle=secrets.token_hex(16),
        kind=kind,
        purpose=purpose,
        code_hash="",
        email=None,
        account_id=None,
        session_id=None,
        site_id=None,
        data="" if data is None else orjson.dumps(data).decode(),
        attempts=0,
        created_at=now,
        expires_at=now + lasts,
    )
