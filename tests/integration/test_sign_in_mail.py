"""Signing in by mail: links and codes, for who is known and who is not, used once and in time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from forum.accounts import queries
from forum.accounts.links import ALPHABET, mail_token
from forum.accounts.model import Account, State
from forum.accounts.tables import account, auth_flow, mail, session
from forum.db import metadata
from forum.web.visitors import main_cookie_name
from tests.support.app import House, Person
from tests.support.forms import fill
from tests.support.mailing import PostOffice, ask, by_mail
from tests.support.people import account_of, an_account, sign_in, visitor

pytestmark = pytest.mark.anyio

ADA = "ada@mail.example"


async def accounts_of(house: House) -> list[Any]:
    return await house.rows(select(account).order_by(account.c.id))


async def everything(house: House) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    return {name: sorted(map(tuple, await house.rows(select(table)))) for name, table in metadata.tables.items()}


async def is_in(house: House, person: Person) -> Account | None:
    """Whose session a browser has."""
    return await account_of(house, person) if visitor(house, person).main else None


async def test_a_link_makes_an_account_for_a_new_person(post: PostOffice) -> None:
    house, person = post.house, post.house.author
    await ask(person, ADA, next="/catalogue?q=a")
    link = await post.link(ADA)
    page = await person.get(link)
    assert page.status_code == 200
    assert ADA in page.text
    assert 'name="name"' in page.text
    answer = await person.submit(link, name="  Ada   Lovelace ")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/auth?done=1&next=%2Fcatalogue%3Fq%3Da"
    made = await account_of(house, person)
    assert (made.name, made.email, made.email_key) == ("Ada Lovelace", ADA, ADA)
    assert made.email_verified_at == house.clock.now()
    inside = await person.get(answer.headers["location"])
    assert "data-signed-in data-go" in inside.text
    assert "Ada Lovelace" in inside.text
    assert 'data-next="/catalogue?q=a"' in inside.text


async def test_a_link_signs_in_who_is_known(post: PostOffice) -> None:
    house = post.house
    known = await an_account(house, "Ada", email=ADA)
    await ask(house.author, "Ada@MAIL.example")
    link = await post.link("mail.example")
    assert 'name="name"' not in (await house.author.get(link)).text
    answer = await fill(house.author, link)
    assert answer.status_code == 303, answer.text
    assert (await account_of(house, house.author)).id == known.id
    assert len(await accounts_of(house)) == 1


async def test_a_code_does_the_same(post: PostOffice) -> None:
    house, person = post.house, post.house.author
    await an_account(house, "Ada", email=ADA)
    handle = await ask(person, ADA)
    code = (await post.code(ADA)).lower().replace("-", " ")
    answer = await person.submit("/auth/code", flow=handle, code=f" {code} ")
    assert answer.status_code == 303, answer.text
    assert (await account_of(house, person)).name == "Ada"


async def test_a_new_person_with_a_code_is_asked_for_a_name(post: PostOffice) -> None:
    house, person = post.house, post.house.author
    handle = await ask(person, ADA, next="/settings")
    answer = await person.submit("/auth/code", flow=handle, code=await post.code(ADA))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/auth/finish?flow=")
    assert await is_in(house, person) is None
    page = await person.get(answer.headers["location"])
    assert page.status_code == 200
    assert 'name="name"' in page.text
    finishing = answer.headers["location"].partition("flow=")[2]
    refused = await person.submit("/auth/finish", flow=finishing, name="admin")
    assert refused.status_code == 422
    assert 'value="admin"' in refused.text
    assert "looks like someone" in refused.text
    done = await person.submit("/auth/finish", flow=finishing, name="Ada")
    assert done.headers["location"] == "/settings"
    assert (await account_of(house, person)).email == ADA
    again = await house.attacker.submit("/auth/finish", flow=finishing, name="Eve")
    assert again.status_code == 404
    assert len(await accounts_of(house)) == 1


async def test_a_refused_name_is_kept_and_the_link_still_counts(post: PostOffice) -> None:
    house, person = post.house, post.house.author
    await an_account(house, "Ada")
    await ask(person, ADA)
    link = await post.link(ADA)
    for name, said in (("АDA", "has a name like that"), ("", "give a name"), ("1234", "letter or a picture")):
        refused = await person.submit(link, name=name)
        assert refused.status_code == 422
        assert said in refused.text
        assert f'value="{name}"' in refused.text
        assert "set-cookie" not in refused.headers
    assert (await person.submit(link, name="Ada Two")).status_code == 303
    assert [row.name for row in await accounts_of(house)] == ["Ada", "Ada Two"]


async def test_scanners_change_nothing(post: PostOffice) -> None:
    house, person = post.house, post.house.author
    await ask(person, ADA)
    link = await post.link(ADA)
    before = await everything(house)
    for _ in range(20):
        assert (await house.attacker.get(link)).status_code == 200
        head = await house.attacker.http.head(link)
        assert head.status_code == 200
        assert not head.content
        assert "set-cookie" not in head.headers
    assert await everything(house) == before
    assert (await person.submit(link, name="Ada")).status_code == 303


async def test_a_link_counts_once(post: PostOffice) -> None:
    house, person = post.house, post.house.author
    handle = await ask(person, ADA)
    link, code = await post.link(ADA), await post.code(ADA)
    assert (await person.submit(link, name="Ada")).status_code == 303
    for answer in (await house.attacker.get(link), await house.attacker.submit(link, name="Eve")):
        assert answer.status_code == 404
    refused = await house.attacker.submit("/auth/code", flow=handle, code=code)
    assert refused.status_code == 422
    assert len(await accounts_of(house)) == 1
    assert len(await house.rows(select(session))) == 1


async def test_after_ten_minutes_it_is_over(post: PostOffice) -> None:
    house, person = post.house, post.house.author
    handle = await ask(person, ADA)
    link, code = await post.link(ADA), await post.code(ADA)
    house.clock.advance(timedelta(minutes=9, seconds=59))
    assert (await person.get(link)).status_code == 200
    house.clock.advance(timedelta(seconds=1))
    assert (await person.get(link)).status_code == 404
    assert (await person.submit(link, name="Ada")).status_code == 404
    assert (await person.submit("/auth/code", flow=handle, code=code)).status_code == 422
    assert await accounts_of(house) == []


async def test_a_link_needs_our_proof(post: PostOffice) -> None:
    house, person = post.house, post.house.author
    handle = await ask(person, ADA)
    await ask(house.attacker, "eve@mail.example")
    link = await post.link(ADA)
    theirs = (await post.link("eve@mail.example")).partition(".")[2]
    for token in (
        handle,
        f"{handle}.",
        f"{handle}.{'0' * 32}",
        f"{handle}.{theirs}",
        f".{theirs}",
        "é",
        "%00",
        link + "0",
    ):
        path = f"/auth/link/{token}" if not token.startswith("/") else token
        assert (await person.get(path)).status_code == 404, path
        assert (await person.submit(path, name="Eve")).status_code == 404, path
    assert (await person.submit(link, name="Ada")).status_code == 303


async def test_nothing_in_the_database_is_a_proof(post: PostOffice) -> None:
    house, person = post.house, post.house.author
    handle = await ask(person, ADA)
    stored = str(await house.rows(select(auth_flow))) + str(await house.rows(select(mail)))
    code, token = await post.code(ADA), mail_token(house.rt.settings, handle)
    assert handle in stored
    assert code not in stored
    assert code.replace("-", "") not in stored
    assert token.partition(".")[2] not in stored


async def test_five_wrong_codes_end_it(post: PostOffice) -> None:
    house, person = post.house, post.house.author
    handle = await ask(person, ADA)
    right = await post.code(ADA)
    wrong = ("B" if right[0] == "A" else "A") + right[1:]
    refused = await person.submit("/auth/code", flow=handle, code=wrong)
    for _ in range(4):
        refused = await person.submit("/auth/code", flow=handle, code=wrong)
        assert refused.status_code == 422
        assert "not the code" in refused.text
        assert handle in refused.text
    over = await person.submit("/auth/code", flow=handle, code=right)
    assert (over.status_code, over.content) == (refused.status_code, refused.content)
    assert await house.rows(select(auth_flow)) == []


async def test_four_wrong_codes_do_not(post: PostOffice) -> None:
    handle = await ask(post.house.author, ADA)
    for typed in ("AAAA-AAAA", "", "🦊", ALPHABET * 4):
        assert (await post.house.author.submit("/auth/code", flow=handle, code=typed)).status_code == 422
    code = await post.code(ADA)
    assert (await post.house.author.submit("/auth/code", flow=handle, code=code)).status_code == 303


async def test_many_guesses_at_once_are_no_more_than_five(post: PostOffice) -> None:
    person = post.house.author
    handle = await ask(person, ADA)
    code = await post.code(ADA)
    guesses = [f"AAAA-AAA{letter}" for letter in ALPHABET[:11]]
    answers = await asyncio.gather(*(person.submit("/auth/code", flow=handle, code=guess) for guess in guesses))
    assert {answer.status_code for answer in answers} == {422}
    assert (await person.submit("/auth/code", flow=handle, code=code)).status_code == 422
    assert await post.house.rows(select(auth_flow)) == []


async def test_of_many_at_once_one_uses_the_link(post: PostOffice) -> None:
    house = post.house
    await an_account(house, "Ada", email=ADA)
    handle = await ask(house.author, ADA)
    link, code = await post.link(ADA), await post.code(ADA)
    people = [await house.newcomer() for _ in range(6)]
    answers = await asyncio.gather(
        *(one.submit(link, lang="en") for one in people[:3]),
        *(one.submit("/auth/code", flow=handle, code=code) for one in people[3:]),
    )
    assert [answer.status_code for answer in answers].count(303) == 1
    assert len(await house.rows(select(session))) == 1


async def test_a_code_counts_for_its_own_page_only(post: PostOffice) -> None:
    house = post.house
    await ask(house.author, ADA)
    theirs = await ask(house.attacker, "eve@mail.example")
    refused = await house.attacker.submit("/auth/code", flow=theirs, code=await post.code(ADA))
    assert refused.status_code == 422


async def test_who_is_known_and_who_is_not_get_the_same_answer(post: PostOffice) -> None:
    house = post.house
    await an_account(house, "Ada", email=ADA)
    seen = []
    for address in (ADA, "nobody@mail.example"):
        person = await house.newcomer()
        with house.recorded() as statements:
            answer = await person.submit("/auth/email", email=address)
        handle = answer.headers["location"].partition("flow=")[2].partition("&")[0]
        page = await person.get(answer.headers["location"])
        wrong = await person.submit("/auth/code", flow=handle, code="AAAA-AAAA")
        headers = [sorted(a.headers.items()) for a in (answer, page, wrong)]
        parts = (answer.status_code, answer.content, page.content, wrong.status_code, wrong.content, headers)
        seen.append((str(parts).replace(handle, "HANDLE"), statements))
    assert seen[0] == seen[1]


async def test_no_account_is_looked_up_where_mail_is_asked_for(post: PostOffice) -> None:
    with post.house.recorded() as statements:
        await ask(post.house.author, ADA)
    assert not [s for s in statements if "FROM account" in str(s) or "account " in str(s).split("FROM")[-1]]


async def test_an_operators_address_is_verified_by_its_first_link(post: PostOffice) -> None:
    house = post.house
    given = await an_account(house, "Ada", email=ADA)
    await house.rt.db.write(lambda tx: queries.update_account(tx, given._replace(email_verified_at=None)))
    house.clock.advance(timedelta(minutes=1))
    assert (await by_mail(post, house.author, ADA)).status_code == 303
    assert (await account_of(house, house.author)).email_verified_at == house.clock.now()


async def test_a_new_session_each_time(post: PostOffice) -> None:
    house, person = post.house, post.house.author
    name = main_cookie_name(house.rt.settings)
    person.http.cookies.set(name, "chosen-by-somebody-else", domain="talk.example")
    await by_mail(post, person, ADA, name="Ada")
    first = visitor(house, person).main
    assert first is not None
    assert "chosen" not in first
    await by_mail(post, person, ADA)
    second = visitor(house, person).main
    assert second != first
    # The one that this browser had before is over.
    assert len(await house.rows(select(session))) == 1
    thief = await house.newcomer()
    thief.http.cookies.set(name, first, domain="talk.example")
    assert (await thief.get("/auth/again")).status_code == 303


async def test_somebody_elses_session_is_never_taken_over(post: PostOffice) -> None:
    """Session fixation: the attacker's live session sits in the browser of somebody who then signs in."""
    house, victim = post.house, post.house.author
    mallory = await an_account(house, "Mallory")
    await sign_in(house, house.attacker, mallory)
    planted = visitor(house, house.attacker).main
    assert planted is not None
    name = main_cookie_name(house.rt.settings)
    await ask(victim, ADA)
    link = await post.link(ADA)
    victim.http.cookies.set(name, planted, domain="talk.example", path="/")
    answer = await victim.submit(link, name="Ada")
    assert answer.headers["set-cookie"].startswith(f"{name}=")
    assert planted not in answer.headers["set-cookie"]
    # The planted token is nobody's now, least of all Ada's.
    assert (await house.attacker.get("/auth/again")).status_code == 303


