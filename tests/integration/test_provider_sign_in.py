"""Signing in with a real OpenID provider: a new person, the same one again, connecting, disconnecting, saying no."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select

from forum.accounts.model import FRESH, Account, State
from forum.accounts.providers.service_connection import connections
from forum.accounts.queries import update_account
from forum.accounts.tables import account, identity, session
from tests.support.app import START, House, Person, open_house
from tests.support.identity import CALLBACK, IdentityProvider, SomebodyThere, add_provider, identity_provider
from tests.support.people import account_of, an_account, sign_in, signed_in

pytestmark = pytest.mark.anyio

START_HERE = "/auth/provider/example"
SETTINGS = "/settings/sign-in"


@pytest.fixture(scope="module")
def real() -> Iterator[IdentityProvider]:
    with identity_provider([CALLBACK]) as provider:
        yield provider


@pytest.fixture
async def here(engine_url: str, real: IdentityProvider, tmp_path: Path) -> AsyncIterator[House]:
    """An installation whose clock says what the provider's does, and that people can sign in to with it."""
    async with open_house(engine_url, egress_local=True, mail_url=f"file:{tmp_path}") as house:
        house.clock.advance(datetime.now(UTC) - START)
        await add_provider(house.rt, real.issuer)
        yield house


async def come_back(person: Person, somebody: SomebodyThere, *, do: str = "in", **query: str) -> httpx.Response:
    """Go to the provider, sign in there, and return our answer to what it sends the browser back with."""
    start = await person.get(START_HERE, params=query)
    assert start.status_code == 303, start.text
    back = await somebody.go(start.headers["location"], do=do)
    return await person.get(back)


async def begin_account(person: Person, somebody: SomebodyThere, **query: str) -> httpx.Response:
    """Come for the first time, and take the name that is suggested."""
    answer = await come_back(person, somebody, **query)
    location = urlsplit(answer.headers["location"])
    assert location.path == "/auth/finish"
    page = await person.get(answer.headers["location"])
    assert f'value="{somebody.login}"' in page.text
    return await person.submit("/auth/finish", flow=parse_qs(location.query)["flow"][0], name=somebody.login)


async def connect_href(house: House, person: Person) -> str:
    (offered,) = [c for c in await connections(house.rt, await account_of(house, person)) if c.connect_href]
    return offered.connect_href


async def connect(house: House, person: Person, somebody: SomebodyThere) -> httpx.Response:
    start = await person.get(await connect_href(house, person))
    assert start.status_code == 303, start.text
    return await person.get(await somebody.go(start.headers["location"]))


async def test_the_way_there_asks_for_little_and_proves_much(here: House, real: IdentityProvider) -> None:
    answer = await here.author.get(START_HERE, params={"next": "/d/1"})
    location = urlsplit(answer.headers["location"])
    asked = {name: values[0] for name, values in parse_qs(location.query).items()}
    assert f"{location.scheme}://{location.netloc}" == real.issuer
    assert asked["response_type"] == "code"
    assert asked["scope"] == "openid profile"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == CALLBACK
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-opener-policy"] == "unsafe-none"
    assert "no-store" in answer.headers["cache-control"]
    cookie = answer.headers["set-cookie"]
    name, *attributes = (part.strip() for part in cookie.split(";"))
    assert name.startswith("__Host-flow=")
    assert set(attributes) == {"Path=/", "HttpOnly", "Max-Age=600", "SameSite=Lax", "Secure"}
    again = await here.attacker.get(START_HERE)
    assert parse_qs(urlsplit(again.headers["location"]).query)["state"][0] != asked["state"]


