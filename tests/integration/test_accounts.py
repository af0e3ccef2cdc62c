"""Accounts: made, named, proved again, connected, moved to another address; and what happens when two race."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from forum.accounts import service_operator
from forum.accounts.arrivals import arrival_cookie
from forum.accounts.model import Account, Identity, Role, State
from forum.accounts.queries_identity import find_identity, insert_identity
from forum.accounts.service_people import Proof, arrive, create_account, decide, free_name, rename
from forum.accounts.service_session import require_account
from forum.accounts.signin.service_finish import finish
from forum.accounts.signin.service_mail import begin_email_change
from forum.accounts.tables import account, auth_flow, session
from forum.core.visitor import Visitor
from forum.errors import AftershowError, Forbidden, Invalid, NotFound, SignInNeeded
from tests.support.app import START, House, Person
from tests.support.forms import fill
from tests.support.mailing import PostOffice, ask
from tests.support.people import account_of, an_account, embedded, keep, sign_in, signed_in, visitor

pytestmark = pytest.mark.anyio

ADA, NEW = "ada@mail.example", "ada@new.example"
NOBODY = Visitor("198.51.100.9")


def elsewhere(subject: str = "7") -> Identity:
    return Identity("provider", "films", subject, 0, "ada@films", START, None)


async def make(house: House, name: str, *, email: str | None = None) -> Account:
    return await decide(
        house.rt,
        lambda tx: create_account(tx, house.rt, name, email=email, verified=True, now=house.clock.now()),
    )


async def come(house: House, proof: Proof, purpose: str = "sign_in", *, by: Person | None = None) -> tuple[str, bool]:
    """Where a proof leads, and whether a session begins or goes on."""
    who = NOBODY if by is None else visitor(house, by)
    arrival = await arrive(house.rt, proof, purpose=purpose, next_path="/settings", agent="Firefox", visitor=who)
    if arrival.finish is not None:
        keep(house.author, arrival_cookie(house.rt.settings, arrival, house.author.http.cookies) or "")
    return arrival.location, arrival.begun is not None


def codes(raised: AftershowError) -> list[tuple[str, str]]:
    return [(error.loc, error.code) for error in raised.errors]


def flow_in(location: str) -> str:
    return parse_qs(urlsplit(location).query)["flow"][0]


async def test_names_are_unique_by_how_they_look(house: House) -> None:
    await make(house, "Pavel")
    for name in ("pavel", "Раvеl", "P\u200bavel", "Ｐavel"):
        with pytest.raises(Invalid) as caught:
            await make(house, name)
        assert codes(caught.value) == [("name", "name_taken")]
    for name, code in (
        ("", "name_empty"),
        ("mod", "name_reserved"),
        ("a/b", "name_unusable"),
        ("x" * 41, "name_too_long"),
    ):
        with pytest.raises(Invalid) as caught:
            await make(house, name)
        assert codes(caught.value) == [("name", code)]
    assert len(await house.rows(select(account))) == 1


async def test_of_two_who_take_a_name_at_once_one_has_it(house: House) -> None:
    names = ("Pavel", "Раvеl", "PAVEL", "Pave1")
    done = await asyncio.gather(*(make(house, name) for name in names), return_exceptions=True)
    won = [one for one in done if isinstance(one, Account)]
    lost = [one for one in done if isinstance(one, Invalid)]
    assert (len(won), len(lost)) == (1, 3)
    assert {code for one in lost for code in codes(one)} == {("name", "name_taken")}


async def test_of_two_with_one_address_both_are_the_same_person(house: House) -> None:
    proof = Proof(email=ADA)
    flows = [flow_in((await come(house, proof))[0]) for _ in range(3)]
    arrived = await asyncio.gather(
        *(finish(house.rt, flow, f"Ada {n}", agent="", visitor=NOBODY) for n, flow in enumerate(flows, 3))
    )
    assert all(one.begun for one in arrived)
    assert len({one.begun.session.account_id for one in arrived if one.begun}) == 1
    assert len(await house.rows(select(account))) == 1


async def test_of_two_with_one_identity_both_are_the_same_person(house: House) -> None:
    proof = Proof(identity=elsewhere(), suggested_name="Ada")
    flows = [flow_in((await come(house, proof))[0]) for _ in range(3)]
    arrived = await asyncio.gather(
        *(finish(house.rt, flow, f"Ada {n}", agent="", visitor=NOBODY) for n, flow in enumerate(flows, 3))
    )
    assert len({one.begun.session.account_id for one in arrived if one.begun}) == 1
    assert len(await house.rows(select(account))) == 1


async def test_free_names(house: House) -> None:
    async def free(wanted: str) -> str:
        return await house.rt.db.write(lambda tx: free_name(tx, wanted))

    assert await free("Ada") == "Ada"
    await make(house, "Аda")
    assert await free("Ada") == "Ada 2"
    await make(house, "Ada 2")
    assert await free("ada") == "ada 3"
    assert await free("admin") == "Viewer"
    assert await free("") == "Viewer"
    assert await free("x" * 90) == "x" * 40
    await make(house, "x" * 40)
    assert await free("x" * 90) == "x" * 37 + " 2"
    for number in range(3, 20):
        await make(house, f"Ada {number}")
    made_up = await free("Ada")
    assert made_up.startswith("Ada ")
    await make(house, made_up)


async def test_rename(house: House) -> None:
    ada, eve = await make(house, "Ada"), await make(house, "Eve")

    async def call(who: Account, name: str) -> Account:
        return await decide(house.rt, lambda tx: rename(tx, who, name))

    assert (await call(ada, "ADA")).name == "ADA"
    with pytest.raises(Invalid) as caught:
        await call(eve, "Аda")
    assert codes(caught.value) == [("name", "name_taken")]
    assert (await call(ada, "Ada Lovelace")).skeleton != ada.skeleton
    assert (await call(eve, "Ada")).name == "Ada"


async def test_an_identity_of_nobody_waits_for_a_name(house: House) -> None:
    location, begun = await come(house, Proof(identity=elsewhere(), email=None, suggested_name="Ada"))
    assert location.startswith("/auth/finish?flow=")
    assert not begun
    # In another browser it is nothing: nobody gets an account that opens to what somebody else proved.
    assert (await house.attacker.get(location)).status_code == 404
    stolen = await house.attacker.submit("/auth/finish", flow=flow_in(location), name="Mallory")
    assert stolen.status_code == 404
    page = await house.author.get(location)
    assert 'value="Ada"' in page.text
    await make(house, "ada")
    assert 'value="Ada 2"' in (await house.author.get(location)).text
    answer = await fill(house.author, location)
    assert answer.headers["location"] == "/settings"
    made = await account_of(house, house.author)
    assert (made.name, made.email) == ("Ada 2", None)
    assert await come(house, Proof(identity=elsewhere())) == ("/settings", True)


async def test_addresses_of_providers_are_never_taken_over(house: House) -> None:
    await make(house, "Ada", email=ADA)
    location, _ = await come(house, Proof(identity=elsewhere(), suggested_name="Ada"))
    await fill(house.author, location)
    made = await account_of(house, house.author)
    assert made.name == "Ada 2"


async def test_a_fresh_proof_gives_the_session_a_new_token(house: House) -> None:
    person = await signed_in(house, "Ada", fresh=False)
    frame = await embedded(house, person)
    ada, old = await account_of(house, person), visitor(house, person)
    with pytest.raises(Forbidden):
        await require_account(house.rt, old, fresh=True)
    arrival = await arrive(house.rt, Proof(account=ada), purpose="again", next_path="/settings", agent="", visitor=old)
    assert arrival.begun is not None
    assert arrival.location == "/settings"
    with pytest.raises(SignInNeeded):
        await require_account(house.rt, old)
    await require_account(house.rt, Visitor("", main=arrival.begun.token), fresh=True)
    # What came from it goes on.
    assert len(await house.rows(select(session))) == 2
    assert visitor(house, frame).embed is not None


async def test_somebody_elses_proof_is_no_fresh_proof(house: House) -> None:
    person = await signed_in(house, "Ada", fresh=False)
    eve = await make(house, "Eve", email="eve@mail.example")
    before = await house.rows(select(session))
    for proof in (Proof(account=eve), Proof(email="eve@mail.example"), Proof(email=NEW), Proof(identity=elsewhere())):
        with pytest.raises(Forbidden) as caught:
            await come(house, proof, "again", by=person)
        assert caught.value.code == "other_person"
    with pytest.raises(SignInNeeded):
        await come(house, Proof(account=eve), "again")
    assert await house.rows(select(session)) == before


async def test_connect(house: House) -> None:
    person = await signed_in(house, "Ada")
    ada = await account_of(house, person)
    assert await come(house, Proof(identity=elsewhere()), "connect", by=person) == ("/settings", False)
    assert await come(house, Proof(identity=elsewhere()), "connect", by=person) == ("/settings", False)
    async with house.rt.db.read(fresh=True) as tx:
        found = await find_identity(tx, "provider", "films", "7")
    assert found is not None
    assert (found.account_id, found.created_at) == (ada.id, house.clock.now())
    house.clock.advance(timedelta(minutes=16))
    with pytest.raises(Forbidden) as caught:
        await come(house, Proof(identity=elsewhere("8")), "connect", by=person)
    assert caught.value.code == "sign_in_again"
    with pytest.raises(SignInNeeded):
        await come(house, Proof(identity=elsewhere("8")), "connect")


async def test_what_belongs_to_another_account_asks_whether_to_merge(house: House) -> None:
    person, eve = await signed_in(house, "Ada"), await make(house, "Eve")
    theirs = elsewhere()._replace(account_id=eve.id, created_at=house.clock.now())
    await house.rt.db.write(lambda tx: insert_identity(tx, theirs))
    location, begun = await come(house, Proof(identity=elsewhere()), "connect", by=person)
    assert location.startswith("/settings/merge?flow=")
    assert not begun
    flow = (await house.rows(select(auth_flow)))[0]
    mine, own = await require_account(house.rt, visitor(house, person))
    assert (flow.purpose, flow.account_id, flow.session_id) == ("merge", mine.id, own.id)
    assert f'"other":"{eve.id}"' in flow.data
    # The page for new people has nothing to do with it.
    assert (await house.attacker.get(f"/auth/finish?flow={flow.handle}")).status_code == 404
    assert (await house.attacker.submit("/auth/finish", flow=flow.handle, name="Mallory")).status_code == 404


async def test_disabled_accounts_begin_nothing(house: House) -> None:
    person = await signed_in(house, "Ada", email=ADA)
    ada = await account_of(house, person)
    await service_operator.switch(house.rt, "Ada", on=False)
    assert await house.rows(select(session)) == []
    for proof in (Proof(account=ada), Proof(email=ADA)):
        with pytest.raises(Forbidden) as caught:
            await come(house, proof)
        assert caught.value.code == "account_disabled"
    await service_operator.switch(house.rt, "ada", on=True)
    assert await come(house, Proof(account=ada)) == ("/settings", True)
    with pytest.raises(SignInNeeded):
        await require_account(house.rt, visitor(house, person))


async def test_a_passkey_of_an_account_that_is_gone_opens_nothing(house: House) -> None:
    ghost = (await make(house, "Ada"))._replace(id=1)
    with pytest.raises(SignInNeeded):
        await come(house, Proof(account=ghost))


async def change(post: PostOffice, person: Person, address: str = NEW) -> str:
    mine, own = await require_account(post.house.rt, visitor(post.house, person))
    return await begin_email_change(post.house.rt, mine, own, address)


async def test_an_address_is_changed_by_a_link_to_the_new_one(post: PostOffice) -> None:
    house = post.house
    person = await signed_in(house, "Ada", email=ADA)
    ada = await account_of(house, person)
    elsewhere_too = await sign_in(house, await house.newcomer(), ada)
    frame = await embedded(house, person)
    await change(post, person)
    assert [str(letter["To"]) for letter in await post.letters()].count(ADA) == 1
    assert NEW in await post.text(ADA)
    assert (await account_of(house, person)).email == ADA
    before = visitor(house, person)
    link = await post.link(NEW)
    for _ in range(3):
        assert NEW in (await person.get(link)).text
    answer = await fill(person, link)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/settings?done=1"
    changed = await account_of(house, person)
    assert (changed.email, changed.email_key, changed.email_verified_at) == (NEW, NEW, house.clock.now())
    assert [len(await post.letters(ADA)), len(await post.letters(NEW))] == [2, 2]
    for ended in (before, visitor(house, elsewhere_too)):
        with pytest.raises(SignInNeeded):
            await require_account(house.rt, ended)
    assert len(await house.rows(select(session))) == 1
    assert visitor(house, frame).embed is not None  # sent in vain from now on


async def test_a_change_counts_only_in_the_session_that_asked(post: PostOffice) -> None:
    house = post.house
    person = await signed_in(house, "Mallory", email="mallory@mail.example")
    victim = await signed_in(house, "Ada", email=ADA)
    handle = await change(post, person)
    link, code = await post.link(NEW), await post.code(NEW)
    for other in (victim, house.author):
        page = await other.get(link)
        assert "in the browser where you asked" in page.text
        assert "<form" not in page.text.partition("<main")[2].partition("</main>")[0]
        assert (await other.submit(link, lang="en")).status_code == 403
        assert (await other.submit("/auth/code", flow=handle, code=code)).status_code == 403
    assert (await account_of(house, victim)).email == ADA
    answer = await person.submit("/auth/code", flow=handle, code=code)
    assert answer.headers["location"] == "/settings?done=1"
    assert (await account_of(house, person)).email == NEW


async def test_an_address_of_somebody_else_leads_to_a_merge(post: PostOffice) -> None:
    house = post.house
    await make(house, "Other me", email=NEW)
    person = await signed_in(house, "Ada", email=ADA)
    await change(post, person)
    answer = await fill(person, await post.link(NEW))
    assert answer.headers["location"].startswith("/settings/merge?flow=")
    assert (await account_of(house, person)).email == ADA


async def test_a_change_needs_a_fresh_sign_in_and_another_address(post: PostOffice) -> None:
    house = post.house
    person = await signed_in(house, "Ada", email=ADA)
    for address, code in ((ADA.upper(), "same_email"), ("nothing", "bad_email")):
        with pytest.raises(Invalid) as caught:
            await change(post, person, address)
        assert codes(caught.value) == [("email", code)]
    house.clock.advance(timedelta(minutes=16))
    with pytest.raises(Forbidden) as late:
        await change(post, person)
    assert late.value.code == "sign_in_again"
    assert await post.letters() == []


async def test_again_by_mail(post: PostOffice) -> None:
    house = post.house
    person = await signed_in(house, "Ada", email=ADA, fresh=False)
    page = await person.get("/auth/again?next=/settings/data")
    assert ADA in page.text
    answer = await fill(person, "/auth/again?next=/settings/data")
    assert answer.headers["location"].startswith("/auth/code?flow=")
    link = await post.link(ADA)
    other = await sign_in(house, await house.newcomer(), await account_of(house, person), fresh=False)
    assert (await other.submit(link, lang="en")).status_code == 403
    old = visitor(house, person)
    done = await fill(person, link)
    assert done.headers["location"] == "/settings/data"
    await require_account(house.rt, visitor(house, person), fresh=True)
    with pytest.raises(SignInNeeded):
        await require_account(house.rt, old)


async def test_operators(house: House) -> None:
    place = (house.site.id, Role.MODERATOR)
    added = await service_operator.add_account(house.rt, "Ada", email=ADA, owner=True, place=place)
    assert (added.account.is_owner, added.account.email, added.account.email_verified_at) == (True, ADA, None)
    assert added.link is not None
    path = urlsplit(added.link).path
    assert "Ada" in (await house.author.get(path)).text
    assert (await fill(house.author, path)).status_code == 303
    mine = await account_of(house, house.author)
    assert (mine.id, mine.email_verified_at) == (added.account.id, None)
    assert (await house.attacker.get(path)).status_code == 404
    assert [(one.name, roles) for one, roles in await service_operator.list_people(house.rt)] == [
        ("Ada", {house.site.id: Role.MODERATOR})
    ]
    await service_operator.give_role(house.rt, "ada", house.site.id, Role.READER)
    await an_account(house, "Olga", owner=True)
    await service_operator.set_owner(house.rt, "ada", owner=False)
    (one, roles), _ = await service_operator.list_people(house.rt)
    assert (one.is_owner, roles, one.state) == (False, {}, State.ACTIVE)
    late = await service_operator.make_link(house.rt, "Ada")
    house.clock.advance(timedelta(minutes=60))
    assert (await house.attacker.get(urlsplit(late).path)).status_code == 404
    with pytest.raises(NotFound):
        await service_operator.make_link(house.rt, "Eve")
    for name, address in (("АDA", None), ("Eve", "ADA@mail.example")):
        with pytest.raises(Invalid):
            await service_operator.add_account(house.rt, name, email=address)


async def test_where_mail_goes_out_an_address_is_enough(post: PostOffice) -> None:
    added = await service_operator.add_account(post.house.rt, "Ada", email=ADA)
    assert added.link is None
    await ask(post.house.author, ADA)
    assert (await fill(post.house.author, await post.link(ADA))).status_code == 303
    assert (await account_of(post.house, post.house.author)).email_verified_at is not None
