"""Guests: a name and a capability, no cookie before the first write, no names that look like staff."""

import pytest
from sqlalchemy import select

from forum.accounts.tables import guest
from tests.support.app import ARTICLE, House, open_house, problem, wrong_fields

pytestmark = pytest.mark.anyio


async def test_reading_sets_no_cookie_and_writing_sets_one(house: House) -> None:
    for path in ("/?lang=en", f"/embed/newsroom?url={ARTICLE}", f"/api/v1/sites/newsroom/counts?url={ARTICLE}"):
        assert "set-cookie" not in (await house.author.get(path)).headers
    answer = await house.author.send("Hello.")
    (cookie,) = answer.headers.get_list("set-cookie")
    name, _, rest = cookie.partition("=")
    assert name == "__Host-guest"
    attributes = {part.strip().lower() for part in rest.split(";")[1:]}
    assert attributes == {"path=/", "httponly", "max-age=34560000", "secure", "samesite=none", "partitioned"}
    assert "set-cookie" not in (await house.author.send("Again.")).headers


async def test_plain_http_on_loopback_has_a_plain_cookie(engine_url: str) -> None:
    async with open_house(engine_url, public_url="http://localhost:8000") as house:
        sent = {"body": "Hello.", "author_name": "Ada", "url": ARTICLE}
        headers = {"origin": "http://localhost:8000"}
        answer = await house.author.http.post("/api/v1/sites/newsroom/comments", json=sent, headers=headers)
        (cookie,) = answer.headers.get_list("set-cookie")
        assert cookie.startswith("aftershow-guest=")
        assert cookie.endswith("; SameSite=Lax")
        assert "Secure" not in cookie


async def test_only_a_hash_of_the_capability_is_stored(house: House) -> None:
    await house.author.post("Hello.")
    (row,) = await house.rows(select(guest))
    assert row.token_hash not in house.author.http.cookies["__Host-guest"]
    assert len(row.token_hash) == 64


async def test_one_browser_is_one_guest_under_many_names(house: House) -> None:
    await house.author.post("Hello.")
    second = await house.author.post("Hello again.", author_name="Ada L.")
    assert second["author"] == {"name": "Ada L.", "kind": "guest", "url": None, "hue": None}
    assert len(await house.rows(select(guest.c.id))) == 1


async def test_one_browser_is_another_guest_on_another_site(house: House) -> None:
    await house.add_site("gazette", origins=("https://gazette.example",))
    await house.author.post("Hello.")
    where = {"path": "/api/v1/sites/gazette/comments", "url": "https://gazette.example/a"}
    there = await house.author.post("Hello there.", **where)
    assert len(await house.rows(select(guest.c.id))) == 2
    assert (await house.author.delete(there["id"])).status_code == 204


async def test_a_capability_this_server_did_not_make_is_replaced(house: House) -> None:
    house.attacker.http.cookies.set("__Host-guest", "f" * 64 + "." + "0" * 64, domain="talk.example")
    answer = await house.attacker.send("Hello.")
    assert answer.status_code == 201
    assert "set-cookie" in answer.headers


async def test_a_site_may_take_no_guests(house: House) -> None:
    first = await house.author.post("While I can.")
    await house.change_site(guests=False)
    assert problem(await house.author.send("Hello?")) == (403, "guests_not_allowed")
    assert (await house.author.delete(first["id"])).status_code == 204
    page = (await house.author.get(f"/embed/newsroom?url={ARTICLE}")).text
    assert "Sign in to comment" in page
    # The form waits for somebody who is signed in.
    assert "<form" not in page.partition("<template data-composer-source")[0]


@pytest.mark.parametrize(
    "name",
    ["admin", "Site Admin", "АДМИН", "m0derator", "the_moderator", "A d m i n", "ad\u200bmin", "ＡＤＭＩＮ",
     "Aftershow", "The Newsroom", "the newsroom", "newsroom staff", "Official", "deleted"],
)  # fmt: skip
async def test_names_that_look_like_staff_are_refused(house: House, name: str) -> None:
    assert wrong_fields(await house.attacker.send("Trust me.", author_name=name)) == {"author_name": "name_reserved"}
    assert await house.rows(select(guest.c.id)) == []


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "\u3164"])
async def test_a_name_must_be_seen(house: House, name: str) -> None:
    assert wrong_fields(await house.author.send("Hello.", author_name=name)) == {"author_name": "name_empty"}


@pytest.mark.parametrize(
    ("name", "kept"),
    [("  Ada \n Lovelace ", "Ada Lovelace"), ("Zoë 🦊", "Zoë 🦊"), ("\u202eevil", "evil"), ("Stafford", "Stafford"),
     ("<b>Bo</b>", "<b>Bo</b>"), ("x" * 40, "x" * 40), ("名無し", "名無し")],
)  # fmt: skip
async def test_a_name_is_a_line_of_text(house: House, name: str, kept: str) -> None:
    posted = await house.author.post("Hello.", author_name=name)
    assert posted["author"]["name"] == kept
