"""What the browser of somebody who arrives is given: the cookie of their session, or of the flow that lacks a name."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from typing import Final

from forum.accounts.service_people import FINISH_TIME, Arrival
from forum.settings import Settings
from forum.web.visitors import finish_cookie_header, finish_cookie_name, main_cookie_header

# A second tab may arrive while the first still asks for a name: neither takes the other's place.
_MOST: Final = 2
_HANDLE: Final = re.compile(r"[0-9a-f]{32}")


def arrival_cookie(settings: Settings, arrival: Arrival, cookies: Mapping[str, str]) -> str | None:
    """The `Set-Cookie` of an arrival in a browser that has sent `cookies`, or None where nothing begins."""
    if arrival.finish is not None:
        return _keep(settings, [arrival.finish, *_kept(settings, cookies)])
    begun = arrival.begun
    return None if begun is None else main_cookie_header(settings, begun.token, begun.seconds)


def is_finishing(settings: Settings, cookies: Mapping[str, str], handle: str) -> bool:
    """Whether what this flow proves was proved in the browser that has sent `cookies`."""
    return any(hmac.compare_digest(kept.encode(), handle.encode()) for kept in _kept(settings, cookies))


def finished_cookie(settings: Settings, cookies: Mapping[str, str], handle: str) -> str:
    """The `Set-Cookie` that takes a flow away, and leaves that of another tab."""
    return _keep(settings, [kept for kept in _kept(settings, cookies) if kept != handle])


def _kept(settings: Settings, cookies: Mapping[str, str]) -> list[str]:
    """The newest first."""
    return _HANDLE.findall(cookies.get(finish_cookie_name(settings), ""))[:_MOST]


def _keep(settings: Settings, handles: list[str]) -> str:
    seconds = int(FINISH_TIME.total_seconds()) if handles else 0
    return finish_cookie_header(settings, ".".join(handles[:_MOST]), seconds)
