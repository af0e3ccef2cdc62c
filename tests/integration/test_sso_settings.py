"""Readers whom a publisher signs in reach their settings from its pages: only those who have no other way there, and
only for as long as they have none.
"""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest
from sqlalchemy import select

from forum.accounts import queries, tables
from forum.accounts.model import Account, Identity, Passkey, Role
from forum.accounts.queries_identity import PROVIDER, SSO, insert_identity
from forum.accounts.queries_passkey import insert_passkey
from forum.accounts.service_session import MOST_FRAMES
from forum.db import Tx
from forum.spoilers.tables import work
from tests.support.app import ARTICLE, NEWS, OURS, House, Person, problem
from tests.support.people import account_of, embedded, sign_in, signed_in, visitor
from tests.support.publisher import SSO_FORM, SSO_HOME, THEIRS, Publisher, a_publisher

pytestmark = pytest.mark.anyio

HOME = "/settings/data"
FORM = {**OURS, "content-type": "application/x-www-form-urlencoded"}


async def go_home(publisher: Publisher, person: Person, token: str | None = None, **fields: str) -> httpx.Response:
    """Post the form of the publisher's page."""
    sent = {"token": publisher.token() if token is None else token, **fields}
    return await person.http.post(SSO_HOME, data=sent, headers=THEIRS)


async def a_reader(house: House) -> tuple[Publisher, Person, Account]:
    """Somebody whom the newsroom signs in, and who is at their settings."""
    publisher, reader = await a_publisher(house), await house.newcomer("Edda")
    assert (await publisher.enter(reader)).status_code == 200
    assert (await go_home(publisher, reader, next=HOME)).status_code == 303
    return publisher, reader, await account_of(house, reader)


async def sessions(house: House, kind: str = "main") -> int:
    return len(await house.rows(select(tables.session.c.id).where(tables.session.c.kind == kind)))


async def test_a_form_on_the_publishers_page_leads_to_the_settings(house: House) -> None:
    publisher, reader = await a_publisher(house), await house.newcomer("Edda")
    answer = await go_home(publisher, reader)
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-sid=")
    assert "SameSite=Lax" in cookie
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "unsafe-none"
    assert "no-store" in answer.headers["cache-control"]
    assert "Edda" in (await reader.get("/settings")).text
    assert (await reader.get("/settings/sessions")).status_code == 200
    (row,) = await house.rows(select(tables.session))
    assert (row.kind, row.site_id, row.parent_id) == ("main", house.site.id, None)


async def test_it_is_the_same_person_as_in_the_frame(house: House) -> None:
    publisher, reader = await a_publisher(house), await house.newcomer("Edda")
    inside = (await publisher.enter(reader)).json()["account"]["id"]
    await go_home(publisher, reader)
    assert str((await account_of(house, reader)).id) == inside
    assert len(await house.rows(select(tables.account))) == 1


async def test_next_is_a_page_of_ours(house: House) -> None:
    publisher = await a_publisher(house)
    for wanted, location in {
        "": "/settings",
        HOME: HOME,
        "/d/5": "/auth?done=1&next=%2Fd%2F5",
        "//evil.example": "/auth?done=1&next=%2F",
        "https://evil.example/": "/auth?done=1&next=%2F",
    }.items():
        answer = await go_home(publisher, await house.newcomer(), next=wanted)
        assert answer.headers["location"] == location


async def test_they_export_and_delete_what_is_theirs(house: House) -> None:
    publisher, reader, account = await a_reader(house)
    posted = await reader.post("Words of mine.", author_name="")
    taken = await reader.http.post("/settings/export", headers=FORM)
    assert taken.status_code == 200
    assert orjson.loads(taken.content)["comments"][0]["id"] == posted["id"]
    gone = await reader.submit("/settings/delete", texts="remove", name="Edda")
    assert (gone.status_code, gone.headers["location"]) == (303, "/settings/deleted")
    while await house.run_jobs():
        pass
    assert not [row for row in await house.rows(select(tables.account)) if row.id == account.id]
    assert await house.rows(select(tables.session)) == []
    # The publisher's next token is that of a new person.
    await go_home(publisher, reader)
    assert (await account_of(house, reader)).id != account.id


