"""A frame that gets a session by the hand-off, and the window that it opens for that."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from forum.core.pkce import challenge_of
from tests.support.app import NEWS, OURS, House, Person
from tests.support.forms import Form

REDEEM: Final = "/api/v1/auth/redeem"


@dataclass(slots=True)
class Frame:
    """The frame on an article's page: it keeps a verifier, and has a browser's partition for itself."""

    browser: Person
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def window(self) -> str:
        """The address of the window that it opens."""
        return f"/auth/handoff?site=newsroom&origin={NEWS}&challenge={challenge_of(self.verifier)}"

    async def redeem(self, code: str, **changes: Any) -> httpx.Response:
        """Redeem a code; `changes` replace fields that are right otherwise."""
        sent = {"site": "newsroom", "origin": NEWS, "code": code, "verifier": self.verifier, **changes}
        return await self.browser.http.post(REDEEM, json=sent, headers=OURS)


async def a_frame(house: House) -> Frame:
    return Frame(await house.newcomer())


@dataclass(frozen=True, slots=True)
class Codes:
    """What the window brings back: for its script, and for people."""

    code: str
    short: str


async def say_yes(person: Person, frame: Frame) -> Codes:
    """Press the button of the window."""
    page = await person.get(frame.window)
    assert page.status_code == 200, page.text
    answer = await Form(page).send(person)
    assert answer.status_code == 200, answer.text
    code = answer.text.partition('data-handoff-code="')[2].partition('"')[0]
    return Codes(code, answer.text.partition("<output")[2].partition(">")[2].partition("<")[0])
