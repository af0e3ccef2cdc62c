"""An installation that sends mail into a folder, and people who read it: for tests of signing in by mail."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.support.app import PUBLIC_URL, House, Person, open_house
from tests.support.forms import fill

_LINK: Final = re.compile(re.escape(PUBLIC_URL) + r"(/auth/link/[0-9a-f.]+)")
_CODE: Final = re.compile(r"\b([A-Z2-9]{4}-[A-Z2-9]{4})\b")


@dataclass(slots=True)
class PostOffice:
    """What the house has sent, oldest first."""

    house: House
    folder: Path

    async def letters(self, to: str | None = None) -> list[EmailMessage]:
        """Everything sent so far, or what was sent to an address."""
        await self.house.run_jobs()
        files = sorted(self.folder.glob("*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]
        return [letter for letter in letters if to is None or to in str(letter["To"])]

    async def text(self, to: str) -> str:
        """The plain text of the newest letter to an address."""
        letters = await self.letters(to)
        assert letters, f"there is no letter to {to}"
        body = letters[-1].get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    async def link(self, to: str) -> str:
        """The path of the link in the newest letter to an address."""
        found = _LINK.search(await self.text(to))
        assert found
        return found[1]

    async def code(self, to: str) -> str:
        """The code in the newest letter to an address."""
        found = _CODE.search(await self.text(to))
        assert found
        return found[1]


@pytest.fixture
async def post(engine_url: str, tmp_path: Path) -> AsyncIterator[PostOffice]:
    """An installation on each engine that sends mail, with rate limits off."""
    folder = tmp_path / "mail"
    async with open_house(engine_url, mail_url=f"file:{folder}") as house:
        yield PostOffice(house, folder)


async def ask(person: Person, address: str, **fields: str) -> str:
    """Ask for mail at the door; returns the handle of the page that waits for the code."""
    answer = await person.submit("/auth/email", email=address, **fields)
    return handle_in(answer)


def handle_in(answer: httpx.Response) -> str:
    """The handle of what was begun, out of a redirect to the page that finishes it."""
    assert answer.status_code == 303, answer.text
    return parse_qs(urlsplit(answer.headers["location"]).query)["flow"][0]


async def by_mail(post: PostOffice, person: Person, address: str, *, name: str = "") -> httpx.Response:
    """Sign in by the link in a mail; a new person is called `name`. Returns the answer to the form."""
    await ask(person, address)
    return await fill(person, await post.link(address), **({"name": name} if name else {}))