async def test_who_has_to_prove_themselves_again_is_told_where(house: House) -> None:
    _, reader, account = await a_reader(house)
    await sign_in(house, reader, account, fresh=False)
    assert "Newsroom signs you in." in (await reader.get("/auth/again")).text


async def give(house: House, way: str, account: Account) -> None:
    """Something that is their own: a way in, or powers that are not the publisher's to give."""
    now, other = house.clock.now(), (await house.add_site("other", origins=("https://other.example",)))[0]

    async def done(tx: Tx) -> None:
        if way == "mail":
            email = "edda@mail.example"
            await queries.update_account(tx, account._replace(email=email, email_key=email, email_verified_at=now))
        elif way == "passkey":
            await insert_passkey(tx, Passkey("eA", account.id, "a2V5", 0, "Key", "usb", False, now, None))
        elif way == "provider":
            await insert_identity(tx, Identity(PROVIDER, "example", "edda", account.id, "edda", now, now))
        elif way == "other publisher":
            await insert_identity(tx, Identity(SSO, str(other.id), "reader-7", account.id, "Other", now, now))
        elif way == "owner":
            await queries.update_account(tx, account._replace(is_owner=True))
        else:
            await queries.set_role(tx, site_id=other.id, account_id=account.id, role=Role.TRUSTED, now=now)

    await house.rt.db.write(done)


WAYS = ["mail", "passkey", "provider", "other publisher", "owner", "role elsewhere"]


@pytest.mark.parametrize("way", WAYS)
async def test_who_has_a_way_or_powers_of_their_own_uses_them(house: House, way: str) -> None:
    publisher, reader = await a_publisher(house), await house.newcomer("Edda")
    account_id = int((await publisher.enter(reader)).json()["account"]["id"])
    account = await house.rt.db.write(lambda tx: queries.find_account(tx, account_id))
    assert account is not None
    await give(house, way, account)
    refused = await go_home(publisher, reader)
    assert refused.status_code == 403
    assert "Sign in with one of your own ways." in refused.text
    assert "set-cookie" not in refused.headers
    assert await sessions(house) == 0
    # Into the frame the publisher still lets them.
    assert (await publisher.enter(reader)).status_code == 200


@pytest.mark.parametrize("way", WAYS)
async def test_what_a_publisher_began_ends_once_they_have(house: House, way: str) -> None:
    """Else a session that the publisher has kept would act for somebody with powers elsewhere."""
    _, reader, account = await a_reader(house)
    frame = await embedded(house, reader)
    assert (await frame.read("/api/v1/me?site=newsroom"))["account"]
    await give(house, way, account)
    assert (await reader.get("/settings")).headers["location"] == "/auth?next=/settings"
    assert (await frame.read("/api/v1/me?site=newsroom"))["account"] is None
    await sign_in(house, reader, account)
    assert (await reader.get("/settings")).status_code == 200
    listed = (await reader.get("/settings/sessions")).text
    assert listed.count('name="session"') <= 2  # the publisher's frame, and at most this one


async def test_a_role_on_the_publishers_own_site_is_its_to_give(house: House) -> None:
    publisher = await a_publisher(house, sso_role="editor")
    reader = await house.newcomer("Edda")
    answer = await go_home(publisher, reader, publisher.token(role="editor"))
    assert answer.status_code == 303
    posted = await house.author.post("The butler did it.")
    assert (await reader.get(f"/api/v1/mod/comments/{posted['id']}/scope")).status_code == 200
    # What all sites share is not: the catalogue.
    sent = {"title": "A film", "kind": "film"}
    assert (await reader.submit("/catalogue/new", **sent)).status_code in (401, 403)
    assert await house.rows(select(work.c.id)) == []


async def test_a_token_counts_once_wherever_it_is_used(house: House) -> None:
    publisher, reader = await a_publisher(house), await house.newcomer()
    token = publisher.token()
    assert (await go_home(publisher, reader, token)).status_code == 303
    assert (await go_home(publisher, await house.newcomer(), token)).status_code == 403
    assert problem(await publisher.enter(await house.newcomer(), token)) == (403, "sso_refused")
    assert await sessions(house) == 1


