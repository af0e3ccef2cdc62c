"""Preview: what a text would look like, without keeping any of it."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from forum.accounts.tables import guest
from tests.support.app import OURS, House, Person, problem, wrong_fields

pytestmark = pytest.mark.anyio


async def preview(person: Person, **sent: Any) -> httpx.Response:
    return await person.http.post("/api/v1/preview", json={"site": "newsroom", **sent}, headers=OURS)


async def test_a_preview_is_what_posting_would_store(house: House) -> None:
    body = "> so *this*\n\n- a\n- b\n\n<b>no</b> [x](https://x.example) ~~y~~ `z`\n\n# Title"
    shown = (await preview(house.author, body=body)).json()
    posted = await house.author.post(body)
    assert (shown["html"], shown["text"]) == (posted["html"], posted["text"])
    assert (shown["cleared_html"], shown["advice"]) == (posted["html"], [])
    assert "<b>" not in shown["html"]


async def test_a_preview_keeps_nothing_and_sets_no_cookie(house: House) -> None:
    answer = await preview(house.author, body="Hello.")
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "private, no-store"
    assert await house.recount() == 0
    assert await house.rows(select(guest.c.id)) == []


@pytest.mark.parametrize(("body", "code"), [("", "empty"), ("x" * 10_001, "too_long")])
async def test_what_could_not_be_posted_is_not_shown(house: House, body: str, code: str) -> None:
    assert wrong_fields(await preview(house.author, body=body)) == {"body": code}


async def test_a_preview_belongs_to_a_site(house: House) -> None:
    assert problem(await preview(house.author, body="Hello.", site="nowhere")) == (404, "unknown_site")
    assert wrong_fields(await preview(house.author, body="Hello.", extra=1)) == {"extra": "unknown_field"}
