"""Rate limits: by person and by network, with a time to wait, and without taking what was typed."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.app import ARTICLE, FORM, OURS, House, Person, open_house, problem
from tests.support.people import account_of, embedded, sign_in, signed_in

pytestmark = pytest.mark.anyio
# The window slides: across the end of a minute a few more than the limit may pass.
SOME_MORE = 6


@pytest.fixture
async def limited(engine_url: str) -> AsyncIterator[House]:
    async with open_house(engine_url, rate_limits=True) as opened:
        yield opened


async def until_limited(person: Person, *, most: int) -> httpx.Response:
    for number in range(most + SOME_MORE):
        answer = await person.send(f"Number {number}.")
        if answer.status_code != 201:
            assert number >= most
            return answer
    raise AssertionError("nothing was limited")


async def test_a_person_is_slowed_down_and_told_how_long(limited: House) -> None:
    answer = await until_limited(limited.attacker, most=10)
    assert problem(answer) == (429, "rate_limited")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.headers["retry-after"] in answer.json()["detail"]
    await limited.recount()


async def test_a_stranger_cannot_lock_out_a_person(limited: House) -> None:
    await until_limited(limited.attacker, most=10)
    await limited.author.post("I was not part of that.")


async def test_a_neighbour_with_a_capability_is_counted_alone(limited: House) -> None:
    neighbour = await limited.newcomer("Noor", network="198.51.100.3")
    await neighbour.post("Before the flood.")
    await until_limited(limited.attacker, most=9)
    await neighbour.post("After the flood.")


async def test_a_person_is_one_in_all_their_sessions(limited: House) -> None:
    first = await signed_in(limited, "Edda")
    edda = await account_of(limited, first)
    second = await sign_in(limited, await limited.newcomer("Edda"), edda)
    frame = await embedded(limited, second)
    statuses = []
    for number in range(10 + SOME_MORE):
        browser = (first, second, frame)[number % 3]
        statuses.append((await browser.send(f"Number {number}.", author_name="")).status_code)
    assert 10 <= statuses.count(201) < 10 + SOME_MORE
    assert {(await browser.send("More.", author_name="")).status_code for browser in (first, second, frame)} == {429}
    await (await signed_in(limited, "Otto")).post("I was not part of that.")


async def test_the_settings_count_an_account_as_one_too(limited: House) -> None:
    first = await signed_in(limited, "Edda")
    second = await sign_in(limited, await limited.newcomer("Edda"), await account_of(limited, first))
    looks = {"act": "looks", "locale": "", "time_zone": "", "theme": "dark"}
    statuses = [(await (first, second)[n % 2].submit("/settings", **looks)).status_code for n in range(60 + SOME_MORE)]
    assert set(statuses) == {303, 429}


async def test_forgetting_the_cookie_does_not_help(limited: House) -> None:
    for number in range(10 + SOME_MORE):
        limited.attacker.http.cookies.clear()
        if (await limited.attacker.send(f"Number {number}.")).status_code == 429:
            return
    raise AssertionError("nothing was limited")


async def test_an_ipv6_household_is_one_network(limited: House) -> None:
    for number in range(10 + SOME_MORE):
        person = await limited.newcomer(network=f"2001:db8:1:2::{number + 1:x}")
        if (await person.send("Hello.")).status_code == 429:
            break
    else:
        raise AssertionError("nothing was limited")
    elsewhere = await limited.newcomer(network="2001:db8:1:3::1")
    await elsewhere.post("Another household.")


async def test_forwarded_addresses_count_only_from_a_trusted_proxy(limited: House) -> None:
    for number in range(10 + SOME_MORE):
        limited.attacker.http.cookies.clear()
        limited.attacker.http.headers["x-forwarded-for"] = f"192.0.2.{number}"
        if (await limited.attacker.send("Hello.")).status_code == 429:
            return
    raise AssertionError("nothing was limited")


async def test_a_limited_form_gives_the_text_back_in_its_frame(limited: House) -> None:
    await until_limited(limited.attacker, most=10)
    fields = {"url": ARTICLE, "body": "My long <thoughts>.", "author_name": "Mallory", "frame": "1"}
    answer = await limited.attacker.submit(FORM, **fields)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert "My long &lt;thoughts&gt;." in answer.text
    assert "frame-ancestors https://news.example" in answer.headers["content-security-policy"]


async def test_previews_and_announcements_are_limited_too(limited: House) -> None:
    for path, sent in (
        ("/api/v1/preview", {"site": "newsroom", "body": "Hello."}),
        ("/api/v1/sites/newsroom/announce", {"url": ARTICLE}),
    ):
        answers = [await limited.attacker.http.post(path, json=sent, headers=OURS) for _ in range(60 + SOME_MORE)]
        assert {answer.status_code for answer in answers} == {200, 429}


async def test_editing_is_limited(limited: House) -> None:
    posted = await limited.author.post("One.")
    answers = [await limited.author.edit(posted["id"], "Two.", 99) for _ in range(30 + SOME_MORE)]
    assert {answer.status_code for answer in answers} == {409, 429}
