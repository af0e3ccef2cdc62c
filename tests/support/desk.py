"""The console as a person without scripts uses it: pages, and what their forms send."""

from __future__ import annotations

from typing import Any

import httpx

from tests.support.app import House, Person


async def held(house: House, body: str = "A word too much.", person: Person | None = None) -> dict[str, Any]:
    """A comment that waits for a moderator."""
    await house.change_site(hold=True)
    return await (person or house.author).post(body)


async def page(person: Person, path: str) -> str:
    """A page of the console."""
    answer = await person.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    return answer.text


async def decide(
    person: Person, posted: dict[str, Any], verdict: str, revision: int = 1, **more: str
) -> httpx.Response:
    """Give a verdict by its form."""
    fields = {"site": "newsroom", "queue": "pending", "verdict": verdict, "revision": str(revision), **more}
    return await person.submit(f"/mod/c/{posted['id']}/verdict", **fields)


async def onward(person: Person, answer: httpx.Response) -> str:
    """Where a form leads."""
    assert answer.status_code == 303, answer.text
    return await page(person, answer.headers["location"])


def hidden(text: str, name: str) -> str:
    """The value of a hidden field; the first of that name."""
    return text.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]


async def undo(person: Person, text: str) -> httpx.Response:
    """Press the button that takes back what a page says was done just now."""
    form = text.split('action="/mod/undo"', 1)[1]
    names = ("site", "here", "back", "decision", "batch")
    fields = {name: hidden(form, name) for name in names if f'name="{name}"' in form.split("</form>", 1)[0]}
    return await person.submit("/mod/undo", **fields)
