"""The pages of signing in: where they lead, what they carry, how often they may be asked."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from sqlalchemy import select

from forum.accounts.signin.service_first import first_link
from forum.accounts.tables import account, auth_flow, mail, session
from tests.support.app import OURS, House
from tests.support.forms import Form, fill
from tests.support.mailing import PostOffice, ask, by_mail, handle_in
from tests.support.people import account_of, embedded, signed_in, visitor

pytestmark = pytest.mark.anyio

ADA = "ada@mail.example"
EVIL = (
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "evil.example",
    "/%0d%0aset-cookie:x=1\r\nx: y",
)


def place(answer: httpx.Response) -> str:
    return str(answer.headers["location"])


async def test_the_door_shows_the_ways_in(post: PostOffice) -> None:
    page = await post.house.author.get("/auth?next=/d/7")
    assert page.status_code == 200
    form = Form(page)
    assert (form.action, form.fields) == ("/auth/email", {"next": "/d/7", "email": ""})
    assert "data-passkey" in page.text
    assert "data-waiting" in page.text
    assert "data-signed-in" not in page.text
    assert "set-cookie" not in page.headers


async def test_who_is_in_goes_on_or_out(house: House) -> None:
    person = await signed_in(house, "Ada")
    page = await person.get("/auth?next=/d/7")
    assert "data-signed-in" in page.text
    assert "data-go" not in page.text
    assert 'href="/d/7"' in page.text
    other = await person.get("/auth?other=1&next=/d/7")
    assert "data-signed-in" not in other.text
    answer = await fill(person, "/auth?next=/d/7")
    assert place(answer) == "/auth?out=1&next=%2Fd%2F7"
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert visitor(house, person).main is None
    assert await house.rows(select(session)) == []
    assert "data-signed-out" in (await person.get(place(answer))).text


async def test_signing_out_ends_what_came_from_it_and_nothing_else(house: House) -> None:
    person = await signed_in(house, "Ada")
    await embedded(house, person)
    mine = await account_of(house, person)
    other = await signed_in(house, "Eve")
    await person.submit("/auth/sign-out", lang="en")
    rows = await house.rows(select(session))
    assert [row.account_id for row in rows] == [(await account_of(house, other)).id] != [mine.id]


async def test_sign_out_everywhere(post: PostOffice) -> None:
    house = post.house
    await by_mail(post, house.author, ADA, name="Ada")
    await by_mail(post, house.replier, ADA)
    await embedded(house, house.replier)
    assert len(await house.rows(select(session))) == 3
    await house.author.submit("/auth/sign-out", everywhere="1")
    assert await house.rows(select(session)) == []
    assert place(await house.replier.get("/auth/again")) == "/auth?next=%2F"


@pytest.mark.parametrize("evil", EVIL)
async def test_it_never_leads_to_another_server(post: PostOffice, evil: str) -> None:
    house, person = post.house, post.house.author
    query = urlencode({"next": evil})
    door = await person.get(f"/auth?{query}")
    assert 'data-next="/"' in door.text
    sent = await person.submit("/auth/email", email=ADA, next=evil)
    assert place(sent).endswith("&next=%2F")
    assert 'data-next="/"' in (await person.get(f"/auth/code?flow=x&{query}")).text
    answer = await fill(person, f"{await post.link(ADA)}?{query}", name="Ada")
    assert place(answer) == "/auth?done=1&next=%2F"
    inside = await person.get(f"/auth?done=1&{query}")
    assert 'data-next="/"' in inside.text
    assert 'href="/">Go on' in inside.text
    assert 'data-next="/"' in (await person.get(f"/auth/again?{query}")).text
    out = await person.submit("/auth/sign-out", next=evil)
    assert place(out) == "/auth?out=1&next=%2F"
    assert len(await house.rows(select(account))) == 1


async def test_headers(post: PostOffice) -> None:
    house = post.house
    person = await signed_in(house, "Ada", email=ADA)
    link = urlsplit(await first_link(house.rt) or "").path
    await ask(house.author, "new@mail.example")
    answers = [
        await person.get("/auth"),
        await person.get("/auth/again"),
        await person.submit("/auth/again", next="/"),
        await house.author.get("/auth"),
        await house.author.get("/auth/code?flow=x"),
        await house.author.get(await post.link("new@mail.example")),
        await house.author.get(link),
        await house.author.get("/auth/link/nothing"),
        await house.author.get("/auth/finish"),
        await house.author.submit("/auth/email", email=ADA),
        await house.author.submit("/auth/email", email="x"),
        await house.author.submit("/auth/code", flow="x", code="y"),
        await person.submit("/auth/sign-out", lang="en"),
    ]
    for answer in answers:
        assert answer.headers["cross-origin-opener-policy"] == "unsafe-none"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "no-store" in answer.headers["cache-control"]
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        if "<form" in answer.text:
            # Without it browsers send the form with `Origin: null`, which is refused.
            assert '<meta name="referrer" content="same-origin">' in answer.text


async def test_the_cookie(post: PostOffice) -> None:
    answer = await by_mail(post, post.house.author, ADA, name="Ada")
    [cookie] = answer.headers.get_list("set-cookie")
    parts = cookie.split("; ")
    assert parts[0].startswith("__Host-sid=")
    assert set(parts[1:]) == {"Path=/", "HttpOnly", "Secure", "SameSite=Lax", f"Max-Age={90 * 24 * 3600}"}


async def test_other_origins_write_nothing(post: PostOffice) -> None:
    house, person = post.house, await signed_in(post.house, "Ada", email=ADA)
    handle = await ask(house.author, "new@mail.example")
    link, code = await post.link("new@mail.example"), await post.code("new@mail.example")
    before = [await house.rows(select(table)) for table in (account, session, auth_flow, mail)]
    forms = {
        "/auth/email": {"email": ADA},
        "/auth/code": {"flow": handle, "code": code},
        "/auth/again": {"next": "/"},
        "/auth/sign-out": {"everywhere": "1"},
        "/auth/finish": {"flow": "x", "name": "Eve"},
        link: {"name": "Eve"},
    }
    for path, fields in forms.items():
        for foreign in ({}, {"origin": "null"}, {"origin": "https://evil.example"}, {"sec-fetch-site": "same-site"}):
            answer = await person.http.post(path, data=fields, headers=foreign)
            assert (answer.status_code, "set-cookie" in answer.headers) == (403, False), path
        for kind in ("text/plain", "application/json"):
            answer = await person.http.post(path, content=b"{}", headers={**OURS, "content-type": kind})
            assert answer.status_code == 415, path
        for method in ("PUT", "DELETE", "PATCH"):
            assert (await person.http.request(method, path, headers=OURS)).status_code == 405
    assert [await house.rows(select(table)) for table in (account, session, auth_flow, mail)] == before


async def test_unknown_fields_are_refused(post: PostOffice) -> None:
    answer = await post.house.author.submit("/auth/email", email=ADA, account_id="1")
    assert answer.status_code == 422
    assert await post.house.rows(select(auth_flow)) == []


async def test_languages(post: PostOffice) -> None:
    person = post.house.author
    german = await person.get("/auth?lang=de")
    assert '<html lang="de"' in german.text
    assert Form(german).fields["lang"] == "de"
    sent = await fill(person, "/auth?lang=de", email=ADA)
    assert "lang=de" in place(sent)
    accepted = await person.get("/auth", headers={"accept-language": "ar"})
    assert '<html lang="ar" dir="rtl"' in accepted.text


async def test_who_is_not_in_can_not_prove_it_again(post: PostOffice) -> None:
    assert place(await post.house.author.get("/auth/again?next=/settings")) == "/auth?next=%2Fsettings"
    assert place(await post.house.author.submit("/auth/again", next="/settings")) == "/auth?next=%2Fsettings"
    assert await post.house.rows(select(mail)) == []


async def test_without_an_address_there_is_no_mail_again(post: PostOffice) -> None:
    person = await signed_in(post.house, "Ada")
    page = await person.get("/auth/again")
    assert "no way to do that" in page.text
    assert (await person.submit("/auth/again", next="/")).status_code == 409
    assert await post.house.rows(select(mail)) == []


# The first owner.


async def test_the_first_owner(house: House) -> None:
    link = await first_link(house.rt)
    assert link is not None
    path = urlsplit(link).path
    for _ in range(5):
        assert (await house.attacker.get(path)).status_code == 200
    assert 'name="email"' not in (await house.author.get(path)).text
    refused = await house.author.submit(path, name="admin", email="a@b")
    assert refused.status_code == 422
    assert 'value="admin"' in refused.text
    answer = await house.author.submit(path, name="Ada", email=ADA)
    assert place(answer) == "/settings"
    owner = await account_of(house, house.author)
    assert (owner.is_owner, owner.email, owner.email_key) == (True, None, None)
    for late in (await house.attacker.get(path), await house.attacker.submit(path, name="Eve")):
        assert late.status_code == 404
    assert await first_link(house.rt) is None
    assert len(await house.rows(select(account))) == 1


async def test_a_first_owners_address_counts_once_they_have_read_its_mail(post: PostOffice) -> None:
    house, owner = post.house, post.house.author
    path = urlsplit(await first_link(house.rt) or "").path
    assert 'value="a@b"' in (await owner.submit(path, name="Ada", email="a@b")).text
    answer = await fill(owner, path, name="Ada", email=ADA)
    assert place(answer).startswith("/auth/code?flow=")
    assert (await account_of(house, owner)).email is None
    assert (await owner.get(place(answer))).status_code == 200
    code = await post.code(ADA)
    # Whoever has the mailbox of an address that was mistyped is somebody new.
    stranger = await by_mail(post, house.attacker, ADA, name="Eve")
    assert stranger.status_code == 303
    assert not (await account_of(house, house.attacker)).is_owner
    other = "ada@right.example"
    changing = await owner.submit("/settings", act="email", email=other)
    done = await owner.submit("/auth/code", flow=handle_in(changing), code=await post.code(other))
    assert done.status_code == 303
    mine = await account_of(house, owner)
    assert (mine.is_owner, mine.email, mine.email_verified_at) == (True, other, house.clock.now())
    late = await owner.submit("/auth/code", flow=handle_in(answer), code=code)
    assert late.status_code == 422  # what was begun with the old address ended with the change


async def test_a_first_owner_types_the_code_and_has_an_address(post: PostOffice) -> None:
    house, owner = post.house, post.house.author
    path = urlsplit(await first_link(house.rt) or "").path
    answer = await fill(owner, path, name="Ada", email=ADA)
    await owner.submit("/auth/code", flow=handle_in(answer), code=await post.code(ADA))
    mine = await account_of(house, owner)
    assert (mine.email, mine.email_verified_at) == (ADA, house.clock.now())


async def test_a_first_link_ends_by_time_and_by_the_next(house: House) -> None:
    older = urlsplit(await first_link(house.rt) or "").path
    newer = urlsplit(await first_link(house.rt) or "").path
    assert (await house.author.get(older)).status_code == 404
    assert (await house.author.get("/auth/first/" + "0" * 64)).status_code == 404
    assert (await house.author.get("/auth/first/ä")).status_code == 404
    house.clock.advance(timedelta(minutes=60))
    assert (await house.author.get(newer)).status_code == 404
    assert (await house.author.submit(newer, name="Ada")).status_code == 404
    # Nothing in the database is the link.
    fresh = urlsplit(await first_link(house.rt) or "").path
    assert fresh.rpartition("/")[2] not in str(await house.rows(select(auth_flow)))