@pytest.mark.parametrize("wrong", [{"aud": "https://other.example"}, {"iss": "https://evil.example"}, {"exp": 1}])
async def test_the_rules_of_tokens_are_the_same(house: House, wrong: dict[str, Any]) -> None:
    publisher = await a_publisher(house)
    refused = await go_home(publisher, house.author, publisher.token(**wrong))
    assert refused.status_code == 403
    assert "set-cookie" not in refused.headers
    assert await house.rows(select(tables.account)) == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        OURS,
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": NEWS, "sec-fetch-site": "same-origin"},
        {**THEIRS, "sec-fetch-dest": "iframe"},
        {**THEIRS, "sec-fetch-dest": "empty"},
    ],
)
async def test_only_a_whole_page_of_the_site_may(house: House, headers: dict[str, str]) -> None:
    publisher = await a_publisher(house)
    answer = await house.author.http.post(SSO_HOME, data={"token": publisher.token()}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert await house.rows(select(tables.account)) == []


async def test_it_is_a_form_and_never_an_address(house: House) -> None:
    publisher = await a_publisher(house)
    token = publisher.token()
    assert (await house.author.get(f"{SSO_HOME}?token={token}")).status_code == 405
    sent: dict[str, Any] = {"json": {"token": token}, "headers": THEIRS}
    assert (await house.author.http.post(SSO_HOME, **sent)).status_code == 415
    for fields in ({"token": ""}, {"next": HOME}, {"token": "x" * 5000}, {"token": token, "sub": "reader-8"}):
        assert (await house.author.http.post(SSO_HOME, data=fields, headers=THEIRS)).status_code == 422
    assert (await house.author.http.post("/auth/sso/nowhere", data={"token": token}, headers=THEIRS)).status_code == 404
    for path in ("/auth/sso/newsroom/", "/auth/sso/", "/auth/sso", "/auth/sso/a/b"):
        assert (await house.author.http.post(path, data={"token": token}, headers=THEIRS)).status_code == 403, path
    assert await sessions(house) == 0


async def test_a_browser_that_is_signed_in_as_another_stays_so(house: House) -> None:
    publisher, ravi = await a_publisher(house), await signed_in(house, "Ravi")
    assert (await go_home(publisher, ravi)).status_code == 403
    assert (await account_of(house, ravi)).name == "Ravi"


async def test_who_is_no_longer_signed_in_by_a_publisher_is_signed_out_there(house: House) -> None:
    publisher, reader = await a_publisher(house), await house.newcomer("Edda")
    await publisher.enter(reader)
    (row,) = await house.rows(select(tables.identity))
    fields = {"kind": row.kind, "issuer": row.issuer, "subject": row.subject}
    account = await house.rt.db.write(lambda tx: queries.find_account(tx, row.account_id))
    assert account is not None
    own = await sign_in(house, await house.newcomer("Edda"), account)
    handed = await embedded(house, own)
    last = await own.submit("/settings/sign-in/disconnect", **fields)
    assert last.status_code == 409  # there is no other way to these settings
    await give(house, "passkey", account)
    assert (await own.submit("/settings/sign-in/disconnect", **fields)).status_code == 303
    assert (await reader.read("/api/v1/me?site=newsroom"))["account"] is None
    assert (await handed.read("/api/v1/me?site=newsroom"))["account"]["name"] == "Edda"


async def test_an_account_has_so_many_frames_at_once(house: House) -> None:
    publisher = await a_publisher(house)
    frames = [await house.newcomer() for _ in range(3)]
    for frame in frames[:2]:
        await publisher.enter(frame)
    cookie = visitor(house, frames[0])
    last = frames[2]
    for _ in range(MOST_FRAMES - 1):
        last.http.cookies.clear()
        assert (await publisher.enter(last)).status_code == 200
    assert await sessions(house, "embed") == MOST_FRAMES
    assert cookie.embed is not None
    assert (await frames[0].read("/api/v1/me?site=newsroom"))["account"] is None
    assert (await frames[1].read("/api/v1/me?site=newsroom"))["account"] is not None
    assert (await last.read("/api/v1/me?site=newsroom"))["account"] is not None


async def test_the_frames_form_stays_what_it_was(house: House) -> None:
    publisher = await a_publisher(house)
    answer = await house.author.http.post(
        SSO_FORM, data={"token": publisher.token(), "url": ARTICLE}, headers={**THEIRS, "sec-fetch-dest": "iframe"}
    )
    assert answer.status_code == 303
    assert await sessions(house) == 0