async def test_a_new_person_gets_an_account_and_comes_back_to_it(here: House) -> None:
    async with SomebodyThere("noor") as noor:
        begun = await begin_account(here.author, noor, next="/settings")
        assert (begun.status_code, begun.headers["location"]) == (303, "/settings")
        known = await account_of(here, here.author)
        assert (known.name, known.email, known.email_verified_at) == ("noor", None, None)
        elsewhere = await here.newcomer()
        answer = await come_back(elsewhere, noor, next="/settings")
    assert answer.headers["location"] == "/settings"
    assert await account_of(here, elsewhere) == known
    cookies = answer.headers.get_list("set-cookie")
    assert any(c.startswith("__Host-sid=") and "SameSite=Lax" in c for c in cookies)
    assert any(c.startswith("__Host-flow=;") and "Max-Age=0" in c for c in cookies)
    (row,) = await here.rows(select(identity))
    assert (row.kind, row.issuer, row.subject, row.label) == ("provider", "example", "noor", "noor")
    assert row.used_at is not None


async def test_an_address_of_mail_opens_nothing_and_is_not_kept(here: House) -> None:
    """The provider says the same verified address as an account has: still somebody else."""
    await an_account(here, "Noor", email="noor@mail.example")
    async with SomebodyThere("noor") as noor:
        answer = await come_back(here.attacker, noor)
    assert answer.headers["location"].startswith("/auth/finish?")
    assert "sid=" not in "".join(answer.headers.get_list("set-cookie"))
    assert "mail.example" not in str(await here.rows(select(identity)))


async def test_a_session_of_before_is_not_taken_over(here: House) -> None:
    async with SomebodyThere("fix") as somebody:
        await begin_account(here.author, somebody)
        before = await here.rows(select(session.c.token_hash))
        await come_back(here.author, somebody)
    after = await here.rows(select(session.c.token_hash))
    assert len(after) == 1
    assert not {row[0] for row in before} & {row[0] for row in after}


async def test_a_sign_in_is_connected_from_the_settings(here: House) -> None:
    person = await signed_in(here, "Edda", email="edda@mail.example")
    async with SomebodyThere("edda") as edda:
        answer = await connect(here, person, edda)
        assert answer.headers["location"] == f"{SETTINGS}?done=connected"
        elsewhere = await here.newcomer()
        await come_back(elsewhere, edda)
    assert (await account_of(here, elsewhere)).name == "Edda"
    assert "You can sign in that way from now on." in (await person.get(answer.headers["location"])).text
    (view,) = await connections(here.rt, await account_of(here, person))
    assert (view.name, view.label, view.connect_href) == ("Example", "edda", "")
    page = await person.get(SETTINGS)
    assert "Example" in page.text
    assert 'value="edda"' in page.text
    gone = await person.submit(f"{SETTINGS}/disconnect", **view.fields)
    assert (gone.status_code, gone.headers["location"]) == (303, f"{SETTINGS}?done=disconnected")
    assert await here.rows(select(identity)) == []


async def test_a_sign_in_of_another_account_leads_to_merging(here: House) -> None:
    async with SomebodyThere("mira") as mira:
        await begin_account(here.author, mira)
        person = await signed_in(here, "Edda")
        answer = await connect(here, person, mira)
    assert answer.headers["location"].startswith("/settings/merge?flow=")
    assert len(await here.rows(select(account))) == 2
    (row,) = await here.rows(select(identity))
    assert row.account_id == (await account_of(here, here.author)).id


async def test_connecting_begins_in_ones_own_settings(here: House) -> None:
    """A foreign page can't make somebody connect a sign-in that is signed in there: that would be the foreigner's."""
    person, other = await signed_in(here, "Edda"), await signed_in(here, "Mallory")
    foreign = await connect_href(here, other)
    for href in (f"{START_HERE}?purpose=connect", foreign, foreign.replace("ticket=", "ticket=9")):
        answer = await person.get(href)
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    own = await connect_href(here, person)
    stranger = await here.author.get(own)
    assert (stranger.status_code, stranger.headers["location"]) == (303, f"/auth?next={SETTINGS}%3Fdone%3Dconnected")
    here.clock.advance(FRESH)
    stale = await person.get(own)
    assert stale.headers["location"].startswith("/auth/again?next=")


