"""Text that PostgreSQL refuses, that is half a character, or that is endless, wherever people's pages take text that
ends in a query: it names nobody and nothing, and no server breaks over it."""

from __future__ import annotations

from typing import Any, Final

import pytest
from sqlalchemy import select

from forum.accounts import tables
from tests.support.app import NEWS, OURS, House, problem, wrong_fields
from tests.support.people import account_of, signed_in
from tests.support.publisher import a_publisher, reason

pytestmark = pytest.mark.anyio

# NUL, alone and inside; a lone surrogate as UTF-8 would write it; what is too long for any column.
IN_ADDRESSES: Final = ("%00", "a%00b", "%F0%9F%8E%AC%00", "a%ED%A0%80b", "x" * 5_000, "%EF%B7%BA" * 5_000)
IN_FORMS: Final = ("\x00", "a\x00b", "x" * 20_000, "ﷺ" * 5_000)
IN_JSON: Final = ("\\u0000", "a\\u0000b", "\\ud800", "a\\udfffb")


@pytest.mark.parametrize("hard", IN_ADDRESSES)
async def test_addresses_of_nothing(house: House, hard: str) -> None:
    edda = await signed_in(house)
    for path in (f"/u/{hard}", f"/auth/link/{hard}", f"/auth/first/{hard}", f"/auth/provider/{hard}"):
        assert (await edda.get(path)).status_code in (403, 404, 410), path
    assert (await edda.get(f"/auth/provider/{hard}/callback?state=x&code=x")).status_code == 404
    # Whether there is such a flow, the form for its code does not say.
    assert (await edda.get(f"/auth/code?flow={hard}")).status_code in (200, 422)
    for path in ("/auth/finish", "/settings/merge"):
        assert (await edda.get(f"{path}?flow={hard}")).status_code in (403, 404, 409, 410, 422), path
    assert (await edda.get(f"/api/v1/me?site={hard}")).status_code in (404, 422)
    asked = f"site={hard}&origin={NEWS}&challenge={'c' * 43}"
    assert (await edda.get(f"/auth/handoff?{asked}")).status_code in (404, 422)


@pytest.mark.parametrize("hard", IN_ADDRESSES)
async def test_passkeys_that_are_not_there(house: House, hard: str) -> None:
    edda = await signed_in(house)
    assert (await edda.submit(f"/settings/passkeys/{hard}/rename", name="Mine")).status_code == 404
    assert (await edda.submit(f"/settings/passkeys/{hard}/remove")).status_code == 404


@pytest.mark.parametrize("hard", IN_FORMS)
async def test_forms_about_nothing(house: House, hard: str) -> None:
    edda = await signed_in(house)
    before = await account_of(house, edda)
    right = {"kind": "provider", "issuer": "example", "subject": "edda"}
    for name in right:
        answer = await edda.submit("/settings/sign-in/disconnect", **{**right, name: hard})
        assert answer.status_code == 404, name
    for path, fields in (
        ("/auth/code", {"flow": hard, "code": "AAAA-AAAA"}),
        ("/auth/finish", {"flow": hard, "name": "Somebody"}),
        ("/settings/merge", {"flow": hard}),
        ("/settings/delete", {"name": hard, "texts": "keep"}),
        ("/settings", {"act": "looks", "locale": hard, "time_zone": hard, "theme": "auto"}),
        ("/settings/people", {"muted": hard}),
        ("/settings/sessions", {"act": "one", "session": hard}),
    ):
        assert (await edda.submit(path, **fields)).status_code < 500, path
    assert await account_of(house, edda) == before
    # What can't be shown is taken out of a name; nothing else of it may break anything.
    assert (await edda.submit("/settings", act="name", name=hard)).status_code in (303, 422)


@pytest.mark.parametrize("hard", IN_JSON)
async def test_progress_on_works_that_cannot_be(house: House, hard: str) -> None:
    edda = await signed_in(house)
    bodies = (
        f'{{"progress": {{"{hard}": {{"s": "done"}}}}}}',
        f'{{"progress": {{"{hard}": null}}}}',
        f'{{"progress": {{"jessica-jones": {{"s": "at", "u": "{hard}"}}}}}}',
        f'{{"ticks": {{"{hard}": ["{hard}"]}}}}',
        f'{{"ticks": {{"{hard}": []}}}}',
        f'{{"rules": {{"{hard}": "dont_care"}}}}',
        f'{{"rules": {{"{hard}": null}}}}',
    )
    for body in bodies:
        headers = {**OURS, "content-type": "application/json"}
        answer = await edda.http.put("/api/v1/me/progress", content=body.encode(), headers=headers)
        assert answer.status_code in (200, 400, 422), (body, answer.text)


@pytest.mark.parametrize("hard", ["\x00", "reader\x00-1234567", "\ud800", "reader\udfff-1234567"])
async def test_what_a_publisher_signs(house: House, hard: str) -> None:
    publisher = await a_publisher(house)
    for claim in ("sub", "jti"):
        changes: dict[str, Any] = {claim: hard}
        assert reason(await publisher.enter(house.author, publisher.token(**changes)))
    assert await house.rows(select(tables.account.c.id)) == []


@pytest.mark.parametrize("hard", IN_JSON)
async def test_what_a_frame_redeems(house: House, hard: str) -> None:
    for field in ("site", "origin", "code"):
        sent = {"site": "newsroom", "origin": NEWS, "code": "x", "verifier": "v" * 43, field: "@"}
        body = "{" + ", ".join(f'"{name}": "{hard if text == "@" else text}"' for name, text in sent.items()) + "}"
        headers = {**OURS, "content-type": "application/json"}
        answer = await house.author.http.post("/api/v1/auth/redeem", content=body.encode(), headers=headers)
        assert answer.status_code in (400, 403, 404, 422), (body, answer.text)


@pytest.mark.parametrize("name", ["Edda\u3164", "Ed\u115fda", "\uffa0Edda", "Edda\u2065", "Ꭼdda", "ꓰdda", "E\u1160dda"])
async def test_nobody_else_is_called_like_an_account(house: House, name: str) -> None:
    edda = await signed_in(house)
    other = await signed_in(house, "Noor")
    answer = await house.attacker.send("It is me.", author_name=name)
    assert wrong_fields(answer) == {"author_name": "name_taken"}
    assert (await other.submit("/settings", act="name", name=name)).status_code == 422
    assert (await account_of(house, other)).name == "Noor"
    assert (await account_of(house, edda)).name == "Edda"


@pytest.mark.parametrize("name", ["Moderator\u115f", "Admin\u3164", "Aftershow\u1160", "The Newsroom\uffa0", "Ꭺdmin"])
async def test_nobody_reads_like_staff(house: House, name: str) -> None:
    assert wrong_fields(await house.attacker.send("Trust me.", author_name=name)) == {"author_name": "name_reserved"}


async def test_a_name_beyond_measure_is_nobody(house: House) -> None:
    """The same answer as for anybody who is not there."""
    noor = await house.newcomer()
    long, nobody = await noor.get(f"/u/{'x' * 3_000}"), await noor.get("/u/Nobody")
    assert (long.status_code, nobody.status_code) == (404, 404)
    assert long.text.replace("x" * 3_000, "Nobody") == nobody.text
    answer = await noor.send("Hello.", author_name="ﷺ" * 5_000)
    assert problem(answer)[0] == 422