async def test_a_disabled_account_stays_out(post: PostOffice) -> None:
    house = post.house
    known = await an_account(house, "Ada", email=ADA)
    await house.rt.db.write(lambda tx: queries.update_account(tx, known._replace(state=State.DISABLED)))
    handle = await ask(house.author, ADA)
    for answer in (
        await house.author.submit("/auth/code", flow=handle, code=await post.code(ADA)),
        await fill(house.author, await post.link(ADA)),
    ):
        assert answer.status_code == 403
        assert "switched off" in answer.text
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "address", ["", "ada", "ada@", "@mail.example", "a b@mail.example", "a@b@c.example", "ada@host", "x" * 300]
)
async def test_what_is_no_address(post: PostOffice, address: str) -> None:
    answer = await post.house.author.submit("/auth/email", email=address)
    assert answer.status_code == 422
    assert "not an e-mail address" in answer.text
    assert await post.house.rows(select(auth_flow)) == []


async def test_without_mail_nobody_is_offered_any(house: House) -> None:
    page = await house.author.get("/auth")
    assert page.status_code == 200
    assert 'name="email"' not in page.text
    answer = await house.author.submit("/auth/email", email=ADA)
    assert answer.status_code == 409
    assert "sends no mail" in answer.text
    assert await house.rows(select(mail)) == []