async def test_somebody_else_who_signs_in_meanwhile_is_connected_with_nothing(here: House) -> None:
    person = await signed_in(here, "Edda")
    async with SomebodyThere("edda") as edda:
        start = await person.get(await connect_href(here, person))
        back = await edda.go(start.headers["location"])
        await sign_in(here, person, await an_account(here, "Mallory"))
        answer = await person.get(back)
    assert answer.status_code == 400
    assert await here.rows(select(identity)) == []


async def test_the_last_way_in_stays(here: House) -> None:
    async with SomebodyThere("noor") as noor:
        await begin_account(here.author, noor)
    (view,) = await connections(here.rt, await account_of(here, here.author))
    answer = await here.author.submit(f"{SETTINGS}/disconnect", **view.fields)
    assert answer.status_code == 409
    assert SETTINGS in answer.text
    assert len(await here.rows(select(identity))) == 1


async def test_nobody_disconnects_what_is_anothers(here: House) -> None:
    async with SomebodyThere("noor") as noor:
        await begin_account(here.author, noor)
    (view,) = await connections(here.rt, await account_of(here, here.author))
    attacker = await signed_in(here, "Mallory")
    assert (await attacker.submit(f"{SETTINGS}/disconnect", **view.fields)).status_code == 404
    assert (await attacker.http.post(f"{SETTINGS}/disconnect", data=dict(view.fields))).status_code == 403
    assert len(await here.rows(select(identity))) == 1


async def test_a_fresh_proof_is_one_that_is_made_now(here: House) -> None:
    async with SomebodyThere("noor") as noor:
        await begin_account(here.author, noor)
        before = here.author.http.cookies["__Host-sid"]
        asked = noor.asked
        answer = await come_back(here.author, noor, purpose="again", next="/settings/data")
        assert noor.asked == asked + 1  # although the provider still knew who it was
        assert answer.headers["location"] == "/settings/data"
        assert here.author.http.cookies["__Host-sid"] != before
        async with SomebodyThere("somebody else") as other:
            refused = await come_back(here.author, other, purpose="again")
    assert refused.status_code == 403
    assert "another account" in refused.text


async def test_saying_no_leads_back_to_where_one_was(here: House) -> None:
    async with SomebodyThere("noor") as noor:
        answer = await come_back(here.author, noor, do="no", next="/d/5?sort=oldest")
    assert answer.status_code == 403
    assert 'href="/auth?next=/d/5%3Fsort%3Doldest"' in answer.text
    assert "Example did not let you through" in answer.text
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert await here.rows(select(session)) == []


async def test_a_disabled_account_is_not_let_in(here: House) -> None:
    async with SomebodyThere("noor") as noor:
        await begin_account(here.author, noor)
        await _disable(here, await account_of(here, here.author))
        answer = await come_back(await here.newcomer(), noor)
    assert answer.status_code == 403
    assert "switched off" in answer.text


async def _disable(house: House, known: Account) -> None:
    await house.rt.db.write(lambda tx: update_account(tx, known._replace(state=State.DISABLED)))


async def test_what_was_begun_lasts_ten_minutes(here: House) -> None:
    async with SomebodyThere("noor") as noor:
        start = await here.author.get(START_HERE)
        back = await noor.go(start.headers["location"])
        here.clock.advance(timedelta(minutes=11))
        answer = await here.author.get(back)
    assert answer.status_code == 400
    assert "begin again" in answer.text
    assert await here.rows(select(session)) == []


async def test_links_of_other_sites_end_at_the_page_that_offers_it(here: House) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    answer = await here.author.get(f"{START_HERE}?next=/d/1", headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/auth?next=/d/1")
    assert "set-cookie" not in answer.headers


async def test_an_unknown_provider_is_not_found(here: House) -> None:
    assert (await here.author.get("/auth/provider/nobody")).status_code == 404
    assert (await here.author.get("/auth/provider/nobody/callback?code=x&state=y")).status_code == 404
